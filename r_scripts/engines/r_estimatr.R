# estimatr's lm_robust() and iv_robust(): fixed effects absorbed, or as dummies where the package refuses that.

estimate_r_estimatr <- function(request) {
  absorbed <- estimatr_absorbs(request)
  refused <- (if (!absorbed) too_dense(request)) %||% leverage_refused(request)
  if (!is.null(refused)) return(refused)
  request <- scaled(request)
  if (!absorbed) request <- with_dummies(request)
  declared <- declared_convention(request)
  own <- estimatr_is_own(request, declared, absorbed)
  fit <- estimatr_fit(request, absorbed, estimatr_type(request$vcov$kind, own))
  covariance <- covariance_of(
    request, if (own) estimatr_own(request, fit, declared, absorbed), function(subset) estimatr_plain(request, fit)
  )
  engine_answer(
    request, coef(fit), covariance, "estimatr", command = estimatr_command(request, absorbed, fit$se_type),
    stats = estimatr_stats(request, fit, absorbed), reported = estimatr_reported(request, fit, absorbed),
    # it absorbs two and more effects until no mean moves by more than 1e-8
    accuracy = if (absorbed && length(request$effects) > 1) "iterative" else "exact"
  )
}

# Weighted CR2 is refused with fixed_effects =; dummies give it.
estimatr_absorbs <- function(request) {
  has_effects(request) && !(request$vcov$kind == "CR2" && has_weights(request))
}

estimatr_fit <- function(request, absorbed, type) {
  data <- request$data
  arguments <- list(engine_formula(request), data, se_type = type)
  if (has_weights(request)) arguments$weights <- quote(w)
  if (length(request$clusters)) arguments$clusters <- as.name(request$clusters)
  if (absorbed) arguments$fixed_effects <- engine_dummies(request$effects)
  do.call(if (is_iv(request)) estimatr::iv_robust else estimatr::lm_robust, arguments)
}

# ---------------------------------------------------------------- covariances

estimatr_type <- function(kind, own) {
  if (!own) kind <- switch(kind, HC1 = "HC0", CR1 = "CR0", kind)
  switch(kind, iid = "classical", CR1 = "stata", kind)
}

# Whether its factor is the declared one: it counts all fixed effects.
estimatr_is_own <- function(request, declared, absorbed) {
  rule <- estimatr_rule(request, absorbed)
  counts_all <- is.na(declared$count) || (declared$count == "full" && redundancy_is(request, rule))
  scale <- switch(request$vcov$kind, iid = , HC1 = "n/(n-k)", CR1 = "(n-1)/(n-k)", "none")
  groups <- if (request$vcov$kind == "CR1") "each" else "none"
  counts_all && declared$scale == scale && declared$groups == groups
}

# With absorbed effects it counts levels, but for HC2 and HC3 (1.0.6) the rank of the dummies.
estimatr_rule <- function(request, absorbed) {
  if (absorbed && !request$vcov$kind %in% c("HC2", "HC3")) "levels" else "exact"
}

estimatr_own <- function(request, fit, declared, absorbed) {
  known <- switch(
    request$vcov$kind,
    CR0 = , CR1 = declared$df == "groups",
    CR2 = declared$df == "satterthwaite",
    declared$df == "resid" && redundancy_is(request, estimatr_rule(request, absorbed))
  )
  if (!known) return(list(matrix = vcov(fit)))
  table <- cbind(se = fit$std.error, t = fit$statistic, p = fit$p.value, low = fit$conf.low, high = fit$conf.high)
  if (request$vcov$kind == "CR2") return(list(matrix = vcov(fit), table = cbind(table, df = fit$df)))
  list(matrix = vcov(fit), table = table, df_t = fit$df[[1]])
}

estimatr_plain <- function(request, fit) {
  if (request$vcov$kind == "iid") vcov(fit) * fit$df.residual / fit$nobs else vcov(fit)
}

# ---------------------------------------------------------------- what else it reports

estimatr_stats <- function(request, fit, absorbed) {
  if (request$model != "ols" || is_iv(request)) return(list())
  list(r2 = fit$r.squared, r2_within = if (absorbed) fit$proj_r.squared)
}

estimatr_reported <- function(request, fit, absorbed) {
  clusters <- if (length(request$clusters)) setNames(list(fit$nclusters), request$clusters)
  df_resid <- if (!absorbed || redundant_levels(request) == 0) fit$df.residual
  list(nobs = fit$nobs, df_resid = df_resid, clusters = clusters)
}

estimatr_command <- function(request, absorbed, type) {
  name <- if (is_iv(request)) "iv_robust" else "lm_robust"
  call <- fit_command(name, request, engine_formula(request))
  more <- c(
    if (absorbed) paste("fixed_effects = ~", plus(request$effects)),
    if (length(request$clusters)) paste("clusters =", request$clusters), paste0("se_type = \"", type, "\"")
  )
  paste0(sub("\\)$", "", call), ", ", paste(more, collapse = ", "), ")")
}
