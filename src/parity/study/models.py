"""Models of a spec, and what they have in common."""

from __future__ import annotations

from typing import Literal

Model = Literal[
    "ols", "first_difference", "random_effects", "between", "logit", "probit", "poisson",
    "mlogit", "ologit", "oprobit", "tobit", "ivprobit", "arima",
    "liml", "fuller", "kclass", "gmm", "cue",
    "difference_gmm", "system_gmm",
]  # fmt: skip
#: Those that read unit and time.
OF_PANELS = ("first_difference", "random_effects", "between", "difference_gmm", "system_gmm")
#: Those by maximum likelihood of one index x'b; of an outcome of several categories, whose parameters are several indices,
#: or an index and the cuts between neighbouring outcomes; of a censored normal outcome; of an index and its endogenous
#: column together; of a series whose errors are an ARMA process; and all of them.
OF_ONE_INDEX = ("logit", "probit", "poisson")
ORDERED = ("ologit", "oprobit")
CATEGORICAL = ("mlogit", *ORDERED)
CENSORED = ("tobit",)
JOINT = ("ivprobit",)
SERIES = ("arima",)
LIKELIHOODS = (*OF_ONE_INDEX, *CATEGORICAL, *CENSORED, *JOINT, *SERIES)
#: Likelihoods whose observed information isn't the expected one.
OF_TWO_INFORMATIONS = ("probit", *ORDERED)
#: GMM of a dynamic panel, whose instruments are lags: of differences alone, and of differences and levels.
OF_DYNAMIC = ("difference_gmm", "system_gmm")
#: Instrumental variables by a k-class estimator other than 2SLS, and by moment conditions with a weight matrix.
K_CLASS = ("liml", "fuller", "kclass")
OF_MOMENTS = ("gmm", "cue")
#: Those that take instruments in the formula and are no 2SLS.
OF_INSTRUMENTS = (*K_CLASS, *OF_MOMENTS)

#: What moments are weighted by where the spec doesn't say it: as its covariance has the errors.
WEIGHT_OF = {
    "iid": "iid", "HC0": "robust", "HC1": "robust", "CR0": "cluster", "CR1": "cluster", "NW": "newey_west",
}  # fmt: skip
