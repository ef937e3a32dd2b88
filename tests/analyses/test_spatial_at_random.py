"""Spatial models on random panels and weights: Python and R find the same, or both nothing."""

from __future__ import annotations

import numpy as np
import pytest

from parity.analyses.spatial.analysis import compare_spatial, spatial
from parity.analyses.spatial.sample import Sample
from parity.analyses.spatial.weights import standardised
from parity.base.errors import Unestimable
from parity.r.session import missing_r
from parity.study.analyses.spatial import SpatialSettings

pytestmark = pytest.mark.skipif(missing_r() is not None, reason="needs R")
PANELS = 200


def weights(rng: np.random.Generator, n: int) -> np.ndarray:
    """A ring, a grid's contiguity, nearest neighbours (not symmetric), distances, a graph with islands, blocks."""
    place = rng.uniform(size=(n, 2))
    apart = np.linalg.norm(place[:, None] - place[None], axis=2) + np.eye(n)
    kind = int(rng.integers(6))
    if kind == 0:
        near = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        w = np.where((near == 1) | (near == n - 1), 1.0, 0.0)
    elif kind == 1:
        w = (apart < np.quantile(apart, 0.3)).astype(float)
    elif kind == 2:
        w = (np.argsort(np.argsort(apart, axis=1), axis=1) < 3).astype(float)
    elif kind == 3:
        w = 1.0 / apart**2
    elif kind == 4:
        w = np.triu(rng.uniform(size=(n, n)) < 0.25, 1).astype(float)
        w = w + w.T
    else:
        block = rng.integers(0, 3, n)
        w = (block[:, None] == block[None]) * rng.uniform(0.1, 3.0, (n, n))
    np.fill_diagonal(w, 0.0)
    return w * 10.0 ** rng.integers(-2, 4)


def panel(rng: np.random.Generator) -> Sample:
    """Any scale, ties, levels far from zero, any strength; raises `Unestimable` where the weights can't be used."""
    n, t, k = int(rng.integers(4, 15)), int(rng.integers(2, 8)), int(rng.integers(1, 4))
    pick = lambda *of: str(rng.choice(of))  # noqa: E731
    effects = pick("none", "unit", "time", "both")
    s = SpatialSettings(
        spec="s", weights="w.csv", standardise=pick("row", "row", "spectral", "none"), diagonal=pick("none", "none", "ones"),
        model=pick("lag", "error", "durbin"), effects=effects, transformation=pick("within", "orthonormal"),
        information=pick("expected", "observed"), moran=pick("randomisation", "normality"),
        local=pick("conditional", "total"),
    )  # fmt: skip
    units = tuple(f"u{i}" for i in range(n))
    given = weights(rng, n)
    w = standardised(given, s, units)
    x = rng.normal(size=(n * t, k)) * 10.0 ** rng.integers(-3, 5, k) + rng.choice([0.0, 10.0])
    if rng.integers(4) == 0:
        x[:, 0] = np.floor(rng.uniform(0, 3, n * t))
    strength = rng.uniform(-0.6, 0.9) / np.abs(np.linalg.eigvals(w)).max()
    signal = x / np.abs(x).max(axis=0) @ rng.normal(size=k) + np.tile(rng.normal(size=n), t) + rng.normal(0, 0.5, n * t)
    y = np.linalg.solve(np.kron(np.eye(t), np.eye(n) - strength * w), signal) * 10.0 ** rng.integers(-3, 6)
    lagged = tuple(range(k)) if rng.integers(2) else (int(rng.integers(k)),)
    z = np.floor(rng.uniform(0, 3, n * t)) if rng.integers(4) == 0 else y
    return Sample(s, y, x, tuple(f"x{i}" for i in range(k)), lagged, z, given, w, effects, units, tuple(map(str, range(t))))


def test_two_hundred_panels():
    """Prints, with `-s`, how many there were and the fewest digits that two numbers share."""
    from parity.analyses.spatial.r import spatial_in_r

    rng, digits, tried = np.random.default_rng(21), [], 0
    while len(digits) < PANELS:
        tried += 1
        try:
            part = panel(rng)
            found = spatial(part)
        except Unestimable:
            continue
        result = compare_spatial(spatial_in_r(part), found)
        assert result.verdict == "agree", (tried, part.settings, [d.model_dump() for d in result.differences[:5]])
        digits.append(result.digits)
    assert tried < 2 * PANELS
    print(f"{len(digits)} panels, {tried - len(digits)} without an answer, at least {min(digits):.1f} digits")
