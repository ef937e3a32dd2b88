"""Whether pyfixest's cross-products keep the digits that a line is to have, which only the data know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parity.stata_language.dataset import DataProblem
from parity.stata_language.request import Declined, Request

if TYPE_CHECKING:
    from parity.stata.results import Fit

#: Relative error up to which a line gives the command's numbers.
CLOSE = 1e-9


def has_exact_form(asked: Request | None) -> bool:
    """Whether it is least squares that statsmodels has under Stata's factors: one row a line of data, no effects."""
    if asked is None or asked.profile != "regress" or asked.model != "ols" or asked.absorb or asked.weight:
        return False
    known = asked.kind in ("iid", "HC1") or (asked.kind == "CR1" and len(asked.cluster) == 1)
    return known and asked.intercept


def loses_digits(fit: Fit) -> bool:
    """Whether normal equations may be off by more than `CLOSE` on the columns of a regression, dummies and all."""
    from parity.sample.build import build_design
    from parity.sample.conditioning import CrossProducts, conditioning
    from parity.sample.partialled_out import partial_out
    from parity.stata.estimates.resolved import resolve

    if not has_exact_form(fit.request):
        return False
    try:
        found = resolve(fit.request, fit.data, fit.used, fit.weights)
        design = build_design(found.study, found.spec, found.frame)
        loss = conditioning(design, partial_out(design)).loss(CrossProducts(covariance=True, coefficients=True), True)
    except (Declined, DataProblem, ValueError, np.linalg.LinAlgError):  # it has no numbers
        return False
    return loss > CLOSE
