# Threshold regression of a panel with fixed effects (Hansen 1999), by fitting every candidate with all its regimes as
# columns, by lm.fit; of the draws all at once, as responses. Base R only, written apart from the Python side.

# request: data (y, x, q, c1.., f1.., unit, period; codes from 1), controls, effects, intercept, thresholds, trim, grid,
# level, closed ("lower", "upper"), apart ("rows", "quantiles"), residuals ("alternative", "null"),
# last_period ("kept", "dropped"), draws (a file), rounded, tie, least (share of a draw below which
# nothing is left of it). -> named numbers.
threshold_analysis <- function(request) {
  d <- request$data
  n <- nrow(d)
  nuisance <- if (length(request$effects)) mediation_nuisance(as.list(d[as.character(request$effects)]), n) else
    matrix(1, n, as.integer(request$intercept))
  absorb <- if (ncol(nuisance)) qr(nuisance) else NULL
  dropped <- request$last_period == "dropped"
  counted <- if (dropped) d$period < max(d$period) else rep(TRUE, n)
  net <- function(m) (if (is.null(absorb)) as.matrix(m) else qr.resid(absorb, as.matrix(m)))[counted, , drop = FALSE]
  m <- list(
    d = d, n = n, net = net, y = drop(net(d$y)), controls = net(d[as.character(request$controls)]),
    factor = n - length(unique(d$unit)), drawn = mediation_draws(request$draws), request = request,
    counted = counted, free = sum(counted) - if (is.null(absorb)) 0L else absorb$rank
  )
  m$candidates <- threshold_candidates(d$q, request)
  found <- list(single = threshold_search(m, numeric()))
  tests <- list(single = threshold_test(m, found$single))
  at <- found$single$best
  if (request$thresholds > 1L) {
    found$double <- threshold_search(m, at)
    tests$double <- threshold_test(m, found$double)
    found[["double, first again"]] <- threshold_search(m, found$double$best)
    at <- c(found[["double, first again"]]$best, found$double$best)
  }
  if (request$thresholds > 2L) {
    found$triple <- threshold_search(m, at)
    tests$triple <- threshold_test(m, found$triple)
    at <- c(at, found$triple$best)
  }
  each <- function(list, what) vapply(list, function(one) as.numeric(one[[what]]), numeric(1))
  critical <- function(share) vapply(tests, function(one) {
    known <- sort(one$replicates)  # without NaN
    known[max(1, ceiling(share * length(known) - request$rounded))]
  }, numeric(1))
  draws <- unlist(lapply(names(tests), function(name) {
    r <- tests[[name]]$replicates
    stats::setNames(r, paste0(name, ", draw ", seq_along(r)))
  }))
  c(list(
    threshold = each(found, "best"), low = each(found, "low"), high = each(found, "high"), squares = each(found, "least"),
    f = each(tests, "f"), p = each(tests, "p"), "critical 10%" = critical(0.9), "critical 5%" = critical(0.95),
    "critical 1%" = critical(0.99), replicate = draws,
    tried_at = unlist(lapply(found, function(one) one$values), use.names = FALSE),
    tried_squares = unlist(lapply(found, function(one) one$squares), use.names = FALSE),
    tried_model = rep(names(found), vapply(found, function(one) length(one$values), 1L))
  ), threshold_coefficients(m, sort(at)))
}

threshold_candidates <- function(q, request) {
  values <- sort(unique(q))
  steps <- floor((1 - 2 * request$trim) * request$grid + request$rounded)
  places <- floor((request$trim + (0:steps) / request$grid) * length(values) + request$rounded)
  values[unique(places[places >= 1 & places <= length(values)])]
}

# 0 for the lowest regime.
threshold_regime <- function(m, thresholds) findInterval(m$d$q, sort(thresholds), left.open = m$request$closed == "lower")

# The regressor in each regime, from below, and the controls, net of the effects.
threshold_columns <- function(m, thresholds) {
  regime <- threshold_regime(m, thresholds)
  parts <- vapply(0:length(thresholds), function(r) m$d$x * (regime == r), m$d$x)
  cbind(m$net(parts), m$controls)
}

