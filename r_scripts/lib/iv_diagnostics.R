# Diagnostics of two-stage least squares, written apart from parity's: explicit regressions by lm.fit with all dummies,
# QR decompositions by Householder's reflections, and cross-products of scores. Base R only.

# request: data (y, x1.., d1.., z1.., f1.., g), counts n_x, n_d, n_z, intercept, effects, errors ("iid", "robust",
# "cluster"). -> named list of numbers.
iv_diagnostics <- function(request) {
  m <- iv_read(request)
  w <- list(
    underidentified = iv_rank(m, residual = FALSE), rank_wald = iv_rank(m, residual = TRUE),
    anderson_rubin_chi2 = iv_wald(m, m$y)
  )
  l1 <- ncol(m$z)
  factor <- iv_factor(m)
  root <- min(iv_correlations(m)^2)
  cd <- root / (1 - root) * (m$n - m$l) / l1
  first <- apply(m$d, 2L, function(d) iv_wald(m, d) / l1 * factor)
  c(w, list(
    cragg_donald_f = cd, weak_f = if (m$errors == "iid") cd else w$rank_wald / l1 * factor,
    anderson_rubin_f = w$anderson_rubin_chi2 / l1 * factor, first_stage = unname(first),
    overidentified = if (l1 > ncol(m$d)) iv_overidentified(m) else NULL,
    endogeneity = iv_endogeneity(m), wu_hausman = iv_wu_hausman(m)
  ))
}

# Columns net of the exogenous ones. Instruments are orthonormal: every statistic is the same for any columns that span
# what they span, and no cross-product is then ill-conditioned, whatever the units are. Endogenous columns have length one.
iv_read <- function(request) {
  data <- request$data
  block <- function(letter, n) if (n) as.matrix(data[paste0(letter, seq_len(n))]) else matrix(0, nrow(data), 0L)
  n <- nrow(data)
  nuisance <- if (length(request$effects)) mediation_nuisance(as.list(data[as.character(request$effects)]), n) else
    if (request$intercept) matrix(1, n, 1L) else matrix(0, n, 0L)
  outer <- cbind(nuisance, iv_unit(block("x", request$n_x)))
  rank <- 0L
  free <- function(v) iv_unit(as.matrix(v))
  if (ncol(outer)) {
    decomposed <- qr(outer, tol = iv_tolerance)
    rank <- decomposed$rank
    # twice: what a first pass leaves of a column far from zero holds the rounding of its mean
    free <- function(v) iv_unit(qr.resid(decomposed, qr.resid(decomposed, iv_unit(as.matrix(v)))))
  }
  list(
    y = free(data$y)[, 1L], d = free(block("d", request$n_d)), z = iv_basis(free(block("z", request$n_z))), n = n,
    k = rank + request$n_d, l = rank + request$n_z, errors = request$errors, cluster = data$g
  )
}

# Below this share of its length a column is determined by others. Python has left those out already.
iv_tolerance <- 1e-11

iv_unit <- function(m) {
  largest <- apply(abs(m), 2L, max)  # squares neither overflow nor vanish
  m <- sweep(m, 2L, ifelse(largest > 0, largest, 1), "/")
  sizes <- sqrt(colSums(m^2))
  sweep(m, 2L, ifelse(sizes > 0, sizes, 1), "/")
}

iv_basis <- function(m) qr.Q(qr(m, tol = iv_tolerance))[, seq_len(ncol(m)), drop = FALSE]

iv_fit <- function(x, y) stats::lm.fit(x, y, tol = iv_tolerance)

# Sum of outer products of scores, by row or by cluster.
iv_meat <- function(m, scores) {
  if (m$errors == "cluster") scores <- rowsum(scores, m$cluster)
  crossprod(scores)
}

iv_factor <- function(m) {
  free <- m$n - m$l
  if (m$errors != "cluster") return(free / m$n)
  groups <- length(unique(m$cluster))
  free / (m$n - 1) * (groups - 1) / groups
}

