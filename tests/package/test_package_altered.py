"""What an adversary alters beside the numbers: models, notes, the order of columns, commands of a log, forms of numbers."""

from __future__ import annotations

import pytest

from conftest import FIXTURES
from estimates_table import READ, WRITE, data_into, esttab
from package_altered import altered, bed_of
from parity.package.verify import verify

TWO = f"{READ}eststo: regress y x w\neststo: regress y x w z\n"
IV = f"{READ}eststo: regress y x w\neststo: ivregress 2sls y w (x = z)\n"
EFFECTS = f"{READ}eststo: regress y x w\neststo: areg y x w, absorb(g)\neststo: reghdfe y x w, absorb(g h) vce(cluster g)\n"


@pytest.fixture
def said(tmp_path):
    """Verdicts other than *reproduced*, notes that are denied by their id, and the whole report."""
    data_into(tmp_path)

    def ask(code, change, call=WRITE, below="se"):
        (tmp_path / "main.do").write_text(code + call)
        (tmp_path / "t.csv").write_text(change(esttab(tmp_path, code, below)))
        report = verify(tmp_path)
        cells = [c for e in report.exhibits for c in e.cells]
        off = [(c.column, c.label, c.quantity, c.verdict) for c in cells if c.verdict != "reproduced"]
        return off, {f.id: f.text for f in report.denied}, report

    return ask


def add(*lines):
    """Lines behind the table."""
    return lambda text: text + "".join(f'"{line}"\n' for line in lines)


def typed(*rows):
    lines = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    return lambda text: text.replace('"N",', lines + '"N",')


# ---------------------------------------------------------------- effects below a heading


@pytest.mark.parametrize("head", ["Fixed effects", "Fixed Effects:", "FE", "Dummies", "固定效应"])
@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([("Group", "NO", "YES", "YES"), ("h", "NO", "NO", "YES"), ("Controls", "YES", "YES", "YES")], []),
        ([("Group", "YES", "YES", "YES"), ("h", "NO", "YES", "YES")], ["column 1 says `", "column 2 says `"]),
        ([("g", "NO", "YES", "NO")], ["column 3 says `"]),
        ([("g", "", "", "YES")], ["column 2 is blank at `"]),
    ],
)
def test_rows_below_a_heading_of_effects_are_of_effects(said, head, rows, wrong):
    _, _, report = said(EFFECTS, typed((head, "", "", ""), *rows))
    found = [f.text for f in report.denied]
    assert len(found) == len(wrong) and all(w in f for w, f in zip(wrong, found, strict=True)), found
    assert all(f"{head.strip(' :')}: {rows[0][0]}" in f for f in found[:1])


def test_a_heading_of_something_else_says_nothing_of_effects(said):
    _, denied, _ = said(EFFECTS, typed(("Sample", "", "", ""), ("Group", "YES", "YES", "YES")))
    assert not denied


# ---------------------------------------------------------------- models, weights, errors, in words


def heads(*names):
    row = ",".join(f'"{n}"' for n in ("", *names))
    return lambda text: text.replace('"","y","y"', row)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (heads("OLS", "2SLS"), ""),
        (heads("2SLS", "OLS"), "column 1 is headed `2SLS`; its command is of least squares"),
        (heads("OLS", "Probit"), "column 2 is headed `Probit`; its command is of instrumental variables"),
        (heads("Short", "IV sample"), ""),
        (add("Probit estimates."), "the note says probit; its commands are of least squares and instrumental variables"),
        (add("Notes: 2SLS estimates in column 2."), ""),
        (add("Notes: instrumental variables estimates."), ""),
        (add("Notes: All regressions are weighted by population."), "the note says weighted"),
        (add("Notes: regressions are not weighted."), ""),
        (add("Notes: Bootstrapped standard errors."), "the note says bootstrapped standard errors"),
        (add("Notes: wild bootstrap standard errors give p-values in brackets."), ""),
        (add("Notes: Newey-West standard errors."), "the note says Newey-West standard errors"),
        (add("Notes: All regressions include g fixed effects."), "the note says `g fixed effects`; column 1"),
        (add("Notes: All regressions except the first include g fixed effects."), ""),
        (add("Notes: All regressions include the same controls and dummies."), ""),
    ],
)
def test_words_for_models_weights_errors_and_effects(said, change, wrong):
    off, denied, report = said(IV, change)
    assert not off
    found = "; ".join(f.text for f in report.denied)
    assert (wrong in found and report.exit_code == 1) if wrong else not denied, found


