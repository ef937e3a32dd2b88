"""The part of a script in R for LIML, Fuller, k-class and GMM in steps, by their formulas: no package has all of them."""

from __future__ import annotations

from parity.base.r_text import r_element, r_number
from parity.export.r_clusters import clustered
from parity.export.r_model import absorbed, has_exogenous
from parity.export.r_sample import frequency
from parity.study.models import K_CLASS
from parity.study.spec import Spec


def instrumented_fit(spec: Spec) -> list[str]:
    """From y, X, E, Z and w to `b`, `terms`, `e`, N, and what the covariance needs: `bread` and `pull`."""
    w, x = (", w)" if spec.weights else ")"), has_exogenous(spec)
    lines = ["N <- sum(w)  # a row of frequency weight 3 is three observations" if frequency(spec) else "N <- length(y)"]
    if spec.formula.effects:
        lines += [*absorbed(spec), *_net_of_dummies(spec, x)]
    lines += ["# columns that earlier ones determine go", f"X <- independent(X{w}"] if x else []
    lines += [f"Z <- independent({'cbind(X, Z)' if x else 'Z'}{w}", f"R <- {'cbind(X, E)' if x else 'E'}"]
    if spec.weights:
        lines += ["root <- sqrt(w)", "y <- root * y", "R <- root * R", "Z <- root * Z"]
    lines += _k_class(spec, x) if spec.model in K_CLASS else _gmm(spec)
    lines.append("terms <- colnames(R)")
    if len(spec.formula.effects) > 1:
        lines.append("own <- rep(c(FALSE, TRUE), c(taken$rank, length(b)))  # of dummies and regressors together")
    return lines


def _net_of_dummies(spec: Spec, x: bool) -> list[str]:
    """y, X, E and Z net of the dummies D that `absorbed` leaves of further effects; the rank of all, for Fuller's kappa."""
    rank = "rank <- max(g)  # of the fixed effects"
    if len(spec.formula.effects) == 1:
        return [rank] if spec.model == "fuller" else []
    root = "sqrt(w) * " if spec.weights else ""
    over = " / sqrt(w)" if spec.weights else ""
    lines = [
        f"taken <- qr({root}D, tol = 1e-9)",
        "net <- function(M) {  # zero where dummies give a column, up to rounding",
        f"  left <- qr.resid(taken, {root}M){over}",
        "  left[, colSums(left^2) <= 1e-18 * colSums(M^2)] <- 0",
        "  left",
        "}",
        "y <- drop(net(cbind(y)))",
        *(f"{name} <- net({name})" for name in (["X", "E", "Z"] if x else ["E", "Z"])),
    ]
    return [*lines, *(["rank <- max(g) + taken$rank  # of the fixed effects"] if spec.model == "fuller" else [])]


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
            left = "(N - ncol(Z) - rank)" if spec.formula.effects else "(N - ncol(Z))"
            lines.append(f"kappa <- kappa - {r_number(spec.fuller_alpha)} / {left}  # Fuller (1977)")
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
            spread = f"crossprod(rowsum({_moments(spec)}, {r_element('clusters', spec.vcov.cluster[0])}))"
        case _:
            spread = f"crossprod({_moments(spec)} / root)" if frequency(spec) else f"crossprod({_moments(spec)})"
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


def _moments(spec: Spec) -> str:
    """Of each row; less their mean where they are centred, in copies of the row."""
    if spec.convention.centred != "yes":
        return "Z * e"
    return "(Z * e - outer(w, colSums(Z * e) / N))" if frequency(spec) else "(Z * e - rep(1, N) %o% colMeans(Z * e))"


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
    if spec.model == "cue":
        return "cue has no script in this language yet: its minimum needs an optimiser; use --to stata"
    if spec.vcov.kind == "NW" or spec.moment_weight == "newey_west":
        return "gmm of moments over time has no script in this language yet; use --to stata"
    if spec.convention.centred == "yes" and spec.weights and spec.weights.analytic:
        return "gmm of centred moments under analytic weights has no script in this language yet; use --to stata"
    return ""
