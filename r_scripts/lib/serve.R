# One request: read it, call the function it names, write the answer. Requests and answers are R's own serialisation
# (`readRDS("request-1.rds")` shows one to a person), so doubles, NA and NaN, text and factors cross exactly.

bridge_serve <- function(folder, number) {
  incoming <- file.path(folder, sprintf("request-%d.rds", number))
  outgoing <- file.path(folder, sprintf("answer-%d.rds", number))
  large <- file.size(incoming) > BRIDGE_LARGE
  call <- readRDS(incoming)
  unlink(incoming)  # a session killed while it computes leaves no data behind
  answer <- bridge_answer(call$fun, call$request)
  connection <- file(outgoing, open = "wb")
  on.exit(close(connection))
  serialize(answer, connection, xdr = FALSE, version = 2L)
  if (large) {
    # what this request left is given back now, not on top of what the next one takes
    rm(call, answer)
    gc(verbose = FALSE)
  }
  invisible()
}

# Bytes of a request beyond which memory is looked after.
BRIDGE_LARGE <- 2e7

# list(value, error, where, said): what the function returned, or what went wrong and in which R function, and every
# warning and message on the way. Options, sinks and the random seed are the same for every call.
bridge_answer <- function(name, request) {
  before <- options()
  sinks <- sink.number()
  on.exit({
    while (sink.number() > sinks) sink()
    options(before)
  })
  set.seed(1L)
  said <- character()
  note <- function(condition) {
    if (length(said) < 200L) said <<- c(said, trimws(conditionMessage(condition)))
  }
  failed <- NULL
  value <- tryCatch(
    withCallingHandlers(
      bridge_plain(bridge_function(name)(request), name),
      packageStartupMessage = function(m) invokeRestart("muffleMessage"),
      warning = function(w) { note(w); invokeRestart("muffleWarning") },
      message = function(m) { note(m); invokeRestart("muffleMessage") }
    ),
    error = function(e) { failed <<- e; NULL }
  )
  list(
    value = value,
    error = if (!is.null(failed)) enc2utf8(trimws(conditionMessage(failed))),
    where = if (!is.null(failed)) enc2utf8(bridge_caller(failed)),
    said = enc2utf8(unique(said)),
    version = as.character(getRversion())
  )
}

bridge_function <- function(name) {
  found <- get0(name, envir = parity, mode = "function", inherits = FALSE)
  if (!is.null(found)) return(found)
  why <- if (length(parity$unread)) {
    paste0(" (not read: ", paste0(names(parity$unread), ": ", parity$unread, collapse = "; "), ")")
  }
  stop("there is no R function `", name, "`", why, call. = FALSE)
}

bridge_caller <- function(condition) {
  call <- conditionCall(condition)
  if (is.call(call)) paste(deparse(call[[1L]], nlines = 1L), collapse = "") else ""
}
