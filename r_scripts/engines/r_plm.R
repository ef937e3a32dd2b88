# plm: within, pooled, first-difference and random-effects models of a panel; vcovHC, vcovDC, vcovNW, vcovSCC.

estimate_r_plm <- function(request) {
  if (pgmm_is_asked(request)) return(pgmm_answer(request))
  refused <- plm_refuses(request)
  if (!is.null(refused)) return(refused)
  request <- scaled(request)
  plm_as_attached()
  fit <- plm_fit(request, plm_model(request))
  if (nobs(fit) != nrow(request$data)) stop("plm used ", nobs(fit), " rows of ", nrow(request$data))
  covariance <- covariance_of(request, plm_own(request, fit), function(subset) plm_uncorrected(request, fit, subset))
  engine_answer(
    request, coef(fit), covariance, "plm", command = plm_command(request),
    stats = plm_stats(request, fit), reported = plm_reported(request, fit)
  )
}

# plm turns its fast transformations on when it is attached, and this session only loads it: means by collapse, which are the
# same means; never two-way ones by fixest or lfe, whose absorbers stop at a tolerance.
plm_as_attached <- function(request = NULL) {
  if (!requireNamespace("collapse", quietly = TRUE)) return(invisible(options(plm.fast = FALSE)))
  invisible(options(plm.fast = TRUE, plm.fast.pkg.collapse = TRUE, plm.fast.pkg.FE.tw = "collapse"))
}

plm_model <- function(request) {
  switch(
    request$model, first_difference = "fd", random_effects = "random", between = "between",
    if (has_effects(request)) "within" else "pooling"
  )
}

plm_effect <- function(request) {
  roles <- request$effect_roles
  if (all(c("unit", "time") %in% roles)) "twoways" else if ("time" %in% roles) "time" else "individual"
}

plm_fit <- function(request, model) {
  formula <- engine_formula(request)
  data <- plm_data(request)
  index <- intersect(c("unit", "time"), names(data))
  arguments <- list(formula, data, effect = plm_effect(request), model = model, index = index)
  if (has_weights(request)) arguments$weights <- quote(w)
  if (model == "random") arguments$random.method <- "swar"
  # data by name, not by value: the call is kept in the fit
  arguments[[2]] <- quote(data)
  eval(as.call(c(quote(plm::plm), arguments)))
}

# The index: unit and time as far as the model reads them, so that a time column with gaps or repeats can't disturb others.
plm_data <- function(request) {
  data <- if (request$model %in% c("first_difference", "between")) request$levels else request$data
  if (!plm_needs_time(request)) data$time <- NULL
  data
}

plm_needs_time <- function(request) {
  request$model == "first_difference" || request$vcov$kind %in% c("NW", "DK") ||
    "time" %in% c(request$effect_roles, request$cluster_roles)
}

# ---------------------------------------------------------------- covariances

plm_uncorrected <- function(request, fit, subset) {
  if (request$vcov$kind == "iid") return(vcov(fit) * df.residual(fit) / nobs(fit))
  roles <- request$cluster_roles[match(subset, request$clusters)]
  plm_sandwich(request, fit, roles, "HC0")
}

# roles: the cluster variables; several mean their combination, which holds one row each
plm_sandwich <- function(request, fit, roles, type) {
  lags <- request$vcov$lags
  if (!is.null(lags)) {
    most <- min(lags, request$facts$periods - 1) # later lags have no pair of rows; the weights keep the declared lags
    bartlett <- function(j, maxlag) 1 - j / (lags + 1)
  }
  switch(
    request$vcov$kind,
    HC0 = , HC1 = plm::vcovHC(fit, method = "white1", type = type),
    HC2 = , HC3 = , HC4 = plm::vcovHC(fit, method = "white1", type = request$vcov$kind),
    CR0 = , CR1 = plm_clustered(fit, roles, type),
    DK = plm::vcovSCC(fit, type = type, maxlag = most, wj = bartlett),
    NW = plm::vcovNW(fit, type = type, maxlag = most, wj = bartlett)
  )
}

plm_clustered <- function(fit, roles, type) {
  if (length(roles) > 1) return(plm::vcovHC(fit, method = "white1", type = type))
  plm::vcovHC(fit, method = "arellano", type = type, cluster = if (roles == "unit") "group" else "time")
}

# The complete covariance where a type of vcovHC has the declared factor; its K is the slopes alone.
plm_own <- function(request, fit) {
  declared <- declared_convention(request)
  type <- plm_type(request, declared)
  if (is.null(type)) return(NULL)
  matrix <- if (request$vcov$kind == "iid") {
    vcov(fit)
  } else if (length(request$clusters) > 1) {
    plm::vcovDC(fit, type = type)
  } else {
    plm_sandwich(request, fit, request$cluster_roles, type)
  }
  own <- list(matrix = matrix)
  if (!plm_knows_df(request, declared)) return(own)
  shown <- if (request$vcov$kind == "iid") summary(fit) else summary(fit, vcov = matrix)
  table <- shown$coefficients[, 2:4, drop = FALSE]
  colnames(table) <- c("se", "t", "p")
  c(own, list(table = table, df_t = if (plm_is_normal(request)) Inf else df.residual(fit)))
}

