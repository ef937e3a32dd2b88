"""A request as R: fixest where its options have Stata's convention, plm, AER and sandwich for the rest; below fixest's lines
those of lm() and sandwich, where they give the same."""

from __future__ import annotations

from functools import partial

from parity.stata_language.dataset import Panel
from parity.stata_language.reading import NO_PANEL
from parity.stata_language.request import Declined, Request
from parity.stata_language.varlist import Term
from parity.study.models import CATEGORICAL, CENSORED, JOINT, LIKELIHOODS, OF_DYNAMIC, OF_INSTRUMENTS, SERIES
from parity.translate.descriptive import descriptive, r_descriptive
from parity.translate.names import (
    check_series,
    dates_said,
    r_condition,
    r_name,
    shift,
    subset_of,
)
from parity.translate.r_fixest import feols_lines
from parity.translate.r_outcomes import censored_lines, outcome_lines
from parity.translate.r_places import conley_lines
from parity.translate.r_terms import base_term, kept_rows, lag_columns, right_side


def r_lines(request: Request, panel: Panel = NO_PANEL) -> list[str]:
    """Lines that give the command's coefficients and standard errors for a data frame `d`. Raises `Declined`."""
    lines = _lines(request, panel)
    return [*dates_said(request), *lines]


def _lines(request: Request, panel: Panel) -> list[str]:
    if descriptive(request):
        return r_descriptive(request)
    if request.model in CATEGORICAL:
        lagged, made = lag_columns(request, panel)
        plain = partial(base_term, made=made)
        return [*lagged, *outcome_lines(request, plain(request.outcome), right_side(request, plain), kept_rows(request))]
    if request.model in CENSORED:
        lagged, made = lag_columns(request, panel)
        plain = partial(base_term, made=made)
        return [*lagged, *censored_lines(request, plain(request.outcome), right_side(request, plain), kept_rows(request))]
    if request.model in SERIES:
        raise Declined("arima as R has no short form with Stata's errors")
    if request.model in JOINT:
        raise Declined(f"no package of R that is asked here has {request.model}")
    if request.model in OF_DYNAMIC:
        raise Declined(f"{request.command}: pgmm() of plm has a constant, and instruments of levels, in other places")
    if request.model in LIKELIHOODS:
        return _glm(request, panel)
    if request.model in OF_INSTRUMENTS:
        raise Declined(f"no package of R that is asked here has {request.model.upper()}")
    if request.kind == "conley":
        return conley_lines(request, panel)
    if request.model in ("random_effects", "between"):
        return _plm(request, panel)
    if request.kind in ("NW", "HC2", "HC3", "CR2", "CR3") or (
        request.profile in ("ivregress", "ivreg2") and not request.absorb
    ):
        return _base(request, panel)
    if not request.absorb and any(map(_near_others, request.regressors)):  # feols leaves out others than Stata and lm()
        try:
            return _without(request, panel, Declined())
        except Declined:
            pass
    try:
        lines = feols_lines(request, panel)
    except Declined as error:
        return _without(request, panel, error)
    try:
        return [*lines, WITHOUT_FIXEST, *_without(request, panel, Declined())]
    except Declined:
        return lines


def _near_others(term: Term) -> bool:
    """Whether a term often is collinear with others, or nearly: a dummy, or a power."""
    names = [f.name for f in term.factors]
    return any(f.kind == "factor" for f in term.factors) or len(set(names)) < len(names)


#: Stands between fixest's lines and those of lm() and sandwich.
WITHOUT_FIXEST = "# the same without fixest:"


def _without(request: Request, panel: Panel, error: Declined) -> list[str]:
    """lm() and sandwich, absorbed effects as dummies. Raises `error` for commands that count or drop in other ways."""
    if request.profile not in ("regress", "areg", "xtreg") or request.model != "ols" or request.endogenous:
        raise error
    if {f.name for t in request.regressors for f in t.factors} & {f.name for t in request.absorb for f in t.factors}:
        raise Declined("a variable that is absorbed as well is no dummy of its own")
    return _base(request, panel)


# ---------------------------------------------------------------- glm


#: Steps until nothing changes: the default's 1e-8 of the deviance is seen in the 7th digit of the standard errors.
STEPS = "control = list(epsilon = 1e-14, maxit = 100)"


