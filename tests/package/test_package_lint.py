"""Findings of the text of do-files: each with its file and line, and none where the code is in order."""

from __future__ import annotations

import pandas
import pytest

from estimates_table import READ, data_into, esttab
from parity.package.lint import lint, named_by
from parity.package.verify import verify


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


SAID = "it makes clean.dta with other values of y than the package has, which the run took before"
LEFT = "it would make clean.dta, which the run takes as the package has it: the run doesn't reach this line"


@pytest.mark.parametrize(
    ("build", "master", "added", "found"),
    [
        ("save clean.dta, replace", "do 2_analysis.do", 0.5, [(2, SAID)]),
        ('quietly save "clean", replace', "* do 1_build.do\ndo 2_analysis.do", 0.5, [(2, SAID)]),
        ("save clean.dta, replace", "do 2_analysis.do", 0.0, []),
        ("if 0 {\nsave clean, replace\n}", "do 1_build.do\ndo 2_analysis.do", 0.5, [(3, LEFT)]),
        ("save clean, replace", "do 1_build.do\ndo 2_analysis.do", 0.0, []),
        ("save other, replace", "do 2_analysis.do", 0.5, []),
    ],
)
def test_data_that_the_package_has_otherwise_than_its_code_makes_them(tmp_path, build, master, added, found):
    """An altered copy beside the code that nothing calls: every number is reproduced."""
    data_into(tmp_path)
    held = pandas.read_csv(tmp_path / "d.csv")
    held.assign(y=held.y + added * (held.x > 0)).to_stata(tmp_path / "clean.dta", write_index=False)
    code = "use clean.dta, clear\nregress y x w\n"
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code))
    for name, text in {"1_build": f"{READ}{build}\n", "2_analysis": code, "master": f"{master}\n"}.items():
        (tmp_path / f"{name}.do").write_text(text)
    report = verify(tmp_path)
    said = [
        (f.line, f.text)
        for f in report.findings
        if f.id == ("data-not-made" if LEFT in str(found) else "data-made-otherwise")
    ]
    assert said == found and report.exit_code == (SAID in str(found))
    assert report.summary.reproduced == report.summary.cells


@pytest.mark.parametrize(
    ("made", "change", "found"),
    [
        ("gen u = runiform()\n", lambda d: d.assign(u=0.5), []),  # drawn: other values each time
        ("", lambda d: d.iloc[::-1], []),
        ("", lambda d: d.iloc[::-1].assign(y=sorted(d.y)), [(2, SAID)]),
    ],
)
def test_the_same_values_in_other_rows_are_other_data(tmp_path, made, change, found):
    data_into(tmp_path)
    change(pandas.read_csv(tmp_path / "d.csv")).to_stata(tmp_path / "clean.dta", write_index=False)
    (tmp_path / "1_build.do").write_text(f"{READ}{made}save clean, replace\n")
    for name, text in {"2_analysis": "use clean.dta, clear\nregress y x w\n", "master": "do 2_analysis.do\n"}.items():
        (tmp_path / f"{name}.do").write_text(text)
    assert [(f.line, f.text) for f in verify(tmp_path).findings if f.id == "data-made-otherwise"] == found
