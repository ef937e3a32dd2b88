"""Stars that are no asterisks, in a whole package: letters, `+` and daggers, by the note or by the call."""

from __future__ import annotations

import re

import pytest

from estimates_table import READ, data_into, esttab
from parity.package.verify import verify

CODE = f"{READ}eststo: regress y x w z\neststo: regress v x w z\n"


def _marked(text: str, marks: dict[int, str], note: str) -> str:
    lines = [line for line in text.splitlines() if "p<" not in line]
    return re.sub(r'(\*+)"', lambda m: marks[len(m[1])] + '"', "\n".join(lines)) + f"\n{note}\n"


SETS = {
    "letters": ({1: "c", 2: "b", 3: "a"}, '"a p<0.01, b p<0.05, c p<0.1"', "star(c 0.1 b 0.05 a 0.01)"),
    "texed": ({1: "$^c$", 2: "$^b$", 3: "$^a$"},
              '"$^a$ p<0.01, $^b$ p<0.05, $^c$ p<0.1"', "star($^c$ 0.1 $^b$ 0.05 $^a$ 0.01)"),
    "plus": ({1: "+", 2: "*", 3: "**"}, '"+ p<0.1, * p<0.05, ** p<0.01"', "star(+ 0.1 * 0.05 ** 0.01)"),
    "dagger": ({1: "†", 2: "*", 3: "**"}, '"† p<0.1, * p<0.05, ** p<0.01"', "star(† 0.1 * 0.05 ** 0.01)"),
}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("noted", [True, False])
def test_marks_are_as_many_stars_as_the_note_or_the_call_says(tmp_path, name, noted):
    marks, note, star = SETS[name]
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(f"{CODE}esttab using t.csv, replace se {star}\n")
    right = _marked(esttab(tmp_path, CODE), marks, note if noted else "")
    (tmp_path / "t.csv").write_text(right)
    report = verify(tmp_path)
    off = [c for e in report.exhibits for c in e.cells if c.verdict != "reproduced"]
    assert not off and not report.denied, (off, report.denied)
    wrong = right.replace(f'{marks[3]}"', f'{marks[1]}"', 1)
    assert wrong != right
    (tmp_path / "t.csv").write_text(wrong)
    cells = [c for e in verify(tmp_path).exhibits for c in e.cells if c.verdict != "reproduced"]
    assert [(c.verdict, c.quantity) for c in cells] == [("differs", "coef")], cells


PANELS = f"""{READ}eststo: regress y x w z
eststo: regress v x w z
esttab using t.csv, replace se
eststo clear
eststo: regress y x w z, vce(robust)
eststo: regress v x w z, vce(robust)
esttab using t.csv, append se star(* 0.10 ** 0.05 *** 0.01)
"""


def _panel(folder, code: str, name: str, levels) -> str:
    """Rows of a table of two columns below the panel's name, without heads and notes."""
    lines = esttab(folder, code, levels=levels, note=False).splitlines()[2:]
    return "\n".join([f'"{name}","",""', *lines])


@pytest.mark.parametrize(("first", "denied"), [((0.05, 0.01, 0.001), True), ((0.1, 0.05, 0.01), False)])
def test_a_panel_has_the_stars_that_its_own_call_asks_for(tmp_path, first, denied):
    data_into(tmp_path)
    code = PANELS if denied else PANELS.replace("replace se", "replace se star(* 0.10 ** 0.05 *** 0.01)")
    (tmp_path / "main.do").write_text(code)
    robust = CODE.replace("w z", "w z, vce(robust)")
    panels = [
        _panel(tmp_path, CODE, "Panel A: plain", first),
        _panel(tmp_path, robust, "Panel B: robust", (0.1, 0.05, 0.01)),
    ]
    right = "\n".join(['"","(1)","(2)"', '"","y","v"', *panels, '"Standard errors in parentheses"', ""])
    (tmp_path / "t.csv").write_text(right)
    report = verify(tmp_path)
    off = [c for e in report.exhibits for c in e.cells if c.verdict != "reproduced"]
    assert not off, off
    assert [f.text.split(" stand")[0] for f in report.denied] == ["stars of `Panel A: plain`"] * denied
    (tmp_path / "t.csv").write_text(right.replace('***"', '**"', 1))
    off = [c.verdict for e in verify(tmp_path).exhibits for c in e.cells if c.verdict != "reproduced"]
    assert "differs" in off


def test_a_note_that_gives_more_stars_to_larger_p_is_wrong(tmp_path):
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(f"{CODE}esttab using t.csv, replace se star(* 0.10 ** 0.05 *** 0.01)\n")
    text = esttab(tmp_path, CODE)
    (tmp_path / "t.csv").write_text(text.replace("* p<0.1, ** p<0.05, *** p<0.01", "*** p<0.1, ** p<0.05, * p<0.01"))
    (wrong,) = verify(tmp_path).denied
    assert "fewer stars to smaller p" in wrong.text