threshold_residuals <- function(columns, y) stats::lm.fit(columns, y, tol = 1e-9)$residuals

# Sums of squares of the responses for each candidate beside those given that leaves every regime enough rows.
threshold_squares <- function(m, given, y) {
  by_rows <- m$request$apart == "rows"
  fewest <- if (by_rows) max(1, ceiling(m$request$trim * m$n - m$request$rounded)) else 1
  wide <- m$request$grid * m$request$trim
  near <- function(candidate) {
    place <- match(candidate, m$candidates)
    any(vapply(given, function(t) {
      at <- sum(m$candidates < t)
      place >= at - wide && place < at + wide
    }, logical(1)))
  }
  may <- vapply(m$candidates, function(candidate) {
    ends <- c(given, candidate)
    if (anyDuplicated(ends) || (!by_rows && near(candidate))) return(FALSE)
    counts <- tabulate(threshold_regime(m, ends) + 1L, length(ends) + 1L)
    min(counts) >= fewest
  }, logical(1))
  values <- m$candidates[may]
  rank <- ncol(threshold_columns(m, given)) + 1L
  squares <- lapply(values, function(candidate) {
    fit <- stats::lm.fit(threshold_columns(m, c(given, candidate)), y, tol = 1e-9)
    if (fit$rank < rank) return(NULL)
    colSums(as.matrix(fit$residuals)^2)
  })
  there <- !vapply(squares, is.null, logical(1))
  list(values = values[there], squares = do.call(rbind, squares[there]))
}

threshold_search <- function(m, given) {
  tried <- threshold_squares(m, given, m$y)
  squares <- tried$squares[, 1L]
  best <- which(squares <= min(squares) * (1 + m$request$tie))[1L]
  ratio <- m$factor * (squares - squares[best]) / squares[best]
  inside <- tried$values[ratio <= -2 * log(1 - sqrt(m$request$level))]
  list(given = given, values = tried$values, squares = squares, best = tried$values[best], least = squares[best],
       low = inside[1L], high = inside[length(inside)])
}

# Draws under the model without the new threshold: its fitted values, and residuals of whole units.
threshold_test <- function(m, found) {
  null <- threshold_columns(m, found$given)
  left <- threshold_residuals(null, m$y)
  e <- if (m$request$residuals == "null") left else threshold_residuals(threshold_columns(m, c(found$given, found$best)), m$y)
  unit <- m$d$unit[m$counted]
  period <- m$d$period[m$counted]
  blocks <- matrix(0, max(unit), max(period))
  blocks[cbind(unit, period)] <- e
  y <- apply(m$drawn, 1L, function(units) (m$y - left) + blocks[cbind(units[unit], period)])
  size <- colSums(y^2)
  if (all(m$counted)) y <- m$net(y)
  before <- colSums(threshold_residuals(null, y)^2)
  after <- apply(threshold_squares(m, found$given, y)$squares, 2L, min)
  f <- m$factor * (sum(left^2) - found$least) / found$least
  replicates <- m$factor * (before - after) / after
  replicates[before <= m$request$least * size] <- NaN
  list(f = f, replicates = replicates, p = mean(replicates >= f * (1 - m$request$tie), na.rm = TRUE))
}

threshold_coefficients <- function(m, thresholds) {
  columns <- threshold_columns(m, thresholds)
  size <- sqrt(colSums(columns^2))
  fit <- stats::lm.fit(sweep(columns, 2L, size, "/"), m$y, tol = 1e-9)
  k <- ncol(columns)
  bread <- chol2inv(qr.R(fit$qr))
  names <- c(paste("regime", seq_len(length(thresholds) + 1L)), as.character(m$request$controls))
  counts <- tabulate(threshold_regime(m, thresholds) + 1L, length(thresholds) + 1L)
  list(
    coef = stats::setNames(fit$coefficients / size, names),
    se = stats::setNames(sqrt(diag(bread) * sum(fit$residuals^2) / (m$free - k)) / size, names),
    rows = c(stats::setNames(as.numeric(counts), paste("regime", seq_along(counts))), all = sum(counts)),
    factor = m$factor
  )
}