def _glm(request: Request, panel: Panel) -> list[str]:
    """glm(), and sandwich for robust and clustered errors. Its probit has the expected information, Stata's the observed."""
    if request.model == "probit":
        raise Declined("glm() has the expected information, probit the observed: its standard errors are others")
    if request.weight:
        raise Declined("weights of a likelihood: repeat the rows of frequency weights")
    if request.absorb:
        raise Declined("absorbed effects of a likelihood have no short form in R")
    lagged, made = lag_columns(request, panel)
    plain = partial(base_term, made=made)
    family = {"logit": "binomial", "poisson": "poisson"}[request.model]
    formula = f"{plain(request.outcome)} ~ {right_side(request, plain)}"
    beside = r_name(request.offset) if request.offset else ""
    offset = f"offset = {f'log({beside})' if request.exposure else beside}, " if beside else ""
    lines = [*lagged, f"fit <- glm({formula}, {family}, {kept_rows(request)}, {offset}{STEPS})"]
    if request.kind == "iid":
        return [*lines, "summary(fit)"]
    cluster = " + ".join(map(r_name, request.cluster))
    matrix = f"vcovCL(fit, ~ {cluster})" if cluster else "sandwich(fit) * nobs(fit)/(nobs(fit) - 1)"
    return ["library(sandwich); library(lmtest)", *lines, f"coeftest(fit, {matrix})"]


# ---------------------------------------------------------------- lm, ivreg and sandwich


def _base(request: Request, panel: Panel) -> list[str]:
    if request.absorb and (request.profile not in ("areg", "xtreg") or request.kind not in ("iid", "HC1", "CR1")):
        raise Declined(f"{request.kind} with absorbed effects has no short form in R")
    lines, made = lag_columns(request, panel)
    plain = partial(base_term, made=made)
    right = right_side(request, plain)
    dummies = [_dummy(t) for t in request.absorb]
    if dummies:
        right = " + ".join([*([right] if right != "1" else []), *dummies])
    check_series(request, panel)
    if request.kind == "NW" and panel.time:  # neighbours in time, in whatever order the rows stand
        lines.insert(0, f"d <- d[order(d${r_name(panel.time)}), ]")
    options = ["d"]
    if subset := subset_of(request, r_condition):
        options.append(f"subset = {subset}")
    if request.weight:
        if request.weight.kind == "fweight":
            raise Declined("lm() has no frequency weights: repeat the rows")
        options.append(f"weights = {r_name(request.weight.expression)}")
    if request.endogenous:
        first = " + ".join([*map(plain, request.endogenous), *([right] if right != "1" else [])])
        second = " + ".join([*map(plain, request.instruments), *([right] if right != "1" else [])])
        lines = ["library(AER)", *lines, f"m <- ivreg({plain(request.outcome)} ~ {first} | {second}, {_data(options)})"]
    else:
        lines.append(f"m <- lm({plain(request.outcome)} ~ {right}, {_data(options)})")
    return [*lines, *_sandwich(request, dummies)]


def _dummy(term: Term) -> str:
    """An absorbed effect as dummies. Raises `Declined`."""
    if any(f.kind == "continuous" for f in term.factors):
        raise Declined("slopes that differ by group have no short form here")
    names = [r_name(f.name) for f in term.factors]
    return f"factor({names[0]})" if len(names) == 1 else f"interaction({', '.join(names)}, drop = TRUE)"


def _data(options: list[str]) -> str:
    return ", ".join([f"data = {options[0]}", *options[1:]])


