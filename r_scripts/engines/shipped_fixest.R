# fixest as shipped: feols(formula, data, vcov = ...) with every other option at its default.

shipped_r_fixest <- function(request) {
  refused <- fixest_refuses(request)
  if (!is.null(refused)) return(refused)
  formula <- fixest_formula(request)
  covariance <- shipped_fixest_vcov(request)
  arguments <- list(formula, request$data, vcov = covariance, nthreads = 1L)
  if (has_weights(request)) arguments$weights <- ~w
  if (isTRUE(request$tight)) arguments <- c(arguments, list(fixef.tol = 1e-11, fixef.iter = 100000L))
  fit <- do.call(fixest::feols, arguments)
  table <- cbind(fixest::coeftable(fit)[, 2:4, drop = FALSE], as.matrix(confint(fit)))
  colnames(table) <- c("se", "t", "p", "low", "high")
  call <- sub("\\)$", "", fit_command("feols", request, formula))
  shipped_answer(
    request, fixest_names(coef(fit)), fixest_matrix(vcov(fit)), fixest_names(table), fixest::degrees_freedom(fit, "t"),
    "fixest", paste0(call, ", vcov = ", one_line(covariance), ")"), nobs(fit),
    accuracy = if (length(request$effects) > 1) "iterative" else "exact",
    avoids = if (isTRUE(request$tight) && length(request$effects) > 1) "absorption-tolerance" else ""
  )
}

shipped_fixest_vcov <- function(request) {
  lags <- request$vcov$lags
  switch(
    request$vcov$kind,
    iid = "iid", HC0 = , HC1 = "hetero", HC2 = "HC2", HC3 = "HC3",
    CR0 = , CR1 = as.formula(paste("~", paste(request$clusters, collapse = " + ")), env = globalenv()),
    DK = fixest::vcov_DK(time = ~time, lag = lags),
    NW = if (is.null(request$data$unit)) fixest::vcov_NW(time = ~time, lag = lags) else {
      fixest::vcov_NW(unit = ~unit, time = ~time, lag = lags)
    }
  )
}
