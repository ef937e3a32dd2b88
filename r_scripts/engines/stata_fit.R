# The least-squares core of the Stata-style functions: weights, partialling out, OLS and two-stage least squares by QR.
#
# [R] regress and [R] ivregress, Methods and formulas. Fixed effects and the constant are absorbed first (Frisch-Waugh-
# Lovell); a constant that is reported is put back afterwards from the means, which is better conditioned than a column
# of ones beside columns of any size.

# A column is absorbed or collinear when less than this share of its norm is left (Stata's _rmcoll: 1e-9 to 1e-13).
STATA_COLLINEAR <- 1e-10

# The norms of the columns of m, weighted by root^2.
stata_norms <- function(m, root = 1) {
  out <- vapply(seq_len(ncol(m)), function(j) sqrt(sum((root * m[, j])^2)), numeric(1))
  names(out) <- colnames(m)
  out
}

# Powers of two that bring the columns near unit norm: exact, so badly scaled columns lose no digit.
stata_scales <- function(m) {
  size <- stata_norms(m)
  2^-round(log2(ifelse(size > 0, size, 1)))
}

stata_qr <- function(m) {
  scale <- stata_scales(m)
  for (j in seq_along(scale)) m[, j] <- m[, j] * scale[j] # column by column: no second matrix beside m
  list(qr = qr(m, tol = STATA_COLLINEAR), scale = scale)
}

stata_coef <- function(q, y) q$scale * as.vector(qr.coef(q$qr, y))

# Indices of columns that neither the effects nor earlier columns determine. before: their norms before absorption.
stata_independent <- function(m, before) {
  left <- which(stata_norms(m) > STATA_COLLINEAR * before)
  if (!length(left)) return(left)
  q <- stata_qr(m[, left, drop = FALSE])$qr
  left[sort(q$pivot[seq_len(q$rank)])]
}

# Weights as Stata uses them ([U] 11.1.6): analytic weights are scaled to sum to the number of rows, frequency weights
# stand for that many rows each.
stata_weights <- function(n, weights, weight_kind) {
  if (is.null(weights)) return(list(w = rep(1, n), n_obs = n, kind = "none"))
  if (weight_kind == "aweight") return(list(w = weights * (n / sum(weights)), n_obs = n, kind = "aweight"))
  list(w = weights, n_obs = sum(weights), kind = "fweight")
}

# The fit of y on x (n x k, columns named), with `endog` instrumented by `z`, net of `effects` (list of columns).
# constant: a constant is estimated (absorbed with the effects where there are some), `report`: it is in b and V.
stata_fit <- function(y, x, endog = NULL, z = NULL, effects = list(), constant = TRUE, report = constant,
                      weights = NULL, weight_kind = "aweight") {
  n <- length(y)
  weight <- stata_weights(n, weights, weight_kind)
  w <- weight$w
  absorbed <- if (length(effects)) effects else if (constant) list(rep(1L, n)) else list()
  absorber <- stata_absorber(absorbed, w)
  blocks <- cbind(y = y, x, endog, z)
  root <- sqrt(w)
  before <- stata_norms(blocks, root)
  means <- colSums(w * blocks) / sum(w)
  free <- stata_partial(absorber, blocks)
  rm(blocks)
  n_x <- NCOL(x)
  n_d <- if (is.null(endog)) 0L else ncol(endog)
  regressors <- 1L + seq_len(n_x + n_d)
  kept <- regressors[stata_independent(root * free[, regressors, drop = FALSE], before[regressors])]
  fit <- list(
    y = free[, 1L], x = free[, kept, drop = FALSE], names = colnames(free)[kept], w = w, weight = weight$kind,
    n_obs = weight$n_obs, n_rows = n, absorber = absorber, constant = constant || length(effects) > 0L, report = report,
    omitted = setdiff(colnames(free)[regressors], colnames(free)[kept]), effects = length(effects) > 0L
  )
  fit$scored <- fit$x
  if (n_d) {
    exogenous <- c(kept[kept <= 1L + n_x], 1L + n_x + n_d + seq_len(ncol(z)))
    free <- free[, exogenous, drop = FALSE]
    fit <- stata_projected(fit, free, before[exogenous], kept > 1L + n_x)
  }
  rm(free)
  fit <- stata_solved(fit)
  fit$means <- means[kept]
  fit$y_mean <- sum(w * y) / sum(w)
  centre <- if (fit$constant) fit$y_mean else 0
  fit$tss <- sum(w * (y - centre)^2)
  fit$tss_within <- sum(w * fit$y^2)
  stata_with_constant(fit)
}

