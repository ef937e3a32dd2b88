# The sample of one spec from its own words: rows by `where`, missing values, zero weights and singletons, in this order,
# and the columns of its model on these rows.

reading_spec_keys <- c("title", "formula", "model", "base", "lower", "upper", "where", "offset", "weights", "vcov", "convention", "reference", "diagnostics", "kappa", "arma",
                       "fuller", "moments", "dynamic")

# Profiles that drop observations alone in a fixed effect; all others keep them (docs/adding-a-study.md).
reading_profiles <- c(fixest = "drop", reghdfe = "drop", ivreghdfe = "drop", xtreg = "keep", areg = "keep", regress = "keep", ivregress = "keep",
                      ivreg2 = "keep", plm = "keep", lm = "keep", lfe = "keep", statsmodels = "keep", linearmodels = "keep", ml = "keep", glm = "keep", feglm = "drop",
                      xtabond = "keep")

reading_dynamic <- c("difference_gmm", "system_gmm")
# Of several outcomes and of a censored one no row is left out.
reading_categorical <- c("mlogit", "ologit", "oprobit")
reading_censored <- "tobit"
reading_series <- "arima"
reading_likelihoods <- c("logit", "probit", "poisson", "ivprobit", reading_categorical, reading_censored, reading_series)

reading_sample <- function(spec, frame) {
  unknown <- setdiff(names(spec), reading_spec_keys)
  if (length(unknown)) reading_gap(paste0("R's second reading doesn't know `", unknown[1L], "` of a spec"))
  if (is.null(spec$convention) && isTRUE(spec$model %in% reading_likelihoods)) spec$convention <- "ml"
  if (is.null(spec$convention) && isTRUE(spec$model %in% reading_dynamic)) spec$convention <- "xtabond"
  singletons <- reading_singletons(spec$convention)
  model <- if (is.null(spec$model)) "ols" else spec$model
  formula <- reading_formula(spec$formula)
  chosen <- rep(TRUE, frame$n)
  if (!is.null(spec$where)) {
    truth <- reading_truth(reading_value(reading_expression(spec$where), frame)$v, list(k = "col", name = spec$where))
    chosen <- !is.na(truth) & truth
  }
  values <- function(items, keep_all = FALSE) {
    all <- unlist(lapply(items, reading_item_values, frame = frame, rows = chosen, keep_all = keep_all), recursive = FALSE)
    all[!duplicated(names(all))]
  }
  parts <- list(
    y = list(reading_numbers(formula$outcome, frame)),
    x = values(formula$exog, !formula$intercept && !length(formula$effects)),
    endog = values(formula$endog),
    z = values(formula$instruments),
    offset = if (!is.null(spec$offset)) list(reading_numbers(reading_expression(spec$offset), frame)),
    place = reading_coordinates(spec$vcov, frame),
    weights = if (!is.null(spec$weights)) list(reading_numbers(list(k = "col", name = spec$weights[[1L]]), frame))
  )
  clusters <- reading_clusters(spec$vcov)
  groups <- list(
    effects = structure(lapply(formula$effects, reading_groups, frame = frame),
                        names = vapply(formula$effects, reading_effect_name, "")),
    clusters = structure(lapply(clusters, reading_groups, frame = frame), names = clusters)
  )
  unit <- if (!is.null(frame$unit)) reading_groups(frame, frame$unit)
  ordered <- model %in% c("first_difference", reading_dynamic, reading_series) || reading_in_time(spec$vcov)
  time <- if (ordered) reading_ordered(frame) else reading_periods(frame)$v
  keep <- chosen
  for (column in unlist(parts, recursive = FALSE)) keep <- keep & !is.na(column$v)
  for (code in unlist(groups, recursive = FALSE)) keep <- keep & !is.na(code)
  for (term in spec$dynamic$instruments) {
    # of a system, one of one equation takes rows of that equation alone, and has none missing
    if (model != "difference_gmm" && !is.null(spec$dynamic$equation[[term]])) next
    for (column in values(reading_formula(paste("y ~", term))$exog)) keep <- keep & !is.na(column$v)
  }
  if (model %in% c("first_difference", "random_effects", "between", reading_dynamic) || reading_in_time(spec$vcov)) {
    if (!is.null(unit)) keep <- keep & !is.na(unit)
    if (!is.null(time)) keep <- keep & !is.na(time)
  }
  if (model %in% reading_series && !is.null(time)) keep <- keep & !is.na(time)
  if (model == "between") time <- NULL # of means
  if (!is.null(parts$weights)) keep <- keep & parts$weights[[1L]]$v > 0
  rows <- which(keep)
  taken <- lapply(parts, function(part) lapply(part, function(column) list(v = column$v[rows], loss = column$loss)))
  if (identical(spec$dynamic$transform, "orthogonal") && model == "difference_gmm") {
    later <- reading_later(unit[rows], time[rows])
    for (part in c("y", "x")) taken[[part]] <- lapply(taken[[part]], reading_deviation, later = later)
    rows <- rows[lengths(later) > 0]
  } else if (model %in% c("first_difference", "difference_gmm")) {
    now <- reading_followers(unit[rows], time[rows])
    for (part in c("y", "x", "endog", "z")) taken[[part]] <- lapply(taken[[part]], reading_change, now = now)
    taken$weights <- lapply(taken$weights, function(column) list(v = column$v[now$later], loss = column$loss))
    rows <- rows[now$later]
  } else if (model == "between") {
    size <- tabulate(match(unit[rows], unique(unit[rows])))
    for (part in c("y", "x")) taken[[part]] <- lapply(taken[[part]], reading_mean, unit = unit[rows])
    rows <- rows[!duplicated(unit[rows])]
    if (identical(reading_setting(spec$convention, "between_weights"), "rows")) taken$weights <- list(list(v = as.double(size), loss = 0))
  } else if (model %in% reading_likelihoods && !model %in% c(reading_categorical, reading_censored, reading_series)) {
    times <- if ("frequency" %in% names(spec$weights)) taken$weights[[1L]]$v else rep(1, length(rows))
    stay <- reading_unseparated(model, taken$y[[1L]]$v, lapply(taken$x, function(column) column$v),
                                lapply(groups$effects, function(code) code[rows]), times, singletons == "drop")
    taken <- lapply(taken, function(part) lapply(part, function(column) list(v = column$v[stay], loss = column$loss)))
    rows <- rows[stay]
  } else if (singletons == "drop" && length(groups$effects)) {
    times <- if ("frequency" %in% names(spec$weights)) taken$weights[[1L]]$v else rep(1, length(rows))
    stay <- reading_without_singletons(lapply(groups$effects, function(code) code[rows]), times)
    taken <- lapply(taken, function(part) lapply(part, function(column) list(v = column$v[stay], loss = column$loss)))
    rows <- rows[stay]
  }
  on_rows <- function(code) if (!is.null(code)) code[rows]
  periods <- on_rows(time)
  if ("newey_west" %in% names(spec$vcov)) periods <- reading_closed(periods, on_rows(unit), reading_kernel_gaps(spec$convention))
  list(rows = as.double(rows), y = reading_matrix(taken$y), x = reading_matrix(taken$x), endog = reading_matrix(taken$endog),
       z = reading_matrix(taken$z), weights = reading_matrix(taken$weights), offset = reading_matrix(taken$offset),
       place = reading_matrix(taken$place), effects = lapply(groups$effects, on_rows),
       clusters = lapply(groups$clusters, on_rows), unit = on_rows(unit), time = periods)
}

