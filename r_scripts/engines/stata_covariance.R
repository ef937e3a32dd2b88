# Covariance matrices without small-sample factor, one function each, for a fit of stata_fit().
#
# iid: SSR/N (X'WX)^-1. All others are cross-products of scores s_i = (X'WX)^-1 x_i w_i e_i, summed or lagged:
#   robust    White (1980); frequency weights count equal rows, [R] regress, Methods and formulas
#   hc2, hc3  residuals over (1 - h) and (1 - h)^2 as in MacKinnon and White (1985), [R] regress
#   cluster   scores summed by cluster, [P] _robust; several variables: Cameron, Gelbach and Miller (2011)
#   NW        Newey and West (1987), Bartlett weights 1 - l/(lags + 1), [TS] newey
#   conley    Conley (1999), and Hsiang (2010) of a panel: stata_conley.R
#   DK        Driscoll and Kraay (1998): scores summed by period, then Newey and West over periods
# With instruments x is replaced by its projection on them, [R] ivregress.

# shift: what ivregress gmm takes off where moments are centred and weighted (stata_moments.R).
stata_scores <- function(fit, e = fit$e) {
  scores <- fit$pull * (fit$w * e)
  if (is.null(fit$shift)) scores else scores - tcrossprod(fit$w, fit$shift)
}

stata_named <- function(v, fit) {
  v <- (v + t(v)) / 2
  dimnames(v) <- list(names(fit$b), names(fit$b))
  v
}

stata_v_iid <- function(fit) stata_named((if (is.null(fit$squares)) fit$ssr else fit$squares) / fit$n_obs * fit$bread, fit)

# squares: e^2 for HC0, e^2/(1-h) for HC2, e^2/(1-h)^2 for HC3, e^2/(1-h)^min(4, h/mean h) for HC4.
stata_v_robust <- function(fit, squares = fit$e^2) {
  if (!is.null(fit$shift)) return(stata_named(crossprod(stata_scores(fit)), fit))
  times <- if (fit$weight == "fweight") fit$w else fit$w^2
  stata_named(crossprod(fit$pull * sqrt(times * squares)), fit)
}

# leverage_weights: "out" is Stata's own, x_i'(X'WX)^-1 x_i with aweights normalised to mean one (its recorded HC2 and HC3
# of estimatr's tests); "in" multiplies by w_i, "raw" leaves the weights as they stand.
stata_v_hc <- function(fit, kind, leverage_weights = "out", mean_weight = 1) {
  h <- stata_leverage(fit)
  # a row that is fitted whatever its outcome (h = 1) has residual zero and says nothing about the variance
  free <- 1 - h > 1e-10
  if (fit$weight == "aweight" && leverage_weights != "in") {
    h <- h / fit$w / if (leverage_weights == "out") 1 else mean_weight # fit$w has mean one
    if (any(1 - h[free] < 1e-10)) stata_refuse("without its weight a row has leverage 1 or more")
  }
  copies <- if (fit$weight == "fweight") fit$w else rep(1, length(h))
  power <- switch(kind, HC2 = 1, HC3 = 2, HC4 = pmin(4, h / stats::weighted.mean(h, copies)))
  squares <- ifelse(free, fit$e^2 / ifelse(free, 1 - h, 1)^power, 0)
  stata_v_robust(fit, squares)
}

stata_v_cluster <- function(fit, cluster) {
  stata_named(crossprod(stata_sums(stata_scores(fit), stata_codes(cluster))), fit)
}

# Every non-empty subset of names, singles first.
stata_subsets <- function(names) {
  unlist(lapply(seq_along(names), function(size) utils::combn(names, size, simplify = FALSE)), recursive = FALSE)
}

# One one-way matrix per subset of the cluster columns: list(cluster, matrix, groups).
stata_cluster_parts <- function(fit, clusters) {
  lapply(stata_subsets(names(clusters)), function(subset) {
    code <- stata_joined(clusters[subset])
    list(cluster = subset, matrix = stata_v_cluster(fit, code), groups = max(code))
  })
}

# Cameron, Gelbach and Miller (2011), eq. 2.13: odd subsets are added, even ones subtracted.
stata_v_multiway <- function(parts) {
  Reduce(`+`, lapply(parts, function(part) if (length(part$cluster) %% 2L) part$matrix else -part$matrix))
}

# Their section 2.3, as reghdfe applies it: negative eigenvalues become zero.
stata_repaired <- function(v) {
  spectrum <- eigen(v, symmetric = TRUE)
  if (min(spectrum$values) >= 0) return(list(v = v, changed = FALSE))
  values <- pmax(spectrum$values, 0)
  v[] <- spectrum$vectors %*% (values * t(spectrum$vectors))
  list(v = v, changed = TRUE)
}

# Sums s[t]'s[t] + sum over lags of Bartlett-weighted s[t]'s[t-l] + its transpose, for pairs of rows (late, early, lag).
stata_kernel_meat <- function(scores, late, early, lag, lags) {
  meat <- crossprod(scores)
  for (l in seq_len(lags)) {
    at <- lag == l
    if (!any(at)) next
    cross <- crossprod(scores[late[at], , drop = FALSE], scores[early[at], , drop = FALSE])
    meat <- meat + (1 - l / (lags + 1)) * (cross + t(cross))
  }
  meat
}

# Within units, rows l periods apart; without unit, rows l places apart when sorted by time.
stata_v_newey <- function(fit, unit, time, lags) {
  if (fit$weight == "fweight") stata_refuse("newey takes no frequency weights: equal rows have no order in time")
  stata_named(stata_lagged_products(stata_scores(fit), unit, time, lags), fit)
}

stata_lagged_products <- function(scores, unit, time, lags) {
  if (is.null(unit)) {
    time <- rank(time, ties.method = "first")
    unit <- rep(1L, length(time))
  }
  if (anyDuplicated(stata_joined(list(unit, time)))) stata_refuse("repeated time values within panel")
  key <- paste(stata_codes(unit), time)
  pairs <- lapply(seq_len(lags), function(l) {
    early <- match(paste(stata_codes(unit), time - l), key)
    late <- which(!is.na(early))
    list(late = late, early = early[late], lag = rep(l, length(late)))
  })
  of <- function(what) unlist(lapply(pairs, `[[`, what))
  stata_kernel_meat(scores, of("late"), of("early"), of("lag"), lags)
}

# Lags count observed periods in order, as in reghdfe's vce(dkraay) and fixest; or units of time, as in ivreg2's m_omega(),
# which pairs t and t - l where both have rows: the same unless a period is missing for everyone.
stata_v_dkraay <- function(fit, time, lags, calendar = FALSE) {
  periods <- sort(unique(time))
  sums <- stata_sums(stata_scores(fit), match(time, periods))
  if (!calendar) periods <- seq_along(periods)
  pairs <- lapply(seq_len(min(lags, diff(range(periods)))), function(l) {
    early <- match(periods - l, periods)
    late <- which(!is.na(early))
    list(late = late, early = early[late], lag = rep(l, length(late)))
  })
  of <- function(what) unlist(lapply(pairs, `[[`, what))
  stata_named(stata_kernel_meat(sums, of("late"), of("early"), of("lag"), lags), fit)
}
