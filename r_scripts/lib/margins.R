# Marginal effects of a regression by maximum likelihood, of one outcome or, in margins_outcomes.R, of several: R's own distributions, a loop over variables, the gradient of each
# effect row by row. Base R only, written apart from the Python side; the model is fitted by Stata's commands in base R.

# request: data (y, f1.. factors, w, g1.. codes of clusters), model, intercept, information, products (regressors as names of
# factors), moved and levels (variables as names of factors), base, means, kind, counts, factor (of each part of the covariance,
# with its sign), df, base_outcome. -> effect, se, t, p, ci_low, ci_high: a number for each variable or level, of each outcome.
margins_analysis <- function(request) {
  d <- request$data
  split <- function(text) strsplit(as.character(text), " ", fixed = TRUE)
  m <- list(products = split(request$products), model = request$model, constant = isTRUE(request$intercept))
  w <- if (is.null(d$w)) rep(1, nrow(d)) else d$w
  several <- m$model %in% c("mlogit", "ologit", "oprobit")
  if (several) {
    m$constant <- m$constant && m$model == "mlogit"
    fit <- stata_outcomes(m$model, d$y, margins_columns(m, d, FALSE), request$base_outcome, m$constant, w, request$information)
    order <- names(fit$b)
    m$values <- sort(unique(d$y))
    m$base <- match(request$base_outcome, m$values)
  } else {
    fit <- stata_ml(m$model, d$y, margins_columns(m, d, FALSE), list(), m$constant, w, request$information)
    order <- c(paste0("x", seq_along(m$products)), if (m$constant) "_cons")
  }
  m$b <- fit$b[order]
  v <- margins_covariance(fit, request, d, order)
  at <- if (isTRUE(request$means)) as.data.frame(lapply(d, function(column) stats::weighted.mean(column, w))) else d
  m$share <- if (isTRUE(request$means)) 1 else w / sum(w)
  found <- list()
  for (j in if (several) seq_along(m$values) else 1L) {
    m$outcome <- j
    found <- c(found, margins_of_outcome(m, at, split(request$moved), split(request$levels), request$base))
  }
  effect <- vapply(found, function(one) one$effect, numeric(1))
  se <- vapply(found, function(one) sqrt(max(0, drop(one$gradient %*% v %*% one$gradient))), numeric(1))
  t <- effect / se
  half <- stats::qt(0.975, request$df) * se
  list(effect = effect, se = se, t = t, p = 2 * stats::pt(-abs(t), request$df), ci_low = effect - half, ci_high = effect + half)
}

margins_of_outcome <- function(m, at, moved, levels, bases) {
  found <- list()
  for (i in seq_along(moved)) {
    if (!length(levels[[i]])) {
      found <- c(found, list(margins_slope(m, at, moved[[i]])))
      next
    }
    base <- margins_level(m, margins_at(at, moved[[i]], bases[i]))
    for (level in levels[[i]]) {
      there <- margins_level(m, margins_at(at, moved[[i]], level))
      found <- c(found, list(list(effect = there$effect - base$effect, gradient = there$gradient - base$gradient)))
    }
  }
  found
}

# A column for each product of factors, and the constant last.
margins_columns <- function(m, d, constant = m$constant) {
  x <- vapply(m$products, function(factors) Reduce(`*`, unname(as.list(d)[factors])), numeric(nrow(d)))
  x <- matrix(x, nrow(d), dimnames = list(NULL, paste0("x", seq_along(m$products))))
  if (constant) cbind(x, `_cons` = 1) else x
}

margins_covariance <- function(fit, request, d, order) {
  parts <- lapply(seq_along(request$factor), function(i) {
    request$factor[i] * switch(request$kind, iid = fit$bread, HC0 = , HC1 = stata_ml_robust(fit, isTRUE(request$counts)),
                               stata_ml_clustered(fit, d[[paste0("g", i)]]))
  })
  v <- Reduce(`+`, parts)
  dimnames(v) <- list(names(fit$b), names(fit$b))
  v[order, order, drop = FALSE]
}

margins_at <- function(d, marks, one) {
  for (mark in marks) d[[mark]] <- rep(as.numeric(mark == one), nrow(d))
  d
}

# Response, slope and second derivative at an index.
margins_response <- function(model, e) {
  switch(model,
    logit = list(stats::plogis(e), stats::dlogis(e), -stats::dlogis(e) * tanh(e / 2)),
    probit = list(stats::pnorm(e), stats::dnorm(e), -e * stats::dnorm(e)),
    poisson = list(exp(e), exp(e), exp(e))
  )
}

# The mean response; its gradient is the mean of slope times x.
margins_level <- function(m, d) {
  x <- margins_columns(m, d)
  if (!is.null(m$values)) return(margins_outcome_level(m, x))
  r <- margins_response(m$model, drop(x %*% m$b))
  list(effect = sum(m$share * r[[1L]]), gradient = vapply(seq_along(m$b), function(j) sum(m$share * r[[2L]] * x[, j]), numeric(1)))
}

# The mean derivative by one factor; a power of it has as many terms as it has factors.
margins_slope <- function(m, d, by) {
  x <- margins_columns(m, d)
  z <- vapply(m$products, function(factors) {
    total <- numeric(nrow(d))
    for (k in which(factors == by)) total <- total + Reduce(`*`, unname(as.list(d)[factors[-k]]), rep(1, nrow(d)))
    total
  }, numeric(nrow(d)))
  z <- cbind(matrix(z, nrow(d)), if (m$constant) 0)
  if (!is.null(m$values)) return(margins_outcome_slope(m, x, z))
  r <- margins_response(m$model, drop(x %*% m$b))
  along <- drop(z %*% m$b)
  gradient <- vapply(seq_along(m$b), function(j) sum(m$share * (r[[3L]] * along * x[, j] + r[[2L]] * z[, j])), numeric(1))
  list(effect = sum(m$share * r[[2L]] * along), gradient = gradient)
}