# b'S^-1 b. A matrix of moments that is singular gives no statistic; Python says why before R is asked.
iv_form <- function(s, b) {
  scale <- sqrt(diag(s))
  drop(crossprod(backsolve(chol(s / tcrossprod(scale)), b / scale, transpose = TRUE)))
}

iv_wald <- function(m, outcome) {
  fit <- iv_fit(m$z, outcome)
  b <- fit$coefficients
  if (m$errors == "iid") return(m$n * sum(b^2) / sum(fit$residuals^2))
  iv_form(iv_meat(m, m$z * fit$residuals), b)
}

iv_correlations <- function(m) svd(crossprod(m$z, iv_basis(m$d)))$d

# Kleibergen and Paap's rk statistic; for iid errors it is Anderson's LM, or Cragg and Donald's Wald.
iv_rank <- function(m, residual) {
  if (m$errors == "iid") {
    root <- min(iv_correlations(m)^2)
    return(m$n * if (residual) root / (1 - root) else root)
  }
  z <- m$z
  d <- iv_basis(m$d)
  theta <- crossprod(z, d)
  k1 <- ncol(d); l1 <- ncol(z)
  s <- svd(theta, nu = l1, nv = k1)
  last <- k1:l1
  u22 <- s$u[last, last, drop = FALSE]; v22 <- s$v[k1, k1, drop = FALSE]
  half <- function(a) { e <- eigen(a, symmetric = TRUE); e$vectors %*% (sqrt(pmax(e$values, 0)) * t(e$vectors)) }
  a <- s$u[, last, drop = FALSE] %*% solve(u22) %*% half(tcrossprod(u22))
  b <- half(tcrossprod(v22)) %*% solve(t(v22)) %*% t(s$v[, k1, drop = FALSE])
  weight <- kronecker(b, t(a))
  v <- if (residual) d - z %*% theta else d
  scores <- do.call(cbind, lapply(seq_len(k1), function(j) z * v[, j]))
  moment <- weight %*% as.vector(theta)
  iv_form(weight %*% iv_meat(m, scores) %*% t(weight), moment)
}

iv_two_stage <- function(m) {
  iv_fit(crossprod(m$z, m$d), crossprod(m$z, m$y)[, 1L])$coefficients
}

# The least of g'S^-1 g over the coefficients: what least squares leaves of the moments, S^-1 taken as a root.
iv_j <- function(m, z, s) {
  scale <- sqrt(diag(s))
  root <- chol(s / tcrossprod(scale))
  moments <- backsolve(root, crossprod(z, cbind(m$y, m$d)) / scale, transpose = TRUE)
  sum(iv_fit(moments[, -1L, drop = FALSE], moments[, 1L])$residuals^2)
}

iv_overidentified <- function(m) {
  e <- m$y - drop(m$d %*% iv_two_stage(m))
  if (m$errors == "iid") return(m$n * sum(crossprod(m$z, e)^2) / sum(e^2))
  iv_j(m, m$z, iv_meat(m, m$z * e))
}

iv_endogeneity <- function(m) {
  e <- iv_fit(m$d, m$y)$residuals
  all <- iv_basis(cbind(m$z, m$d))
  s <- if (m$errors == "iid") diag(sum(e^2) / m$n, ncol(all)) else iv_meat(m, all * e)
  own <- seq_len(ncol(m$z))
  iv_j(m, all, s) - iv_j(m, all[, own, drop = FALSE], s[own, own, drop = FALSE])
}

iv_wu_hausman <- function(m) {
  first <- iv_unit(as.matrix(iv_fit(m$z, m$d)$residuals))
  short <- sum(iv_fit(m$d, m$y)$residuals^2)
  long <- sum(iv_fit(cbind(m$d, first), m$y)$residuals^2)
  k1 <- ncol(m$d)
  (short - long) / k1 / (long / (m$n - m$k - k1))
}
