"""rangestat: the rows whose key lies in each row's interval, one by one by the words of its help."""

from __future__ import annotations

import numpy as np
import pytest

from parity.stata.do import run_do

DATA = """clear
set obs 40
set type double
gen g = mod(_n, 3)
gen k = mod(7 * _n, 23)
gen x = sin(_n)
gen w = cos(2 * _n)
gen y = 1 + 2 * x - w + sin(5 * _n) / 3
replace x = . if mod(_n, 11) == 4
replace k = . in 9
gen low = k - 2
gen high = cond(mod(_n, 5) == 0, ., k + 3)
"""


def held(folder, text: str):
    found = run_do(DATA + text + "\n", folder)
    assert not found.findings, found.findings
    return {n: c.values for n, c in found.data.columns.items()}


def brute(d, of, *, low=lambda d, i: d["k"][i] - 3, high=lambda d, i: d["k"][i] + 1, alone=False, by=False, used=None):
    """What `of` gives of the places of each row's interval, in the order of keys; NaN where it has none."""
    n = len(d["k"])
    used = np.ones(n, bool) if used is None else used
    out = np.full(n, np.nan)
    for i in range(n):
        if np.isnan(d["k"][i]) or not used[i]:
            continue
        rows = [
            j for j in range(n) if used[j] and low(d, i) <= d["k"][j] <= high(d, i) and (not by or d["g"][j] == d["g"][i])
        ]
        rows = sorted(rows, key=lambda j: (d["k"][j], j))
        if rows:
            out[i] = of(d, rows, i if alone else -1)
    return out


def present(d, rows, out):
    return np.array([d["x"][j] for j in rows if j != out and not np.isnan(d["x"][j])])


@pytest.mark.parametrize(
    ("what", "of"),
    [
        ("mean", lambda x: x.mean() if len(x) else np.nan), ("count", len), ("sum", np.sum),
        ("sd", lambda x: x.std(ddof=1) if len(x) > 1 else np.nan), ("median", lambda x: np.median(x) if len(x) else np.nan),
        ("min", lambda x: x.min() if len(x) else np.nan), ("firstnm", lambda x: x[0] if len(x) else np.nan),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("options", "how"), [("", {}), (" by(g) excludeself", {"by": True, "alone": True})])
def test_a_statistic_of_each_rows_interval(tmp_path, what, of, options, how):
    d = held(tmp_path, f"rangestat ({what}) x, interval(k -3 1){options}")
    np.testing.assert_allclose(d[f"x_{what}"], brute(d, lambda d, rows, out: of(present(d, rows, out)), **how), rtol=1e-12)


def test_bounds_that_are_variables_and_open_where_they_are_missing(tmp_path):
    d = held(tmp_path, "rangestat (mean) m=x (obs) x if g < 2, interval(k low high)")
    ends = {"low": lambda d, i: d["low"][i], "high": lambda d, i: np.inf if np.isnan(d["high"][i]) else d["high"][i],
            "used": d["g"] < 2}  # fmt: skip
    wanted = brute(d, lambda d, rows, out: x.mean() if len(x := present(d, rows, out)) else np.nan, **ends)
    np.testing.assert_allclose(d["m"], wanted, rtol=1e-12)
    np.testing.assert_array_equal(d["x_obs"], brute(d, lambda d, rows, out: len(rows), **ends))
    open_below = held(tmp_path, "rangestat (count) x, interval(k . 0)")
    wanted = brute(open_below, lambda d, rows, out: len(present(d, rows, out)), low=lambda d, i: -np.inf,
                   high=lambda d, i: d["k"][i])  # fmt: skip
    np.testing.assert_array_equal(open_below["x_count"], wanted)


def test_a_regression_in_each_interval(tmp_path):
    import statsmodels.api as sm

    d = held(tmp_path, "rangestat (reg) y x w (corr) x w, interval(k -8 8)")

    def fit(d, rows):
        some = [j for j in rows if not np.isnan(d["x"][j])]
        return sm.OLS(d["y"][some], sm.add_constant(np.column_stack([d["x"][some], d["w"][some]]))).fit()

    for name, of in (("b_w", lambda m: m.params[2]), ("se_x", lambda m: m.bse[1]), ("b_cons", lambda m: m.params[0]),
                     ("reg_adj_r2", lambda m: m.rsquared_adj), ("reg_nobs", lambda m: m.nobs)):  # fmt: skip
        wanted = brute(d, lambda d, rows, _, of=of: of(fit(d, rows)), low=lambda d, i: d["k"][i] - 8,
                       high=lambda d, i: d["k"][i] + 8)  # fmt: skip
        np.testing.assert_allclose(d[name], wanted, rtol=1e-9)
    assert np.nanmax(np.abs(d["corr_x"])) <= 1


def test_casewise_and_skewness_leave_out_rows_that_lack_any_variable_of_the_statistic(tmp_path):
    d = held(tmp_path, "rangestat (count) x w, interval(k -3 1) casewise\nrangestat (skewness) a=x b=w, interval(k -9 9)")
    np.testing.assert_array_equal(d["w_count"], d["x_count"])
    some = [j for j in range(40) if abs(d["k"][j] - d["k"][0]) <= 9 and not np.isnan(d["x"][j])]
    away = d["w"][some] - d["w"][some].mean()
    assert d["b"][0] == pytest.approx((away**3).mean() / (away**2).mean() ** 1.5, rel=1e-12)


def test_what_it_cannot_do_is_said(tmp_path):
    for text, said in (("rangestat (mine) x, interval(k 0 1)", "Mata"), ("rangestat x, interval(k 0)", "interval"),
                       ("gen x_mean = 1\nrangestat x, interval(k 0 1)", "already defined"),
                       ("rangestat (reg) x, interval(k 0 1)", "at least one regressor")):  # fmt: skip
        found = run_do(DATA + text + "\n", tmp_path)
        assert any(said in f.text for f in found.findings), (text, found.findings)
