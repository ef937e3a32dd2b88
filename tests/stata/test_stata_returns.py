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
    ("program define p, rclass\nreturn hidden scalar a = 1\nreturn historical(11) local b \"x\"\nend\np\n"
     "display r(a) \"`r(b)'\"", "1x"),
])  # fmt: skip
def test_a_program_returns_at_its_end(text, wanted, tmp_path):
    assert shown(tmp_path, text + "\n") == [wanted]


def test_what_could_not_be_returned_is_lost_to_who_reads_it(tmp_path):
    text = "program define p, rclass\nreturn scalar a = 1\nreturn scalar a = nosuch(2)\nreturn scalar b = 3\nend\np\n"
    assert shown(tmp_path, text + "display r(b)\ndisplay r(a)\n") == ["3"]


def test_of_a_return_that_is_not_known_all_is_lost(tmp_path):
    """Whoever asks `if r(m) < .` is not told that it is missing."""
    text = "program define p, rclass\nreturn somehow m 1\nend\np\nif r(m) < . {\ngen z = 1\n}\ndisplay r(m)\n"
    assert shown(tmp_path, text) == []
    assert "unknown-branch" in {f.id for f in run_do(HEAD + text, tmp_path).findings}


def test_posted_estimates_are_said_and_lost(tmp_path):
    text = HEAD + "regress y x\nmatrix b = e(b)\nereturn post b\ndisplay _b[x]\n"
    found = run_do(text, tmp_path)
    assert any("ereturn post" in f.text for f in found.findings)
    assert not [p for p in found.printed if p.kind == "display"]


@pytest.mark.parametrize(("text", "wanted"), [
    ("program define p\ndisplay \"`*'\"\nmacro shift\ndisplay \"`*'\"\nend\np a \"b c\" d", ["a b c d", "b c d"]),
    ("tokenize \"a b c\"\ndisplay \"`*'\"\nlocal n\nwhile \"`*'\" != \"\" {\nlocal n `n'`1'\nmacro shift\n}\n"
     "display \"`n'\"",
     ["a b c", "abc"]),
    ("program define p\ntempvar z\ngen `z' = 1\nmarksample touse, novarlist\ndisplay c(k)\nend\np\ndisplay c(k)",
     ["4", "2"]),
    ("program define inner\nsyntax varlist [if]\nmarksample touse\ncount if `touse'\ndisplay r(N)\nend\n"
     "program define outer\nsyntax varlist [if]\nmarksample touse\ninner x if x > 3\ncount if `touse'\ndisplay r(N)\nend\n"
     "outer x if x > 1", ["1", "3"]),
])  # fmt: skip
def test_arguments_and_temporaries_of_a_program(text, wanted, tmp_path):
    assert shown(tmp_path, text + "\n") == wanted


def test_by_of_a_program_is_no_single_run(tmp_path):
    text = "program define p, byable(recall)\nsyntax varlist\nmarksample touse\ncount if `touse'\nend\nbysort x: p y\n"
    found = run_do(HEAD + text, tmp_path)
    assert any("of the program `p` is not known here" in f.text for f in found.findings)
    assert not [p for p in found.printed if p.kind == "count"]
