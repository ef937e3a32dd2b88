"""Columns of totals, and of means and totals of several variables, as regressions. [R] mean, total: Methods and formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.stata_language.request import Request
from parity.stata_language.varlist import Term

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Columns:
    """Stata's name -> values of the outcome and of each regressor, and the weights that are left."""

    outcome: tuple[str, NDArray[np.float64]]
    regressors: dict[str, NDArray[np.float64]]
    weights: NDArray[np.float64] | None


def names_of(request: Request) -> tuple[str, ...]:
    """What the coefficients are called: variables, or the mean of a variable in a group, as Stata 16 has it."""
    if request.regressors:
        return ()
    return tuple(_called(term) for term in (request.outcome, *request.outcomes))


def _called(term: Term) -> str:
    factor = term.factors[0]
    return f"{factor.operator}.{factor.name}" if factor.operator else factor.name


def total(
    request: Request, y: NDArray[np.float64], rows: NDArray[np.bool_], weights: NDArray[np.float64] | None
) -> Columns:  # fmt: skip
    """y on 1/N without a constant: its coefficient is the total, its error s sqrt(N). A value a row of the data set.

    rows: the sample. Frequency weights count rows; pweights are drawn with y, so that w y is what is added up.
    """
    expression = request.weight.expression if request.weight is not None else ""
    counted = weights is not None and request.weight is not None and request.weight.kind == "fweight"
    n = float(weights[rows].sum()) if counted and weights is not None else float(rows.sum())
    name = _called(request.outcome)
    per = {"1/N": np.full(len(y), 1 / n)}
    if weights is None or counted:
        return Columns((name, y), per, weights)
    return Columns((f"{expression}*{name}", np.where(weights > 0, y * weights, np.nan)), per, None)


def one_below_the_other(
    request: Request, variables: list[NDArray[np.float64]], rows: NDArray[np.bool_], weights: NDArray[np.float64] | None
) -> Columns:
    """Each variable in rows of its own, on a column that is 1 there (1/N of totals): a value a row of each variable.

    With rows of the data as clusters their covariances are the linearised ones: N/(N - 1) sum e_j e_k/N^2.
    """
    k, n = len(variables), len(rows)
    summed = request.command == "total"
    if summed and weights is not None:
        variables, weights = [y * weights for y in variables], None
    height = 1 / float(rows.sum()) if summed else 1.0
    y = np.concatenate([np.where(rows, each, np.nan) for each in variables])
    marks = np.kron(np.eye(k), np.full(n, height)) if k * k * n else np.zeros((k, 0))
    kind = "1/N of" if summed else "mean of"
    named = {f"{kind} {name}": marks[j] for j, name in enumerate(names_of(request))}
    return Columns(("values", y), named, None if weights is None else np.tile(weights, k))
