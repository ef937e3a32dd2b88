# xtreg_fe(), xtreg_re() and xtreg_be(): Stata's xtreg, fe, re and be in base R.
#
#   xtreg_fe(data, "y", "x", panel = "firm", factors = "year", cluster = "firm")
#                                                          xtreg y x i.year, fe vce(cluster firm)
#   xtreg_re(data, "y", c("x1", "x2"), panel = "firm")     xtreg y x1 x2, re
#   stata_hausman(xtreg_fe(...), xtreg_re(...))            hausman fe re
#
#   xtreg_be(data, "y", c("x1", "x2"), panel = "firm")     xtreg y x1 x2, be; with wls = TRUE weighted by rows of a panel
#
# Sources: [XT] xtreg, Methods and formulas. Fixed effects: s^2 = SSR/(N - n - K); vce(robust) is vce(cluster panel);
# with clusters the absorbed panels are not counted, the constant is: (N-1)/(N-K-1) G/(G-1), which needs panels nested
# in clusters. Random effects: Swamy and Arora (1972), unbalanced panels as Stata's default (not `sa`) has them:
#   s_e^2 = SSR_within/(N - n - K_within),  s_u^2 = max(0, SSR_between/(n - K) - s_e^2/T),  T the harmonic mean of T_i,
#   theta_i = 1 - sqrt(s_e^2/(T_i s_u^2 + s_e^2));  V = SSR*/(N-K) (X*'X*)^-1, z statistics,
# with `sa` s_u^2 is Baltagi and Chang's (1994), as in plm; equal on balanced panels:
#   s_u^2 = max(0, (SSR_b - (n - K) s_e^2)/(N - tr)),  SSR_b = sum T_i (mean y_i - mean x_i b)^2 of the between regression
#   weighted by T_i,  tr = trace((X'PX)^-1 sum T_i^2 mean x_i mean x_i');
# and with clusters (N-1)/(N-K) G/(G-1) times the sandwich of the transformed regression. (Recorded Stata 13 output of
# balanced and unbalanced panels, in linearmodels' tests, is reproduced to its 11 digits.) [R] hausman.

xtreg_fe <- function(data, y, x, panel, vce = "conventional", cluster = NULL, factors = NULL, weights = NULL,
                     weight_kind = "aweight", level = 95) {
  if (vce == "robust" && is.null(cluster)) cluster <- panel
  vce <- stata_vce(vce, cluster, c("conventional", "cluster"))
  frame <- stata_data(data, y, x, factors = c(panel, factors), other = cluster, weights = weights)
  if (!is.null(weights) && !stata_nested(frame[[panel]], frame[[weights]])) {
    stata_refuse("weight must be constant within ", panel, " (xtreg; areg and reghdfe take other weights)")
  }
  fit <- stata_fit_frame(frame, y, x, c(panel, factors), report = !length(factors), weights = weights,
                         weight_kind = weight_kind)
  n <- fit$n_obs
  k <- stata_rank(fit)
  if (vce == "cluster") {
    groups <- stata_one_cluster(frame, cluster)
    if (!stata_nested(frame[[panel]], frame[[cluster]])) stata_refuse("panels are not nested within clusters")
    counted <- k - length(unique(frame[[panel]])) + 1
    v <- stata_cluster_factor(n, counted, groups) * stata_v_cluster(fit, frame[[cluster]])
    df_r <- groups - 1
  } else {
    counted <- k
    v <- n / (n - k) * stata_v_iid(fit)
    df_r <- n - k
  }
  command <- stata_line("xtreg", y, c(x, stata_dummies_text(factors), stata_weight_text(weights, weight_kind)),
                        c("fe", if (length(cluster)) paste0("vce(cluster ", cluster, ")")))
  stata_result(fit, v, df_r, command, counted, frame[cluster], level)
}

xtreg_re <- function(data, y, x, panel, vce = "conventional", cluster = NULL, sa = FALSE, level = 95) {
  if (vce == "robust" && is.null(cluster)) cluster <- panel
  vce <- stata_vce(vce, cluster, c("conventional", "cluster"))
  frame <- stata_data(data, y, x, factors = panel, other = cluster)
  re <- stata_swamy_arora(frame, y, x, panel, sa)
  fit <- re$fit
  n <- fit$n_obs
  if (vce == "cluster") {
    groups <- stata_one_cluster(frame, cluster)
    if (!stata_nested(frame[[panel]], frame[[cluster]])) stata_refuse("panels are not nested within clusters")
    v <- stata_cluster_factor(n, fit$k, groups) * stata_v_cluster(fit, frame[[cluster]])
  } else {
    v <- n / (n - fit$k) * stata_v_iid(fit)
  }
  command <- stata_line("xtreg", y, x, c("re", if (sa) "sa", if (length(cluster)) paste0("vce(cluster ", cluster, ")")))
  stata_result(fit, v, Inf, command, fit$k, frame[cluster], level,
               sigma_e2 = re$sigma_e2, sigma_u2 = re$sigma_u2, theta = re$theta)
}

