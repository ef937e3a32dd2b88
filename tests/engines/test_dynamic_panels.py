"""Dynamic panels: parity's algebra against moments written out; what is refused. Recorded numbers: fixtures/employment."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from parity.algebra.dynamic_panel import Lags, NoEstimate, Panel, Standard, solve
from parity.engines import engine
from parity.engines.base import features
from parity.study.spec import Spec

LAGGED = "y ~ 0 + l(y, 1) + x"


def spec(formula: str = LAGGED, **keys) -> Spec:
    return Spec(id="s", formula=formula, **({"model": "difference_gmm"} | keys))


def made(units: int = 60, periods: int = 6, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """y and [lag of y, x], (units, periods): some rows are missing."""
    rng = np.random.default_rng(seed)
    x, effect = rng.normal(size=(units, periods)), rng.normal(size=units)
    y = np.empty((units, periods))
    y[:, 0] = effect + rng.normal(size=units)
    for t in range(1, periods):
        y[:, t] = 0.5 * y[:, t - 1] + x[:, t] + effect + rng.normal(size=units)
    y[rng.random(y.shape) < 0.04] = np.nan
    lag = np.full_like(y, np.nan)
    lag[:, 1:] = y[:, :-1]
    return y, np.stack([lag, x], axis=2)


def panel(y: np.ndarray, x: np.ndarray, **keys) -> Panel:
    more = {"constant": False, "lags": (Lags(y, 2),), "standard": (Standard(x[:, :, -1]),), "levels": False} | keys
    return Panel(y, x, **more)


def written_out(y: np.ndarray, x: np.ndarray, first: int, last: int) -> tuple[list, list, list, list]:
    """Each unit's differences of y and x, its instruments (lags by period, and x), and H, row by row."""
    units, periods = y.shape
    cells = [(t, lag) for t in range(periods) for lag in range(first, last + 1) if t - lag >= 0]
    ys, xs, zs, hs = [], [], [], []
    for i in range(units):
        rows = [t for t in range(1, periods) if not np.isnan([y[i, t], y[i, t - 1], *x[i, t], *x[i, t - 1]]).any()]
        if not rows:
            continue
        ys.append([y[i, t] - y[i, t - 1] for t in rows])
        xs.append([x[i, t] - x[i, t - 1] for t in rows])
        lags = [[np.nan_to_num(y[i, s - lag]) if s == t else 0.0 for s, lag in cells] for t in rows]
        zs.append([[*lags[j], x[i, t, 1] - x[i, t - 1, 1]] for j, t in enumerate(rows)])
        hs.append([[2.0 if a == b else -1.0 if abs(a - b) == 1 else 0.0 for b in rows] for a in rows])
    return tuple(list(map(np.array, one)) for one in (ys, xs, zs, hs))  # type: ignore[return-value]


@pytest.mark.parametrize("last", [3, 5])
def test_both_steps_are_the_moments_written_out(last):
    y, x = made()
    ys, xs, zs, hs = written_out(y, x, 2, last)
    zx = sum(z.T @ x for z, x in zip(zs, xs, strict=True))
    zy = sum(z.T @ y for z, y in zip(zs, ys, strict=True))
    a = np.linalg.pinv(sum(z.T @ h @ z for z, h in zip(zs, hs, strict=True)))
    bread = np.linalg.inv(zx.T @ a @ zx)
    b = bread @ zx.T @ a @ zy
    e = [y - x @ b for y, x in zip(ys, xs, strict=True)]
    s = sum(np.outer(z.T @ r, z.T @ r) for z, r in zip(zs, e, strict=True))
    robust = bread @ zx.T @ a @ s @ a @ zx @ bread
    found = solve(panel(y, x, lags=(Lags(y, 2, last),)), 1, robust=True)
    np.testing.assert_allclose(found.b, b, rtol=1e-9)
    np.testing.assert_allclose(found.covariance, robust, rtol=1e-8)
    n, k = sum(map(len, ys)), 2
    s2 = sum(float(r @ r) for r in e) / (2 * (n - k))
    plain = solve(panel(y, x, lags=(Lags(y, 2, last),)), 1, robust=False)
    np.testing.assert_allclose(plain.covariance, s2 * bread, rtol=1e-8)
    g = sum(z.T @ r for z, r in zip(zs, e, strict=True))
    assert found.sargan == pytest.approx(g @ a @ g / s2, rel=1e-8)
    w = np.linalg.pinv(s)
    bread2 = np.linalg.inv(zx.T @ w @ zx)
    b2 = bread2 @ zx.T @ w @ zy
    two = solve(panel(y, x, lags=(Lags(y, 2, last),)), 2, robust=False)
    np.testing.assert_allclose(two.b, b2, rtol=1e-8)
    np.testing.assert_allclose(two.covariance, bread2, rtol=1e-8)
    # Windmeijer: the second step's b as a function of the first one's, its slope by differences
    step = 1e-6

    def second(b1: np.ndarray) -> np.ndarray:
        r = [y - x @ b1 for y, x in zip(ys, xs, strict=True)]
        w = np.linalg.pinv(sum(np.outer(z.T @ q, z.T @ q) for z, q in zip(zs, r, strict=True)))
        return np.linalg.solve(zx.T @ w @ zx, zx.T @ w @ zy)

    d = np.column_stack([(second(b + step * u) - second(b - step * u)) / (2 * step) for u in np.eye(2)])
    corrected = bread2 + d @ bread2 + bread2 @ d.T + d @ robust @ d.T
    np.testing.assert_allclose(solve(panel(y, x, lags=(Lags(y, 2, last),)), 2, robust=True).covariance, corrected, rtol=1e-5)


