# ivregress(), ivreg2() and ivreghdfe(): two-stage least squares as the Stata commands report it, in base R.
#
#   ivregress(data, "y", "x", endog = "d", instruments = c("z1", "z2"))          ivregress 2sls y x (d = z1 z2)
#   ivregress(..., vce = "robust", small = TRUE)                                 ..., vce(robust) small
#   ivreg2(data, "y", "x", endog = "d", instruments = "z", cluster = "firm")     ivreg2 y x (d = z), cluster(firm)
#   ivreg2(data, "y", "x", partial = "firm", vce = "robust")                     ivreg2 y x i.firm, robust partial(i.firm)
#   ivreghdfe(data, "y", "x", "d", "z", absorb = c("firm", "year"), cluster = "firm")
#
# Sources: [R] ivregress, Methods and formulas: without `small` no factor for any vce, z; with it N/(N-k), clusters
# (N-1)/(N-k) G/(G-1), t with N-k or G-1 (confirmed to 11 digits by Stata 13 output recorded in linearmodels' tests).
# ivreg2: Baum, Schaffer and Stillman (2007), section 3 and `help ivreg2`, the same factors; several cluster variables
# take the fewest groups; `partial` variables count in `small`; F is a small-sample F even without `small`.
# ivreghdfe 1.1 (Correia): ivreg2, small, with the absorbed levels partialled out; df_a as in reghdfe, at least 1, and
# unlike reghdfe no further 1 when some effect is nested in a cluster variable; t with G-1.

# method: "2sls", "liml" or "gmm"; of GMM wmatrix: "unadjusted", "robust" or "cluster" (of `cluster`), steps: 2 or "iterated".
ivregress <- function(data, y, x = NULL, endog, instruments, vce = "unadjusted", cluster = NULL, small = FALSE,
                      factors = NULL, weights = NULL, weight_kind = "aweight", constant = TRUE, level = 95,
                      method = "2sls", wmatrix = NULL, steps = 2, centred = FALSE) {
  gmm <- method == "gmm"
  if (gmm && is.null(wmatrix)) wmatrix <- if (length(cluster)) "cluster" else "robust"
  vce <- if (gmm && missing(vce) && !length(cluster)) wmatrix else stata_vce(vce, cluster, c("unadjusted", "robust", "cluster"))
  frame <- stata_data(data, y, x, endog, instruments, factors, cluster, weights)
  how <- list(weight = stata_moment_weight(wmatrix), steps = steps, centred = centred, code = stata_only(frame[cluster]))
  fit <- stata_fit_frame(frame, y, x, factors, endog, instruments, constant = constant,
                         report = constant && !length(factors), weights = weights, weight_kind = weight_kind,
                         method = method, how = how)
  k <- stata_rank(fit)
  if (vce == "cluster") stata_one_cluster(frame, cluster)
  post <- stata_iv_vce(fit, frame, vce, cluster, small, k)
  command <- stata_line(paste("ivregress", method), y, c(x, stata_dummies_text(factors)), c(
    if (!constant) "noconstant", if (gmm) paste0("wmatrix(", stata_vce_text(wmatrix, if (wmatrix == "cluster") cluster), ")"),
    if (gmm || vce != "unadjusted") paste0("vce(", stata_vce_text(vce, cluster), ")"),
    if (identical(steps, "iterated")) "igmm", if (centred) "center", if (small) "small"
  ), stata_iv_text(endog, instruments, weights, weight_kind))
  stata_result(fit, post$v, post$df_r, command, k, frame[cluster], level)
}

stata_moment_weight <- function(wmatrix) if (identical(wmatrix, "unadjusted")) "iid" else wmatrix
stata_only <- function(columns) if (length(columns)) columns[[1L]]

