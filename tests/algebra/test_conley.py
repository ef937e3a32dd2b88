"""Conley's covariance by a loop over pairs of rows, and against what Stata's acreg printed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from parity.algebra import conley as module
from parity.algebra.conley import conley


def panel(units=9, periods=5, seed=3):
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    at = np.column_stack([rng.uniform(-60, 60, units), rng.uniform(-180, 180, units)])[unit]
    keep = rng.random(len(unit)) > 0.2  # with gaps
    return rng.normal(size=(keep.sum(), 3)), at[keep], unit[keep], time[keep]


def kernel(distance, cutoff, name):
    return float(distance <= cutoff) if name == "uniform" else max(0.0, 1 - distance / cutoff)


def flat(a, b, latitude, east):
    return 111 * math.sqrt((a[0] - b[0]) ** 2 + (math.cos(math.radians(latitude)) * east) ** 2)


def weight(a, b, cutoff, distance, name):
    """The formulas as they are written: Conley (1999), fixest's vcov_related.cpp, ols_spatial_HAC.ado."""
    east = abs(a[1] - b[1])
    if distance == "axes":
        return kernel(abs(a[0] - b[0]), cutoff[0], name) * kernel(east, cutoff[1], name)
    if distance == "haversine":
        (p, q), l = map(math.radians, (a[0], b[0])), math.radians(east)
        across = math.hypot(math.cos(q) * math.sin(l), math.cos(p) * math.sin(q) - math.sin(p) * math.cos(q) * math.cos(l))
        angle = math.atan2(across, math.sin(p) * math.sin(q) + math.cos(p) * math.cos(q) * math.cos(l))
        return kernel(6371 * angle, cutoff[0], name)
    if distance == "mean_latitude":
        return kernel(flat(a, b, (a[0] + b[0]) / 2, min(east, 360 - east)), cutoff[0], name)
    return sum(kernel(flat(a, b, latitude, east), cutoff[0], name) for latitude in (a[0], b[0])) / 2


@pytest.mark.parametrize("lags", [None, 0, 2, 9])
@pytest.mark.parametrize("name", ["bartlett", "uniform"])
@pytest.mark.parametrize(("distance", "cutoff"), [
    ("axes", [40, 90]), ("haversine", [5000, 5000]), ("mean_latitude", [6000, 6000]), ("own_latitude", [6000, 6000]),
])  # fmt: skip
def test_it_is_the_sum_over_pairs_of_rows(monkeypatch, distance, cutoff, name, lags):
    scores, at, unit, time = panel()
    want = np.zeros((3, 3))
    for i in range(len(at)):
        for j in range(len(at)):
            if lags is None or time[i] == time[j]:
                w = weight(at[i], at[j], cutoff, distance, name)
            elif unit[i] == unit[j] and abs(time[i] - time[j]) <= lags:
                w = 1 - abs(int(time[i] - time[j])) / (lags + 1)
            else:
                continue
            want += w * np.outer(scores[i], scores[j])
    for block in (1024, 4):  # pairs of blocks, too
        monkeypatch.setattr(module, "BLOCK", block)
        got = conley(scores, at, np.array(cutoff, float), distance, name, unit=unit, time=time, lags=lags)
        assert got == pytest.approx(want, rel=1e-9, abs=1e-9) and np.array_equal(got, got.T)


def test_the_ends_of_the_cutoff():
    """Next to nothing leaves each row with its own place, everything the square of the sum, which is zero of residuals."""
    scores, at, _, _ = panel(units=12, periods=1)
    small, whole = np.array([1e-9, 1e-9]), np.array([1e9, 1e9])
    assert conley(scores, at, small, "haversine", "bartlett") == pytest.approx(scores.T @ scores, rel=1e-12)
    assert conley(scores, at, whole, "axes", "uniform") == pytest.approx(np.outer(scores.sum(0), scores.sum(0)), rel=1e-9)


#: Variances of x1, x2 and the constant by acreg (Colella, Lalive, Sakalli and Thoenig), Stata 18 MP: `acreg y x1 x2, spatial
#: latitude(lat) longitude(lon) dist(40)` beside lag(), id(), time(), hac and bartlett, as StatsPAI's
#: tests/reference_parity recorded them for the panel below.
ACREG = {
    ("bartlett", 3): (3.82006329506092042e-03, 4.18850194323838569e-03, 2.81615402962693932e-03),
    ("uniform", 3): (4.10467468402558530e-03, 5.21788942543751494e-03, 1.71738748956464958e-03),
    ("uniform", None): (3.95497307537070054e-04, 4.00954474586823380e-03, 8.91192194814947555e-04),
    ("bartlett", 0): (4.14336880497642116e-03, 4.52501096272790119e-03, 2.48105315430945323e-03),
    ("bartlett", 5): (3.84900890446635176e-03, 4.26068499086779563e-03, 2.96681524973849793e-03),
}


@pytest.mark.parametrize(("name", "lags"), ACREG)
def test_what_acreg_printed(name, lags):
    rng = np.random.default_rng(7)
    latitude, longitude = rng.uniform(40.0, 40.5, 25), rng.uniform(-100.0, -99.5, 25)
    unit, time = np.repeat(np.arange(25), 12), np.tile(np.arange(12), 25)
    x1, x2, noise = (rng.normal(size=300) for _ in range(3))
    x, y = np.column_stack([x1, x2, np.ones(300)]), 1.0 + 0.5 * x1 - 0.3 * x2 + noise
    residuals = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    scores = np.linalg.solve(x.T @ x, x.T).T * residuals[:, None]
    at = np.column_stack([latitude, longitude])[unit]
    got = conley(scores, at, np.array([40.0, 40.0]), "own_latitude", name, unit=unit, time=time, lags=lags)
    assert np.diag(got) == pytest.approx(ACREG[name, lags], rel=1e-12)
