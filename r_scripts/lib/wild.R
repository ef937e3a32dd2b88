# Wild cluster bootstrap by refitting: the t statistic of the treatment under every draw's factors, by lm.fit with all
# dummies. Only to hold the cross-products against.

# The sum of products of scores by cell, a and b: by the cells themselves, or for several cluster variables the weighted
# sum over parts of the products of sums by each part's clusters.
wild_product <- function(request, a, b) {
  if (is.null(request$parts)) return(sum(a * b))
  total <- 0
  for (i in seq_along(request$parts)) {
    total <- total + request$weights_of_parts[i] * sum(rowsum(a, request$parts[[i]]) * rowsum(b, request$parts[[i]]))
  }
  total
}

wild_root <- function(x) if (is.na(x) || x < 0) NaN else sqrt(x)

# The factor of each row: that of its cell, or of the cell's bootstrap cluster.
wild_factor <- function(request, v, cell) if (is.null(request$boot)) v[cell] else v[request$boot[cell]]

# list(t, replicates); request as of mediation_read, with null, restricted, and the file of the factors.
wild_refit <- function(request) {
  m <- mediation_read(request)
  nuisance <- mediation_nuisance(m$effects, length(m$outcome))
  others <- cbind(nuisance, m$controls)
  all <- cbind(others, m$treatment)
  fitted <- function(x, y) { f <- stats::lm.fit(x, y); y - f$residuals }
  pull <- stats::lm.fit(others, m$treatment)$residuals
  pull <- pull / sum(pull^2)
  t_of <- function(y, under) {
    residuals <- y - fitted(all, y)
    scores <- rowsum(pull * residuals, m$cluster)
    (sum(pull * y) - under) / wild_root(wild_product(request, scores, scores))
  }
  y <- m$outcome
  start <- if (request$restricted) request$null else sum(pull * y)
  centre <- if (request$restricted) start * m$treatment + fitted(others, y - start * m$treatment) else fitted(all, y)
  factors <- mediation_draws(request$draws)
  if (!is.null(request$first_draws)) factors <- factors[seq_len(min(request$first_draws, nrow(factors))), , drop = FALSE]
  list(
    t = t_of(y, request$null),
    replicates = apply(factors, 1L, function(v) t_of(centre + wild_factor(request, v, m$cluster) * (y - centre), start))
  )
}

# The nulls around the estimate that the test does not reject: c(low, high), NA for an end that there is not. Every draw
# is refitted twice: under restricted residuals both its coefficient and its scores are linear in the null.
wild_interval <- function(request) {
  m <- mediation_read(request)
  others <- cbind(mediation_nuisance(m$effects, length(m$outcome)), m$controls)
  all <- cbind(others, m$treatment)
  own <- stats::lm.fit(others, m$treatment)$residuals
  pull <- own / sum(own^2)
  full <- stats::lm.fit(all, m$outcome)
  b <- unname(utils::tail(full$coefficients, 1L))
  scores <- rowsum(pull * full$residuals, m$cluster)
  se <- wild_root(wild_product(request, scores, scores))
  factors <- mediation_draws(request$draws)
  factors <- factors[seq_len(min(request$first_draws, nrow(factors))), , drop = FALSE]
  residuals <- cbind(full$residuals, if (request$restricted) own else 0)
  refits <- apply(factors, 1L, function(v) {
    y <- wild_factor(request, v, m$cluster) * residuals
    list(b = colSums(pull * y), scores = rowsum(pull * stats::lm.fit(all, y)$residuals, m$cluster))
  }, simplify = FALSE)
  kept <- function(away) {
    t <- vapply(refits, function(f) (f$b[1L] - away * f$b[2L]) / {
      scores <- f$scores[, 1L] - away * f$scores[, 2L]
      wild_root(wild_product(request, scores, scores))
    }, 0)
    mean(abs(t[!is.nan(t)]) >= abs(away / se) - request$tie * max(abs(away / se), 1)) > 1 - request$level
  }
  end <- function(step) {
    inside <- 0
    outside <- 2 * step
    for (i in 1:12) {
      if (!kept(outside)) break
      if (i == 12L) return(NA_real_)
      inside <- outside
      outside <- 3 * outside
    }
    for (i in 1:40) {
      middle <- (inside + outside) / 2
      if (kept(middle)) inside <- middle else outside <- middle
    }
    inside
  }
  b + c(end(-se), end(se))
}
