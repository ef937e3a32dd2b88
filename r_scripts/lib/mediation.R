# Mediation by refitting: every equation of every draw is least squares on the rows drawn, with all dummies. Written
# apart from parity's cross-products, to hold them against; slow on purpose. Base R only.

# Codes 1, 2, .. to a matrix of dummies.
mediation_dummies <- function(code) outer(code, seq_len(max(code)), `==`) * 1

# The rows' own part of a regression: dummies of all effects (an intercept without any).
mediation_nuisance <- function(effects, n) {
  if (!length(effects)) return(matrix(1, n, 1L))
  do.call(cbind, lapply(effects, function(e) mediation_dummies(match(e, unique(e)))))
}

# Coefficients of the columns of x; none where one is determined by the others, as what is left is another equation.
mediation_slopes <- function(nuisance, x, y) {
  slopes <- utils::tail(stats::lm.fit(cbind(nuisance, x), y)$coefficients, ncol(x))
  if (anyNA(slopes)) slopes[] <- NA
  slopes
}

# X (X'X)^-1 by QR of columns of length one: no unit of measurement makes it singular.
mediation_pull <- function(x) {
  size <- sqrt(colSums(x^2))
  q <- qr(sweep(x, 2L, size, "/"), tol = 1e-11)
  sweep(t(backsolve(qr.R(q), t(qr.Q(q)))), 2L, size, "/")
}

# total, direct, first 1..k, second 1..k on some rows.
mediation_paths <- function(m, rows, effects) {
  nuisance <- mediation_nuisance(effects, length(rows))
  short <- cbind(m$controls[rows, , drop = FALSE], m$treatment[rows])
  at <- ncol(short)
  full <- cbind(short, m$mediators[rows, , drop = FALSE])
  total <- mediation_slopes(nuisance, short, m$outcome[rows])[at]
  first <- apply(m$mediators, 2L, function(v) mediation_slopes(nuisance, short, v[rows])[at])
  through <- mediation_slopes(nuisance, full, m$outcome[rows])
  unname(c(total, through[at], first, utils::tail(through, ncol(m$mediators))))
}

# A request in the bridge's columns -> numbers and matrices.
mediation_read <- function(request) {
  data <- request$data
  columns <- function(names) if (length(names)) as.matrix(data[names]) else matrix(0, nrow(data), 0L)
  effects <- as.list(data[as.character(request$effects)])
  list(
    outcome = data[[request$outcome]], treatment = data[[request$treatment]], mediators = columns(request$mediators),
    controls = columns(as.character(request$controls)), effects = effects, cluster = data[[request$cluster]],
    nested = vapply(effects, function(e) all(tapply(data[[request$cluster]], e, function(g) length(unique(g))) == 1L), NA)
  )
}

# (B, 2 + 2k) effects of every draw in the file that Python wrote. scheme: copies of a cluster "keep" the levels of its
# effects, as in Stata's bootstrap with cluster() alone and in sandwich::vcovBS, or get "new" ones, as with idcluster().
mediation_refit <- function(request) {
  m <- mediation_read(request)
  draws <- mediation_draws(request$draws)
  if (!is.null(request$first_draws)) draws <- draws[seq_len(min(request$first_draws, nrow(draws))), , drop = FALSE]
  rows_of <- split(seq_along(m$cluster), factor(m$cluster, levels = seq_len(ncol(draws))))
  replicates <- t(apply(draws, 1L, function(drawn) {
    rows <- unlist(rows_of[drawn], use.names = FALSE)
    effects <- lapply(m$effects, function(e) e[rows])
    if (identical(request$scheme, "new")) {
      copy <- rep(seq_along(drawn), lengths(rows_of[drawn]))
      effects[m$nested] <- lapply(effects[m$nested], function(e) paste(copy, e))
    }
    mediation_paths(m, rows, effects)
  }))
  list(replicates = replicates)
}

# A file of draws: two lines of words, then numbers.
mediation_draws <- function(file) {
  head <- strsplit(readLines(file, n = 2L, encoding = "UTF-8"), "\t", fixed = TRUE)
  if (head[[1L]][1L] != "parity-draws/1") stop(file, " holds no draws", call. = FALSE)
  numbers <- scan(file, skip = 2L, sep = "\t", quiet = TRUE)
  width <- length(strsplit(readLines(file, n = 3L)[3L], "\t", fixed = TRUE)[[1L]])
  matrix(numbers, ncol = width, byrow = TRUE)
}

