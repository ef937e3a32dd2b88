# Differences in differences by event time, cohort or period. Base R only, written apart from the Python side: rows are
# demeaned within units, periods are dummies, and every regression is one QR decomposition.

# request: y, time, unit, cluster, first (0: never), never, weights, controls (n x n_controls), method and settings, terms with
# their factors and degrees of freedom (0: normal). -> named numbers.
event_study_analysis <- function(request) {
  n <- length(request$y)
  p <- list(
    y = as.numeric(request$y), t = as.numeric(request$time), i = as.integer(request$unit), w = as.numeric(request$weights),
    g = ifelse(request$never == 1L, Inf, as.numeric(request$first)), cluster = as.integer(request$cluster),
    x = matrix(as.numeric(request$controls), n, request$n_controls)
  )
  window <- c(if (request$leads < 0) -Inf else -request$leads, if (request$lags < 0) Inf else request$lags)
  if (request$always_treated == "dropped") p <- es_rows(p, p$g - request$anticipation > min(p$t))
  found <- switch(request$method,
    twfe = es_twfe(p, request, window), sun_abraham = es_sun_abraham(p, request, window),
    local_projections = es_projections(p, request, window),
    callaway_santanna = es_callaway(p, request, window), imputation = es_imputation(p, request, window),
    did2s = es_two_stages(p, request, window), bacon = es_bacon(p, request)
  )
  c(es_inference(found, request), found$more)
}

# Rows and clusters of a regression, or of all rows that are left.
es_counts <- function(fit) list(nobs = c(whole = fit$n), clusters = c(whole = fit$clusters))
es_counts_of <- function(p) es_counts(list(n = length(p$y), clusters = length(unique(p$cluster))))

es_rows <- function(p, keep) {
  list(y = p$y[keep], t = p$t[keep], i = p$i[keep], w = p$w[keep], g = p$g[keep], cluster = p$cluster[keep],
       x = p$x[keep, , drop = FALSE])
}

# found: terms, effect, variance (before the convention).
es_inference <- function(found, request) {
  at <- match(found$terms, as.character(request$terms))
  named <- function(x) stats::setNames(as.numeric(x), found$terms)
  added <- if (is.null(found$added)) 0 else found$added
  se <- sqrt(found$variance * as.numeric(request$factors)[at] + added)
  se[!is.na(se) & se <= es_least(request)] <- NA
  found$effect[is.na(se) & abs(found$effect) <= es_least(request)] <- 0
  df <- as.numeric(request$df)[at]
  df[!is.na(df) & df == 0] <- Inf
  t <- found$effect / se
  half <- stats::qt(0.975, df) * se
  list(effect = named(found$effect), se = named(se), t = named(t), p = named(2 * stats::pt(-abs(t), df)),
       ci_low = named(found$effect - half), ci_high = named(found$effect + half))
}

# A standard error that is no more than this is what rounding left of none.
es_least <- function(request) {
  if (request$method %in% c("callaway_santanna", "imputation", "did2s")) 1e-10 * max(abs(as.numeric(request$y))) else 0
}

es_number <- function(x) formatC(x, digits = 12, format = "g", flag = "", width = 1)

# Rows that stand alone in a unit or a period, again and again.
es_alone <- function(codes) {
  keep <- rep(TRUE, length(codes[[1L]]))
  repeat {
    alone <- Reduce(`|`, lapply(codes, function(code) keep & table(factor(code[keep], unique(code)))[as.character(code)] == 1))
    if (!any(alone)) return(keep)
    keep <- keep & !alone
  }
}

