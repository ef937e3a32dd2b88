"""Rows that a likelihood can't use, as a regressor or a fixed effect predicts them perfectly; and whether it has a maximum.

Rules: [R] logit, Model identification, for two-valued regressors; for fixed effects, a level whose outcomes are all zero
(all one, too, for logit and probit) has no finite effect, and fixest, pyfixest and ppmlhdfe leave its rows out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parity.algebra.likelihood import Maximum, NoMaximum, maximise, perfect, stopped, without_variation
from parity.base.errors import Unestimable

if TYPE_CHECKING:
    from parity.sample.design import Design
    from parity.study.spec import Spec


def unseparated(design: Design, spec: Spec) -> np.ndarray:
    """(n,) rows that stay. Raises `Unestimable` where the outcome is none of this likelihood."""
    check_outcome(design.y, spec)
    kept, before = np.ones(design.nobs, dtype=bool), -1
    while kept.sum() != before:
        before = kept.sum()
        for code in design.effects.values():
            kept[np.flatnonzero(kept)[without_variation(code[kept], design.y[kept], spec.model)]] = False
        for column in design.x.T if spec.model != "poisson" else ():
            some = perfect(column[kept], design.y[kept]) if kept.any() else None
            if some is not None:
                kept[np.flatnonzero(kept)[~some]] = False
    return kept


def check_outcome(y: np.ndarray, spec: Spec) -> None:
    """Raises `Unestimable` unless it is 0 or 1, or a count's: nought or more."""
    name = str(spec.formula.outcome)
    if spec.model == "poisson":
        if np.any(y < 0):
            raise Unestimable(f"the outcome `{name}` of a Poisson regression has a negative value")
    elif not np.all((y == 0) | (y == 1)):
        raise Unestimable(f"the outcome of a {spec.model} is 0 or 1, and `{name}` has other values; make a column that is")


def maximum(design: Design, spec: Spec) -> Maximum:
    """The likelihood's maximum over a design's coefficients and effects. Raises `Unestimable` where it has none."""
    x = np.column_stack([np.ones(design.nobs), design.x]) if design.intercept else design.x
    early = spec.convention.newton == "ltolerance" and design.intercept
    try:
        found = maximise(x, design.y, spec.model, design.weights, list(design.effects.values()), spec.convention.information)
        # steps that end early end where there is no maximum, too
        return stopped(x, design.y, spec.model, design.weights, spec.convention.information) if early else found
    except NoMaximum as error:
        raise Unestimable(str(error)) from None
