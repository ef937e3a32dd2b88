"""The part of a script in R for logit, probit and Poisson: glm(), scores and information."""

from __future__ import annotations

from parity.export.r_clusters import clustered
from parity.export.r_sample import frequency
from parity.study.spec import Spec

FAMILIES = {"logit": "binomial", "probit": 'binomial("probit")', "poisson": "poisson"}


def likelihood_fit(spec: Spec) -> list[str]:
    """From y, X, effects and w to `fit`, `M`, `own`, `terms`, `b` and N."""
    lines = ["N <- sum(w)  # a row of frequency weight 3 is three observations" if frequency(spec) else "N <- length(y)"]
    if spec.formula.effects:
        lines += [
            "# fixed effects as dummies; of columns that determine each other the later ones go",
            'D <- independent(do.call(cbind, lapply(effects, function(g) 1 * outer(g, seq_len(max(g)), "=="))))',
            "M <- independent(cbind(D, X))",
        ]
    else:
        lines.append("M <- independent(X)  # of columns that determine each other the later ones go")
    w = ", w" if spec.weights else ""
    asked = "maximum(" if spec.offset is None else "maximum_beside(o, "
    lines.append(f"fit <- {asked}y, M, {FAMILIES[spec.model]}{w})")
    if spec.formula.effects:
        lines.append("own <- seq_len(ncol(M)) > ncol(D)  # of the coefficients those of X")
        return [*lines, "b <- coef(fit)[own]", "terms <- colnames(M)[own]"]
    return [*lines, "b <- coef(fit)", "terms <- colnames(M)"]


def likelihood_covariance(spec: Spec) -> list[str]:
    """V, or one part per set of cluster variables, without factor."""
    kind, own = spec.vcov.kind, "[own, own, drop = FALSE]" if spec.formula.effects else ""
    lines = _information(spec)
    if kind == "iid":
        return [*lines, f"V <- bread{own}"]
    lines.append("scores <- estfun(fit)")
    if kind in ("HC0", "HC1"):
        if frequency(spec):
            lines.append("scores <- scores / sqrt(w)  # a row of weight w is w rows")
        return [*lines, f"V <- (bread %*% crossprod(scores) %*% bread){own}"]
    return [*lines, *clustered(spec.vcov.cluster, lambda g: f"(bread %*% crossprod(rowsum(scores, {g})) %*% bread){own}")]


def _information(spec: Spec) -> list[str]:
    """The inverse information; glm() has the expected one, which is another for a probit only."""
    if spec.model != "probit" or spec.convention.information == "expected":
        return ["bread <- vcov(fit)  # the inverse information"]
    w = "w * " if spec.weights else ""
    return [
        "# the observed information, minus the second derivatives; glm() has the expected one",
        "z <- (2 * y - 1) * fit$linear.predictors",
        "mills <- exp(dnorm(z, log = TRUE) - pnorm(z, log.p = TRUE))",
        f"information <- crossprod({w}mills * (mills + z) * M, M)",
        "size <- sqrt(diag(information))",
        "bread <- solve(information / tcrossprod(size)) / tcrossprod(size)",
    ]
