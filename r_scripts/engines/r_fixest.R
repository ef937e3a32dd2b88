# fixest::feols(): fixed effects absorbed, instruments in the formula's third part, covariances by vcov = and ssc =.

estimate_r_fixest <- function(request) {
  refused <- fixest_refuses(request)
  if (!is.null(refused)) return(refused)
  request <- scaled(request)
  formula <- fixest_formula(request)
  fit <- fixest_fit(request, formula)
  covariance <- covariance_of(request, fixest_own(request, fit), function(subset) fixest_uncorrected(request, fit, subset))
  engine_answer(
    request, fixest_names(coef(fit)), covariance, "fixest",
    command = fit_command("feols", request, formula), stats = fixest_stats(request, fit),
    reported = fixest_reported(request, fit),
    # one fixed effect is absorbed in closed form, several by iteration
    accuracy = if (length(request$effects) > 1) "iterative" else "exact"
  )
}

fixest_formula <- function(request) {
  intercept <- request$intercept || has_effects(request)
  text <- paste("y ~", plus(exogenous(request), intercept = intercept))
  if (has_effects(request)) text <- paste(text, "|", plus(request$effects))
  if (is_iv(request)) text <- paste(text, "|", plus(endogenous(request)), "~", plus(instruments(request)))
  as.formula(text, env = globalenv())
}

# Singletons and collinear columns are gone already. collin.tol is compared with a pivot of X'X, a square.
fixest_fit <- function(request, formula) {
  weights <- if (has_weights(request)) ~w
  fixest::feols(
    formula, request$data, vcov = "iid", weights = weights, fixef.rm = "none", fixef.tol = 1e-11,
    fixef.iter = 100000L, collin.tol = 1e-15, nthreads = 1L, notes = FALSE
  )
}

# fit_d1 -> d1
fixest_names <- function(x) {
  plain <- function(names) sub("^fit_", "", names)
  if (is.matrix(x)) dimnames(x) <- list(plain(rownames(x)), colnames(x)) else names(x) <- plain(names(x))
  x
}

# ---------------------------------------------------------------- covariances

fixest_uncorrected <- function(request, fit, subset) {
  if (request$vcov$kind == "iid") {
    n <- nobs(fit)
    return(fixest_matrix(vcov(fit, vcov = "iid", ssc = fixest::ssc(K.adj = FALSE)) * (n - 1) / n)) # it divides by n - 1
  }
  none <- fixest::ssc(K.adj = FALSE, G.adj = FALSE)
  fixest_matrix(vcov(fit, vcov = fixest_vcov(request, subset), ssc = none, vcov_fix = FALSE))
}

fixest_matrix <- function(matrix) {
  matrix <- fixest_names(unclass(matrix))
  colnames(matrix) <- rownames(matrix)
  matrix
}

# The value of vcov = for the kind; clusters are those of `subset`, combined.
fixest_vcov <- function(request, subset) {
  lags <- request$vcov$lags
  switch(
    request$vcov$kind,
    iid = "iid", HC0 = , HC1 = "hetero", HC2 = "HC2", HC3 = "HC3",
    CR0 = , CR1 = as.formula(paste("~", paste(subset, collapse = "^"))),
    DK = fixest::vcov_DK(time = ~time, lag = lags, vcov_fix = FALSE),
    NW = if (is.null(request$data$unit)) fixest::vcov_NW(time = ~time, lag = lags, vcov_fix = FALSE) else {
      fixest::vcov_NW(unit = ~unit, time = ~time, lag = lags, vcov_fix = FALSE)
    }
  )
}

