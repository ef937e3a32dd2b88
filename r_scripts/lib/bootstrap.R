# The pairs cluster bootstrap by refitting: least squares or two-stage least squares on the rows of every draw, with all
# dummies, by lm.wfit. Written apart from parity's cross-products, to hold them against. Base R only.

# request: data (y, x1.., d1.., z1.., f1.., g clusters, w), counts n_x, n_d, n_z, intercept, effects, draws (a file),
# first_draws, level, percentiles, tie. Copies of a cluster keep the levels of its effects.
bootstrap_analysis <- function(request) {
  data <- request$data
  block <- function(letter, n) if (n) as.matrix(data[paste0(letter, seq_len(n))]) else matrix(0, nrow(data), 0L)
  m <- list(
    y = data$y, x = block("x", request$n_x), d = block("d", request$n_d), z = block("z", request$n_z), w = data$w,
    effects = as.list(data[as.character(request$effects)]), intercept = request$intercept
  )
  groups <- max(data$g)
  rows_of <- split(seq_along(m$y), factor(data$g, levels = seq_len(groups)))
  drawn <- mediation_draws(request$draws)
  drawn <- drawn[seq_len(min(request$first_draws, nrow(drawn))), , drop = FALSE]
  k <- ncol(m$x) + ncol(m$d)
  refit <- function(clusters) bootstrap_slopes(m, unlist(rows_of[clusters], use.names = FALSE))
  own <- bootstrap_slopes(m, seq_along(m$y))
  boot <- matrix(apply(drawn, 1L, refit), nrow = k)
  jack <- matrix(vapply(seq_len(groups), function(g) refit(seq_len(groups)[-g]), own), nrow = k)
  list(
    estimate = own, bootstrap_se = apply(boot, 1L, stats::sd, na.rm = TRUE), replicates = t(boot),
    intervals = vapply(seq_len(k), function(j) {
      mediation_intervals(boot[j, ], own[j], jack[j, ], request$level, request$percentiles, request$tie)
    }, numeric(6L))
  )
}

# Coefficients of x and d on some rows; all NA where one is determined by what stands before it.
bootstrap_slopes <- function(m, rows) {
  n <- length(rows)
  w <- m$w[rows]
  nuisance <- if (length(m$effects)) mediation_nuisance(lapply(m$effects, function(e) e[rows]), n) else
    matrix(1, n, as.integer(m$intercept))
  x <- m$x[rows, , drop = FALSE]
  d <- m$d[rows, , drop = FALSE]
  outer <- cbind(nuisance, x)
  if (ncol(d)) d <- d - as.matrix(stats::lm.wfit(cbind(outer, m$z[rows, , drop = FALSE]), d, w)$residuals)
  found <- utils::tail(stats::lm.wfit(cbind(outer, d), m$y[rows], w)$coefficients, ncol(x) + ncol(d))
  if (anyNA(found)) found[] <- NA_real_
  unname(found)
}
