"""Which estimator here a request is for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parity.stata.estimates import categorical, censored, joint, likelihoods, own, series, systems
from parity.stata_language.dataset import Dataset
from parity.stata_language.request import Request
from parity.stata_language.systems import SYSTEMS
from parity.stata_language.vce import CATEGORICAL, CENSORED, JOINT, LIKELIHOODS, SERIES


def estimate(
    request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None = None
) -> own.Estimated | likelihoods.Likelihood | categorical.Categorical | systems.System:
    """Raises `Declined` where parity has no such estimate, `DataProblem` where Stata would refuse."""
    if request.command in SYSTEMS:
        return systems.estimate(request, data, used, weights)
    if request.model in CATEGORICAL:
        return categorical.estimate(request, data, used, weights)
    if request.model in CENSORED:
        return censored.estimate(request, data, used, weights)
    if request.model in JOINT:
        return joint.estimate(request, data, used, weights)
    if request.model in SERIES:
        return series.estimate(request, data, used, weights)
    by = likelihoods if request.model in LIKELIHOODS.values() else own
    return by.estimate(request, data, used, weights)