# Effects of the sample, their clustered (robust, iid) standard errors, tests of products, bootstrap summaries.
mediation_analysis <- function(request) {
  m <- mediation_read(request)
  rows <- seq_along(m$outcome)
  k <- ncol(m$mediators)
  own <- mediation_paths(m, rows, m$effects)
  se <- mediation_errors(m, request$vcov)
  a <- own[2L + seq_len(k)]; b <- own[2L + k + seq_len(k)]
  sa <- se[2L + seq_len(k)]; sb <- se[2L + k + seq_len(k)]
  order1 <- a^2 * sb^2 + b^2 * sa^2
  root <- function(v) ifelse(v > 0, sqrt(abs(v)), NaN)
  out <- list(
    effects = mediation_numbers(rbind(own), k)[1L, ], coefficients = own, se = se,
    se_delta = mediation_delta(m, own, request$vcov),
    sobel = root(order1), aroian = root(order1 + sa^2 * sb^2), goodman = root(order1 - sa^2 * sb^2)
  )
  if (!is.null(request$draws)) {
    boot <- mediation_numbers(mediation_refit(request)$replicates, k)
    groups <- seq_len(max(m$cluster))
    jack <- mediation_numbers(t(vapply(groups, function(g) {
      left <- which(m$cluster != g)
      mediation_paths(m, left, lapply(m$effects, function(e) e[left]))
    }, own)), k)
    out$boot_se <- apply(boot, 2L, stats::sd, na.rm = TRUE)
    out$replicates <- boot
    out$intervals <- vapply(seq_len(ncol(boot)), function(j) {
      mediation_intervals(boot[, j], out$effects[j], jack[, j], request$level, request$percentiles, request$tie)
    }, numeric(6L))
  }
  if (!is.null(request$normals)) {
    z <- mediation_draws(request$normals)
    out$monte_carlo <- vapply(seq_len(k), function(j) {
      product <- (a[j] + sa[j] * z[, 2L * j - 1L]) * (b[j] + sb[j] * z[, 2L * j])
      mediation_percentile(product, c((1 - request$level) / 2, (1 + request$level) / 2), request$percentiles)
    }, numeric(2L))
  }
  out
}

# total, direct, indirect by mediator, together, total less direct, share, ratio.
mediation_numbers <- function(p, k) {
  through <- p[, 2L + seq_len(k), drop = FALSE] * p[, 2L + k + seq_len(k), drop = FALSE]
  together <- rowSums(through)
  cbind(p[, 1:2, drop = FALSE], through, together, p[, 1L] - p[, 2L], together / p[, 1L], together / p[, 2L])
}

# Stata's _pctile: the mean of two neighbours where a share of the values is a whole number of them. stats::quantile
# with type = 2 does not see that 1000 * (1 - .95) / 2 is one.
mediation_percentile <- function(values, shares, rule) {
  if (identical(rule, "type7")) return(unname(stats::quantile(values, shares, type = 7L)))
  values <- sort(values)
  n <- length(values)
  vapply(shares, function(s) {
    place <- n * s
    whole <- round(place)
    if (abs(place - whole) <= 1e-13 * n) (values[max(whole, 1)] + values[min(whole + 1, n)]) / 2 else values[floor(place) + 1]
  }, 0)
}

# Percentile, bias-corrected and BCa (Efron 1987), percentiles of type 2 as Stata's.
mediation_intervals <- function(boot, estimate, jack, level, rule, tie) {
  boot <- boot[!is.na(boot)]
  jack <- jack[!is.na(jack)]
  tails <- c((1 - level) / 2, (1 + level) / 2)
  z0 <- stats::qnorm(mean(boot <= estimate + tie * stats::sd(boot)))
  apart <- mean(jack) - jack
  a <- if (any(apart != 0)) sum(apart^3) / (6 * sum(apart^2)^1.5) else 0
  z <- z0 + stats::qnorm(tails)
  # all draws on one side of the estimate: the end of the draws, whatever the acceleration
  adjusted <- if (is.infinite(z0)) z else z0 + z / (1 - a * z)
  shares <- list(tails, stats::pnorm(z0 + z), stats::pnorm(adjusted))
  unlist(lapply(shares, function(s) mediation_percentile(boot, s, rule)))
}

