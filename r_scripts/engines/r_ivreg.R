# AER's ivreg() with dummies for the fixed effects; covariances of sandwich and clubSandwich; inference of lmtest.

estimate_r_ivreg <- function(request) {
  refused <- too_dense(request) %||% kernel_refused(request)
  if (!is.null(refused)) return(refused)
  request <- with_dummies(scaled(request))
  fit <- ivreg_fit(request)
  engine_answer(
    request, coef(fit), sandwich_covariance(request, fit, ivreg_fit), c("AER", "sandwich", "clubSandwich", "lmtest"),
    command = paste0("fit <- ", fit_command("AER::ivreg", request), "; ", sandwich_command(request)),
    reported = list(nobs = nobs(fit), df_resid = df.residual(fit))
  )
}

# x = TRUE keeps the projected regressors: made anew for a covariance they would be projected with lm's tolerance of 1e-7.
ivreg_fit <- function(request) {
  formula <- engine_formula(request)
  if (!has_weights(request)) return(AER::ivreg(formula, data = request$data, x = TRUE, tol = 1e-11))
  AER::ivreg(formula, data = request$data, weights = w, x = TRUE, tol = 1e-11)
}
