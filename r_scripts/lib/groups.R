# Fisher's permutation of units between two groups by refitting: both groups of every draw by lm.fit with all dummies.

# list(first, second): coefficients of the treatment in the units drawn and in all others, draw by draw.
groups_refit <- function(request) {
  m <- mediation_read(request)
  draws <- mediation_draws(request$draws)
  if (!is.null(request$first_draws)) draws <- draws[seq_len(min(request$first_draws, nrow(draws))), , drop = FALSE]
  x <- cbind(m$controls, m$treatment)
  one <- function(rows) {
    nuisance <- mediation_nuisance(lapply(m$effects, function(e) e[rows]), length(rows))
    utils::tail(mediation_slopes(nuisance, x[rows, , drop = FALSE], m$outcome[rows]), 1L)
  }
  found <- apply(draws, 1L, function(units) {
    inside <- m$cluster %in% units
    c(one(which(inside)), one(which(!inside)))
  })
  list(first = unname(found[1L, ]), second = unname(found[2L, ]))
}
