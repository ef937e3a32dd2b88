# logit(), probit() and poisson() as Stata's commands of the same name estimate them, with or without absorbed effects.
#
#   logit(data, "y", c("x1", "x2"))                                logit y x1 x2
#   probit(data, "y", "x", vce = "robust")                         probit y x, vce(robust)
#   poisson_ml(data, "y", "x", cluster = "firm")                   poisson y x, vce(cluster firm)
#   weights = "w", weight_kind = "fweight" or "pweight"            [fweight = w]
#   absorb = c("firm", "year")                                     y x i.firm i.year, the dummies not shown
#
# Sources: [R] logit, probit, poisson, Methods and formulas: Newton's steps on the log likelihood, V the inverse of minus the
# second derivatives; [P] _robust: N/(N-1) of scores by row, M/(M-1) of M clusters, no other factor; z, the normal.
# A step is a regression of the index plus score over curvature, weighted by the curvature: stata_fit does it, and takes the
# effects out of its columns.

STATA_ML_STEP <- 1e-10
STATA_ML_MOST <- 100L

# Of each row, at its index: log likelihood, slope, minus the second derivative, and its expectation.
stata_ml_at <- function(model, index, y) {
  if (model == "poisson") {
    mean <- exp(index)
    return(list(ll = y * index - mean - lgamma(y + 1), slope = y - mean, observed = mean, expected = mean))
  }
  sign <- 2 * y - 1
  if (model == "logit") {
    p <- stats::plogis(index)
    q <- stats::plogis(-index)
    return(list(ll = stats::plogis(sign * index, log.p = TRUE), slope = ifelse(y > 0, q, -p), observed = p * q, expected = p * q))
  }
  z <- sign * index
  ll <- stats::pnorm(z, log.p = TRUE)
  ratio <- exp(stats::dnorm(z, log = TRUE) - ll)
  list(ll = ll, slope = sign * ratio, observed = ratio * (ratio + z),
       expected = exp(2 * stats::dnorm(z, log = TRUE) - ll - stats::pnorm(-z, log.p = TRUE)))
}

stata_ml_start <- function(model, y, w) {
  mean <- (y + sum(w * y) / sum(w)) / 2
  switch(model, logit = stats::qlogis(mean), probit = stats::qnorm(mean), poisson = log(mean))
}

# information: "observed", Stata's, or "expected". The fit of the last step: its pull holds V x_i.
stata_ml <- function(model, y, x, effects = list(), constant = TRUE, w = rep(1, length(y)), information = "observed",
                     offset = 0) {
  step <- function(index, at, h) {
    stata_fit(index + at$slope / at$observed, x, effects = effects, constant = constant,
              report = constant && !length(effects), weights = h, weight_kind = "fweight")
  }
  # the index without its offset, from the same means whatever the unit of an exposure
  index <- if (length(effects)) stata_ml_start(model, y, w) - offset else {
    rep(if (constant) -sum(w * offset) / sum(w * rep(1, length(y))) else 0, length(y))
  }
  at <- stata_ml_at(model, index + offset, y)
  total <- if (length(effects)) -Inf else sum(w * at$ll)
  for (i in seq_len(STATA_ML_MOST)) {
    fit <- step(index, at, w * at$observed)
    goal <- index + at$slope / at$observed - fit$e
    last <- index
    size <- 1
    repeat {
      index <- last + size * (goal - last)
      at <- stata_ml_at(model, index + offset, y)
      now <- sum(w * at$ll)
      if (is.finite(now) && now >= total - abs(total) * STATA_ML_STEP || !is.finite(total) || size < 1e-12) break
      size <- size / 2
    }
    total <- now
    if (max(abs(index)) > 500) stata_refuse("outcome = the regressors predict data perfectly")
    if (size == 1 && max(abs(index - last)) < STATA_ML_STEP * max(1, max(abs(index)))) {
      last <- step(index, at, w * at[[information]])
      fit$pull <- last$pull
      fit$bread <- last$bread
      return(c(fit, list(ll = total, score = w * at$slope, prior = w)))
    }
  }
  stata_refuse("convergence not achieved")
}

