"""Rows that a likelihood can't use, as a regressor or a fixed effect predicts them perfectly; and whether it has a maximum.

Rules: [R] logit, Model identification, for two-valued regressors; for fixed effects, a level whose outcomes are all zero
(all one, too, for logit and probit) has no finite effect, and fixest, pyfixest and ppmlhdfe leave its rows out.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from parity.algebra import arma, categorical, censored, joint_probit
from parity.algebra.likelihood import Maximum, NoMaximum, maximise, perfect, stopped, without_variation
from parity.base.errors import Unestimable
from parity.study.models import CENSORED, JOINT, SERIES

if TYPE_CHECKING:
    from parity.sample.design import Design
    from parity.study.spec import Spec


def unseparated(design: Design, spec: Spec) -> np.ndarray:
    """(n,) rows that stay. Raises `Unestimable` where the outcome is none of this likelihood."""
    check_outcome(design.y, spec)
    if spec.categorical or spec.model in (*CENSORED, *SERIES):  # Stata's commands of them leave no row out
        return np.ones(design.nobs, dtype=bool)
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
    """Raises `Unestimable` unless it is 0 or 1, or a count's: nought or more, or of few values that are categories."""
    name = str(spec.formula.outcome)
    if spec.categorical:
        if (n := len(np.unique(y))) > MOST_OUTCOMES:
            raise Unestimable(
                f"the outcome of {spec.model} is a category of {MOST_OUTCOMES} at most, and `{name}` has {n} values"
            )
        return
    if spec.model in (*CENSORED, *SERIES):
        return
    if spec.model == "poisson":
        if np.any(y < 0):
            raise Unestimable(f"the outcome `{name}` of a Poisson regression has a negative value")
    elif not np.all((y == 0) | (y == 1)):
        raise Unestimable(f"the outcome of a {spec.model} is 0 or 1, and `{name}` has other values; make a column that is")


#: Outcomes that Stata's mlogit, ologit and oprobit take.
MOST_OUTCOMES = 50


def with_outcomes(design: Design, spec: Spec) -> Design:
    """The design with its outcomes and which of them is the base, with its limits, with an equation of its endogenous
    column, or with the process of its errors. Raises `Unestimable`."""
    if spec.model in SERIES:
        return _as_series(design, spec)
    if spec.model in JOINT:
        if design.endog.shape[1] != 1:
            raise Unestimable(f"{spec.model} takes one endogenous column, and these are {design.endog.shape[1]}")
        return replace(design, joint=True)
    if spec.model in CENSORED:
        lower = float(design.y.min()) if spec.lower == "min" else -np.inf if spec.lower is None else float(spec.lower)
        upper = float(design.y.max()) if spec.upper == "max" else np.inf if spec.upper is None else float(spec.upper)
        if lower >= upper:  # a row at or beyond both would count as censored at neither
            raise Unestimable(f"the lower limit of the outcome, {lower:.15g}, is not below the upper, {upper:.15g}")
        return replace(design, limits=(lower, upper))
    if not spec.categorical:
        return design
    values, code = np.unique(design.y, return_inverse=True)
    outcomes = tuple(values.tolist())
    if spec.model != "mlogit":
        return replace(design, outcomes=outcomes)
    if spec.base is not None and spec.base not in outcomes:
        known = ", ".join(f"{v:.15g}" for v in outcomes)
        raise Unestimable(f"base = {spec.base:.15g} is none of the outcomes of `{spec.formula.outcome}`: {known}")
    counts = np.bincount(code, design.weights if design.weight_kind == "frequency" else None)
    chosen = {"frequent": int(np.argmax(counts)), "first": 0, "last": len(outcomes) - 1}[spec.convention.base_outcome]
    return replace(design, outcomes=outcomes, base=chosen if spec.base is None else outcomes.index(spec.base))


def _as_series(design: Design, spec: Spec) -> Design:
    """With the terms of its process. Raises `Unestimable` unless the rows are one series."""
    assert spec.arma is not None
    if design.time is None:
        raise Unestimable("a series needs [study] time")
    if design.unit is not None and np.ptp(design.unit):
        of = design.unit_name
        raise Unestimable(f"{spec.model} is of one series, and these rows are of several of `{of}`: choose one by where")
    if len(np.unique(design.time)) < design.nobs:
        raise Unestimable(f"{spec.model} is of one series, and two rows have the same period")
    return replace(design, arma=spec.arma)


class _Last:
    """The maximum that was found last, while the columns live that it is of: a design is asked for it when it is built, and
    once more by its estimate."""

    def __init__(self) -> None:
        self._of: tuple[weakref.ref, ...] = ()
        self._settings: tuple = ()
        self._found: Maximum | categorical.Maximum | None = None

    def get(self, of: Sequence[np.ndarray], settings: tuple) -> Maximum | categorical.Maximum | None:
        """Of these very arrays, which nobody writes to."""
        same = len(of) == len(self._of) and all(ref() is array for ref, array in zip(self._of, of, strict=True))
        return self._found if same and settings == self._settings else None

    def keep(
        self, of: Sequence[np.ndarray], settings: tuple, found: Maximum | categorical.Maximum
    ) -> Maximum | categorical.Maximum:
        self._of, self._settings, self._found = tuple(weakref.ref(a, self._forget) for a in of), settings, found
        return found

    def _forget(self, ref: weakref.ref) -> None:
        if any(ref is own for own in self._of):
            self._of, self._found = (), None


_LAST = _Last()


def maximum(design: Design, spec: Spec) -> Maximum | categorical.Maximum:
    """The likelihood's maximum over a design's coefficients and effects. Raises `Unestimable` where it has none."""
    of = [
        design.y,
        design.x,
        design.endog,
        design.z,
        *design.effects.values(),
        *(a for a in (design.weights, design.offset, design.time) if a is not None),
    ]
    convention = spec.convention
    settings = (spec.model, convention.information, convention.newton, design.intercept, len(design.effects), design.base)
    settings += (design.limits, design.weights is None, design.arma)
    return _LAST.get(of, settings) or _LAST.keep(of, settings, _maximum(design, spec))


def _maximum(design: Design, spec: Spec) -> Maximum | categorical.Maximum:
    x = np.vstack([np.ones(design.nobs), design.x.T]).T if design.intercept else design.x
    early = spec.convention.newton == "ltolerance" and design.intercept
    try:
        if design.arma is not None:
            return arma.maximise(x, design.y, design.time, *design.arma, spec.convention.information)
        if design.joint:
            return joint_probit.maximise(x, design.endog[:, 0], design.z, design.y, design.weights)
        if design.limits is not None:
            return censored.maximise(x, design.y, *design.limits, design.weights)
        if spec.categorical:
            columns, information = x if spec.model == "mlogit" else design.x, spec.convention.information
            return categorical.maximise(
                spec.model, columns, design.places, design.base, design.weights, information, early=early
            )
        information, offset = spec.convention.information, design.offset
        found = maximise(x, design.y, spec.model, design.weights, list(design.effects.values()), information, offset)
        # steps that end early end where there is no maximum, too
        return stopped(x, design.y, spec.model, design.weights, information, offset) if early else found
    except NoMaximum as error:
        raise Unestimable(str(error)) from None