# Standard errors by reghdfe's rule: effects nested in the cluster aren't counted, a constant is in their place.
mediation_errors <- function(m, vcov) {
  n <- length(m$outcome)
  nuisance <- mediation_nuisance(m$effects, n)
  short <- cbind(m$controls, m$treatment)
  one <- function(x, y, at) {
    all <- cbind(nuisance, x)
    fit <- stats::lm.fit(all, y)
    free <- stats::lm.fit(nuisance, x)$residuals
    pull <- mediation_pull(as.matrix(free))
    if (vcov == "iid") return(sqrt(colSums(pull^2) * sum(fit$residuals^2) / (n - fit$rank))[at])
    if (vcov == "HC1") return(sqrt(colSums((pull * fit$residuals)^2) * n / (n - fit$rank))[at])
    counted <- m$effects[!m$nested]
    rank <- if (!length(m$effects)) 1L else qr(cbind(if (any(m$nested)) 1, mediation_nuisance(counted, n)[, seq_len(
      sum(vapply(counted, function(e) length(unique(e)), 1L))), drop = FALSE]))$rank
    scores <- rowsum(pull * fit$residuals, m$cluster)
    groups <- nrow(scores)
    sqrt(colSums(scores^2) * groups / (groups - 1) * (n - 1) / (n - ncol(x) - rank))[at]
  }
  at <- ncol(short)
  through <- at + seq_len(ncol(m$mediators))
  full <- cbind(short, m$mediators)
  unname(c(
    one(short, m$outcome, at), one(full, m$outcome, at),
    apply(m$mediators, 2L, function(v) one(short, v, at)), one(full, m$outcome, through)
  ))
}

# Standard error of direct + sum(first * second) by the delta method: the gradient times the covariance of all equations,
# that of the system stacked row by row, each equation under its own finite-sample factor. Under iid the mediators' errors
# covary with each other, not with the outcome's.
mediation_delta <- function(m, own, vcov) {
  n <- length(m$outcome)
  k <- ncol(m$mediators)
  a <- own[2L + seq_len(k)]; b <- own[2L + k + seq_len(k)]
  nuisance <- mediation_nuisance(m$effects, n)
  short <- cbind(m$controls, m$treatment)
  full <- cbind(short, m$mediators)
  at <- ncol(short)
  left <- stats::lm.fit(cbind(nuisance, full), m$outcome)
  firsts <- lapply(seq_len(k), function(j) stats::lm.fit(cbind(nuisance, short), m$mediators[, j]))
  net <- function(x) mediation_pull(as.matrix(stats::lm.fit(nuisance, x)$residuals))
  outer_pull <- net(full)[, c(at, at + seq_len(k)), drop = FALSE] %*% c(1, a)
  inner_pull <- net(short)[, at]
  if (vcov == "iid") {
    covary <- crossprod(vapply(firsts, function(f) f$residuals, numeric(n))) / (n - firsts[[1L]]$rank)
    outcome <- sum(outer_pull^2) * sum(left$residuals^2) / (n - left$rank)
    return(sqrt(outcome + sum(inner_pull^2) * drop(t(b) %*% covary %*% b)))
  }
  # the factors, from standard errors with and without them
  plain <- function(pull, residuals) {
    scores <- pull * residuals
    if (vcov == "HC1") scores else rowsum(scores, m$cluster)
  }
  errors <- mediation_errors(m, vcov)
  scaled <- function(scores, se) scores * se / sqrt(sum(scores^2))
  treatment <- plain(net(full)[, at], left$residuals)
  size <- errors[2L] / sqrt(sum(treatment^2))
  total <- size * plain(drop(outer_pull), left$residuals)
  for (j in seq_len(k)) total <- total + b[j] * scaled(plain(inner_pull, firsts[[j]]$residuals), errors[2L + j])
  sqrt(sum(total^2))
}
