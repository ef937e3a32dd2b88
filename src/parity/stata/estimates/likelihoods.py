"""logit, logistic, probit, poisson: coefficients, covariance and e() as Stata keeps them; `algebra` finds the maximum.

Definitions: [R] logit, probit, poisson (Methods and formulas; Model identification), [P] _robust. Any value but 0 counts as
1 in a binary outcome. A two-valued regressor of which one value goes with one outcome alone is left out together with the
rows of that value. The covariance is the inverse of the observed information; robust, that of the scores between two of it,
times N/(N - 1), or G/(G - 1) with clusters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parity.algebra.likelihood import NoMaximum, maximise, null, perfect, stopped
from parity.sample.design import INTERCEPT, Design
from parity.stata.estimates.columns import checked_offset, complete
from parity.stata.estimates.drawn import without_draws
from parity.stata.estimates.fitted import check_steps
from parity.stata.estimates.inference import wald
from parity.stata.estimates.resolved import Resolved, resolve
from parity.stata_language.dataset import DataProblem, Dataset
from parity.stata_language.request import Declined, Request


@dataclass(frozen=True)
class Likelihood:
    """names: coefficients in Stata's order, the constant last; b (k,), V (k, k); df infinite: z.

    omitted: regressors left out, as collinear or as perfect predictors; rows: places of the rows used in the data set;
    numbers, texts: of e(). link: "logit", "probit" or "poisson"
    """

    names: tuple[str, ...]
    b: NDArray[np.float64]
    V: NDArray[np.float64]
    omitted: tuple[str, ...]
    rows: NDArray[np.int64]
    numbers: Mapping[str, float]
    texts: Mapping[str, str]
    link: str
    df: float = math.inf


def estimate(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None = None) -> Likelihood:
    """request: as of a linear model, its `command` the model's. Raises `Declined`, `DataProblem`."""
    from parity.base.errors import Unestimable
    from parity.sample.build import build_design

    link = request.model
    if request.offset:
        used = complete(request, data, used)
        beside = checked_offset(request, data, used)
    linear = replace(request, command="regress", profile="regress", model="ols", offset="", exposure=False)
    resolved = resolve(linear, data, used, weights)
    frame = resolved.frame
    try:
        while True:
            design = build_design(resolved.study, resolved.spec, frame)
            if link == "poisson" and np.any(design.y < 0):
                raise DataProblem(f"{request.outcome.factors[0].name} must be greater than or equal to zero", 459)
            y = design.y if link == "poisson" else (design.y != 0).astype(float)
            found = None if link == "poisson" else _perfect(design, y)
            if found is None:
                break
            frame = frame.iloc[np.sort(design.rows[found])]
    except Unestimable as error:
        raise Declined(str(error)) from None
    rows = frame.index.to_numpy()[design.rows]
    offset = None
    if request.offset:
        offset = np.log(beside[rows]) if request.exposure else beside[rows]
    return without_draws(_maximised(request, resolved, frame, design, y, link, offset), request)


def _perfect(design: Design, y: NDArray) -> NDArray[np.bool_] | None:
    """The rows that stay, without those of a value of a two-valued regressor that has one outcome alone; the regressor
    doesn't vary in them, so it is left out as collinear with the constant."""
    return next((kept for column in design.x.T if (kept := perfect(column, y)) is not None), None)


def _maximised(
    request: Request, resolved: Resolved, frame, design: Design, y: NDArray, link: str, offset: NDArray | None
) -> Likelihood:
    x = np.column_stack([design.x, np.ones(design.nobs)]) if design.intercept else design.x
    w = np.ones(design.nobs) if design.weights is None else design.weights
    if np.ptp(y) == 0:
        raise Declined("the outcome doesn't vary" + ("" if link == "poisson" else "; every value but 0 is taken for 1"))
    try:
        found = maximise(x, y, link, w, offset=offset)
    except NoMaximum as error:
        raise Declined(str(error)) from None
    if design.intercept:
        from_constant = np.column_stack([np.ones(design.nobs), design.x])
        check_steps(request, lambda limit: stopped(from_constant, y, link, w, offset=offset, limit=limit))
    elif request.steps is not None:
        raise Declined("the steps of a likelihood without a constant, which iterate() counts, are not followed here")
    b, ll = found.b, found.ll
    n = float(design.facts.nobs_weighted)
    covariance, groups = _covariance(request, design, found.half @ found.half.T, x, found.at.slope, w, n)
    alone = null(y, link, w, constant=request.intercept, offset=offset)
    numbers = _numbers(request, design, b, covariance, ll, alone, n, groups)
    names = tuple(resolved.names.get(t, t) for t in (*design.x_names, *((INTERCEPT,) if design.intercept else ())))
    omitted = tuple(resolved.names.get(t, t) for t in design.facts.dropped)
    kind = {"iid": "oim", "HC1": "robust", "CR1": "cluster"}[request.kind]
    texts = {"cmd": request.command, "properties": "b V", "vce": kind}
    if request.kind != "iid":
        texts["vcetype"] = "Robust"
    if request.offset:
        texts["offset"] = f"ln({request.offset})" if request.exposure else request.offset
    if request.cluster:
        texts["clustvar"] = " ".join(request.cluster)
    return Likelihood(names, b, covariance, omitted, frame.index.to_numpy()[design.rows], numbers, texts, link)


def _covariance(
    request: Request, design: Design, bread: NDArray, x: NDArray, score: NDArray, w: NDArray, n: float
) -> tuple[NDArray, int]:
    """And the number of clusters, 0 without."""
    if request.kind == "iid":
        return bread, 0
    if request.kind == "HC1":
        counts = design.weight_kind == "frequency"
        root = np.sqrt(w) * score if counts else w * score
        rows = x * root[:, None]
        return bread @ (rows.T @ rows) @ bread * n / (n - 1), 0
    if request.kind != "CR1" or len(request.cluster) != 1:
        raise Declined("these standard errors have no engine here")
    (code,) = design.clusters.values()
    code = np.unique(code, return_inverse=True)[1]
    groups = int(code.max()) + 1
    sums = np.zeros((groups, x.shape[1]))
    np.add.at(sums, code, x * (w * score)[:, None])
    if groups < 2:
        raise Declined("one cluster gives no standard errors")
    return bread @ (sums.T @ sums) @ bread * groups / (groups - 1), groups


def _numbers(
    request: Request, design: Design, b: NDArray, v: NDArray, ll: float, null: float, n: float, groups: int
) -> dict[str, float]:
    from scipy import special

    slopes = np.arange(len(design.x_names))
    out = {"N": n, "ll": ll, "k": float(len(b)), "rank": float(len(b)), "df_m": float(len(slopes))}
    if request.intercept:
        out |= {"ll_0": null, "r2_p": 1 - ll / null if null else math.nan}
    if groups:
        out["N_clust"] = float(groups)
    if request.kind == "iid" and request.intercept:
        chi2, q = 2 * (ll - null), len(slopes)
    else:
        chi2, q = wald(b[slopes], v[np.ix_(slopes, slopes)])
        if groups and q < len(slopes):  # fewer clusters than slopes: Stata prints none
            q = 0
    if not len(slopes):
        out["chi2"] = 0.0  # as Stata prints it, without a p-value
    if q:
        out |= {"chi2": chi2, "p": float(special.chdtrc(q, max(chi2, 0.0)))}
    return {key: value for key, value in out.items() if not math.isnan(value)}
