"""One combination estimated by itself, as `py-moments` and the comparator would have it: what the batches are held against,
and what takes over where they can't be sure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parity.audit.space import Space
from parity.audit.weak import weak_f
from parity.base.errors import Unestimable
from parity.compare.harmonise import Unusable, harmonise
from parity.conventions.formulas import Refused
from parity.engines.own import fit
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.study.spec import Spec


@dataclass(frozen=True)
class Estimated:
    """One coefficient: its standard error, p and degrees of freedom of t under the declared convention, and N; F of the
    instruments' first stage, NaN where it has none."""

    coef: float
    se: float
    p: float
    df: float
    nobs: float
    first_stage: float = field(default=math.nan, compare=False)  # NaN is equal to nothing


def estimated(space: Space, at: Sequence[int], memo: dict[tuple, Any]) -> Estimated:
    """The audited coefficient of a combination. Raises `Unestimable`."""
    return of_spec(space, space.specification(at), space.term_in(at), memo)


def of_spec(space: Space, spec: Spec, term: str, memo: dict[tuple, Any]) -> Estimated:
    """The same of a spec. Raises `Unestimable`."""
    return of_design(spec, build_design(space.study, spec, space.frame, memo, in_order=False), term)


def of_design(spec: Spec, design: Design, term: str) -> Estimated:
    """Coefficient, standard error, p, degrees of freedom and N. Raises `Unestimable`."""
    if term not in design.terms:
        raise Unestimable(f"`{term}` is determined by the effects or the other regressors")
    try:
        found = harmonise(fit.estimate(spec, design), fit.with_own_df(design, spec), spec).quantities
    except (Unusable, Refused) as error:
        raise Unestimable(str(error)) from None

    def number(quantity: str, of: str = "") -> float:
        return found[quantity, of].value if (quantity, of) in found else math.nan

    df = number("df_t", term if ("df_t", term) in found else "")
    strength = weak_f(spec, design)
    return Estimated(number("coef", term), number("se", term), number("p", term), df, number("nobs"), strength)
