# lm() with dummies for the fixed effects; covariances of sandwich and clubSandwich; inference of lmtest.

estimate_r_lm <- function(request) {
  if (is_likelihood(request)) return(estimate_glm(request))
  refused <- too_dense(request) %||% kernel_refused(request) %||% leverage_refused(request)
  if (!is.null(refused)) return(refused)
  request <- with_dummies(scaled(request))
  fit <- lm_fit(request)
  engine_answer(
    request, coef(fit), sandwich_covariance(request, fit, lm_fit), c("sandwich", "clubSandwich", "lmtest"),
    command = paste0("fit <- ", fit_command("lm", request), "; ", sandwich_command(request)),
    reported = list(nobs = nobs(fit), df_resid = df.residual(fit)),
    stats = list(r2 = if (request$model == "ols") summary(fit)$r.squared)
  )
}

# Genuine regressors of real data leave more than 1e-9 of their norm (parity left out the others); lm's own tolerance of
# 1e-7 would drop near-collinear ones.
lm_fit <- function(request) {
  formula <- engine_formula(request)
  if (!has_weights(request)) return(lm(formula, request$data, tol = 1e-11))
  lm(formula, request$data, weights = w, tol = 1e-11)
}
