"""Marginal effects in the place of coefficients: what a likelihood's design, coefficients and covariance give of them.

Each column of the design is a variable of its own, as mfx and dprobit have it: of a square and its base neither moves with
the other. Dummies of one factor are moved together, from the level that has none. By `parity.algebra.margins`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parity.algebra.margins import Margin, mean_difference, mean_slope
from parity.sample.design import INTERCEPT, Design


@dataclass(frozen=True)
class Marginal:
    """at: "rows", averaged over them, or "means" of the columns. indicators: of columns of 0 and 1 "derivative" or
    "difference"."""

    at: str
    indicators: str


@dataclass(frozen=True)
class Effects:
    """values (m,) of the terms but the intercept, and their gradients (m, k) by the coefficients."""

    terms: tuple[str, ...]
    values: np.ndarray
    gradients: np.ndarray


def effects(of: Marginal, model: str, design: Design, terms: tuple[str, ...], coef: np.ndarray) -> Effects:
    """model: one of `parity.algebra.margins.RESPONSES`. terms, coef (k,): the intercept, where there is one, first."""
    shares = np.ones(design.nobs) if design.weights is None else design.weights
    shares = shares / shares.sum()
    columns = design.x if of.at == "rows" else (shares @ design.x)[None, :]
    shares = shares if of.at == "rows" else np.ones(1)
    constant = int(terms[:1] == (INTERCEPT,))
    x = np.hstack([np.ones((len(columns), constant)), columns])
    two = np.concatenate([np.zeros(constant, dtype=bool), np.all((design.x == 0) | (design.x == 1), axis=0)])
    found = [
        _difference(model, coef, x, i, _alike(terms, i), shares)
        if two[i] and of.indicators == "difference"
        else mean_slope(model, coef, x, np.eye(len(terms))[[i] * len(x)], shares)
        for i in range(constant, len(terms))
    ]
    return Effects(terms[constant:], np.array([m.value for m in found]), np.array([m.gradient for m in found]))


def _alike(terms: tuple[str, ...], i: int) -> list[int]:
    """The dummies of a dummy's factor, `band::2` and `band::3`; itself alone where it is of none."""
    group, mark, level = terms[i].partition("::")
    if not mark or ":" in level:
        return [i]
    return [j for j, t in enumerate(terms) if t.startswith(f"{group}::") and ":" not in t[len(group) + 2 :]]


def _difference(model: str, b: np.ndarray, x: np.ndarray, i: int, alike: list[int], shares: np.ndarray) -> Margin:
    base = x.copy()
    base[:, alike] = 0.0
    one = base.copy()
    one[:, i] = 1.0
    return mean_difference(model, b, one, base, shares)
