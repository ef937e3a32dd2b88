# Units and periods: who is whose neighbour in time.

# Codes of the combinations of columns, in order of appearance; NA where one is missing.
reading_groups <- function(frame, names) {
  code <- NULL
  for (name in names) {
    column <- reading_column(frame, name)
    keys <- if (is.null(column$key)) column$v else column$key
    own <- match(keys, unique(keys))
    own[is.na(keys)] <- NA
    code <- if (is.null(code)) own else (code - 1) * (max(c(own, 0), na.rm = TRUE) + 1) + own
    code <- match(code, unique(code[!is.na(code)]))
  }
  code
}

# The time column as whole numbers, neighbours 1 apart; NA where missing. whole: whether their order is certain; where it
# isn't, places that only tell periods apart.
reading_periods <- function(frame) {
  if (is.null(frame$time)) return(NULL)
  if (is.null(frame$periods)) {
    column <- reading_column(frame, frame$time)
    frame$periods <- tryCatch(
      list(v = reading_calendar(column, unlist(frame$header$time_order), frame$header$time_step), whole = TRUE),
      error = function(e) list(v = match(column$v, sort(unique(column$v), method = "radix")) - 1, whole = FALSE,
                               why = conditionMessage(e))
    )
  }
  frame$periods
}

# The same where an order is needed.
reading_ordered <- function(frame) {
  time <- reading_periods(frame)
  if (is.null(time)) stop("there is no time column", call. = FALSE)
  if (!time$whole) stop(time$why, call. = FALSE)
  time$v
}

# The value of the same unit so many periods ago.
reading_periods_ago <- function(x, frame, periods) {
  time <- reading_ordered(frame)
  unit <- if (is.null(frame$unit)) rep(1, frame$n) else reading_groups(frame, frame$unit)
  known <- !is.na(unit) & !is.na(time)
  # one number for each unit and period: exact, and no text is made of them
  first <- min(time[known]) - abs(periods)
  width <- max(time[known]) - first + abs(periods) + 1
  key <- (unit - 1) * width + time - first
  out <- x[match(key - periods, ifelse(known, key, NA))]
  out[!known] <- NA
  out
}
