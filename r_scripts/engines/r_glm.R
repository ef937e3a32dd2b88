# glm() with dummies for the fixed effects; covariances of sandwich; inference of lmtest. Asked through estimate_r_lm.

estimate_glm <- function(request) {
  refused <- too_dense(request)
  if (!is.null(refused)) return(refused)
  request <- with_dummies(regressors_scaled(request))
  formula <- engine_formula(request)
  fit <- glm_fit(request, formula)
  engine_answer(
    request, coef(fit), covariance_of(request, glm_own(request, fit), function(subset) glm_uncorrected(request, fit, subset)),
    c("sandwich", "lmtest"), command = glm_command(request, formula),
    reported = list(nobs = nobs(fit), df_resid = df.residual(fit)), stats = glm_stats(request, fit),
    accuracy = "normal-equations"
  )
}

is_likelihood <- function(request) request$model %in% c("logit", "probit", "poisson")

# The outcome stays as it is: counts and probabilities have no unit.
regressors_scaled <- function(request) {
  y <- request$data$y
  request <- scaled(request)
  request$data$y <- y
  request$unscale <- request$unscale * request$y_power
  request$y_power <- 1
  request
}

glm_family <- function(request) {
  switch(request$model, logit = binomial("logit"), probit = binomial("probit"), poisson = poisson("log"))
}

# glm() stops by the deviance, whose last digit moves before those of the coefficients stand: it is asked again from where it
# stopped, until they do.
glm_fit <- function(request, formula) {
  control <- glm.control(epsilon = 1e-14, maxit = 200)
  data <- request$data
  environment(formula) <- environment()
  w <- if (has_weights(request)) data$w else rep(1, nrow(data))
  asked <- function(start) {
    withCallingHandlers(
      glm(formula, glm_family(request), data, weights = w, start = start, control = control, offset = data$o),
      warning = function(said) if (grepl("non-integer", conditionMessage(said))) invokeRestart("muffleWarning")
    )
  }
  fit <- asked(NULL)
  for (i in 1:30) {
    if (anyNA(coef(fit))) break
    last <- coef(fit)
    fit <- asked(last)
    if (max(abs(coef(fit) - last) / pmax(abs(last), 1)) < 1e-12) break
  }
  fit
}

glm_uncorrected <- function(request, fit, subset) {
  kind <- request$vcov$kind
  if (kind == "iid") return(vcov(fit))
  if (!length(subset)) return(sandwich::sandwich(fit))
  sandwich::vcovCL(fit, cluster = parity_combined(request$data, subset), type = "HC0", cadjust = FALSE)
}

# The complete covariance where the declared factor is one that sandwich has: none, or each cluster variable's G/(G - 1).
glm_own <- function(request, fit) {
  declared <- declared_convention(request)
  if (declared$scale != "none" || declared$df != "normal" || !declared$groups %in% c("none", "each")) return(NULL)
  if (request$vcov$kind %in% c("HC1", "CR1") && request$convention$profile != "glm") return(NULL)
  matrix <- if (length(request$clusters)) {
    sandwich::vcovCL(fit, cluster = request$data[request$clusters], type = "HC0", cadjust = declared$groups == "each")
  } else {
    glm_uncorrected(request, fit, character())
  }
  list(matrix = matrix, table = tested(request, fit, matrix, Inf), df_t = Inf)
}

glm_stats <- function(request, fit) {
  constant <- request$intercept || has_effects(request)
  if (request$model != "poisson") {
    return(list(ll = -deviance(fit) / 2, ll_0 = if (constant) -fit$null.deviance / 2))
  }
  y <- request$data$y
  w <- if (has_weights(request)) request$data$w else rep(1, length(y))
  alone <- if (is.null(request$data$o)) weighted.mean(y, w) else sum(w * y) / sum(w * exp(request$data$o)) * exp(request$data$o)
  list(ll = sum(w * dpois(y, fitted(fit), log = TRUE)), ll_0 = if (constant) sum(w * dpois(y, alone, log = TRUE)))
}

glm_command <- function(request, formula) {
  family <- switch(request$model, logit = "binomial", probit = 'binomial("probit")', poisson = "poisson")
  covariance <- if (length(request$clusters)) paste0("vcovCL(fit, ~", paste(request$clusters, collapse = " + "), ")")
  paste0("fit <- glm(", one_line(formula), ", ", family, ", data", if (has_weights(request)) ", weights = w", if (!is.null(request$data$o)) ", offset = o", "); ",
         covariance %||% if (request$vcov$kind == "iid") "vcov(fit)" else "sandwich(fit)")
}
