# What the bridge asks of R's own reading. The frame of the study that was opened last is kept until another is opened.

reading_study_keys <- c("title", "data", "unit", "time", "time_order", "time_step", "made", "encoding", "missing", "storage",
                        "layout", "language")

# A gap (R has no reader, a setting it doesn't know) is an answer; anything else that goes wrong is an error.
reading_or_gap <- function(make) tryCatch(make(), reading_gap = function(gap) list(gap = conditionMessage(gap)))

# request: path of the data file, study (the keys of study.toml as they stand there). Returns list(n, columns).
sample_open <- function(request) reading_or_gap(function() {
  parity$frame <- NULL
  study <- request$study
  header <- study$study
  unknown <- setdiff(names(header), reading_study_keys)
  if (length(unknown)) reading_gap(paste0("R's second reading doesn't know `", unknown[1L], "` of [study]"))
  file <- reading_file(request$path, header)
  frame <- new.env()
  frame$columns <- file$columns
  frame$n <- file$n
  frame$study <- study
  frame$header <- header
  frame$unit <- header$unit
  frame$time <- header$time
  frame$made <- frame$making <- character()
  frame$touched <- list()
  parity$frame <- frame
  list(n = as.double(file$n))
})

# request: the id of a spec.
sample_spec <- function(request) reading_or_gap(function() {
  if (is.null(parity$frame)) stop("no study is open", call. = FALSE)
  reading_sample(parity$frame$study$spec[[request$spec]], parity$frame)
})

# Every column of the file that the study reads, and every column that it makes: list(names, values, loss, made).
sample_columns <- function(request) reading_or_gap(function() {
  frame <- parity$frame
  if (is.null(frame)) stop("no study is open", call. = FALSE)
  study <- frame$study
  wanted <- c(frame$unit, frame$time, names(study$derive))
  for (index in names(study$index)) {
    wanted <- c(wanted, index, sprintf("%s.%s", index, as.character(names(study$index[[index]]$variants))))
  }
  for (name in wanted) reading_column(frame, name)
  for (analysis in c(study$mediation, study$difference, study$bootstrap)) reading_analysis(analysis, frame)
  names <- unique(c(names(frame$touched), frame$made))
  columns <- frame$columns[names]
  list(names = names, made = names %in% frame$made, values = unname(lapply(columns, function(c) c$v)),
       keys = unname(lapply(columns, function(c) c$key)),
       loss = vapply(columns, function(c) if (is.null(c$loss)) 1 else as.double(c$loss), 0, USE.NAMES = FALSE))
})

# Columns and expressions that an analysis names are touched; what isn't an expression is left to the spec it belongs to.
reading_analysis <- function(analysis, frame) {
  for (key in intersect(c("outcome", "treatment", "mediators", "controls", "where", "group"), names(analysis))) {
    for (text in unlist(analysis[[key]])) tryCatch(reading_value(reading_expression(text), frame), error = function(e) NULL)
  }
  for (key in intersect(c("absorb", "cluster", "by"), names(analysis))) {
    for (name in unlist(analysis[[key]])) if (!is.null(frame$columns[[name]])) reading_column(frame, name)
  }
}
