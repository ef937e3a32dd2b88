"""Coefficients of a likelihood in the form that a table prints them: exp(b), odds ratios of a logit, rates of a Poisson,
relative risks of a multinomial logit.

Source: [R] logistic, Methods and formulas; [R] poisson, option irr; [R] mlogit, option rrr. The standard error is
exp(b) se(b), by the delta method; t and p are those of b, and the interval's ends are exp of its ends.
"""

from __future__ import annotations

import math
from dataclasses import replace

from parity.base.quantities import scale_of
from parity.base.terms import BESIDE
from parity.compare.harmonise import Harmonised, Key, Quantity
from parity.study.published import Printed

#: Form -> what a person calls a number of it.
CALLED: dict[Printed, str] = {
    "coefficient": "coefficient", "odds_ratio": "odds ratio", "irr": "incidence-rate ratio", "rrr": "relative-risk ratio",
}  # fmt: skip
#: exp of more is no double.
_MOST = 700.0


def in_form(side: Harmonised, form: Printed) -> Harmonised:
    """An estimate as a table of this form prints it; other quantities stay as they are."""
    if form == "coefficient":
        return side
    own = {term: q.value for (quantity, term), q in side.quantities.items() if quantity == "coef"}
    coef = {term: b for term, b in own.items() if not term.startswith(BESIDE)}  # cuts are printed as they are
    return replace(side, quantities={key: _ratio(key, q, coef) for key, q in side.quantities.items()})


def _ratio(key: Key, given: Quantity, coef: dict[str, float]) -> Quantity:
    quantity, term = key
    value = given.value
    if term.startswith(BESIDE):
        return given
    if quantity in ("coef", "ci_low", "ci_high"):
        value = _exp(value)
    elif quantity == "se":
        value *= _exp(coef[term])
    elif quantity == "vcov" and (own := next((t for t in coef if term == f"{t} x {t}"), None)) is not None:
        value *= _exp(coef[own]) ** 2
    else:
        return given
    return replace(given, value=value, scale=scale_of(quantity, term, value))


def _exp(value: float) -> float:
    return math.exp(value) if value < _MOST else math.inf
