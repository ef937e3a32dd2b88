# estimatr as shipped: lm_robust() and iv_robust(), whose defaults are HC2, with clusters CR2 and Satterthwaite's df.

shipped_r_estimatr <- function(request) {
  kind <- request$vcov$kind
  type <- switch(kind, iid = "classical", HC0 = , HC2 = , HC3 = , CR0 = kind) # NULL: nothing is typed
  settled <- request
  settled$vcov$kind <- type %||% if (length(request$clusters)) "CR2" else "HC2"
  absorbed <- has_effects(request)
  refused <- leverage_refused(settled)
  if (absorbed && settled$vcov$kind == "CR2" && has_weights(request)) {
    refused <- parity_decline("notyet", "weighted CR2, its default, is refused with fixed_effects = (1.0.6)")
  }
  if (settled$vcov$kind == "CR2") refused <- refused %||% too_large_for_cr2(request)
  if (!is.null(refused)) return(refused)
  arguments <- list(engine_formula(request), request$data)
  if (!is.null(type)) arguments$se_type <- if (type == "CR0") "CR0" else type
  if (has_weights(request)) arguments$weights <- quote(w)
  if (length(request$clusters)) arguments$clusters <- as.name(request$clusters)
  if (absorbed) arguments$fixed_effects <- engine_dummies(request$effects)
  fit <- do.call(if (is_iv(request)) estimatr::iv_robust else estimatr::lm_robust, arguments)
  table <- cbind(se = fit$std.error, t = fit$statistic, p = fit$p.value, low = fit$conf.low, high = fit$conf.high)
  same <- length(unique(fit$df)) == 1 && fit$se_type != "CR2"
  shipped_answer(
    request, coef(fit), vcov(fit), table, if (same) fit$df[[1]], "estimatr", shipped_estimatr_text(request, type), fit$nobs,
    accuracy = if (absorbed && length(request$effects) > 1) "iterative" else "exact"
  )
}

shipped_estimatr_text <- function(request, type) {
  call <- sub("\\)$", "", fit_command(if (is_iv(request)) "iv_robust" else "lm_robust", request, engine_formula(request)))
  more <- c(
    if (has_effects(request)) paste("fixed_effects = ~", plus(request$effects)),
    if (length(request$clusters)) paste("clusters =", request$clusters), if (!is.null(type)) paste0("se_type = \"", type, "\"")
  )
  paste0(paste(c(call, more), collapse = ", "), ")")
}

# Bytes beyond which it is not asked for CR2: its degrees of freedom take three arrays of columns squared times clusters.
MOST_CR2_BYTES <- 4e9

too_large_for_cr2 <- function(request) {
  levels <- unlist(request$facts$levels)
  columns <- request$n_x + sum(levels) - max(length(levels) - 1, 0)
  clusters <- request$facts$clusters[[request$clusters]]
  bytes <- 3 * 8 * columns^2 * clusters
  if (bytes <= MOST_CR2_BYTES) return(NULL)
  parity_decline("never", sprintf(
    "its CR2 holds three arrays of %d x %d columns x %d clusters, %.1f GB", columns, columns, clusters, bytes / 1e9
  ))
}
