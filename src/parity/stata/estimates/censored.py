"""tobit: parity's own estimate of the spec, under Stata's names, and e() as the command keeps it.

Definitions: [R] tobit: Stored results, Methods and formulas. `/sigma` stands behind the constant; from version 15 on Stata
has its square there, `var(e.y)`.
"""

from __future__ import annotations

import math

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
    from parity.base.terms import INTERCEPT, SIGMA

    resolved = resolve(request, data, used, weights)
    design, found, covariance, said = fitted(resolved)
    order = [found.terms.index(t) for t in (*design.x_names, INTERCEPT, SIGMA)]
    names = (*(resolved.names.get(t, t) for t in design.x_names), "_cons", SIGMA)
    kind = {"iid": "oim", "HC1": "robust", "CR1": "cluster"}[request.kind]
    texts = {"cmd": request.command, "properties": "b V", "vce": kind}
    texts |= {"vcetype": "Robust"} if request.kind != "iid" else {}
    texts |= {"clustvar": " ".join(request.cluster)} if request.cluster else {}
    made = Likelihood(
        names, np.array(found.coef)[order], covariance[np.ix_(order, order)],
        tuple(resolved.names.get(t, t) for t in design.facts.dropped), resolved.frame.index.to_numpy()[design.rows],
        _numbers(request, design, {key: q.value for (key, term), q in said.items() if not term}), texts, request.model,
        design.facts.nobs_weighted - len(design.x_names),
    )  # fmt: skip
    return without_draws(made, request)


def unreached(request: Request, data: Dataset, used: NDArray[np.bool_]) -> list[str]:
    """Declared limits that no outcome of the rows used is at or beyond: they censor nothing, and another may be meant."""
    name = request.outcome.factors[0].name
    y = data[name].values[used] if name in data.columns and not request.outcome.factors[0].operator else np.empty(0)
    y = y[~np.isnan(y)]
    if not len(y):
        return []
    lower, upper = request.keys.get("lower"), request.keys.get("upper")
    said = []
    if isinstance(lower, int | float) and y.min() > lower:
        said.append(f"ll({lower:g}) censors no row: the smallest {name} is {y.min():g}")
    if isinstance(upper, int | float) and y.max() < upper:
        said.append(f"ul({upper:g}) censors no row: the largest {name} is {y.max():g}")
    return said


def _numbers(request: Request, design, said: dict[str, float]) -> dict[str, float]:
    """e() of the model: chi2 of the likelihoods' ratio, F where errors are robust or clustered."""
    from scipy import special

    slopes, w = len(design.x_names), np.ones(design.nobs) if design.weight_kind != "frequency" else design.weights
    lower, upper = design.limits
    below, above = float(w[design.y <= lower].sum()), float(w[design.y >= upper].sum())
    n = float(design.facts.nobs_weighted)
    out = {"N": n, "k": slopes + 2.0, "rank": slopes + 2.0, "df_m": float(slopes), "df_r": n - slopes,
           "N_lc": below, "N_rc": above, "N_unc": n - below - above, "ll": said["ll"], "ll_0": said["ll_0"],
           "r2_p": 1 - said["ll"] / said["ll_0"]}  # fmt: skip
    out |= {"llopt": lower} if math.isfinite(lower) else {}
    out |= {"ulopt": upper} if math.isfinite(upper) else {}
    groups = [g for subset, g in design.facts.clusters.items() if len(subset) == 1]
    out |= {"N_clust": float(min(groups))} if groups else {}
    if request.kind == "iid" and slopes:
        out |= {"chi2": said["chi2"], "p": float(special.chdtrc(slopes, max(said["chi2"], 0.0)))}
    if request.kind != "iid" and slopes and "chi2" in said and not (groups and min(groups) - 1 < slopes):
        f = said["chi2"] / slopes
        out |= {"F": f, "p": float(special.fdtrc(slopes, out["df_r"], f))}
    return out
