"""Least squares of one outcome on one column beside every subset of others, in batches, from one sample's coordinates.

A column of a sample is Q times its coordinates, Q orthonormal with the fixed effects and all that is never left out taken
out (`parity.algebra.moments`). Subsets are a tree, a column a level: what is left of all later columns once those taken so
far are out (modified Gram and Schmidt) is found once for all subsets that share them, so a subset costs a projection or two
and no inverse. With the rows of a cluster kept as A_g = Q_g'Q_g, a coefficient's clustered variance is a sum of
(pi' A_g rho)^2, where pi are the coordinates of the column net of the others over its square, and rho of the residuals:
quadratic in z = vec(pi rho'), so one product of matrices serves a whole batch (`Meat`).

Projections one after another lose as many digits as columns are near collinear; so what is not plainly far from that is
marked as not `clear`, for a method that looks closer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from parity.algebra.first_stage import FirstStage
from parity.algebra.orthonormal import MUCH

#: What all other columns must leave of each, as a share of its norm: at most some 2e-10 is lost by the square of it.
FAR = 1e-3
#: Subsets solved at once: their arrays stay in the processor's cache.
BATCH = 1024


@dataclass(frozen=True)
class Coordinates:
    """Columns of one sample, m coordinates each, and what is left out of none.

    outcome   (m,); column: (m,) whose coefficient is asked
    others    (p, m) a row a column
    tools     (l, m) excluded instruments of `column`; without any it is exogenous
    sizes     norms before anything was taken out: of the outcome, the column, the others (p,), the tools (l,)
    """

    outcome: np.ndarray
    column: np.ndarray
    others: np.ndarray
    tools: np.ndarray
    sizes: tuple[float, float, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Solved:
    """A batch of b solutions.

    coef    (b,) of the column asked; pull, resid: (m, b) coordinates: pi and rho above
    clear   (b,) whether the columns are far from collinear and leave a residual
    first   the column on its tools, where it has any
    """

    coef: np.ndarray
    pull: np.ndarray
    resid: np.ndarray
    clear: np.ndarray
    first: FirstStage | None = None


class Solver:
    """Solves subsets of the others beside the column, by least squares or two-stage least squares."""

    def __init__(self, at: Coordinates):
        rows = np.vstack([at.others, at.tools, at.column[None]])
        sizes = np.concatenate([at.sizes[2], at.sizes[3], [at.sizes[1]]])
        lengths = np.linalg.norm(rows, axis=1)
        #: of what an effect or a fixed column has left little
        self._low = lengths <= MUCH * sizes
        safe = np.where(lengths > 0, lengths, 1.0)
        self._length, self._tools = safe[-1], len(at.tools)
        self._least = MUCH**2 * (at.outcome @ at.outcome)
        self._rows = np.vstack([rows / safe[:, None], at.outcome])

    def of(self, sets: np.ndarray) -> Iterator[tuple[np.ndarray, Solved]]:
        """sets: (c, p) booleans, which of the others are in. In batches: numbers of the sets, and their solutions."""
        octets = np.packbits(sets, axis=1)
        order = np.lexsort(octets.T[::-1]) if octets.shape[1] else np.arange(len(sets))
        share = self._share(sets)
        low = self._low[-self._tools - 1 :].any() | sets[:, self._low[: sets.shape[1]]].any(axis=1)
        for start in range(0, len(sets), BATCH):
            which = order[start : start + BATCH]
            coef, pull, resid, strength, first = self._ended(*self._tree(sets[which]))
            leaves = np.einsum("mb,mb->b", resid, resid)
            clear = (share[which] * strength > FAR**2) & ~low[which] & (leaves > self._least)
            yield which, Solved(coef / self._length, pull / self._length, resid, clear, first)

    def _tree(self, sets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What each set leaves of tools, column and outcome, (l + 2, m, leaves), and (b,) the leaf of each set."""
        rows, at = self._rows[:, :, None], np.zeros(len(sets), dtype=np.intp)
        for inside in sets.T:
            nodes = rows.shape[2]
            child = at + nodes * inside
            taken = np.zeros(2 * nodes, dtype=bool)
            taken[child] = True
            at = (np.cumsum(taken) - 1)[child]
            without, with_it = (_some(rows, part) for part in (taken[:nodes], taken[nodes:]))
            split = without.shape[2]
            rows = np.empty((len(rows) - 1, rows.shape[1], split + with_it.shape[2]))
            rows[:, :, :split] = without[1:]
            if with_it.shape[2]:
                _net(with_it[1:], with_it[0], rows[:, :, split:])
        return rows, at

    def _ended(
        self, rows: np.ndarray, at: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, FirstStage | None]:
        """Coefficient, pull and residuals of each set, the square of what is left of the column, of length one at first, or
        of its projection on the tools, and this projection."""
        column, outcome = rows[-2], rows[-1]
        fitted, tools, left = column, [], rows[:-1]
        for _ in range(self._tools):
            tools.append(left[0])
            left = _net(left[1:], left[0], np.empty_like(left[1:]))
        if self._tools:
            fitted = column - left[0]
        square = np.einsum("mb,mb->b", fitted, fitted)
        safe = np.where(square > 0, square, 1.0)
        coef = np.einsum("mb,mb->b", fitted, outcome) / safe
        found = coef, fitted / safe, outcome - coef * column, square if self._tools else np.ones_like(square)
        if not np.array_equal(at, np.arange(len(coef))):
            found = tuple(part[..., at] for part in found)  # type: ignore[assignment]
            fitted, tools, left = fitted[:, at], [tool[:, at] for tool in tools], left[..., at]
        return *found, _first(np.array(tools), fitted, left[0]) if self._tools else None

    def _share(self, sets: np.ndarray) -> np.ndarray:
        """(c,) the least share of a column's square that all others of its set leave, or less: of all columns where it is
        large, as more columns leave less. Of the tools and the others; without tools, of the column and the others."""
        p, tools = sets.shape[1], self._tools
        rows = self._rows[: p + tools] if tools else self._rows[:-1]
        gram = rows @ rows.T
        whole = _left(gram[None])[0]
        if whole > FAR**2:
            return np.full(len(sets), whole)
        found, many = np.empty(len(sets)), sets.sum(axis=1)
        ends = np.arange(p, len(gram))
        for k in np.unique(many):
            of_size = np.flatnonzero(many == k)
            for at in (of_size[i : i + BATCH] for i in range(0, len(of_size), BATCH)):
                inside = np.nonzero(sets[at])[1].reshape(len(at), k)
                found[at] = _left(within(gram, np.hstack([inside, np.broadcast_to(ends, (len(at), len(ends)))])))
        return found


