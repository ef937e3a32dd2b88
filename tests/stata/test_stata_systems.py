"""var and sureg in do-files: least squares by equation, against statsmodels' VAR and generalised least squares by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.api import VAR

from conftest import FIXTURES
from parity.stata.do import run_do
from parity.study.command import request_of, spec_of
from parity.translate.r import r_lines

DATA = pd.read_csv(FIXTURES / "grunfeld" / "data.csv").astype("float32").astype(float)  # as import delimited stores them
ONE = DATA[DATA["firm"] == 1]
LOAD = "import delimited data.csv, case(preserve) clear\n"
SERIES = f"{LOAD}keep if firm == 1\ntsset year\n"


def run(code: str):
    return run_do(code, FIXTURES / "grunfeld")


def estimation(code: str):
    (e,) = run(code).estimations
    return e


@pytest.mark.parametrize(("dfk", "scale"), [("", 13 / 18), (" dfk", 1.0)])
def test_a_var_is_statsmodels(dfk, scale):
    """Which has the variance of errors with T less the coefficients of an equation, as Stata's dfk."""
    e = estimation(f"{SERIES}var inv value, lags(1/2){dfk}\n")
    theirs = VAR(ONE[["inv", "value"]].to_numpy()).fit(2)
    places = [1, 3, 2, 4, 0]  # theirs: the constant first, then lag by lag
    assert [c.term for c in e.coefficients[:5]] == ["inv:L.inv", "inv:L2.inv", "inv:L.value", "inv:L2.value", "inv:_cons"]
    assert np.allclose([c.b for c in e.coefficients], theirs.params.T[:, places].ravel(), rtol=1e-9)
    assert np.allclose([c.se**2 for c in e.coefficients], scale * (theirs.stderr.T[:, places] ** 2).ravel(), rtol=1e-9)
    assert np.isinf(e.estimated.df) and e.results.numbers["N"] == 18


def test_a_system_is_generalised_least_squares():
    """By hand: b = (X'(S^-1 x I)X)^-1 X'(S^-1 x I)y, and its covariance, between equations too."""
    e = estimation(f"{LOAD}sureg (inv capital = value year)\n").estimated
    x, y = np.column_stack([DATA[["value", "year"]], np.ones(len(DATA))]), DATA[["inv", "capital"]].to_numpy()
    errors = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    weight = np.linalg.inv(errors.T @ errors / len(x))
    bread = np.linalg.inv(np.kron(weight, x.T @ x))
    assert e.names == ("inv:value", "inv:year", "inv:_cons", "capital:value", "capital:year", "capital:_cons")
    assert np.allclose(e.V, bread, rtol=1e-6, atol=1e-12)
    assert np.allclose(e.b, bread @ (np.kron(weight, np.eye(3)) @ (x.T @ y).T.ravel()), rtol=1e-6)


def test_as_a_spec_of_equations_one_below_the_other():
    resolved = estimation(f"{LOAD}sureg (inv value) (capital value), dfk\n").resolved
    assert len(resolved.frame) == 400 and resolved.spec.weights.analytic == "1/variance"
    assert str(resolved.spec.formula) == "values ~ 0 + `inv:value` + `inv:_cons` + `capital:value` + `capital:_cons`"
    assert (resolved.spec.convention.small, resolved.spec.convention.t_iid) == (True, "normal")


def test_tests_are_of_all_equations():
    (shown,) = [p for p in run(f"{LOAD}sureg (inv capital = value year)\ntest value\n").printed if p.kind == "test"]
    e = estimation(f"{LOAD}sureg (inv capital = value year)\n").estimated
    b, v = e.b[[0, 3]], e.V[np.ix_([0, 3], [0, 3])]
    assert shown.numbers["chi2"] == pytest.approx(b @ np.linalg.solve(v, b))


@pytest.mark.parametrize("after", ["margins, dydx(value)", "predict q", "predict q, resid"])
def test_what_follows_it_without_numbers(after):
    assert [f.id for f in run(f"{LOAD}sureg (inv capital = value)\n{after}\n").findings] in (["stata-error"], ["prediction"])


@pytest.mark.parametrize(
    ("text", "said"),
    [("sureg (inv value) (capital year)", "regressors of their own"), ("sureg inv value", "in parentheses"),
     ("sureg (inv value, nocons) (capital value)", "options of one equation"),
     ("sureg (a: inv value)", "names of equations"),
     ("sureg (inv capital = value) [aw=value]", "weights"), ("var inv value, constraints(1)", "constraints"),
     ("var inv value, small", "small"), ("var D.inv value", "generate them"), ("var inv value, lags(0)", "from 1 on"),
     ("sureg (inv value) (inv value)", "one name")],
)  # fmt: skip
def test_what_is_declined(text, said):
    with pytest.raises(ValueError, match=said):
        request_of(text, "", "year")


def test_a_var_of_a_panel_has_no_estimate():
    with pytest.raises(Exception, match="several units"):
        _ = estimation(f"{LOAD}xtset firm year\nvar inv value\n").coefficients


def test_its_equations_in_other_words():
    with pytest.raises(ValueError, match='convention = "ivregress"'):
        spec_of("sureg (inv capital = value)", "", "")
    with pytest.raises(Exception, match="each equation is least squares"):
        r_lines(request_of("var inv value", "", "year"))
