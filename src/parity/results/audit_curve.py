"""Specifications of an audit in the order of their coefficients, as a page draws them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Curve:
    """n of `total` specifications that have an estimate, the smallest coefficient first.

    number                        (n,) which specification of the audit each is
    choices                       (n, d) options of the axes
    coef, low, high, se, p, nobs  (n,); low and high: the interval at 1 - level, by its own df
    first_stage                   (n,) F of the instruments' first stage; None where there are no instruments
    """

    total: int
    level: float
    number: np.ndarray
    choices: np.ndarray
    coef: np.ndarray
    low: np.ndarray
    high: np.ndarray
    se: np.ndarray
    p: np.ndarray
    nobs: np.ndarray
    first_stage: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.number)
