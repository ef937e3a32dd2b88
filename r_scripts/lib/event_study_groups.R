# Callaway and Sant'Anna's ATT(g, t): each solves stacked moments of its outcome regression, its logit and its two means, and
# its influence is that of the moments, by the complex step. Base R only, written apart from the Python side.

es_callaway <- function(p, request, window) {
  periods <- sort(unique(p$t))
  full <- as.integer(names(which(table(p$i) == length(periods))))
  p <- es_rows(p, p$i %in% full)
  wide <- function(column) {
    m <- matrix(NA_real_, length(full), length(periods))
    m[cbind(match(p$i, full), match(p$t, periods))] <- column
    m
  }
  u <- list(y = wide(p$y), x = lapply(seq_len(ncol(p$x)), function(j) wide(p$x[, j])), g = wide(p$g)[, 1L],
            w = wide(p$w)[, 1L], cluster = wide(p$cluster)[, 1L])
  u$w <- u$w / mean(u$w)
  n <- length(full)
  varying <- request$base_period == "varying"
  cells <- list()
  for (g in sort(unique(u$g[is.finite(u$g)]))) {
    before <- which(periods + request$anticipation < g)
    if (!length(before)) next
    for (j in seq_along(periods)[if (varying) -1L else TRUE]) {
      base <- if (varying && periods[j] < g) j - 1L else max(before)
      if (base == j) {
        cells[[length(cells) + 1L]] <- list(g = g, t = periods[j], att = 0, influence = numeric(n))
        next
      }
      clean <- is.infinite(u$g)
      if (request$control_group == "not_yet") {
        clean <- clean | (u$g > periods[max(j, base)] + request$anticipation & u$g != g)
      }
      rows <- which(clean | u$g == g)
      d <- as.numeric(u$g[rows] == g)
      if (all(d == 1)) next
      x <- do.call(cbind, c(list(rep(1, length(rows))), lapply(u$x, function(m) m[rows, min(j, base)])))
      one <- es_two_by_two(request$adjustment, u$y[rows, j] - u$y[rows, base], d, x, u$w[rows])
      influence <- numeric(n)
      influence[rows] <- one$influence * n / length(rows)
      cells[[length(cells) + 1L]] <- list(g = g, t = periods[j], att = one$att, influence = influence)
    }
  }
  of <- function(what) vapply(cells, function(one) one[[what]], numeric(1))
  g <- of("g"); t <- of("t"); att <- of("att")
  psi <- vapply(cells, function(one) one$influence, numeric(n))
  e <- t - g
  a <- es_group_averages(g, t, att, psi, u, request, window)
  error <- function(m) sqrt(colSums(rowsum(as.matrix(m), u$cluster)^2)) / n
  cell <- error(psi)
  cell[cell <= es_least(request)] <- NA
  names <- paste0(es_number(g), ":", es_number(t))
  list(terms = a$terms, effect = a$effect, variance = error(a$influence)^2,
       more = c(list(cell = stats::setNames(att, names), "cell se" = stats::setNames(cell, names)), es_counts_of(p)))
}

