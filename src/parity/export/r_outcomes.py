"""The part of a script in R for an outcome of several categories: both log likelihoods and their maximum, written out."""

from __future__ import annotations

from parity.export.r_clusters import clustered
from parity.export.r_sample import frequency
from parity.study.spec import Spec

#: Name -> source.
HELPERS: dict[str, str] = {
    "steps": """\
# Newton's steps from b until they change nothing. of(b): log p and scores of each row, and minus the second derivatives.
steps <- function(of, b, w) {
  for (i in 1:100) {
    at <- of(b)
    step <- drop(solve(at$information, crossprod(at$scores, w)))
    size <- 1
    while (!isTRUE(sum(w * of(b + size * step)$logs) >= sum(w * at$logs) * (1 + 1e-14))) size <- size / 2
    b <- b + size * step
    if (max(abs(size * step)) < 1e-13 * max(1, abs(b))) break
  }
  c(of(b), list(b = b))
}""",
    "orthogonal": """\
# Orthogonal columns of mean square one, and what takes their coefficients to those of M.
orthogonal <- function(M) {
  size <- sqrt(colSums(M^2))
  found <- qr(sweep(M, 2, size, "/"), tol = 1e-15)
  n <- sqrt(nrow(M))
  list(x = qr.Q(found) * n, back = solve(qr.R(found))[order(found$pivot), , drop = FALSE] / size * n)
}""",
    "multinomial": """\
# An index of every outcome but the base: log likelihood at the coefficients of one after the other.
multinomial <- function(y, x, base, w) {
  others <- setdiff(sort(unique(y)), base)
  chosen <- outer(y, others, "==") + 0
  function(b) {
    index <- x %*% matrix(b, ncol(x))
    top <- pmax(0, apply(index, 1, max))
    total <- top + log(exp(-top) + rowSums(exp(index - top)))
    p <- exp(index - total)
    j <- seq_along(others)
    blocks <- lapply(j, function(a) do.call(cbind, lapply(j, function(b) {
      crossprod(x, x * (w * p[, a] * ((a == b) - p[, b])))
    })))
    list(logs = rowSums(chosen * index) - total, information = do.call(rbind, blocks),
         scores = do.call(cbind, lapply(j, function(a) (chosen - p)[, a] * x)))
  }
}""",
    "ordered_outcome": """\
# One index and a cut between each two neighbouring outcomes; j: codes of the outcomes, 1 upwards.
ordered_outcome <- function(x, w, many, cdf, pdf, slope) {
  k <- ncol(x)
  function(b, j = y) {
    ends <- c(-1e30, b[-seq_len(k)], 1e30)
    if (is.unsorted(ends)) return(list(logs = NaN))
    index <- drop(x %*% b[seq_len(k)])
    low <- ends[j] - index; high <- ends[j + 1] - index
    p <- ifelse(low > 0, cdf(-low) - cdf(-high), cdf(high) - cdf(low))
    cuts <- function(end) outer(end, seq_len(many - 1), "==") + 0
    moves <- function(end) cbind(-x * rowSums(cuts(end)), cuts(end))  # by which parameters an end moves
    lower <- moves(j - 1); upper <- moves(j)
    scores <- (upper * pdf(high) - lower * pdf(low)) / p
    curved <- crossprod(upper, upper * (w * slope(high) / p)) - crossprod(lower, lower * (w * slope(low) / p))
    list(logs = log(p), scores = scores, information = crossprod(scores, scores * w) - curved, p = p)
  }
}""",
}


def outcomes_fit(spec: Spec) -> list[str]:
    """From y, X and w to b, terms, bread and scores."""
    counts = frequency(spec)
    lines = ["N <- sum(w)  # a row of frequency weight 3 is three observations" if counts else "N <- length(y)"]
    if not spec.weights:
        lines = ["N <- length(y); w <- rep(1, N)"]
    lines.append("M <- independent(X)  # of columns that determine each other the later ones go")
    return [*lines, *(_multinomial(spec) if spec.model == "mlogit" else _ordered(spec))]


def _multinomial(spec: Spec) -> list[str]:
    if spec.base is not None:
        base = f"base <- {spec.base:.15g}"
    elif spec.convention.base_outcome == "frequent":
        counted = "tapply(w, y, sum)" if frequency(spec) else "table(y)"
        base = f"base <- sort(unique(y))[which.max({counted})]  # the most frequent outcome"
    else:
        base = f"base <- {'min' if spec.convention.base_outcome == 'first' else 'max'}(y)"
    return [
        base,
        "turned <- orthogonal(M)",
        "outcomes <- setdiff(sort(unique(y)), base)",
        "fit <- steps(multinomial(y, turned$x, base, w), numeric(ncol(M) * length(outcomes)), w)",
        "back <- diag(length(outcomes)) %x% turned$back",
        'terms <- paste0(rep(sprintf("%.15g", outcomes), each = ncol(M)), ":", colnames(M))',
        *_turned_back(),
    ]


def _ordered(spec: Spec) -> list[str]:
    functions = (
        "plogis, dlogis, function(z) -dlogis(z) * tanh(z / 2)"
        if spec.model == "ologit"
        else "pnorm, dnorm, function(z) -z * dnorm(z)"
    )
    quantile = "qlogis" if spec.model == "ologit" else "qnorm"
    lines = [
        'M <- M[, colnames(M) != "(Intercept)", drop = FALSE]  # cuts are in its place',
        "y <- match(y, sort(unique(y))); many <- max(y)",
        "centre <- colSums(M * w) / sum(w); turned <- orthogonal(sweep(M, 2, centre))",
        f"likelihood <- ordered_outcome(turned$x, w, many, {functions})",
        f"start <- {quantile}(head(cumsum(tapply(w, y, sum)), -1) / sum(w))",
        "fit <- steps(likelihood, c(numeric(ncol(M)), start), w)",
    ]
    if spec.convention.information == "expected":
        lines += [
            "outcomes <- lapply(seq_len(many), function(j) likelihood(fit$b, rep(j, length(y))))  # the expected one",
            "fit$information <- Reduce(`+`, lapply(outcomes, function(of) crossprod(of$scores, of$scores * (w * of$p))))",
        ]
    return [
        *lines,
        "back <- rbind(cbind(turned$back, matrix(0, ncol(M), many - 1)),",
        "              cbind(rep(1, many - 1) %o% drop(centre %*% turned$back), diag(many - 1)))",
        'terms <- c(colnames(M), paste0("/cut", seq_len(many - 1)))',
        *_turned_back(),
    ]


def _turned_back() -> list[str]:
    return [
        "b <- drop(back %*% fit$b); scores <- fit$scores %*% solve(back)",
        "bread <- back %*% solve(fit$information) %*% t(back)  # the inverse information",
    ]


def outcomes_covariance(spec: Spec) -> list[str]:
    """V, or one part per set of cluster variables, without factor."""
    kind = spec.vcov.kind
    if kind == "iid":
        return ["V <- bread"]
    if kind in ("HC0", "HC1"):
        root = "sqrt(w)" if frequency(spec) else "w"
        return [f"V <- bread %*% crossprod({root} * scores) %*% bread"]
    return clustered(spec.vcov.cluster, lambda g: f"bread %*% crossprod(rowsum(w * scores, {g})) %*% bread")
