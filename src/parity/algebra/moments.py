"""Absorb once, keep cross-products per cluster: then estimates of any subset of columns under any weights are small algebra.

All columns of a sample, outcomes and instruments among them, are written as C = Q T with Q orthonormal. Its first r
columns span the *nuisance*: the intercept, or the dummies of those fixed effects that are kept as columns. The other
effects are projected out of everything beforehand. What is kept of a cluster is A_g = Q_g'Q_g. These add up: the sum of
w_g A_g over clusters is the cross-product of a sample in which cluster g stands w_g times, so a bootstrap draw, a
jackknife, or a group of units is one weighted sum of small matrices. Over the whole sample the sum is the identity, so
no condition number is squared, as cross-products of the columns themselves would do.

When that is exact. A fixed effect whose levels never cross clusters is projected out cluster by cluster, and a copy of
a cluster is projected as the cluster is, whether the copies share their levels or get new ones: both least-squares
problems have the same slopes. Every other effect must stay as columns. Where it has too many levels for that,
`sample` raises `TooMany`, and a draw must be absorbed again (`parity.analyses.replicates.refitting`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from parity.algebra.absorb import Absorber, absorber, norms
from parity.algebra.collinear import independent
from parity.algebra.orthonormal import orthonormal as factored
from parity.base.tolerance import COLLINEAR
from parity.conventions.facts import is_nested

#: Dummy columns kept beside the regressors: a cluster's cross-products then have this many rows and columns.
MOST_COLUMNS = 600
#: Numbers in the dummies that are kept beside the regressors (400 MB): of more rows all effects are projected out.
MOST_DUMMIES = 50_000_000
#: Numbers in the cross-products of all clusters (1 GB).
MOST_NUMBERS = 120_000_000


class TooMany(ValueError):
    """Fixed effects that cross clusters have too many levels to be kept as columns."""


class Undetermined(ValueError):
    """A column is determined by the fixed effects or by columns before it, so it has no coefficient."""


@dataclass(frozen=True)
class Sample:
    """The rows of one sample with fixed effects absorbed; n rows, p columns.

    names      of the columns
    basis      (n, m) orthonormal, times root weights; its first `nuisance` columns span what stands beside the regressors
    triangle   (m, p): a column times root weights, absorbed effects (and its mean) out, is basis @ triangle[:, j]
    means      (p,) weighted means that were taken out: zero where neither an intercept nor an effect absorbs them
    size, tss  (p,) norms before anything was absorbed; sums of squares about the mean (zero without a constant)
    intercept  whether the nuisance is an intercept alone, so that it has a coefficient
    absorbed   rank of the effects that were projected out, and whether that was done in closed form (`exact`)
    """

    names: tuple[str, ...]
    basis: np.ndarray
    triangle: np.ndarray
    nuisance: int
    means: np.ndarray
    size: np.ndarray
    tss: np.ndarray
    weights: np.ndarray | None
    intercept: bool
    absorbed: int | None
    exact: bool


def sample(
    columns: Mapping[str, np.ndarray],
    *,
    effects: Mapping[str, np.ndarray] | None = None,
    intercept: bool = False,
    weights: np.ndarray | None = None,
    within: Collection[str] | None = None,
) -> Sample:
    """Absorb and orthonormalise.

    columns     name -> (n,) numbers; regressors in the order of the model and outcomes last keep most digits, for a
                leading set of columns has its own triangle already
    effects     name -> (n,) codes from 0. Those named in `within` are projected out, the rest become columns;
                None: the one with most levels is projected out, and the rest too where they are too many for columns, or
                would take too much memory
    intercept   without effects only; with effects it is among them
    Raises `TooMany`.
    """
    effects = dict(effects or {})
    names = tuple(columns)
    given = np.array([np.asarray(columns[name], dtype=float) for name in names]).T.reshape(-1, len(names))
    n = len(given)
    out, kept = _split(effects, within)
    constant = intercept and not effects
    power = np.array([_power_of_two(column) for column in given.T])
    given = given * power
    root = None if weights is None else np.sqrt(weights)
    centred = constant or bool(effects)
    means = np.average(given, axis=0, weights=weights) if centred and n else np.zeros(len(names))
    about = _rooted(given - means, root)
    dummies, before = _dummies(kept, n, constant, weights)
    projection = absorber(out, weights) if out else None
    # an effect kept as columns takes the mean out with it; so does an intercept
    left = _rooted(projection.residual(given - means), root) if projection else about
    beside = dummies if projection is None else _net(dummies, kept, projection)
    beside = _rooted(beside, root)
    beside = beside.T[independent(beside, before)].T
    whole = np.vstack([beside.T, left.T]).T
    q, r = factored(whole) if len(whole) >= whole.shape[1] else np.linalg.qr(whole)
    return Sample(
        names, np.asfortranarray(q), r[:, beside.shape[1] :] / power, beside.shape[1],
        means=means / power if constant else np.zeros(len(names)),
        size=norms(np.asfortranarray(_rooted(given, root))) / power,
        tss=np.einsum("ij,ij->j", about, about) / power**2, weights=weights, intercept=constant,
        absorbed=(projection.rank if projection.exact else None) if projection else 0,
        exact=projection is None or projection.exact,
    )  # fmt: skip


def nested(effects: Mapping[str, np.ndarray], code: np.ndarray) -> tuple[str, ...]:
    """The effects whose levels never cross the clusters `code`: what a draw of whole clusters may project out once."""
    return tuple(name for name, effect in effects.items() if is_nested(effect, code))


def _split(effects: dict[str, np.ndarray], within: Collection[str] | None) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Codes of the effects to project out, and of those to keep as columns."""
    levels = {name: int(code.max(initial=0)) + 1 for name, code in effects.items()}
    rows = max(map(len, effects.values()), default=0)
    if within is None:
        largest = max(levels, key=levels.__getitem__, default=None)
        rest = sum(levels.values()) - levels.get(largest, 0)
        within = tuple(effects) if rest > MOST_COLUMNS or rest * rows > MOST_DUMMIES else (largest,)
    kept = [name for name in effects if name not in within]
    if sum(levels[name] for name in kept) > MOST_COLUMNS:
        total = sum(levels[name] for name in kept)
        raise TooMany(f"{' and '.join(kept)} cross the clusters and have {total} levels, above {MOST_COLUMNS}")
    return [code for name, code in effects.items() if name in within], [effects[name] for name in kept]