def test_a_second_stage_by_hand_may_be_headed_iv(said):
    code = f"{READ}regress x z w\npredict xhat\neststo: regress y xhat w\n"
    _, denied, _ = said(code, heads("IV"), WRITE)
    assert "note-model" not in denied


# ---------------------------------------------------------------- columns, stars, signs


def test_columns_are_numbered_from_left_to_right(said):
    for before, after, wrong in (
        ("", "", False),
        ('"(1)","(2)"', '"(2)","(1)"', True),
        ('"(1)","(2)"', '"(3)","(4)"', False),
        ('"(1)","(2)"', '"(2)","(2)"', True),
    ):
        _, denied, _ = said(TWO, lambda text, a=before, b=after: text.replace(a, b, 1) if a else text)
        assert ("note-columns" in denied) == wrong, after


@pytest.mark.parametrize(("numbers", "wrong"), [("2323", False), ("3232", True), ("3412", True), ("1234", False)])
def test_columns_of_two_parts_are_numbered_alike(said, numbers, wrong):
    before, after = (",".join(f'"({n})"' for n in row) for row in ("1234", numbers))
    four = TWO + "eststo: regress v x\neststo: regress v x z\n"
    assert ("note-columns" in said(four, lambda text: text.replace(before, after, 1))[1]) == wrong


def test_a_note_of_other_levels_than_its_call_asks_for(said):
    """Every star is of p far below both: only the call says which levels they stand at."""
    off, denied, _ = said(
        f"{READ}eststo: regress y x w\n", lambda text: text.replace("p<0.1,", "p<0.05,").replace("** p<0.05,", "** p<0.02,")
    )
    assert not off and "its command asks for 0.1, 0.05, 0.01" in denied["note-stars"]


def test_a_note_of_other_levels_than_its_programs_own(said):
    """A call that says nothing of stars has esttab's."""
    call, own = WRITE.replace(" star(* 0.10 ** 0.05 *** 0.01)", ""), "* p<0.05, ** p<0.01, *** p<0.001"

    def note(text, levels):
        return text.replace("* p<0.1, ** p<0.05, *** p<0.01", levels)

    code = f"{READ}eststo: regress y x w\n"
    assert not said(code, lambda text: note(text, own), call)[1]
    other = call.replace(" se", " se starl(* 0.04 ** 0.01 *** 0.001)")
    assert not said(code, lambda text: note(text, own.replace("0.05", "0.04")), other)[1]
    _, denied, _ = said(code, lambda text: note(text, own.replace("0.05", "0.04")), call)
    assert "stars at 0.04, 0.01, 0.001; its command has 0.05, 0.01, 0.001" in denied["note-stars"]


def test_a_t_without_its_sign_of_a_program_that_gives_it(said):
    """The only one below zero: nothing else of the table shows that signs are printed."""
    code, call = f"{READ}eststo: regress y x w, noconstant\n", WRITE.replace(" se ", " ")
    off, _, _ = said(code, lambda text: text.replace("(-", "("), call, "t")
    assert ("differs" in {v for *_, v in off}) and {q for _, _, q, _ in off} == {"t"}
    off, _, _ = said(code, lambda text: text.replace("(-", "("), call.replace("star(", "abs star("), "t")
    assert not off


GROUPS = f"""{READ}generate female = z > 0
label define sex 0 "Men" 1 "Women"
label values female sex
eststo: regress y x w if female == 0
eststo: regress y x w if female == 1
"""


@pytest.mark.parametrize(
    ("names", "wrong"),
    [
        (("Men", "Women"), ""),
        (("Women", "Men"), "column 2 is headed `Men`; in its sample `female` is `Women`"),
        (("A", "B"), ""),
    ],
)
def test_a_heading_of_another_group_than_the_samples(said, names, wrong):
    off, denied, report = said(GROUPS, heads(*names))
    assert not off and (wrong in denied["note-sample"] and report.exit_code == 1 if wrong else not denied)


