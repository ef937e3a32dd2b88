# parity's own reference engine: Stata-style functions in base R, asked through estimate_r_stata(request).
#
# The functions, usable by themselves, are in stata_regress.R, stata_panel.R, stata_reghdfe.R, stata_iv.R and stata_dynamic.R. They count
# rows, levels, nesting, mobility groups and clusters from the data; nothing parity counted (request$facts) is read.
# Where the declared convention is a Stata command's own, that command answers (basis = its profile, own inference);
# else the answer is the uncorrected covariance, one matrix per subset of the cluster variables.

estimate_r_stata <- function(request) {
  tryCatch(
    stata_answer(request),
    stata_refusal = function(refused) list(declined = list(gap = "never", reason = conditionMessage(refused)))
  )
}

stata_answer <- function(request) {
  if (stata_is_ml(request)) return(stata_ml_answer(request))
  if (stata_is_dynamic(request)) return(stata_dynamic_answer(request))
  if (stata_is_outcomes(request)) return(stata_outcomes_answer(request))
  random <- request$model == "random_effects"
  if (random && !request$intercept) stata_refuse("xtreg, re has no noconstant option")
  result <- stata_native(request)
  components <- if (random) stata_components(request)
  fit <- if (!is.null(result)) result$fit else if (random) components$fit else stata_plain_fit(request)
  terms <- stata_terms(request)
  lost <- setdiff(terms, sub("_cons", "(Intercept)", names(fit$b), fixed = TRUE))
  if (length(lost)) stop("omitted because of collinearity: ", paste(lost, collapse = ", "), call. = FALSE)
  covariance <- if (is.null(result)) stata_uncorrected(request, fit, terms) else stata_own(request, result, terms)
  c(
    list(terms = terms, coef = unname(fit$b[stata_internal(terms)])), covariance,
    list(
      stats = c(stata_statistics(request, fit), if (random) stata_random_statistics(components),
                if (!is.null(result)) stata_f(result)),
      reported = stata_reported(request, fit), accuracy = "exact", versions = list(R = as.character(getRversion())),
      command = stata_command(request, result)
    )
  )
}

# Canonical order; a constant is reported only where no effect absorbs it.
stata_terms <- function(request) {
  constant <- if (request$intercept && !length(request$effects)) "(Intercept)"
  c(constant, stata_names("x", request$n_x), stata_names("d", request$n_d))
}

stata_internal <- function(terms) sub("(Intercept)", "_cons", terms, fixed = TRUE)

stata_block_of <- function(v, terms) {
  rows <- stata_internal(terms)
  unname(v[rows, rows, drop = FALSE])
}

# The whole design fitted, for the covariances without factor.
stata_plain_fit <- function(request) {
  if (request$vcov$kind %in% c("CR2", "CR3") && identical(request$weight_kind, "frequency")) {
    request$data <- request$data[rep(seq_len(nrow(request$data)), request$data$w), , drop = FALSE]
    request$weight_kind <- NULL
  }
  effects <- stata_or_null(request$effects)
  fit <- stata_fit_frame(
    request$data, "y", stata_names("x", request$n_x), effects, stata_names("d", request$n_d), stata_names("z", request$n_z),
    constant = request$intercept, report = request$intercept && is.null(effects),
    weights = if (!is.null(request$weight_kind)) "w", weight_kind = stata_weight_kind(request),
    method = stata_how(request)$method, how = stata_how(request)
  )
  fit$data <- request$data
  fit
}

stata_components <- function(request) {
  components <- stata_swamy_arora(request$data, "y", stata_names("x", request$n_x), "unit", stata_is_exact(request))
  components$fit$data <- request$data
  components
}

# Uncorrected: iid is SSR/N (X'X)^-1, all others the plain sandwich.
stata_uncorrected <- function(request, fit, terms) {
  data <- fit$data
  kind <- request$vcov$kind
  lags <- request$vcov$lags
  one <- function(v) list(list(cluster = request$clusters, matrix = stata_block_of(v, terms)))
  if (!is.null(fit$given)) return(list(parts = one(stata_named(fit$given, fit)), basis = "uncorrected"))
  parts <- switch(kind,
    iid = one(stata_v_iid(fit)),
    HC0 = , HC1 = one(stata_v_robust(fit)),
    HC2 = , HC3 = , HC4 = one(stata_v_hc(fit, kind, request$convention$leverage_weights, mean(data$w))),
    CR0 = , CR1 = lapply(stata_cluster_parts(fit, data[request$clusters]), function(part) {
      list(cluster = part$cluster, matrix = stata_block_of(part$matrix, terms))
    }),
    CR2 = , CR3 = one(stata_v_cr(fit, data[[request$clusters]], kind)),
    NW = one(stata_v_newey(fit, data$unit, data$time, lags)),
    conley = one(stata_v_conley(fit, data, request$vcov, request$convention)),
    DK = one(stata_v_dkraay(fit, data$time, lags, identical(request$convention$kraay_gaps, "kept")))
  )
  list(parts = parts, basis = "uncorrected")
}

