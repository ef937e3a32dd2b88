# LIML, Fuller's and k-class estimators, and GMM in steps or continuously updated, as ivregress and ivreg2 have them.
#
#   ivregress(data, "y", "x", "d", c("z1", "z2"), method = "liml")               ivregress liml y x (d = z1 z2)
#   ivregress(..., method = "gmm", wmatrix = "robust", vce = "robust")           ivregress gmm ..., wmatrix(robust)
#   ivregress(..., method = "gmm", steps = "iterated", centred = TRUE)           ..., igmm center
#   ivreg2(..., method = "fuller", fuller = 1), method = "kclass", kappa = 0.5   ivreg2 ..., fuller(1); kclass(.5)
#   ivreg2(..., method = "gmm"), method = "cue"                                  ivreg2 ..., gmm2s; cue
#
# Sources: [R] ivregress, Methods and formulas; Baum, Schaffer and Stillman (2007). Scores of a k-class sandwich are of the
# regressors projected on the instruments. What ivregress does with centred moments and aweights is not in its manual: the
# weight takes off each row's weight times the weighted mean of z e, the covariance the unweighted one (192 LIML and 384
# GMM blocks recorded from Stata 13, in linearmodels' tests, hold this).

STATA_MOMENT_STEP <- 1e-12

# Outcome, regressors, endogenous columns and instruments, net of effects or the constant, times root weights.
stata_moment_columns <- function(y, x, endog, z, effects, constant, weights, weight_kind) {
  weight <- stata_weights(length(y), weights, weight_kind)
  w <- weight$w
  absorbed <- if (length(effects)) effects else if (constant) list(rep(1L, length(y))) else list()
  absorber <- stata_absorber(absorbed, w)
  blocks <- cbind(y = y, x, endog, z)
  before <- stata_norms(blocks, sqrt(w))
  means <- colSums(w * blocks) / sum(w)
  free <- sqrt(w) * stata_partial(absorber, blocks)
  n_x <- NCOL(x)
  n_d <- ncol(endog)
  at <- seq_len(ncol(free))[-1L]
  kept <- at[stata_independent(free[, at, drop = FALSE][, seq_len(n_x + n_d), drop = FALSE], before[at[seq_len(n_x + n_d)]])]
  exogenous <- c(kept[kept <= 1L + n_x], 1L + n_x + n_d + seq_len(ncol(z)))
  exogenous <- exogenous[stata_independent(free[, exogenous, drop = FALSE], before[exogenous])]
  if (length(exogenous) < length(kept)) stata_refuse("equation not identified; there must be at least as many instruments")
  is_endog <- kept > 1L + n_x
  list(
    y = free[, 1L], regressors = free[, kept, drop = FALSE], instruments = free[, exogenous, drop = FALSE],
    is_endog = is_endog, w = w, weight = weight, absorber = absorber, means = means[kept],
    y_mean = sum(w * y) / sum(w), constant = constant || length(effects) > 0L, effects = length(effects) > 0L,
    omitted = setdiff(colnames(free)[at[seq_len(n_x + n_d)]], colnames(free)[kept]), tss = sum(w * (y - if (constant ||
      length(effects)) sum(w * y) / sum(w) else 0)^2)
  )
}

# What stata_fit() gives, with the pull, bread and squares of another estimator.
stata_moment_fit <- function(y, x, endog, z, effects = list(), constant = TRUE, report = constant, weights = NULL,
                             weight_kind = "aweight", method, how = list()) {
  columns <- stata_moment_columns(y, x, endog, z, effects, constant, weights, weight_kind)
  found <- if (method %in% c("gmm", "cue")) stata_gmm(columns, report, how, method) else {
    stata_kclass(columns, method, how, report)
  }
  w <- columns$w
  fit <- list(
    names = colnames(columns$regressors), k = ncol(columns$regressors), w = w, weight = columns$weight$kind,
    n_obs = columns$weight$n_obs, n_rows = length(y), absorber = columns$absorber, constant = columns$constant,
    report = report, omitted = columns$omitted, effects = columns$effects, b = found$b, e = found$e, pull = found$pull,
    bread = found$bread, ssr = sum(w * found$e^2), squares = found$squares, given = found$given, shift = found$shift,
    tss = columns$tss, tss_within = sum(columns$y^2), means = columns$means, y_mean = columns$y_mean, stats = found$stats,
    moments = TRUE
  )
  names(fit$b) <- c(fit$names, if (report) "_cons")
  fit
}

# Slopes, pull and bread of centred columns -> the same with the constant behind.
stata_moment_constant <- function(columns, found) {
  k <- length(found$b)
  back <- rbind(cbind(diag(k), rep(0, k)), c(-columns$means, 1))
  root <- sqrt(columns$w)
  found$pull <- tcrossprod(cbind(found$pull, 1 / sum(columns$w)), back)
  inner <- rbind(cbind(found$bread, 0), c(rep(0, k), 1 / sum(columns$w)))
  found$bread <- back %*% inner %*% t(back)
  found$b <- c(found$b, columns$y_mean - sum(columns$means * found$b))
  found
}