def test_a_column_that_the_table_leaves_out(said):
    """As a row that the code puts there and the table leaves out."""
    three = f"{TWO}eststo: regress v x w\n"

    def without(text):
        rows = [line.split(",") for line in text.split("\n")]
        return "\n".join(",".join([*r[:2], *r[3:]] if len(r) == 4 else r) for r in rows)

    off, denied, report = said(three, without)
    assert not off and "puts 3 columns there, and the table has 2" in denied["note-columns"] and report.exit_code == 1
    assert not said(three, lambda text: text)[1]


# ---------------------------------------------------------------- rows and statistics


def test_a_row_too_many_among_the_terms_differs(said):
    row = '"Distance","0.023",""\n"","(0.011)",""\n'
    off, _, report = said(TWO, lambda text: text.replace('"w",', row + '"w",'))
    assert {(c, label, v) for c, label, _, v in off} == {(1, "Distance", "differs")} and report.exit_code == 1
    off, _, _ = said(TWO, lambda text: text.replace('"w",', row.replace("Distance", "Sum of both") + '"w",'))
    assert {v for *_, v in off} == {"not verified"}


@pytest.mark.parametrize("label", ["Within R-squared", "Pseudo R2", "Adjusted R-squared"])
def test_a_statistic_by_another_name_is_a_finding(said, label):
    code = f"{READ}eststo: regress y x w\n"

    def change(text):
        value = next(e for e in verify_estimates(code))
        return text.replace('"N",', f'"{label}","{value:.4f}"\n"N",')

    def verify_estimates(code):
        import tempfile
        from pathlib import Path

        from parity.stata.do import run_do

        with tempfile.TemporaryDirectory() as folder:
            data_into(Path(folder))
            return [e.estimated.numbers["r2"] for e in run_do(code, Path(folder)).estimations]

    off, denied, report = said(code, change)
    assert [v for *_, v in off] == ["explained"] and "it is R-squared, printed as" in denied["note-labels"]
    assert report.exit_code == 1


def test_the_mean_of_the_outcome_is_that_of_the_sample(said, tmp_path):
    import csv

    with (tmp_path / "d.csv").open() as lines:
        mean = sum(float(r["y"]) for r in csv.DictReader(lines)) / 200
    for value, wanted in ((mean, []), (mean + 0.01, ["not verified"])):
        off, _, _ = said(TWO, typed(("Mean of dep. var.", f"{value:.4f}", f"{value:.4f}")))
        assert [v for *_, v in off] == wanted * 2


# ---------------------------------------------------------------- forms of numbers


def test_a_decimal_comma_among_points_is_one(said):
    def comma(text, digit=""):
        at = text.index('"x","0.') + len('"x","0')
        return f"{text[:at]},{digit or text[at + 1]}{text[at + 2 :]}"

    off, _, report = said(TWO, comma)
    assert not off and report.summary.cells == report.summary.reproduced == 16
    off, _, _ = said(TWO, lambda text: comma(text, "9"))
    assert off == [(1, "x", "coef", "differs")]


def test_points_group_the_digits_of_counts(tmp_path):
    data_into(tmp_path, rows=1000)
    (tmp_path / "main.do").write_text(TWO + WRITE)
    for before, after, wanted in (('"1000"', '"1.000"', 0), ('"1000"', '"1.001"', 2)):
        (tmp_path / "t.csv").write_text(esttab(tmp_path, TWO).replace(before, after))
        assert verify(tmp_path).summary.differs == wanted


@pytest.mark.parametrize("minus", ["−", "–", "—", "‐", "﹣", "－"])
def test_every_dash_is_a_minus(said, minus):
    assert not said(TWO, lambda text: text.replace('"-', f'"{minus}'))[0]
    off, _, _ = said(TWO, lambda text: text.replace('"x","', f'"x","{minus}', 1))
    assert off == [(1, "x", "coef", "differs")]


# ---------------------------------------------------------------- a log whose words were edited


