# Conley's covariance without small-sample factor, every row held against every row of its period or of all, a few at once.
#
# Conley (1999), Journal of Econometrics 92, and his x_ols.ado: weights of the coordinates multiplied. Hsiang (2010), PNAS
# 107, and his ols_spatial_HAC.ado: flat kilometres, rows of one period, and of a panel each unit's own lags.

# data: at1.. coordinates, time, unit. vcov: list(cutoff of each coordinate, lags or NULL).
stata_v_conley <- function(fit, data, vcov, convention) {
  scores <- stata_scores(fit)
  at <- as.matrix(data[grep("^at[0-9]+$", names(data))])
  weigh <- function(i, j) stata_near(at[i, , drop = FALSE], at[j, , drop = FALSE], vcov$cutoff, convention)
  period <- if (is.null(vcov$lags)) rep(1L, nrow(at)) else data$time
  meat <- matrix(0, ncol(scores), ncol(scores))
  for (rows in split(seq_len(nrow(at)), period)) {
    for (few in split(rows, (seq_along(rows) - 1L) %/% max(1L, 1000000L %/% length(rows)))) {
      moved <- weigh(few, rows) %*% scores[rows, , drop = FALSE]
      meat <- meat + crossprod(scores[few, , drop = FALSE], moved)
    }
  }
  if (!is.null(vcov$lags) && vcov$lags > 0 && !is.null(data$unit)) {
    for (rows in split(seq_len(nrow(at)), data$unit)) meat <- meat + stata_own_lags(scores[rows, , drop = FALSE], data$time[rows], vcov$lags)
  }
  stata_named(meat, fit)
}

# Pairs of one unit's rows 1 to `lags` periods apart, by Bartlett's weights.
stata_own_lags <- function(scores, time, lags) {
  apart <- abs(outer(time, time, "-"))
  weight <- ifelse(apart > 0 & apart <= lags, 1 - apart / (lags + 1), 0)
  t(scores) %*% weight %*% scores
}

# Weights of places a (rows) and b (columns): latitude and longitude in degrees where distances are kilometres.
stata_near <- function(a, b, cutoff, convention) {
  kernel <- function(d, reach) {
    if (convention$conley_kernel == "uniform") return((d <= reach * (1 + 1e-12)) + 0)
    ifelse(d < reach, 1 - d / reach, 0)
  }
  if (convention$conley_distance == "axes") {
    each <- lapply(seq_along(cutoff), function(k) kernel(abs(outer(a[, k], b[, k], "-")), cutoff[k]))
    return(Reduce(`*`, each))
  }
  radians <- pi / 180
  north <- outer(a[, 1L], b[, 1L], "-")
  east <- outer(a[, 2L], b[, 2L], "-")
  flat <- function(latitude, east) 111 * sqrt(north^2 + (cos(latitude * radians) * east)^2)
  switch(convention$conley_distance,
    haversine = {
      chord <- sin(north * radians / 2)^2 + outer(cos(a[, 1L] * radians), cos(b[, 1L] * radians)) * sin(east * radians / 2)^2
      kernel(2 * 6371 * asin(pmin(sqrt(chord), 1)), cutoff[1L])
    },
    mean_latitude = {
      around <- pmin(abs(east), 360 - abs(east))
      kernel(flat(outer(a[, 1L], b[, 1L], "+") / 2, around), cutoff[1L])
    },
    own_latitude = {
      of_row <- kernel(flat(matrix(a[, 1L], nrow(a), nrow(b)), east), cutoff[1L])
      of_column <- kernel(flat(matrix(b[, 1L], nrow(a), nrow(b), byrow = TRUE), east), cutoff[1L])
      (of_row + of_column) / 2
    }
  )
}