# Weighted least squares of y on x, period dummies and, if asked, unit dummies: coefficients of x and their clustered covariance.
es_regress <- function(y, x, t, i, cluster, w, singletons) {
  keep <- rep(TRUE, length(y))
  if (singletons) keep <- es_alone(if (is.null(i)) list(t) else list(i, t))
  y <- y[keep]; x <- x[keep, , drop = FALSE]; t <- t[keep]; cluster <- cluster[keep]; w <- w[keep]
  periods <- sort(unique(t))
  dummies <- outer(t, periods, "==") * 1
  if (is.null(i)) {
    columns <- cbind(dummies, x)
  } else {
    i <- i[keep]
    columns <- cbind(dummies[, -1L, drop = FALSE], x)
    within <- function(m) {
      m <- as.matrix(m)
      sums <- rowsum(m * w, i, reorder = TRUE) / drop(rowsum(w, i, reorder = TRUE))
      m - sums[match(i, sort(unique(i))), , drop = FALSE]
    }
    columns <- within(columns)
    y <- drop(within(y))
  }
  root <- sqrt(w)
  size <- sqrt(colSums((columns * root)^2))
  size[size == 0] <- 1
  fit <- qr(sweep(columns, 2L, size, "/") * root, tol = 1e-10)
  k <- ncol(x)
  own <- seq.int(ncol(columns) - k + 1L, length.out = k)
  if (!all(own %in% fit$pivot[seq_len(fit$rank)])) stop("a column is determined by others")
  used <- fit$pivot[seq_len(fit$rank)]
  b <- qr.coef(fit, y * root)[own] / size[own]
  pull <- backsolve(qr.R(fit)[seq_len(fit$rank), seq_len(fit$rank), drop = FALSE], t(qr.Q(fit)[, seq_len(fit$rank), drop = FALSE]))
  pull <- pull[match(own, used), , drop = FALSE] / size[own]
  scores <- rowsum(t(pull) * qr.resid(fit, y * root), cluster)
  list(b = unname(b), v = crossprod(scores), n = length(y), clusters = nrow(scores))
}

# The event time of each row's dummy; NA without one.
es_dummy <- function(p, request, window) {
  e <- p$t - p$g
  if (request$endpoints == "binned") e[is.finite(e)] <- pmin(pmax(e[is.finite(e)], window[1L]), window[2L])
  if (request$endpoints == "reference") e[e < window[1L] | e > window[2L]] <- NA
  e[is.infinite(e) | e %in% as.numeric(request$reference)] <- NA
  e
}

es_window <- function(p, request, window) {
  if (request$endpoints != "dropped") return(p)
  e <- p$t - p$g
  es_rows(p, is.infinite(e) | (e >= window[1L] & e <= window[2L]))
}

es_event_term <- function(e, request, window) {
  name <- es_number(e)
  if (request$endpoints == "binned") {
    name <- ifelse(is.finite(window[1L]) & e <= window[1L], paste0("<=", name),
                   ifelse(is.finite(window[2L]) & e >= window[2L], paste0(">=", name), name))
  }
  name
}

es_twfe <- function(p, request, window) {
  p <- es_window(p, request, window)
  single <- request$aggregation == "simple"
  e <- if (single) ifelse(p$t >= p$g, 0, NA) else es_dummy(p, request, window)
  events <- sort(unique(e[!is.na(e)]))
  dummies <- outer(e, events, function(a, b) as.numeric(!is.na(a) & a == b))
  fit <- es_regress(p$y, cbind(dummies, p$x), p$t, p$i, p$cluster, p$w, request$singletons)
  shown <- if (single) 1L else which(events >= window[1L] & events <= window[2L])
  terms <- if (single) "all" else es_event_term(events[shown], request, window)
  list(terms = terms, effect = fit$b[shown], variance = diag(fit$v)[shown], more = es_counts(fit))
}

# Averages of cells (g, t, e, weight): names and a matrix of weights, one row a name.
es_averages <- function(cells, request, window) {
  by <- switch(request$aggregation, dynamic = cells$e, group = cells$g, calendar = cells$t, simple = rep(0, nrow(cells)))
  inside <- if (request$aggregation == "dynamic") cells$e >= window[1L] & cells$e <= window[2L] else cells$e >= 0
  keys <- sort(unique(by[inside]))
  weights <- t(vapply(keys, function(key) {
    w <- (if (request$cohort_weights == "equal") 1 else cells$weight) * (inside & by == key)
    w / sum(w)
  }, numeric(nrow(cells))))
  if (nrow(cells) == 1L) weights <- matrix(weights, ncol = 1L)
  names <- switch(request$aggregation, dynamic = es_event_term(keys, request, window), simple = "all", es_number(keys))
  list(terms = names, weights = weights)
}

