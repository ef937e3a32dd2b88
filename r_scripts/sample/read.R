# The data file by R's own readers. A column is list(v = double or text, NA where missing; key = what tells groups apart).

reading_missing <- c("", "NA", "NaN", "nan", ".")

# What a study needs that R has no reader for: the sentence that its records carry instead of a verdict.
reading_gap <- function(sentence) stop(structure(class = c("reading_gap", "error", "condition"),
                                                 list(message = sentence, call = NULL)))

# list(columns = name -> column, n = rows)
reading_file <- function(path, encoding, layout) {
  if (layout == "sheets") reading_gap("R has no second reader of a workbook with a sheet per indicator")
  ending <- tolower(sub("^.*\\.", "", basename(path)))
  columns <- switch(ending,
    csv = reading_csv(path, encoding),
    dta = reading_dta(path),
    xlsx = reading_xlsx(path),
    reading_gap(paste0("R has no reader of .", ending, " files here"))
  )
  list(columns = columns, n = length(columns[[1L]]$v))
}

# ---- CSV

reading_csv <- function(path, encoding) {
  known <- c("utf-8" = "UTF-8-BOM", "utf8" = "UTF-8-BOM", "utf-8-sig" = "UTF-8-BOM", "latin-1" = "latin1", "gbk" = "GBK",
             "iso-8859-1" = "latin1", "ascii" = "ASCII", "gb2312" = "GB2312", "gb18030" = "GB18030", "utf-16" = "UTF-16",
             "big5" = "BIG5", "cp1252" = "CP1252", "latin1" = "latin1", "utf-16-le" = "UTF-16LE", "cp936" = "CP936")
  asked <- gsub("_", "-", tolower(encoding))
  con <- tryCatch(file(path, open = "r", encoding = if (asked %in% names(known)) known[[asked]] else encoding),
                  error = function(e) reading_gap(paste0("R knows no text encoding `", encoding, "`")))
  on.exit(close(con))
  header <- character()
  while (!length(header)) header <- scan(con, what = "", sep = ",", quote = "\"", nlines = 1L, quiet = TRUE,
                                         na.strings = character(), strip.white = FALSE, blank.lines.skip = FALSE)
  cells <- scan(con, what = rep(list(""), length(header)), sep = ",", quote = "\"", quiet = TRUE, na.strings = character(),
                strip.white = FALSE, multi.line = FALSE, fill = FALSE)
  names(cells) <- enc2utf8(header)
  lapply(cells, function(cell) reading_typed(enc2utf8(cell)))
}

# A column of words: numbers where every word is one, truth values as 1 and 0, else text.
reading_typed <- function(words) {
  lost <- words %in% reading_missing
  given <- words[!lost]
  if (length(given) && all(given %in% c("TRUE", "True", "true", "FALSE", "False", "false"))) {
    return(reading_filled(lost, as.numeric(given %in% c("TRUE", "True", "true"))))
  }
  numbers <- suppressWarnings(as.numeric(given))
  if (anyNA(numbers) || any(grepl("[xXpPdDlL]", given))) return(reading_filled(lost, given))
  column <- reading_filled(lost, numbers)
  if (any(abs(numbers) >= 2^53 & is.finite(numbers)) && all(grepl("^\\s*[-+]?[0-9]+\\s*$", given))) {
    column$key <- reading_filled(lost, sub("^(-?)0+(?=[0-9])", "\\1", sub("^\\+", "", trimws(given)), perl = TRUE))$v
  }
  column
}

reading_filled <- function(lost, given) {
  v <- rep(if (is.character(given)) NA_character_ else NA_real_, length(lost))
  v[!lost] <- given
  list(v = v)
}

# ---- Stata and Excel

reading_dta <- function(path) {
  if (!requireNamespace("haven", quietly = TRUE)) reading_gap("R package haven is not installed")
  data <- haven::read_dta(path)
  lapply(data, function(x) {
    if (inherits(x, c("Date", "POSIXct"))) return(reading_dates(x))
    if (!is.character(x)) return(list(v = as.double(unclass(x))))
    x <- enc2utf8(as.vector(x))
    list(v = replace(x, x %in% reading_missing, NA))
  })
}

reading_dates <- function(x) {
  days <- inherits(x, "Date") || all(as.numeric(x) %% 86400 == 0, na.rm = TRUE)
  list(v = ifelse(is.na(x), NA_character_, format(x, if (days) "%Y-%m-%d" else "%Y-%m-%d %H:%M:%OS6", tz = "UTC")))
}

reading_xlsx <- function(path) {
  if (!requireNamespace("readxl", quietly = TRUE)) reading_gap("R package readxl is not installed")
  cells <- suppressMessages(readxl::read_excel(path, sheet = 1L, col_names = FALSE, col_types = "list", na = character(),
                                               .name_repair = "minimal"))
  names(cells) <- NULL
  named <- vapply(cells, function(column) reading_cell(column[[1L]]), "")
  columns <- lapply(cells, function(column) reading_cells(column[-1L]))
  names(columns) <- named
  columns
}

reading_cell <- function(value) {
  if (length(value) == 0L || is.na(value)) return("")
  if (is.character(value)) enc2utf8(value) else if (is.numeric(value)) format(value, digits = 15L) else as.character(value)
}

reading_cells <- function(cells) {
  lost <- vapply(cells, function(v) length(v) == 0L || is.na(v) || (is.character(v) && v %in% reading_missing), logical(1L))
  given <- cells[!lost]
  is <- function(f) vapply(given, f, logical(1L))
  if (length(given) && all(is(function(v) inherits(v, "POSIXct")))) {
    return(reading_filled(lost, reading_dates(do.call(c, given))$v))
  }
  if (all(is(function(v) is.numeric(v) || is.logical(v))) && !(any(is(is.logical)) && any(is(is.numeric)))) {
    return(reading_filled(lost, as.numeric(vapply(given, as.numeric, 0))))
  }
  words <- vapply(given, reading_cell, "")
  typed <- reading_typed(words)
  reading_filled(lost, typed$v)
}
