"""Fixed effects absorbed in closed form: columns less their projection on all dummies, without ever forming the dummies.

The effect with most levels is eliminated first: given the other effects' coefficients g, its own are weighted means.
What is left is one small system for g, the cross-products of the other effects' dummies net of the largest effect
(Frisch and Waugh 1933; Lovell 1963). It is factored once, by Cholesky with pivoting, which also finds redundant dummies.
Projecting again what the first pass left removes the rounding error of that pass, as reorthogonalisation does in
Gram-Schmidt, so the result is as accurate as a QR decomposition of all dummies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from parity.base.tolerance import ABSORBED

#: Beyond this many levels in all effects but the largest, the small system is no longer small (128 MB, a second).
DENSE_LEVELS = 4_000
#: A table of the largest effect's levels by the others' is kept sparse beyond this many cells.
DENSE_CELLS = 4_000_000
#: Levels of the largest effect whose cross-products are added up at once, or sixteen times the others' where these are more.
LEVELS_AT_ONCE = 4_096
#: A dummy is redundant if less than this share of its squared norm is left: a redundant one leaves 1e-14, and one that
#: is not at least one over the number of rows, times the smallest over the largest weight.
REDUNDANT = 1e-11
#: Passes stop when the next one would move no column by more than this share of what is left of it.
SETTLED = 4 * np.finfo(float).eps
PASSES = 8
#: Rows whose basis is formed at once for the leverage.
CHUNK = 4_096


class TooLarge(ValueError):
    """What is asked needs the dummies' projection as a matrix, and there are too many of them."""


