"""Tables whose numbers are right and whose words aren't: labels, headings, notes, stars, signs, the order of columns."""

from __future__ import annotations

from collections import Counter

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from parity.package.verify import verify

TWO = f"{READ}eststo: regress y x w\neststo: regress y x w z\n"
THREE = f"{TWO}eststo: regress v x w z, vce(cluster g)\n"
CLUSTERED = f"{READ}eststo: regress y x w, vce(cluster g)\neststo: regress y x w z, vce(cluster g)\n"


@pytest.fixture
def folder(tmp_path):
    data_into(tmp_path)
    return tmp_path


def said(folder, code, text):
    """Verdicts by what they count, ids of causes, and notes that are denied."""
    (folder / "main.do").write_text(code)
    (folder / "t.csv").write_text(text)
    report = verify(folder)
    cells = [c for e in report.exhibits for c in e.cells]
    off = {(c.column, c.label, c.quantity, c.verdict) for c in cells if c.verdict != "reproduced"}
    causes = {x.id for c in cells for x in c.causes}
    return off, causes, {f.id: f.text for f in report.denied}, report


def test_the_table_of_a_do_file_is_right(folder):
    for below in ("se", "t"):
        code = THREE + WRITE.replace(" se ", " " if below == "t" else " se ")
        off, causes, denied, report = said(folder, code, esttab(folder, THREE, below))
        assert not off and not causes and not denied and report.exit_code == 0


def test_a_t_without_the_sign_that_others_have_differs(folder):
    text = esttab(folder, THREE, "t")
    assert text.count("(-5.2") == 2
    off, _, _, _ = said(folder, THREE + WRITE.replace(" se ", " "), text.replace("(-5.2", "(5.2", 1))
    assert [(c, label, q, v) for c, label, q, v in off] == [(1, "w", "t", "differs")]
    off, _, _, _ = said(folder, THREE + WRITE.replace(" se ", " "), text.replace("(-", "("))
    assert not off  # absolute values, all of them


@pytest.mark.parametrize("call", [WRITE, ""])
def test_a_row_called_after_another_variable_has_not_its_numbers(folder, call):
    """`h` is a column of the data that no command takes."""
    text = esttab(folder, TWO).replace('"w",', '"h",')
    off, causes, denied, report = said(folder, TWO + call, text)
    assert {(label, v) for _, label, _, v in off} == {("h", "explained")} and causes == {"label-of-another"}
    assert "`h`" in denied["note-labels"] and "(column 1, 2)" in denied["note-labels"] and report.exit_code == 1


def test_a_label_that_the_code_gives_a_term_is_its_own_in_every_table(folder):
    """A table in a paper calls `w` as `coeflabels()` of another table does, though a column of the data has that name."""
    text = esttab(folder, TWO).replace('"w",', '"h",')
    (folder / "paper.csv").write_text(text)
    off, _, denied, report = said(folder, TWO + WRITE.replace(", ", ', coeflabels(w "h") ', 1), text)
    assert not off and not denied and {e.file for e in report.exhibits} == {"paper.csv", "t.csv"}


def test_a_column_of_more_coefficients_is_no_command_s_that_has_fewer(folder):
    """Of a model that no do-file has, which is near one of them: nothing is called wrong by the other's numbers."""
    one = f"{READ}eststo: regress y x w\n"
    text = esttab(folder, one).replace('"N",', '"q","0.123"\n"","(0.456)"\n"N",').replace('"x","0.', '"x","0.9')
    off, _, _, _ = said(folder, one, text)
    assert {v for *_, v in off} == {"not verified"}
    off, _, _, _ = said(folder, one, text.replace('"x","0.9', '"x","0.'))
    assert {(label, v) for _, label, _, v in off} <= {("q", "not verified"), ("q", "differs")}, "all others are right"


def test_a_label_of_nothing_in_the_data_is_the_authors_own(folder):
    off, _, denied, _ = said(folder, TWO + WRITE, esttab(folder, TWO).replace('"w",', '"Distance",'))
    assert not off and not denied


def test_a_label_that_stands_twice_is_of_one_row(folder):
    off, causes, denied, _ = said(folder, TWO + WRITE, esttab(folder, TWO).replace('"w",', '"x",'))
    assert Counter(v for *_, v in off) == {"explained": 4} and causes == {"label-of-another"} and "note-labels" in denied


def test_a_number_of_a_term_that_its_command_has_not_differs(folder):
    """In the first column, whose every other number is right; of a row that no command knows nothing is said."""
    text = esttab(folder, TWO).replace('"z",""', '"z","0.018"')
    off, _, _, report = said(folder, TWO + WRITE, text)
    assert off == {(1, "z", "coef", "differs")} and report.exit_code == 1
    reason = next(c.reason for e in report.exhibits for c in e.cells if c.verdict == "differs")
    assert reason == "its command has no `z` (main.do:2)"
    off, _, _, _ = said(folder, TWO + WRITE, text.replace('"z",', '"z~",'))
    assert "differs" not in {v for *_, v in off}, "a label that was cut may be of any"
    off, _, _, _ = said(folder, TWO + WRITE, esttab(folder, TWO).replace('"N",', '"Mean of outcome","0.1","0.1"\n"N",'))
    assert {v for *_, v in off} <= {"not verified"}


