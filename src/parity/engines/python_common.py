"""What the engines in Python share: exact scaling of columns, dummies, warnings, and the way back to canonical names."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from parity.algebra.covariance import NULL
from parity.conventions.facts import combine, subsets
from parity.conventions.formulas import leverage_scale
from parity.conventions.profiles import PROFILES, ROW_LEVERAGE
from parity.engines import safe
from parity.engines.base import EngineInfo, Gap, declined_by_gaps
from parity.engines.shipped import BASIS
from parity.results.estimate import Declined, Estimate, Part, Printed
from parity.sample.design import INTERCEPT, Design
from parity.study.spec import Spec

#: Dummies are a dense matrix of n rows and L columns; its decomposition costs n L^2. Beyond this it takes minutes.
DENSE_WORK = 2e10
#: Below this many columns memory (n L) is what counts, so narrow matrices are charged as if they had this many.
NARROW = 200
#: Columns whose magnitudes differ by more than this lose digits, or are dropped, when the packages see them unscaled.
SCALES_APART = 2.0**26

Rule = tuple[Callable[[Spec], bool], Gap, str]


def declined(info: EngineInfo, spec: Spec, unit: str | None, time: str | None, rules: Sequence[Rule]) -> Declined | None:
    """`Declined` by a gap of the table, or by the first rule about a combination of features that holds."""
    by_gap = declined_by_gaps(info, spec, unit, time)
    if by_gap:
        return by_gap
    for holds, gap, reason in rules:
        if holds(spec):
            return Declined(engine=info.id, gap=gap, reason=reason)
    return None


# ---------------------------------------------------------------- scaling


@dataclass(frozen=True)
class Scaled:
    """A design whose columns were multiplied by powers of two, and the way back.

    Packages compare columns with absolute tolerances or with the largest singular value: beside 1e12, a column of
    1e-8 is dropped without a word or drowned. Powers of two change no digit of the data, so the scaled problem is the
    same problem, and its answer is taken back exactly.
    """

    design: Design
    outcome: float
    factors: Mapping[str, float]  # canonical term -> what its column was multiplied by
    warnings: tuple[str, ...]

    def answer(
        self, names: Sequence[str], coef: np.ndarray, matrices: Mapping[tuple[str, ...], np.ndarray]
    ) -> tuple[tuple[str, ...], tuple[float, ...], tuple[Part, ...]]:
        """Terms in the design's order, coefficients and covariances on the data's own scale.

        names: canonical names in the package's order; it may have left terms out, or have dummies besides.
        """
        position = {name: i for i, name in enumerate(names)}
        terms = tuple(t for t in self.design.terms if t in position)
        pick = [position[t] for t in terms]
        back = np.array([self.back(t) for t in terms])
        parts = tuple(
            Part(
                cluster=subset, matrix=tuple(map(tuple, (np.asarray(m)[np.ix_(pick, pick)] * np.outer(back, back)).tolist()))
            )
            for subset, m in matrices.items()
        )
        return terms, tuple((np.asarray(coef)[pick] * back).tolist()), parts

    def back(self, term: str) -> float:
        """What takes a coefficient of the scaled problem to the data's own scale."""
        return self.factors[term] / self.outcome

    def printed(self, names: Sequence[str], table: Mapping[str, np.ndarray]) -> dict[str, Printed]:
        """The package's own inference, columns se, t, p, low, high in the order of `names`."""
        out = {}
        for i, name in enumerate(names):
            if name not in self.factors:
                continue
            row = {key: float(np.asarray(column)[i]) for key, column in table.items()}
            row |= {key: row[key] * self.back(name) for key in ("se", "low", "high")}
            out[name] = Printed(**row)
        return out


def printed_table(names: Sequence[str], table: Mapping[str, np.ndarray]) -> dict[str, Printed]:
    """A package's own inference on the data's own scale, columns se, t, p, low, high in the order of `names`."""
    return {
        name: Printed(**{key: float(np.asarray(column)[i]) for key, column in table.items()})
        for i, name in enumerate(names) if name
    }  # fmt: skip


