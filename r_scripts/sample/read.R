# The data file by R's own readers. A column is list(v = double or text, NA where missing; key = what tells groups apart).

# Cells of CSV and Excel that hold no value, beside empty ones.
reading_missing <- c("NA", "NaN", "nan", ".")

# What a study needs that R has no reader for: the sentence that its records carry instead of a verdict.
reading_gap <- function(sentence) stop(structure(class = c("reading_gap", "error", "condition"),
                                                 list(message = sentence, call = NULL)))

# list(columns = name -> column, n = rows)
reading_file <- function(path, header) {
  if (identical(header$layout, "sheets")) reading_gap("R has no second reader of a workbook with a sheet per indicator")
  ending <- tolower(sub("^.*\\.", "", basename(path)))
  missing <- c("", if (is.null(header$missing)) reading_missing else unlist(header$missing))
  columns <- switch(ending,
    csv = reading_csv(path, if (is.null(header$encoding)) "utf-8" else header$encoding, missing),
    dta = reading_dta(path),
    xlsx = reading_xlsx(path, missing),
    reading_gap(paste0("R has no reader of .", ending, " files here"))
  )
  for (name in names(columns)) columns[[name]] <- reading_stored(columns[[name]], name, header)
  list(columns = columns, n = length(columns[[1L]]$v))
}

# `storage = "float"`: columns of numbers that aren't all whole; or those that are named.
reading_stored <- function(column, name, header) {
  named <- is.list(header$storage)
  if (!reading_is_float(header, name) || !is.numeric(column$v) || isTRUE(column$truth)) return(column)
  if (named || any(column$v %% 1 != 0, na.rm = TRUE)) column$v <- reading_float(column$v)
  column
}

reading_is_float <- function(header, name) {
  if (is.list(header$storage)) identical(header$storage[[name]], "float") else identical(header$storage, "float")
}

# ---- CSV

reading_csv <- function(path, encoding, missing) {
  known <- c("utf-8" = "UTF-8-BOM", "utf8" = "UTF-8-BOM", "utf-8-sig" = "UTF-8-BOM", "latin-1" = "latin1", "gbk" = "GBK",
             "iso-8859-1" = "latin1", "ascii" = "ASCII", "gb2312" = "GB2312", "gb18030" = "GB18030", "utf-16" = "UTF-16",
             "big5" = "BIG5", "cp1252" = "CP1252", "latin1" = "latin1", "utf-16-le" = "UTF-16LE", "cp936" = "CP936")
  asked <- gsub("_", "-", tolower(encoding))
  encoding <- if (asked %in% names(known)) known[[asked]] else encoding
  plain <- reading_quoted(path, encoding)
  if (plain != path) {
    on.exit(unlink(plain))
    path <- plain
    encoding <- "UTF-8"
  }
  # columns that begin with numbers are read as numbers, which is many times faster; where one goes on otherwise, as words
  cells <- tryCatch(reading_cells_of_csv(path, encoding, missing, numbers = TRUE), reading_gap = stop, error = function(e) NULL)
  if (is.null(cells)) cells <- reading_cells_of_csv(path, encoding, missing, numbers = FALSE)
  lapply(cells, function(cell) if (is.numeric(cell)) list(v = cell) else reading_typed(cell, missing))
}

# scan() takes a quote inside a field (5" pipe) for the beginning of one; CSV doesn't. The path of a copy in which such
# fields are quoted, or the path itself where there is none.
reading_quoted <- function(path, encoding) {
  if (!any(readBin(path, "raw", file.size(path)) == as.raw(0x22))) return(path)
  con <- tryCatch(file(path, open = "r", encoding = encoding), error = function(e) NULL)
  if (is.null(con)) return(path)  # said where it is read
  text <- tryCatch(enc2utf8(paste(readLines(con, warn = FALSE), collapse = "\n")), finally = close(con))
  inside <- "\"(?:[^\"]++|\"\")*+\"(*SKIP)(*F)|(?<![^,\n])[^\",\n][^,\n]*\"[^,\n]*"
  found <- gregexpr(inside, text, perl = TRUE)
  if (found[[1L]][1L] == -1L) return(path)
  regmatches(text, found) <- lapply(regmatches(text, found), function(f) paste0("\"", gsub("\"", "\"\"", f, fixed = TRUE), "\""))
  copy <- tempfile(fileext = ".csv")
  writeLines(text, copy, useBytes = TRUE)
  copy
}

reading_head <- 500L  # rows by whose words a column is taken for numbers

