"""logit, logistic and probit by maximum likelihood: coefficients, covariance, e(), as Stata keeps them.

Definitions: [R] logit, probit (Methods and formulas; Model identification), [P] _robust. Any value but 0 counts as 1. A
two-valued regressor of which one value goes with one outcome alone is left out together with the rows of that value. The
covariance is the inverse of the observed information; robust, that of the scores between two of it, times N/(N - 1), or
G/(G - 1) with clusters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parity.base.tolerance import LIKELIHOOD_STEP
from parity.sample.design import INTERCEPT, Design
from parity.stata.estimates.own import wald
from parity.stata.estimates.resolved import Resolved, resolve
from parity.stata_language.dataset import Dataset
from parity.stata_language.request import Declined, Request

#: Newton steps after which a likelihood is said to have no maximum.
MOST_STEPS = 100
#: |xb| beyond which a probability is 0 or 1 in double precision: the outcome is predicted perfectly.
MOST_INDEX = 500.0


@dataclass(frozen=True)
class Likelihood:
    """names: coefficients in Stata's order, the constant last; b (k,), V (k, k); df infinite: z.

    omitted: regressors left out, as collinear or as perfect predictors; rows: places of the rows used in the data set;
    numbers, texts: of e(). link: "logit" or "probit"
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

    link = "probit" if request.command == "probit" else "logit"
    linear = replace(request, command="regress", profile="regress")
    resolved = resolve(linear, data, used, weights)
    frame = resolved.frame
    try:
        while True:
            design = build_design(resolved.study, resolved.spec, frame)
            y = (design.y != 0).astype(float)
            found = _perfect(design, y)
            if found is None:
                break
            frame = frame.iloc[np.sort(design.rows[found])]
    except Unestimable as error:
        raise Declined(str(error)) from None
    return _maximised(request, resolved, frame, design, y, link)


def _perfect(design: Design, y: NDArray) -> NDArray[np.bool_] | None:
    """The rows that stay, without those of the value, of a two-valued regressor, that has one outcome alone; the regressor
    doesn't vary in them, so it is left out as collinear with the constant."""
    for column in design.x.T:
        low, high = column.min(), column.max()
        if low == high or not np.all((column == low) | (column == high)):
            continue
        alike = [bool(np.ptp(y[column == value]) == 0) for value in (low, high)]
        if alike[0] != alike[1]:
            return column != (low if alike[0] else high)
    return None


def _maximised(request: Request, resolved: Resolved, frame, design: Design, y: NDArray, link: str) -> Likelihood:
    x = np.column_stack([design.x, np.ones(design.nobs)]) if design.intercept else design.x
    w = np.ones(design.nobs) if design.weights is None else design.weights
    if np.ptp(y) == 0:
        raise Declined("the outcome doesn't vary")
    b, ll, score, information = _newton(x, y, w, link)
    bread = np.linalg.inv(information)
    n = float(design.facts.nobs_weighted)
    covariance, groups = _covariance(request, design, bread, x, score, w, n)
    numbers = _numbers(request, design, b, covariance, ll, _null(y, w, request.intercept), n, groups)
    names = tuple(resolved.names.get(t, t) for t in (*design.x_names, *((INTERCEPT,) if design.intercept else ())))
    omitted = tuple(resolved.names.get(t, t) for t in design.facts.dropped)
    kind = {"iid": "oim", "HC1": "robust", "CR1": "cluster"}[request.kind]
    texts = {"cmd": request.command, "properties": "b V", "vce": kind}
    if request.kind != "iid":
        texts["vcetype"] = "Robust"
    if request.cluster:
        texts["clustvar"] = " ".join(request.cluster)
    return Likelihood(names, b, covariance, omitted, frame.index.to_numpy()[design.rows], numbers, texts, link)


def _newton(x: NDArray, y: NDArray, w: NDArray, link: str) -> tuple[NDArray, float, NDArray, NDArray]:
    """b, log likelihood, score of each row by its index, information. Raises `Declined` where there is no maximum."""
    b = np.zeros(x.shape[1])
    ll, slope, curve = _at(x @ b, y, link)
    total = float(w @ ll)
    for _ in range(MOST_STEPS):
        information = (x * (w * curve)[:, None]).T @ x
        try:
            step = np.linalg.solve(information, x.T @ (w * slope))
        except np.linalg.LinAlgError:
            raise Declined("the likelihood has no single maximum") from None
        size = 1.0
        while True:
            index = x @ (b + size * step)
            ll, slope, curve = _at(index, y, link)
            if float(w @ ll) >= total - abs(total) * LIKELIHOOD_STEP or size < LIKELIHOOD_STEP:
                break
            size /= 2
        b, total = b + size * step, float(w @ ll)
        if np.max(np.abs(index)) > MOST_INDEX:
            raise Declined("the regressors predict the outcome perfectly: the likelihood has no maximum")
        if np.max(np.abs(step) / np.maximum(np.abs(b), 1.0)) < LIKELIHOOD_STEP:
            return b, total, slope, (x * (w * curve)[:, None]).T @ x
    raise Declined(f"no maximum of the likelihood was found in {MOST_STEPS} steps")


def _at(index: NDArray, y: NDArray, link: str) -> tuple[NDArray, NDArray, NDArray]:
    """Of each row: log likelihood, its slope and minus its curvature by the index."""
    from scipy import special

    sign = 2 * y - 1
    if link == "logit":
        p = special.expit(index)
        return special.log_expit(sign * index), y - p, p * (1 - p)
    z = sign * index
    ll = special.log_ndtr(z)
    ratio = np.exp(-z * z / 2 - math.log(2 * math.pi) / 2 - ll)  # Mills'
    return ll, sign * ratio, ratio * (ratio + z)


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


def _null(y: NDArray, w: NDArray, intercept: bool) -> float:
    """The log likelihood of the constant alone; of no coefficient where there is none."""
    total, share = float(w.sum()), float(w @ y / w.sum())
    return total * (share * math.log(share) + (1 - share) * math.log(1 - share)) if intercept else total * math.log(0.5)


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
    if q:
        out |= {"chi2": chi2, "p": float(special.chdtrc(q, max(chi2, 0.0)))}
    return {key: value for key, value in out.items() if not math.isnan(value)}
