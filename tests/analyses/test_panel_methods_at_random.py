"""Distributions, couplings and thresholds on random panels: Python and R find the same, or both nothing."""

from __future__ import annotations

import numpy as np
import pytest

from parity.analyses.coupling.analysis import compare_couplings, coupling
from parity.analyses.distribution.analysis import compare_distributions, distribution
from parity.analyses.of_columns import Chosen
from parity.analyses.threshold.analysis import compare_thresholds, printed, replicates
from parity.analyses.threshold.hansen import hansen
from parity.analyses.threshold.sample import Sample
from parity.base.errors import Unestimable
from parity.r.session import missing_r
from parity.study.analyses.panel_methods import CouplingSettings, DistributionSettings, ThresholdSettings

pytestmark = pytest.mark.skipif(missing_r() is not None, reason="needs R")
PANELS = 60


def panel(rng: np.random.Generator) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Values, periods, units, groups: with ties, zeros, constants, groups of one, gaps, and any scale."""
    units, periods = int(rng.integers(1, 14)), int(rng.integers(1, 5))
    kind = rng.integers(5)
    n = units * periods
    v = np.exp(rng.normal(0, 1, n)) * 10.0 ** rng.integers(-3, 6)
    if kind == 1:
        v = np.floor(rng.uniform(0, 4, n))
    elif kind == 2:
        v = rng.normal(0, 1, n)
    elif kind == 3:
        v = np.repeat(rng.uniform(1, 2), n)
    elif kind == 4:
        v = v + 1e6
    keep = np.sort(rng.permutation(n)[: max(1, int(n * rng.uniform(0.6, 1.0)))])
    when, who = np.repeat(np.arange(periods), units)[keep], np.tile(np.arange(units), periods)[keep]
    of = [("东部", "b", "c")[i] for i in rng.integers(0, 3, units)]
    return v[keep], tuple(f"y{t}" for t in when), tuple(f"u{i}" for i in who), tuple(of[i] for i in who)


def test_distributions():
    from parity.analyses.distribution.r import distribution_in_r

    rng, compared = np.random.default_rng(11), 0
    for i in range(PANELS):
        v, periods, units, groups = panel(rng)
        s = DistributionSettings(
            of="x", ddof=int(rng.integers(2)), points=5, kernel=str(rng.choice(["gaussian", "epanechnikov"])),
            bandwidth=str(rng.choice(["nrd0", "nrd", "stata", "scott", "silverman", "matlab"])),
        )  # fmt: skip
        part = Chosen(s, {"x": v}, periods, units, groups if rng.integers(2) else None)
        try:
            found, curves = distribution(part)
        except Unestimable:
            continue
        result = compare_distributions(distribution_in_r(part), found | curves)
        assert result.verdict == "agree", (i, s, v, [d.model_dump() for d in result.differences[:5]])
        compared += 1
    assert compared > PANELS * 0.6


def test_couplings():
    from parity.analyses.coupling.r import coupling_in_r

    rng = np.random.default_rng(12)
    for i in range(PANELS):
        _, periods, units, _ = panel(rng)
        k = int(rng.integers(2, 5))
        u = rng.uniform(0, 1, (len(periods), k))
        u[rng.uniform(size=u.shape) < 0.15] = 0.0
        u[rng.uniform(size=len(u)) < 0.1] = 0.0
        weights = rng.dirichlet(np.ones(k))
        s = CouplingSettings(of=tuple(f"x{j}" for j in range(k)), weights=(*weights[:-1], 1 - weights[:-1].sum()),
                             form=str(rng.choice(["geometric", "revised", "unscaled"])))  # fmt: skip
        part = Chosen(s, {f"x{j}": u[:, j] for j in range(k)}, periods, units, None)
        result = compare_couplings(coupling_in_r(part), coupling(part))
        assert result.verdict in ("agree", "vacuous"), (i, s, u, result.differences[:5])


def test_thresholds(tmp_path):
    from parity.analyses.threshold.r import threshold_in_r

    rng, compared = np.random.default_rng(13), 0
    for i in range(PANELS // 2):
        n, t, k = int(rng.integers(4, 9)), int(rng.integers(4, 8)), int(rng.integers(0, 3))
        unit, period = np.repeat(np.arange(n), t), np.tile(np.arange(t), n)
        x = rng.normal(0, 1, n * t) * 10.0 ** rng.integers(-2, 5) + rng.integers(0, 3)
        q = [rng.normal(0, 1, n * t), np.floor(rng.uniform(0, 12, n * t)), x][int(rng.integers(3))]
        if rng.integers(4) == 0:
            x = np.where(rng.uniform(size=n * t) < 0.3, 0.0, x)
        controls = {f"c{j}": rng.normal(0, 1, n * t) for j in range(k)}
        y = x / np.abs(x).max() * np.where(q <= np.median(q), 1.0, 2.0) + unit + rng.normal(0, 0.3, n * t)
        effects = [{}, {"u": unit}, {"u": unit, "t": period}][int(rng.integers(3))]
        s = ThresholdSettings(
            spec="s", by="q", thresholds=int(rng.integers(1, 4)), trim=float(rng.choice([0.01, 0.05, 0.1, 0.15])),
            grid=int(rng.choice([7, 30, 400])), draws=12, seed=i, closed=str(rng.choice(["lower", "upper"])),
            apart=str(rng.choice(["rows", "quantiles"])), residuals=str(rng.choice(["alternative", "null"])),
            last_period="dropped" if len(effects) == 1 and i % 2 else "kept",
        )  # fmt: skip
        rank = {0: 1, 1: n, 2: n + t - 1}[len(effects)]
        part = Sample(s, "x", y, x, q, controls, effects, not effects, unit, period,
                      tuple(f"u{j}" for j in range(n)), rank)  # fmt: skip
        try:
            found = hansen(part)
        except Unestimable:
            continue
        result = compare_thresholds(threshold_in_r(part, tmp_path), printed(found) | replicates(found))
        assert result.verdict == "agree", (i, s, result.differences[:5])
        compared += 1
    assert compared > PANELS * 0.3
