"""A request as R: fixest where its options have Stata's convention, plm, AER and sandwich for the rest; below fixest's lines
those of lm() and sandwich, where they give the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from parity.stata_language.dataset import Panel
from parity.stata_language.reading import NO_PANEL
from parity.stata_language.request import Declined, Request
from parity.stata_language.spec import crossed, margins_of
from parity.stata_language.varlist import Factor, Term
from parity.study.models import CATEGORICAL, CENSORED, LIKELIHOODS, OF_DYNAMIC, OF_INSTRUMENTS
from parity.translate.names import (
    COUNTED,
    by_periods,
    check_cells,
    check_series,
    dates_said,
    in_columns,
    is_cells,
    lag_name,
    powers,
    r_condition,
    r_name,
    shift,
    subset_of,
    terms_of,
)
from parity.translate.r_outcomes import censored_lines, outcome_lines


def r_lines(request: Request, panel: Panel = NO_PANEL) -> list[str]:
    """Lines that give the command's coefficients and standard errors for a data frame `d`. Raises `Declined`."""
    lines = _lines(request, panel)
    return [*dates_said(request), *lines]


def _lines(request: Request, panel: Panel) -> list[str]:
    if request.model in CATEGORICAL:
        lagged, made = _lags(request, panel)
        plain = partial(_plain, made=made)
        return [*lagged, *outcome_lines(request, plain(request.outcome), _right(request, plain), _rows(request))]
    if request.model in CENSORED:
        lagged, made = _lags(request, panel)
        plain = partial(_plain, made=made)
        return [*lagged, *censored_lines(request, plain(request.outcome), _right(request, plain), _rows(request))]
    if request.model in OF_DYNAMIC:
        raise Declined(f"{request.command}: pgmm() of plm has a constant, and instruments of levels, in other places")
    if request.model in LIKELIHOODS:
        return _glm(request, panel)
    if request.model in OF_INSTRUMENTS:
        raise Declined(f"no package of R that is asked here has {request.model.upper()}")
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
        lines = _feols(request, panel)
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


# ---------------------------------------------------------------- lags


def _lags(request: Request, panel: Panel) -> tuple[list[str], dict[Factor, str]]:
    """Lags as columns found by unit and time, which obeys gaps."""
    lines: list[str] = []
    made: dict[Factor, str] = {}
    for factor in dict.fromkeys(f for t in terms_of(request) for f in t.factors):
        letter, n = shift(factor)
        if not letter:
            continue
        name = lag_name(letter, n, factor, panel)
        time = f"d${r_name(panel.time)}"
        unit = f"d${r_name(panel.unit)}" if panel.unit else ""
        moved = f"{time} {'+' if letter == 'f' else '-'} {by_periods(n, panel)}"
        at = f"match(paste({unit}, {moved}), paste({unit}, {time}))" if unit else f"match({moved}, {time})"
        value = f"d${r_name(factor.name)}"
        made[factor] = name
        lines.append(f"d${r_name(name)} <- {value + ' - ' if letter == 'd' else ''}{value}[{at}]")
    return lines, made


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
    lagged, made = _lags(request, panel)
    plain = partial(_plain, made=made)
    family = {"logit": "binomial", "poisson": "poisson"}[request.model]
    formula = f"{plain(request.outcome)} ~ {_right(request, plain)}"
    beside = r_name(request.offset) if request.offset else ""
    offset = f"offset = {f'log({beside})' if request.exposure else beside}, " if beside else ""
    lines = [*lagged, f"fit <- glm({formula}, {family}, {_rows(request)}, {offset}{STEPS})"]
    if request.kind == "iid":
        return [*lines, "summary(fit)"]
    cluster = " + ".join(map(r_name, request.cluster))
    matrix = f"vcovCL(fit, ~ {cluster})" if cluster else "sandwich(fit) * nobs(fit)/(nobs(fit) - 1)"
    return ["library(sandwich); library(lmtest)", *lines, f"coeftest(fit, {matrix})"]


def _rows(request: Request) -> str:
    subset = subset_of(request, r_condition)
    return f"subset(d, {subset})" if subset else "d"


