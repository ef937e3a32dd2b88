"""What is made of draws, or of anything that isn't known, is in doubt however it got there; what isn't made of it is not."""

from __future__ import annotations

import pytest

from parity.stata.do import run_do

HEAD = "clear\nset obs 40\ngen x = _n\ngen g = mod(_n, 4)\ngen y = x * x\ngen s = runiform()\n"


def ran(tmp_path, *lines):
    return run_do(HEAD + "\n".join(lines), tmp_path)


@pytest.mark.parametrize(
    "lines",
    [
        ("gen z = s",), ("gen z = x if s > .5",), ("egen z = mean(x), by(s)",), ("egen z = mean(x) if s < 1",),
        ("xtile z = x if s > .1, nq(2)",), ("xtile z = x [aw=s], nq(2)",), ("recode x (1 = 2) if s > 0, gen(z)",),
        ("mark z if s > .5",), ("gen z = x", "replace z = 1 if s > .5"),
        ("summarize s", "gen z = r(mean)"), ("summarize x if s > .5", "gen z = x - r(mean)"),
        ("summarize x [aw=s]", "gen z = r(sd)"), ("count if s > .5", "gen z = r(N)"),
        ("summarize s", "scalar a = r(mean)", "gen z = a * x"), ("scalar a = runiform()", "gen z = scalar(a)"),
        ("summarize s", "local m = r(mean)", "gen z = x * `m'"), ("global m = runiform()", "gen z = $m"),
        ("summarize x if s > .5", "local m `r(mean)'", "local k `m'", "gen z = `k'"),
        ("local m = runiform()", "foreach v in `m' {", "gen z = 1 + `v'", "}"),
        ("levelsof s, local(v)", "gen z = 0`v'"),
        ("gen d = s > .5", "reg y x d", "gen z = _b[x]"), ("reg y x if s > .5", "gen z = _se[x]"),
        ("reg y x [aw=s]", "predict z"),
        ("reg y x if s > .5", "matrix b = e(b)", "gen z = b[1,1]"), ("reg y x if s > .5", "gen z = e(sample)"),
        ("reg y x if s > .5", "lincom 2 * x", "gen z = r(estimate)"), ("reg y x if s > .5", "gen z = e(N)"),
        ("mkmat s", "gen z = s[1,1]"), ("count if s > .5", "matrix m = (1, r(N))", "gen z = m[1,1]"),
        ("program define p", "args a", "gen z = `a'", "end", "local m = runiform()", "p `m'"),
    ],
)  # fmt: skip
def test_what_reads_a_draw_is_in_doubt(tmp_path, lines):
    found = ran(tmp_path, *lines)
    assert "random" in found.data["z"].doubts, [f.text for f in found.findings]
    assert not any(found.data[name].doubts for name in ("x", "g", "y")) and not found.data.doubts


@pytest.mark.parametrize(
    "lines",
    [
        ("summarize s", "summarize x", "gen z = r(mean)"), ("local m = runiform()", "local m = 3", "gen z = `m'"),
        ("scalar a = runiform()", "scalar a = 2", "gen z = a"), ("reg y s", "reg y x", "gen z = _b[x]"),
        ("scalar a = runiform()", "gen a = 1", "gen z = a"),
        ("scalar a = runiform()", "scalar drop a", "gen a = 1", "gen z = a"),
        ("bysort s: gen a = 1", "gen z = x"), ("gen a = s", "egen z = mean(x), by(g)"),
        ("foreach v in a b {", "gen `v' = s", "}", "gen z = 1"),
        ("forvalues i = 1/2 {", "local m = runiform()", "}", "gen z = 2"),
        ("program define p", "args a", "gen u = `a'", "end", "local m = runiform()", "p `m'", "gen z = 1"),
        ("reg y x if s > .5", "reg y x", "predict z"), ("if 2 > 1 {", "gen z = 1", "}"),
    ],
)  # fmt: skip
def test_what_reads_none_is_not(tmp_path, lines):
    found = ran(tmp_path, *lines)
    assert not found.data["z"].doubts and not found.data.doubts


