"""Outcome, treatment and controls net of what is absorbed: what sensitivity to omitted variables starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parity.base.errors import Unestimable
from parity.sample.design import INTERCEPT, Design
from parity.sample.partialled_out import partial_out
from parity.study.spec import Spec


@dataclass(frozen=True)
class Partialled:
    """outcome, treatment (n,), controls (n, k), names (k): times root weights, net of fixed effects or the intercept.

    df   residual degrees of freedom, N less the rank of the whole design
    """

    outcome: np.ndarray
    treatment: np.ndarray
    controls: np.ndarray
    names: tuple[str, ...]
    df: float


def partialled(spec: Spec, design: Design, term: str) -> Partialled:
    """Of a least-squares specification. Raises `Unestimable` for instruments and random effects."""
    if spec.iv or spec.model == "random_effects":
        raise Unestimable(
            "sensitivity to omitted variables is defined for least squares, not for instruments or random effects"
        )
    if term == INTERCEPT or term not in design.x_names:
        raise Unestimable(f"`{term}` is no regressor of the specification")
    made = partial_out(design)
    columns = made.columns / made.power
    at = 1 + design.x_names.index(term)
    rest = [j for j in range(1, columns.shape[1]) if j != at]
    return Partialled(
        columns[:, 0], columns[:, at], columns[:, rest], tuple(design.x_names[j - 1] for j in rest),
        float(design.facts.nobs_weighted - design.facts.rank),
    )  # fmt: skip


def residual(columns: np.ndarray, on: np.ndarray) -> np.ndarray:
    """(n, m) columns less their projection on (n, k)."""
    if not on.shape[1]:
        return columns
    q = np.linalg.qr(on)[0]
    left = columns - q @ (q.T @ columns)
    return left - q @ (q.T @ left)  # what rounding left of it