def _dummies(
    codes: Sequence[np.ndarray], n: int, constant: bool, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """(n, r) dummies of all levels, or a constant, in Fortran order; and (r,) their norms under the weights."""
    if constant:
        return np.ones((n, 1)), np.sqrt([n if weights is None else weights.sum()])
    levels = [int(code.max(initial=0)) + 1 for code in codes]
    out, start = np.zeros((n, sum(levels)), order="F"), 0
    for code, many in zip(codes, levels, strict=True):
        out.T.reshape(-1)[(code + start) * n + np.arange(n)] = 1.0
        start += many
    counted = [np.bincount(code, weights, minlength=many) for code, many in zip(codes, levels, strict=True)]
    return out, np.sqrt(np.concatenate([np.empty(0), *counted]))


def _net(dummies: np.ndarray, codes: Sequence[np.ndarray], projection: Absorber) -> np.ndarray:
    """Dummies of these codes net of effects, of one by counting; what they were is lost."""
    if projection.others or not projection.exact:
        return projection.residual(dummies, overwrite=True)
    start, (main, size, weights) = 0, (projection.main, projection.main_weight, projection.weights)
    for code in codes:
        many = int(code.max(initial=0)) + 1
        shares = np.bincount(main + code * len(size), weights, minlength=len(size) * many).reshape(many, -1)
        shares = shares / np.where(size > 0, size, 1.0)
        for column, share in zip(dummies.T[start : start + many], shares, strict=True):
            column -= share[main]
        start += many
    return dummies


def _rooted(columns: np.ndarray, root: np.ndarray | None) -> np.ndarray:
    return columns if root is None else columns * root[:, None]


def _power_of_two(column: np.ndarray) -> float:
    largest = float(np.abs(column).max(initial=0.0))
    return float(np.ldexp(1.0, -int(np.frexp(largest)[1]))) if largest > 0 else 1.0


# ---------------------------------------------------------------- cross-products


@dataclass(frozen=True)
class Products:
    """What is kept of a sample: cross-products of its basis by cluster, and the way back to its columns.

    gram   (G, m, m) A_g; they add up to the identity
    rest   as in `Sample`
    """

    names: tuple[str, ...]
    gram: np.ndarray
    triangle: np.ndarray
    size: np.ndarray
    nuisance: int

    @property
    def clusters(self) -> int:
        return len(self.gram)

    def take(self, clusters: np.ndarray) -> Products:
        """Some of the clusters, by mask or index."""
        return Products(self.names, self.gram[clusters], self.triangle, self.size, self.nuisance)


def products(of: Sample, code: np.ndarray) -> Products:
    """Cross-products by cluster. code: (n,) integers from 0.

    Exact under any weights of the clusters only if the effects that were projected out are `nested` in them.
    Raises `TooMany` where they would not fit into memory.
    """
    groups, m = int(code.max(initial=-1)) + 1, of.basis.shape[1]
    if groups * m * m > MOST_NUMBERS:
        raise TooMany(f"{groups} clusters of {m} x {m} cross-products are too many to keep")
    return Products(of.names, _grams(of.basis, code, groups), of.triangle, of.size, of.nuisance)


def _grams(basis: np.ndarray, code: np.ndarray, groups: int) -> np.ndarray:
    """(G, m, m): a product for each cluster, of its rows side by side."""
    sizes = np.bincount(code, minlength=groups)
    by = code if np.all(np.diff(code) >= 0) else code[order := np.argsort(code, kind="stable")]
    rows = np.ascontiguousarray(basis if by is code else basis[order])
    ends = np.searchsorted(by, np.arange(groups + 1))
    gram = np.empty((groups, basis.shape[1], basis.shape[1]))
    for size in np.unique(sizes):  # clusters of one size at once
        of = np.flatnonzero(sizes == size)
        blocks = rows[ends[of][:, None] + np.arange(size)]
        gram[of] = blocks.transpose(0, 2, 1) @ blocks
    return gram


# ---------------------------------------------------------------- the whole sample


@dataclass(frozen=True)
class Solution:
    """Least squares or two-stage least squares of one outcome on some columns of a sample; s coefficients.

    terms, coef   names and (s,) values, without the intercept
    pull          (m, s): basis @ pull are the rows (X'X)^-1 x_i, nuisance and first stage out
    resid         (m,): basis @ resid are the residuals
    bread, ssr    (s, s) and a number
    ssr_within    sum of squares of the outcome net of all effects
    """

    terms: tuple[str, ...]
    coef: np.ndarray
    pull: np.ndarray
    resid: np.ndarray
    ssr: float
    ssr_within: float

    @property
    def bread(self) -> np.ndarray:
        return self.pull.T @ self.pull

    def scores(self, gram: np.ndarray) -> np.ndarray:
        """(G, s) scores of clusters, from their cross-products (G, m, m) of the whole basis."""
        return (gram @ self.resid) @ self.pull


def solve(
    of: Sample | Products, outcome: str, exog: Sequence[str], endog: Sequence[str] = (), z: Sequence[str] = ()
) -> Solution:
    """OLS of `outcome` on `exog`, or two-stage least squares with `endog` instrumented by `z`, over the whole sample.

    Raises `Undetermined`.
    """
    terms = (*exog, *endog)
    free, size = coordinates(of, (outcome, *terms, *z))
    y, x, first = (
        free[:, 0],
        free[:, 1 : len(terms) + 1],
        free[:, [*range(1, len(exog) + 1), *range(len(terms) + 1, free.shape[1])]],
    )
    regressors = x
    if endog:
        first = np.linalg.qr(first[:, independent(first, norms(first))])[0]
        regressors = np.hstack([x[:, : len(exog)], first @ (first.T @ x[:, len(exog) :])])
    q, inverse = orthonormal(regressors, x, size[1 : len(terms) + 1], terms)
    b = inverse @ (q.T @ y)
    b += inverse @ (q.T @ (y - x @ b))  # what rounding left of the normal equations
    resid = y - x @ b
    r = of.nuisance
    return Solution(
        terms, b, np.vstack([np.zeros((r, len(terms))), q @ inverse.T]), np.concatenate([np.zeros(r), resid]),
        ssr=float(resid @ resid), ssr_within=float(y @ y),
    )  # fmt: skip


def coordinates(of: Sample | Products, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(m - r, .) coordinates of columns net of the nuisance, and their norms before anything was taken out.

    Raises `KeyError` where there is no such column.
    """
    place = {name: i for i, name in enumerate(of.names)}
    at = [place[name] for name in names]
    return of.triangle[of.nuisance :, at], of.size[at]


def orthonormal(
    columns: np.ndarray, free: np.ndarray, size: np.ndarray, names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Q and R^-1 of columns (m, s). Raises `Undetermined` with the first that others determine.

    free: the columns before a first stage; size: their norms before the nuisance was taken out.
    """
    if columns.shape[1] > columns.shape[0]:
        raise Undetermined(f"{columns.shape[1]} columns in {columns.shape[0]} dimensions")
    q, r = np.linalg.qr(columns)
    left = norms(free)
    lost = (left <= COLLINEAR * size) | (np.abs(np.diag(r)) <= COLLINEAR * left)
    if lost.any():
        raise Undetermined(f"`{names[int(np.flatnonzero(lost)[0])]}` is determined by the effects or the columns before it")
    return q, np.linalg.solve(r, np.eye(len(r)))
