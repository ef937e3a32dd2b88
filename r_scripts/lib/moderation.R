# Conditional effects of a regressor by values of a moderator, and through a mediator: lm.fit with a dummy for every level of
# the effects, covariances by sums over clusters, the bounds by polyroot. Base R only, written apart from the Python side.

# request: one (y, x1.., f1.. codes of effects, g1.. codes of clusters), one_effects, one_regressors, one_intercept, one_kind,
# one_factor (of each part of the covariance, with its sign), one_repaired, q (the moderator), term and product (places), df, ddof, level,
# form ("sd", "quartiles", "percentiles", "values"), at (shares, or values) and their names; two .. and path of the other stage.
# -> named numbers: value, effect, se, t, p, ci_low, ci_high, bound, significant; indirect .. and path.
moderation_analysis <- function(request) {
  fit <- moderation_fit(request, "one")
  at <- c(request$term, request$product)
  b <- fit$b[at]
  v <- fit$v[at, at]
  value <- moderation_values(request)
  effect <- function(w) b[1L] + b[2L] * w
  error <- function(w) vapply(w, function(one) sqrt(max(0, drop(c(1, one) %*% v %*% c(1, one)))), numeric(1))
  half <- stats::qt(0.5 + request$level / 2, request$df)
  e <- c(effect(value), b[2L])
  se <- c(error(value), sqrt(v[2L, 2L]))
  names(e) <- names(se) <- c(names(value), "product with the moderator")
  tested <- function(e, se, half, df) list(e, se, e / se, 2 * stats::pt(-abs(e / se), df), e - half * se, e + half * se)
  out <- stats::setNames(tested(e, se, half, request$df), c("effect", "se", "t", "p", "ci_low", "ci_high"))
  out$value <- value
  out$bound <- moderation_bounds(b, v, half)
  out$significant <- c(share = mean(abs(effect(request$q)) >= half * error(request$q)))
  if (!is.null(request$two)) {
    other <- moderation_fit(request, "two")
    path <- other$b[request$path]
    se_path <- sqrt(other$v[request$path, request$path])
    through <- stats::setNames(e * path, c(names(value), "index of moderated mediation"))
    se_through <- stats::setNames(sqrt(e^2 * se_path^2 + path^2 * se^2), names(through))
    normal <- stats::qnorm(0.5 + request$level / 2)
    more <- tested(through, se_through, normal, Inf)
    names(more) <- c("indirect", paste("indirect", c("se", "z", "p", "ci_low", "ci_high")))
    out <- c(out, more, list(path = c(path = unname(path)), "path se" = c(path = unname(se_path))))
  }
  out[lengths(out) > 0L]
}

moderation_values <- function(request) {
  q <- request$q
  if (request$form == "sd") {
    sd <- sqrt(sum((q - mean(q))^2) / (length(q) - request$ddof))
    return(stats::setNames(mean(q) + c(-1, 0, 1) * sd, c("mean - sd", "the mean", "mean + sd")))
  }
  at <- as.numeric(request$at)
  if (request$form != "values") at <- stats::quantile(q, at, type = 2, names = FALSE)
  stats::setNames(at, as.character(request$names))
}

# Coefficients of the regressors and their covariance, net of the effects.
moderation_fit <- function(request, stage) {
  part <- function(what) request[[paste0(stage, "_", what)]]
  d <- request[[stage]]
  n <- nrow(d)
  x <- as.matrix(d[paste0("x", seq_len(part("regressors")))])
  effects <- as.character(part("effects"))
  nuisance <- if (length(effects)) mediation_nuisance(as.list(d[effects]), n) else matrix(1, n, as.integer(part("intercept")))
  left <- if (ncol(nuisance)) stats::lm.fit(nuisance, cbind(x, d$y))$residuals else cbind(x, d$y)
  spread <- apply(x, 2L, stats::sd)
  x <- left[, seq_len(ncol(x)), drop = FALSE]
  y <- left[, ncol(left)]
  size <- sqrt(colSums(x^2))
  fit <- stats::lm.fit(sweep(x, 2L, size, "/"), y)
  bread <- chol2inv(qr.R(fit$qr)) / outer(size, size)
  meat <- function(i) {
    if (part("kind") == "iid") return(bread * sum(fit$residuals^2) / n)
    scores <- x * fit$residuals
    code <- d[[paste0("g", i)]]
    if (!is.null(code)) scores <- rowsum(scores, code)
    bread %*% crossprod(scores) %*% bread
  }
  scale <- as.numeric(part("factor"))
  v <- Reduce(`+`, lapply(seq_along(scale), function(i) scale[i] * meat(i)))
  list(b = unname(fit$coefficients / size), v = if (part("repaired")) moderation_repaired(v, spread) else v)
}

# Negative eigenvalues set to nought, of columns over their standard deviations, as reghdfe does (Cameron, Gelbach and Miller 2011).
moderation_repaired <- function(v, spread) {
  spread <- pmax(spread, 1e-3)
  spectrum <- eigen(v * outer(spread, spread), symmetric = TRUE)
  if (min(spectrum$values) >= 0) return(v)
  spectrum$vectors %*% (pmax(spectrum$values, 0) * t(spectrum$vectors)) / outer(spread, spread)
}

# Where b + c w is as many standard errors from nought as the critical value; nothing where it nowhere is, or everywhere.
moderation_bounds <- function(b, v, half) {
  p <- c(b[1L]^2 - half^2 * v[1L, 1L], 2 * (b[1L] * b[2L] - half^2 * v[1L, 2L]), b[2L]^2 - half^2 * v[2L, 2L])
  if (p[2L]^2 - 4 * p[1L] * p[3L] <= 0 || p[3L] == 0) return(NULL)
  roots <- sort((-p[2L] + c(-1, 1) * sqrt(p[2L]^2 - 4 * p[1L] * p[3L])) / (2 * p[3L]))
  c(lower = roots[1L], upper = roots[2L])
}
