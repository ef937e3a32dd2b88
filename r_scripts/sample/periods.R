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

# The time column on a scale on which neighbours are 1 apart; NA where missing. whole: of whole numbers, so that lags exist.
reading_periods <- function(frame) {
  if (is.null(frame$time)) return(NULL)
  v <- reading_column(frame, frame$time)$v
  if (is.numeric(v) && all(v %% 1 == 0, na.rm = TRUE)) return(list(v = v, whole = TRUE))
  list(v = match(v, sort(unique(v), method = "radix")) - 1, whole = FALSE)
}

# The value of the same unit so many periods ago.
reading_periods_ago <- function(x, frame, periods) {
  time <- reading_periods(frame)
  if (is.null(time) || !time$whole) stop("lags need a time column of whole numbers", call. = FALSE)
  unit <- if (is.null(frame$unit)) rep(1, frame$n) else reading_groups(frame, frame$unit)
  known <- !is.na(unit) & !is.na(time$v)
  # one number for each unit and period: exact, and no text is made of them
  first <- min(time$v[known]) - abs(periods)
  width <- max(time$v[known]) - first + abs(periods) + 1
  key <- (unit - 1) * width + time$v - first
  out <- x[match(key - periods, ifelse(known, key, NA))]
  out[!known] <- NA
  out
}
