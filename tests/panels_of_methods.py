"""Random panels for each method, and settings drawn from all that it has."""

from __future__ import annotations

from typing import get_args

import numpy as np

from parity.analyses.event_study.sample import Panel
from parity.analyses.of_columns import Chosen
from parity.analyses.quantile.sample import Sample as QuantileSample
from parity.analyses.spatial.sample import Sample as SpatialSample
from parity.analyses.spatial.weights import standardised
from parity.analyses.threshold.sample import Sample as ThresholdSample
from parity.base.errors import Unestimable
from parity.study.analyses.event_study import OF_METHODS, EventStudySettings
from parity.study.analyses.panel_methods import CouplingSettings, DistributionSettings, ThresholdSettings
from parity.study.analyses.quantile import QuantileSettings
from parity.study.analyses.spatial import SpatialSettings

AGGREGATIONS = {
    "twfe": ("dynamic", "simple"), "did2s": ("dynamic", "simple"), "local_projections": ("dynamic",), "bacon": ("simple",),
}  # fmt: skip


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


def _usable(rng: np.random.Generator, s: SpatialSettings, units: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Weights as given, some units their own neighbours where the settings let them, and as standardised."""
    while True:
        given = weights(rng, len(units))
        if s.diagonal in ("dropped", "kept"):
            np.fill_diagonal(given, given.max() * rng.uniform(size=len(units)) * (rng.uniform(size=len(units)) < 0.5))
        try:
            return given, standardised(given, s, units)
        except Unestimable:
            continue


def spatial_panel(rng: np.random.Generator, diagonals: tuple[str, ...] = ("none", "none", "ones")) -> SpatialSample:
    """Any scale, ties, levels far from zero, any strength; weights that can't be used are drawn again."""
    n, t, k = int(rng.integers(4, 15)), int(rng.integers(2, 8)), int(rng.integers(1, 4))
    pick = lambda *of: str(rng.choice(of))  # noqa: E731
    effects = pick("none", "unit", "time", "both")
    s = SpatialSettings(
        spec="s", weights="w.csv", standardise=pick("row", "row", "spectral", "none"), diagonal=pick(*diagonals),
        model=pick("lag", "error", "durbin"), effects=effects, transformation=pick("within", "orthonormal"),
        information=pick("expected", "observed"), moran=pick("randomisation", "normality"),
        local=pick("conditional", "total"),
    )  # fmt: skip
    units = tuple(f"u{i}" for i in range(n))
    given, w = _usable(rng, s, units)
    x = rng.normal(size=(n * t, k)) * 10.0 ** rng.integers(-3, 5, k) + rng.choice([0.0, 10.0])
    if rng.integers(4) == 0:
        x[:, 0] = np.floor(rng.uniform(0, 3, n * t))
    strength = rng.uniform(-0.6, 0.9) / np.abs(np.linalg.eigvals(w)).max()
    signal = x / np.abs(x).max(axis=0) @ rng.normal(size=k) + np.tile(rng.normal(size=n), t) + rng.normal(0, 0.5, n * t)
    y = np.linalg.solve(np.kron(np.eye(t), np.eye(n) - strength * w), signal) * 10.0 ** rng.integers(-3, 6)
    lagged = tuple(range(k)) if rng.integers(2) else (int(rng.integers(k)),)
    z = np.floor(rng.uniform(0, 3, n * t)) if rng.integers(4) == 0 else y
    return SpatialSample(
        s, y, x, tuple(f"x{i}" for i in range(k)), lagged, z, given, w, effects, units, tuple(map(str, range(t)))
    )


def quantile_panel(rng: np.random.Generator) -> QuantileSample:
    """Any method, errors, density; columns of any scale, ties, few values."""
    n, t, k = int(rng.integers(6, 16)), int(rng.integers(5, 9)), int(rng.integers(1, 4))
    unit, period = np.repeat(np.arange(n), t), np.tile(np.arange(t), n)
    x = rng.normal(size=(n * t, k)) * 10.0 ** rng.integers(-3, 5, k)
    if rng.integers(3) == 0:
        x[:, 0] = np.floor(rng.uniform(0, 4, n * t))
    size = np.abs(x).max(axis=0)
    y = (x / size).sum(axis=1) + 0.3 * rng.normal(size=n)[unit] + (1 + 0.5 * x[:, 0] / size[0]) * rng.normal(size=n * t)
    if rng.integers(4) == 0:
        y = np.round(y, 1)
    y = y * 10.0 ** rng.integers(-3, 6)
    method = str(rng.choice(["regression", "canay", "moments"]))
    errors = str(rng.choice(["robust", "cluster", "bootstrap"] + ["iid"] * (method != "moments")))
    densities = ["fitted", "kernel"] + ["residuals"] * (errors == "iid")
    s = QuantileSettings(
        spec="s", at=tuple(sorted(rng.choice([0.1, 0.25, 0.4, 0.5, 0.75, 0.9], 2, replace=False).tolist())), method=method,
        errors=errors, density=str(rng.choice(densities)), draws=10,
        kernel=str(rng.choice(["gaussian", "epanechnikov", "epan2"])),
        bandwidth=str(rng.choice(["hall-sheather", "bofinger", "bofinger-stata", "chamberlain"])),
    )  # fmt: skip
    effects = [{"u": unit}, {"u": unit, "t": period}][int(rng.integers(2))] if method != "regression" else {}
    constant = not effects and bool(rng.integers(4))
    return QuantileSample(s, y, x, tuple(f"v{j}" for j in range(k)), constant, effects, method, errors, unit,
                          tuple(f"u{i}" for i in range(n)), "u")  # fmt: skip


def columns(rng: np.random.Generator) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
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


def distribution_panel(rng: np.random.Generator) -> Chosen:
    v, periods, units, groups = columns(rng)
    s = DistributionSettings(
        of="x", ddof=int(rng.integers(2)), points=5, kernel=str(rng.choice(["gaussian", "epanechnikov"])),
        bandwidth=str(rng.choice(["nrd0", "nrd", "stata", "scott", "silverman", "matlab"])),
    )  # fmt: skip
    return Chosen(s, {"x": v}, periods, units, groups if rng.integers(2) else None)


def coupling_panel(rng: np.random.Generator) -> Chosen:
    _, periods, units, _ = columns(rng)
    k = int(rng.integers(2, 5))
    u = rng.uniform(0, 1, (len(periods), k))
    u[rng.uniform(size=u.shape) < 0.15] = 0.0
    u[rng.uniform(size=len(u)) < 0.1] = 0.0
    weights = rng.dirichlet(np.ones(k))
    s = CouplingSettings(of=tuple(f"x{j}" for j in range(k)), weights=(*weights[:-1], 1 - weights[:-1].sum()),
                         form=str(rng.choice(["geometric", "revised", "unscaled"])))  # fmt: skip
    return Chosen(s, {f"x{j}": u[:, j] for j in range(k)}, periods, units, None)


def threshold_panel(rng: np.random.Generator) -> ThresholdSample:
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
        grid=int(rng.choice([7, 30, 400])), draws=12, seed=int(rng.integers(1_000)),
        closed=str(rng.choice(["lower", "upper"])), apart=str(rng.choice(["rows", "quantiles"])),
        residuals=str(rng.choice(["alternative", "null"])),
        last_period="dropped" if len(effects) == 1 and rng.integers(2) else "kept",
    )  # fmt: skip
    rank = {0: 1, 1: n, 2: n + t - 1}[len(effects)]
    return ThresholdSample(s, "x", y, x, q, controls, effects, not effects, unit, period,
                           tuple(f"u{j}" for j in range(n)), rank)  # fmt: skip


