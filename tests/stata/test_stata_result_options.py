"""Options of commands that leave results: read as their help files say, or the command isn't run."""

from __future__ import annotations

import math

import pytest

from small_do import run

#: Rows 1 to 6; z misses where y doesn't.
DATA = """
clear
input a b x y z str1 s
1 1 1 2 . "p"
1 2 2 1 4 "q"
2 1 3 5 2 ""
2 2 4 . 9 "p"
2 2 5 7 1 "q"
. 1 6 6 3 "p"
end
"""


@pytest.mark.parametrize(
    ("typed", "expression", "wanted"),
    [
        ("summarize x, meanonly", "r(mean)", 3.5),
        ("summarize x, meanonly", "r(sd)", math.nan),
        ("summarize x, detail", "r(p50)", 3.5),
        ("tabulate a, missing", "r(r)", 3),
        ("tabulate a", "r(N)", 5),
        ("tabulate a b, chi2", "r(chi2)", 5 * (1 * 2 - 1 * 1) ** 2 / (2 * 3 * 2 * 3)),
        ("tabulate a b, exact nofreq", "r(p_exact)", 1),
        ("tabulate a b, matcell(C)", "C[2,2]", 2),
        ("tabulate a, matcell(C) matrow(R)", "R[2,1] * 10 + C[2,1]", 23),
        ("tabulate a b, matcol(K) matrow(R)", "R[2,1] + 10 * K[1,2]", 22),
        ("tabstat x, s(sum) by(b) save\nmatrix A = r(Stat2)\nmatrix B = r(StatTotal)", "A[1,1] + 100 * B[1,1]", 11 + 2100),
        ("tabstat x, stats(sum) by(b) save nototal columns(statistics)\nmatrix A = r(Stat1)", "A[1,1]", 10),
        ("tabstat x y z, statistics(n) casewise save\nmatrix A = r(StatTotal)", "A[1,1]", 4),
        ("tabstat x y z, statistics(n) save\nmatrix A = r(StatTotal)", "A[1,2]", 5),
        ("correlate x y, covariance", "r(cov_12)", 18.6 / 4),
        ("correlate x y, covariance", "r(rho)", 18.6 / 460.96**0.5),
        ("correlate x y, covariance", "r(Var_2)", 26.8 / 4),
        ("pwcorr x y z, listwise\nmatrix A = r(C)", "A[2,1]", 12 / 207.5**0.5),
        ("pwcorr x y z, obs sig star(5)\nmatrix A = r(C)", "A[2,1]", 18.6 / 460.96**0.5),
        ("summarize x [aw=b]", "r(mean)", (1 + 4 + 3 + 8 + 10 + 6) / 9),
        ("tabulate a [fw=b]", "r(N)", 8),
        ("tabstat x [fw=b], s(sum) save\nmatrix A = r(StatTotal)", "A[1,1]", 32),
        ("distinct s a, joint", "r(ndistinct)", 4),
        ("distinct s, missing", "r(ndistinct)", 3),
        ("ttest x, by(b) unequal", "r(N_1)", 3),
        ("levelsof a, missing local(l)", 'wordcount("`l\'")', 3),
        ("ds, has(type string)", '("`r(varlist)\'" == "s")', 1),
        ("ds, not(type string byte int long double)", 'wordcount("`r(varlist)\'")', 5),
        ("ds x y s, not(type numeric)", '("`r(varlist)\'" == "s")', 1),
    ],
)
def test_what_an_option_leaves(typed, expression, wanted, tmp_path):
    session = run(f"{DATA}{typed}\nscalar found = {expression}", tmp_path)
    assert [f.text for f in session.findings] == []
    if wanted is not None:
        assert session.scalars["found"] == pytest.approx(wanted, abs=1e-4, nan_ok=True)


@pytest.mark.parametrize(
    "typed",
    [
        "summarize x, nonesuch", "tabulate a, subpop(b)", "tabstat x, nonesuch(3)", "correlate x y, nonesuch",
        "pwcorr x y, nonesuch", "levelsof a, hexadecimal", "ds, alpha", "ds, has(vallabel)", "distinct a, nonesuch",
        "unique a, by(b)", "ttest x, by(b) reverse", "regress y x\nlincom x, dots", "regress y x\nnlcom _b[x], df(3)",
        "regress y x z\ntestparm x z, equal", "regress y x\ntest x, mtest", "describe, replace", "estpost tabstat x, q(3)",
    ],
)  # fmt: skip
def test_an_option_that_is_not_read_leaves_no_results(typed, tmp_path):
    session = run(f"{DATA}{typed}\nscalar found = r(N) + r(p) + r(estimate)", tmp_path)
    assert [f.id for f in session.findings] == ["option-not-read"]
    assert "found" not in session.scalars


@pytest.mark.parametrize("test", ["lrchi2", "gamma", "taub", "V", "all"])
def test_a_test_of_tabulate_that_is_not_computed_is_unknown_and_not_missing(test, tmp_path):
    session = run(f"{DATA}tabulate a b, {test}\nscalar n = r(N)\nscalar found = r(p_lr)", tmp_path)
    assert session.scalars["n"] == 5 and "found" not in session.scalars


def test_intervals_of_margins_and_nlcom_have_their_level(tmp_path):
    text = DATA + "regress x a b\n{} level(90)\n{} level(99)\n{}"
    for command in ("nlcom _b[b],", "margins, dydx(b)"):
        kind = command.partition(" ")[0].rstrip(",")
        session = run(text.replace("{}", command), tmp_path)
        ends = [s.values["ub"] for s in session.shown if s.kind == kind]
        assert len(ends) == 3 and ends[0] < ends[2] < ends[1]


def test_margins_at_means_of_products_are_not_those_of_means(tmp_path):
    assert run(DATA + "regress x a b\nmargins, atmeans", tmp_path).findings == []
    session = run(DATA + "regress x c.a##c.b\nmargins, atmeans\nmatrix M = r(b)\nscalar m = M[1,1]\n"
                  "scalar p = _b[a]*1.6 + _b[b]*1.6 + _b[c.a#c.b]*1.6*1.6 + _b[_cons]", tmp_path)  # fmt: skip
    assert session.findings == [] and session.scalars["m"] == pytest.approx(session.scalars["p"], rel=1e-12)
