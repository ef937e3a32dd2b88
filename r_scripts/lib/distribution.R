# How a column is spread by period, from the definitions: pairs by outer, Dagum's d and p by the pairs above and below zero,
# bandwidths by R's own bw.nrd0 and bw.nrd. Base R only, written apart from the Python side.

# request: v, period (codes from 1), group (codes from 1, or NULL), ddof, bandwidth, kernel, points.
# -> quantity -> a number for each period; density: points in a row for each period. NaN where there is none.
distribution_analysis <- function(request) {
  periods <- seq_len(max(request$period))
  rows <- lapply(periods, function(p) which(request$period == p))
  each <- lapply(rows, function(i) distribution_period(request$v[i], request$group[i], request))
  names <- unique(unlist(lapply(each, names)))
  out <- sapply(names, function(q) vapply(each, function(e) if (is.null(e[[q]])) NaN else e[[q]], numeric(1)), simplify = FALSE)
  width <- vapply(rows, function(i) distribution_bandwidth(request$v[i], request$bandwidth), numeric(1))
  if (any(!is.nan(width))) {
    wide <- 3 * max(width, na.rm = TRUE)
    at <- seq(min(request$v) - wide, max(request$v) + wide, length.out = request$points)
    curves <- vapply(periods, function(p) distribution_density(request$v[rows[[p]]], at, width[p], request$kernel), at)
    out$bandwidth <- width
    out[["peak density"]] <- apply(curves, 2L, max)
    out$density <- as.vector(curves)
  }
  out
}

distribution_sd <- function(v, ddof) stats::sd(v) * sqrt((length(v) - 1) / (length(v) - ddof))

distribution_period <- function(v, group, request) {
  out <- list(nobs = as.numeric(length(v)), mean = mean(v))
  if (length(v) > 1L) {
    out$sd <- distribution_sd(v, request$ddof)
    if (mean(v) != 0) out$cv <- out$sd / mean(v)
    if (all(v > 0)) out[["sd of log"]] <- distribution_sd(log(v), request$ddof)
  } else if (request$ddof == 0) {
    out$sd <- 0
    if (mean(v) != 0) out$cv <- 0
    if (v > 0) out[["sd of log"]] <- 0
  }
  if (all(request$v >= 0) && any(v > 0)) out <- c(out, distribution_dagum(v, group))
  out
}

distribution_gini <- function(v) if (any(v > 0)) mean(abs(outer(v, v, "-"))) / (2 * mean(v)) else 0

# Dagum (1997), equations 8 to 21: d is the mean of what the richer group has more, p of what it has less.
distribution_dagum <- function(v, group) {
  out <- list(gini = distribution_gini(v))
  present <- sort(unique(group))
  if (length(present) < 2L) return(out)
  n <- length(v)
  within <- 0; net <- 0; over <- 0
  for (j in present) {
    x <- v[group == j]
    out[[paste("gini of", j)]] <- distribution_gini(x)
    within <- within + distribution_gini(x) * length(x) / n * sum(x) / sum(v)
  }
  for (pair in utils::combn(present, 2L, simplify = FALSE)) {
    a <- v[group == pair[1L]]; b <- v[group == pair[2L]]
    if (mean(a) < mean(b)) { rich <- b; poor <- a } else { rich <- a; poor <- b }
    gaps <- outer(rich, poor, "-")
    d <- sum(gaps[gaps > 0]) / length(gaps)
    p <- -sum(gaps[gaps < 0]) / length(gaps)
    G <- if (mean(a) + mean(b) > 0) mean(abs(gaps)) / (mean(a) + mean(b)) else 0
    out[[paste("gini of", pair[1L], "and", pair[2L])]] <- G
    part <- G * (length(a) / n * sum(b) / sum(v) + length(b) / n * sum(a) / sum(v))
    D <- if (d + p > 0) (d - p) / (d + p) else 0
    net <- net + part * D
    over <- over + part * (1 - D)
  }
  parts <- c(within = within, between = net, transvariation = over)
  for (name in names(parts)) {
    out[[paste("gini", name)]] <- parts[[name]]
    if (out$gini > 0) out[[paste("share", name)]] <- parts[[name]] / out$gini
  }
  out
}

distribution_bandwidth <- function(v, rule) {
  n <- length(v)
  if (n < 2L || max(v) == min(v)) return(NaN)
  switch(rule,
    nrd0 = stats::bw.nrd0(v),
    nrd = if (stats::IQR(v) > 0) stats::bw.nrd(v) else 1.06 * stats::sd(v) * n^-0.2,
    stata = {
      iqr <- diff(stats::quantile(v, c(0.25, 0.75), type = 2L, names = FALSE)) / 1.349
      0.9 * (if (iqr > 0) min(stats::sd(v), iqr) else stats::sd(v)) * n^-0.2
    },
    scott = stats::sd(v) * n^(-1 / 5),
    silverman = stats::sd(v) * (3 * n / 4)^(-1 / 5),
    matlab = {
      middle <- stats::median(abs(v - stats::median(v))) / 0.6745
      (if (middle > 0) middle else diff(range(v))) * (4 / (3 * n))^(1 / 5)
    }
  )
}

distribution_density <- function(v, at, width, kernel) {
  if (is.nan(width)) return(rep(NaN, length(at)))
  k <- if (kernel == "gaussian") function(z) stats::dnorm(z) else
    function(z) ifelse(abs(z) < sqrt(5), 3 / 4 * (1 - z^2 / 5) / sqrt(5), 0)
  vapply(at, function(x) mean(k((x - v) / width)) / width, numeric(1))
}
