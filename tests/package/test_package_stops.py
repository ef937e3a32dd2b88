"""Keys that aren't unique stop Stata: a package that goes on all the same here is not green."""

from __future__ import annotations

import pytest

from estimates_table import READ, data_into, esttab
from parity.package.verify import verify
from parity.report.package.markdown import package_markdown

#: One value a group g, and two for group 3.
GROUPS = "preserve\ncollapse (mean) m=x, by(g)\nexpand 2 if g == 3\nsave groups.dta, replace\nrestore\n"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("xtset g h", "repeated time values within panel; r(451)"),
        ("tsset h", "repeated time values in sample; r(451)"),
        (
            GROUPS + "merge m:1 g using groups.dta",
            "variables g do not uniquely identify observations in the using data; r(459)",
        ),
        (
            GROUPS + "merge 1:m g using groups.dta",
            "variables g do not uniquely identify observations in the master data; r(459)",
        ),
        ("isid g", "variable(s) g do not uniquely identify the observations; r(459)"),
        ("capture isid g", ""),
        ("assert x < 9", ""),
        ("capture assert x > 9", ""),
        ("assert x > 9", "200 contradictions of `x > 9`; r(9)"),
        ("gen x = 2", "variable x already defined; r(110)"),
        ("if _N > 3 {\nerror 198\n}", "error 198; r(198)"),
        ("if _N < 3 {\nerror 198\n}", ""),
        ("nocommandofstata x\nassert x > 9", ""),
        ("use absent, clear\n" + READ + "gen x = 2", ""),
        ("capture noisily xtset g h", ""),
        (GROUPS + "merge m:m g using groups.dta", ""),
    ],
)
def test_keys_that_are_not_unique(tmp_path, step, said):
    data_into(tmp_path)
    code = READ + "regress y x w\n"
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code))
    (tmp_path / "main.do").write_text(code + step + "\n")
    report = verify(tmp_path)
    assert report.summary.reproduced == report.summary.cells
    stops = [f.text for f in report.findings if f.id == "stata-stops"]
    assert stops == ([f"{said}: Stata stops here, and what is below doesn't run"] if said else [])
    assert report.exit_code == bool(said) and ("stata-stops" in report.why_red()) == bool(said)
    if said:
        assert "Please provide debugged code" in package_markdown(report)


def test_keys_of_data_in_doubt_prove_nothing(tmp_path):
    data_into(tmp_path)
    code = READ + "regress y x w\n"
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code))
    (tmp_path / "main.do").write_text(code + "nocommandofstata g\nxtset g h\n")
    assert not [f for f in verify(tmp_path).findings if f.id == "stata-stops"]


PROGRAM = "program define keys\nxtset g h\nend\n"


@pytest.mark.parametrize(
    ("step", "stops"),
    [
        (PROGRAM + "keys", True),
        (PROGRAM + "capture keys", False),
        (PROGRAM + "capture noisily keys", False),
        ("do sub.do", True),
        ("capture do sub.do", False),
        ("capture foreach i in 1 2 {\nxtset g h\n}", False),
        ("foreach i in 1 2 {\nxtset g h\n}", True),
        ("do sub.do, nostop", False),
        ("do outer.do, nostop", False),
        ("xtset g h\ndo sub.do, nostop", True),
        ("do sub.do, nostop\ndo sub.do", True),
    ],
)
def test_where_stata_goes_on_it_does_not_stop(tmp_path, step, stops):
    data_into(tmp_path)
    code = READ + "regress y x w\n"
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code))
    (tmp_path / "main.do").write_text(code + step + "\n")
    for name, text in (("sub", READ + "xtset g h\n"), ("outer", "do sub.do\n")):
        if f"do {name}.do" in step or (name == "sub" and "outer" in step):
            (tmp_path / f"{name}.do").write_text(text)
    report = verify(tmp_path)
    assert [f.id for f in report.findings if f.id == "stata-stops"] == ["stata-stops"] * stops
    assert report.exit_code == stops and report.summary.reproduced == report.summary.cells