# Name of each column -> its words, or its numbers where every word is one and none is a long whole number.
reading_cells_of_csv <- function(path, encoding, missing, numbers) {
  con <- tryCatch(file(path, open = "r", encoding = encoding),
                  error = function(e) reading_gap(paste0("R knows no text encoding `", encoding, "`")))
  on.exit(close(con))
  header <- character()
  while (!length(header)) header <- scan(con, what = "", sep = ",", quote = "\"", nlines = 1L, quiet = TRUE,
                                         na.strings = character(), strip.white = FALSE, blank.lines.skip = FALSE)
  rows <- function(what, na, ...) scan(con, what = what, sep = ",", quote = "\"", quiet = TRUE, na.strings = na,
                                       strip.white = FALSE, multi.line = FALSE, fill = FALSE, ...)
  words <- rep(list(""), length(header))
  cells <- if (numbers) rows(words, character(), nmax = reading_head) else rows(words, character())
  if (numbers && length(cells[[1L]]) == reading_head) {
    first <- lapply(cells, reading_typed, missing = missing)
    plain <- vapply(first, function(column) is.numeric(column$v) && is.null(column$truth) && is.null(column$key) &&
                      any(!is.na(column$v)), logical(1L))
    words[plain] <- list(0)
    rest <- rows(words, setdiff(missing, ""))
    if (any(vapply(rest[plain], function(v) any(abs(v) >= 2^53, na.rm = TRUE), logical(1L)))) stop("long whole numbers")
    for (j in seq_along(cells)) cells[[j]] <- c(if (plain[j]) first[[j]]$v else cells[[j]], rest[[j]])
  }
  names(cells) <- enc2utf8(header)
  lapply(cells, function(cell) if (is.character(cell)) enc2utf8(cell) else cell)
}

# A column of words: numbers where every word is one, truth values as 1 and 0, else text.
reading_typed <- function(words, missing) {
  lost <- is.na(words) | words %in% missing
  given <- words[!lost]
  if (length(given) && all(given %in% c("TRUE", "True", "true", "FALSE", "False", "false"))) {
    return(c(reading_filled(lost, as.numeric(given %in% c("TRUE", "True", "true"))), truth = TRUE))
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
  lapply(haven::read_dta(path), function(x) {
    form <- attr(x, "format.stata")
    if (inherits(x, "POSIXct") && grepl("^%-?tC", form)) return(list(v = as.double(x) * 1000 + 315619200000))
    if (inherits(x, c("Date", "POSIXct"))) return(reading_dates(as.double(x) * if (inherits(x, "Date")) 86400 else 1))
    if (is.character(x)) {
      x <- enc2utf8(as.vector(x))
      return(list(v = replace(x, x == "", NA)))
    }
    column <- list(v = as.double(unclass(x)))
    labels <- attr(x, "labels")
    if (length(labels)) column$labels <- structure(as.double(unclass(labels)), names = enc2utf8(names(labels)))
    column
  })
}

# Seconds since 1970 as the texts that filters compare, with the seconds beside them.
reading_dates <- function(seconds) {
  clock <- as.POSIXct(seconds, origin = "1970-01-01", tz = "UTC")
  days <- all(seconds %% 86400 == 0, na.rm = TRUE)
  list(v = ifelse(is.na(seconds), NA_character_, format(clock, if (days) "%Y-%m-%d" else "%Y-%m-%d %H:%M:%OS6")),
       moment = seconds)
}

reading_xlsx <- function(path, missing) {
  if (!requireNamespace("readxl", quietly = TRUE)) reading_gap("R package readxl is not installed")
  cells <- suppressMessages(readxl::read_excel(path, sheet = 1L, col_names = FALSE, col_types = "list", na = character(),
                                               .name_repair = "minimal"))
  cells <- lapply(unname(as.list(cells)), function(column) lapply(column, function(v) if (length(v)) v else NA))
  empty <- Reduce(`&`, lapply(cells, function(column) vapply(column, function(v) is.na(v) || identical(v, ""), logical(1L))))
  cells <- lapply(cells, function(column) column[!empty])
  named <- vapply(cells, function(column) reading_cell(column[[1L]]), "")
  structure(lapply(cells, function(column) reading_cells(column[-1L], missing)), names = named)
}

# As Python's str() writes it.
reading_cell <- function(value) {
  if (is.na(value)) return("")
  if (is.character(value)) return(enc2utf8(value))
  if (is.logical(value)) return(if (value) "True" else "False")
  if (inherits(value, "POSIXct")) return(format(value, if (as.double(value) %% 86400 == 0) "%Y-%m-%d" else "%Y-%m-%d %H:%M:%S"))
  if (value %% 1 == 0 && abs(value) <= 2^53) return(sprintf("%.0f", value))
  for (digits in 15:17) if (as.numeric(text <- sprintf(paste0("%.", digits, "g"), value)) == value) break
  text
}

reading_cells <- function(cells, missing) {
  lost <- vapply(cells, function(v) is.na(v) || (is.character(v) && v %in% missing), logical(1L))
  given <- cells[!lost]
  is <- function(f) vapply(given, f, logical(1L))
  if (length(given) && all(is(function(v) inherits(v, "POSIXct")))) {
    seconds <- rep(NA_real_, length(lost))
    seconds[!lost] <- vapply(given, as.double, 0)
    return(reading_dates(seconds))
  }
  text <- is(is.character)
  number <- is(function(v) is.numeric(v) && !inherits(v, "POSIXct"))
  if (all(is(is.logical)) && length(given)) return(c(reading_filled(lost, vapply(given, as.numeric, 0)), truth = TRUE))
  words <- vapply(given[text], identity, "")
  reads <- grepl("^\\s*[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?\\s*$", words) & nchar(trimws(words)) <= 15L
  if (all(text | number) && all(reads)) return(reading_filled(lost, vapply(given, as.numeric, 0)))
  reading_filled(lost, vapply(given, reading_cell, ""))
}
