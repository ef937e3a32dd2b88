# mlogit(), ologit(), oprobit() and tobit() (stata_tobit.R) as Stata's commands of the same name estimate them.
#
#   mlogit(data, "y", c("x1", "x2"), baseoutcome = 2)              mlogit y x1 x2, baseoutcome(2)
#   ologit(data, "y", "x", vce = "robust")                         ologit y x, vce(robust)
#   oprobit(data, "y", "x", cluster = "firm")                      oprobit y x, vce(cluster firm)
#   weights = "w", weight_kind = "fweight" or "pweight"            [fweight = w]
#
# Sources: [R] mlogit, ologit, oprobit, Methods and formulas: V is the inverse of minus the second derivatives; [P] _robust, as
# of logit. Coefficients are named e1:x1 of the first outcome beside the base, or x1 and /cut1 where outcomes are ordered.

# Newton's steps on all parameters. at(b): list(ll, score, information) of rows, or NULL where b is no point of the model.
stata_newton <- function(at, b, w) {
  now <- at(b)
  for (i in seq_len(STATA_ML_MOST)) {
    v <- tryCatch(chol2inv(chol(now$information)), error = function(e) stata_refuse("convergence not achieved"))
    step <- drop(v %*% crossprod(now$score, w))
    total <- sum(w * now$ll)
    size <- 1
    repeat {
      found <- at(b + size * step)
      if (!is.null(found) && isTRUE(sum(w * found$ll) >= total - abs(total) * STATA_ML_STEP)) break
      size <- size / 2
      if (size < 1e-12) stata_refuse("convergence not achieved")
    }
    last <- b
    b <- b + size * step
    now <- found
    if (max(abs(b)) > 500) stata_refuse("outcome = the regressors predict data perfectly")
    if (size == 1 && max(abs(b - last)) < STATA_ML_STEP * max(1, max(abs(b)))) return(c(now, list(b = b)))
  }
  stata_refuse("convergence not achieved")
}

# Orthogonal columns of mean square one, and what takes their coefficients to those of x.
stata_orthogonal <- function(x) {
  length <- sqrt(colSums(x^2))
  decomposed <- qr(sweep(x, 2L, length, "/"), tol = 1e-15)
  n <- sqrt(nrow(x))
  list(q = qr.Q(decomposed) * n, back = solve(qr.R(decomposed))[order(decomposed$pivot), , drop = FALSE] / length * n)
}

stata_mlogit <- function(y, x, base, constant, w) {
  values <- sort(unique(y))
  others <- values[values != base]
  columns <- if (constant) cbind(x, `_cons` = 1) else x
  basis <- stata_orthogonal(columns)
  k <- ncol(columns)
  chosen <- outer(y, others, "==") + 0
  at <- function(b) {
    index <- cbind(0, basis$q %*% matrix(b, k))
    top <- do.call(pmax, as.data.frame(index))
    bottom <- top + log(rowSums(exp(index - top)))
    p <- exp(index[, -1L, drop = FALSE] - bottom)
    left <- chosen - p
    score <- do.call(cbind, lapply(seq_along(others), function(j) left[, j] * basis$q))
    blocks <- lapply(seq_along(others), function(i) do.call(cbind, lapply(seq_along(others), function(j) {
      crossprod(basis$q, basis$q * (w * p[, i] * ((i == j) - p[, j])))
    })))
    place <- match(y, others, nomatch = 0L) + 1L
    list(ll = index[cbind(seq_along(y), place)] - bottom, score = score, information = do.call(rbind, blocks))
  }
  found <- stata_newton(at, numeric(k * length(others)), w)
  names <- paste0("e", rep(seq_along(others), each = k), ":", rep(colnames(columns), length(others)))
  stata_outcomes_fit(found, diag(length(others)) %x% basis$back, names, y, w)
}

