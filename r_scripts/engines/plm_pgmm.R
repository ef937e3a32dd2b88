# plm::pgmm(): GMM of a dynamic panel. Its data are all rows of the sources; outcome and regressors are missing where the row is
# not in the sample, and pgmm() leaves such rows out.

pgmm_is_asked <- function(request) request$model %in% c("difference_gmm", "system_gmm")

pgmm_answer <- function(request) {
  refused <- pgmm_refuses(request)
  if (!is.null(refused)) return(refused)
  fit <- pgmm_fit(request)
  robust <- request$vcov$kind != "iid"
  matrix <- suppressWarnings(if (robust) plm::vcovHC(fit) else stats::vcov(fit))
  terms <- c(if (request$intercept) "(Intercept)", pgmm_names(request))
  own <- sub("(Intercept)", "one", terms, fixed = TRUE)
  b <- stats::coef(fit)
  list(
    terms = terms, coef = unname(b[own]),
    parts = list(list(cluster = request$clusters, matrix = unname(as.matrix(matrix[own, own, drop = FALSE])))),
    basis = "uncorrected", stats = pgmm_stats(request, fit, matrix), accuracy = "normal-equations",
    versions = parity_versions("plm"), command = pgmm_text(request)
  )
}

pgmm_fit <- function(request) {
  room <- new.env(parent = asNamespace("plm"))
  suppressWarnings(eval(pgmm_call(request, pgmm_data(request), room), room))
}

pgmm_names <- function(request) if (request$n_x > 0L) paste0("x", seq_len(request$n_x))

pgmm_data <- function(request) {
  levels <- request$levels[c("unit", "time", "y", pgmm_names(request))]
  if (request$intercept) levels$one <- 1
  data <- merge(as.data.frame(request$dynamic$sources), as.data.frame(levels), by = c("unit", "time"), all = TRUE)
  data[order(data$unit, data$time), , drop = FALSE]
}

pgmm_formula <- function(request) {
  asked <- request$dynamic
  x <- c(if (request$intercept) "one", pgmm_names(request))
  last <- ifelse(is.na(asked$last), 99L, asked$last)
  gmm <- paste0("lag(s", seq_along(last), ", ", asked$first, ":", last, ")")
  standard <- c(if (request$intercept) "one", pgmm_names(request)[asked$standard])
  paste("y ~", paste(x, collapse = " + "), "|", paste(gmm, collapse = " + "), "|", paste(standard, collapse = " + "))
}

pgmm_fsm <- function(request) {
  weight <- request$dynamic$weight
  if (request$model == "difference_gmm") return(if (weight == "identity") "I" else "G")
  if (weight == "joint") "full" else "GI"
}

# room: pgmm() looks for plm() where it is called, and for lag() of panels where the formula was made.
pgmm_call <- function(request, data, room) {
  formula <- stats::as.formula(pgmm_formula(request), env = room)
  as.call(list(
    quote(plm::pgmm), formula, data = data, effect = "individual", index = c("unit", "time"),
    model = if (request$dynamic$steps == 2) "twosteps" else "onestep", collapse = any(request$dynamic$collapse),
    transformation = if (request$model == "difference_gmm") "d" else "ld", fsm = pgmm_fsm(request),
    lost.ts = pgmm_lost(request) - 0:1
  ))
}

# Periods without differences: those in which an instrument has no lag.
pgmm_lost <- function(request) max(2L, request$dynamic$first)

pgmm_text <- function(request) {
  paste0(
    "plm::pgmm(", pgmm_formula(request), ", data, effect = \"individual\", model = \"",
    if (request$dynamic$steps == 2) "twosteps" else "onestep", "\", collapse = ", any(request$dynamic$collapse),
    ", transformation = \"", if (request$model == "difference_gmm") "d" else "ld", "\", fsm = \"", pgmm_fsm(request), "\"); ",
    if (request$vcov$kind == "iid") "vcov(fit)" else "vcovHC(fit)"
  )
}

# J where it is of the step that was taken; degrees of freedom count columns of instruments, dependent ones too, and are left out.
pgmm_stats <- function(request, fit, matrix) {
  # of a system mtest() finds the differences among residuals by how many time dummies there are
  j <- if (request$dynamic$steps == 2) list(j = unname(plm::sargan(fit, "twosteps")$statistic))
  if (request$model == "system_gmm") return(j)
  tests <- lapply(1:2, function(order) suppressWarnings(plm::mtest(fit, order = order, vcov = matrix)))
  c(j, list(ar1 = unname(tests[[1L]]$statistic), ar1_p = unname(tests[[1L]]$p.value),
            ar2 = unname(tests[[2L]]$statistic), ar2_p = unname(tests[[2L]]$p.value)))
}

pgmm_refuses <- function(request) {
  periods <- sort(unique(request$dynamic$sources$time))
  if (any(diff(periods) > 1)) return(parity_decline("never", "pgmm takes neighbouring periods of the data for consecutive ones"))
  rows <- merge(request$levels[c("unit", "time")], transform(request$levels[c("unit", "time")], time = time + 1))
  if (!nrow(rows) || match(min(rows$time), periods) <= pgmm_lost(request)) {
    return(parity_decline("never", "pgmm leaves out periods in which an instrument has no lag"))
  }
  if (length(periods) < 5L) return(parity_decline("never", "pgmm has too few periods for its tests"))
}
