"""Columns of several equations with the same regressors, one below the other. [TS] var, [R] sureg: Methods and formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from parity.stata_language.request import Declined

if TYPE_CHECKING:
    from numpy.typing import NDArray


def one_below_the_other(
    names: tuple[str, ...], outcomes: list[NDArray], regressors: Mapping[str, NDArray], rows: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """Outcome, weights, then each equation's regressors by name: a value a row of each equation. rows: the sample.

    names: of the equations; regressors: with the constant, if there is one. Raises `Declined` for a perfect fit.
    """
    m, n = len(outcomes), len(rows)
    x = np.column_stack(list(regressors.values()))[rows]
    found: dict[str, NDArray[np.float64]] = {"values": np.concatenate([np.where(rows, y, np.nan) for y in outcomes])}
    variances = []
    for y in outcomes:
        residuals = y[rows] - x @ np.linalg.lstsq(x, y[rows], rcond=None)[0]
        variances.append(float(residuals @ residuals) / max(int(rows.sum()), 1))
    if not all(v > 0 for v in variances):
        raise Declined("an equation fits without error")
    found["1/variance"] = np.repeat(1 / np.array(variances), n)
    for j, equation in enumerate(names):
        for name, values in regressors.items():
            column = np.zeros((m, n))
            column[j] = values
            found[f"{equation}:{name}"] = column.ravel()
    return found