# Whether a covariance reads which period follows which.
reading_in_time <- function(vcov) any(c("driscoll_kraay", "newey_west", "lags") %in% names(vcov))

# Coordinates of Conley's covariance; rows without one are left out.
reading_coordinates <- function(vcov, frame) {
  if (!"conley" %in% names(vcov)) return(NULL)
  names <- unlist(vcov$coordinates)
  structure(lapply(names, function(name) reading_numbers(list(k = "col", name = name), frame)), names = names)
}

# Newey-West's lags over periods that no row has: kept as gaps, closed, or closed within each unit (docs/conventions.md).
reading_kernel_gaps <- function(convention) {
  if (is.null(convention)) convention <- "fixest"
  if (!is.list(convention)) convention <- list(profile = convention)
  if (!is.null(convention$kernel_gaps)) return(convention$kernel_gaps)
  known <- c(fixest = "closed", lm = "closed", statsmodels = "rows")
  if (convention$profile %in% names(known)) known[[convention$profile]] else "kept"
}

reading_closed <- function(time, unit, gaps) {
  if (gaps %in% c("kept", "refused")) return(time)
  if (gaps == "closed" || is.null(unit)) return(match(time, sort(unique(time))))
  for (rows in split(seq_along(time), unit)) time[rows] <- match(time[rows], sort(unique(time[rows])))
  time
}