# Ratios of moments: an average is sum(p att) / sum(p), whose influence is that of its numerator and denominator.
es_group_averages <- function(g, t, att, psi, u, request, window) {
  n <- nrow(psi)
  p <- vapply(g, function(one) mean(u$w * (u$g == one)), numeric(1))
  of_p <- vapply(g, function(one) u$w * (u$g == one), numeric(n)) - rep(p, each = n)
  alike <- request$cohort_weights == "equal"
  if (alike) { p[] <- 1; of_p[] <- 0 }
  ratio <- function(at) {
    value <- sum(p[at] * att[at]) / sum(p[at])
    of <- psi[, at, drop = FALSE] %*% p[at] + of_p[, at, drop = FALSE] %*% att[at] - value * rowSums(of_p[, at, drop = FALSE])
    list(value = value, influence = drop(of) / sum(p[at]))
  }
  mean_of <- function(found) list(value = mean(vapply(found, `[[`, numeric(1), "value")),
                                  influence = rowMeans(vapply(found, `[[`, numeric(n), "influence")))
  treated <- t >= g
  kind <- request$aggregation
  if (kind == "simple") {
    keys <- numeric()
    found <- list()
    whole <- ratio(which(treated))
  } else if (kind == "dynamic") {
    keys <- sort(unique(t - g))
    keys <- keys[keys >= window[1L] & keys <= window[2L]]
    found <- lapply(keys, function(e) ratio(which(t - g == e)))
    whole <- if (any(keys >= 0)) mean_of(found[keys >= 0])
  } else if (kind == "calendar") {
    keys <- sort(unique(t[treated]))
    found <- lapply(keys, function(when) ratio(which(treated & t == when)))
    whole <- mean_of(found)
  } else {
    keys <- sort(unique(g[treated]))
    found <- lapply(keys, function(one) ratio(which(treated & g == one)))
    q <- vapply(keys, function(one) mean(u$w * (u$g == one)), numeric(1))
    values <- vapply(found, `[[`, numeric(1), "value")
    if (alike) q[] <- 1
    value <- sum(q * values) / sum(q)
    of_q <- (!alike) * (vapply(keys, function(one) u$w * (u$g == one), numeric(n)) - rep(q, each = n))
    of <- vapply(found, `[[`, numeric(n), "influence") %*% q + of_q %*% (values - value)
    whole <- list(value = value, influence = drop(of) / sum(q))
  }
  all <- if (is.null(whole)) found else c(found, list(whole))
  list(terms = c(if (length(keys)) es_number(keys), if (!is.null(whole)) "all"),
       effect = vapply(all, `[[`, numeric(1), "value"), influence = vapply(all, `[[`, numeric(n), "influence"))
}

# theta: coefficients of the outcome among controls, of the logit, and the two weighted means, as the adjustment needs them.
es_two_by_two <- function(adjustment, change, d, x, w) {
  k <- ncol(x)
  if (k == 1L) adjustment <- "regression"
  spread <- apply(abs(x), 2L, max)
  z <- sweep(x, 2L, spread, "/")
  outcome <- adjustment != "weighting"
  score <- adjustment != "regression"
  b <- if (outcome) stats::lm.wfit(z[d == 0, , drop = FALSE], change[d == 0], w[d == 0])$coefficients
  if (outcome && anyNA(b)) stop("controls are collinear among the control group")
  a <- if (score) {
    fit <- suppressWarnings(stats::glm.fit(z, d, w, family = stats::binomial(), control = stats::glm.control(1e-15, 100)))
    fit$coefficients
  }
  moments <- function(theta) {
    left <- change - if (outcome) drop(z %*% theta[seq_len(k)]) else 0
    at <- k * outcome
    odds <- if (score) exp(drop(z %*% theta[at + seq_len(k)])) else 1
    at <- at + k * score
    one <- theta[at + 1L]
    parts <- list()
    if (outcome) parts$outcome <- w * (1 - d) * left * z
    if (score) parts$score <- w * (d - odds / (1 + odds)) * z
    parts$one <- w * d * (left - one)
    if (score) parts$other <- w * (1 - d) * odds * (left - theta[at + 2L])
    do.call(cbind, parts)
  }
  left <- change - if (outcome) drop(z %*% b) else 0
  odds <- if (score) exp(drop(z %*% a)) else rep(1, length(d))
  one <- sum(w * d * left) / sum(w * d)
  other <- if (score) sum(w * (1 - d) * odds * left) / sum(w * (1 - d) * odds) else 0
  theta <- c(b, a, one, if (score) other)
  at <- seq_along(theta)
  slope <- vapply(at, function(j) Im(colMeans(moments(theta + complex(imaginary = 1e-30) * (at == j)))) / 1e-30, numeric(length(at)))
  psi <- -moments(theta) %*% t(solve(slope, tol = 1e-30))
  contrast <- c(rep(0, length(theta) - 1L - score), 1, if (score) -1)
  list(att = one - other, influence = drop(psi %*% contrast))
}
