# Small things that several engines need.

# A model or option the engine can't do; gap is "never", "notyet" or "notimpl".
parity_decline <- function(gap, reason) list(declined = list(gap = gap, reason = reason))

# list(plm = "2.6.4", ...) of installed packages. Each is looked up once: a session loads a package once, and R reads its
# description anew for every question.
parity_versions <- local({
  known <- list()
  function(packages) {
    for (p in setdiff(packages, names(known))) known[[p]] <<- as.character(utils::packageVersion(p))
    known[packages]
  }
})

# Every non-empty subset of the cluster variables, singles first: a list of character vectors.
parity_subsets <- function(names) {
  unlist(lapply(seq_along(names), function(size) utils::combn(names, size, simplify = FALSE)), recursive = FALSE)
}

# One integer code per distinct combination of integer code columns of a data frame.
parity_combined <- function(data, names) {
  code <- match(data[[names[1L]]], unique(data[[names[1L]]]))
  for (name in names[-1L]) {
    other <- match(data[[name]], unique(data[[name]]))
    pair <- (code - 1) * max(other) + other  # doubles: no overflow
    code <- match(pair, unique(pair))
  }
  code
}