# list(names, values, loss): unnamed vectors, for R's lists can't hold two columns of one name.
reading_matrix <- function(columns) {
  list(names = if (is.null(names(columns))) rep("", length(columns)) else names(columns),
       values = unname(lapply(columns, function(column) as.double(column$v))),
       loss = as.double(unlist(lapply(columns, function(column) column$loss))))
}

reading_singletons <- function(convention) {
  if (is.null(convention)) return("drop")
  if (!is.list(convention)) convention <- list(profile = convention)
  if (!is.null(convention$singletons)) return(convention$singletons)
  if (!convention$profile %in% names(reading_profiles)) {
    reading_gap(paste0("R's second reading doesn't know whether `", convention$profile, "` drops singletons"))
  }
  reading_profiles[[convention$profile]]
}

reading_clusters <- function(vcov) if (is.list(vcov)) unlist(vcov$cluster) else NULL

reading_effect_name <- function(names) paste(ifelse(grepl("^", names, fixed = TRUE), paste0("`", names, "`"), names), collapse = "^")

# Rows that have the period before in the sample, and which row that is.
reading_followers <- function(unit, time) {
  width <- max(time) - min(time) + 2
  key <- unit * width + time - min(time) + 1
  earlier <- match(key - 1, key)
  list(later = which(!is.na(earlier)), earlier = earlier[!is.na(earlier)])
}

# Of each row the unit's later ones, and forward orthogonal deviations from their mean.
reading_later <- function(unit, time) {
  out <- vector("list", length(unit))
  for (of in split(seq_along(unit), unit)) for (i in of) out[[i]] <- of[time[of] > time[i]]
  out
}

reading_deviation <- function(column, later) {
  here <- which(lengths(later) > 0)
  n <- lengths(later)[here]
  means <- vapply(later[here], function(rows) mean(column$v[rows]), 0)
  v <- sqrt(n / (n + 1)) * (column$v[here] - means)
  list(v = v, loss = 1 + 2 * column$loss * reading_largest(column$v) / max(reading_largest(v), 1e-300))
}

# Means by unit, in the order in which units come first.
reading_mean <- function(column, unit) {
  code <- match(unit, unique(unit))
  start <- column$v[!duplicated(unit)]
  v <- start + rowsum(column$v - start[code], code)[, 1L] / tabulate(code)
  list(v = unname(v), loss = 1 + 2 * column$loss * reading_largest(column$v) / max(reading_largest(v), 1e-300))
}

reading_setting <- function(convention, name) if (is.list(convention)) convention[[name]]

reading_change <- function(column, now) {
  v <- column$v[now$later] - column$v[now$earlier]
  list(v = v, loss = 1 + 2 * column$loss * reading_largest(column$v) / max(reading_largest(v), 1e-300))
}

# Places of the rows that a likelihood uses: without levels of an effect whose outcomes are all zero (or all one, but for a
# count), and without the rows of that value, of a two-valued regressor, that has one outcome alone ([R] logit).
reading_unseparated <- function(model, y, columns, effects, times, alone) {
  left <- seq_along(y)
  one_outcome <- function(values) if (model == "poisson") all(values == 0) else all(values == 0) || all(values == 1)
  repeat {
    before <- length(left)
    for (code in effects) {
      lost <- vapply(split(y[left], code[left]), one_outcome, logical(1))
      left <- left[!as.character(code[left]) %in% names(lost)[lost]]
    }
    if (model != "poisson") {
      for (column in columns) {
        values <- unique(column[left])
        if (length(values) != 2L) next
        alike <- vapply(values, function(value) length(unique(y[left][column[left] == value])) == 1L, logical(1))
        if (sum(alike) == 1L) left <- left[column[left] != values[alike]]
      }
    }
    if (length(left) == before && alone && length(effects)) {
      left <- left[reading_without_singletons(lapply(effects, function(code) code[left]), times[left])]
    }
    if (length(left) == before || !length(left)) return(left)
  }
}

# Places of the rows that are left when those alone in a level go, again and again (Correia 2015).
reading_without_singletons <- function(effects, times) {
  left <- seq_along(times)
  repeat {
    stay <- rep(TRUE, length(left))
    for (code in effects) {
      here <- code[left]
      size <- rowsum(times[left], here, reorder = FALSE)
      stay <- stay & size[match(here, unique(here)), 1L] != 1
    }
    if (all(stay)) return(left)
    left <- left[stay]
    if (!length(left)) return(left)
  }
}
