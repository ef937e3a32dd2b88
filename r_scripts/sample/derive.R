# The columns of [derive] and [index], made when something asks for them. What a step or an index does is in lib/derive.R
# and lib/indices.R; the defaults of their settings stand here, as docs/indices.md has them.

reading_actions <- c("lag", "lead", "difference", "growth", "winsorise", "trim", "log", "log1p", "standardise", "interact",
                     "dummy", "median_split", "per_head", "interpolate")

reading_step_defaults <- list(periods = 1, form = "ratio", cuts = c(1, 99), percentiles = "stata", ddof = 1, centre = FALSE,
                              ties = "low", at = "rows", times = 1, edges = "missing")

# Of a name that is no column of the file: the column, kept in the frame; an error if nothing makes it, or itself does.
reading_make <- function(frame, name) {
  if (name %in% frame$making) stop("`", name, "` is made from itself", call. = FALSE)
  before <- frame$making
  frame$making <- c(before, name)
  on.exit(frame$making <- before)
  line <- frame$study$derive[[name]]
  made <- if (is.character(line)) {
    structure(list(reading_value(reading_expression(line), frame)), names = name)
  } else if (!is.null(line)) {
    structure(list(reading_step(line, frame)), names = name)
  } else {
    reading_index_of(frame, name)
  }
  for (column in names(made)) {
    if (!is.null(line) && reading_is_float(frame$header, name) && is.numeric(made[[column]]$v)) {
      made[[column]]$v <- reading_float(made[[column]]$v)
    }
    frame$columns[[column]] <- made[[column]]
  }
  frame$made <- union(frame$made, names(made))
}

# ---- a step

reading_step <- function(line, frame) {
  what <- intersect(reading_actions, names(line))
  if (length(what) != 1L) reading_gap(paste0("R's second reading doesn't know the step `", names(line)[1L], "`"))
  unknown <- setdiff(names(line), c(what, names(reading_step_defaults), "by", "values", "population"))
  if (length(unknown)) reading_gap(paste0("R's second reading doesn't know `", unknown[1L], "` of a derived column"))
  s <- utils::modifyList(reading_step_defaults, lapply(line[setdiff(names(line), what)], unlist))
  s$what <- what
  if (what == "per_head") line$population <- unlist(line$population)
  of <- c(unlist(line[[what]]), line$population)
  x <- lapply(of, function(name) {
    node <- list(k = "col", name = name)
    if (what == "dummy") reading_value(node, frame) else reading_numbers(node, frame)
  })
  if (what == "dummy" && is.numeric(x[[1L]]$v)) s$values <- reading_codes(s$values, of, frame)
  loss <- max(vapply(x, function(column) column$loss, 0))
  if (what %in% c("lag", "lead", "difference", "growth")) return(reading_shifted(x[[1L]], s, frame))
  time <- if (what == "interpolate") reading_ordered(frame) else rep(0, frame$n)
  unit <- if (is.null(frame$unit)) seq_len(frame$n) else reading_groups(frame, frame$unit)
  request <- list(step = s, x = lapply(x, function(column) column$v), unit = unit, time = time,
                  by = if (!is.null(line$by)) reading_groups(frame, unlist(line$by)))
  list(v = parity_derived(request)$value, loss = 10 * loss)
}

reading_shifted <- function(x, s, frame) {
  before <- reading_periods_ago(x$v, frame, if (s$what == "lead") -s$periods else s$periods)
  if (s$what %in% c("lag", "lead")) return(list(v = before, loss = x$loss))
  change <- x$v - before
  loss <- 1 + 2 * x$loss * reading_largest(x$v) / max(reading_largest(change), 1e-300)
  if (s$what == "difference") return(list(v = change, loss = loss))
  if (s$form == "log") {
    v <- suppressWarnings(reading_finite(log(x$v) - log(before)))
    return(list(v = v, loss = 1 + 2 * x$loss * max(1, reading_largest(log(abs(x$v)))) / max(reading_largest(v), 1e-300)))
  }
  v <- reading_finite(x$v / before - 1)
  list(v = v, loss = 1 + 2 * x$loss * max(1, reading_largest(v)) / max(reading_largest(v), 1e-300))
}