def test_a_label_that_stands_twice_over_few_digits_differs(folder):
    off, _, _, _ = said(folder, TWO + WRITE, esttab(folder, TWO).replace('"z",', '"x",'))
    assert off == {(2, "x", q, "differs") for q in ("coef", "se")}


def test_exchanged_labels_are_a_finding_too(folder):
    text = esttab(folder, TWO).replace('"x",', '"Q",').replace('"w",', '"x",').replace('"Q",', '"w",')
    _, causes, denied, report = said(folder, TWO + WRITE, text)
    assert causes == {"labels-swapped"} and set(denied) == {"note-labels"} and report.exit_code == 1


def test_a_heading_of_another_outcome(folder):
    off, causes, denied, _ = said(folder, THREE + WRITE, esttab(folder, THREE).replace('"y","y","v"', '"v","y","y"'))
    assert {c for c, *_ in off} == {1, 3} and causes == {"note-outcome"} and "note-outcome" in denied
    off, _, denied, _ = said(folder, TWO + WRITE, esttab(folder, TWO).replace('"y","y"', '"Short","Long"'))
    assert not off and not denied


CLAIM = "Standard errors clustered by {} in parentheses"


@pytest.mark.parametrize(
    ("code", "claim", "wrong"),
    [
        (THREE, CLAIM.format("g"), "columns 1, 2 (main.do:2): by nothing"),
        (THREE, "Standard errors in parentheses, clustered by g in column 3", ""),
        (CLUSTERED, CLAIM.format("g"), ""),
        (CLUSTERED, CLAIM.format("g and h"), "the commands cluster by g"),
        (CLUSTERED, CLAIM.format("h"), "the commands cluster by g"),
        (CLUSTERED, CLAIM.format("village"), ""),
        (THREE.replace("x w z, vce", "x w z if h<3, vce").replace("y x w z\n", "y x w z, vce(cluster h)\n"),
         CLAIM.format("g"), "column 2 (main.do:3): by h"),
        (THREE, "Robust standard errors in parentheses", "columns 1, 2"),
    ],
)  # fmt: skip
def test_a_note_of_clusters_is_of_every_column(folder, code, claim, wrong):
    _, _, denied, _ = said(folder, code + WRITE, esttab(folder, code).replace("Standard errors in parentheses", claim))
    assert (wrong in "; ".join(denied.values())) if wrong else not denied


def test_a_note_may_name_clusters_by_another_variable_of_the_same_groups(folder):
    code = CLUSTERED.replace(READ, f"{READ}generate village = 100 - g\n")
    text = esttab(folder, code).replace("Standard errors in parentheses", CLAIM.format("village"))
    _, _, denied, _ = said(folder, code + WRITE, text)
    assert not denied


def test_stars_that_are_all_lost_were_due(folder):
    text = esttab(folder, TWO)
    lost = "\n".join(line if "p<" in line else line.replace("*", "") for line in text.split("\n"))
    off, causes, _, _ = said(folder, TWO + WRITE, lost)
    assert {v for *_, v in off} == {"differs"} and causes == {"stars"} and len(off) == 4


def test_stars_stand_at_the_levels_that_the_call_asks_for(folder):
    """Without a note: 0.1 for the constant, one in three."""
    code = f"{READ}eststo: regress v x w z\neststo: regress v x z\neststo: regress v x\n"
    off, causes, denied, _ = said(folder, code + WRITE, esttab(folder, code, levels=(0.05, 0.01, 0.001), note=False))
    assert off and causes == {"note-stars"} and "its command asks for" in denied["note-stars"]


def test_columns_in_another_order_are_each_others(folder):
    text = esttab(folder, TWO)
    rows = [line.split(",") for line in text.split("\n")]
    swapped = "\n".join(",".join([r[0], r[2], r[1]] if len(r) == 3 and "(1)" not in r[1] else r) for r in rows)
    off, causes, _, report = said(folder, TWO + WRITE, swapped)
    assert {v for *_, v in off} == {"explained"} and causes == {"another-estimate"}
    assert all(c.verdict == "explained" for e in report.exhibits for c in e.cells)


def test_a_stored_estimate_that_is_another_when_it_is_written(folder):
    """`estimates restore a` and a store under b's name: the table has what b was before."""
    code = f"{READ}regress y x w\nestimates store a\nregress y x w z\nestimates store b\n"
    call = "estimates restore a\nestimates store b\n" + WRITE.replace("using", "a b using")
    off, causes, _, _ = said(folder, code + call, esttab(folder, code))
    assert {c for c, *_ in off} == {2} and {v for *_, v in off} == {"explained"} and causes == {"another-estimate"}
