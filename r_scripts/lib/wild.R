# Wild cluster bootstrap by refitting: the t statistic of the treatment under every draw's factors, by lm.fit with all
# dummies. Only to hold the cross-products against.

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
    (sum(pull * y) - under) / sqrt(sum(rowsum(pull * residuals, m$cluster)^2))
  }
  y <- m$outcome
  start <- if (request$restricted) request$null else sum(pull * y)
  centre <- if (request$restricted) start * m$treatment + fitted(others, y - start * m$treatment) else fitted(all, y)
  factors <- mediation_draws(request$draws)
  if (!is.null(request$first_draws)) factors <- factors[seq_len(min(request$first_draws, nrow(factors))), , drop = FALSE]
  list(
    t = t_of(y, request$null),
    replicates = apply(factors, 1L, function(v) t_of(centre + v[m$cluster] * (y - centre), start))
  )
}