def test_a_constant_of_the_levels_moves_no_slope_of_the_differences():
    y, x = made()
    ones = np.concatenate([np.ones((*y.shape, 1)), x], axis=2)
    for steps in (1, 2):
        alone = solve(panel(y, x), steps, robust=True)
        beside = solve(panel(y, ones, constant=True, levels=True), steps, robust=True)
        np.testing.assert_allclose(beside.b[1:], alone.b, rtol=1e-9)
        np.testing.assert_allclose(beside.covariance[1:, 1:], alone.covariance, rtol=1e-8)
        assert beside.over == alone.over and beside.orders[1] == pytest.approx(alone.orders[1], rel=1e-9)


def test_what_depends_on_other_instruments_counts_and_moves_nothing():
    y, x = made()
    once, twice = panel(y, x), panel(y, x, lags=(Lags(y, 2), Lags(2 * y, 2)))
    for steps in (1, 2):
        a, b = solve(once, steps, robust=True), solve(twice, steps, robust=True)
        assert a.instruments == b.instruments
        np.testing.assert_allclose(b.covariance, a.covariance, rtol=1e-8)


def test_singular_weights_of_two_steps_are_refused():
    y, x = made(units=8, periods=9)
    assert np.isnan(solve(panel(y, x), 1, robust=True).hansen)
    with pytest.raises(NoEstimate, match="more than 8 units"):
        solve(panel(y, x), 2, robust=True)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"model": "ols", "convention": "fixest", "dynamic": {"steps": 2}}, "dynamic belongs to"),
        ({"convention": "fixest"}, "is a dynamic panel"),
        ({"model": "ols", "convention": "xtabond"}, "is least squares"),
        ({"vcov": "HC1"}, "by the unit alone|iid, HC0"),
        ({"dynamic": {"gmm": {"y": [0]}}}, "lags from 1 on"),
        ({"dynamic": {"gmm": {"y": [3, 2]}}}, "lags from 1 on"),
        ({"dynamic": {"gmm": {"y": "2 4"}}}, r"`y = \[first\]` or .* not `2 4`"),
        ({"dynamic": {"gmm": [2, 4]}}, r"a table of columns, \{ n = \[2, 4\] \}, is needed"),
        ({"dynamic": {"steps": 3}}, "steps = 1 or 2"),
        ({"formula": "log(y) ~ 0 + x"}, "the outcome is no column"),
        ({"weights": {"analytic": "w"}}, "takes no weights"),
    ],
)
def test_what_a_dynamic_panel_takes(keys, said):
    with pytest.raises(ValidationError, match=said):
        spec(**keys)


def test_an_engine_without_dynamic_panels_says_so():
    for name in ("py-statsmodels", "py-linearmodels", "py-pyfixest"):
        declined = engine(name).declines(spec(), "firm", "year")
        assert declined is not None and declined.gap == "never"
    assert "difference_gmm" in features(spec(), "firm", "year")