@pytest.mark.parametrize(
    ("line", "doubted"),
    [
        ("reg y x if s > .5", True), ("reg y x [aw=s]", True), ("reg y x, vce(cluster s)", True), ("reg y x", False),
        ("reg y x if x > `m'", True), ("reg y x in 1/30", False), ("areg y x, absorb(s)", True),
    ],
)  # fmt: skip
def test_an_estimate_of_rows_that_nobody_knows_is_in_doubt(tmp_path, line, doubted):
    (found,) = ran(tmp_path, "local m = runiform()", line).estimations
    assert (found.doubts == ("random",)) is doubted


def test_rows_that_nobody_knows_make_no_error_of_stata(tmp_path):
    """psmatch2 leaves _support, which is not known: the regression on it has rows in Stata, and none here."""
    found = ran(tmp_path, "psmatch2 g x, outcome(y)", "reg y x if _support == 1", "ttest x, by(s)")
    assert not any(f.id == "stata-error" for f in found.findings)
    assert found.estimations[-1].request is not None and found.estimations[-1].doubts
    assert [d.status for d in found.statements][-2:] == ["run", "lost"]


def test_an_empty_macro_of_a_draw_is_no_slip(tmp_path):
    """A mean of draws has digits in Stata, and none here: the statement is lost, and what it would have set in doubt."""
    found = ran(tmp_path, "summarize s", "gen z = `r(mean)'", "gen v = `nothing'")
    assert [(d.line, d.status) for d in found.statements if d.line > 7] == [(8, "lost"), (9, "finding")]
    assert found.data.doubts


def test_a_panel_of_drawn_units_is_in_doubt(tmp_path):
    made = ("gen u = ceil(10 * s)", "replace u = g", "bysort u: gen t = _n", "xtset u t")
    (found,) = ran(tmp_path, *made, "xtreg y x, re").estimations
    assert "random" in found.doubts


def test_a_branch_that_hangs_on_a_draw_is_said_and_what_follows_is_in_doubt(tmp_path):
    found = ran(tmp_path, "summarize s", "if r(mean) > .5 {", "gen z = 1", "}", "reg y x")
    said = [f for f in found.findings if f.id == "unknown-branch"]
    assert [f.line for f in said] == [8] and found.data.doubts and found.estimations[0].doubts


def test_rows_collapsed_over_a_draw_are_in_doubt_but_not_for_a_column_beside(tmp_path):
    assert ran(tmp_path, "collapse (mean) x if s > .5").data.doubts
    assert ran(tmp_path, "collapse (mean) x, by(s)").data.doubts
    beside = ran(tmp_path, "collapse (mean) x s, by(g)").data
    assert not beside.doubts and not beside["x"].doubts and beside["s"].doubts


def test_coefficients_are_no_neighbouring_rows(tmp_path):
    found = ran(tmp_path, "bysort g: gen n = 1", "reg y x", "gen z = _b[x] * x", "gen v = x[_n-1]")
    assert [f.line for f in found.findings if f.id == "unstable-sort"] == [10]


def test_a_table_of_estimates_whose_data_are_absent_is_lost_with_them(tmp_path):
    found = run_do("use absent.dta\neststo m1: reg y x\nesttab m1\nesttab m2\nestimates restore m1", tmp_path)
    assert [d.status for d in found.statements] == ["lost", "lost", "lost", "finding", "lost"]
    assert [f.text for f in found.findings if f.id == "stata-error"] == ["estimation result m2 not found; r(111)"]


def test_a_use_whose_file_nobody_knows_leaves_no_data(tmp_path):
    """The data before are gone in Stata: what counts them must not count these."""
    found = ran(tmp_path, "mystery", "local there = r(there)", 'use "`there\'/a.dta", clear', "count", "gen z = 1")
    assert found.data is None and not found.printed
    assert [s.status for s in found.statements[-3:]] == ["lost"] * 3
