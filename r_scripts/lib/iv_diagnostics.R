# Diagnostics of two-stage least squares, written apart from parity's: explicit regressions by lm.fit with all dummies,
# cross-products, Cholesky factors. Base R only.

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

iv_read <- function(request) {
  data <- request$data
  block <- function(letter, n) if (n) as.matrix(data[paste0(letter, seq_len(n))]) else matrix(0, nrow(data), 0L)
  n <- nrow(data)
  nuisance <- if (length(request$effects)) mediation_nuisance(as.list(data[as.character(request$effects)]), n) else
    if (request$intercept) matrix(1, n, 1L) else matrix(0, n, 0L)
  outer <- cbind(nuisance, block("x", request$n_x))
  free <- function(v) if (ncol(outer)) as.matrix(stats::lm.fit(outer, v)$residuals) else as.matrix(v)
  rank <- if (ncol(outer)) stats::lm.fit(outer, data$y)$rank else 0L
  list(
    y = free(data$y)[, 1L], d = free(block("d", request$n_d)), z = free(block("z", request$n_z)), n = n,
    k = rank + request$n_d, l = rank + request$n_z, errors = request$errors, cluster = data$g
  )
}

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

iv_wald <- function(m, outcome) {
  fit <- stats::lm.fit(m$z, outcome)
  bread <- solve(crossprod(m$z))
  middle <- if (m$errors == "iid") crossprod(m$z) * sum(fit$residuals^2) / m$n else iv_meat(m, m$z * fit$residuals)
  drop(fit$coefficients %*% solve(bread %*% middle %*% bread, fit$coefficients))
}

iv_correlations <- function(m) {
  left <- chol(crossprod(m$z)); right <- chol(crossprod(m$d))
  svd(solve(t(left), crossprod(m$z, m$d)) %*% solve(right))$d
}

# Kleibergen and Paap's rk statistic; for iid errors it is Anderson's LM, or Cragg and Donald's Wald.
iv_rank <- function(m, residual) {
  if (m$errors == "iid") {
    root <- min(iv_correlations(m)^2)
    return(m$n * if (residual) root / (1 - root) else root)
  }
  z <- m$z %*% solve(chol(crossprod(m$z)))
  d <- m$d %*% solve(chol(crossprod(m$d)))
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
  drop(crossprod(moment, solve(weight %*% iv_meat(m, scores) %*% t(weight), moment)))
}

iv_two_stage <- function(m) {
  fitted <- as.matrix(stats::lm.fit(m$z, m$d)$fitted.values)
  stats::lm.fit(fitted, m$y)$coefficients
}

# The least of g'S^-1 g over the coefficients.
iv_j <- function(m, z, s) {
  zd <- crossprod(z, m$d); zy <- crossprod(z, m$y)
  b <- solve(crossprod(zd, solve(s, zd)), crossprod(zd, solve(s, zy)))
  g <- zy - zd %*% b
  drop(crossprod(g, solve(s, g)))
}

iv_overidentified <- function(m) {
  e <- m$y - drop(m$d %*% iv_two_stage(m))
  s <- if (m$errors == "iid") crossprod(m$z) * sum(e^2) / m$n else iv_meat(m, m$z * e)
  iv_j(m, m$z, s)
}

iv_endogeneity <- function(m) {
  e <- stats::lm.fit(m$d, m$y)$residuals
  all <- cbind(m$z, m$d)
  s <- if (m$errors == "iid") crossprod(all) * sum(e^2) / m$n else iv_meat(m, all * e)
  own <- seq_len(ncol(m$z))
  iv_j(m, all, s) - iv_j(m, m$z, s[own, own, drop = FALSE])
}

iv_wu_hausman <- function(m) {
  first <- as.matrix(stats::lm.fit(m$z, m$d)$residuals)
  short <- sum(stats::lm.fit(m$d, m$y)$residuals^2)
  long <- sum(stats::lm.fit(cbind(m$d, first), m$y)$residuals^2)
  k1 <- ncol(m$d)
  (short - long) / k1 / (long / (m$n - m$k - k1))
}
