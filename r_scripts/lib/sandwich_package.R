# Covariances of packages sandwich and clubSandwich for a fit that has every dummy in it (r-lm, r-ivreg).

# refit: function of a request, the engine's own fit
sandwich_covariance <- function(request, fit, refit) {
  if (request$vcov$kind == "CR3") fit <- fit_for_jackknife(request, fit, refit)
  covariance_of(request, sandwich_own(request, fit), function(subset) sandwich_uncorrected(request, fit, subset))
}

sandwich_uncorrected <- function(request, fit, subset) {
  if (request$vcov$kind == "iid") return(vcov(fit) * df.residual(fit) / nobs(fit))
  clusters <- if (length(subset)) data.frame(cluster = parity_combined(request$data, subset))
  sandwich_matrix(request, fit, clusters, list(type = "HC0", cadjust = FALSE, adjust = FALSE))
}

# The complete covariance where an option of sandwich gives the declared factor; its K counts every dummy.
sandwich_own <- function(request, fit) {
  declared <- declared_convention(request)
  options <- sandwich_options(request, declared)
  if (is.null(options)) return(NULL)
  clusters <- if (length(request$clusters)) request$data[request$clusters]
  matrix <- if (request$vcov$kind == "iid") vcov(fit) else sandwich_matrix(request, fit, clusters, options)
  tested_if_known(request, fit, matrix, declared)
}

sandwich_options <- function(request, declared) {
  counts_all <- is.na(declared$count) || (declared$count == "full" && redundancy_is(request, "exact"))
  if (!counts_all || declared$groups == "min") return(NULL)
  scaled <- declared$scale != "none"
  switch(
    request$vcov$kind,
    iid = if (declared$scale == "n/(n-k)") list(),
    HC1 = if (declared$scale %in% c("none", "n/(n-k)")) list(type = if (scaled) "HC1" else "HC0"),
    DK = , NW = if (declared$scale %in% c("none", "n/(n-k)")) list(adjust = scaled),
    CR1 = if (declared$scale %in% c("none", "(n-1)/(n-k)")) {
      list(type = if (scaled) "HC1" else "HC0", cadjust = declared$groups == "each")
    },
    list(type = "HC0", cadjust = FALSE)
  )
}

sandwich_matrix <- function(request, fit, clusters, options) {
  kind <- request$vcov$kind
  lags <- request$vcov$lags
  time <- request$data$time
  switch(
    kind,
    HC0 = sandwich::vcovHC(fit, type = kind),
    HC2 = , HC3 = , HC4 = leveraged(request, fit),
    HC1 = sandwich::vcovHC(fit, type = options$type),
    CR0 = , CR1 = sandwich::vcovCL(fit, cluster = clusters, type = options$type, cadjust = options$cadjust),
    CR2 = , CR3 = as.matrix(clubSandwich::vcovCR(fit, cluster = clusters[[1]], type = kind)),
    DK = sandwich::vcovPL(fit, order.by = time, lag = lags, aggregate = TRUE, adjust = options$adjust),
    NW = newey_west(fit, request$data$unit, time, lags, options$adjust)
  )
}

# sandwich's leverage has the weight in it; without it the squares are given as its `omega`.
leveraged <- function(request, fit) {
  rule <- request$convention$leverage_weights
  if (!has_weights(request) || rule == "in") return(sandwich::vcovHC(fit, type = request$vcov$kind))
  w <- weights(fit)
  sandwich::vcovHC(fit, omega = function(residuals, diaghat, df) {
    h <- diaghat / w * if (rule == "out") mean(w) else 1
    if (any(h > 1 - 1e-10)) stop("without its weight a row has leverage 1 or more")
    power <- switch(request$vcov$kind, HC2 = 1, HC3 = 2, HC4 = pmin(4, h / mean(h)))
    residuals^2 / (1 - h)^power
  })
}

