"""A leverage whose dummies are not those it was solved for: estimatr's `getMeatXtX()` beside two redundant dummies or more.

A QR decomposition with column pivoting says which columns of [X, dummies] the others determine. estimatr takes these out
one after the other, each time shifting what stands to the right, but by their places from before the first shift: of two
redundant columns a < b the first goes, and then b + 1 in place of b. The inverse cross-product M is that of the columns
meant to stay, the columns U that it meets are others. Which columns are redundant is Eigen's choice: the one with the
longest remainder goes first, and remainders are updated as in LAPACK's xGEQPF (Drmac and Bujanovic 2008). Dummies of as
many rows tie, and the last bit of a sum, which is the processor's, decides: every outcome of such ties is found.

estimatr 1.0.4 to 1.0.6, src/lm_robust_helper.cpp; Eigen 3.4, ColPivHouseholderQR.h and LLT.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

from parity.algebra.covariance import NULL, groups, pseudo_power
from parity.base import tolerance
from parity.base.errors import Unestimable
from parity.engines.own.fit import Fit, solve
from parity.sample.design import Design
from parity.study.spec import Spec

#: A decomposition column by column of more than this takes seconds.
MOST_COLUMNS = 500
#: Times that ties are broken at random, and multiplications that all of them may take.
DRAWS, MOST_WORK = 24, 3e8
_EPS = float(np.finfo(float).eps)


def may_apply(design: Design) -> bool:
    """Whether two dummies are redundant beyond those that a model matrix leaves out anyway."""
    levels = [a.levels for a in design.facts.absorbed]
    columns = sum(levels) - len(levels) + 1
    plain = len(levels) > 1 and design.weights is None and not design.endog.shape[1]
    return plain and columns <= MOST_COLUMNS and columns - design.facts.absorbed_rank > 1


def all_columns(fit: Fit, design: Design) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """(n, k + m) regressors net of the effects, then dummies as `model.matrix(~ 0 + f1 + f2)` has them; of each dummy the
    effect and a row that has its level. design: that of the fit, codes as engines are given them.
    """
    blocks, rows = [fit.xt], []
    for i, code in enumerate(design.effects.values()):
        # R's order of levels that were numbers from 1 and became text: 1, 10, 11, 2; of later effects the first has none
        levels = sorted(np.unique(code).tolist(), key=lambda c: str(c + 1))[min(i, 1) :]
        blocks.append((code[:, None] == np.array(levels)).astype(float))
        rows += [(i, int(np.flatnonzero(code == level)[0])) for level in levels]
    return np.hstack(blocks), rows


def outcomes(columns: np.ndarray, code: np.ndarray) -> list[list[int]]:
    """What `redundant` finds, first as it stands, then with the ties broken otherwise; each once.

    code: clusters, by which the rows are sorted before the decomposition
    """
    rows, rng = columns[np.argsort(code, kind="stable")], np.random.default_rng(0)
    draws = min(DRAWS, int(MOST_WORK / (rows.size * rows.shape[1])))
    tilted = (rows * (1 + tolerance.TIED_LENGTHS * rng.random(rows.shape[1])) for _ in range(draws))
    return [list(out) for out in dict.fromkeys(tuple(redundant(a)) for a in chain([rows], tilted))]


def meant_and_held(out: list[int], p: int) -> tuple[list[int], list[int]]:
    """Places of the columns that should stay, and of those that do; equal where the defect does no harm.

    out: redundant ones of p, in the order in which they are taken out
    """
    meant = [i for i in range(p) if i not in out]
    held = np.arange(p)
    for place in out:
        rest = len(held) - place - 1
        if rest:
            held[place : place + rest] = held[-rest:].copy()
    return meant, held[: len(meant)].tolist()


def redundant(columns: np.ndarray) -> list[int]:
    """Columns that are left when the others span them, in the order in which pivoting leaves them."""
    a, (n, p) = columns.copy(), columns.shape
    place, size = np.arange(p), min(n, p)
    length = np.sqrt((a**2).sum(0))
    exact, none_below, rank = length.copy(), (length.max() * _EPS) ** 2 / n, size
    diagonal = np.zeros(size)
    for k in range(size):
        j = k + int(np.argmax(length[k:]))
        if rank == size and length[j] ** 2 < none_below * (n - k):
            rank = k
        for one in (a.T, length, exact, place):
            one[[k, j]] = one[[j, k]]
        diagonal[k] = _reflected(a, k)
        _shortened(a, k, length, exact)
    found = int((diagonal[:rank] > diagonal.max() * _EPS * size).sum())
    return place[found:].tolist()


def _reflected(a: np.ndarray, k: int) -> float:
    """Householder's reflection of column k, applied to those on its right; the size of the diagonal entry."""
    tail = float((a[k + 1 :, k] ** 2).sum())
    if tail <= np.finfo(float).tiny:
        return abs(float(a[k, k]))
    beta = -np.copysign(np.sqrt(a[k, k] ** 2 + tail), a[k, k])
    v = np.concatenate([[1.0], a[k + 1 :, k] / (a[k, k] - beta)])
    a[k:, k + 1 :] -= (beta - a[k, k]) / beta * np.outer(v, v @ a[k:, k + 1 :])
    a[k, k], a[k + 1 :, k] = beta, 0.0
    return abs(float(beta))