MADE, LOG = FIXTURES / "packages" / "made", "logs/main.log"
FIRST = ". regress lwage union married educ exper expersq\n"


@pytest.fixture(scope="module")
def bed():
    return bed_of(MADE)


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        (FIRST, FIRST.replace("\n", ", vce(robust)\n"), "note-command"),
        (FIRST, FIRST.replace("\n", " if year>1981\n"), "note-command"),
        (FIRST, FIRST.replace("expersq", "black"), "note-command"),
        (FIRST, FIRST.replace("\n", " [aw=hours]\n"), "note-command"),
        (FIRST, FIRST.replace("\n", " if year>1979\n"), ""),  # the same rows
        (FIRST, FIRST.replace("regress", "reg"), ""),
        ("lwage | Coefficient", "wage3 | Coefficient", "note-outcome"),
        ("545 clusters in nr", "545 clusters in id", "note-clusters"),
    ],
)
def test_words_of_a_log_that_its_numbers_deny(bed, before, after, wrong):
    exhibits, findings = altered(bed, LOG, before, after)
    cells = [c for e in exhibits for c in e.cells]
    assert len(cells) == 318 and not any(c.verdict in ("differs", "not verified") for c in cells)
    assert {f.id for f in findings} == ({wrong} if wrong else set())
    assert any(c.verdict == "explained" for c in cells) == (wrong == "note-command")


@pytest.mark.parametrize(
    ("before", "after", "quantity", "many"),
    [
        ("F(5, 4354)", "F(5, 4353)", "f", 1), ("F(6, 544)", "F(6, 545)", "f", 1), ("chi2(2)", "chi2(3)", "chi2", 1),
        ("F(  2,   544)", "F(  2,   545)", "f", 1), ("[95% conf. interval]", "[90% conf. interval]", "ci_low", 6),
    ],
)  # fmt: skip
def test_numbers_in_the_words_of_a_window(bed, before, after, quantity, many):
    exhibits, _ = altered(bed, LOG, before, after)
    off = [c for e in exhibits for c in e.cells if c.verdict != "reproduced"]
    assert {c.verdict for c in off} == {"differs"} and sum(c.quantity == quantity for c in off) == many


def test_intervals_at_another_level_are_right_below_their_heading(bed):
    from parity.package.estimates import at_level

    e = bed.have.estimates[0]
    wide, narrow = at_level(e, 99.0), at_level(e, 90.0)
    for term, q in e.terms.items():
        assert wide.terms[term]["ci_low"] < q["ci_low"] < narrow.terms[term]["ci_low"] < q["coef"]
        assert narrow.terms[term]["ci_high"] == pytest.approx(q["coef"] + 1.6452 * q["se"], rel=1e-4)
    assert at_level(e, 95.0) is e


# ---------------------------------------------------------------- numbers that nobody estimated


ADDED = f"{READ}eststo: regress y x w\nMORE\neststo: regress y x w z\n"


@pytest.mark.parametrize(
    ("more", "table", "row", "verdict"),
    [
        ("estadd scalar N = 999, replace", "", ("N", "999", "200"), "differs"),
        ("estadd scalar r2 = 0.912, replace", " r2", ("R-squared", "0.912", "0.299"), "differs"),
        ("estadd scalar N = 998 + 1, replace", "", ("N", "999", "200"), "differs"),
        ("estadd scalar meany = 9.99", " stats(N meany)", ("meany", "9.99", ""), "not verified"),
        ("estadd scalar meany = round(`=9.99')", " stats(N meany)", ("meany", "10.00", ""), "not verified"),
        ("local n = 998\nestadd scalar N = `n' + 1, replace", "", ("N", "999", "200"), "differs"),
        (
            "local n 9\nquietly count\nlocal n = r(N)\nestadd scalar meany = 10 * `n'",
            " stats(N meany)",
            ("meany", "2000", ""),
            "",
        ),
        ("scalar n = 998\nestadd scalar N = n + 1, replace", "", ("N", "999", "200"), "differs"),
        ("quietly count\nscalar n = r(N)\nestadd scalar meany = 10 * n", " stats(N meany)", ("meany", "2000", ""), ""),
        ("estadd scalar meany = e(N) / 2", " stats(N meany)", ("meany", "100", ""), ""),
        (
            "quietly summarize y\nlocal m = r(mean)\nestadd scalar meany = `m'",
            " stats(N meany)",
            ("meany", "-0.018", ""),
            "",
        ),
    ],
)
def test_a_number_that_the_do_file_types_into_a_table_is_of_no_data(said, more, table, row, verdict):
    def change(text):
        line = ",".join(f'"{cell}"' for cell in row) + "\n"
        return text.replace('"N","200","200"\n', line) if row[0] == "N" else text.replace('"N"', line + '"N"', 1)

    off, _, report = said(ADDED.replace("MORE", more), change, WRITE.replace("\n", table + "\n"))
    assert {v for *_, v in off} == ({verdict} if verdict else set())
    assert [f.id for f in report.findings] == ["typed-number"] * bool(verdict) and report.exit_code == (verdict == "differs")