def scaled(design: Design, *, outcome: bool = True) -> Scaled:
    """Scale every numeric column to a largest magnitude between 1/2 and 1, by a power of two.

    outcome: whether the outcome too; a likelihood's has no unit
    """
    blocks = {"x": design.x, "endog": design.endog, "z": design.z}
    powers = {name: np.array([power_of_two(c) for c in block.T]) for name, block in blocks.items()}
    y_power = power_of_two(design.y) if outcome else 1.0
    factors = {INTERCEPT: 1.0}
    factors |= dict(zip(design.x_names, powers["x"].tolist(), strict=True))
    factors |= dict(zip(design.endog_names, powers["endog"].tolist(), strict=True))
    inside = replace(
        design,
        y=design.y * y_power,
        levels=_levels(design, y_power, factors),
        **{k: v * powers[k] for k, v in blocks.items()},
    )
    every = np.concatenate([[1.0] if design.intercept else [], *powers.values()])
    apart = every.max() / every.min() if every.size else 1.0
    said = (f"columns differ in scale by a factor of about {apart:.0e}: scaled by powers of two, and back",)
    return Scaled(inside, y_power, factors, said if apart > SCALES_APART else ())


def power_of_two(column: np.ndarray) -> float:
    """The power of two that takes a column's largest magnitude between 1/2 and 1; 1 for a column of zeros."""
    largest = float(np.abs(column).max(initial=0.0))
    return float(np.ldexp(1.0, -int(np.frexp(largest)[1]))) if largest else 1.0


def _levels(design: Design, outcome: float, factors: Mapping[str, float]) -> Design | None:
    """The data before differencing on the same scale, with the regressors that differencing left."""
    if design.levels is None:
        return None
    column = {name: i for i, name in enumerate(design.levels.x_names)}
    x = np.column_stack(
        [design.levels.x[:, column[n]] * factors[n] for n in design.x_names] or [np.empty((len(design.levels.y), 0))]
    )
    return replace(design.levels, y=design.levels.y * outcome, x=x, x_names=design.x_names)


# ---------------------------------------------------------------- rows, groups, dummies


def cluster_codes(design: Design) -> dict[tuple[str, ...], np.ndarray]:
    """One code vector per non-empty subset of the cluster variables, in the order of `parity.conventions.facts.subsets`."""
    return {s: combine([design.clusters[c] for c in s]) for s in subsets(tuple(design.clusters))}


def by_unit_and_time(design: Design) -> Design:
    """Rows sorted by unit and time, as kernels whose lags are row shifts need them."""
    unit = np.zeros(design.nobs, dtype=np.int64) if design.unit is None else design.unit
    return design.take(np.lexsort((design.time, unit)))


def kernel_declined(info: EngineInfo, spec: Spec, design: Design, calendar: bool = False) -> Declined | None:
    """Kernel covariances whose lags aren't what the packages' row shifts are, seen only in the data.

    calendar: whether the engine can count Driscoll-Kraay's lags in units of time.
    """
    if not spec.vcov.in_time:
        return None
    if design.time is None:
        return Declined(engine=info.id, gap="never", reason="its kernel covariances need a time variable")
    in_time = spec.vcov.kind == "DK" and bool(spec.vcov.lags) and spec.convention.kraay_gaps == "kept"
    if in_time and not calendar and np.any(np.diff(np.unique(design.time)) != 1):
        reason = "its lags count the periods of the sample, and whole periods are missing from it"
        return Declined(engine=info.id, gap="never", reason=reason)
    if spec.vcov.kind == "NW" and spec.vcov.lags:
        if design.unit is None and len(np.unique(design.time)) < design.nobs:
            return Declined(engine=info.id, gap="never", reason="rows of the same period and no unit: no order in time")
        if design.unit is not None and _has_gaps(design):
            return Declined(engine=info.id, gap="never", reason="its lags are row shifts, and a unit of this panel has gaps")
    return None


def _has_gaps(design: Design) -> bool:
    """Whether a unit misses a period between its first and its last."""
    ordered = by_unit_and_time(design)
    same = np.diff(ordered.unit) == 0
    return bool((np.diff(ordered.time)[same] != 1).any())


def leverage_declined(info: EngineInfo, spec: Spec, design: Design, x: np.ndarray) -> Declined | None:
    """HC2 and HC3 where a row is fitted whatever its outcome: the packages divide its residual, zero, by 1 - h, zero.

    x: the whole design, dummies included.
    """
    if spec.vcov.kind not in ROW_LEVERAGE:
        return None
    frequency = design.weight_kind == "frequency"
    root = np.ones(design.nobs) if design.weights is None else np.sqrt(design.weights)
    leverage = (np.linalg.qr(x * root[:, None])[0] ** 2).sum(1) / (design.weights if frequency else 1.0)
    if leverage.max() < 1 - NULL:
        scale = 1.0 if design.weights is None or frequency else leverage_scale(spec.convention, design.weights)
        if (leverage * scale).max() < 1 - NULL:
            return None
        return Declined(engine=info.id, gap="never", reason="without its weight a row has leverage 1 or more")
    return Declined(engine=info.id, gap="never", reason="a row has leverage 1, and it divides by 1 - h without a look")


