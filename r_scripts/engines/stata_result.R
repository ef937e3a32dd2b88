# What the Stata-style functions share at their ends: reading columns of a data frame, and the result as Stata posts it.

# The columns a command uses, complete cases only, as a list of matrices and vectors.
#   y, x, endog, z   column names; factors: columns that enter as dummies or are absorbed; other: further columns kept
stata_data <- function(data, y, x = NULL, endog = NULL, z = NULL, factors = NULL, other = NULL, weights = NULL) {
  used <- unique(c(y, x, endog, z, factors, other, weights))
  unknown <- setdiff(used, names(data))
  if (length(unknown)) stop("variable ", unknown[1L], " not found", call. = FALSE)
  frame <- as.data.frame(data)[used]
  keep <- stats::complete.cases(frame)
  if (!is.null(weights)) keep <- keep & !is.na(frame[[weights]]) & frame[[weights]] > 0
  frame <- frame[keep, , drop = FALSE]
  if (!nrow(frame)) stop("no observations", call. = FALSE)
  frame
}

stata_matrix <- function(frame, names) {
  m <- vapply(names, function(name) as.double(frame[[name]]), double(nrow(frame)))
  matrix(m, nrow(frame), length(names), dimnames = list(NULL, names))
}

# fit of a command's columns; factors are absorbed.
stata_fit_frame <- function(frame, y, x, factors = NULL, endog = NULL, z = NULL, constant = TRUE, report = constant,
                            weights = NULL, weight_kind = "aweight", method = "2sls", how = list()) {
  if (!is.null(weights) && !weight_kind %in% c("aweight", "fweight")) stop("weight_kind: aweight or fweight", call. = FALSE)
  arguments <- list(
    as.double(frame[[y]]), stata_matrix(frame, x),
    endog = if (length(endog)) stata_matrix(frame, endog), z = if (length(endog)) stata_matrix(frame, z),
    effects = frame[factors], constant = constant, report = report,
    weights = if (!is.null(weights)) as.double(frame[[weights]]), weight_kind = weight_kind
  )
  if (method == "2sls") return(do.call(stata_fit, arguments))
  do.call(stata_moment_fit, c(arguments, list(method = method, how = how)))
}

# b with standard errors, t or z, two-sided p and confidence limits; df = Inf for the normal distribution.
stata_table <- function(b, v, df, level = 95) {
  se <- stata_roots(diag(v))
  t <- b / se
  half <- stats::qt(0.5 + level / 200, df) * se
  cbind(b = b, se = se, t = t, p = 2 * stats::pt(-abs(t), df), low = b - half, high = b + half)
}

# Multiway covariances may have negative variances, which have no standard error.
stata_roots <- function(variances) sqrt(ifelse(variances >= 0, variances, NaN))

# Wald statistic of all slopes over their number, [R] test; NA where V is singular (too few clusters), as Stata's F is.
stata_wald <- function(b, v) {
  slopes <- names(b) != "_cons"
  if (!any(slopes)) return(NA_real_)
  size <- stata_roots(diag(v)[slopes])
  if (anyNA(size) || any(size <= 0)) return(NA_real_)
  correlation <- v[slopes, slopes, drop = FALSE] / tcrossprod(size)
  spectrum <- eigen(correlation, symmetric = TRUE)
  if (min(spectrum$values) < 1e-10) return(NA_real_)
  z <- crossprod(spectrum$vectors, b[slopes] / size)
  sum(z^2 / spectrum$values) / sum(slopes)
}

# The posted result. V: complete covariance; df_r: Inf where the command reports z; F: Wald over q with this V.
# counted: K of the small-sample factor, for a person to see.
stata_result <- function(fit, v, df_r, command, counted = NA, clusters = NULL, level = 95, ...) {
  result <- list(
    b = fit$b, V = v, N = fit$n_obs, df_r = df_r, df_m = fit$k, F = stata_wald(fit$b, v), r2 = 1 - fit$ssr / fit$tss,
    r2_within = 1 - fit$ssr / fit$tss_within, rss = fit$ssr, K = counted, table = stata_table(fit$b, v, df_r, level),
    N_clust = if (length(clusters)) min(vapply(clusters, function(g) length(unique(g)), integer(1))),
    omitted = fit$omitted, command = command, fit = fit, ...
  )
  structure(result, class = "stata_result")
}

print.stata_result <- function(x, ...) {
  cat(x$command, "\n", sep = "")
  counts <- c(N = x$N, clusters = x$N_clust, R2 = x$r2, df = x$df_r, F = x$F, K = x$K)
  cat(paste(names(counts), formatC(counts, digits = 7, width = 1), sep = " = ", collapse = "   "), "\n")
  table <- x$table
  colnames(table) <- c("Coefficient", "Std. err.", if (is.finite(x$df_r)) "t" else "z", "P", "Lower", "Upper")
  print(signif(table, 8))
  invisible(x)
}

# (N - 1)/(N - K) G/(G - 1), [P] _robust, Methods and formulas.
stata_cluster_factor <- function(n, k, groups) (n - 1) / (n - k) * groups / (groups - 1)

stata_vce_text <- function(vce, cluster) if (length(cluster)) paste0("cluster ", paste(cluster, collapse = " ")) else vce

# `vce` once a cluster variable is named; anything the command does not know is refused.
stata_vce <- function(vce, cluster, known) {
  if (length(cluster)) vce <- "cluster"
  if (!vce %in% known) stata_refuse("vcetype '", vce, "' not allowed")
  if (vce == "cluster" && !length(cluster)) stata_refuse("vce(cluster) needs a cluster variable")
  vce
}

stata_one_cluster <- function(frame, cluster) {
  if (length(cluster) > 1L) stata_refuse("multiway clusters: parity does not have Stata 18's own factor for them")
  groups <- length(unique(frame[[cluster]]))
  if (groups < 2L) stata_refuse("insufficient clusters")
  groups
}

stata_line <- function(name, y, x, options, middle = "") {
  words <- c(y, x, middle)
  regressors <- paste(words[nzchar(words)], collapse = " ")
  options <- options[nzchar(options)]
  paste0(name, " ", regressors, if (length(options)) paste0(", ", paste(options, collapse = " ")))
}

stata_weight_text <- function(weights, weight_kind) if (is.null(weights)) "" else paste0("[", weight_kind, "=", weights, "]")

stata_dummies_text <- function(factors) if (length(factors)) paste0("i.", factors)
