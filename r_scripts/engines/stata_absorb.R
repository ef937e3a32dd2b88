# Fixed effects absorbed in closed form, and what is counted about them: levels, mobility groups, rank, nesting.
#
# The columns are first demeaned by the effect with most levels, which is exact. What the other effects' dummies still
# explain is projected out through their cross-products net of the largest effect (Frisch and Waugh 1933; Lovell 1963),
# factored once by pivoted Cholesky, which also gives the rank. Repeating the projection removes the rounding error
# of the first pass, as reorthogonalisation does in Gram-Schmidt. No n x L matrix of dummies is ever formed.

# Codes 1, 2, ... in order of first appearance.
stata_codes <- function(x) match(x, unique(x))

# One code per combination of several columns.
stata_joined <- function(columns) {
  code <- stata_codes(columns[[1L]])
  for (column in columns[-1L]) {
    other <- stata_codes(column)
    code <- stata_codes((code - 1) * max(other) + other)
  }
  code
}

# Whether every level of `inner` lies within one level of `outer`.
stata_nested <- function(inner, outer) max(stata_joined(list(inner, outer))) == length(unique(inner))

# Mobility groups of two effects: connected components of the graph whose edges are the rows
# (Abowd, Creecy and Kramarz 2002), by union-find over the distinct pairs.
stata_mobility_groups <- function(left, right) {
  left <- stata_codes(left)
  right <- stata_codes(right) + max(left)
  parent <- seq_len(max(right))
  root <- function(i) {
    while (parent[i] != i) {
      parent[i] <<- parent[parent[i]]
      i <- parent[i]
    }
    i
  }
  for (row in which(!duplicated(stata_joined(list(left, right))))) parent[root(left[row])] <- root(right[row])
  sum(parent == seq_along(parent))
}

# Sums of the rows of a matrix by code 1..levels.
stata_sums <- function(m, code) unname(rowsum(m, code, reorder = TRUE))

# What is needed to absorb `factors` (a list of columns) under row weights w. rank: of all their dummies together.
stata_absorber <- function(factors, w) {
  if (!length(factors)) return(list(rank = 0L, w = w))
  codes <- lapply(unname(factors), stata_codes)
  codes <- codes[order(-vapply(codes, max, integer(1)))]
  absorber <- list(w = w, main = codes[[1L]], others = codes[-1L])
  absorber$main_w <- as.vector(stata_sums(as.matrix(w), absorber$main))
  if (length(codes) > 1L) absorber <- c(absorber, stata_reduced(absorber))
  absorber$rank <- max(absorber$main) + length(absorber$kept)
  absorber
}

# The cross-products of the other effects' dummies, net of the largest effect, factored.
#   shares   largest effect's levels x other dummies: share of the level's weight
#   kept     dummies that are linearly independent of the largest effect and of each other
#   factor   upper triangular R with R'R = the kept cross-products, after scaling dummies by `scale`
stata_reduced <- function(absorber) {
  sizes <- vapply(absorber$others, max, integer(1))
  starts <- cumsum(c(0L, sizes))[seq_along(sizes)]
  columns <- Map(function(code, start) code + start, absorber$others, starts)
  total <- sum(sizes)
  by_main <- matrix(0, max(absorber$main), total)
  products <- matrix(0, total, total)
  for (a in columns) {
    by_main <- by_main + stata_cross(absorber$main, a, absorber$w, dim(by_main))
    for (b in columns) products <- products + stata_cross(a, b, absorber$w, dim(products))
  }
  scale <- 1 / sqrt(diag(products))
  shares <- by_main / absorber$main_w
  net <- (products - crossprod(by_main, shares)) * tcrossprod(scale)
  # a dummy that is determined leaves 1e-15 of its norm, one that is not at least 1 / rows of it
  root <- suppressWarnings(chol(net, pivot = TRUE, tol = 1e-9))
  rank <- attr(root, "rank")
  kept <- attr(root, "pivot")[seq_len(rank)]
  factor <- root[seq_len(rank), seq_len(rank), drop = FALSE]
  list(shares = shares, kept = kept, scale = scale, columns = columns, factor = factor)
}

# Weighted two-way table of codes as a matrix of the given size.
stata_cross <- function(a, b, w, size) {
  out <- matrix(0, size[1L], size[2L])
  cell <- a + size[1L] * (b - 1)
  sums <- rowsum(w, cell)
  out[as.numeric(rownames(sums))] <- sums
  out
}

# Columns of the matrix m less their weighted projection on all dummies; a large matrix in slices of columns, so that
# what the passes hold beside it stays small.
stata_partial <- function(absorber, m) {
  if (absorber$rank == 0L) return(m)
  if (length(m) <= STATA_SLICE) return(stata_partialled(absorber, m))
  width <- max(1L, STATA_SLICE %/% nrow(m))
  for (start in seq(1L, ncol(m), by = width)) {
    slice <- start:min(start + width - 1L, ncol(m))
    m[, slice] <- stata_partialled(absorber, m[, slice, drop = FALSE])
  }
  m
}

# Numbers partialled out at once.
STATA_SLICE <- 2e6

stata_partialled <- function(absorber, m) {
  for (pass in 1:3) {
    m <- stata_demeaned(absorber, m)
    if (length(absorber$kept)) m <- m - stata_demeaned(absorber, stata_fitted_dummies(absorber, m))
  }
  stata_demeaned(absorber, m)
}

stata_demeaned <- function(absorber, m) {
  m - (stata_sums(m * absorber$w, absorber$main) / absorber$main_w)[absorber$main, , drop = FALSE]
}

# D g, where g are the coefficients of the kept dummies D in a regression of m (free of the largest effect) on them.
stata_fitted_dummies <- function(absorber, m) {
  sums <- do.call(rbind, lapply(absorber$others, function(code) stata_sums(m * absorber$w, code)))
  scaled <- absorber$scale[absorber$kept] * sums[absorber$kept, , drop = FALSE]
  g <- matrix(0, nrow(sums), ncol(sums))
  half <- backsolve(absorber$factor, scaled, transpose = TRUE)
  g[absorber$kept, ] <- absorber$scale[absorber$kept] * backsolve(absorber$factor, half)
  Reduce(`+`, lapply(absorber$columns, function(code) g[code, , drop = FALSE]))
}

# n x . matrix spanning the other effects' dummies net of the largest effect, orthonormal under the weights.
stata_dummy_basis <- function(absorber) {
  n <- length(absorber$w)
  if (!length(absorber$kept)) return(matrix(0, n, 0L))
  dummies <- -absorber$shares[absorber$main, , drop = FALSE]
  for (code in absorber$columns) {
    cell <- cbind(seq_len(n), code)
    dummies[cell] <- dummies[cell] + 1
  }
  kept <- t(dummies[, absorber$kept, drop = FALSE]) * absorber$scale[absorber$kept]
  t(backsolve(absorber$factor, kept, transpose = TRUE))
}

# Rows that stay when observations alone in a level of an effect are dropped until none is (Correia 2015).
stata_without_singletons <- function(factors) {
  keep <- rep(TRUE, length(factors[[1L]]))
  repeat {
    alone <- Reduce(`|`, lapply(factors, function(f) keep & !(f %in% f[keep][duplicated(f[keep])])))
    if (!any(alone)) return(keep)
    keep <- keep & !alone
  }
}
