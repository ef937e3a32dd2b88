# Which Stata command is behind a declared convention, and whether its settings are the command's own.
#
# A request is answered natively, by the command as a whole, only where every setting that can move this covariance has
# the value the command has. All else is answered with the uncorrected covariance, to which parity applies its factor.

# The command's own value of each setting of parity's conventions (see src/parity/conventions/formulas.py for their meaning).
stata_settings <- function(profile) {
  common <- list(
    count_fixef = "full", count_robust = "full", redundant = "exact", iid = "n/(n-k)", robust = "n/(n-k)",
    kernel = "t/(t-1)*(n-1)/(n-k)", cluster_scale = "(n-1)/(n-k)", cluster_groups = "min", t_iid = "resid",
    t_robust = "resid", t_cluster = "groups", t_kernel = "periods", t_random = "normal", leverage_weights = "out",
    constant = "one", kraay_gaps = "closed"
  )
  switch(profile,
    reghdfe = utils::modifyList(common, list(count_fixef = "nonnested", redundant = "pairwise", t_cluster = "min",
                                               t_kernel = "min")),
    ivreghdfe = utils::modifyList(common, list(count_fixef = "nonnested", redundant = "pairwise", constant = "at_least_one",
                                                 kraay_gaps = "kept")),
    xtreg = utils::modifyList(common, list(count_fixef = "panel")),
    ivreg2 = utils::modifyList(common, list(kraay_gaps = "kept")),
    areg = , regress = , ivregress = common,
    NULL
  )
}

# Settings that move the covariance or the df of this request.
stata_settings_used <- function(request) {
  kind <- request$vcov$kind
  if (!stata_is_small(request)) return(character())
  by_kind <- switch(kind,
    iid = c("iid", "t_iid"), HC1 = c("robust", "t_robust"), HC2 = , HC3 = c("t_robust", if (!is.null(request$weight_kind)) "leverage_weights"),
    CR1 = c("cluster_scale", "cluster_groups", "t_cluster"), DK = c("kernel", "t_kernel", "kraay_gaps")
  )
  if (request$model == "random_effects") return(c(setdiff(by_kind, c("t_iid", "t_robust", "t_cluster")), "t_random"))
  if (!length(request$effects)) return(by_kind)
  c(by_kind, "redundant", "constant", switch(kind, CR1 = "count_fixef", HC1 = , DK = "count_robust"))
}

stata_is_small <- function(request) request$convention$small && (request$convention$iv_small || request$n_d == 0)

stata_is_own_convention <- function(request) {
  if (isTRUE(request$by_factor) || repairs(request)) return(FALSE)
  own <- stata_settings(request$convention$profile)
  declared <- request$convention
  # one cluster variable has one number of groups
  if (length(request$clusters) == 1L && declared$cluster_groups == "each") declared$cluster_groups <- "min"
  used <- stata_settings_used(request)
  !is.null(own) && all(vapply(used, function(name) identical(declared[[name]], own[[name]]), logical(1)))
}

# The result of the command that the declared convention is named after, or NULL where that command can't do the
# request or its settings were changed.
stata_native <- function(request) {
  if (!stata_is_own_convention(request)) return(NULL)
  beyond <- stata_how(request)$method != "2sls" && !request$convention$profile %in% c("ivregress", "ivreg2")
  if (beyond || (request$model == "between" && request$convention$profile != "xtreg")) return(NULL)
  run <- switch(request$convention$profile,
    regress = stata_native_regress, areg = stata_native_areg, xtreg = stata_native_xtreg, reghdfe = stata_native_reghdfe,
    ivreghdfe = stata_native_own_ivreghdfe,
    ivregress = stata_native_ivregress, ivreg2 = stata_native_ivreg2
  )
  run(request)
}

# A command's vce() for a kind of covariance; NULL where the command has none such.
stata_vce_of <- function(request, known) {
  names <- list(iid = "unadjusted", HC1 = "robust", HC2 = "hc2", HC3 = "hc3", CR1 = "cluster", DK = "dkraay")
  vce <- names[[request$vcov$kind]]
  if (is.null(vce) || !vce %in% known) NULL else vce
}

