# Trees over a frame. A value is list(v = double or text, loss): loss says how many times more than one rounding a number
# of it may be off, relative to the largest of the column, because of what was subtracted on the way.
#
# Missing in, missing out; `and`, `or`, `not` by three-valued logic; a finite argument with no finite result is missing.

reading_column <- function(frame, name) {
  if (is.null(frame$columns[[name]])) reading_make(frame, name)
  if (!name %in% frame$made) frame$touched[[name]] <- TRUE
  frame$columns[[name]]
}

reading_value <- function(node, frame) {
  switch(node$k,
    col = {
      column <- reading_column(frame, node$name)
      list(v = column$v, loss = if (is.null(column$loss)) 1 else column$loss, labels = column$labels)
    },
    num = list(v = rep(node$v, frame$n), loss = 1),
    str = list(v = rep(node$v, frame$n), loss = 1),
    call = reading_applied(node, frame),
    `in` = reading_member(node, frame),
    op = reading_operation(node, frame),
    stop("`", reading_label(node), "` is no expression", call. = FALSE)
  )
}

reading_numbers <- function(node, frame) {
  value <- reading_value(node, frame)
  if (is.character(value$v)) {
    if (!all(is.na(value$v))) stop("`", reading_label(node), "` is text where numbers belong", call. = FALSE)
    value$v <- rep(NA_real_, frame$n)
  }
  value
}

reading_largest <- function(v) {
  finite <- abs(v[is.finite(v)])
  if (length(finite)) max(finite) else 0
}

reading_finite <- function(v, ...) {
  made <- is.infinite(v) | is.nan(v)
  for (source in list(...)) made <- made & !is.infinite(source)
  v[made] <- NA
  v
}

# ---- functions

reading_applied <- function(node, frame) {
  if (node$f == "is_missing") return(list(v = as.numeric(is.na(reading_value(node$args[[1L]], frame)$v)), loss = 1))
  x <- reading_numbers(node$args[[1L]], frame)
  if (node$f %in% c("l", "f", "d")) return(reading_shift(node, x, frame))
  v <- suppressWarnings(switch(node$f, log = log(x$v), log1p = log1p(x$v), log10 = log10(x$v), exp = exp(x$v),
                               sqrt = sqrt(x$v), abs = abs(x$v), float = reading_float(x$v), I = x$v))
  v <- reading_finite(v, x$v)
  loss <- switch(node$f, log = , log1p = , log10 = 1 + x$loss / max(reading_largest(v), 1e-300),
                 exp = 1 + x$loss * reading_largest(x$v), x$loss)
  list(v = v, loss = loss)
}

# Rounded to four bytes, as C rounds.
reading_float <- function(v) {
  rounded <- readBin(writeBin(as.double(v), raw(), size = 4L), "double", n = length(v), size = 4L)
  replace(rounded, is.na(v) | (is.infinite(rounded) & !is.infinite(v)), NA)
}

reading_shift <- function(node, x, frame) {
  periods <- node$args[[2L]]$v
  if (node$f == "f") periods <- -periods
  before <- reading_periods_ago(x$v, frame, periods)
  if (node$f != "d") return(list(v = before, loss = x$loss))
  v <- x$v - before
  list(v = v, loss = 1 + 2 * x$loss * reading_largest(x$v) / max(reading_largest(v), 1e-300))
}

# ---- operators

reading_member <- function(node, frame) {
  x <- reading_value(node$arg, frame)$v
  values <- unlist(lapply(node$values, function(level) level$v))
  if (is.numeric(x) && node$arg$k == "col") values <- reading_codes(values, node$arg$name, frame)
  if (is.character(x) != is.character(values)) stop("`", reading_label(node), "` mixes texts and numbers", call. = FALSE)
  list(v = ifelse(is.na(x), NA_real_, as.numeric((x %in% values) != node$negated)), loss = 1)
}

