# What the engines that run R packages share: formulas from safe names, exact scaling, what the declared convention asks
# of this request, and the shape of an answer. Estimates come from the packages alone.

# ---------------------------------------------------------------- names and formulas

numbered <- function(letter, n) if (n > 0) paste0(letter, seq_len(n)) else character()

exogenous <- function(request) numbered("x", request$n_x)
endogenous <- function(request) numbered("d", request$n_d)
instruments <- function(request) numbered("z", request$n_z)

# Whether the convention sets negative eigenvalues of the whole to zero: then the parts are given, and the rest left to parity.
repairs <- function(request) length(request$clusters) > 1 && identical(request$convention$psd, "repaired")

is_iv <- function(request) request$n_d > 0
has_effects <- function(request) length(request$effects) > 0
has_weights <- function(request) !is.null(request$weight_kind)

# The coefficients of an answer, in canonical order; never the dummies of a fixed effect.
coefficient_names <- function(request) {
  c(if (request$intercept && !has_effects(request)) "(Intercept)", exogenous(request), endogenous(request))
}

plus <- function(..., intercept = TRUE) {
  terms <- c(...)
  if (!length(terms)) terms <- "1"
  paste(c(if (!intercept) "0", terms), collapse = " + ")
}

# `y ~ regressors`, with `| instruments` for two-stage least squares as AER, plm and estimatr write it.
# Slopes come first: where columns are redundant, R leaves out the later ones, which are then dummies.
engine_formula <- function(request, dummies = request$dummies) {
  intercept <- request$intercept || has_effects(request)
  regressors <- plus(exogenous(request), endogenous(request), dummies, intercept = intercept)
  text <- paste("y ~", regressors)
  if (is_iv(request)) {
    text <- paste(text, "|", plus(exogenous(request), instruments(request), dummies, intercept = intercept))
  }
  as.formula(text, env = globalenv())
}

one_line <- function(call) paste(trimws(deparse(call, width.cutoff = 500L)), collapse = " ")

# ---------------------------------------------------------------- data

# Columns times exact powers of two, so that a regressor of size 1e-8 beside one of 1e12 doesn't make X'X singular (plm
# inverts it) and absolute tolerances mean the same for all. No bit is lost.
scaled <- function(request) {
  columns <- c("y", exogenous(request), endogenous(request), instruments(request))
  power <- vapply(columns, function(name) power_of_two(request$data[[name]]), numeric(1))
  for (name in columns) {
    request$data[[name]] <- request$data[[name]] * power[[name]]
    if (!is.null(request$levels)) request$levels[[name]] <- request$levels[[name]] * power[[name]]
  }
  request$unscale <- c("(Intercept)" = 1, power[-1]) / power[["y"]]
  request$y_power <- power[["y"]]
  request
}

power_of_two <- function(column) {
  size <- max(abs(column))
  if (!is.finite(size) || size == 0) 1 else 2^-floor(log2(size))
}

# Fixed effects as factors whose dummies are linearly independent: a level whose dummy is redundant (each connected
# component after the first has one) joins the reference level, which leaves out that column and keeps the column space.
full_rank_factors <- function(request) {
  effects <- request$effects
  factors <- lapply(request$data[effects], factor)
  if (redundant_levels(request) == 0) return(factors)
  dummies <- model.matrix(engine_dummies(effects), factors)
  decomposed <- qr(dummies, tol = 1e-10)
  redundant <- colnames(dummies)[decomposed$pivot[-seq_len(decomposed$rank)]]
  for (name in effects) {
    lost <- paste0(name, levels(factors[[name]])) %in% redundant
    levels(factors[[name]])[lost] <- levels(factors[[name]])[1]
  }
  factors
}

# Levels that are redundant beyond one for each effect after the first.
redundant_levels <- function(request) {
  if (!has_effects(request)) return(0)
  sum(unlist(request$facts$levels)) - length(request$effects) + 1 - request$facts$absorbed_rank
}

engine_dummies <- function(effects) as.formula(paste("~", paste(effects, collapse = " + ")))

with_dummies <- function(request) {
  if (has_effects(request)) request$data[request$effects] <- full_rank_factors(request)
  request$dummies <- request$effects
  request
}

# Dense dummies of all effects beyond this many cells (8 bytes each) are not worth the memory.
DENSE_CELLS <- 1e8

too_dense <- function(request) {
  columns <- as.numeric(length(coefficient_names(request)) + request$facts$absorbed_rank)  # cells pass 2^31
  if (nrow(request$data) * columns <= DENSE_CELLS) return(NULL)
  size <- paste(nrow(request$data), "rows times", columns, "columns")
  parity_decline("never", paste0("it enters fixed effects as dense dummies, here ", size))
}