# The regression of the panels' means; N is counted in panels here, e(N) of Stata in rows.
xtreg_be <- function(data, y, x, panel, wls = FALSE, level = 95) {
  frame <- stata_data(data, y, x, factors = panel)
  code <- stata_codes(frame[[panel]])
  size <- tabulate(code)
  first <- match(seq_along(size), code)
  columns <- stata_matrix(frame, c(y, x))
  start <- columns[first, , drop = FALSE]
  means <- start + stata_sums(columns - start[code, , drop = FALSE], code) / size
  colnames(means) <- colnames(columns)
  fit <- stata_fit(means[, 1L], means[, -1L, drop = FALSE], weights = if (wls) size)
  k <- stata_rank(fit)
  if (length(size) <= k) stata_refuse("insufficient observations")
  stata_result(fit, length(size) / (length(size) - k) * stata_v_iid(fit), length(size) - k,
               stata_line("xtreg", y, x, c("be", if (wls) "wls")), k, level = level)
}

# Variance components, and the OLS fit of the quasi-demeaned data (its constant is the column 1 - theta).
stata_swamy_arora <- function(frame, y, x, panel, sa = FALSE) {
  code <- stata_codes(frame[[panel]])
  size <- tabulate(code)
  columns <- cbind(stata_matrix(frame, c(y, x)), "_cons" = 1)
  within <- stata_fit_frame(frame, y, x, panel)
  df_within <- nrow(frame) - stata_rank(within)
  if (df_within < 1) stata_refuse("insufficient observations")
  sigma_e2 <- within$ssr / df_within
  means <- stata_sums(columns, code) / size
  colnames(means) <- colnames(columns)
  sigma_u2 <- if (sa) stata_exact_between(means, size, sigma_e2) else stata_harmonic_between(means, size, sigma_e2)
  theta <- 1 - sqrt(sigma_e2 / (size * sigma_u2 + sigma_e2))
  moved <- columns - (theta * means)[code, , drop = FALSE]
  fit <- stata_fit(moved[, 1L], moved[, -1L, drop = FALSE], constant = FALSE)
  list(fit = fit, within = within, sigma_e2 = sigma_e2, sigma_u2 = sigma_u2, theta = theta)
}

# s_u^2 from the panels' means (outcome, regressors, constant) and their numbers of observations T_i.
stata_harmonic_between <- function(means, size, sigma_e2) {
  between <- stata_fit(means[, 1L], means[, -c(1L, ncol(means)), drop = FALSE])
  df_between <- length(size) - stata_rank(between)
  if (df_between < 1) stata_refuse("insufficient observations")
  max(0, between$ssr / df_between - sigma_e2 / (length(size) / sum(1 / size)))
}

stata_exact_between <- function(means, size, sigma_e2) {
  between <- stata_fit(means[, 1L], means[, -c(1L, ncol(means)), drop = FALSE], weights = size, weight_kind = "fweight")
  used <- means[, names(between$b), drop = FALSE]
  trace <- sum(between$bread * crossprod(size * used))
  max(0, (between$ssr - (length(size) - stata_rank(between)) * sigma_e2) / (sum(size) - trace))
}

# (b - B)'[V_b - V_B]^-1 (b - B) over the slopes that both estimate; fe, re: results with conventional V.
# Where V_b - V_B is singular (effects of years on a balanced panel, sigmamore), its rank is the df and a generalised
# inverse the weight. size: the within estimator's standard errors, which take the units out.
stata_hausman <- function(fe, re, size = sqrt(diag(fe$V))) {
  common <- setdiff(intersect(names(fe$b), names(re$b)), "_cons")
  if (!length(common)) return(NULL)
  gap <- (fe$b[common] - re$b[common]) / size[common]
  v <- (fe$V[common, common, drop = FALSE] - re$V[common, common, drop = FALSE]) / tcrossprod(size[common])
  axes <- eigen(v, symmetric = TRUE)
  kept <- abs(axes$values) > 1e-9 * max(abs(axes$values))
  if (!any(kept)) return(NULL)
  chi2 <- sum(drop(crossprod(axes$vectors[, kept, drop = FALSE], gap))^2 / axes$values[kept])
  list(chi2 = chi2, df = sum(kept), p = stats::pchisq(chi2, sum(kept), lower.tail = FALSE))
}