# Scores between two inverse informations, without factor. counts: a weight says how many rows a row stands for
stata_ml_robust <- function(fit, counts) {
  score <- if (counts) fit$score / sqrt(fit$prior) else fit$score
  crossprod(fit$pull * score)
}

stata_ml_clustered <- function(fit, code) crossprod(rowsum(fit$pull * fit$score, code, reorder = FALSE))

# offset: NULL, or what the index has beside the constant.
stata_ml_null <- function(model, y, w, constant, offset = NULL) {
  if (!is.null(offset)) {
    likelihood <- function(a, part) sum(w * stata_ml_at(model, a + offset, y)[[part]])
    middle <- -sum(w * offset) / sum(w)
    if (!constant) return(likelihood(0, "ll"))
    return(likelihood(stats::uniroot(likelihood, middle + c(-1, 1), part = "slope", extendInt = "downX", tol = 1e-14)$root, "ll"))
  }
  mean <- sum(w * y) / sum(w)
  index <- if (!constant) 0 else switch(model, logit = stats::qlogis(mean), probit = stats::qnorm(mean), poisson = log(mean))
  sum(w * stata_ml_at(model, rep(index, length(y)), y)$ll)
}

# ---------------------------------------------------------------- the commands

logit <- function(data, y, x, ...) stata_ml_command("logit", data, y, x, ...)
probit <- function(data, y, x, ...) stata_ml_command("probit", data, y, x, ...)
poisson_ml <- function(data, y, x, ...) stata_ml_command("poisson", data, y, x, ...)

stata_ml_command <- function(model, data, y, x, vce = "oim", cluster = NULL, absorb = NULL, weights = NULL,
                             weight_kind = "fweight", constant = TRUE, level = 95, offset = NULL) {
  vce <- stata_vce(vce, cluster, c("oim", "robust", "cluster"))
  frame <- stata_data(data, y, c(x, offset), factors = absorb, other = cluster, weights = weights)
  beside <- if (is.null(offset)) 0 else as.double(frame[[offset]])
  w <- if (is.null(weights)) rep(1, nrow(frame)) else as.double(frame[[weights]])
  counts <- !is.null(weights) && weight_kind == "fweight"
  if (!is.null(weights) && !counts && vce == "oim") vce <- "robust"
  fit <- stata_ml(model, as.double(frame[[y]]), stata_matrix(frame, x), frame[absorb], constant, w, offset = beside)
  n <- if (counts) sum(w) else nrow(frame)
  groups <- if (vce == "cluster") stata_one_cluster(frame, cluster)
  v <- switch(vce, oim = fit$bread, robust = n / (n - 1) * stata_ml_robust(fit, counts),
              cluster = groups / (groups - 1) * stata_ml_clustered(fit, frame[[cluster]]))
  dimnames(v) <- list(names(fit$b), names(fit$b))
  command <- stata_line(model, y, c(x, stata_dummies_text(absorb), stata_weight_text(weights, weight_kind)),
                        c(if (!constant) "noconstant", if (!is.null(offset)) paste0("offset(", offset, ")"), if (vce != "oim") paste0("vce(", stata_vce_text(vce, cluster), ")")))
  list(b = fit$b, V = v, N = n, ll = fit$ll, N_clust = groups, df_r = Inf, fit = fit, command = command,
       ll_0 = stata_ml_null(model, as.double(frame[[y]]), w, constant, if (!is.null(offset)) beside), table = stata_table(fit$b, v, Inf, level))
}

# ---------------------------------------------------------------- asked as an engine

stata_is_ml <- function(request) request$model %in% c("logit", "probit", "poisson")