# ---------------------------------------------------------------- k-class

stata_liml_kappa <- function(columns) {
  x <- columns$regressors[, !columns$is_endog, drop = FALSE]
  both <- cbind(columns$y, columns$regressors[, columns$is_endog, drop = FALSE])
  both <- sweep(both, 2L, stata_scales(both), "*")
  net <- if (ncol(x)) qr.resid(stata_qr(x)$qr, both) else both
  left <- qr.resid(stata_qr(columns$instruments)$qr, both)
  triangle <- qr.R(qr(net, LAPACK = TRUE))
  order <- qr(net, LAPACK = TRUE)$pivot
  1 / max(svd(left[, order] %*% backsolve(triangle, diag(ncol(both))), 0L, 0L)$d)^2
}

stata_kclass <- function(columns, method, how, report) {
  kappa <- how$kappa
  if (is.null(kappa)) {
    kappa <- stata_liml_kappa(columns)
    exogenous <- ncol(columns$instruments) + columns$absorber$rank
    if (method == "fuller") kappa <- kappa - how$fuller / (columns$weight$n_obs - exogenous)
  }
  all <- columns$regressors
  scale <- stata_scales(all)
  all <- sweep(all, 2L, scale, "*")
  exogenous <- stata_qr(columns$instruments)$qr
  fitted <- all
  fitted[, columns$is_endog] <- qr.fitted(exogenous, all[, columns$is_endog, drop = FALSE])
  first <- qr(fitted, tol = STATA_COLLINEAR)
  if (first$rank < ncol(all)) stata_refuse("equation not identified: the instruments do not move every endogenous variable")
  basis <- qr.Q(first)
  inverse <- backsolve(qr.R(first), diag(ncol(all)))
  left <- (all - fitted) %*% inverse
  middle <- diag(ncol(all)) - (kappa - 1) * crossprod(left)
  root <- tryCatch(chol(middle), error = function(e) stata_refuse("kappa too large: X'(I - kappa M)X is not positive"))
  half <- inverse %*% chol2inv(root)
  moved <- function(y) drop(half %*% (crossprod(basis, y) - (kappa - 1) * crossprod(left, y)))
  b <- moved(columns$y)
  b <- b + moved(columns$y - drop(all %*% b))
  weight <- sqrt(columns$w)
  found <- list(
    b = scale * b, pull = sweep(tcrossprod(basis, half), 2L, scale, "*") / weight,
    bread = tcrossprod(half, inverse) * tcrossprod(scale), e = drop(columns$y - all %*% b) / weight,
    stats = list(kappa = kappa)
  )
  if (report) stata_moment_constant(columns, found) else found
}

# ---------------------------------------------------------------- moments

# What is squared and summed: q e by row, less its mean where that is asked, by cluster where there are some.
stata_moment_sums <- function(columns, how, moments) {
  if (isTRUE(how$centred)) moments <- moments - tcrossprod(columns$w, colSums(moments) / sum(columns$w))
  if (how$weight == "cluster") return(rowsum(moments, how$code, reorder = FALSE))
  if (columns$weight$kind == "fweight") moments / sqrt(columns$w) else moments
}

stata_moment_about_mean <- function(columns, how, e) {
  if (isTRUE(how$efficient_errors)) return(sum(e^2))
  root <- sqrt(columns$w)
  sum((e - root * sum(root * e) / sum(columns$w))^2)
}

stata_moment_covariance <- function(columns, how, q, e) {
  if (how$weight == "iid") return(diag(ncol(q)) * stata_moment_about_mean(columns, how, e) / columns$weight$n_obs)
  sums <- stata_moment_sums(columns, how, q * e)
  if (how$weight != "newey_west") return(crossprod(sums))
  stata_lagged_products(sums, how$unit, how$time, how$lags)
}

# The triangle U of S = U'U. Fewer clusters than moments leave none.
stata_moment_root <- function(s) {
  size <- sqrt(diag(s))
  correlation <- s / tcrossprod(size)
  if (anyNA(correlation) || min(eigen(correlation, symmetric = TRUE, only.values = TRUE)$values) < 1e-12 * ncol(s)) {
    stata_refuse("the covariance of the moments is singular (as many clusters as moments, or fewer)")
  }
  sweep(chol(correlation), 2L, size, "*")
}

stata_gmm_step <- function(q, x, y, root) {
  across <- backsolve(root, t(q), transpose = TRUE)
  solved <- qr(across %*% x, tol = STATA_COLLINEAR)
  if (solved$rank < ncol(x)) stata_refuse("equation not identified: the instruments do not move every endogenous variable")
  b <- qr.coef(solved, across %*% y)
  b <- drop(b + qr.coef(solved, across %*% (y - x %*% b)))
  inverse <- backsolve(qr.R(solved), diag(ncol(x)))
  list(b = b, half = inverse %*% t(backsolve(root, qr.Q(solved))), bread = tcrossprod(inverse),
       j = sum((across %*% (y - x %*% b))^2))
}

