# What engines as shipped share: factors as a user writes them, and an answer in the package's own convention.

# A user's factors: every level a dummy, and the package leaves out what is redundant.
shipped_factors <- function(request) {
  request$data[request$effects] <- lapply(request$data[request$effects], factor)
  request$dummies <- request$effects
  request
}

# A package that can't invert such columns refuses them; that is no crash.
shipped_or_refused <- function(answer) {
  tryCatch(answer, error = function(e) {
    if (!grepl("computationally singular", conditionMessage(e), fixed = TRUE)) stop(e)
    parity_decline("never", paste("it can't invert these columns as they are:", conditionMessage(e)))
  })
}

# matrix   the package's covariance; table: the inference it prints, columns se, t, p and maybe low, high
# avoids   the cause that an answer which was asked again (request$tight) does without
# df       of t; infinite for the normal; NULL where every coefficient has its own
#
# A package that takes columns of very different scale for collinear leaves one out, as it does for a user.
shipped_answer <- function(
  request, coefficients, matrix, table, df, packages, command, nobs, accuracy = "exact", avoids = ""
) {
  terms <- Filter(function(term) !is.na(coefficients[term]), coefficient_names(request))
  table <- as.matrix(table)
  rows <- sapply(terms, function(term) {
    as.list(table[term, intersect(c("se", "t", "p", "low", "high"), colnames(table))])
  }, simplify = FALSE)
  list(
    terms = terms, coef = unname(coefficients[terms]), basis = "as-shipped",
    parts = list(list(cluster = request$clusters, matrix = unname(as.matrix(matrix)[terms, terms, drop = FALSE]))),
    printed = rows, df_t = df, reported = list(nobs = nobs), accuracy = accuracy, avoids = avoids,
    versions = c(parity_versions(packages), R = as.character(getRversion())), command = command
  )
}

# lmtest's coeftest() and coefci() with their own degrees of freedom, the model's.
shipped_tested <- function(fit, matrix) {
  test <- lmtest::coeftest(fit, vcov. = matrix)
  table <- cbind(unclass(test)[, 2:4, drop = FALSE], lmtest::coefci(fit, vcov. = matrix))
  colnames(table) <- c("se", "t", "p", "low", "high")
  table
}

# clubSandwich's coef_test() and conf_int(): Satterthwaite's degrees of freedom, one for each coefficient.
shipped_satterthwaite <- function(request, fit, matrix) {
  terms <- coefficient_names(request)
  test <- clubSandwich::coef_test(fit, vcov = matrix, coefs = terms)
  interval <- clubSandwich::conf_int(fit, vcov = matrix, coefs = terms)
  table <- cbind(se = test$SE, t = test$tstat, p = test$p_Satt, low = interval$CI_L, high = interval$CI_U)
  rownames(table) <- terms
  table
}
