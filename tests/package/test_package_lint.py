"""Findings of the text of do-files: each with its file and line, and none where the code is in order."""

from __future__ import annotations

import pytest

from parity.package.lint import lint, named_by


def found(text: str, readme: str = "", ados=()) -> list[tuple[str, int]]:
    return [(f.id, f.line) for f in lint({"a.do": text}, readme, ados)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('use "C:\\Users\\ann\\x.dta"', [("absolute-path", 1)]),
        ("clear\nuse /Users/ann/x.dta", [("absolute-path", 2)]),
        ('use "data/x.dta"\nuse ../data/y', []),
        ('use "\\\\server\\share\\x.dta"', [("absolute-path", 1)]),
        ('file write f " \\\\ " _n', []),  # LaTeX's end of a row
        ('generate k = regexm(s, "\\\\$100k")', []),
        ("display 3/4\ngenerate x = a/b", []),
        ("set varabbrev on", [("set-varabbrev", 1)]),
        ("set varabbrev off", []),
        ("merge m:m id using y", [("merge-m-m", 1)]),
        ("* merge m:m id using y\nmerge m:1 id using y", []),
        ("generate u = runiform()", [("no-seed", 1)]),
        ("set seed 1\ngenerate u = runiform()", []),
        ("bootstrap, reps(50): regress y x", [("no-seed", 1)]),
    ],
)
def test_a_finding_has_its_line_and_sound_code_has_none(text, expected):
    assert found(text) == expected


def test_a_package_is_declared_by_the_readme_an_install_or_its_file():
    text = "reghdfe y x, absorb(id)"
    assert found(text) == [("package-undeclared", 1)]
    assert found(text, "We use reghdfe.") == []
    assert found("ssc install reghdfe\n" + text) == []
    assert found(text, "", ("ado/reghdfe.ado",)) == []
    assert found("foreach p in reghdfe ftools {\n ssc install `p'\n}\n" + text) == []


def test_a_table_of_all_stored_estimates_after_another_without_clearing():
    one = "eststo: regress y x\nesttab using t1.tex\n"
    assert found("eststo clear\n" + one + "eststo: regress y z\nesttab using t2.tex\n", "estout") == [
        ("estimates-not-cleared", 5)
    ]
    assert found(one + "eststo clear\neststo: regress y z\nesttab using t2.tex\n", "estout") == []
    assert found(one + "esttab using t1.csv\n", "estout") == []  # the same table in another format
    assert found(one + "eststo m: regress y z\nesttab m using t2.tex\n", "estout") == []  # it names what it takes


@pytest.mark.parametrize(
    ("code", "file", "named"),
    [
        ('outreg2 using "tables/table_5a.tex", replace', "tables/table_5a.tex", True),
        ('outreg2 using "tables/table_5a.tex", replace', "tables/table_5a.txt", True),  # which it writes beside it
        ("esttab using tables/t1, tex", "out/t1.tex", True),
        ('estout a b using "tex/Table-3-`type\'.tex", replace', "tex/Table-3-R.tex", True),
        ('esttab using "$out\\t1.rtf"', "t1.rtf", True),
        ('outreg2 using "tables/table_5a.tex", replace', "tables/table_5.tex", False),
        ('estout a b using "tex/Table-3-`type\'.tex", replace', "tex/Table-4-R.tex", False),
        ("regress y x", "t1.rtf", False),
    ],
)
def test_a_table_that_a_command_names_has_its_code_run_or_not(code, file, named):
    assert named_by({"z.do": "clear\n", "a.do": f"clear\n{code}"}, file) == (("a.do", 2) if named else None)