plm_type <- function(request, declared) {
  kind <- request$vcov$kind
  if (kind == "iid") {
    own <- declared$scale == "n/(n-k)" && (is.na(declared$count) || redundancy_is(request, "levels"))
    return(if (own) "iid")
  }
  if (!is.na(declared$count) && declared$count != "none") return(NULL)
  # of first differences plm 2.6 counts the rows before differencing for "HC1"
  hc1 <- if (request$model != "first_difference") "HC1"
  known <- switch(
    kind,
    HC1 = c("none/none" = "HC0", "n/(n-k)/none" = hc1),
    CR1 = c("none/none" = "HC0", "n/(n-k)/none" = hc1, "(n-1)/(n-k)/each" = "sss"),
    DK = c("none/none" = "HC0", "n/(n-k)/none" = hc1, "t/(t-1)*(n-1)/(n-k)/none" = "sss"),
    NW = c("none/none" = "HC0", "n/(n-k)/none" = hc1),
    c("none/none" = "HC0")
  )
  type <- known[paste(declared$scale, declared$groups, sep = "/")]
  if (!is.na(type)) unname(type)
}

# summary() prints z for random effects and instruments, else t with N - K - levels.
plm_is_normal <- function(request) request$model == "random_effects" || is_iv(request)

plm_knows_df <- function(request, declared) {
  if (plm_is_normal(request)) declared$df == "normal" else declared$df == "resid" && redundancy_is(request, "levels")
}

# ---------------------------------------------------------------- what else it reports

plm_stats <- function(request, fit) {
  if (request$model == "random_effects") return(plm_random_stats(request, fit))
  if (request$model != "ols" || is_iv(request) || has_weights(request)) return(list())
  r2 <- unname(plm::r.squared(fit, type = "rss"))
  if (has_effects(request)) list(r2_within = r2) else if (request$intercept) list(r2 = r2) else list()
}

plm_random_stats <- function(request, fit) {
  parts <- plm::ercomp(fit)
  sizes <- 1 / request$y_power^2
  within <- plm_fit(request, "within")
  test <- plm::phtest(within, fit)
  # phtest takes the absolute value: where the difference of the covariances makes it negative, it is another number
  hausman <- if (plm_hausman_sign(within, fit) > 0) {
    list(hausman = test$statistic[[1]], hausman_df = test$parameter[[1]], hausman_p = test$p.value[[1]])
  }
  c(hausman, list(
    sigma_u2 = parts$sigma2[["id"]] * sizes, sigma_e2 = parts$sigma2[["idios"]] * sizes,
    theta = if (plm_is_balanced(request)) unique(parts$theta)[[1]]
  ))
}

plm_hausman_sign <- function(within, random) {
  slopes <- names(coef(within))
  difference <- coef(within) - coef(random)[slopes]
  sign(drop(difference %*% solve(vcov(within) - vcov(random)[slopes, slopes], difference)))
}

plm_reported <- function(request, fit) {
  counts <- plm::pdim(fit)$nT
  levels <- if (request$model == "ols") lapply(split(request$effect_roles, request$effects), function(role) {
    if (role == "unit") counts$n else counts$T
  })
  list(nobs = nobs(fit), df_resid = if (redundant_levels(request) == 0) df.residual(fit), levels = levels)
}

# ---------------------------------------------------------------- what it can't do of these data

plm_refuses <- function(request) {
  data <- plm_data(request)
  if (is.null(data$unit) || anyNA(data$unit)) return(parity_decline("never", "plm needs a unit in every row"))
  if (plm_needs_time(request)) {
    if (anyNA(data$time)) return(parity_decline("never", "plm needs a period in every row"))
    if (!panel_is_unique(data)) return(parity_decline("never", "plm takes one row per unit and period"))
  }
  plm_refuses_gaps(request, data) %||% kraay_gaps_refused(request) %||% plm_refuses_unbalanced(request) %||% leverage_refused(request)
}

plm_refuses_gaps <- function(request, data) {
  if (request$model == "first_difference" && any(tapply(data$time, data$unit, has_period_gap))) {
    return(parity_decline("never", "plm takes differences of consecutive rows, also across a gap in time"))
  }
  if (request$vcov$kind == "NW" && has_period_gap(data$time)) {
    parity_decline("never", "plm counts lags in observed periods, and whole periods are missing from the sample")
  }
}

plm_refuses_unbalanced <- function(request) {
  exact <- request$convention$swamy_arora == "exact"
  if (request$model != "random_effects" || exact || plm_is_balanced(request)) return(NULL)
  parity_decline("never", "on unbalanced panels plm has Baltagi and Chang's variance components (swamy_arora = \"exact\")")
}

plm_is_balanced <- function(request) length(unique(table(request$data$unit))) == 1

plm_command <- function(request) {
  call <- sub("\\)$", "", fit_command("plm", request))
  paste0(
    call, ", effect = \"", plm_effect(request), "\", model = \"", plm_model(request), "\"); ",
    switch(
      request$vcov$kind, iid = "vcov(fit)", HC0 = , HC1 = , HC2 = , HC3 = , HC4 = "vcovHC(fit, method = \"white1\")",
      DK = "vcovSCC(fit)", NW = "vcovNW(fit)",
      if (length(request$clusters) > 1) "vcovDC(fit)" else "vcovHC(fit, method = \"arellano\")"
    )
  )
}
