# lm() and ivreg() as shipped, with sandwich, lmtest and clubSandwich at their defaults.

shipped_r_lm <- function(request) shipped_or_refused(shipped_lm(request))

shipped_lm <- function(request) {
  refused <- too_dense(request) %||% kernel_refused(request)
  if (!is.null(refused)) return(refused)
  if (request$vcov$kind == "HC1") request$vcov$kind <- "HC3" # vcovHC(fit) without a type
  refused <- leverage_refused(request)
  if (!is.null(refused)) return(refused)
  nested <- Filter(function(effect) request$clusters %in% request$facts$nested_in[[effect]], request$effects)
  if (isTRUE(request$tight) && request$vcov$kind == "CR3" && length(nested) && !has_weights(request)) {
    return(shipped_net_of(request, nested[[1]]))
  }
  request <- shipped_factors(request)
  formula <- engine_formula(request)
  fit <- if (has_weights(request)) lm(formula, request$data, weights = w) else lm(formula, request$data)
  shipped_sandwich(request, fit, "lm", c("sandwich", "clubSandwich", "lmtest"))
}

# The same regression on columns less their means by an effect within the clusters: with its dummies, I - H_gg of a
# cluster is singular, and the inverse that CR3 takes is rounding error.
shipped_net_of <- function(request, effect) {
  rest <- setdiff(request$effects, effect)
  data <- shipped_factors(request)$data
  columns <- model.matrix(as.formula(paste("~", plus(exogenous(request), rest))), data)[, -1, drop = FALSE]
  net <- function(column) column - ave(column, data[[effect]])
  data <- data.frame(y = net(data$y), apply(columns, 2, net), request$data[request$clusters])
  fit <- lm(as.formula(paste("y ~ 0 +", paste(colnames(columns), collapse = " + "))), data)
  request$data <- data
  shipped_sandwich(request, fit, "lm", c("sandwich", "clubSandwich", "lmtest"), avoids = "singular-cluster-blocks")
}

shipped_r_ivreg <- function(request) {
  refused <- too_dense(request) %||% kernel_refused(request)
  if (!is.null(refused)) return(refused)
  request <- shipped_factors(request)
  formula <- engine_formula(request)
  fit <- if (has_weights(request)) {
    AER::ivreg(formula, data = request$data, weights = w)
  } else {
    AER::ivreg(formula, data = request$data)
  }
  shipped_sandwich(request, fit, "AER::ivreg", c("AER", "sandwich", "clubSandwich", "lmtest"))
}

shipped_sandwich <- function(request, fit, name, packages, avoids = "") {
  matrix <- shipped_sandwich_matrix(request, fit)
  own_df <- request$vcov$kind %in% c("CR2", "CR3")
  table <- if (own_df) shipped_satterthwaite(request, fit, matrix) else shipped_tested(fit, matrix)
  command <- paste0("fit <- ", fit_command(name, request), "; ", shipped_sandwich_text(request, fit))
  df <- if (!own_df) df.residual(fit)
  shipped_answer(request, coef(fit), matrix, table, df, packages, command, nobs(fit), avoids = avoids)
}

shipped_sandwich_matrix <- function(request, fit) {
  lags <- request$vcov$lags
  time <- request$data$time
  unit <- request$data$unit
  clusters <- if (length(request$clusters)) request$data[request$clusters]
  switch(
    request$vcov$kind,
    iid = vcov(fit),
    HC0 = , HC1 = if (is_iv(request)) sandwich::sandwich(fit) else sandwich::vcovHC(fit, type = request$vcov$kind),
    HC2 = , HC3 = , HC4 = sandwich::vcovHC(fit, type = request$vcov$kind),
    CR0 = sandwich::vcovCL(fit, cluster = clusters, type = "HC0"),
    CR1 = sandwich::vcovCL(fit, cluster = clusters),
    CR2 = , CR3 = clubSandwich::vcovCR(fit, cluster = clusters[[1]], type = request$vcov$kind),
    DK = sandwich::vcovPL(fit, order.by = time, lag = lags),
    NW = if (is.null(unit)) sandwich::NeweyWest(fit, lag = lags, order.by = time) else {
      sandwich::vcovPL(fit, cluster = unit, order.by = time, lag = lags, aggregate = FALSE)
    }
  )
}

shipped_sandwich_text <- function(request, fit) {
  lags <- request$vcov$lags
  clusters <- paste(request$clusters, collapse = " + ")
  kind <- request$vcov$kind
  matrix <- switch(
    kind,
    iid = "vcov(fit)", HC0 = , HC1 = if (is_iv(request)) "sandwich(fit)" else paste0("vcovHC(fit, type = \"", kind, "\")"),
    HC2 = paste0("vcovHC(fit, type = \"HC2\")"), HC3 = "vcovHC(fit)",
    CR0 = paste0("vcovCL(fit, ~", clusters, ", type = \"HC0\")"), CR1 = paste0("vcovCL(fit, ~", clusters, ")"),
    CR2 = , CR3 = return(paste0("coef_test(fit, vcov = \"", kind, "\", cluster = ", clusters, ")")),
    DK = paste0("vcovPL(fit, order.by = ~time, lag = ", lags, ")"),
    NW = if (is.null(request$data$unit)) paste0("NeweyWest(fit, lag = ", lags, ")") else {
      paste0("vcovPL(fit, ~unit, ~time, lag = ", lags, ", aggregate = FALSE)")
    }
  )
  paste0("coeftest(fit, ", matrix, ")")
}
