"""arima: parity's own estimate of the spec, under Stata's names, and e() as the command keeps it.

Definitions: [TS] arima: Stored results. Coefficients of the process are `ARMA:L.ar`, `ARMA:L2.ma`.
"""

from __future__ import annotations

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
    from scipy import special

    from parity.base.terms import ARMA, INTERCEPT, of_equation, of_process

    resolved = resolve(request, data, used, weights)
    design, found, covariance, said = fitted(resolved)
    ar, ma = design.arma
    process = of_process(ar, ma)
    terms = (*design.x_names, *((INTERCEPT,) if design.intercept else ()), *process)
    shown = [f"L{i if i > 1 else ''}.{name}" for name, many in (("ar", ar), ("ma", ma)) for i in range(1, many + 1)]
    first = (resolved.names.get(t, t) for t in terms[: -len(process)])
    names = (*first, *(of_equation(ARMA, name) for name in shown), process[-1])
    order = [found.terms.index(t) for t in terms]
    kind = "robust" if request.kind != "iid" else "opg" if request.settings.get("information") == "outer" else "oim"
    texts = {"cmd": request.command, "properties": "b V", "vce": kind}
    texts |= {"vcetype": {"robust": "Robust", "opg": "OPG"}[kind]} if kind != "oim" else {}
    whole = {key: q.value for (key, term), q in said.items() if not term}
    slopes = len(design.x_names) + ar + ma
    numbers = {"N": float(design.nobs), "k": float(len(terms)), "rank": float(len(terms)), "ll": whole["ll"],
               "df_m": float(slopes), "sigma": found.coef[order[-1]], "ar_max": float(ar), "ma_max": float(ma)}  # fmt: skip
    if "chi2" in whole:
        numbers |= {"chi2": whole["chi2"], "p": float(special.chdtrc(slopes, max(whole["chi2"], 0.0)))}
    made = Likelihood(
        names, np.array(found.coef)[order], covariance[np.ix_(order, order)],
        tuple(resolved.names.get(t, t) for t in design.facts.dropped), resolved.frame.index.to_numpy()[design.rows],
        numbers, texts, request.model,
    )  # fmt: skip
    return without_draws(made, request)