# ---- an index

reading_index_defaults <- list(
  method = "entropy", aggregate = "sum", scaling = "minmax", range = c(0, 1), shift = 0, scaled_floor = 0,
  negatives = "refuse", entropy_k = "rows", add_in_log = 0, share_floor = 0, over = "pooled", levels = "one",
  between = "same", times = 1, missing = "refuse", interpolate = "indicators", edges = "nearest", constant = "zero",
  ddof = 1, dispersion_of = "scaled", critic_correlation = "signed", pca_matrix = "correlation", pca_keep = "kaiser",
  pca_share = 0.8, pca_shares_of = "kept", pca_sign = "sum", pca_scores = "eigenvector", pca_form = "scores",
  topsis_weights = "values"
)

# Numbers that decide ties, and what counts as zero or as constant.
reading_index_small <- list(tie = 1e-11, eigen_gap = 1e-3, eigen_zero = 1e-10, kaiser = 1e-9, dispersion = 1e-12, flat = 1e-12)

# The columns that come with the one of this name: an index with its dimensions, or a variant.
reading_index_of <- function(frame, name) {
  for (index in names(frame$study$index)) {
    main <- frame$study$index[[index]]
    variants <- main$variants
    main$variants <- NULL
    dimensions <- unique(unlist(lapply(main$indicators, function(i) i$dimension)))
    if (name == index || name %in% paste0(index, ".", dimensions)) {
      made <- reading_index(main, frame)
      parts <- lapply(made$dimensions, function(v) list(v = v, loss = 100))
      if (length(parts)) names(parts) <- paste0(index, ".", names(made$dimensions))
      return(c(structure(list(list(v = made$scores, loss = 100)), names = index), parts))
    }
    for (variant in names(variants)) if (name == paste0(index, ".", variant)) {
      form <- reading_variant(main, variants[[variant]])
      return(structure(list(list(v = reading_index(form, frame)$scores, loss = 100)), names = name))
    }
  }
  stop("there is no column `", name, "`", call. = FALSE)
}

# A variant has the settings of the main form but those it names; with a method of its own none of its weights.
reading_variant <- function(main, changes) {
  if (!is.null(changes$method)) main$weights <- main$aggregate <- NULL
  if (!is.null(changes$over) && changes$over != "base" && is.null(changes$base)) main$base <- NULL
  for (key in names(changes)) main[[key]] <- changes[[key]]
  main
}

reading_index <- function(form, frame) {
  unknown <- setdiff(names(form), c(names(reading_index_defaults), "indicators", "weights", "base", "weigh_over"))
  if (length(unknown)) reading_gap(paste0("R's second reading doesn't know the setting `", unknown[1L], "` of an index"))
  set <- reading_index_defaults
  for (key in setdiff(names(form), c("indicators", "weights"))) set[[key]] <- unlist(form[[key]])
  if (set$method %in% c("topsis", "entropy-topsis")) {
    set$method <- "entropy"
    set$aggregate <- "topsis"
  }
  columns <- vapply(form$indicators, function(i) i$column, "")
  down <- vapply(form$indicators, function(i) i$direction %in% c("-", "\u2212", "negative", "\u8d1f", "\u8d1f\u5411"), logical(1L))
  dimension <- vapply(form$indicators, function(i) if (is.null(i$dimension)) NA_character_ else i$dimension, "")
  if (set$method == "given") set$weights <- vapply(columns, function(c) as.numeric(form$weights[[c]]), 0)
  data <- lapply(columns, function(c) reading_numbers(list(k = "col", name = c), frame)$v)
  time <- if (is.null(frame$time)) rep(0, frame$n) else reading_column(frame, frame$time)$v
  if (is.character(time) || !is.null(frame$header$time_order)) time <- reading_ordered(frame)
  parity_index(list(
    data = structure(data, names = paste0("x", seq_along(data)), row.names = seq_len(frame$n), class = "data.frame"),
    down = down, dimension = dimension, set = set, small = reading_index_small, time = time,
    unit = if (is.null(frame$unit)) seq_len(frame$n) else reading_groups(frame, frame$unit)
  ))
}