# HC2 and HC3 divide by one less the leverage, which a row with a dummy of its own has not: there they don't exist.
leverage_refused <- function(request) {
  if (!request$vcov$kind %in% c("HC2", "HC3", "HC4")) return(NULL)
  data <- request$data
  data[request$effects] <- lapply(data[request$effects], factor)
  terms <- plus(exogenous(request), request$effects, intercept = request$intercept || has_effects(request))
  columns <- model.matrix(as.formula(paste("~", terms)), data)
  if (has_weights(request)) columns <- columns * sqrt(data$w)
  alone <- sum(hat(columns, intercept = FALSE) > 1 - 1e-9)
  if (alone) {
    rows <- if (alone == 1) "a row has leverage 1" else paste(alone, "rows have leverage 1")
    parity_decline("never", paste0(request$vcov$kind, " doesn't exist: ", rows, ", as with a fixed effect of its own"))
  }
}

# One row per unit and period.
panel_is_unique <- function(data) !anyDuplicated(data[c("unit", "time")])

# Periods between the first and the last that no row has. R's kernels count lags in observed periods and close such gaps.
# Whether Driscoll-Kraay's lags are declared as units of time where whole periods are missing; no package here counts so.
kraay_gaps_refused <- function(request) {
  counts_time <- request$vcov$kind == "DK" && request$vcov$lags > 0 && identical(request$convention$kraay_gaps, "kept")
  if (counts_time && has_period_gap(request$data$time)) {
    parity_decline("never", "its lags count the periods of the sample, and whole periods are missing from it")
  }
}

has_period_gap <- function(time) diff(range(time)) + 1 != length(unique(time))

# ---------------------------------------------------------------- clusters

# All non-empty subsets of the cluster variables: singles, pairs, ...; one empty subset where there is none.
cluster_subsets <- function(clusters) {
  if (length(clusters)) parity_subsets(clusters) else list(character())
}

smallest_cluster_count <- function(request) min(unlist(request$facts$clusters[request$clusters]))

nested_effects <- function(request) Filter(function(f) length(request$facts$nested_in[[f]]) > 0, request$effects)

# ---------------------------------------------------------------- what the declared convention asks of this request

# scale, groups   the factor of the variance, "none" where the convention or the kind of covariance has none
# count           the fixed effects that K counts; NA where no factor counts them
# df              the rule for the degrees of freedom of t
# Settings that make no difference here are resolved, so that engines recognise their own convention under any name.
declared_convention <- function(request) {
  convention <- request$convention
  kind <- request$vcov$kind
  small <- convention$small && (convention$iv_small || !is_iv(request))
  scale <- if (small) declared_scale(convention, kind) else "none"
  groups <- if (small && kind == "CR1") convention$cluster_groups else "none"
  if (groups == "min" && length(request$clusters) == 1) groups <- "each"
  count <- if (scale == "none" || !has_effects(request)) NA else declared_count(request)
  df <- if (small) declared_df(request) else "normal"
  # no package here counts the constant of fixed effects otherwise
  if (has_effects(request) && convention$constant == "extra") {
    if (!is.na(count)) count <- "other"
    if (df == "resid") df <- "other"
  }
  if (identical(count, "nonnested") && convention$constant == "at_least_one" && length(nested_effects(request))) {
    if (length(nested_effects(request)) < length(request$effects)) count <- "other"
  }
  list(scale = scale, groups = groups, count = count, df = df)
}

declared_scale <- function(convention, kind) {
  switch(kind, iid = convention$iid, HC1 = convention$robust, CR1 = convention$cluster_scale,
         DK = , NW = convention$kernel, conley = convention$conley_factor, "none")
}

declared_count <- function(request) {
  kind <- request$vcov$kind
  if (kind == "iid") return("full")
  if (kind != "CR1") return(request$convention$count_robust)
  count <- request$convention$count_fixef
  nested <- length(nested_effects(request))
  if (count == "linearmodels") {
    alone <- length(request$effects) == 1 && all(request$clusters %in% request$facts$nested_in[[request$effects]])
    return(if (alone) "none" else "full")
  }
  if (count %in% c("nonnested", "lfe") && !nested) return("full")
  if (count == "lfe" && nested == length(request$effects)) return("nonnested")
  if (count == "panel" && identical(nested_effects(request), request$effects[1])) return("nonnested")
  count
}

declared_df <- function(request) {
  convention <- request$convention
  kind <- request$vcov$kind
  if (request$model == "random_effects" && convention$t_random == "normal") return("normal")
  if (kind == "iid") return(convention$t_iid)
  if (kind %in% c("DK", "NW")) return(convention$t_kernel)
  if (!length(request$clusters)) return(convention$t_robust)
  rule <- convention$t_cluster
  if (rule == "lfe") rule <- if (length(nested_effects(request))) "min" else "resid"
  enough <- request$facts$nobs - request$facts$rank >= smallest_cluster_count(request) - 1
  if (rule == "min" && enough) "groups" else rule
}

