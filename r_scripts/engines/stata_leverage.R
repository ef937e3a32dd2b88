# Leverage and the cluster-robust covariances that use it.
#
# H = W^1/2 X (X'WX)^-1 X' W^1/2 of the whole design: absorbed dummies, constant and slopes (their projections on the
# instruments where there are some). CR2: Bell and McCaffrey (2002), working model iid; with weights Pustejovsky and
# Tipton (2018), eq. 5, identity working model, as clubSandwich does for weighted lm. CR3: residuals times (I - H_gg)^-1.
# Directions in which I - H_gg is zero (an effect nested in clusters) are left out: pseudo-inverses.

STATA_NULL <- 1e-10

# n x p matrix B with B B' = X (X'WX)^-1 X', without the largest absorbed effect (see stata_main_share).
stata_hat_basis <- function(fit) cbind(stata_dummy_basis(fit$absorber), fit$basis)

# The largest effect's own part of X (X'WX)^-1 X' is 1 / weight of the level, for rows of one level.
stata_main_share <- function(fit) {
  if (fit$absorber$rank == 0L) return(rep(0, fit$n_rows))
  1 / fit$absorber$main_w[fit$absorber$main]
}

# Leverage of each row; under frequency weights, of one of the rows it stands for.
stata_leverage <- function(fit) {
  h <- stata_main_share(fit) + rowSums(stata_hat_basis(fit)^2)
  if (fit$weight == "fweight") h else h * fit$w
}

# The basis of one cluster's rows with the largest effect's levels as columns.
stata_block <- function(fit, basis, rows) {
  if (fit$absorber$rank == 0L) return(basis[rows, , drop = FALSE])
  code <- stata_codes(fit$absorber$main[rows])
  main <- matrix(0, length(rows), max(code))
  main[cbind(seq_along(rows), code)] <- sqrt(stata_main_share(fit)[rows])
  cbind(main, basis[rows, , drop = FALSE])
}

# (I - B B')^power e on one cluster: from the singular values of a narrow block B, I - B B' = I - L s^2 L', else from the
# eigenvalues of the matrix itself.
stata_spread <- function(block, e, power) {
  if (ncol(block) >= nrow(block)) return(stata_powered(diag(nrow(block)) - tcrossprod(block), e, power))
  s <- svd(block, nv = 0L)
  left <- 1 - s$d^2
  change <- ifelse(left > STATA_NULL, pmax(left, STATA_NULL)^power, 0) - 1
  e + as.vector(s$u %*% (change * crossprod(s$u, e)))
}

# g^power e for a positive semidefinite g; its null space is left out.
stata_powered <- function(g, e, power) {
  spectrum <- eigen((g + t(g)) / 2, symmetric = TRUE)
  change <- ifelse(spectrum$values > STATA_NULL, pmax(spectrum$values, STATA_NULL)^power, 0)
  as.vector(spectrum$vectors %*% (change * crossprod(spectrum$vectors, e)))
}

# Weighted CR2: A = (I - H - H' + X M X'W^2X M X')^-1/2 with H = X M X'W, on the whole design's basis b.
stata_spread_weighted <- function(block, middle, w, e) {
  h <- tcrossprod(block) * rep(w, each = length(w))
  g <- diag(length(w)) - h - t(h) + block %*% middle %*% t(block)
  stata_powered(g, e, -0.5)
}

stata_v_cr <- function(fit, cluster, type) {
  if (fit$weight == "fweight") stata_refuse("write frequency weights as rows for CR2 and CR3")
  groups <- split(seq_len(fit$n_rows), stata_codes(cluster))
  e <- fit$e
  if (type == "CR2" && fit$weight == "aweight") {
    whole <- stata_whole_basis(fit)
    middle <- crossprod(whole * fit$w)
    for (rows in groups) e[rows] <- stata_spread_weighted(whole[rows, , drop = FALSE], middle, fit$w[rows], fit$e[rows])
  } else {
    basis <- stata_hat_basis(fit)
    power <- if (type == "CR2") -0.5 else -1
    for (rows in groups) {
      root <- sqrt(fit$w[rows])
      e[rows] <- stata_spread(root * stata_block(fit, basis, rows), root * fit$e[rows], power) / root
    }
  }
  stata_named(crossprod(stata_sums(stata_scores(fit, e), stata_codes(cluster))), fit)
}

# The basis with every level of the largest effect as a column, for the weighted CR2, which sums over all rows.
stata_whole_basis <- function(fit) {
  if (fit$absorber$rank > 3000L) stop("weighted CR2 with more than 3000 absorbed levels is not done", call. = FALSE)
  if (fit$absorber$rank == 0L) return(stata_hat_basis(fit))
  main <- matrix(0, fit$n_rows, max(fit$absorber$main))
  main[cbind(seq_len(fit$n_rows), fit$absorber$main)] <- sqrt(stata_main_share(fit))
  cbind(main, stata_hat_basis(fit))
}
