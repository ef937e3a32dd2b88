"""Rows that somebody typed, titles and rows that are left out, held against the commands of their columns."""

from __future__ import annotations

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from parity.package.verify import verify

TWO = f"{READ}eststo: regress y x w\neststo: regress y x w z\n"
EFFECTS = f"{READ}eststo: regress y x w\neststo: areg y x w, absorb(g)\neststo: reghdfe y x w, absorb(g h) vce(cluster g)\n"
UNITS = f"{READ}bysort g: generate year = _n\nxtset g year\neststo: regress y x w\neststo: xtreg y x w, fe\n" \
        "eststo: regress y x w i.year\neststo: xtreg y x w, re\n"  # fmt: skip
LABELS = TWO.replace("clear\n", 'clear\nlabel variable v "Firm value"\nlabel variable y "Gross investment"\n', 1)


@pytest.fixture
def denied(tmp_path):
    """What is found wrong about words of a table of these estimates: (id, text)."""
    data_into(tmp_path)

    def ask(code, change, call=WRITE):
        (tmp_path / "main.do").write_text(code + call)
        (tmp_path / "t.csv").write_text(change(esttab(tmp_path, code)))
        report = verify(tmp_path)
        assert not report.summary.differs and (report.exit_code == 1) == bool(report.denied)
        return [(f.id, f.text) for f in report.denied]

    return ask


def typed(*rows):
    """Rows above N, without those of dummies that the table doesn't show."""
    lines = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    return lambda text: text.replace('"N",', lines + '"N",')


@pytest.mark.parametrize(
    ("code", "rows", "wrong"),
    [
        (EFFECTS, [("Group FE", "No", "Yes", "Yes"), ("h FE", "No", "No", "Yes")], ""),
        (EFFECTS, [("Group FE", "Yes", "Yes", "Yes")], "column 1 says `Group FE: Yes`; its command has no effects of group"),
        (EFFECTS, [("Group FE", "", "Yes", "Yes")], ""),
        (EFFECTS, [("Group FE", "", "", "Yes")], "column 2 is blank at `Group FE`; its command has effects of g"),
        (EFFECTS, [("g fixed effects", "否", "是", "否")], "column 3 says `g fixed effects: 否`"),
        (EFFECTS, [("h FE", "No", "√", "√")], "column 2 says `h FE: √`; its command has no effects of h, but of g"),
        (EFFECTS, [("Group FE", "×", "✓", "✓"), ("Year FE", "×", "✓", "×")], "column 2 says `Year FE: ✓`"),
        (EFFECTS, [("District FE", "No", "No", "Yes")], ""),
        (EFFECTS, [("g-h FE", "No", "No", "Yes")], ""),
        (EFFECTS, [("g × h FE", "No", "No", "Yes")], "column 3 says `g × h FE: Yes`; its command has no effects of g and h"),
        (EFFECTS, [("Random effects", "No", "No", "Yes"), ("Marginal effects", "Yes", "Yes", "Yes")], ""),
        (EFFECTS, [("Clustered by g", "No", "No", "Yes")], ""),
        (EFFECTS, [("Clustered SE", "Yes", "No", "Yes")], "column 1 says `Clustered SE: Yes`; its command doesn't cluster"),
        (EFFECTS, [("Clustered SE", "No", "No", "No")], "column 3 says `Clustered SE: No`; its command clusters by g"),
        (EFFECTS, [("Cluster", "-", "-", "h")], "column 3 says `Cluster: h`; its command clusters by g"),
        (EFFECTS, [("Robust SE", "No", "Yes", "No")], "column 2 says `Robust SE: Yes`"),
        (EFFECTS, [("Weights", "No", "Yes", "No")], "column 2 says `Weights: Yes`; its command has no weights"),
        (TWO, [("Controls", "No", "Yes")], ""),
        (TWO.replace("y x w z", "y x w z, vce(robust)"), [("Robust SE", "No", "Yes")], ""),
    ],
)
def test_a_row_says_what_its_commands_have(denied, code, rows, wrong):
    found = denied(code, typed(*rows))
    assert (len(found) == 1 and wrong in found[0][1] and "(main.do:" in found[0][1]) if wrong else not found, found


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (("Firm FE", "No", "Yes", "No", "No"), ""),
        (("Firm FE", "No", "Yes", "Yes", "No"), "column 3"),
        (("Individual FE", "No", "No", "No", "No"), "column 2"),
        (("Firm FE", "No", "Yes", "No", "Yes"), "column 4"),
        (("Firm effects", "No", "Yes", "No", "Yes"), ""),
        (("Year dummies", "No", "No", "Yes", "No"), ""),
        (("Year dummies", "No", "Yes", "Yes", "No"), "column 2"),
        (("Time effects", "No", "No", "No", "No"), "column 3"),
    ],
)
def test_units_and_periods_are_those_of_the_panel(denied, row, wrong):
    """`g` is the panel's unit, whatever a row calls it; the table shows no year."""

    def change(text):
        lines = text.split("\n")
        at = [i for i, line in enumerate(lines) if ".year" in line]
        kept = [line for i, line in enumerate(lines) if i not in at and i - 1 not in at]
        return typed(row)("\n".join(kept))

    found = denied(UNITS, change, WRITE.replace(" se ", ' indicate("Years = *.year") se '))
    assert (len(found) == 1 and wrong in found[0][1]) if wrong else not found, found