def test_a_column_that_somebody_adds_to_the_calls(said):
    """However few numbers it has; where a command isn't known, it may be that one's."""
    cells = {0: "(3)", 1: "y", 2: "0.777***", 3: "(0.101)"}

    def change(text):
        rows = text.split("\n")
        table = next(i for i, row in enumerate(rows) if row.startswith('"N"')) + 1
        return "\n".join(f'{row},"{cells.get(i, "")}"' if i < table else row for i, row in enumerate(rows))

    for code, found in ((TWO, ["no-command-gives-it"]), (TWO + "eststo: foobar y x\n", ["unknown-command"])):
        _, _, report = said(code.replace("eststo: foobar", "foobar") if "foobar" in code else code, change)
        assert [f.id for f in report.findings] == found and report.exit_code == (code == TWO)


@pytest.mark.parametrize(
    ("note", "left"),
    [
        ("The mean of the outcome is 3.21. The sample covers 25 groups.", "3.21, 25"),
        ("Column (2) adds z, as in columns 1 and 12 of Table 3; 200 observations of 1990-1995; 4-digit codes.", ""),
        ("95% confidence intervals; significant at the 10, 5 and 1 percent level; *** p<0.01, ** p<0.05, * p<0.1", ""),
        ("回归样本来自31个省份，均值为0.52。", "31, 0.52"),
    ],
)
def test_numbers_of_a_note_that_nothing_verifies_are_said(said, note, left):
    _, _, report = said(TWO, add(note))
    assert [n.text for n in report.not_verified] == [left] * bool(left) and report.exit_code == 0


@pytest.mark.parametrize(("shown", "verdict"), [("-0.018", "reproduced"), ("9.990", "differs")])
def test_what_outreg2_adds_is_held_against_what_its_call_finds(tmp_path, shown, verdict):
    data_into(tmp_path)
    code = f'{READ}regress y x w\nquietly summarize y\noutreg2 using t.csv, replace addstat("Mean, y", r(mean), F, e(F))\n'
    (tmp_path / "main.do").write_text(code)
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code).replace('"N",', f'"Mean, y","{shown}"\n"N",'))
    report = verify(tmp_path)
    assert [c.verdict for e in report.exhibits for c in e.cells if c.label == "Mean, y"] == [verdict]
    assert report.exit_code == (verdict == "differs")


def test_two_calls_of_outreg2_beside_one_estimate_hide_neither(tmp_path):
    """What each adds is its own; which is whose isn't known, and nothing differs."""
    data_into(tmp_path)
    code = f"{READ}regress y x w\n"
    calls = "".join(
        f"summarize y if h == {h}\noutreg2 using {n}.csv, replace addstat(Mean, r(mean))\n" for h, n in ((1, "s"), (2, "t"))
    )
    (tmp_path / "main.do").write_text(code + calls)
    for name, mean in (("s", "-0.191"), ("t", "0.064")):
        (tmp_path / f"{name}.csv").write_text(esttab(tmp_path, code).replace('"N",', f'"Mean","{mean}"\n"N",'))
    report = verify(tmp_path)
    assert [c.verdict for e in report.exhibits for c in e.cells if c.label == "Mean"] == ["not verified"] * 2
    assert report.exit_code == 0
