"""parity's own estimate of a fit, as Stata keeps it: e(b), e(V), and the numbers of e().

Definitions: [R] regress, areg, ivregress (Stored results, Methods and formulas); [XT] xtreg; reghdfe's help. The constant
that is shown beside absorbed effects is the mean of y - xb, with the covariance that the command would give it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parity.stata.estimates import panel
from parity.stata.estimates.descriptive import names_of
from parity.stata.estimates.drawn import without_draws
from parity.stata.estimates.resolved import Resolved, resolve
from parity.stata.estimates.stored import kraay_of_random, numbers_of
from parity.stata.estimates.transformed import GLS, fit_of
from parity.stata_language.dataset import Dataset
from parity.stata_language.descriptive import OF_VARIABLES
from parity.stata_language.request import Declined, Request

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parity.engines.own.least_squares import Fit as Solved


@dataclass(frozen=True)
class Estimated:
    """names: coefficients in Stata's order, the constant last; b (k,), V (k, k).

    df: of t, infinite for the normal. omitted: columns left out as collinear. rows: places of the rows used in the data
    set; residuals: theirs, effects taken out, NaN elsewhere. numbers, texts: of e(). scores: (rows, k) what each row pulls
    of each coefficient, for suest. repaired: whether V had a negative eigenvalue, which the command sets to zero
    """

    names: tuple[str, ...]
    b: NDArray[np.float64]
    V: NDArray[np.float64]
    df: float
    omitted: tuple[str, ...]
    rows: NDArray[np.int64]
    residuals: NDArray[np.float64]
    numbers: Mapping[str, float]
    texts: Mapping[str, str]
    solved: Solved
    resolved: Resolved
    scores: NDArray[np.float64]
    repaired: bool = False


def estimate(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None = None) -> Estimated:
    """Raises `Declined` where parity has no such estimate, `DataProblem` where Stata would refuse."""
    from parity.base.errors import Unestimable
    from parity.sample.build import build_design

    # a spec has no such covariance of random effects: it is put in its place below
    asked = replace(request, kind="iid", settings={}) if kraay_of_random(request) else request
    resolved = resolve(asked, data, used, weights)
    try:
        design = build_design(resolved.study, resolved.spec, resolved.frame)
        return without_draws(_estimated(request, resolved, design), request)
    except Unestimable as error:
        raise Declined(str(error)) from None


def _estimated(request: Request, resolved: Resolved, design) -> Estimated:
    from parity.compare.harmonise import Unusable, combined
    from parity.conventions.formulas import Refused, df_t
    from parity.engines.own import fit as own
    from parity.results.estimate import Estimate
    from parity.sample.design import INTERCEPT

    spec, facts = resolved.spec, design.facts
    solved = own.solve(design, spec)
    whole = _with_constant(solved, spec)
    try:
        found = Estimate(
            engine="parity", terms=whole.terms, coef=tuple(whole.coef.tolist()),
            parts=own.uncorrected(whole, spec.vcov, convention=spec.convention), basis="uncorrected",
        )  # fmt: skip
        covariance = combined(found, facts, spec)
        kept = spec.model_copy(update={"convention": spec.convention.model_copy(update={"psd": "kept"})})
        repaired = len(spec.vcov.cluster) > 1 and not np.array_equal(covariance, combined(found, facts, kept))
        df = df_t(
            facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, iv=spec.iv, random=spec.model == "random_effects"
        )
    except (Refused, Unusable) as error:
        raise Declined(str(error)) from None
    if kraay_of_random(request):
        covariance, df = _kraay(request, whole, design)
    order = _order(whole.terms, resolved, design, INTERCEPT)
    names = tuple(resolved.names.get(whole.terms[i], whole.terms[i]) for i in order)
    names = tuple(name.removeprefix(GLS) for name in names)
    if request.command in OF_VARIABLES:
        names = names_of(request) or tuple(f"c.{request.outcome.factors[0].name}@{name}" for name in names)
    root = 1.0 if design.weights is None else np.sqrt(design.weights)
    residuals = np.full(len(resolved.frame), np.nan)
    if spec.model != "between":  # whose residuals are of means
        residuals[design.rows] = solved.resid / root
    b, v = whole.coef[order], covariance[np.ix_(order, order)]
    numbers = numbers_of(request, spec, solved, design, names, b, v, df)
    if resolved.numbers:
        numbers |= {**resolved.numbers, **_of_units(resolved, design, names, b)}
    return Estimated(
        names, b, v, df, tuple(resolved.names.get(n, n) for n in facts.dropped), resolved.rows[design.rows], residuals,
        numbers, _texts(request), solved, resolved,
        (whole.pull * whole.resid[:, None])[:, order], repaired,
    )  # fmt: skip


def _of_units(resolved: Resolved, design, names: tuple[str, ...], b: NDArray[np.float64]) -> dict[str, float]:
    """What quasi-demeaned columns don't know: correlations of the outcome with xb as it is, and how many rows units have."""
    rows = resolved.frame.iloc[design.rows]
    slopes = [i for i, name in enumerate(names) if name != "_cons"]
    fitted = rows[[names[i] for i in slopes]].to_numpy() @ b[slopes]
    y = rows[resolved.spec.formula.outcome.name.removeprefix(GLS)].to_numpy()
    return fit_of(y, fitted, rows[resolved.study.header.unit].to_numpy())