stata_ml_answer <- function(request) {
  terms <- stata_terms(request)
  result <- if (stata_ml_is_own(request)) stata_ml_native(request)
  fit <- if (is.null(result)) stata_ml_plain(request) else result$fit
  lost <- setdiff(terms, sub("_cons", "(Intercept)", names(fit$b), fixed = TRUE))
  if (length(lost)) stop("omitted because of collinearity: ", paste(lost, collapse = ", "), call. = FALSE)
  covariance <- if (is.null(result)) stata_ml_uncorrected(request, fit, terms) else stata_own(request, result, terms)
  constant <- request$intercept || length(request$effects) > 0L
  reported <- stata_reported(request, fit)
  if (!identical(request$weight_kind, "frequency")) reported$nobs <- nrow(request$data) else reported$nobs <- sum(fit$prior)
  reported$df_resid <- reported$nobs - stata_rank(fit)
  c(
    list(terms = terms, coef = unname(fit$b[stata_internal(terms)])), covariance,
    list(stats = list(ll = fit$ll, ll_0 = stata_ml_null(request$model, request$data$y, fit$prior, constant, request$data$o)),
         reported = reported, accuracy = "normal-equations", versions = list(R = as.character(getRversion())),
         command = if (is.null(result)) stata_ml_text(request) else result$command)
  )
}

# Whether the declared settings are those of Stata's commands.
stata_ml_is_own <- function(request) {
  if (isTRUE(request$by_factor) || request$model == "arima") return(FALSE)
  declared <- request$convention
  own <- list(iid = "none", robust = "n/(n-1)", cluster_scale = "none", t_iid = "normal", t_robust = "normal",
              t_cluster = "normal")
  used <- switch(request$vcov$kind, iid = c("iid", "t_iid"), HC1 = c("robust", "t_robust"),
                 CR1 = c("cluster_scale", "t_cluster"))
  expected <- request$model %in% c("probit", "ologit", "oprobit") && declared$information != "observed"
  length(used) && declared$profile == "ml" && declared$small && length(request$clusters) < 2L && !expected &&
    (request$vcov$kind != "CR1" || declared$cluster_groups != "none") &&
    all(vapply(used, function(name) identical(declared[[name]], own[[name]]), logical(1)))
}

stata_ml_native <- function(request) {
  vce <- switch(request$vcov$kind, iid = "oim", HC1 = "robust", "cluster")
  weighted <- !is.null(request$weight_kind)
  stata_ml_command(
    request$model, request$data, "y", stata_names("x", request$n_x), vce = vce, cluster = stata_or_null(request$clusters),
    absorb = stata_or_null(request$effects), weights = if (weighted) "w",
    weight_kind = if (identical(request$weight_kind, "frequency")) "fweight" else "pweight",
    constant = request$intercept || length(request$effects) > 0L, offset = if (!is.null(request$data$o)) "o"
  )
}

stata_ml_plain <- function(request) {
  data <- request$data
  w <- if (is.null(request$weight_kind)) rep(1, nrow(data)) else data$w
  stata_ml(request$model, data$y, stata_matrix(data, stata_names("x", request$n_x)), data[request$effects],
           request$intercept || length(request$effects) > 0L, w, request$convention$information, data$o %||% 0)
}

stata_ml_uncorrected <- function(request, fit, terms) {
  named <- function(v) { dimnames(v) <- list(names(fit$b), names(fit$b)); stata_block_of(v, terms) }
  parts <- switch(request$vcov$kind,
    iid = list(list(cluster = character(), matrix = named(fit$bread))),
    HC0 = , HC1 = list(list(cluster = character(), matrix = named(
      stata_ml_robust(fit, identical(request$weight_kind, "frequency"))))),
    lapply(parity_subsets(request$clusters), function(subset) {
      list(cluster = subset, matrix = named(stata_ml_clustered(fit, parity_combined(request$data, subset))))
    })
  )
  list(parts = parts, basis = "uncorrected")
}

stata_ml_text <- function(request) {
  paste0("stata_ml ", request$model, " y ", paste(stata_names("x", request$n_x), collapse = " "),
         if (length(request$effects)) paste0(", absorb(", paste(request$effects, collapse = " "), ")"),
         if (!is.null(request$data$o)) ", offset(o)", ": ",
         request$vcov$kind, " without factor, ", request$convention$information, " information")
}