@dataclass(frozen=True)
class Absorber:
    """The projection on the dummies of all effects, under row weights.

    main          (n,) codes of the effect with most levels; main_weight (L1,) total weight of each of its levels
    others        codes of the other effects, each shifted to its own columns of 0 .. L-1
    shares        (L1, L) share of a level's weight that each other dummy has in it; dense or sparse
    kept          (r,) columns of 0 .. L-1 that are linearly independent of the largest effect and of each other
    scale, root   (r,) and (r, r): root' root is the kept dummies' net cross-products times scale on both sides
    weights       (n,) or None
    effects       as given, for the iterative way; exact: whether the closed form is used
    """

    main: np.ndarray
    main_weight: np.ndarray
    others: tuple[np.ndarray, ...]
    shares: np.ndarray | None
    kept: np.ndarray
    scale: np.ndarray
    root: np.ndarray
    weights: np.ndarray | None
    effects: tuple[np.ndarray, ...]
    exact: bool = True

    @property
    def rank(self) -> int:
        """Rank of all dummies together, the constant included."""
        self._needs_closed_form()
        return int(np.count_nonzero(self.main_weight)) + len(self.kept)

    def residual(self, columns: np.ndarray, *, overwrite: bool = False) -> np.ndarray:
        """Columns (n, m) less their weighted projection on the dummies; (n, m) in Fortran order.

        overwrite: the columns are in that order and may be lost
        """
        if not self.exact:
            left = by_least_squares(columns, self.effects, self.weights)
            return np.asfortranarray(left if self.weights is None else left / np.sqrt(self.weights)[:, None])
        left = columns if overwrite else np.array(columns, dtype=float, order="F")
        before = self._take_out(left)
        for _ in range(PASSES):
            moved = self._take_out(left)
            # a pass moves a column by the same share of the move before it, so the next would move it by moved^2 / before
            if np.all(moved**2 <= SETTLED * before * norms(left)):
                break
            before = moved
        return left

    def leverage(self) -> np.ndarray:
        """(n,) diagonal of the projection."""
        self._needs_closed_form()
        h = self._main_root**2
        for start in range(0, len(h), CHUNK if len(self.kept) else len(h)):
            rows = slice(start, start + CHUNK)
            h[rows] += np.einsum("ij,ij->i", *[self._net_basis(rows)] * 2) if len(self.kept) else 0.0
        return h

    def basis(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Rows of a matrix B, (len(rows), .), with B B' the projection on these rows.

        Only the columns that the rows need: one for each level of the largest effect found in them, and the rest.
        """
        self._needs_closed_form()
        _, level = np.unique(self.main[rows], return_inverse=True)
        own = np.zeros((len(level), int(level.max(initial=-1)) + 1))
        own[np.arange(len(level)), level] = self._main_root[rows]
        return np.hstack([own, self._net_basis(rows)])

    def _needs_closed_form(self) -> None:
        if not self.exact:
            raise TooLarge(f"more than {DENSE_LEVELS} levels beside the largest fixed effect: no leverage, no rank")

    def _take_out(self, columns: np.ndarray) -> np.ndarray:
        """One pass: subtract from (n, m) columns, in place, their projection up to rounding; (m,) norms of what went."""
        weighted = columns if self.weights is None else columns * self.weights[:, None]
        own = sums(weighted, self.main, len(self.main_weight)) / _nonzero(self.main_weight)[:, None]
        if len(own) == 1 and not self.others:  # the intercept
            columns -= own[0]
            return np.abs(own[0]) * np.sqrt(len(columns))
        levels = [(self.main, own)]
        if len(self.kept):
            g = self._other_coefficients(weighted, own)
            levels = [(self.main, own - self.shares @ g), *((code, g) for code in self.others)]
        levels = [(code, np.asfortranarray(values)) for code, values in levels]
        moved = np.empty(columns.shape[1])
        fitted, more = np.empty((2, len(columns)))
        for j, column in enumerate(columns.T):
            for i, (code, values) in enumerate(levels):
                np.take(values[:, j], code, out=more if i else fitted, mode="clip")  # "raise" would copy the buffer
                if i:
                    fitted += more
            column -= fitted
            moved[j] = np.sqrt(_dot(fitted))
        return moved

    def _other_coefficients(self, weighted: np.ndarray, means: np.ndarray) -> np.ndarray:
        """(L, m) coefficients of the other effects' dummies; zero for redundant ones."""
        from scipy.linalg import lapack

        total = self.shares.shape[1]
        explained = self.shares.T @ (means * self.main_weight[:, None])
        right = sum(sums(weighted, code, total) for code in self.others) - explained
        solved, _ = lapack.dpotrs(self.root, right[self.kept] * self.scale[:, None])
        g = np.zeros_like(right)
        g[self.kept] = solved * self.scale[:, None]
        return g

    @cached_property
    def _main_root(self) -> np.ndarray:
        """(n,) the one non-zero element of each row of the largest effect's orthonormal dummies."""
        weights = 1.0 if self.weights is None else self.weights
        return np.sqrt(weights / self.main_weight[self.main])

    @cached_property
    def _orthonormal(self) -> tuple[np.ndarray, np.ndarray]:
        """(L, r) and (L1, r): a row's net dummies in an orthonormal basis are the sum over its other levels of the
        first, less the second at its largest effect's level."""
        from scipy.linalg import solve_triangular

        by_other = np.zeros((self.shares.shape[1], len(self.kept)))
        by_other[self.kept] = solve_triangular(self.root, np.diag(self.scale), trans="T").T
        return by_other, self.shares @ by_other

    def _net_basis(self, rows: np.ndarray | slice) -> np.ndarray:
        """(len(rows), r) the other effects' part of `basis`."""
        if not len(self.kept):
            return np.empty((len(self.main[rows]), 0))
        by_other, by_main = self._orthonormal
        net = -by_main[self.main[rows]]
        for code in self.others:
            net += by_other[code[rows]]
        return net if self.weights is None else net * np.sqrt(self.weights[rows])[:, None]


def absorber(effects: Sequence[np.ndarray], weights: np.ndarray | None) -> Absorber:
    """Factor what is needed to absorb `effects`, at least one code vector (n,) of integers from 0."""
    codes = sorted((_compact(e) for e in effects), key=lambda code: -int(code.max(initial=0)))
    levels = [int(code.max(initial=0)) + 1 for code in codes]
    main, total = codes[0], sum(levels[1:])
    main_weight = np.bincount(main, weights=weights, minlength=levels[0]).astype(float)
    shifted = tuple(code + start for code, start in zip(codes[1:], np.cumsum([0, *levels[1:-1]]), strict=False))
    none = np.empty(0, dtype=np.int64)
    given = tuple(effects)
    if not shifted or total > DENSE_LEVELS:
        empty = np.empty((0, 0))
        return Absorber(main, main_weight, shifted, None, none, np.empty(0), empty, weights, given, exact=not shifted)
    shares, net, size = _cross_products(main, main_weight, shifted, weights, total)
    kept, scale, root = _factored(net, size)
    return Absorber(main, main_weight, shifted, shares, kept, scale, root, weights, given)


def sums(columns: np.ndarray, code: np.ndarray, levels: int) -> np.ndarray:
    """(levels, m) sums of the rows of (n, m) by code."""
    if levels == 1:
        return columns.sum(axis=0)[None, :]
    out = np.empty((levels, columns.shape[1]), order="F")
    for j, column in enumerate(columns.T):
        out[:, j] = np.bincount(code, weights=column, minlength=levels)
    return out


def _cross_products(main, main_weight, others, weights, total):
    """Shares (L1, L), net cross-products (L, L) of the other dummies, and (L,) their squared norms before that."""
    products = np.zeros(total * total)
    for a in others:
        for b in others:
            products += np.bincount(a * total + b, weights=weights, minlength=total * total)
    products = products.reshape(total, total)
    if len(main_weight) * total <= DENSE_CELLS:
        cells = sum(np.bincount(main * total + a, weights=weights, minlength=len(main_weight) * total) for a in others)
        by_main = cells.reshape(len(main_weight), total)
        shares = by_main / _nonzero(main_weight)[:, None]
        return shares, products - _summed(by_main, shares), np.diag(products)
    from scipy.sparse import csr_array, diags_array

    ones = np.ones(len(main)) if weights is None else weights
    table = sum(csr_array((ones, (main, a)), shape=(len(main_weight), total)) for a in others)
    shares = (diags_array(1 / _nonzero(main_weight)) @ table).tocsr()
    return shares, products - _summed(table.tocsr(), shares), np.diag(products)


def _summed(table, shares) -> np.ndarray:
    """(L, L) table' shares, by blocks of the largest effect's levels.

    One sum over 100,000 shares of a fiftieth is off by more than what a redundant dummy may leave.
    """
    total = np.zeros((table.shape[1], table.shape[1]))
    step = max(LEVELS_AT_ONCE, 16 * table.shape[1])
    for start in range(0, table.shape[0], step):
        part = table[start : start + step].T @ shares[start : start + step]
        total += part if isinstance(part, np.ndarray) else part.toarray()
    return total


def _factored(net: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Independent dummies, their scale, and the upper Cholesky factor of their scaled cross-products."""
    from scipy.linalg import lapack

    scale = 1 / np.sqrt(_nonzero(size))
    factor, pivot, rank, _ = lapack.dpstrf(net * np.outer(scale, scale), tol=REDUNDANT)
    kept = pivot[:rank].astype(np.int64) - 1
    return kept, scale[kept], np.asfortranarray(np.triu(factor[:rank, :rank]))


def _compact(code: np.ndarray) -> np.ndarray:
    """Codes without holes, where holes (of a subsample) would cost more than finding them."""
    return code if code.max(initial=0) < 2 * len(code) else np.unique(code, return_inverse=True)[1]


def _nonzero(a: np.ndarray) -> np.ndarray:
    """Divisors: a level that no row has is divided by one."""
    return np.where(a > 0, a, 1.0)


def norms(columns: np.ndarray) -> np.ndarray:
    """(m,) Euclidean norms of (n, m) columns, without a temporary copy."""
    return np.sqrt([_dot(column) for column in columns.T])


def _dot(column: np.ndarray) -> float:
    # not BLAS: for one dot product its threads cost more than they save
    return float(np.einsum("i,i->", column, column))


def by_least_squares(columns: np.ndarray, effects: Sequence[np.ndarray], weights: np.ndarray | None) -> np.ndarray:
    """Columns (n, k) times root weights, less their projection on the fixed effects' dummies (LSMR, to 1e-13)."""
    from scipy.sparse import csr_array, hstack
    from scipy.sparse.linalg import lsmr

    n = len(columns)
    root = np.ones(n) if weights is None else np.sqrt(weights)
    dummies = hstack(
        [csr_array((root, (np.arange(n), code)), shape=(n, int(code.max()) + 1)) for code in effects], format="csr"
    )  # fmt: skip
    out = np.empty_like(columns)
    for j, column in enumerate((columns * root[:, None]).T):
        size = np.linalg.norm(column)
        unit = column / size if size else column
        out[:, j] = (unit - dummies @ lsmr(dummies, unit, atol=ABSORBED, btol=ABSORBED, maxiter=20_000)[0]) * size
    return out