def _kraay(request: Request, solved: Solved, design) -> tuple[NDArray[np.float64], float]:
    """Driscoll and Kraay's covariance of the transformed rows, as `xtscc, re` scales it, and T - 1.

    k is the rank of its regression within units, which comes before the random effects: regressors that don't vary within
    a unit aren't counted. xtscc.ado 1.4 (Hoechle, 2017).
    """
    from parity.algebra.covariance import driscoll_kraay

    time = np.unique(design.time, return_inverse=True)[1]
    n, k, periods = design.nobs, panel.varying(design) + 1, int(time.max()) + 1
    if periods < 2 or n <= k:
        raise Declined("one period gives no standard errors")
    scale = periods / (periods - 1) * (n - 1) / (n - k)
    return driscoll_kraay(solved.pull, solved.resid, time, request.lags or 0) * scale, float(periods - 1)


def _with_constant(solved: Solved, spec) -> Solved:
    """The constant beside absorbed effects: as if y and x were y - mean of its group + mean of all. [XT] xtreg, methods."""
    from parity.engines.own.least_squares import _with_intercept
    from parity.sample.design import INTERCEPT

    design = solved.design
    if (
        not design.effects
        or spec.vcov.kind in ("HC2", "HC3", "CR2", "CR3")
        or spec.convention.profile in ("ivreg2", "ivreghdfe")
        or spec.vcov.kind == "conley"  # reg2hdfespatial and acreg have none beside effects
    ):
        return solved
    root = None if design.weights is None else np.sqrt(design.weights)
    coef, basis, half = _with_intercept(design, root, solved.coef, solved.basis, solved.half)
    return replace(solved, terms=(INTERCEPT, *solved.terms), coef=coef, basis=basis, half=half)


def _order(terms: tuple[str, ...], resolved: Resolved, design, intercept: str) -> list[int]:
    """Endogenous columns first, the constant last; partialled-out ones aren't shown."""
    endogenous = set(design.endog_names)
    shown = [i for i, t in enumerate(terms) if resolved.names.get(t, t) not in resolved.hidden]
    if resolved.hidden:
        shown = [i for i in shown if terms[i] != intercept]
    return sorted(shown, key=lambda i: (terms[i] == intercept, terms[i] not in endogenous))


def _texts(request: Request) -> dict[str, str]:
    out = {
        "cmd": request.command, "properties": "b V",
        "vce": {"iid": "ols", "HC1": "robust", "CR1": "cluster"}.get(request.kind, request.kind.lower()),
    }  # fmt: skip
    if request.kind != "iid":
        out["vcetype"] = "Robust"
    if request.cluster:
        out["clustvar"] = " ".join(request.cluster)
    if request.absorb:
        out["absvars"] = " ".join("#".join(f.name for f in t.factors) for t in request.absorb)
    if request.weight:
        out |= {"wtype": request.weight.kind, "wexp": f"= {request.weight.expression}"}
    return out
