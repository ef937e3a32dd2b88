# Stata's commands as shipped: the declared one, or where that is no command of Stata's the one a Stata user types.

shipped_r_stata <- function(request) {
  tryCatch(
    shipped_stata_answer(request),
    stata_refusal = function(refused) parity_decline("never", conditionMessage(refused))
  )
}

shipped_stata_answer <- function(request) {
  if (stata_is_ml(request) || stata_is_outcomes(request)) return(shipped_stata_ml(request))
  request$vcov$kind <- switch(request$vcov$kind, HC0 = "HC1", CR0 = "CR1", request$vcov$kind) # vce(robust), vce(cluster)
  for (profile in shipped_stata_commands(request)) {
    asked <- shipped_stata_settings(request, profile)
    result <- stata_native(asked)
    if (!is.null(result)) return(shipped_stata_result(asked, result))
  }
  parity_decline("notimpl", paste("none of the Stata commands written for parity has a", request$vcov$kind, "covariance here"))
}

# A likelihood: vce(oim), vce(robust) or vce(cluster) of one variable.
shipped_stata_ml <- function(request) {
  if (length(request$clusters) > 1L) {
    return(parity_decline("notimpl", "none of the Stata commands written for parity has several cluster variables here"))
  }
  request$vcov$kind <- switch(request$vcov$kind, HC0 = "HC1", CR0 = "CR1", request$vcov$kind)
  several <- stata_is_outcomes(request)
  result <- if (several) stata_outcomes_native(request) else stata_ml_native(request)
  terms <- if (several) stata_outcomes_terms(request) else stata_terms(request)
  c(
    list(terms = terms, coef = unname(result$b[stata_internal(terms)])), stata_own(request, result, terms),
    list(reported = list(nobs = result$N), accuracy = "normal-equations", versions = list(R = as.character(getRversion())),
         command = result$command)
  )
}

# The declared command first; else what the model calls for.
shipped_stata_commands <- function(request) {
  iv <- is_iv(request)
  obvious <- if (request$model == "random_effects") "xtreg" else if (has_effects(request)) "reghdfe" else {
    if (iv) "ivregress" else c("regress", "reghdfe", "ivreg2")
  }
  known <- intersect(request$convention$profile, c("reghdfe", "ivreghdfe", "xtreg", "areg", "regress", "ivregress", "ivreg2"))
  unique(c(known, obvious, if (iv) "ivreg2"))
}

shipped_stata_settings <- function(request, profile) {
  own <- c(stata_settings(profile), list(
    profile = profile, small = !profile %in% c("ivregress", "ivreg2"), iv_small = TRUE, swamy_arora = "harmonic",
    singletons = if (profile %in% c("reghdfe", "ivreghdfe")) "drop" else "keep"
  ))
  request$convention <- utils::modifyList(request$convention, own)
  request$as_shipped <- TRUE
  request
}

shipped_stata_result <- function(request, result) {
  terms <- stata_terms(request)
  lost <- setdiff(terms, sub("_cons", "(Intercept)", names(result$fit$b), fixed = TRUE))
  if (length(lost)) stop("omitted because of collinearity: ", paste(lost, collapse = ", "), call. = FALSE)
  c(
    list(terms = terms, coef = unname(result$fit$b[stata_internal(terms)])), stata_own(request, result, terms),
    list(reported = list(nobs = result$fit$n_obs), accuracy = "exact", versions = list(R = as.character(getRversion())),
         command = stata_command(request, result))
  )
}