def too_wide(design: Design, columns: int | None = None) -> bool:
    """Whether so many dummies, or those of all levels, would be too large a dense matrix."""
    columns = sum(a.levels for a in design.facts.absorbed) if columns is None else columns
    return design.nobs * columns * max(columns, NARROW) > DENSE_WORK


def dummies(design: Design) -> np.ndarray:
    """Dummy columns (n, rank) that span all fixed effects, the constant included, without a redundant one."""
    codes = list(design.effects.values())
    if not codes:
        return np.empty((design.nobs, 0))
    blocks = [(code[:, None] == np.arange(int(code.max()) + 1)).astype(float) for code in codes]
    if len(codes) == 2:
        # each component of the graph of levels loses one coefficient: drop its first level of the second effect
        _, first = np.unique(_component_of(codes), return_index=True)
        blocks[1] = np.delete(blocks[1], first, axis=1)
    together = np.hstack(blocks)
    if len(codes) > 2:
        from scipy.linalg import qr

        _, pivot = qr(together, mode="r", pivoting=True)
        together = together[:, np.sort(pivot[: design.facts.absorbed_rank])]
    return together


def _component_of(codes: Sequence[np.ndarray]) -> np.ndarray:
    """The connected component to which each level of the second effect belongs."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components as components

    left, right = codes
    n_left, n = int(left.max()) + 1, int(left.max()) + int(right.max()) + 2
    label = components(coo_array((np.ones(len(left)), (left, n_left + right)), shape=(n, n)), directed=False)[1]
    return label[n_left:]


# ---------------------------------------------------------------- what is said about a run


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect the warnings raised inside, each text once, instead of showing them.

    Names of columns stay Python's meanwhile: pandas makes an array of Arrow's of each of a fit's many small indices, which
    takes up to a third of the fit.
    """
    import pandas as pd

    texts: list[str] = []
    with pd.option_context("mode.string_storage", "python"), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield texts
    about_estimate = [w for w in caught if not issubclass(w.category, DeprecationWarning | FutureWarning)]
    texts.extend(dict.fromkeys(" ".join(str(w.message).split()) for w in about_estimate))


def is_profile(spec: Spec, profile: str) -> bool:
    """Whether the spec's convention is this profile in every setting, not by name only."""
    return spec.convention == PROFILES[profile]


def legend(spec: Spec, design: Design) -> str:
    """Which safe name stands for which column, for a reader of `command`."""
    pairs = safe.all_names(design, str(spec.formula.outcome), offset="" if spec.offset is None else str(spec.offset))
    return ", ".join(f"{short} = {name}" for short, name in pairs.items())


def shown(options: Mapping[str, Any]) -> str:
    """Keyword arguments as they are typed; arrays and frames, such as clusters, as dots."""
    typed = {name: _without_arrays(value) for name, value in options.items()}
    return ", ".join(f"{name}={'...' if hasattr(options[name], 'shape') else repr(one)}" for name, one in typed.items())


def _without_arrays(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_arrays(one) for name, one in value.items()}
    return "..." if hasattr(value, "shape") else value


def as_shipped(
    info: EngineInfo, spec: Spec, design: Design, names: Sequence[str], coef: Any, matrix: Any, table: Mapping[str, Any],
    said: Sequence[str], **more: Any,
) -> Estimate:  # fmt: skip
    """What a package printed by itself, terms in the design's order.

    names: canonical names in the package's order; others, such as dummies, have none that the design knows.
    """
    terms = tuple(t for t in design.terms if t in names)
    order = [list(names).index(t) for t in terms]
    printed = printed_table(names, table)
    return Estimate(
        engine=info.id, terms=terms, coef=tuple(np.asarray(coef)[order].tolist()),
        parts=(Part(cluster=spec.vcov.cluster, matrix=np.asarray(matrix)[np.ix_(order, order)].tolist()),), basis=BASIS,
        printed={t: printed[t] for t in terms}, versions=package_versions(info), warnings=tuple(said), **more,
    )  # fmt: skip


#: Read from disk once: what a process has imported stays what it was, and each estimate asks.
_installed = cache(version)


def package_versions(info: EngineInfo) -> dict[str, str]:
    """Versions of the packages that identify an engine."""
    return {package: _installed(package) for package in info.packages}
