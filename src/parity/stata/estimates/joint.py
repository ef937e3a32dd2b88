"""ivprobit: parity's own estimate of the spec, under Stata's names, and e() as the command keeps it.

Definitions: [R] ivprobit: Stored results, Methods and formulas. Any value of the outcome but 0 counts as 1. The window shows
the outcome's equation, endogenous regressors before the others, then the first stage, /athrho and /lnsigma (/athrho2_1 and
/lnsigma2 from version 14.1 on).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from parity.stata.estimates.drawn import without_draws
from parity.stata.estimates.fitted import fitted
from parity.stata.estimates.likelihoods import Likelihood
from parity.stata.estimates.resolved import resolve
from parity.stata_language.dataset import Dataset
from parity.stata_language.request import Request


def estimate(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None = None) -> Likelihood:
    """Raises `Declined`, `DataProblem`."""
    from parity.base.terms import ATHRHO, INTERCEPT, LNSIGMA, of_equation

    resolved = resolve(request, data, used, weights)
    outcome = str(resolved.spec.formula.outcome)
    if outcome in resolved.frame.columns:
        y = resolved.frame[outcome]
        resolved = replace(resolved, frame=resolved.frame.assign(**{outcome: (y != 0).astype(float).where(y.notna())}))
    design, found, covariance, said = fitted(resolved)
    (d,) = design.endog_names

    def named(term: str) -> str:
        return resolved.names.get(term, term)

    outer = (*design.x_names, *design.z_names, INTERCEPT)
    terms = (d, *design.x_names, INTERCEPT, *(of_equation(d, t) for t in outer), ATHRHO, LNSIGMA)
    names = (
        named(d),
        *map(named, design.x_names),
        "_cons",
        *(of_equation(named(d), named(t)) for t in outer),
        ATHRHO,
        LNSIGMA,
    )
    order = [found.terms.index(t) for t in terms]
    kind = {"iid": "oim", "HC1": "robust", "CR1": "cluster"}[request.kind]
    texts = {"cmd": request.command, "properties": "b V", "method": "ml", "vce": kind}
    texts |= {"vcetype": "Robust"} if request.kind != "iid" else {}
    texts |= {"clustvar": " ".join(request.cluster)} if request.cluster else {}
    whole = {key: q.value for (key, term), q in said.items() if not term}
    made = Likelihood(
        names, np.array(found.coef)[order], covariance[np.ix_(order, order)],
        tuple(map(named, design.facts.dropped)), resolved.frame.index.to_numpy()[design.rows],
        _numbers(design, whole, len(terms)), texts, request.model,
    )  # fmt: skip
    return without_draws(made, request)


def _numbers(design, said: dict[str, float], parameters: int) -> dict[str, float]:
    from scipy import special

    slopes = len(design.x_names) + 1
    out = {"N": float(design.facts.nobs_weighted), "k": float(parameters), "rank": float(parameters), "ll": said["ll"],
           "df_m": float(slopes), "endog_ct": 1.0}  # fmt: skip
    groups = [g for subset, g in design.facts.clusters.items() if len(subset) == 1]
    out |= {"N_clust": float(min(groups))} if groups else {}
    if "chi2" in said and not (groups and min(groups) - 1 < slopes):
        out |= {"chi2": said["chi2"], "p": float(special.chdtrc(slopes, max(said["chi2"], 0.0)))}
    if "chi2_exog" in said:
        out |= {"chi2_exog": said["chi2_exog"], "p_exog": float(special.chdtrc(1, said["chi2_exog"]))}
    return out
