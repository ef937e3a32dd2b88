# What stands in a paper's first tables, by R's own functions: mean, sd, median, cor, cor.test's p, and 1/(1 - R^2) of lm.fit.

# request: data (columns v1, v2, ...), regressors (names). -> statistic -> numbers, columns and pairs in the order of data.
sample_summary <- function(request) {
  data <- as.list(request$data)
  n <- length(data[[1L]])
  of <- function(f) unname(vapply(data, function(v) as.numeric(f(v)), numeric(1)))
  pairs <- if (length(data) > 1L) do.call(rbind, lapply(seq_along(data)[-1L], function(i) cbind(seq_len(i - 1L), i))) else
    matrix(0L, 0L, 2L)
  varies <- of(summary_varies) > 0
  r <- apply(pairs, 1L, function(p) {
    if (all(varies[p])) stats::cor(data[[p[1L]]], data[[p[2L]]]) else NaN
  })
  r <- as.numeric(r)
  t <- r * sqrt((n - 2) / ((1 - r) * (1 + r)))
  list(
    nobs = of(length), mean = of(mean), sd = of(stats::sd), min = of(min), median = of(stats::median), max = of(max),
    correlation = r, "correlation p" = 2 * stats::pt(abs(t), n - 2, lower.tail = FALSE),
    vif = as.numeric(vapply(as.character(request$regressors), summary_vif, numeric(1), data = data,
                            regressors = as.character(request$regressors)))
  )
}

# 1 where a column varies beyond rounding.
summary_varies <- function(v) sqrt(sum((v - mean(v))^2)) > 1e-12 * max(1, max(abs(v)))

summary_vif <- function(name, data, regressors) {
  v <- data[[name]]
  if (!summary_varies(v)) return(NaN)
  others <- Filter(summary_varies, data[setdiff(regressors, name)])
  if (!length(others)) return(1)
  unit <- function(x) { x <- x - mean(x); x / sqrt(sum(x^2)) }
  left <- sum(stats::lm.fit(cbind(1, do.call(cbind, lapply(others, unit))), unit(v))$residuals^2)
  if (left > 1e-12) 1 / left else Inf
}