ivreg2 <- function(data, y, x = NULL, endog = NULL, instruments = NULL, vce = "unadjusted", cluster = NULL, small = FALSE,
                   partial = NULL, time = NULL, lags = NULL, weights = NULL, weight_kind = "aweight", constant = TRUE,
                   level = 95, method = "2sls", kappa = NULL, fuller = 1, centred = FALSE) {
  vce <- stata_vce(vce, cluster, c("unadjusted", "robust", "cluster", "dkraay"))
  frame <- stata_data(data, y, x, endog, instruments, partial, c(cluster, time), weights)
  how <- list(weight = stata_moment_weight(vce), steps = 2, centred = centred, code = stata_only(frame[cluster]),
              efficient = TRUE, efficient_errors = TRUE, kappa = kappa, fuller = fuller)
  fit <- stata_fit_frame(frame, y, x, partial, endog, instruments, constant = constant,
                         report = constant && !length(partial), weights = weights, weight_kind = weight_kind,
                         method = method, how = how)
  k <- stata_rank(fit)
  post <- stata_iv_vce(fit, frame, vce, cluster, small, k, time, lags)
  command <- stata_line("ivreg2", y, c(x, stata_dummies_text(partial)), c(
    switch(vce, unadjusted = "", cluster = paste0("cluster(", paste(cluster, collapse = " "), ")"),
           dkraay = paste0("dkraay(", lags + 1, ")"), vce),
    if (length(partial)) paste0("partial(", paste0("i.", partial, collapse = " "), ")"),
    switch(method, "2sls" = NULL, gmm = "gmm2s", fuller = paste0("fuller(", fuller, ")"),
           kclass = paste0("kclass(", kappa, ")"), method), if (centred) "center",
    if (!constant) "noconstant", if (small) "small"
  ), stata_iv_text(endog, instruments, weights, weight_kind))
  result <- stata_result(fit, post$v, post$df_r, command, k, frame[cluster], level)
  if (!small) result$F <- result$F / post$small_factor
  result
}

ivreghdfe <- function(data, y, x, endog, instruments, absorb, vce = "unadjusted", cluster = NULL, weights = NULL,
                      weight_kind = "aweight", keepsingletons = FALSE, level = 95) {
  vce <- stata_vce(vce, cluster, c("unadjusted", "robust", "cluster"))
  frame <- stata_data(data, y, x, endog, instruments, absorb, cluster, weights)
  if (!keepsingletons) frame <- frame[stata_without_singletons(frame[absorb]), , drop = FALSE]
  fit <- stata_fit_frame(frame, y, x, absorb, endog, instruments, report = FALSE, weights = weights,
                         weight_kind = weight_kind)
  absorbed <- stata_df_absorbed(frame[absorb], frame[cluster])
  k <- fit$k + max(absorbed$df_a, 1)
  post <- stata_iv_vce(fit, frame, vce, cluster, TRUE, k)
  command <- stata_line("ivreghdfe", y, x, c(
    paste0("absorb(", paste(absorb, collapse = " "), ")"),
    if (vce == "cluster") paste0("cluster(", paste(cluster, collapse = " "), ")") else if (vce == "robust") "robust",
    if (keepsingletons) "keepsingletons"
  ), stata_iv_text(endog, instruments, weights, weight_kind))
  stata_result(fit, post$v, post$df_r, command, k, frame[cluster], level,
               df_a = absorbed$df_a, nested = absorbed$nested)
}

# V with or without the small-sample factor of ivregress and ivreg2, and the df of t (infinite without `small`).
stata_iv_vce <- function(fit, frame, vce, cluster, small, k, time = NULL, lags = NULL) {
  n <- fit$n_obs
  if (!is.null(fit$given)) {
    groups <- if (vce == "cluster") length(unique(frame[[cluster]]))
    v <- stata_named(fit$given, fit)
  } else if (vce == "cluster") {
    parts <- stata_cluster_parts(fit, frame[cluster])
    groups <- min(vapply(parts[seq_along(cluster)], `[[`, integer(1), "groups"))
    v <- stata_v_multiway(parts)
  } else if (vce == "dkraay") {
    groups <- length(unique(frame[[time]]))
    v <- stata_v_dkraay(fit, frame[[time]], lags, calendar = TRUE)
  } else {
    groups <- NULL
    v <- if (vce == "robust") stata_v_robust(fit) else stata_v_iid(fit)
  }
  factor <- if (is.null(groups)) n / (n - k) else stata_cluster_factor(n, k, groups)
  df_small <- if (is.null(groups)) n - k else groups - 1
  list(v = if (small) factor * v else v, df_r = if (small) df_small else Inf, small_factor = factor)
}

stata_iv_text <- function(endog, instruments, weights, weight_kind) {
  instrumented <- if (length(endog)) {
    paste0("(", paste(endog, collapse = " "), " = ", paste(instruments, collapse = " "), ")")
  }
  paste(c(instrumented, if (!is.null(weights)) stata_weight_text(weights, weight_kind)), collapse = " ")
}