# The complete covariance where ssc() has the declared factor.
fixest_own <- function(request, fit) {
  declared <- declared_convention(request)
  ssc <- fixest_ssc(request, declared)
  if (is.null(ssc)) return(NULL)
  # no repair of negative eigenvalues: it would move every standard error
  several <- if (length(request$clusters)) as.formula(paste("~", paste(request$clusters, collapse = " + ")))
  covariance <- if (is.null(several)) fixest_vcov(request) else several
  counted <- summary(fit, vcov = covariance, ssc = ssc, vcov_fix = FALSE)
  own <- list(matrix = fixest_matrix(vcov(counted)))
  if (!fixest_knows_df(request, declared)) return(own)
  table <- cbind(fixest::coeftable(counted)[, 2:4, drop = FALSE], as.matrix(confint(counted)))
  colnames(table) <- c("se", "t", "p", "low", "high")
  c(own, list(table = fixest_names(table), df_t = fixest::degrees_freedom(counted, "t")))
}

# fixest's G - 1 and T - 1, or N - K where K is the full count.
fixest_knows_df <- function(request, declared) {
  switch(declared$df, groups = , periods = TRUE, resid = redundancy_is(request, "levels"), FALSE)
}

fixest_ssc <- function(request, declared) {
  count <- if (is.na(declared$count)) "full" else declared$count
  if (!count %in% c("full", "nonnested", "none")) return(NULL)
  if (count != "none" && !is.na(declared$count) && !redundancy_is(request, "levels")) return(NULL)
  kind <- request$vcov$kind
  if (!fixest_has_scale(kind, declared, count)) return(NULL)
  fixest::ssc(
    K.adj = declared$scale != "none", K.fixef = count,
    G.adj = declared$groups != "none" || declared$scale == "t/(t-1)*(n-1)/(n-k)",
    G.df = if (declared$groups == "min") "min" else "conventional",
    t.df = if (declared$df == "resid") "conventional" else "min"
  )
}

fixest_has_scale <- function(kind, declared, count) {
  scales <- switch(
    kind, iid = "n/(n-k)", HC1 = c("n/(n-k)", "none"), CR1 = c("(n-1)/(n-k)", "none"),
    DK = , NW = c("t/(t-1)*(n-1)/(n-k)", "none"), "none"
  )
  # outside clustered covariances its K always counts every effect; so does N - K of t
  counts <- if (kind == "CR1" && declared$df != "resid") c("full", "nonnested", "none") else "full"
  declared$scale %in% scales && count %in% counts
}

# ---------------------------------------------------------------- what else it reports

fixest_stats <- function(request, fit) {
  if (request$model != "ols" || is_iv(request)) return(list())
  within <- if (has_effects(request) && request$n_x > 0) unname(fixest::r2(fit, "wr2"))
  # without intercept and effects feols takes the outcome's squares about its mean
  r2 <- if (request$intercept || has_effects(request)) unname(fixest::r2(fit, "r2"))
  list(r2 = r2, r2_within = within)
}

fixest_reported <- function(request, fit) {
  sizes <- fit$fixef_sizes
  # with K.exact it counts what two effects share; of three it counts less than they do
  exact <- fixest::ssc(K.fixef = "full", K.exact = TRUE)
  df_resid <- if (length(sizes) < 3) fixest::degrees_freedom(fit, "resid", vcov = "iid", ssc = exact)
  list(nobs = nobs(fit), df_resid = df_resid, levels = if (length(sizes)) as.list(sizes))
}

fixest_refuses <- function(request) {
  kind <- request$vcov$kind
  if (!kind %in% c("NW", "DK")) return(leverage_refused(request))
  if (request$vcov$lags > request$facts$periods - 2) {
    return(parity_decline("notyet", "feols leaves out lags beyond the number of periods less two (0.14.2)"))
  }
  if (kind == "NW" && !is.null(request$data$unit) && !panel_is_unique(request$data)) {
    return(parity_decline("never", "feols takes one row per unit and time for Newey-West"))
  }
  if (kind == "NW" && has_period_gap(request$data$time)) {
    return(parity_decline("never", "feols counts lags in observed periods, and whole periods are missing from the sample"))
  }
  kraay_gaps_refused(request)
}
