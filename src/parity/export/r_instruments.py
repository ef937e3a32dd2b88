"""The part of a script in R for LIML, Fuller, k-class and GMM in steps, by their formulas: no package has all of them."""

from __future__ import annotations

from parity.base.r_text import r_element, r_number
from parity.export.r_clusters import clustered
from parity.export.r_model import has_exogenous
from parity.export.r_sample import frequency
from parity.study.models import K_CLASS
from parity.study.spec import Spec


def instrumented_fit(spec: Spec) -> list[str]:
    """From y, X, E, Z and w to `b`, `terms`, `e`, N, and what the covariance needs: `bread` and `pull`."""
    w, x = (", w)" if spec.weights else ")"), has_exogenous(spec)
    lines = ["N <- sum(w)  # a row of frequency weight 3 is three observations" if frequency(spec) else "N <- length(y)"]
    lines += ["# columns that earlier ones determine go", f"X <- independent(X{w}"] if x else []
    lines += [f"Z <- independent({'cbind(X, Z)' if x else 'Z'}{w}", f"R <- {'cbind(X, E)' if x else 'E'}"]
    if spec.weights:
        lines += ["root <- sqrt(w)", "y <- root * y", "R <- root * R", "Z <- root * Z"]
    lines += _k_class(spec, x) if spec.model in K_CLASS else _gmm(spec)
    return [*lines, "terms <- colnames(R)"]


def _k_class(spec: Spec, x: bool) -> list[str]:
    lines = ["instruments <- qr(Z)"]
    if spec.kappa is not None:
        lines.append(f"kappa <- {r_number(spec.kappa)}")
    else:
        among = "R[, seq_len(ncol(X)), drop = FALSE]"
        lines += [
            "# LIML's kappa: the least root of |W'W - kappa W'MW|, W net of exogenous columns, MW of instruments as well",
            f"W <- {f'qr.resid(qr({among}), cbind(y, R[, -seq_len(ncol(X))]))' if x else 'cbind(y, R)'}",
            "left <- qr.resid(instruments, W)",
            "kappa <- min(Re(eigen(solve(crossprod(left), crossprod(W)), only.values = TRUE)$values))",
        ]
        if spec.fuller_alpha:
            lines.append(f"kappa <- kappa - {r_number(spec.fuller_alpha)} / (N - ncol(Z))  # Fuller (1977)")
    return [
        *lines,
        "G <- R - kappa * qr.resid(instruments, R)",
        "bread <- solve(crossprod(G, R))",
        "b <- drop(bread %*% crossprod(G, y))",
        "e <- drop(y - R %*% b)",
        "pull <- qr.fitted(instruments, R) %*% bread  # how far each residual moves the coefficients",
    ]


def _gmm(spec: Spec) -> list[str]:
    match spec.moment_weight:
        case "iid":
            spread = f"crossprod(Z) * sum(({_about_mean(spec)})^2) / N"
        case "cluster":
            spread = f"crossprod(rowsum(Z * e, {r_element('clusters', spec.vcov.cluster[0])}))"
        case _:
            spread = "crossprod(Z * e / root)" if frequency(spec) else "crossprod(Z * e)"
    lines = [
        "A <- crossprod(Z, R)",
        f"spread <- function(e) {spread}  # the covariance of the moments, times N",
        "under <- function(S) {  # the estimate whose moments are weighted by the inverse of S",
        "  bread <- solve(crossprod(A, solve(S, A)))",
        "  way <- bread %*% t(solve(S, A))",
        "  list(bread = bread, way = way, b = drop(way %*% crossprod(Z, y)))",
        "}",
        "at <- under(crossprod(Z))  # two-stage least squares",
    ]
    if spec.moment_steps == "iterated":
        lines += [
            "repeat {  # until no coefficient moves",
            "  last <- at$b",
            "  at <- under(spread(drop(y - R %*% last)))",
            "  if (all(abs(at$b - last) <= 1e-11 * sqrt(diag(at$bread)))) break",
            "}",
        ]
    elif spec.moment_steps != 1:
        lines.append("at <- under(spread(drop(y - R %*% at$b)))  # the second step")
    return [*lines, "b <- at$b", "e <- drop(y - R %*% b)", "bread <- at$bread", "pull <- Z %*% t(at$way)"]


def _about_mean(spec: Spec) -> str:
    """Residuals less their mean; of ivreg2's as they are."""
    if spec.convention.gmm_covariance == "efficient":
        return "e"
    return "e - root * sum(root * e) / sum(root^2)" if spec.weights else "e - mean(e)"


def instrumented_covariance(spec: Spec) -> list[str]:
    """V, or one part per set of cluster variables, without factor."""
    kind = spec.vcov.kind
    if spec.efficient:
        return ["V <- bread  # weighted efficiently: (R'Z S^-1 Z'R)^-1"]
    if kind == "iid":
        if spec.model in K_CLASS:
            return ["V <- sum(e^2) / N * bread"]
        return [f"V <- sum(({_about_mean(spec)})^2) / N * crossprod(pull)"]
    scores = "pull * e / root  # a row of weight w is w rows" if frequency(spec) and kind in ("HC0", "HC1") else "pull * e"
    lines = [f"scores <- {scores}"]
    if kind in ("HC0", "HC1"):
        return [*lines, "V <- crossprod(scores)"]
    return [*lines, *clustered(spec.vcov.cluster, lambda g: f"crossprod(rowsum(scores, {g}))")]


def why_none(spec: Spec) -> str:
    """Why a model with instruments has no script, in R or Python; "" where it has one."""
    if spec.formula.effects:
        return f"{spec.model} with absorbed effects has no script in this language yet; use --to stata"
    if spec.model == "cue":
        return "cue has no script in this language yet: its minimum needs an optimiser; use --to stata"
    if spec.vcov.kind == "NW" or spec.moment_weight == "newey_west" or spec.convention.centred == "yes":
        return "gmm of centred moments, or over time, has no script in this language yet; use --to stata"
    return ""