stata_ordered <- function(model, y, x, w, information = "observed") {
  cuts <- length(unique(y)) - 1L
  y <- match(y, sort(unique(y)))
  centre <- colSums(x * w) / sum(w)
  basis <- stata_orthogonal(sweep(x, 2L, centre))
  k <- ncol(x)
  below <- if (model == "ologit") stats::plogis else stats::pnorm
  density <- if (model == "ologit") stats::dlogis else stats::dnorm
  slope <- if (model == "ologit") function(z) -stats::dlogis(z) * tanh(z / 2) else function(z) -z * stats::dnorm(z)
  # of rows whose outcome is j: p, and what the lower and the upper end add to slope and curvature of its logarithm
  at <- function(b, j = y) {
    ends <- c(-Inf, b[k + seq_len(cuts)], Inf)
    if (is.unsorted(ends, strictly = TRUE)) return(NULL)
    index <- drop(basis$q %*% b[seq_len(k)])
    low <- ends[j] - index
    high <- ends[j + 1L] - index
    p <- ifelse(low > 0, below(low, lower.tail = FALSE) - below(high, lower.tail = FALSE), below(high) - below(low))
    one <- function(z, sign) {
      open <- is.infinite(z)
      z[open] <- 0
      list(first = ifelse(open, 0, sign * density(z) / p), second = ifelse(open, 0, sign * slope(z) / p))
    }
    down <- one(low, -1)
    up <- one(high, 1)
    reach <- function(end) {  # which cut, or none, an end is
      out <- matrix(0, length(j), cuts)
      inside <- end >= 1L & end <= cuts
      out[cbind(which(inside), end[inside])] <- 1
      cbind(-basis$q * inside, out)
    }
    lower <- reach(j - 1L)
    upper <- reach(j)
    score <- upper * up$first + lower * down$first
    curved <- crossprod(upper, upper * (w * up$second)) + crossprod(lower, lower * (w * down$second))
    list(ll = log(p), score = score, information = crossprod(score, score * w) - curved, p = p)
  }
  start <- cumsum(rowsum(w, y)) / sum(w)
  start <- if (model == "ologit") stats::qlogis(start[seq_len(cuts)]) else stats::qnorm(start[seq_len(cuts)])
  found <- stata_newton(at, c(numeric(k), start), w)
  if (information == "expected") {
    found$information <- Reduce(`+`, lapply(seq_len(cuts + 1L), function(j) {
      of <- at(found$b, rep(j, length(y)))
      crossprod(of$score, of$score * (w * of$p))
    }))
  }
  move <- rbind(cbind(basis$back, matrix(0, k, cuts)), cbind(matrix(1, cuts, 1L) %*% (centre %*% basis$back), diag(cuts)))
  stata_outcomes_fit(found, move, c(colnames(x), paste0("/cut", seq_len(cuts))), y, w)
}

# move: what takes the parameters to those of the data.
stata_outcomes_fit <- function(found, move, names, y, w) {
  bread <- move %*% chol2inv(chol(found$information)) %*% t(move)
  dimnames(bread) <- list(names, names)
  b <- stats::setNames(drop(move %*% found$b), names)
  counts <- drop(rowsum(w, y))
  list(b = b, bread = (bread + t(bread)) / 2, pull = found$score %*% solve(move) %*% bread, ll = sum(w * found$ll), prior = w,
       score = w, ll_0 = sum(counts * log(counts / sum(counts))))
}

# ---------------------------------------------------------------- the commands

mlogit <- function(data, y, x, ...) stata_outcomes_command("mlogit", data, y, x, ...)
ologit <- function(data, y, x, ...) stata_outcomes_command("ologit", data, y, x, ...)
oprobit <- function(data, y, x, ...) stata_outcomes_command("oprobit", data, y, x, ...)
tobit <- function(data, y, x, ...) stata_outcomes_command("tobit", data, y, x, ...)

stata_outcomes_command <- function(model, data, y, x, baseoutcome = NULL, vce = "oim", cluster = NULL, weights = NULL,
                                   weight_kind = "fweight", constant = TRUE, limits = NULL, level = 95) {
  vce <- stata_vce(vce, cluster, c("oim", "robust", "cluster"))
  frame <- stata_data(data, y, x, other = cluster, weights = weights)
  w <- if (is.null(weights)) rep(1, nrow(frame)) else as.double(frame[[weights]])
  counts <- !is.null(weights) && weight_kind == "fweight"
  if (!is.null(weights) && !counts && vce == "oim") vce <- "robust"
  outcome <- as.double(frame[[y]])
  if (model == "mlogit" && is.null(baseoutcome)) baseoutcome <- stata_base(outcome, if (counts) w, "frequent")
  fit <- stata_outcomes(model, outcome, stata_matrix(frame, x), baseoutcome, constant, w, "observed", limits)
  n <- if (counts) sum(w) else nrow(frame)
  groups <- if (vce == "cluster") stata_one_cluster(frame, cluster)
  v <- switch(vce, oim = fit$bread, robust = n / (n - 1) * stata_ml_robust(fit, counts),
              cluster = groups / (groups - 1) * stata_ml_clustered(fit, frame[[cluster]]))
  dimnames(v) <- list(names(fit$b), names(fit$b))
  command <- stata_line(model, y, c(x, stata_weight_text(weights, weight_kind)),
                        c(if (!is.null(baseoutcome)) paste0("baseoutcome(", baseoutcome, ")"), stata_limits_text(limits),
                          if (!constant) "noconstant", if (vce != "oim") paste0("vce(", stata_vce_text(vce, cluster), ")")))
  list(b = fit$b, V = v, N = n, ll = fit$ll, ll_0 = fit$ll_0, N_clust = groups, df_r = Inf, fit = fit, command = command,
       table = stata_table(fit$b, v, Inf, level))
}

