# Test-only R functions, sourced when PARITY_R_EXTRA names this file.

test_echo <- function(request) request

test_types <- function(request) {
  list(
    class = vapply(request$data, function(x) class(x)[1L], ""),
    type = vapply(request$data, typeof, ""),
    hex = sprintf("%a", request$data$double),
    na = lapply(request$data, is.na),
    chars = nchar(request$data$text, "chars"),
    levels = levels(request$data$factor),
    stop_names = names(request)
  )
}

test_made_here <- function(request) {
  list(
    double = c(0.1, 1 / 3, NA, NaN, Inf, -Inf, -0, 5e-324, 2^53, 2^31 + 1, .Machine$double.xmax),
    integer = c(1L, NA, -.Machine$integer.max, .Machine$integer.max),
    sequence = 1:3,
    text = c("a", "", NA, "\u4e2d\u6587", "\U0001F600", "caf\u00e9"),
    latin1 = { x <- "caf\xe9"; Encoding(x) <- "latin1"; x },
    factor = factor(c("b", NA, "a"), levels = c("z", "b", "a")),
    logical = c(TRUE, FALSE, NA),
    date = as.Date(c("2020-02-29", NA, "1900-01-01")),
    matrix = matrix(c(1, 2, 3, 4, 5, 6), 2, dimnames = list(c("r1", "r2"), NULL)),
    named = c(f1 = 10, f2 = 20),
    model = lm(mpg ~ wt, datasets::mtcars)$coefficients,
    frame = data.frame(x = c(1.5, NA), t = c("u", "v")),
    empty = list(), none = NULL, no_text = character()
  )
}

test_noise <- function(request) {
  warning("a warning \u4e2d")
  message("a message")
  cat("printed without newline")
  print(1:3)
  cat("on stderr\n", file = stderr())
  sink(tempfile())
  cat("lost in a sink that is never closed\n")
  list(value = 42)
}

test_many_warnings <- function(request) {
  for (i in 1:500) warning("warning ", i)
  list()
}

test_error <- function(request) {
  warning("before it went wrong")
  solve(matrix(0, 2, 2))
}

test_model_left <- function(request) list(fit = list(formula = y ~ x))
test_no_list <- function(request) 1
test_crash <- function(request) { cat("last words\n", file = stderr()); tools::pskill(Sys.getpid(), 9L); Sys.sleep(5) }
test_quit <- function(request) { cat("leaving\n", file = stderr()); quit(save = "no", status = 3L) }
test_sleep <- function(request) { Sys.sleep(request$seconds); list(pid = Sys.getpid()) }
test_pid <- function(request) list(pid = Sys.getpid())
test_session <- function(request) {
  list(
    digits = getOption("digits"), utf8 = l10n_info()[["UTF-8"]], collate = Sys.getlocale("LC_COLLATE"),
    threads = Sys.getenv("OMP_NUM_THREADS"), libraries = .libPaths(), home = R.home(),
    version = as.character(getRversion()), interactive = interactive(), random = runif(1), objects = ls(globalenv())
  )
}
test_memory <- function(request) list(mb = sum(gc()[, 2]), connections = nrow(showConnections()))
test_versions <- function(request) parity_versions(request$packages)
test_options <- function(request) { options(digits = 3); list() }

# An engine made only for the tests: least squares on the columns of the request.
estimate_test_lm <- function(request) {
  x <- as.matrix(request$data[grep("^x", names(request$data))])
  if (request$intercept) x <- cbind("(Intercept)" = 1, x)
  fit <- lm.fit(x, request$data$y)
  n <- nrow(x)
  bread <- chol2inv(chol(crossprod(x)))
  message("said by R")
  list(
    terms = rev(colnames(x)), coef = rev(unname(fit$coefficients)),
    parts = list(list(cluster = character(), matrix = (sum(fit$residuals^2) / n * bread)[ncol(x):1, ncol(x):1])),
    basis = "uncorrected",
    printed = list(x1 = list(se = 1.5, t = NA)),
    df_t = Inf,
    stats = list(r2 = 0.5, none = NA, empty = NULL),
    reported = list(
      nobs = n, df_resid = NA, dropped = "x1",
      levels = if (length(request$effects)) list(f1 = request$facts$levels$f1),
      clusters = if (length(request$clusters) > 1) c("g1^g2" = request$facts$clusters[["g1^g2"]])
    ),
    command = "lm.fit(x, y)", versions = list(stats = "9.9.9")
  )
}
estimate_test_declines <- function(request) parity_decline("never", "it is a test")
test_recursion <- function(request) test_recursion(request)
test_unread <- function(request) list(unread = as.character(unlist(parity$unread)))
