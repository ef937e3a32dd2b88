"""Design -> Fit of a dynamic panel, by `parity.algebra.dynamic_panel`; its covariance is that of the spec alone."""

from __future__ import annotations

import math

import numpy as np

from parity.engines.own.instrumented import Instrumented
from parity.sample.design import Design
from parity.sample.lagged import solved
from parity.study.spec import Spec


def dynamic_panel(design: Design, spec: Spec) -> Instrumented:
    """Raises `Unestimable` where there is no estimate, or no weights."""
    from scipy.special import chdtrc, ndtr

    found = solved(design, spec)

    def chi2(value: float) -> float:
        return float(chdtrc(found.over, value))

    def normal(z: float) -> float:
        return float(2 * ndtr(-abs(z)))

    said = {"n_instruments": float(found.instruments), "j_df": float(found.over)}
    if found.over:
        said |= {"sargan": found.sargan, "sargan_p": chi2(found.sargan), "j": found.hansen, "j_p": chi2(found.hansen)}
    first, second = found.orders[1], found.orders[2]
    said |= {"ar1": first, "ar1_p": normal(first), "ar2": second, "ar2_p": normal(second)}
    k, none = len(found.b), np.full((design.nobs, len(found.b)), math.nan)
    return Instrumented(
        design.terms, found.b, none[:, 0], none, np.full((k, k), math.nan), ssr=math.nan, tss=math.nan,
        tss_within=math.nan, design=design, efficient=found.covariance,
        reported={name: value for name, value in said.items() if math.isfinite(value)},
    )  # fmt: skip
