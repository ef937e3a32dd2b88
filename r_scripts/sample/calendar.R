# Periods as whole numbers, one apart from one to the next, by the rules of docs/adding-a-study.md. A column is numbers, or
# moments (seconds since 1970, where the reader found dates), or texts.

reading_month_names <- c("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# list(v): of the whole column, NA where missing; an error where the order isn't certain.
reading_calendar <- function(column, order, step) {
  if (!is.null(order)) return(reading_places(column, order))
  if (!is.null(column$moment)) return(reading_of_moments(column$moment, step))
  if (is.character(column$v)) return(reading_of_texts(column$v, step))
  reading_of_numbers(column$v, step)
}

reading_places <- function(column, order) {
  place <- match(column$v, if (is.character(column$v)) as.character(order) else suppressWarnings(as.numeric(order)))
  if (any(is.na(place) & !is.na(column$v))) stop("a period is not in time_order", call. = FALSE)
  as.double(place)
}

# ---- numbers

reading_of_numbers <- function(v, step) {
  known <- v[!is.na(v)]
  if (is.numeric(step)) {
    away <- (v - min(known)) / step
    if (any(abs(away - round(away)) > 1e-4, na.rm = TRUE)) stop("periods are not ", step, " apart", call. = FALSE)
    return(round(away))
  }
  if (all(known %% 1 == 0)) {
    if (is.null(step) || step == "year") return(v)
    base <- switch(step, month = c(100, 12), quarter = c(10, 4), `half-year` = c(10, 2), NULL)
    if (!is.null(base)) return((v %/% base[1L]) * base[2L] + v %% base[1L] - 1)
    return(reading_of_moments(as.double(as.Date(sprintf("%.0f", v), format = "%Y%m%d")) * 86400, step))
  }
  month <- round(12 * v)
  if (any(known < 1000 | known >= 3000) || any(abs(12 * v - month) > 0.06, na.rm = TRUE) ||
      length(unique(month[!is.na(v)])) < length(unique(known))) stop("the step of periods can't be told", call. = FALSE)
  if (is.null(step)) reading_coarsest(month) else reading_in_units("month", month, step)
}

# ---- dates and times

reading_of_moments <- function(seconds, step) {
  if (!is.null(step)) return(reading_in_units("moment", seconds, step))
  day <- seconds %/% 86400
  if (length(unique(stats::na.omit(seconds - day * 86400))) > 1L) {
    apart <- seconds - min(seconds, na.rm = TRUE)
    for (unit in c(3600, 60, 1)) if (all(apart %% unit == 0, na.rm = TRUE)) return(seconds %/% unit)
    stop("times differ by parts of seconds", call. = FALSE)
  }
  date <- as.POSIXlt(as.Date(day, origin = "1970-01-01"))
  ends <- as.POSIXlt(as.Date(day + 1, origin = "1970-01-01"))$mday == 1L
  if (length(unique(date$mday[!is.na(day)])) <= 1L || all(ends, na.rm = TRUE)) {
    return(reading_coarsest((date$year + 1900) * 12 + date$mon))
  }
  if (length(unique(stats::na.omit(day %% 7))) == 1L) day %/% 7 else day
}

# Months since the year 0 as years, half-years, quarters or months: the longest that all fit.
reading_coarsest <- function(month) {
  for (size in c(12, 6, 3, 1)) if (length(unique(stats::na.omit(month %% size))) <= 1L) return(month %/% size)
}

reading_in_units <- function(kind, v, unit) {
  sizes <- c(year = 12, `half-year` = 6, quarter = 3, month = 1)
  if (kind == unit) return(v)
  if (kind == "moment") {
    small <- c(day = 86400, hour = 3600, minute = 60, second = 1)
    if (unit %in% names(small)) return(v %/% small[[unit]])
    if (unit == "week") return((v %/% 86400 + 3) %/% 7)
    date <- as.POSIXlt(as.Date(v %/% 86400, origin = "1970-01-01"))
    return(((date$year + 1900) * 12 + date$mon) %/% sizes[[unit]])
  }
  if (!kind %in% names(sizes) || !unit %in% names(sizes) || sizes[[unit]] < sizes[[kind]]) {
    stop("periods of kind ", kind, " don't make ", unit, "s", call. = FALSE)
  }
  (v * sizes[[kind]]) %/% sizes[[unit]]
}

# ---- texts

# kind, a pattern whose groups are the year and its part, and how many parts a year has (0: none)
reading_text_kinds <- list(
  list("year", "^([12][0-9]{3})(?:\u5e74\u5ea6?)?()$", 1),
  list("half-year", "^([12][0-9]{3})-?[hH]([12])$", 2),
  list("half-year", "^([12][0-9]{3})\u5e74([\u4e0a\u4e0b])\u534a\u5e74$", 2),
  list("quarter", "^([12][0-9]{3})[- ]?[qQ]([1-4])$", 4),
  list("quarter", "^([12][0-9]{3})\u5e74\u7b2c?([1-4\u4e00\u4e8c\u4e09\u56db])\u5b63\u5ea6?$", 4),
  list("month", "^([12][0-9]{3})m(0?[1-9]|1[0-2])$", 12),
  list("month", "^([12][0-9]{3})[-/](0[1-9]|1[0-2])$", 12),
  list("month", "^([12][0-9]{3})\u5e74(0?[1-9]|1[0-2])\u6708$", 12),
  list("week", "^([12][0-9]{3})w(0?[1-9]|[1-4][0-9]|5[0-2])$", 52)
)

reading_of_texts <- function(v, step) {
  levels <- unique(v[!is.na(v)])
  plain <- trimws(chartr(
    "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff0f\uff31\uff51\uff28\uff48\uff37\uff57\uff2d\uff4d\u3000\uff0d",
    "0123456789/QqHhWwMm -", levels))
  for (kind in reading_text_kinds) {
    same <- vapply(reading_text_kinds, function(k) k[[1L]] == kind[[1L]], logical(1L))
    index <- rep(NA_real_, length(levels))
    for (k in reading_text_kinds[same]) {
      hit <- grepl(k[[2L]], plain, perl = TRUE)
      year <- as.numeric(sub(k[[2L]], "\\1", plain[hit], perl = TRUE))
      part <- reading_part(sub(k[[2L]], "\\2", plain[hit], perl = TRUE))
      index[hit] <- if (k[[3L]] == 1) year else year * k[[3L]] + part - 1
    }
    if (!anyNA(index)) return(reading_spread(index, kind[[1L]], levels, v, step))
  }
  iso <- regmatches(plain, regexec("^([12][0-9]{3})-W(0[1-9]|[1-4][0-9]|5[0-3])$", plain))
  if (all(lengths(iso) == 3L)) {
    monday <- vapply(iso, function(p) {  # the 4th of January is in week 1
      fourth <- as.double(as.Date(paste0(p[2L], "-01-04")))
      fourth - (fourth + 3) %% 7 + 7 * (as.numeric(p[3L]) - 1)
    }, 0)
    return(reading_spread(monday %/% 7, "week", levels, v, step))
  }
  moments <- vapply(plain, reading_moment, 0, USE.NAMES = FALSE)
  if (anyNA(moments)) stop("`", levels[is.na(moments)][1L], "` has no certain place in an order", call. = FALSE)
  reading_of_moments(moments[match(v, levels)], step)
}

reading_spread <- function(index, kind, levels, v, step) {
  if (!is.null(step)) index <- reading_in_units(kind, index, step)
  index[match(v, levels)]
}

reading_part <- function(text) {
  known <- c("\u4e0a" = 1, "\u4e0b" = 2, "\u4e00" = 1, "\u4e8c" = 2, "\u4e09" = 3, "\u56db" = 4)
  ifelse(text %in% names(known), known[text], suppressWarnings(as.numeric(text)))
}

# A date, maybe with a clock, as seconds since 1970; NA where the text is none.
reading_moment <- function(text) {
  clock <- "(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}(?:\\.[0-9]+)?))?)?$"
  found <- regmatches(text, regexec(paste0("^([12][0-9]{3})-([0-9]{2})-([0-9]{2})", clock), text, perl = TRUE))[[1L]]
  if (!length(found)) found <- regmatches(text, regexec("^([12][0-9]{3})/([0-9]{1,2})/([0-9]{1,2})$", text))[[1L]]
  if (!length(found)) found <- regmatches(text, regexec("^([12][0-9]{3})\u5e74([0-9]{1,2})\u6708([0-9]{1,2})\u65e5$", text))[[1L]]
  if (!length(found)) {
    named <- regmatches(text, regexec("^([0-9]{1,2})([A-Za-z]{3})([12][0-9]{3})$", text))[[1L]]
    if (!length(named) || !tolower(named[3L]) %in% reading_month_names) return(NA_real_)
    found <- c(text, named[4L], match(tolower(named[3L]), reading_month_names), named[2L])
  }
  day <- as.double(as.Date(sprintf("%s-%s-%s", found[2L], found[3L], found[4L]), format = "%Y-%m-%d"))
  at <- suppressWarnings(as.numeric(found[5:7]))
  at[is.na(at)] <- 0
  day * 86400 + sum(at * c(3600, 60, 1))
}