# The outcome that others are held against, where none is named; counts: how many rows each row stands for, or NULL.
stata_base <- function(y, counts, base_outcome) {
  values <- sort(unique(y))
  switch(base_outcome, first = values[1L], last = values[length(values)],
         values[which.max(rowsum(if (is.null(counts)) rep(1, length(y)) else counts, y)[, 1L])])
}

stata_outcomes <- function(model, y, x, base, constant, w, information, limits = NULL) {
  if (model == "tobit") return(stata_tobit(y, x, limits, w))
  if (model == "mlogit") stata_mlogit(y, x, base, constant, w) else stata_ordered(model, y, x, w, information)
}

# ---------------------------------------------------------------- asked as an engine

stata_is_outcomes <- function(request) request$model %in% c("mlogit", "ologit", "oprobit", "tobit", "ivprobit", "arima")

stata_outcomes_terms <- function(request) {
  if (request$model == "tobit") return(c(stata_terms(request), "/sigma"))
  if (stata_is_joint(request)) return(stata_joint_terms(request))
  if (stata_is_series(request)) return(stata_series_terms(request))
  outcomes <- length(unique(request$data$y))
  if (request$model != "mlogit") return(c(stata_names("x", request$n_x), paste0("/cut", seq_len(outcomes - 1L))))
  as.vector(outer(stata_terms(request), paste0("e", seq_len(outcomes - 1L)), function(term, e) paste0(e, ":", term)))
}

stata_outcomes_answer <- function(request) {
  terms <- stata_outcomes_terms(request)
  result <- if (stata_ml_is_own(request)) stata_outcomes_native(request)
  fit <- if (is.null(result)) stata_outcomes_plain(request) else result$fit
  covariance <- if (is.null(result)) stata_ml_uncorrected(request, fit, terms) else stata_own(request, result, terms)
  nobs <- if (identical(request$weight_kind, "frequency")) sum(fit$prior) else nrow(request$data)
  c(
    list(terms = terms, coef = unname(fit$b[stata_internal(terms)])), covariance,
    list(stats = c(list(ll = fit$ll), if (!is.null(fit$ll_0)) list(ll_0 = fit$ll_0)), reported = list(nobs = nobs, df_resid = nobs - length(fit$b)),
         accuracy = if (stata_is_series(request)) "iterative" else "normal-equations", versions = list(R = as.character(getRversion())),
         command = if (is.null(result)) stata_ml_text(request) else result$command)
  )
}

stata_base_of <- function(request) {
  if (request$model != "mlogit") return(NULL)
  counts <- if (identical(request$weight_kind, "frequency")) request$data$w
  request$base %||% stata_base(request$data$y, counts, request$convention$base_outcome)
}

stata_outcomes_native <- function(request) {
  if (stata_is_joint(request)) return(stata_joint_native(request))
  if (stata_is_series(request)) return(stata_series_native(request))
  vce <- switch(request$vcov$kind, iid = "oim", HC1 = "robust", "cluster")
  weighted <- !is.null(request$weight_kind)
  stata_outcomes_command(
    request$model, request$data, "y", stata_names("x", request$n_x), baseoutcome = stata_base_of(request), vce = vce,
    cluster = stata_or_null(request$clusters), weights = if (weighted) "w",
    weight_kind = if (identical(request$weight_kind, "frequency")) "fweight" else "pweight", constant = request$intercept, limits = request$limits
  )
}

stata_outcomes_plain <- function(request) {
  if (stata_is_joint(request)) return(stata_joint_plain(request))
  if (stata_is_series(request)) return(stata_series_plain(request))
  data <- request$data
  w <- if (is.null(request$weight_kind)) rep(1, nrow(data)) else data$w
  stata_outcomes(request$model, data$y, stata_matrix(data, stata_names("x", request$n_x)), stata_base_of(request), request$intercept, w,
                 request$convention$information, request$limits)
}