def _first(tools: np.ndarray, fitted: np.ndarray, left: np.ndarray) -> FirstStage:
    square = np.einsum("lmb,lmb->lb", tools, tools)
    unit = tools / np.sqrt(np.where(square > 0, square, 1.0))[:, None]
    return FirstStage(unit, np.einsum("lmb,mb->lb", unit, fitted), left)


def _some(rows: np.ndarray, which: np.ndarray) -> np.ndarray:
    return rows if which.all() else rows[:, :, which]


def _net(rows: np.ndarray, pivot: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Rows (r, m, b) net of the pivot (m, b), written to `out`."""
    square = np.einsum("mb,mb->b", pivot, pivot)
    along = np.einsum("rmb,mb->rb", rows, pivot) / np.where(square > 0, square, 1.0)
    np.multiply(along[:, None], pivot, out=out)
    return np.subtract(rows, out, out=out)


def within(square: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(b, k, k): a (p, p) matrix's rows and columns `at`, (b, k)."""
    return square.take(at[:, :, None] * len(square) + at[:, None, :])


def _left(gram: np.ndarray) -> np.ndarray:
    """(b,) the least share of a column's square that all others leave, of (b, k, k) correlations; 0: not to be told."""
    k = gram.shape[1]
    if not k:
        return np.ones(len(gram))
    try:
        inverse = np.linalg.inv(gram)
    except np.linalg.LinAlgError:  # one of the batch is singular to the last bit
        inverse = np.linalg.inv(gram + 1e-13 * np.eye(k))
    left = np.diagonal(inverse, axis1=1, axis2=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.all(np.isfinite(left) & (left > 0), axis=1), 1 / left.max(axis=1), 0.0)


#: Numbers of rows, or of their products, held at once.
CHUNK = 4_000_000
#: Rows of a symmetric form that are multiplied at once.
STEP = 32


class Meat:
    """The middle of a sandwich as a quadratic form in z = pi rho': the sum over clusters of (pi' A_g rho)^2.

    basis    (n, m) orthonormal rows times root weights
    code     (n,) cluster of a row, or None: every row is one
    counts   (n,) observations that a row stands for, where it is one
    Few clusters are kept as rows; more of them than their own form is wide are kept as that form.
    """

    def __init__(self, basis: np.ndarray, code: np.ndarray | None = None, counts: np.ndarray | None = None):
        i, j = np.triu_indices(basis.shape[1])
        if code is None:
            order, sizes = np.arange(len(basis)), np.ones(len(basis), dtype=np.intp)
        else:
            order = np.argsort(code, kind="stable")
            sizes = np.diff(np.flatnonzero(np.r_[True, np.diff(code[order]) != 0, True]))
        first = np.cumsum(sizes) - sizes
        narrow = len(sizes) <= len(i)
        self._rows: np.ndarray | None = np.empty((len(sizes), len(i))) if narrow else None
        self._form: np.ndarray | None = None if narrow else np.zeros((len(i), len(i)))
        for size in np.unique(sizes):
            of_size = np.flatnonzero(sizes == size)
            most = max(CHUNK // (max(int(size), basis.shape[1]) * basis.shape[1]), 1)
            for at in (of_size[k : k + most] for k in range(0, len(of_size), most)):
                which = order[first[at][:, None] + np.arange(size)]
                rows = basis[which]  # (g, size, m): clusters of one size at once
                other = rows if counts is None else rows / np.sqrt(counts[which])[:, :, None]
                products = np.matmul(rows.transpose(0, 2, 1), other)[:, i, j]
                products[:, i == j] /= 2  # z has those twice
                if self._rows is not None:
                    self._rows[at] = products
                else:
                    self._form += products.T @ products
        if self._form is not None:
            for at in range(0, len(i), STEP):
                self._form[at : at + STEP, at + STEP :] *= 2

    @staticmethod
    def products(pull: np.ndarray, resid: np.ndarray) -> np.ndarray:
        """(m (m + 1) / 2, b): z as `variances` reads it, the same for all clusterings; in rows, which are gathered fast."""
        m, b = pull.shape
        z = np.empty((m * (m + 1) // 2, b))
        at = 0
        for i in range(m):  # in the order of numpy.triu_indices
            part = z[at : at + m - i]
            np.multiply(pull[i], resid[i:], out=part)
            part += resid[i] * pull[i:]
            at += m - i
        return z

    def variances(self, z: np.ndarray) -> np.ndarray:
        """(b,) sums of squares."""
        if self._rows is not None:
            scores = self._rows @ z
            return np.einsum("gb,gb->b", scores, scores)
        total = np.zeros(z.shape[1])
        for at in range(0, len(z), STEP):  # the form is symmetric: what is right of its diagonal counts twice
            rows = z[at : at + STEP]
            whole = self._form[at : at + STEP, at:] @ z[at:]
            total += np.einsum("qb,qb->b", whole, rows)
        return total
