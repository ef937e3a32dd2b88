"""A resolved fit as parity's own engine has it: for models whose numbers a do-file reads as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.algebra.likelihood import NoMaximum
from parity.base.errors import Unestimable
from parity.stata.estimates.resolved import Resolved
from parity.stata_language.request import Declined, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from parity.results.estimate import Estimate
    from parity.sample.design import Design


def fitted(resolved: Resolved) -> tuple[Design, Estimate, np.ndarray, Mapping]:
    """The design, the estimate, its covariance (k, k) in the order of its terms, and its harmonised quantities.

    Raises `Declined` where the sample has no estimate.
    """
    from parity.compare.harmonise import Unusable, combined, harmonise
    from parity.conventions.formulas import Refused
    from parity.engines.own.fit import estimate as own
    from parity.sample.build import build_design

    try:
        design = build_design(resolved.study, resolved.spec, resolved.frame)
        found = own(resolved.spec, design)
        covariance = combined(found, design.facts, resolved.spec)
        return design, found, covariance, harmonise(found, design.facts, resolved.spec).quantities
    except (Unestimable, Unusable, Refused) as error:
        raise Declined(str(error)) from None


def check_steps(request: Request, maximised: Callable[[int], object]) -> None:
    """Raises `Declined` where iterate() ends the command's steps short of the maximum, with numbers that nobody has here.

    maximised: raises `NoMaximum` where so many steps from the constants alone don't end. [R] Maximize
    """
    if request.steps is None:
        return
    try:
        maximised(request.steps)
    except NoMaximum:
        raise Declined(f"iterate({request.steps}) ends before the maximum: no engine here has its numbers") from None