reading_operation <- function(node, frame) {
  args <- lapply(node$args, reading_value, frame = frame)
  if (node$op %in% c("==", "!=")) args <- reading_labelled(node, args, frame)
  a <- args[[1L]]$v
  if (node$op == "neg") return(list(v = -a, loss = args[[1L]]$loss))
  if (node$op == "not") return(list(v = as.numeric(!reading_truth(a, node)), loss = 1))
  b <- args[[2L]]$v
  if (node$op %in% c("and", "or")) {
    a <- reading_truth(a, node)
    b <- reading_truth(b, node)
    return(list(v = as.numeric(if (node$op == "and") a & b else a | b), loss = 1))
  }
  if (node$op %in% c("==", "!=", "<", "<=", ">", ">=")) {
    if (is.character(a) != is.character(b)) stop("`", reading_label(node), "` compares text with a number", call. = FALSE)
    return(list(v = as.numeric(switch(node$op, `==` = a == b, `!=` = a != b, `<` = a < b, `<=` = a <= b, `>` = a > b,
                                      `>=` = a >= b)), loss = 1))
  }
  if (is.character(a) || is.character(b)) stop("`", reading_label(node), "` needs numbers", call. = FALSE)
  v <- switch(node$op, `+` = a + b, `-` = a - b, `*` = a * b, `/` = a / b, `^` = a^b)
  v <- reading_finite(v, a, b)
  lost <- c(args[[1L]]$loss, args[[2L]]$loss)
  loss <- switch(node$op,
    `+` = , `-` = 1 + sum(lost * c(reading_largest(a), reading_largest(b))) / max(reading_largest(v), 1e-300),
    `^` = 1 + lost[1L] * reading_largest(b),
    1 + sum(lost)
  )
  list(v = v, loss = loss)
}

# A text beside a column of numbers with value labels is the code that it labels.
reading_labelled <- function(node, args, frame) {
  for (i in 1:2) {
    other <- node$args[[3L - i]]
    if (node$args[[i]]$k == "str" && other$k == "col" && !is.null(args[[3L - i]]$labels)) {
      args[[i]]$v <- rep(reading_codes(node$args[[i]]$v, other$name, frame), frame$n)
    }
  }
  args
}

# Texts as the codes whose labels they are, where a column of numbers has labels; anything else as it is.
reading_codes <- function(values, name, frame) {
  labels <- reading_column(frame, name)$labels
  if (is.null(labels) || !is.character(values)) return(values)
  own <- suppressWarnings(as.numeric(values))  # unlist() makes texts of numbers that stand beside them
  code <- ifelse(values %in% names(labels), unname(labels[match(values, names(labels))]), own)
  if (anyNA(code)) stop("`", values[is.na(code)][1L], "` is no value label of `", name, "`", call. = FALSE)
  code
}

reading_truth <- function(v, node) {
  if (is.character(v) || any(!is.na(v) & v != 0 & v != 1)) stop("`", reading_label(node), "` is no condition", call. = FALSE)
  v == 1
}

# ---- items of a formula: a named list of values, several for dummies

reading_item_values <- function(item, frame, rows, keep_all) {
  if (item$k == "dummies") return(reading_dummies(item, frame, rows, keep_all))
  if (item$k != "inter") return(structure(list(reading_numbers(item, frame)), names = reading_label(item)))
  made <- NULL
  for (factor in item$factors) {
    inner <- reading_item_values(factor, frame, rows, FALSE)
    if (is.null(made)) {
      made <- inner
      next
    }
    pairs <- list()
    for (a in names(made)) for (b in names(inner)) {
      pairs[[paste0(a, ":", b)]] <- list(v = made[[a]]$v * inner[[b]]$v, loss = 1 + made[[a]]$loss + inner[[b]]$loss)
    }
    made <- pairs
  }
  made
}

reading_dummies <- function(item, frame, rows, keep_all) {
  found <- reading_value(item$group, frame)
  group <- found$v
  levels <- sort(unique(group[rows & !is.na(group)]))
  out <- if (!is.null(item$ref)) {
    if (is.numeric(group)) reading_codes(item$ref$v, item$group$name, frame) else item$ref$v
  } else if (is.null(item$by) && !keep_all && length(levels)) levels[1L]
  by <- if (is.null(item$by)) list(v = rep(1, frame$n), loss = 1) else reading_numbers(item$by, frame)
  made <- list()
  for (level in setdiff(levels, out)) {
    label <- names(found$labels)[match(level, found$labels)]
    said <- if (is.character(level)) level else if (length(label) && !is.na(label)) label else sprintf("%.17g", level)
    name <- paste0(reading_label(item$group), "::", said, if (!is.null(item$by)) paste0(":", reading_label(item$by)))
    made[[name]] <- list(v = (group == level) * by$v, loss = by$loss)
  }
  made
}
