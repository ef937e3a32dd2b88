"""A total as a regression on 1/N without a constant: its coefficient is the total, its error s sqrt(N). [R] total"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parity.stata_language.request import Request

if TYPE_CHECKING:
    from numpy.typing import NDArray


def columns(
    request: Request, y: NDArray[np.float64], rows: NDArray[np.bool_], weights: NDArray[np.float64] | None
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64] | None]:
    """Stata's name -> outcome and regressor, a value a row of the data set, and the weights that are left.

    rows: the sample. Frequency weights count rows; pweights are drawn with y, so that w y is what is added up.
    """
    expression = request.weight.expression if request.weight is not None else ""
    counted = weights is not None and request.weight is not None and request.weight.kind == "fweight"
    n = float(weights[rows].sum()) if counted and weights is not None else float(rows.sum())
    name = request.outcome.factors[0].name
    per = np.full(len(y), 1 / n)
    if weights is None or counted:
        return {name: y, "1/N": per}, weights
    return {f"{expression}*{name}": np.where(rows, y * weights, np.nan), "1/N": per}, None
