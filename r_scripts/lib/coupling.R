# Coupling coordination degrees, row by row, from the formulas. Base R only.

# request: u (a matrix, a column a system), period (codes from 1), weights, form. -> coupling, index, degree by row;
# their means, the least and the largest degree by period. NaN where all scores of a row are zero.
coupling_analysis <- function(request) {
  rows <- apply(request$u, 1L, coupling_row, weights = request$weights, form = request$form)
  by <- function(f, row) {
    vapply(seq_len(max(request$period)), function(p) {
      v <- rows[row, request$period == p]
      v <- v[is.finite(rows["degree", request$period == p])]
      if (length(v)) f(v) else NaN
    }, numeric(1))
  }
  list(
    coupling = unname(rows["coupling", ]), index = unname(rows["index", ]), degree = unname(rows["degree", ]),
    "mean coupling" = by(mean, "coupling"), "mean index" = by(mean, "index"), "mean degree" = by(mean, "degree"),
    "least degree" = by(min, "degree"), "largest degree" = by(max, "degree")
  )
}

coupling_row <- function(u, weights, form) {
  n <- length(u)
  none <- c(coupling = NaN, index = NaN, degree = NaN)
  if (all(u == 0)) return(none)
  coupling <- switch(form,
    geometric = if (all(u > 0)) exp(mean(log(u))) / mean(u) else 0,
    unscaled = if (all(u > 0)) exp(mean(log(u))) / sum(u) else 0,
    revised = {
      others <- u[-which.max(u)] / max(u)
      gap <- mean(stats::dist(u, method = "manhattan"))
      sqrt((1 - gap) * (if (all(others > 0)) exp(mean(log(others))) else 0))
    }
  )
  index <- sum(weights * u)
  c(coupling = coupling, index = index, degree = sqrt(coupling * index))
}
