"""What is left of an estimate whose standard errors are drawn: coefficients, and what of e() is of no draw."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from parity.stata_language.request import Request

#: Results of draws, and of what follows from them: [R] bootstrap, Stored results.
NAMES = frozenset({
    "V", "F", "chi2", "p", "df_r", "N_clust", "N_strata", "N_reps", "N_misreps", "b_bs", "V_modelbased", "reps", "bias",
    "se", "z0", "accel", "ci_normal", "ci_percentile", "ci_bc", "ci_bca", "bs_version", "level",
})  # fmt: skip


def without_draws(found: Any, request: Request) -> Any:
    """An estimate, `own.Estimated` or `likelihoods.Likelihood`: as it is, or without a covariance where that is drawn."""
    if not request.drawn:
        return found
    return replace(
        found, V=np.full_like(found.V, np.nan), df=math.inf,
        numbers={k: v for k, v in found.numbers.items() if k not in NAMES},
        texts={k: v for k, v in found.texts.items() if k != "clustvar"}
        | {"vce": request.drawn, "vcetype": "Bootstrap", "prefix": request.drawn},
    )  # fmt: skip
