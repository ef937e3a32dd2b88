# plm as shipped: plm(), and summary() with the default of vcovHC(), vcovDC(), vcovSCC() or vcovNW().

shipped_r_plm <- function(request) shipped_or_refused(shipped_plm(request))

shipped_plm <- function(request) {
  if (pgmm_is_asked(request)) return(shipped_pgmm(request))
  if (request$model == "random_effects") request$convention$swamy_arora <- "exact" # its own, whatever was declared
  refused <- plm_refuses(request)
  if (!is.null(refused)) return(refused)
  fit <- plm_fit(request, plm_model(request))
  matrix <- shipped_plm_matrix(request, fit)
  table <- shipped_plm_table(request, fit, matrix)
  colnames(table) <- c("se", "t", "p")
  df <- if (plm_is_normal(request)) Inf else df.residual(fit)
  call <- sub("; .*$", "", plm_command(request))
  command <- paste0("fit <- ", call, "; ", shipped_plm_text(request))
  shipped_answer(request, coef(fit), matrix, table, df, "plm", command, nobs(fit))
}

# pgmm() and its summary(), which is robust by default, of two steps with Windmeijer's correction.
shipped_pgmm <- function(request) {
  refused <- pgmm_refuses(request)
  if (!is.null(refused)) return(refused)
  fit <- pgmm_fit(request)
  robust <- request$vcov$kind != "iid"
  table <- suppressWarnings(summary(fit, robust = robust)$coefficients)[, 2:4, drop = FALSE]
  matrix <- suppressWarnings(if (robust) plm::vcovHC(fit) else vcov(fit))
  own <- c("(Intercept)" = "one")
  named <- function(names) ifelse(names %in% own, names(own), names)
  dimnames(table) <- list(named(rownames(table)), c("se", "t", "p"))
  dimnames(matrix) <- lapply(dimnames(matrix), named)
  coefficients <- stats::setNames(coef(fit), named(names(coef(fit))))
  command <- paste0("fit <- ", sub("; .*$", "", pgmm_text(request)), "; summary(fit", if (!robust) ", robust = FALSE", ")")
  shipped_answer(request, coefficients, matrix, table, Inf, "plm", command, nrow(request$y), "normal-equations")
}

# summary() also tests all slopes together and fails where clusters are fewer than they; lmtest's coeftest() doesn't.
shipped_plm_table <- function(request, fit, matrix) {
  shown <- tryCatch(
    if (request$vcov$kind == "iid") summary(fit)$coefficients else summary(fit, vcov = matrix)$coefficients,
    error = function(e) unclass(lmtest::coeftest(fit, vcov. = matrix))
  )
  shown[, 2:4, drop = FALSE]
}

shipped_plm_matrix <- function(request, fit) {
  lags <- request$vcov$lags
  switch(
    request$vcov$kind,
    iid = vcov(fit),
    HC1 = plm::vcovHC(fit), # "robust" is clustered by group here: method = "arellano" is its default
    HC0 = , HC2 = , HC3 = , HC4 = plm::vcovHC(fit, method = "white1", type = request$vcov$kind),
    CR0 = , CR1 = if (length(request$clusters) > 1) {
      plm::vcovDC(fit)
    } else if (request$cluster_roles == "unit") {
      plm::vcovHC(fit)
    } else {
      plm::vcovHC(fit, cluster = "time")
    },
    DK = plm::vcovSCC(fit, maxlag = lags),
    NW = plm::vcovNW(fit, maxlag = lags)
  )
}

shipped_plm_text <- function(request) {
  kind <- request$vcov$kind
  lags <- request$vcov$lags
  matrix <- switch(
    kind,
    iid = return("summary(fit)"), HC1 = "vcovHC(fit)", DK = paste0("vcovSCC(fit, maxlag = ", lags, ")"),
    NW = paste0("vcovNW(fit, maxlag = ", lags, ")"),
    CR0 = , CR1 = if (length(request$clusters) > 1) "vcovDC(fit)" else if (request$cluster_roles == "unit") {
      "vcovHC(fit)"
    } else {
      "vcovHC(fit, cluster = \"time\")"
    },
    paste0("vcovHC(fit, method = \"white1\", type = \"", kind, "\")")
  )
  paste0("summary(fit, vcov = ", matrix, ")")
}