# Within units where the study has them, else over the rows in order of time.
newey_west <- function(fit, unit, time, lags, adjust) {
  if (is.null(unit)) {
    return(sandwich::NeweyWest(fit, lag = lags, order.by = time, prewhite = FALSE, adjust = adjust))
  }
  # vcovPL of sandwich 3.1 takes the code of the last row's unit for the number of units: give that row the last code
  last <- unit[tail(order(time), 1)]
  unit <- factor(unit, levels = c(setdiff(unique(unit), last), last))
  sandwich::vcovPL(fit, cluster = unit, order.by = time, lag = lags, aggregate = FALSE, adjust = adjust)
}

# clubSandwich's CR3 inverts I - H of each cluster, which is singular where a cluster holds a level of a fixed effect
# whole. Such effects are first taken out of all columns (Frisch and Waugh): same slopes, same residuals.
fit_for_jackknife <- function(request, fit, refit) {
  nested <- nested_effects(request)
  if (!length(nested)) return(fit)
  weights <- if (has_weights(request)) request$data$w else rep(1, nrow(request$data))
  absorbed <- qr(model.matrix(engine_dummies(nested), request$data) * sqrt(weights))
  rest <- setdiff(request$effects, nested)
  within <- function(columns) qr.resid(absorbed, as.matrix(columns) * sqrt(weights)) / sqrt(weights)
  columns <- c("y", exogenous(request), endogenous(request), instruments(request))
  request$data[columns] <- as.data.frame(within(request$data[columns]))
  request$data$rest <- if (length(rest)) {
    dummies <- model.matrix(engine_dummies(rest), request$data)
    independent(within(dummies), sqrt(colSums(dummies^2)))
  }
  request$dummies <- if (length(rest)) "rest"
  request$intercept <- FALSE
  request$effects <- character()
  inner <- refit(request)
  inner$df.residual <- fit$df.residual  # the effects taken out are estimated all the same
  inner
}

# The columns that nothing before them determines; sizes are their norms before effects were taken out.
independent <- function(columns, sizes) {
  columns <- columns[, sqrt(colSums(columns^2)) > 1e-10 * sizes, drop = FALSE]
  decomposed <- qr(columns, tol = 1e-10)
  columns[, decomposed$pivot[seq_len(decomposed$rank)], drop = FALSE]
}

# What vcovPL can't do of a Newey-West covariance within units; NULL where it can.
kernel_refused <- function(request) {
  if (request$vcov$kind != "NW" || is.null(request$data$unit)) return(kraay_gaps_refused(request))
  if (!panel_is_unique(request$data)) return(parity_decline("never", "vcovPL takes one row per unit and time"))
  if (has_period_gap(request$data$time)) {
    parity_decline("never", "vcovPL counts lags in observed periods, and whole periods are missing from the sample")
  }
}

fit_command <- function(name, request, formula = engine_formula(request)) {
  paste0(name, "(", one_line(formula), ", data", if (has_weights(request)) ", weights = w", ")")
}

sandwich_command <- function(request) {
  kind <- request$vcov$kind
  lags <- request$vcov$lags
  clusters <- paste(request$clusters, collapse = " + ")
  switch(
    kind,
    iid = "vcov(fit)", DK = paste0("vcovPL(fit, order.by = ~time, lag = ", lags, ")"),
    NW = paste0(if (is.null(request$data$unit)) "NeweyWest(fit" else "vcovPL(fit, ~unit", ", lag = ", lags, ")"),
    CR0 = , CR1 = paste0("vcovCL(fit, ~", clusters, ")"),
    CR2 = , CR3 = paste0("vcovCR(fit, ", clusters, ", type = \"", kind, "\")"),
    HC2 = , HC3 = , HC4 = paste0("vcovHC(fit, type = \"", kind, "\")",
      if (has_weights(request) && request$convention$leverage_weights != "in") ", leverage without the weights"),
    paste0("vcovHC(fit, type = \"", kind, "\")")
  )
}
