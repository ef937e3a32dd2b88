"""Least squares of one outcome on one column beside every subset of others, in batches, from one sample's coordinates.

A column of a sample is Q times its coordinates, Q orthonormal with the fixed effects and all that is never left out taken
out (`parity.algebra.moments`). With the rows of a cluster kept as A_g = Q_g'Q_g, a coefficient's clustered variance is a sum
of (pi' A_g rho)^2, where pi are the coordinates of the column net of the others over its square, and rho of the residuals:
quadratic in z = vec(pi rho'), so one product of matrices serves a whole batch (`Meat`).

Normal equations square the condition number; so columns have length one, one step of refinement works on the coordinates
themselves, and what is not plainly far from collinear is marked as not `clear`, for a method that looks closer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parity.algebra.orthonormal import MUCH


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

    coef    (b,) of the column asked; pull, resid: (b, m) coordinates: pi and rho above
    clear   (b,) whether the columns are far from collinear and leave a residual
    """

    coef: np.ndarray
    pull: np.ndarray
    resid: np.ndarray
    clear: np.ndarray

    def only_clear(self) -> Solved:
        if self.clear.all():
            return self
        return Solved(*(part[self.clear] for part in (self.coef, self.pull, self.resid, self.clear)))


class Solver:
    """Solves subsets of the others beside the column: `of(which)`, by least squares or two-stage least squares."""

    def __init__(self, at: Coordinates):
        self._y, self._scale = at.outcome, (float(np.linalg.norm(at.column)), at.sizes[1])
        parts = [at.column[None], at.others, at.tools]
        sizes = np.concatenate([[at.sizes[1]], at.sizes[2], at.sizes[3]])
        rows = np.vstack(parts)
        lengths = np.linalg.norm(rows, axis=1)
        #: what an effect or a fixed column has left little of
        self._low = lengths <= MUCH * sizes
        safe = np.where(lengths > 0, lengths, 1.0)
        self._rows, self._lengths = rows / safe[:, None], safe
        self._gram = self._rows @ self._rows.T
        self._tools = np.arange(1 + len(at.others), len(rows))

    def of(self, which: np.ndarray) -> Solved:
        """which: (b, k) numbers of the others, k of them in each of the b subsets."""
        first = np.zeros((len(which), 1), dtype=np.intp)
        at = np.hstack([first, which + 1])
        solved = self._exogenous(at) if not len(self._tools) else self._instrumented(at)
        low = self._low[at].any(axis=1)
        coef = solved.coef / self._lengths[0]
        return Solved(coef, solved.pull / self._lengths[0], solved.resid, solved.clear & ~low & self._left(solved.resid))

    def _left(self, resid: np.ndarray) -> np.ndarray:
        return np.einsum("bm,bm->b", resid, resid) > MUCH**2 * (self._y @ self._y)

    def _exogenous(self, at: np.ndarray) -> Solved:
        x = self._rows.take(at, axis=0)  # (b, k, m), the column first
        inverse, clear = _inverse(within(self._gram, at))
        b = np.matmul(inverse, (self._rows @ self._y)[at][:, :, None])
        resid = self._y - _combined(b, x)
        more = np.matmul(inverse, np.matmul(x, resid[:, :, None]))
        b, resid = b + more, resid - _combined(more, x)
        return Solved(b[:, 0, 0], self._pull(x, inverse), resid, clear)

    @staticmethod
    def _pull(x: np.ndarray, inverse: np.ndarray) -> np.ndarray:
        """(b, m): the first row of (X'X)^-1 X', refined once."""
        weights = inverse[:, :, :1]
        pull = _combined(weights, x)
        wrong = -np.matmul(x, pull[:, :, None])
        wrong[:, 0, 0] += 1
        return pull + _combined(np.matmul(inverse, wrong), x)

    def _instrumented(self, at: np.ndarray) -> Solved:
        """2SLS: the column's projection on the others and the tools takes its place, but for residuals."""
        controls = at[:, 1:]
        tools = np.broadcast_to(self._tools, (len(at), len(self._tools)))
        first = np.hstack([controls, tools])
        w = self._rows[first]
        inverse, clear = _inverse(within(self._gram, first))
        d = self._rows[0]
        g = np.matmul(inverse, self._gram[0][first][:, :, None])
        left = d - _combined(g, w)
        fitted = d - (left - _combined(np.matmul(inverse, np.matmul(w, left[:, :, None])), w))
        x = np.concatenate([fitted[:, None, :], self._rows[controls]], axis=1)
        lengths = np.linalg.norm(fitted, axis=1)
        x[:, 0] /= np.where(lengths > 0, lengths, 1.0)[:, None]
        inside, apart = _inverse(np.matmul(x, x.transpose(0, 2, 1)))
        b = np.matmul(inside, np.matmul(x, self._y[:, None]))
        both = np.concatenate([np.broadcast_to(d, (len(at), 1, len(d))), x[:, 1:]], axis=1)
        scale = np.ones_like(b)
        scale[:, 0, 0] = np.where(lengths > 0, lengths, 1.0)
        resid = self._y - _combined(b / scale, both)
        more = np.matmul(inside, np.matmul(x, resid[:, :, None]))
        b, resid = b + more, resid - _combined(more / scale, both)
        pull = self._pull(x, inside) / scale[:, 0]
        strong = lengths > MUCH
        return Solved(b[:, 0, 0] / scale[:, 0, 0], pull, resid, clear & apart & strong)


def within(square: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(b, k, k): a (p, p) matrix's rows and columns `at`, (b, k)."""
    return square.take(at[:, :, None] * len(square) + at[:, None, :])


def _combined(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(b, m): rows (b, k, m) times weights (b, k, 1), summed."""
    return np.matmul(weights.transpose(0, 2, 1), rows)[:, 0]


def _inverse(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inverses of (b, k, k) correlations, and which have columns that all others leave plainly something of."""
    k = gram.shape[1]
    if not k:
        return gram, np.ones(len(gram), dtype=bool)
    try:
        inverse = np.linalg.inv(gram)
    except np.linalg.LinAlgError:  # one of the batch is singular to the last bit
        inverse = np.linalg.inv(gram + 1e-13 * np.eye(k))
    left = np.diagonal(inverse, axis1=1, axis2=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        clear = np.all(np.isfinite(left) & (left > 0) & (left * MUCH**2 * k < 1), axis=1)
    return inverse, clear


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
        m = pull.shape[1]
        pi, rho = np.ascontiguousarray(pull.T), np.ascontiguousarray(resid.T)
        z = np.empty((m * (m + 1) // 2, len(pull)))
        at = 0
        for i in range(m):  # in the order of numpy.triu_indices
            part = z[at : at + m - i]
            np.multiply(pi[i], rho[i:], out=part)
            part += rho[i] * pi[i:]
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