stata_names <- function(letter, n) if (n > 0L) paste0(letter, seq_len(n))

# The arguments that the commands share.
stata_arguments <- function(request, ...) {
  weighted <- !is.null(request$weight_kind)
  c(list(data = request$data, y = "y", x = stata_names("x", request$n_x), cluster = stata_or_null(request$clusters),
         weights = if (weighted) "w", weight_kind = stata_weight_kind(request)), list(...))
}

stata_or_null <- function(x) if (length(x)) x
stata_weight_kind <- function(request) if (identical(request$weight_kind, "frequency")) "fweight" else "aweight"

stata_native_regress <- function(request) {
  vce <- stata_vce_of(request, c("unadjusted", "robust", "hc2", "hc3", "cluster"))
  if (is.null(vce) || request$n_d > 0L || length(request$clusters) > 1L || request$model == "random_effects") return(NULL)
  do.call(regress, stata_arguments(request, vce = sub("unadjusted", "ols", vce), factors = stata_or_null(request$effects),
                                   constant = request$intercept || length(request$effects) > 0L))
}

stata_native_areg <- function(request) {
  vce <- stata_vce_of(request, c("unadjusted", "robust", "cluster"))
  if (is.null(vce) || request$n_d > 0L || length(request$clusters) > 1L || !length(request$effects)) return(NULL)
  do.call(areg, stata_arguments(request, vce = sub("unadjusted", "ols", vce), absorb = request$effects[1L],
                                factors = stata_or_null(request$effects[-1L])))
}

stata_is_exact <- function(request) identical(request$convention$swamy_arora, "exact")

stata_native_xtreg <- function(request) {
  vce <- sub("unadjusted", "conventional", stata_vce_of(request, c("unadjusted", "cluster")))
  if (!length(vce) || request$n_d > 0L || length(request$clusters) > 1L) return(NULL)
  if (request$model == "between") {
    if (vce != "conventional" || !request$intercept) return(NULL)
    wls <- identical(request$convention$between_weights, "rows")
    return(xtreg_be(request$levels, "y", stata_names("x", request$n_x), "unit", wls = wls))
  }
  if (request$model == "random_effects") {
    arguments <- stata_arguments(request, vce = vce, panel = "unit", sa = stata_is_exact(request))
    return(do.call(xtreg_re, arguments[!names(arguments) %in% c("weights", "weight_kind")]))
  }
  if (!length(request$effects)) return(NULL)
  do.call(xtreg_fe, stata_arguments(request, vce = vce, panel = request$effects[1L],
                                    factors = stata_or_null(request$effects[-1L])))
}

stata_native_reghdfe <- function(request) {
  effects <- stata_or_null(request$effects)
  if (request$model == "random_effects") return(NULL)
  if (is.null(effects) && (request$n_d > 0L || !request$intercept)) return(NULL)
  keep <- is.null(effects) || !identical(request$convention$singletons, "drop")
  if (request$n_d > 0L) return(stata_native_ivreghdfe(request, effects, keep))
  vce <- stata_vce_of(request, c("unadjusted", "robust", "cluster", "dkraay"))
  if (is.null(vce)) return(NULL)
  result <- do.call(reghdfe, stata_arguments(
    request, vce = vce, absorb = effects, keepsingletons = keep, time = if (vce == "dkraay") "time", lags = request$vcov$lags
  ))
  if (vce == "dkraay" && result$df_r < length(unique(request$data$time)) - 1) return(NULL)
  if (isTRUE(request$as_shipped)) return(result)
  if (result$repaired) warning("reghdfe would set negative eigenvalues of this covariance to zero", call. = FALSE)
  if (!result$repaired) result
}

