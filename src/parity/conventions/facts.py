"""Facts: what is counted, not chosen. A convention turns them into a small-sample factor and degrees of freedom.

Everything here is an integer (or a sum of frequency weights) that follows from the estimation sample alone, so two
implementations can't differ about it without one of them being wrong. Satterthwaite's degrees of freedom are no integers,
but follow from sample, regressors and kind of covariance alike, and stand here where a convention asks for them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

#: Above this many dummy columns the exact rank of three or more fixed effects is replaced by reghdfe's pairwise bound.
EXACT_RANK_COLUMNS = 3_000


@dataclass(frozen=True)
class Absorbed:
    """One fixed effect as counted in the sample."""

    name: str
    levels: int
    nested_in: tuple[str, ...] = ()  # cluster variables that never split a level of this effect


@dataclass(frozen=True)
class Facts:
    """Counts of one estimation sample.

    nobs            rows used
    nobs_weighted   sum of frequency weights; equals nobs without them
    n_slopes        estimated coefficients: slopes, endogenous columns, and the intercept where there is one
    intercept       whether an intercept is among them
    absorbed        the fixed effects, in the order of the formula
    components      connected components of the graph of effects i and j, for every pair i < j
    absorbed_rank   exact rank of all dummy columns together (constant included); 0 without fixed effects
    clusters        number of clusters of every non-empty subset of the cluster variables
    periods         distinct periods (Driscoll-Kraay, Newey-West), 0 if the study has no time column
    dropped         regressors left out as absorbed or collinear
    n_missing, n_zero_weight, n_singletons, n_separated   rows left out, each with its reason
    lone            whether a level of a fixed effect has one row, so that singletons were kept
    balanced        whether every unit has as many rows; true where there is no unit
    own_df          coefficient -> its degrees of freedom of t, where the convention gives each its own (Satterthwaite)
    no_own_df       why they don't exist, where it does and they don't
    deviations      regressor -> its standard deviation over the rows, where there are several cluster variables
    uneven          why Newey-West's lags have no rows one period apart from each other throughout; "" where they have
    """

    nobs: int
    nobs_weighted: float
    n_slopes: int
    intercept: bool
    absorbed: tuple[Absorbed, ...] = ()
    components: Mapping[tuple[int, int], int] = ()  # type: ignore[assignment]
    absorbed_rank: int = 0
    clusters: Mapping[tuple[str, ...], int] = ()  # type: ignore[assignment]
    periods: int = 0
    dropped: tuple[str, ...] = ()
    n_missing: int = 0
    n_zero_weight: int = 0
    n_singletons: int = 0
    n_separated: int = 0
    lone: bool = False
    balanced: bool = True
    own_df: Mapping[str, float] = field(default_factory=dict)
    no_own_df: str = ""
    deviations: Mapping[str, float] = field(default_factory=dict)
    uneven: str = ""

    @property
    def rank(self) -> int:
        """Rank of the whole design: slopes and fixed effects."""
        return self.n_slopes + self.absorbed_rank

    @property
    def min_clusters(self) -> int:
        """G of the cluster variable that has fewest clusters."""
        return min(g for subset, g in self.clusters.items() if len(subset) == 1)


def sizes(codes: np.ndarray) -> np.ndarray:
    """How many rows each value of an integer code vector has, without those that have none."""
    counts = np.bincount(codes) if _few(codes) else np.unique(codes, return_counts=True)[1]
    return counts[counts > 0]


def n_levels(codes: np.ndarray) -> int:
    """Number of distinct values of an integer code vector."""
    if _few(codes):
        return int(np.count_nonzero(np.bincount(codes)))
    return len(np.unique(codes))


def compact(codes: np.ndarray) -> np.ndarray:
    """The codes from 0 without holes, in the same order."""
    if _few(codes):
        present = np.bincount(codes) > 0
        return codes if present.all() else (np.cumsum(present) - 1)[codes]
    return np.unique(codes, return_inverse=True)[1]


def _few(codes: np.ndarray) -> bool:
    """Whether a table of all codes costs less than sorting the rows."""
    return codes.dtype.kind == "i" and codes.min(initial=0) >= 0 and codes.max(initial=0) < 4 * len(codes)


def combine(columns: Sequence[np.ndarray]) -> np.ndarray:
    """One code per distinct combination of the code vectors."""
    combined = compact(np.asarray(columns[0], dtype=np.int64))
    for column in columns[1:]:
        inner = compact(column)
        combined = compact(combined * (int(inner.max(initial=0)) + 1) + inner)
    return combined


def is_nested(inner: np.ndarray, outer: np.ndarray) -> bool:
    """Whether every level of `inner` lies in one level of `outer`."""
    code, outer = compact(inner), np.asarray(outer)
    of_level = np.empty(int(code.max(initial=-1)) + 1, dtype=outer.dtype)
    of_level[code] = outer  # that of one row of each level
    return bool(np.array_equal(of_level[code], outer))


def connected_components(left: np.ndarray, right: np.ndarray) -> int:
    """Components of the bipartite graph whose edges are the rows (Abowd, Creecy and Kramarz 2002: mobility groups)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components as components

    i, j = compact(left), compact(right)
    n_left, n_right = int(i.max()) + 1, int(j.max()) + 1
    if n_levels(i[j == np.bincount(j).argmax()]) == n_left or n_levels(j[i == np.bincount(i).argmax()]) == n_right:
        return 1  # one level meets all levels of the other effect, as in a panel where a period has every unit
    graph = coo_array((np.ones(len(i)), (i, n_left + j)), shape=(n_left + n_right, n_left + n_right))
    return int(components(graph, directed=False)[0])