# Whether the declared way of counting coefficients lost among effects gives what `rule` ("exact" or "levels") gives here.
redundancy_is <- function(request, rule) {
  if (request$convention$redundant == rule || redundant_levels(request) == 0) return(TRUE)
  length(request$effects) == 2 && rule == "exact" && request$convention$redundant %in% c("pairwise", "first_pair")
}

# ---------------------------------------------------------------- the answer

# own    NULL, or the package's complete covariance under the declared convention: list(matrix, table, df_t), where
#        table holds the inference it prints (columns se, t, p and maybe low, high) and may be NULL
# part   function of a subset of the clusters: uncorrected covariance
covariance_of <- function(request, own, part) {
  if (!isTRUE(request$by_factor) && !repairs(request) && !is.null(own)) {
    matrix <- checked_matrix(request, own$matrix)
    return(list(
      basis = request$convention$profile, parts = list(list(cluster = request$clusters, matrix = matrix)),
      printed = printed_rows(request, own$table), df_t = if (!is.null(own$table)) own$df_t
    ))
  }
  parts <- lapply(cluster_subsets(request$clusters), function(subset) {
    list(cluster = subset, matrix = checked_matrix(request, part(subset)))
  })
  list(basis = "uncorrected", parts = parts)
}

# The slopes' block in canonical order and in the data's own units.
checked_matrix <- function(request, matrix) {
  terms <- coefficient_names(request)
  missing <- setdiff(terms, rownames(matrix))
  if (length(missing)) stop("the covariance has no row for ", paste(missing, collapse = ", "))
  unscale <- request$unscale[terms]
  unname(as.matrix(matrix)[terms, terms, drop = FALSE] * outer(unscale, unscale))
}

printed_rows <- function(request, table) {
  if (is.null(table)) return(NULL)
  table <- as.matrix(table)
  sapply(coefficient_names(request), function(term) {
    row <- as.list(table[term, intersect(c("se", "t", "p", "low", "high", "df"), colnames(table))])
    for (name in intersect(names(row), c("se", "low", "high"))) row[[name]] <- row[[name]] * request$unscale[[term]]
    row
  }, simplify = FALSE)
}

checked_coefficients <- function(request, coefficients) {
  terms <- coefficient_names(request)
  values <- coefficients[terms]
  if (anyNA(values)) {
    stop("the package gave no coefficient for ", paste(terms[is.na(values)], collapse = ", "), " (found it collinear)")
  }
  unname(values * request$unscale[terms])
}

engine_answer <- function(request, coefficients, covariance, packages, command, stats = list(), reported = list(),
                          accuracy = "exact") {
  c(
    list(terms = coefficient_names(request), coef = checked_coefficients(request, coefficients)),
    Filter(Negate(is.null), covariance),
    list(stats = Filter(Negate(is.null), stats), reported = reported, accuracy = accuracy,
         versions = c(parity_versions(packages), R = as.character(getRversion())), command = command)
  )
}

# Inference from lmtest, with the model's residual degrees of freedom or the normal distribution; lmtest takes the
# coefficients that the matrix names.
tested <- function(request, fit, matrix, df) {
  terms <- coefficient_names(request)
  matrix <- matrix[terms, terms, drop = FALSE]
  test <- lmtest::coeftest(fit, vcov. = matrix, df = df)
  interval <- lmtest::coefci(fit, vcov. = matrix, df = df)
  table <- cbind(test[, 2:4, drop = FALSE], interval)
  colnames(table) <- c("se", "t", "p", "low", "high")
  table
}

# Degrees of freedom of each coefficient's own, and what follows from them, by clubSandwich. Its interval is the estimate
# plus and minus the quantile of t with these.
tested_by_clubsandwich <- function(request, fit, matrix) {
  kind <- sub("CR1", "CR1S", request$vcov$kind)
  own <- clubSandwich::vcovCR(fit, cluster = request$data[[request$clusters]], type = kind)
  tests <- clubSandwich::coef_test(fit, vcov = own, test = "Satterthwaite", coefs = "All")
  terms <- coefficient_names(request)
  df <- setNames(tests$df_Satt, rownames(own))[terms]
  b <- coef(fit)[terms]
  se <- sqrt(diag(matrix)[terms])
  half <- qt(0.975, df) * se
  cbind(se = se, t = b / se, p = 2 * pt(-abs(b / se), df), low = b - half, high = b + half, df = df)
}

# No table where the declared rule is one that neither lmtest nor clubSandwich knows.
tested_if_known <- function(request, fit, matrix, declared) {
  if (declared$df == "satterthwaite" && requireNamespace("clubSandwich", quietly = TRUE)) {
    return(list(matrix = matrix, table = tested_by_clubsandwich(request, fit, matrix)))
  }
  known <- declared$df == "normal" || (declared$df == "resid" && redundancy_is(request, "exact"))
  if (!known) return(list(matrix = matrix))
  df <- if (declared$df == "normal") Inf else df.residual(fit)
  list(matrix = matrix, table = tested(request, fit, matrix, df), df_t = df)
}
