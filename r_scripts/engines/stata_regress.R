# regress() and areg(): linear regression as Stata's commands of the same name estimate it, in base R.
#
#   regress(data, "y", c("x1", "x2"))                                  regress y x1 x2
#   regress(data, "y", "x", vce = "robust")                            regress y x, vce(robust)
#   regress(data, "y", "x", cluster = "firm")                          regress y x, vce(cluster firm)
#   regress(data, "y", "x", factors = c("firm", "year"))               regress y x i.firm i.year
#   areg(data, "y", "x", absorb = "firm", cluster = "firm")            areg y x, absorb(firm) vce(cluster firm)
#   areg(data, "y", "x", absorb = "firm", factors = "year")            areg y x i.year, absorb(firm)
#   weights = "w", weight_kind = "aweight" or "fweight"                [aweight = w]
#
# Both return b, V, N, df_r, df_m, F, r2, N_clust and a table of inference. Coefficients of `factors` are not shown.
# For several scripts at once: for (f in list.files(folder, "^stata_", full.names = TRUE)) source(f)
#
# Sources: [R] regress, Methods and formulas ("Robust calculation for regress": q_c = N/(N-k), and
# (N-1)/(N-k) M/(M-1) with M clusters; df M - 1); [R] areg, Methods and formulas (k counts the absorbed levels, for every
# vce). MacKinnon and White (1985) for hc2 and hc3. Stata's K of a regression with dummies is the rank of the design.

regress <- function(data, y, x = NULL, vce = "ols", cluster = NULL, factors = NULL, weights = NULL,
                    weight_kind = "aweight", constant = TRUE, level = 95) {
  vce <- stata_vce(vce, cluster, c("ols", "robust", "hc2", "hc3", "cluster"))
  frame <- stata_data(data, y, x, factors = factors, other = cluster, weights = weights)
  # with dummies Stata's _cons belongs to the base levels; areg() has the one at the mean, so here there is none
  fit <- stata_fit_frame(frame, y, x, factors, constant = constant, report = constant && !length(factors),
                         weights = weights, weight_kind = weight_kind)
  result <- stata_linear(fit, frame, vce, cluster)
  command <- stata_line("regress", y, c(x, stata_dummies_text(factors), stata_weight_text(weights, weight_kind)),
                        c(if (!constant) "noconstant", stata_vce_option(vce, cluster)))
  stata_result(fit, result$v, result$df_r, command, result$k, frame[cluster], level)
}

areg <- function(data, y, x, absorb, vce = "ols", cluster = NULL, factors = NULL, weights = NULL,
                 weight_kind = "aweight", level = 95) {
  vce <- stata_vce(vce, cluster, c("ols", "robust", "cluster"))
  if (length(absorb) != 1L) stop("areg absorbs one variable; further ones are `factors`", call. = FALSE)
  frame <- stata_data(data, y, x, factors = c(absorb, factors), other = cluster, weights = weights)
  fit <- stata_fit_frame(frame, y, x, c(absorb, factors), report = !length(factors), weights = weights,
                         weight_kind = weight_kind)
  result <- stata_linear(fit, frame, vce, cluster)
  command <- stata_line("areg", y, c(x, stata_dummies_text(factors), stata_weight_text(weights, weight_kind)),
                        c(paste0("absorb(", absorb, ")"), stata_vce_option(vce, cluster)))
  stata_result(fit, result$v, result$df_r, command, result$k, frame[cluster], level)
}

stata_vce_option <- function(vce, cluster) if (vce != "ols") paste0("vce(", stata_vce_text(vce, cluster), ")")

# V and df of regress and areg: every parameter is counted, nested or not.
stata_linear <- function(fit, frame, vce, cluster) {
  n <- fit$n_obs
  k <- stata_rank(fit)
  if (vce == "cluster") {
    groups <- stata_one_cluster(frame, cluster)
    v <- stata_cluster_factor(n, k, groups) * stata_v_cluster(fit, frame[[cluster]])
    return(list(v = v, df_r = groups - 1, k = k))
  }
  v <- switch(vce,
    ols = n / (n - k) * stata_v_iid(fit),
    robust = n / (n - k) * stata_v_robust(fit),
    hc2 = stata_v_hc(fit, "HC2"),
    hc3 = stata_v_hc(fit, "HC3")
  )
  list(v = v, df_r = n - k, k = k)
}
