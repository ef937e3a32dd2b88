"""Models of a spec, and what they have in common."""

from __future__ import annotations

from typing import Literal

Model = Literal["ols", "first_difference", "random_effects", "logit", "probit", "poisson"]
#: Those that read unit and time.
OF_PANELS = ("first_difference", "random_effects")
#: Those by maximum likelihood: the estimate is where a likelihood of the index x'b has its maximum.
LIKELIHOODS = ("logit", "probit", "poisson")