# First stage: endogenous columns replaced by their projection on all exogenous columns, [R] ivregress.
stata_projected <- function(fit, exogenous, before, is_endog) {
  root <- sqrt(fit$w)
  exogenous <- exogenous[, stata_independent(root * exogenous, before), drop = FALSE]
  if (ncol(exogenous) < ncol(fit$x)) stata_refuse("equation not identified; there must be at least as many instruments")
  first <- stata_qr(root * exogenous)
  fit$scored[, is_endog] <- qr.fitted(first$qr, root * fit$x[, is_endog, drop = FALSE]) / root
  fit
}

# b (with one step of iterative refinement), residuals e, and what the covariances need:
#   basis   n x k, orthonormal under the weights, spanning the (projected) regressors: Q of the QR over sqrt(w)
#   pull    n x k, rows (X'WX)^-1 x_i = R^-1 q_i: how far an observation's score pulls each coefficient. Sandwiches
#           are cross-products of pull times w e; a product bread meat bread would lose twice the digits to collinearity
stata_solved <- function(fit) {
  root <- sqrt(fit$w)
  fit$k <- length(fit$names)
  q <- stata_qr(root * fit$scored)
  if (q$qr$rank < fit$k) stata_refuse("equation not identified: the instruments do not move every endogenous variable")
  fit$b <- stata_coef(q, root * fit$y)
  fit$b <- fit$b + stata_coef(q, root * (fit$y - as.vector(fit$x %*% fit$b)))
  names(fit$b) <- fit$names
  fit$e <- fit$y - as.vector(fit$x %*% fit$b)
  fit$ssr <- sum(fit$w * fit$e^2)
  fit$basis <- qr.Q(q$qr)[, seq_len(fit$k), drop = FALSE] / root
  inverse <- if (fit$k) q$scale * backsolve(qr.R(q$qr), diag(fit$k)) else matrix(0, 0L, 0L)
  fit$pull <- tcrossprod(fit$basis, inverse)
  fit$bread <- tcrossprod(inverse)
  fit
}

# Adds a reported constant: beside centred regressors the column of ones is by itself, with pull 1 / sum(w), and `back`
# leads from these coefficients to slopes and constant: _cons = mean y - mean x' b.
stata_with_constant <- function(fit) {
  if (!fit$report) return(fit)
  k <- fit$k
  back <- rbind(cbind(diag(k), rep(0, k)), c(-fit$means, 1))
  fit$b <- c(fit$b, "_cons" = fit$y_mean - sum(fit$means * fit$b))
  fit$pull <- tcrossprod(cbind(fit$pull, 1 / sum(fit$w)), back)
  # of the rows, not of `back`: its products cancel where slopes are nearly collinear
  fit$bread <- crossprod(sqrt(fit$w) * fit$pull)
  fit
}

# Coefficients counted in Stata's K without the absorbed effects: slopes, and the constant where nothing is absorbed.
stata_rank <- function(fit) fit$k + fit$absorber$rank

# What Stata's command would say when it stops.
stata_refuse <- function(...) {
  stop(structure(class = c("stata_refusal", "error", "condition"), list(message = paste0(...), call = NULL)))
}