# ---------------------------------------------------------------- fixest


def _feols(request: Request, panel: Panel) -> list[str]:
    shifted = any(shift(f)[0] for t in terms_of(request) for f in t.factors)
    formula = f"{_fixest(request.outcome)} ~ {_right(request, _fixest)}"
    if request.absorb:
        formula += " | " + " + ".join("^".join(r_name(f.name) for f in t.factors) for t in request.absorb)
    if request.endogenous:
        formula += f" | {' + '.join(map(_fixest, request.endogenous))} ~ {' + '.join(map(_fixest, request.instruments))}"
    options = ["d", f"vcov = {_vcov(request)}"]
    if ssc := _ssc(request):
        options.append(f"ssc = ssc({ssc})")
    drops = request.settings.get("singletons", "drop" if request.profile in ("reghdfe", "ivreghdfe") else "keep") == "drop"
    if not drops and (request.absorb or "singletons" in request.settings):
        options.append('fixef.rm = "none"')
    if len(request.absorb) > 1:  # they are demeaned to 1e-6 unless told, which is seen in the 8th digit
        options += ["fixef.tol = 1e-11", "fixef.iter = 1e6"]
    if subset := subset_of(request, r_condition):
        options.append(f"subset = ~ {subset}")
    if request.weight:
        options.append(f"weights = ~ {r_name(request.weight.expression)}")
        if request.weight.kind == "fweight":
            raise Declined("feols has no frequency weights: repeat the rows")
    if shifted:
        if not panel.time or panel.delta != 1:
            raise Declined("a lag needs xtset" if not panel.time else "fixest's lags are of one step")
        options.append(f"panel.id = ~ {' + '.join(r_name(n) for n in (panel.unit, panel.time) if n)}")
    name = "m <- " if _less_groups(request) else ""
    whole = f"{name}feols({formula}, {', '.join(options)})"
    written = [whole]
    if len(whole) > 76:
        written = [f"{name}feols({formula},", *(f"  {option}," for option in options[:-1]), f"  {options[-1]})"]
    if name:
        written += ["# divided by N less the groups, not less K as well:",
                    "summary(m, vcov = vcov(m) * (m$nobs - m$nparams) / (m$nobs - m$fixef_sizes))"]  # fmt: skip
    if len(request.cluster) > 1 and request.profile == "reghdfe":
        written.insert(
            0, "# a covariance with a negative eigenvalue is repaired on columns as they are, by reghdfe on scaled ones"
        )
    return ["library(fixest)", *written]


def _less_groups(request: Request) -> bool:
    """Whether the variance is divided by N less the groups alone: xtivreg2 without small and without clusters."""
    return request.profile == "ivreg2" and request.settings.get("iid") == "n/(n-a)" and not request.cluster


def _right(request: Request, write) -> str:
    margins = margins_of(request.regressors)
    check_cells(request, margins)
    items = [write(t, margins) for t in request.regressors]
    if not request.intercept and not request.absorb:
        items.insert(0, "0")
    return " + ".join(items) or "1"


def _fixest(term: Term, margins: frozenset = frozenset()) -> str:
    groups = [f for f in term.factors if f.kind == "factor"]
    if not groups:
        return powers([_shifted(f) for f in term.factors], "^")
    if len(term.factors) == 1:
        # beside an interaction of contrasts R must know it as the same factor
        return _factor(groups[0]) if _is_crossed(groups[0], margins) else _levels(groups[0])
    if is_cells(term, margins):
        return _cells(term)
    numbers = [_shifted(f) for f in term.factors if f.kind != "factor"]
    if crossed(term, margins) == "contrasts":
        return ":".join([*numbers, *map(_factor, groups)])
    return f"i({r_name(groups[0].name)}, {numbers[0]})"


def _cells(term: Term) -> str:
    return f"interaction({', '.join(r_name(f.name) for f in term.factors)})"


def _is_crossed(group: Factor, margins: frozenset) -> bool:
    return any(len(m) > 1 and any(f.name == group.name for f in m) for m in margins)


