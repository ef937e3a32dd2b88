"""mlogit, ologit, oprobit and tobit as R: multinom() of nnet, polr() of MASS, tobit() of AER, and what their errors are."""

from __future__ import annotations

from parity.stata_language.request import Declined, Request
from parity.translate.names import r_name

#: Both climb by BFGS: until nothing changes.
CLIMB = "reltol = 1e-15, maxit = 1000"
IN_FULL = "`parity export --to r` writes it out"


def outcome_lines(request: Request, y: str, right: str, data: str) -> list[str]:
    """y, right: the sides of the formula; data: the data frame, or the rows of it. Raises `Declined`."""
    if request.weight and (request.weight.kind != "fweight" or request.kind != "iid"):
        raise Declined(f"weights of {request.model} beside a sandwich have no short form in R; {IN_FULL}")
    if request.model == "mlogit" and request.kind != "iid":
        raise Declined(f"sandwich has no scores of multinom(); {IN_FULL}")
    options = f"{data}, weights = {r_name(request.weight.expression)}" if request.weight else data
    return _multinom(request, y, right, options) if request.model == "mlogit" else _polr(request, y, right, options)


def censored_lines(request: Request, y: str, right: str, data: str) -> list[str]:
    """AER's tobit(), which is survival's survreg(). Raises `Declined`."""
    if request.kind != "iid" or request.weight:
        raise Declined("tobit() of AER with robust errors or weights has no short form with Stata's factor")
    if any(isinstance(at, str) for at in request.keys.values()):
        raise Declined("a limit at the smallest or the largest outcome is no number here: write it")
    limits = f"left = {request.keys.get('lower', '-Inf')}, right = {request.keys.get('upper', 'Inf')}"
    return [
        "library(AER)",
        f"fit <- tobit({y} ~ {right}, {limits}, data = {data}, control = survreg.control(rel.tolerance = 1e-14))",
        "# Log(scale) in the place of /sigma; z, where tobit has t of N less the slopes",
        "summary(fit)",
    ]


def _multinom(request: Request, y: str, right: str, options: str) -> list[str]:
    """Its base is the first level, mlogit's the most frequent outcome, of several the smallest."""
    lines, base = ["library(nnet)"], "base"
    if "base" in request.keys:
        base = f'"{request.keys["base"]:.15g}"'
    else:
        counts = "xtabs(`(weights)` ~ used[[1]], used)" if request.weight else "table(used[[1]])"
        lines += [f"used <- model.frame({y} ~ {right}, {options})",
                  f"base <- names(which.max({counts}))  # the most frequent outcome"]  # fmt: skip
    fit = f"multinom(relevel(factor({y}), {base}) ~ {right}, {options}, abstol = 0, {CLIMB}, trace = FALSE)"
    return [*lines, f"fit <- {fit}", "summary(fit)"]


def _polr(request: Request, y: str, right: str, options: str) -> list[str]:
    method = "logistic" if request.model == "ologit" else "probit"
    lines = [
        f'fit <- polr(factor({y}) ~ {right}, {options}, Hess = TRUE, method = "{method}", control = list({CLIMB}))',
        "# its Hessian is by differences: standard errors have three digits or four of Stata's",
    ]
    if request.kind == "iid":
        return ["library(MASS)", *lines, "summary(fit)"]
    cluster = " + ".join(map(r_name, request.cluster))
    matrix = f"vcovCL(fit, ~ {cluster})" if cluster else "sandwich(fit) * nobs(fit)/(nobs(fit) - 1)"
    return ["library(MASS); library(sandwich); library(lmtest)", *lines, f"coeftest(fit, {matrix})"]
