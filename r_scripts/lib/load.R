# Loads the R side once per session: options, then lib/, sample/ and engines/ (and one extra file, for tests).
#
# Every engine file gets its own environment, so two engines may both have a helper `meat` without one silently
# replacing the other's. What nobody else defined is visible to all. A file that can't be read takes only itself out.

parity <- new.env(parent = globalenv())

parity_load <- function(folder, extra = "") {
  options(digits = 17, warn = 1, stringsAsFactors = FALSE, useFancyQuotes = FALSE, OutDec = ".")
  Sys.setlocale("LC_COLLATE", "C")  # the order of factor levels must not depend on the machine
  parity$unread <- character()
  for (file in c(r_files(file.path(folder, "lib")), r_files(file.path(folder, "sample")))) {
    if (basename(file) != "load.R") sys.source(file, envir = parity)
  }
  for (file in c(r_files(file.path(folder, "engines")), if (nzchar(extra)) extra)) {
    tryCatch(source_apart(file), error = function(e) {
      parity$unread[[basename(file)]] <- conditionMessage(e)
    })
  }
  invisible()
}

r_files <- function(folder) sort(list.files(folder, pattern = "\\.[Rr]$", full.names = TRUE))

source_apart <- function(file) {
  own <- new.env(parent = parity)
  sys.source(file, envir = own)
  for (name in setdiff(ls(own), ls(parity))) assign(name, get(name, envir = own), envir = parity)
}

parity_serve <- function(folder, number) parity$bridge_serve(folder, number)