es_sun_abraham <- function(p, request, window) {
  p <- es_window(p, request, window)
  if (all(is.finite(p$g))) {
    last <- max(p$g)
    p <- es_rows(p, p$t < last - request$anticipation)
    p$g[p$g == last] <- Inf
  }
  e <- es_dummy(p, request, window)
  cells <- unique(data.frame(g = p$g, e = e)[!is.na(e), ])
  cells <- cells[order(cells$g, cells$e), ]
  dummies <- vapply(seq_len(nrow(cells)), function(j) as.numeric(!is.na(e) & e == cells$e[j] & p$g == cells$g[j]), p$y)
  fit <- es_regress(p$y, cbind(dummies, p$x), p$t, p$i, p$cluster, p$w, request$singletons)
  k <- seq_len(nrow(cells))
  cells$t <- cells$g + cells$e
  cells$weight <- colSums(dummies * p$w)
  a <- es_averages(cells, request, window)
  v <- fit$v[k, k, drop = FALSE]
  names <- paste0(es_number(cells$g), ":", es_event_term(cells$e, request, window))
  factor <- as.numeric(request$factors)[1L]
  list(
    added = if (request$shares == "estimated") es_of_shares(a$weights > 0, dummies, p$w, fit$b[k]),
    terms = a$terms, effect = drop(a$weights %*% fit$b[k]), variance = rowSums((a$weights %*% v) * a$weights),
    more = c(list(cell = stats::setNames(fit$b[k], names), "cell se" = stats::setNames(sqrt(diag(v) * factor), names)),
             es_counts(fit))
  )
}

# What estimated shares add to a variance: shares are means of dummies of cells among an average's rows, with robust covariance.
es_of_shares <- function(cells, dummies, w, b) {
  vapply(seq_len(nrow(cells)), function(j) {
    own <- dummies[, cells[j, ], drop = FALSE]
    rows <- rowSums(own) > 0
    share <- colSums(own * w) / sum(w[rows])
    score <- sweep(own[rows, , drop = FALSE], 2L, share) * w[rows] / sum(w[rows])
    drop(crossprod(score %*% b[cells[j, ]]))
  }, numeric(1))
}

# A regression a horizon, of y[t + h] - y[t - 1 - anticipation] on the start of treatment and dummies of periods.
es_projections <- function(p, request, window) {
  base <- -1 - request$anticipation
  span <- max(p$t) - min(p$t)
  key <- paste(p$i, p$t)
  found <- list()
  for (h in setdiff(max(window[1L], -span):min(window[2L], span), base)) {
    d <- data.frame(at = seq_along(p$y), later = match(paste(p$i, p$t + h), key), before = match(paste(p$i, p$t + base), key))
    d <- d[!is.na(d$later) & !is.na(d$before), ]
    starts <- p$t[d$at] == p$g[d$at]
    clean <- if (request$control_group == "never") is.infinite(p$g[d$at]) else
      p$g[d$at] > p$t[d$at] + max(h, 0) + request$anticipation
    d$starts <- starts
    d <- d[starts | clean, ]
    if (!nrow(d)) next
    d$t <- p$t[d$at]
    d$w <- p$w[d$at]
    d$share <- ave(d$w * d$starts, d$t, FUN = sum) / ave(d$w, d$t, FUN = sum)
    if (!any(d$share > 0 & d$share < 1)) next
    if (request$weighting == "equal") d$w <- d$w / ifelse(d$share < 1, 1 - d$share, 1)
    x <- cbind(as.numeric(d$starts), p$x[d$at, , drop = FALSE])
    fit <- es_regress(p$y[d$later] - p$y[d$before], x, d$t, NULL, p$cluster[d$at], d$w, request$singletons)
    found[[es_number(h)]] <- list(b = fit$b[1L], v = fit$v[1L, 1L], n = fit$n, clusters = fit$clusters)
  }
  of <- function(what) vapply(found, function(one) as.numeric(one[[what]]), numeric(1))
  list(terms = names(found), effect = of("b"), variance = of("v"), more = list(nobs = of("n"), clusters = of("clusters")))
}