def event_study_settings(rng: np.random.Generator, method: str) -> EventStudySettings:
    """Every key that the method reads, drawn from its values."""
    drawn: dict[str, object] = {}
    for key, methods in OF_METHODS.items():
        values = [v for v in _values(key) if v is not None]
        if method in methods and values and rng.integers(2):
            drawn[key] = values[int(rng.integers(len(values)))]
    if drawn.get("cohort_weights") == "equal":
        drawn.pop("shares", None)
    if method in OF_METHODS["reference"] and rng.integers(3) == 0:
        drawn["reference"] = (-1, -2)
    if rng.integers(2) and method != "bacon":
        drawn["leads"], drawn["lags"] = int(rng.integers(1, 4)), int(rng.integers(0, 4))
    elif drawn.get("endpoints") not in (None, "own"):
        drawn["leads"] = 2
    kinds = AGGREGATIONS.get(method, ("dynamic", "group", "calendar", "simple"))
    return EventStudySettings(
        outcome="y", first_treated="g", method=method, aggregation=str(rng.choice(kinds)),
        anticipation=int(rng.choice([0, 0, 1])), **drawn,
    ).full()  # fmt: skip


def _values(key: str) -> tuple:
    """Those of a `Literal` key."""
    out: list = []
    for part in get_args(EventStudySettings.model_fields[key].annotation):
        out += [part] if isinstance(part, str) else [v for v in get_args(part) if isinstance(v, str)]
    return tuple(out)


def event_study_panel(rng: np.random.Generator, method: str) -> Panel:
    """Any scale; gaps in the rows, gaps in time, always and never treated units, weights, controls, clusters of units."""
    s = event_study_settings(rng, method)
    n, periods = int(rng.integers(8, 30)), np.sort(rng.permutation(14)[: int(rng.integers(4, 9))]) + 2000.0
    if rng.integers(2):
        periods = np.arange(len(periods)) + 2000.0
    start = rng.choice(np.append(periods, [np.inf, np.inf]), n)
    unit, time = np.repeat(np.arange(n), len(periods)), np.tile(periods, n)
    keep = np.ones(len(unit), dtype=bool)
    if method != "bacon" and rng.integers(3) == 0:
        keep = rng.uniform(size=len(unit)) < 0.9
    unit, time = np.unique(unit[keep], return_inverse=True)[1], time[keep]
    first = start[np.unique(np.repeat(np.arange(n), len(periods))[keep])][unit]
    units = int(unit.max()) + 1
    scale = 10.0 ** rng.integers(-3, 5)
    k = 0 if method == "bacon" else int(rng.integers(0, 3))
    x = rng.normal(size=(len(unit), k)) * 10.0 ** rng.integers(-2, 3)
    y = rng.normal(size=units)[unit] + 0.2 * (time - 2000) + (time >= first) * (1 + 0.3 * np.where(
        np.isfinite(first), time - first, 0.0)) + rng.normal(0, 0.5, len(unit))  # fmt: skip
    weights = np.ones(len(unit))
    if method != "bacon" and rng.integers(2):
        weights = rng.uniform(0.5, 3.0, units)[unit]
        if method != "callaway_santanna" and rng.integers(2):
            weights = rng.uniform(0.5, 3.0, len(unit))
    cluster = unit if rng.integers(2) else np.unique(unit // 2, return_inverse=True)[1]
    return Panel(s, y * scale, time, unit, cluster, first, x, weights, tuple(f"x{j}" for j in range(k)),
                 tuple(f"u{i}" for i in range(units)), True)  # fmt: skip