def _sandwich(request: Request, dummies: list[str]) -> list[str]:
    small = request.profile not in ("ivregress", "ivreg2") or bool(request.settings.get("small"))
    cluster = f"~ {' + '.join(map(r_name, request.cluster))}"
    covariance = {
        "iid": "vcov(m)" if small else "vcov(m) * m$df.residual / nobs(m)",
        "HC1": f'vcovHC(m, type = "{"HC1" if small else "HC0"}")', "HC2": 'vcovHC(m, type = "HC2")',
        "HC3": 'vcovHC(m, type = "HC3")',
        "CR1": f'vcovCL(m, {cluster}, type = "HC1")' if small else f'vcovCL(m, {cluster}, type = "HC0", cadjust = FALSE)',
        "NW": f"NeweyWest(m, lag = {request.lags}, prewhite = FALSE, adjust = {'TRUE' if small else 'FALSE'})",
        "CR2": f'clubSandwich::vcovCR(m, cluster = d${request.cluster[0] if request.cluster else ""}, type = "CR2")',
        "CR3": f'clubSandwich::vcovCR(m, cluster = d${request.cluster[0] if request.cluster else ""}, type = "CR3")',
    }.get(request.kind)  # fmt: skip
    if request.profile == "xtreg" and request.cluster and dummies:  # the panel's effects don't count
        covariance = f'{covariance} * m$df.residual / (m$df.residual + length(m$xlevels[["{dummies[0]}"]]) - 1)'
    each = request.settings.get("cluster_groups") == "each"  # which is sandwich's way too
    if covariance is None or (request.kind == "CR1" and len(request.cluster) > 1 and not each):
        raise Declined(f"{request.kind} of this command has no short form in R")
    df = (
        f", df = length(unique(d${r_name(request.cluster[0])})) - 1"
        if request.cluster and small and not each
        else ""
        if small
        else ", df = Inf"
    )
    if request.kind == "NW" and not request.weight and any(shift(f)[0] for t in request.regressors for f in t.factors):
        return ["library(sandwich); library(lmtest)", *_orthonormal(covariance), f"coeftest(m, vcov. = V{df})"]
    lagged = any(shift(f)[0] for t in request.regressors for f in t.factors)
    if request.endogenous and lagged and request.kind in ("HC1", "NW") and not request.weight:
        return ["library(sandwich); library(lmtest)", *_orthonormal_iv(covariance), f"coeftest(m, vcov. = V{df})"]
    return ["library(sandwich); library(lmtest)", f"coeftest(m, vcov. = {covariance}{df})"]


def _orthonormal_iv(covariance: str) -> list[str]:
    """Likewise of two-stage least squares, whose columns are made orthonormal as they are projected on the instruments."""
    return [
        f"# V is {covariance}",
        "# without the digits that it loses to levels beside their lags: the same fit on",
        "# columns that are orthonormal within the instruments, and back",
        "k <- !is.na(coef(m))",
        'X <- model.matrix(m, component = "regressors")[, k]',
        'Z <- qr(model.matrix(m, component = "instruments"))',
        "Z <- qr.Q(Z)[, 1:Z$rank]",
        "back <- solve(qr.R(qr(crossprod(Z, X), tol = 1e-12)), tol = 1e-20)",
        "y <- model.response(model.frame(m))",
        "q <- ivreg(y ~ 0 + I(X %*% back) | 0 + Z)",
        "V <- vcov(m)[k, k]",
        f"V[] <- back %*% {covariance.replace('(m, ', '(q, ')} %*% t(back)",
    ]


def _orthonormal(covariance: str) -> list[str]:
    """A sandwich V of `m`, made on orthonormal columns: (X'X)^-1, by which sandwich() multiplies twice, costs the square of
    the columns' condition, and levels beside their lags have one of thousands."""
    return [
        f"# V is {covariance}",
        "# without the digits that it loses to levels beside their lags: the same fit on",
        "# orthonormal columns, and back",
        "k <- 1:m$rank",
        "q <- lm(m$model[[1]] ~ 0 + qr.Q(m$qr)[, k])",
        "back <- backsolve(qr.R(m$qr)[k, k], diag(m$rank))",
        "V <- vcov(m, complete = FALSE)",
        f"V[] <- back %*% {covariance.replace('(m, ', '(q, ')} %*% t(back)",
    ]


# ---------------------------------------------------------------- plm


def _plm(request: Request, panel: Panel) -> list[str]:
    if request.kind != "iid":
        raise Declined("clustered random effects of xtreg have no option of plm with Stata's factor")
    lagged, made = lag_columns(request, panel)
    plain = partial(base_term, made=made)
    data = f"subset(d, {subset_of(request, r_condition)})" if request.condition else "d"
    index = ", ".join(f'"{n}"' for n in (panel.unit, panel.time) if n)
    formula = f"{plain(request.outcome)} ~ {right_side(request, plain)}"
    if request.model == "between":
        if request.settings:
            raise Declined("plm weighs every unit alike, wls by its rows")
        return ["library(plm)", *lagged, f'summary(plm({formula}, data = {data}, index = c({index}), model = "between"))']
    said = "library(plm)  # on an unbalanced panel these variance components are those of `xtreg, sa`"
    return [said, *lagged, f'summary(plm({formula}, data = {data}, index = c({index}), model = "random"))']