def absorbed_rank(effects: Sequence[np.ndarray], components: Mapping[tuple[int, int], int]) -> int:
    """Rank of the dummy columns of all effects together.

    One effect: its levels. Two: L1 + L2 - C exactly. Three and more: numerical rank of the distinct dummy rows while
    that is affordable, else the bound that reghdfe uses (each further effect loses the most components it forms with
    an earlier one).
    """
    if not effects:
        return 0
    levels = [n_levels(e) for e in effects]
    if len(effects) <= 2:
        return sum(levels) - sum(components.values())
    if sum(levels) <= EXACT_RANK_COLUMNS:
        return _dummy_rank(effects)
    return sum(levels) - sum(max(components[i, j] for i in range(j)) for j in range(1, len(levels)))


def _dummy_rank(effects: Sequence[np.ndarray]) -> int:
    """Numerical rank of all dummy columns, from their cross-products, each column scaled to length one."""
    codes = [compact(e) for e in effects]
    levels = [int(c.max(initial=-1)) + 1 for c in codes]
    tables = [
        [np.bincount(a * n_b + b, minlength=n_a * n_b).reshape(n_a, n_b) for b, n_b in zip(codes, levels, strict=True)]
        for a, n_a in zip(codes, levels, strict=True)
    ]
    gram = np.block(tables).astype(float)
    size = np.sqrt(np.diag(gram))
    return int(np.linalg.matrix_rank(gram / np.outer(size, size), hermitian=True))


def subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Non-empty subsets of the cluster variables in a fixed order: singles first, then pairs, ..."""
    return [s for size in range(1, len(names) + 1) for s in itertools.combinations(names, size)]


def count(
    effects: Mapping[str, np.ndarray],
    clusters: Mapping[str, np.ndarray],
    *,
    nobs: int,
    nobs_weighted: float,
    n_slopes: int,
    intercept: bool,
    periods: int = 0,
    dropped: tuple[str, ...] = (),
    n_missing: int = 0,
    n_zero_weight: int = 0,
    n_singletons: int = 0,
    n_separated: int = 0,
    unit: np.ndarray | None = None,
) -> Facts:
    """Count the facts of a sample.

    effects, clusters: code vectors of length nobs (integers from 0), by name; unit: the panel's
    """
    codes = list(effects.values())
    components = {
        (i, j): connected_components(codes[i], codes[j]) for j in range(len(codes)) for i in range(j)
    }  # fmt: skip
    return Facts(
        nobs=nobs,
        nobs_weighted=nobs_weighted,
        n_slopes=n_slopes,
        intercept=intercept,
        absorbed=tuple(
            Absorbed(name, n_levels(e), tuple(c for c, g in clusters.items() if is_nested(e, g)))
            for name, e in effects.items()
        ),
        components=components,
        absorbed_rank=absorbed_rank(codes, components),
        clusters={s: n_levels(combine([clusters[c] for c in s])) for s in subsets(tuple(clusters))},
        periods=periods,
        dropped=dropped,
        n_missing=n_missing,
        n_zero_weight=n_zero_weight,
        n_singletons=n_singletons,
        n_separated=n_separated,
        lone=any(bool((sizes(e) == 1).any()) for e in codes),
        balanced=unit is None or len(set(sizes(unit).tolist())) < 2,
    )
