"""Absorbed effects that lie within one another: the outer one changes nothing, and reghdfe counts it as redundant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from parity.stata_language.request import Request
from parity.stata_language.varlist import Term

if TYPE_CHECKING:
    from parity.stata.results import Fit


def without_redundant(fit: Fit) -> tuple[Request | None, str]:
    """The request without the outer one of two effects, where every level of the other lies in one of its, and what to say
    of that; as it is, and "", where the data don't prove it or where clusters decide what is counted.

    With `absorb(household district)` and households within districts the dummies of districts are sums of households':
    coefficients are those of `absorb(household)`, and so is K, since reghdfe takes all levels of the outer one for redundant
    (their graph has as many components as it has levels; Abowd, Creecy and Kramarz 2002).
    """
    from parity.conventions.facts import is_nested
    from parity.stata.estimates.columns import joined

    asked = fit.request
    single = asked is not None and all(f.kind != "continuous" for t in asked.absorb for f in t.factors)
    if asked is None or asked.profile != "reghdfe" or len(asked.absorb) != 2 or asked.cluster or not single:
        return asked, ""
    if asked.settings.get("redundant") == "levels":  # dofadjustments(none) counts both
        return asked, ""
    codes = [joined([f.name for f in term.factors], fit.data)[fit.sample].astype(np.int64) for term in asked.absorb]
    for inner, outer in ((0, 1), (1, 0)):
        if len(codes[0]) and is_nested(codes[inner], codes[outer]):
            one, other = (_named(asked.absorb[i]) for i in (inner, outer))
            said = f"# {one} lies within {other}, which reghdfe takes for redundant"
            return replace(asked, absorb=(asked.absorb[inner],)), said
    return asked, ""


def _named(term: Term) -> str:
    return "#".join(f.name for f in term.factors)
