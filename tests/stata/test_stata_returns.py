"""What programs leave: return() is r() at the end of the program alone. [P] return, [P] program."""

from __future__ import annotations

import pytest

from parity.stata.do import run_do

HEAD = "set obs 4\ngen x = _n\ngen y = 10 * _n\n"
MEANS = """program define means, rclass
  syntax varlist
  foreach v of local varlist {
    quietly summarize `v'
    return scalar `v' = r(mean)
  }
end
"""


def shown(folder, text: str) -> list[str]:
    found = run_do(HEAD + text, folder)
    return [p.values["text"] for p in found.printed if p.kind == "display"]


@pytest.mark.parametrize(("text", "wanted"), [
    (MEANS + "means x y\ndisplay r(x) \" \" r(y)", "2.5 25"),  # summarize empties r(), not what is returned
    (MEANS + "means x\ndisplay r(mean)", "."),  # and nothing else is left
    ("program define p, rclass\nreturn scalar a = 1\nquietly count\nreturn local b = r(N)\nreturn add\nend\np\n"
     "display r(a) r(b) r(N)", "144"),
    ("program define p, rclass\nreturn scalar a = 1\nreturn clear\nend\np\ndisplay r(a)", "."),
    ("program define p\nquietly count\nend\np\ndisplay r(N)", "4"),  # of no class: r() of what it called
    ("program define p, rclass\nquietly count\nend\np\ndisplay r(N)", "."),
    ("matrix A = (1, 2)\nprogram define p, rclass\nreturn matrix M = A\nend\np\nmatrix B = r(M)\ndisplay B[1,2]", "2"),
    ("program define inner, rclass\nreturn scalar a = 2\nend\nprogram define p, rclass\nreturn scalar a = 1\ninner\n"
     "return scalar b = r(a)\nend\np\ndisplay r(a) r(b)", "12"),
])  # fmt: skip
def test_a_program_returns_at_its_end(text, wanted, tmp_path):
    assert shown(tmp_path, text + "\n") == [wanted]


def test_what_could_not_be_returned_is_lost_to_who_reads_it(tmp_path):
    text = "program define p, rclass\nreturn scalar a = 1\nreturn scalar a = nosuch(2)\nreturn scalar b = 3\nend\np\n"
    assert shown(tmp_path, text + "display r(b)\ndisplay r(a)\n") == ["3"]


def test_posted_estimates_are_said_and_lost(tmp_path):
    text = HEAD + "regress y x\nmatrix b = e(b)\nereturn post b\ndisplay _b[x]\n"
    found = run_do(text, tmp_path)
    assert any("ereturn post" in f.text for f in found.findings)
    assert not [p for p in found.printed if p.kind == "display"]