def _factor(factor: Factor) -> str:
    """A factor of base R, its base first. Raises `Declined`."""
    _levels(factor)
    name = r_name(factor.name)
    return f"factor({name})" if factor.base in ("", "first") else f'relevel(factor({name}), ref = "{factor.base}")'


def _levels(factor: Factor) -> str:
    if factor.levels or factor.omit:
        raise Declined(f"chosen levels of {factor.name} need columns of their own")
    if factor.base in ("", "first"):
        return f"i({r_name(factor.name)})"
    if factor.base.lstrip("-").isdigit():
        return f"i({r_name(factor.name)}, ref = {factor.base})"
    raise Declined(f"the base `{factor.base}` of {factor.name} depends on the data")


def _shifted(factor: Factor) -> str:
    letter, n = shift(factor)
    return f"{letter}({r_name(factor.name)}, {n})" if letter else r_name(factor.name)


def _vcov(request: Request) -> str:
    in_columns(request)
    if request.cluster:
        return f"~ {' + '.join(map(r_name, request.cluster))}"
    if request.kind == "DK":
        return f"vcov_DK(lag = {request.lags})"
    return {"iid": '"iid"', "HC1": '"hetero"'}[request.kind]


def _ssc(request: Request) -> str:
    """fixest's options for the command's factor; "" where its defaults have it."""
    if request.profile == "areg" and request.cluster:
        return 'K.fixef = "full"'
    if request.profile == "ivreghdfe" and request.cluster:
        raise Declined(COUNTED)
    if request.profile in ("reghdfe", "ivreghdfe"):
        full = bool(request.cluster) and request.settings.get("count_fixef") == "full"
        said = ['K.fixef = "full"'] if full else []
        exact = len(request.absorb) > 1 and (full or not request.cluster) and request.settings.get("redundant") != "levels"
        return ", ".join([*said, *(["K.exact = TRUE"] if exact else [])])
    if request.profile == "ivreg2":  # of xtivreg2: ivreg2 absorbs nothing
        if request.settings.get("iid") != "n/(n-a)":
            return 'K.fixef = "none"' if request.cluster else ""
        return "K.adj = FALSE, G.adj = FALSE" if request.cluster else ""
    return ""


# ---------------------------------------------------------------- lm, ivreg and sandwich


def _plain(term: Term, margins: frozenset = frozenset(), made: Mapping[Factor, str] | None = None) -> str:
    """A term in base R. made: columns of lags, which base R doesn't know by unit and time."""
    out = []
    if is_cells(term, margins):
        return _cells(term)
    if len(term.factors) > 1 and any(f.kind == "factor" for f in term.factors):
        crossed(term, margins)
    for factor in term.factors:
        name = r_name((made or {}).get(factor, factor.name))
        out.append(_factor(factor) if factor.kind == "factor" else name)
    return powers(out, "^")


def _base(request: Request, panel: Panel) -> list[str]:
    if request.absorb and (request.profile not in ("areg", "xtreg") or request.kind not in ("iid", "HC1", "CR1")):
        raise Declined(f"{request.kind} with absorbed effects has no short form in R")
    lines, made = _lags(request, panel)
    plain = partial(_plain, made=made)
    right = _right(request, plain)
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
    if covariance is None or (request.kind == "CR1" and len(request.cluster) > 1):
        raise Declined(f"{request.kind} of this command has no short form in R")
    df = (
        f", df = length(unique(d${r_name(request.cluster[0])})) - 1"
        if request.cluster and small
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
    lagged, made = _lags(request, panel)
    plain = partial(_plain, made=made)
    data = f"subset(d, {subset_of(request, r_condition)})" if request.condition else "d"
    index = ", ".join(f'"{n}"' for n in (panel.unit, panel.time) if n)
    formula = f"{plain(request.outcome)} ~ {_right(request, plain)}"
    if request.model == "between":
        if request.settings:
            raise Declined("plm weighs every unit alike, wls by its rows")
        return ["library(plm)", *lagged, f'summary(plm({formula}, data = {data}, index = c({index}), model = "between"))']
    said = "library(plm)  # on an unbalanced panel these variance components are those of `xtreg, sa`"
    return [said, *lagged, f'summary(plm({formula}, data = {data}, index = c({index}), model = "random"))']