def _shortened(a: np.ndarray, k: int, length: np.ndarray, exact: np.ndarray) -> None:
    """Lengths of what is left of the columns on the right of k, computed anew where too many digits have gone."""
    right = k + 1 + np.flatnonzero(length[k + 1 :])
    ratio = np.abs(a[k, right]) / length[right]
    left = np.maximum((1 + ratio) * (1 - ratio), 0.0)
    anew = left * (length[right] / exact[right]) ** 2 <= np.sqrt(_EPS)
    length[right[~anew]] *= np.sqrt(left[~anew])
    length[right[anew]] = exact[right[anew]] = np.sqrt((a[k + 1 :, right[anew]] ** 2).sum(0))


# ---------------------------------------------------------------- what comes of it


@dataclass(frozen=True)
class LostDummy:
    """A fit, and the columns of its leverage: those meant to stay and those that do, by place.

    columns, levels   as `all_columns` gives them; code: clusters
    """

    fit: Fit
    code: np.ndarray
    columns: np.ndarray
    levels: list[tuple[int, int]]
    meant: list[int]
    held: list[int]

    @property
    def redundant(self) -> list[tuple[int, int]]:
        """Of the dummies meant to go: the effect, and a row number of the data file with the level."""
        return self._rows_of(set(range(self.columns.shape[1])) - set(self.meant))

    @property
    def lost(self) -> list[tuple[int, int]]:
        """The same of those that go in place of others."""
        return self._rows_of(set(self.meant) - set(self.held))

    def _rows_of(self, places: set[int]) -> list[tuple[int, int]]:
        k = len(self.fit.terms)
        levels = [self.levels[i - k] for i in sorted(places) if i >= k]
        return [(effect, int(self.fit.design.rows[row])) for effect, row in levels]

    def covariance(self) -> tuple[np.ndarray, np.ndarray]:
        """(k, k) CR2, and (k,) degrees of freedom by Satterthwaite's formula."""
        meant, held, k = self.columns[:, self.meant], self.columns[:, self.held], len(self.fit.terms)
        inverse = np.linalg.inv(meant.T @ meant)
        middle = inverse @ held.T @ held @ inverse
        scores, moved, sizes = [], [], []
        for rows in groups(self.code):
            u = held[rows]
            h = u @ inverse @ u.T
            values, vectors = np.linalg.eigh(np.eye(len(rows)) - h - h.T + u @ middle @ u.T)
            adjusted = (vectors * pseudo_power(values, -0.5)) @ (vectors.T @ u)
            scores.append(self.fit.resid[rows] @ adjusted[:, :k])
            own = (inverse @ adjusted.T)[:k]
            moved.append(own @ u)
            sizes.append((own**2).sum(1))
        half, root = np.array(scores) @ self.fit.bread, triangle(middle)
        return half.T @ half, _degrees(np.array(moved), np.array(sizes), root @ root.T - 2 * inverse)


def found(design: Design, spec: Spec) -> tuple[LostDummy, ...]:
    """What may become of the leverage of this design, rows and codes as engines are given them; none where it is sound."""
    try:
        fit = solve(design, spec)
    except (ValueError, np.linalg.LinAlgError, Unestimable):
        return ()
    (code,) = design.clusters.values()
    columns, levels = all_columns(fit, design)
    lost = [LostDummy(fit, code, columns, levels, *meant_and_held(out, columns.shape[1])) for out in outcomes(columns, code)]
    return tuple(each for each in lost if each.meant != each.held)


def _block(n: int) -> int:
    """Rows that Eigen's `llt_inplace` takes at once: an eighth, in whole sixteens, 8 to 128; all where they are few."""
    return n if n < 32 else min(max(n // 8 // 16 * 16, 8), 128)


def triangle(a: np.ndarray) -> np.ndarray:
    """Cholesky's lower triangle as Eigen leaves it: block by block, given up where a pivot isn't positive.

    Columns that took a wrong one's place may repeat each other, and then the matrix is singular.
    """
    a, n = a.copy(), len(a)
    block = _block(n)
    null = NULL * np.diag(a).max()
    for start in range(0, n, block):
        end = min(start + block, n)
        for k in range(start, end):
            pivot = a[k, k] - (a[k, start:k] ** 2).sum()
            if pivot <= null:
                return np.tril(a)
            a[k, k] = np.sqrt(pivot)
            a[k + 1 : end, k] = (a[k + 1 : end, k] - a[k + 1 : end, start:k] @ a[k, start:k]) / a[k, k]
        corner = np.tril(a[start:end, start:end])
        a[end:, start:end] = np.linalg.solve(corner, a[end:, start:end].T).T
        a[end:, end:] -= a[end:, start:end] @ a[end:, start:end].T
    return np.tril(a)


def _degrees(moved: np.ndarray, sizes: np.ndarray, between: np.ndarray) -> np.ndarray:
    """(tr P)^2 / tr(P P) of each coefficient; moved (G, k, r), sizes (G, k), P = m between m' + diag(sizes)."""
    out = []
    for j in range(sizes.shape[1]):
        p = moved[:, j] @ between @ moved[:, j].T + np.diag(sizes[:, j])
        out.append(np.trace(p) ** 2 / (p**2).sum())
    return np.array(out)