stata_gmm <- function(columns, report, how, method) {
  ones <- if (report) sqrt(columns$w / sum(columns$w))
  q <- qr.Q(stata_qr(cbind(ones, columns$instruments))$qr)
  x <- cbind(columns$regressors, ones)
  scale <- stata_scales(x)
  x <- sweep(x, 2L, scale, "*")
  y_scale <- stata_scales(cbind(columns$y))
  y <- columns$y * y_scale
  covariance <- function(b) stata_moment_covariance(columns, how, q, drop(y - x %*% b))
  found <- stata_gmm_step(q, x, y, diag(ncol(q)))
  if (method == "cue") {
    found <- stata_cue(columns, how, q, x, y, found, covariance)
  } else if (!identical(how$steps, 1)) {
    for (i in 2:5000) {
      last <- found$b
      found <- stata_gmm_step(q, x, y, stata_moment_root(covariance(last)))
      if (identical(how$steps, 2) || all(abs(found$b - last) <= STATA_MOMENT_STEP * sqrt(diag(found$bread)))) break
    }
    if (i == 5000L) stata_refuse("convergence not achieved")
  }
  e <- drop(y - x %*% found$b)
  k <- ncol(columns$regressors)
  back <- diag(scale, length(scale))
  if (report) {
    # the last column is of length one; the constant is the mean less the slopes' share
    back[k + 1L, ] <- c(-columns$means * scale[seq_len(k)], scale[k + 1L] / sqrt(sum(columns$w)))
  }
  b <- drop(back %*% found$b) / y_scale
  if (report) b[k + 1L] <- b[k + 1L] + columns$y_mean
  half <- back %*% found$half
  over <- ncol(q) - ncol(x)
  j <- if (over) found$j else 0
  shifted <- isTRUE(how$centred) && columns$weight$kind == "aweight"
  list(
    b = b, e = e / y_scale / sqrt(columns$w), pull = tcrossprod(q, half) / sqrt(columns$w), bread = tcrossprod(half),
    squares = stata_moment_about_mean(columns, how, e) / y_scale^2,
    given = if (isTRUE(how$efficient)) back %*% found$bread %*% t(back) / y_scale^2,
    shift = if (shifted) drop(half %*% colMeans(q * (e / columns$w))) / y_scale,
    stats = if (method == "cue" || !identical(how$steps, 1)) {
      c(list(j = j, j_df = over), if (over) list(j_p = stats::pchisq(j, over, lower.tail = FALSE)))
    }
  )
}

# ---------------------------------------------------------------- continuously updated

# Least of J(b) = g'S(b)^-1 g: quasi-Newton from 2SLS and from two steps, then Newton on the slope.
stata_cue <- function(columns, how, q, x, y, one, covariance) {
  two <- stata_gmm_step(q, x, y, stata_moment_root(covariance(one$b)))
  unit <- t(chol(two$bread))
  place <- function(t) two$b + drop(unit %*% t)
  parts <- function(t) {
    e <- drop(y - x %*% place(t))
    root <- stata_moment_root(stata_moment_covariance(columns, how, q, e))
    half <- backsolve(root, crossprod(q, e), transpose = TRUE)
    list(e = e, j = sum(half^2), v = drop(q %*% backsolve(root, half)))
  }
  value <- function(t) parts(t)$j
  slope <- function(t) {
    at <- parts(t)
    drop(-2 * crossprod(x %*% unit, at$v - stata_cue_moved(columns, how, at$e, at$v)))
  }
  starts <- list(rep(0, ncol(x)), drop(solve(unit, one$b - two$b)))
  tried <- lapply(starts, function(start) {
    stats::optim(start, value, slope, method = "BFGS", control = list(reltol = 1e-14, maxit = 1000L))
  })
  at <- tried[[which.min(vapply(tried, `[[`, 0, "value"))]]$par
  last <- Inf
  for (i in seq_len(60L)) {
    curvature <- vapply(seq_along(at), function(j) {
      h <- replace(numeric(length(at)), j, 1e-4)
      (slope(at + h) - slope(at - h)) / 2e-4
    }, numeric(length(at)))
    step <- solve((curvature + t(curvature)) / 2, slope(at))
    size <- max(abs(step))
    if (size >= last) break
    at <- at - step
    last <- size
    if (size <= STATA_MOMENT_STEP) break
  }
  if (last > 1e-6) stata_refuse("convergence not achieved")
  found <- stata_gmm_step(q, x, y, stata_moment_root(covariance(place(at))))
  found$b <- place(at)
  found$j <- value(at)
  found
}

stata_cue_moved <- function(columns, how, e, v) {
  if (how$weight == "iid") {
    root <- sqrt(columns$w)
    about <- if (isTRUE(how$efficient_errors)) e else e - root * sum(root * e) / sum(columns$w)
    return(about * sum(v^2) / columns$weight$n_obs)
  }
  w <- columns$w
  press <- stata_moment_sums(columns, how, cbind(v * e))
  own <- if (how$weight == "cluster") press[match(how$code, unique(how$code)), 1L] else press[, 1L]
  if (how$weight != "cluster" && columns$weight$kind == "fweight") own <- own / sqrt(w)
  if (isTRUE(how$centred)) v * own - v * sum(own * w) / sum(w) else v * own
}