CONTROLS = f"{READ}eststo: regress y x\neststo: regress y x w\neststo: regress y x w z\n"


def without(*labels):
    """A table without these rows and what stands below them."""

    def change(text):
        lines = text.split("\n")
        at = {i for i, line in enumerate(lines) if line.split(",")[0].strip('"') in labels}
        return "\n".join(line for i, line in enumerate(lines) if i not in at and i - 1 not in at)

    return change


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (("Controls", "No", "Yes", "Yes"), ""),
        (("Controls", "Yes", "Yes", "Yes"), "column 1 says `Controls: Yes`; its command has no regressor but those shown"),
        (("Control variables", "No", "No", "Yes"), "column 2 says `Control variables: No`; its command has w too"),
    ],
)
def test_controls_are_regressors_that_no_row_shows(denied, row, wrong):
    found = denied(CONTROLS, lambda text: typed(row)(without("w", "z")(text)), WRITE.replace(" se ", " drop(w z) se "))
    assert ([wrong in text for _, text in found] == [True]) if wrong else not found, found


@pytest.mark.parametrize(
    ("title", "wrong"),
    [
        ("Effect of x on v", "`v`"), ("Effect of x on y", ""), ("Determinants of h", "`h`"), ("Table 1: Main results", ""),
        ("Effect of x on y and v", ""), ("Regressions of log v", "`v`"), ("The impact of x on firm value, 1935-1954", "`v`"),
        ("Effect of x on investment, by firm value", ""), ("Dependent variable: Firm value", "`v`"),
        ("表2 x对Firm value的影响", "`v`"), ("表2 x对y的影响", ""), ("Effect of w on x", "`x`"),
        ("Effect of x on welfare", ""),
    ],
)  # fmt: skip
def test_a_title_names_the_outcome(denied, title, wrong):
    found = denied(LABELS, lambda text: f'"{title}"\n{text}')
    assert [(i, wrong in t) for i, t in found] == ([("note-outcome", True)] if wrong else []), found


def test_a_title_that_names_the_outcome_of_another_command(denied):
    code, more = LABELS, "regress v x\n"
    for title, wrong in (("Firm value and its causes", True), ("Investment and firm value", False)):
        found = denied(code, lambda text, title=title: f'"{title}"\n{text}', WRITE + more)
        assert bool(found) is wrong and all("`v`" in t for _, t in found)


@pytest.mark.parametrize("head", ["v", "Firm value", "h"])
def test_a_head_of_a_variable_that_is_no_outcome(denied, head):
    found = denied(LABELS, lambda text: text.replace('"y","y"', f'"{head}","{head}"'))
    assert [i for i, _ in found] == ["note-outcome"] * 2


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        (WRITE, "columns 1, 2 have no row of `w`"),
        (WRITE.replace(" se ", " keep(x z w) se "), "columns 1, 2 have no row of `w`"),
        (WRITE.replace(" se ", " keep(x z) se "), ""),
        (WRITE.replace(" se ", " drop(w _cons) se "), ""),
        (WRITE.replace(" se ", ' indicate("Distance = w") se '), ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_row_that_is_left_out_was_asked_for(denied, call, wrong):
    found = denied(TWO, without("w"), call)
    assert [(i, wrong in t) for i, t in found] == ([("note-rows", True)] if wrong else []), found


@pytest.mark.parametrize("call", [WRITE, ""])
def test_a_blank_in_a_row_that_other_columns_have(denied, call):
    def change(text):
        lines = text.split("\n")
        at = next(i for i, line in enumerate(lines) if line.startswith('"w"'))
        for i in (at, at + 1):
            label, first, _ = lines[i].split(",")
            lines[i] = f'{label},{first},""'
        return "\n".join(lines)

    assert [t.split(",")[0] for _, t in denied(TWO, change, call)] == ["column 2 has no row of `w`"]


def test_a_log_shows_every_coefficient(tmp_path):
    import shutil
    from pathlib import Path

    made = Path(__file__).parents[2] / "fixtures" / "packages" / "made"
    shutil.copytree(made, tmp_path / "made")
    log = tmp_path / "made" / "logs" / "main.log"
    lines = log.read_text().split("\n")
    at = next(i for i, line in enumerate(lines) if line.lstrip().startswith("union |   .1685"))
    log.write_text("\n".join(lines[:at] + lines[at + 1 :]))
    (found,) = [f for f in verify(tmp_path / "made").findings if f.id == "note-rows"]
    assert "the window has no row of `union`" in found.text and found.file == "logs/main.log"
