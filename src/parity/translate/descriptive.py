"""`total`, and `mean` over groups, in R's and Python's own words. [R] mean, total: Methods and formulas."""

from __future__ import annotations

from parity.stata_language.request import EACH_ROW, Declined, Request
from parity.stata_language.systems import SYSTEMS
from parity.stata_language.transformed import why_made
from parity.translate.names import r_name
from parity.translate.r_terms import kept_rows


def descriptive(request: Request) -> bool:
    """Whether a request is of this page: means of one variable over no groups are a regression on the constant."""
    made = bool(request.outcomes or why_made(request))
    return request.command in ("total", *SYSTEMS) or made or EACH_ROW in request.cluster


def _name(request: Request) -> str:
    """Raises `Declined` for what is no column."""
    factor = request.outcome.factors[0]
    if factor.operator:
        raise Declined(f"{factor.operator}.{factor.name} needs a column of its own")
    if why := why_made(request):
        raise Declined(why)
    if request.command in SYSTEMS:
        raise Declined("each equation is least squares on the same regressors, errors times sqrt((N - K)/N) without dfk")
    if request.outcomes:
        raise Declined("several variables have one covariance: write a command for each")
    if request.weight is not None and request.command == "total":
        raise Declined("the error of a weighted total is that of the sum of weight times value")
    return factor.name


def r_descriptive(request: Request) -> list[str]:
    """For a data frame `d`. Raises `Declined`."""
    name = r_name(_name(request))
    if request.command == "total":
        return [f"y <- na.omit({kept_rows(request)}${name})", "c(total = sum(y), se = sd(y) * sqrt(length(y)))"]
    weights = f", weights = {r_name(request.weight.expression)}" if request.weight is not None else ""
    (group,) = request.regressors
    return [
        "library(sandwich); library(lmtest)",
        f"m <- lm({name} ~ 0 + factor({r_name(group.factors[0].name)}), data = {kept_rows(request)}{weights})",
        "coeftest(m, vcov. = sandwich(m) * nobs(m)/(nobs(m) - 1), df = nobs(m) - 1)",
    ]


def py_descriptive(request: Request) -> list[str]:
    """For a data frame `d` without the rows that the command leaves out. Raises `Declined`."""
    name = _name(request)
    if request.command == "total":
        return [f"y = d[{name!r}].dropna()", "print(y.sum(), y.std() * len(y) ** 0.5)"]
    (group,) = request.regressors
    used = [name, group.factors[0].name, *([request.weight.expression] if request.weight is not None else [])]
    fit = f"sm.WLS(d[{name!r}], g, d[{used[2]!r}])" if request.weight is not None else f"sm.OLS(d[{name!r}], g)"
    return [
        "import pandas as pd, statsmodels.api as sm",
        f"d = d.dropna(subset={used!r})",
        *([f"d = d[d[{used[2]!r}] > 0]"] if request.weight is not None else []),
        f"g = pd.get_dummies(d[{used[1]!r}], dtype=float)",
        f'fit = {fit}.fit(cov_type="HC0")',
        "print(fit.params, fit.bse * (fit.nobs / (fit.nobs - 1)) ** 0.5)  # t has fit.nobs - 1 degrees of freedom",
    ]