# ivreghdfe counts one coefficient less than reghdfe where an effect is nested in a cluster variable and another is not,
# and its df are G - 1 even where N - K is less; there the declared convention, which is reghdfe's, is left to parity.
stata_native_ivreghdfe <- function(request, effects, keep) {
  vce <- stata_vce_of(request, c("unadjusted", "robust", "cluster"))
  if (is.null(vce)) return(NULL)
  result <- do.call(ivreghdfe, stata_arguments(
    request, vce = vce, absorb = effects, keepsingletons = keep, endog = stata_names("d", request$n_d),
    instruments = stata_names("z", request$n_z)
  ))
  short <- result$N - result$fit$k - result$df_a < result$df_r
  if (vce != "cluster" || isTRUE(request$as_shipped) || !(short || (result$nested && result$df_a > 0))) return(result)
  warning("ivreghdfe's own factor has K = ", result$K, " and its t ", result$df_r, " degrees of freedom", call. = FALSE)
  NULL
}

# The profile of its own name: `ivreghdfe` with or without endogenous columns.
stata_native_own_ivreghdfe <- function(request) {
  vce <- stata_vce_of(request, c("unadjusted", "robust", "cluster"))
  if (is.null(vce) || !length(request$effects) || request$model == "random_effects") return(NULL)
  do.call(ivreghdfe, stata_arguments(
    request, vce = vce, absorb = request$effects, keepsingletons = !identical(request$convention$singletons, "drop"),
    endog = stata_names("d", request$n_d), instruments = stata_names("z", request$n_z)
  ))
}

stata_native_ivregress <- function(request) {
  vce <- stata_vce_of(request, c("unadjusted", "robust", "cluster"))
  if (is.null(vce) || request$n_d == 0L || length(request$clusters) > 1L) return(NULL)
  how <- stata_how(request)
  if (how$method %in% c("fuller", "kclass", "cue") || identical(how$steps, 1) || isTRUE(how$efficient)) return(NULL)
  gmm <- if (how$method == "gmm") list(wmatrix = sub("iid", "unadjusted", how$weight), steps = how$steps, centred = how$centred)
  if (length(gmm) && length(request$effects)) return(NULL) # dummies are instruments there
  do.call(ivregress, c(list(method = how$method), gmm, stata_arguments(
    request, vce = vce, endog = stata_names("d", request$n_d), instruments = stata_names("z", request$n_z),
    small = stata_is_small(request), factors = stata_or_null(request$effects),
    constant = request$intercept || length(request$effects) > 0L
  )))
}

# Method and weight of a request whose model isn't 2SLS, as stata_moment_fit() takes them.
stata_how <- function(request) {
  known <- c("liml", "fuller", "kclass", "gmm", "cue")
  efficient <- isTRUE(request$moments$efficient)
  steps <- request$moments$steps
  list(
    method = if (request$model %in% known) request$model else "2sls", weight = request$moments$weight,
    steps = if (is.null(steps)) 2 else if (steps %in% c("1", "2")) as.numeric(steps) else steps,
    centred = identical(request$convention$centred, "yes"), efficient = efficient,
    efficient_errors = identical(request$convention$gmm_covariance, "efficient"),
    kappa = request$kappa, fuller = request$fuller, code = stata_only(request$data[request$clusters]),
    unit = request$data$unit, time = request$data$time, lags = request$vcov$lags
  )
}

stata_native_ivreg2 <- function(request) {
  vce <- stata_vce_of(request, c("unadjusted", "robust", "cluster", "dkraay"))
  if (is.null(vce) || request$model == "random_effects") return(NULL)
  how <- stata_how(request)
  if (how$method %in% c("gmm", "cue") && (!isTRUE(how$efficient) || !identical(how$steps, 2))) return(NULL)
  do.call(ivreg2, c(how[c("method", "centred", "kappa", if (how$method == "fuller") "fuller")], stata_arguments(
    request, vce = vce, endog = stata_names("d", request$n_d), instruments = stata_names("z", request$n_z),
    small = stata_is_small(request), partial = stata_or_null(request$effects), time = if (vce == "dkraay") "time",
    lags = request$vcov$lags, constant = request$intercept || length(request$effects) > 0L
  )))
}
