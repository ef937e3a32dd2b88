# reghdfe(): linear regression with several absorbed effects as the Stata package reghdfe (Correia 2017) estimates it.
#
#   reghdfe(data, "y", c("x1", "x2"), absorb = c("firm", "year"), cluster = "firm")
#                                                       reghdfe y x1 x2, absorb(firm year) vce(cluster firm)
#   cluster = c("firm", "year")                         vce(cluster firm year)
#   vce = "dkraay", time = "year", lags = 2             vce(dkraay 3): its bandwidth is lags + 1
#   absorb = NULL                                       noabsorb
#
# Facts from reghdfe 6.12 and 6.13 (reghdfe.mata: estimate_dof, reghdfe_vce_cluster, reghdfe_vce_dkraay):
# singletons are dropped until none is left. df_a counts levels less redundant ones: effects nested in a cluster variable
# count nothing; the first other effect loses one level if some effect is nested; every further one loses the most
# mobility groups it forms with an earlier one (Abowd, Creecy and Kramarz 2002), at least one. Factors: N/(N-K-df_a) for
# iid and robust; clusters (N-1)/(N-K-df_a-1[some effect nested]) G/(G-1) with the fewest groups G, once on the sum of
# all components (Cameron, Gelbach and Miller 2011), negative eigenvalues set to zero; Driscoll-Kraay
# (N-1)/(N-K-df_a) T/(T-1). df_r = N-K-df_a, at most G-1 or T-1.

reghdfe <- function(data, y, x, absorb = NULL, vce = "unadjusted", cluster = NULL, time = NULL, lags = NULL,
                    weights = NULL, weight_kind = "aweight", keepsingletons = FALSE, level = 95) {
  vce <- stata_vce(vce, cluster, c("unadjusted", "robust", "cluster", "dkraay"))
  frame <- stata_data(data, y, x, factors = absorb, other = c(cluster, time), weights = weights)
  if (length(absorb) && !keepsingletons) frame <- frame[stata_without_singletons(frame[absorb]), , drop = FALSE]
  fit <- stata_fit_frame(frame, y, x, absorb, weights = weights, weight_kind = weight_kind)
  absorbed <- stata_df_absorbed(frame[absorb], frame[cluster])
  post <- stata_reghdfe_vce(fit, frame, vce, cluster, time, lags, absorbed)
  if (vce == "dkraay") vce_text <- paste("dkraay", lags + 1) else vce_text <- stata_vce_text(vce, cluster)
  command <- stata_line("reghdfe", y, c(x, stata_weight_text(weights, weight_kind)), c(
    if (length(absorb)) paste0("absorb(", paste(absorb, collapse = " "), ")") else "noabsorb",
    if (vce != "unadjusted") paste0("vce(", vce_text, ")"),
    if (keepsingletons) "keepsingletons"
  ))
  stata_result(fit, post$v, post$df_r, command, post$k, frame[cluster], level,
               df_a = absorbed$df_a, repaired = post$repaired)
}

# reghdfe's df_a, and whether some effect is nested in a cluster variable.
stata_df_absorbed <- function(effects, clusters) {
  if (!length(effects)) return(list(df_a = 1, nested = FALSE))
  nested <- vapply(effects, function(f) any(vapply(clusters, function(g) stata_nested(f, g), logical(1))), logical(1))
  rest <- effects[!nested]
  lost <- vapply(seq_along(rest), function(j) {
    groups <- vapply(seq_len(j - 1L), function(i) stata_mobility_groups(rest[[i]], rest[[j]]), integer(1))
    max(as.integer(j > 1L || any(nested)), groups)
  }, numeric(1))
  levels <- vapply(rest, function(f) length(unique(f)), integer(1))
  list(df_a = sum(levels) - sum(lost), nested = any(nested))
}

stata_reghdfe_vce <- function(fit, frame, vce, cluster, time, lags, absorbed) {
  n <- fit$n_obs
  k <- fit$k + absorbed$df_a
  df_r <- n - k
  repaired <- FALSE
  if (vce == "cluster") {
    parts <- stata_cluster_parts(fit, frame[cluster])
    groups <- min(vapply(parts[seq_along(cluster)], `[[`, integer(1), "groups"))
    if (groups < 2L) stata_refuse("insufficient clusters")
    k <- k + absorbed$nested
    df_r <- min(df_r, groups - 1)
    v <- stata_cluster_factor(n, k, groups) * stata_v_multiway(parts)
    if (length(cluster) > 1L) {
      fixed <- stata_repaired_slopes(v)
      v <- fixed$v
      repaired <- fixed$changed
    }
  } else if (vce == "dkraay") {
    periods <- length(unique(frame[[time]]))
    df_r <- min(df_r, periods - 1)
    v <- stata_cluster_factor(n, k, periods) * stata_v_dkraay(fit, frame[[time]], lags)
  } else {
    v <- n / (n - k) * (if (vce == "robust") stata_v_robust(fit) else stata_v_iid(fit))
  }
  list(v = v, df_r = df_r, k = k, repaired = repaired)
}

# The repair of the whole matrix, and of the slopes' own block by itself.
stata_repaired_slopes <- function(v) {
  whole <- stata_repaired(v)
  slopes <- rownames(v) != "_cons"
  block <- stata_repaired(v[slopes, slopes, drop = FALSE])
  whole$v[slopes, slopes] <- block$v
  list(v = whole$v, changed = block$changed)
}