# A command's own covariance and inference.
stata_own <- function(request, result, terms) {
  table <- result$table[stata_internal(terms), , drop = FALSE]
  rows <- lapply(seq_along(terms), function(i) as.list(table[i, c("se", "t", "p", "low", "high")]))
  list(
    parts = list(list(cluster = request$clusters, matrix = stata_block_of(result$V, terms))),
    basis = request$convention$profile, printed = stats::setNames(rows, terms), df_t = result$df_r
  )
}

stata_statistics <- function(request, fit) {
  if (isTRUE(fit$moments)) {
    return(c(fit$stats, list(r2 = 1 - fit$ssr / fit$tss), if (length(request$effects)) list(r2_within = 1 - fit$ssr / fit$tss_within)))
  }
  if (request$model == "random_effects" || request$n_d > 0L) return(list())
  c(list(r2 = 1 - fit$ssr / fit$tss), if (length(request$effects)) list(r2_within = 1 - fit$ssr / fit$tss_within))
}

# Wald F with the reported V (ivreg2's printed F is rescaled to small samples, so it is computed afresh here).
stata_f <- function(result) {
  f <- stata_wald(result$b, result$V)
  if (!is.na(f)) list(f = f)
}

# Swamy-Arora components, and the Hausman test on the conventional covariances of both estimators.
stata_random_statistics <- function(components) {
  conventional <- function(fit) list(b = fit$b, V = fit$n_obs / (fit$n_obs - stata_rank(fit)) * stata_v_iid(fit))
  random <- conventional(components$fit)
  hausman <- stata_hausman(conventional(components$within), random)
  # hausman, sigmamore: both covariances with the error variance of the efficient estimator
  variance <- function(fit) fit$ssr / (fit$n_obs - stata_rank(fit))
  within <- conventional(components$within)
  within$V <- within$V * variance(components$fit) / variance(components$within)
  more <- stata_hausman(within, random)
  balanced <- diff(range(components$theta)) <= 1e-12
  c(
    list(sigma_u2 = components$sigma_u2, sigma_e2 = components$sigma_e2),
    if (balanced) list(theta = components$theta[1L]),
    if (!is.null(hausman)) list(hausman = hausman$chi2, hausman_df = hausman$df, hausman_p = hausman$p),
    if (!is.null(more)) {
      list(hausman_sigmamore = more$chi2, hausman_sigmamore_df = more$df, hausman_sigmamore_p = more$p)
    }
  )
}

stata_reported <- function(request, fit) {
  distinct <- function(columns) max(stata_joined(request$data[columns]))
  subsets <- if (length(request$clusters)) stata_subsets(request$clusters)
  list(
    nobs = fit$n_obs, df_resid = fit$n_obs - stata_rank(fit),
    levels = as.list(stats::setNames(vapply(request$effects, distinct, integer(1)), request$effects)),
    clusters = stats::setNames(lapply(subsets, distinct), vapply(subsets, paste, character(1), collapse = "^"))
  )
}

# The Stata command, or what was computed where no command gives it; differences written as in Stata.
stata_command <- function(request, result) {
  if (is.null(result)) {
    absorbed <- if (length(request$effects)) paste0(", absorb(", paste(request$effects, collapse = " "), ")")
    by <- if (length(request$clusters)) paste0(" by ", paste(request$clusters, collapse = " "))
    terms <- c("y", stata_names("x", request$n_x), stata_names("d", request$n_d))
    instruments <- if (request$n_z > 0L) paste0(" instruments ", paste(stata_names("z", request$n_z), collapse = " "))
    how <- stata_how(request)
    beyond <- if (how$method != "2sls") paste0(" ", how$method, if (!is.null(how$weight)) paste0(" weighted ", how$weight))
    text <- paste0("stata_fit", beyond, " ", paste(terms, collapse = " "), instruments, absorbed, ": ", request$vcov$kind, by,
                   " without factor")
  } else {
    text <- result$command
  }
  if (request$model == "first_difference") gsub("\\b(y|[xdz][0-9]+)\\b", "D.\\1", text) else text
}
