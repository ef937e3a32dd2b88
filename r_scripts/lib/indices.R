# Composite indices from their formulas, in base R: the other side of what parity computes in Python.
#
# parity_index(request) with
#   data      data frame of the indicators (missing: NA)
#   down      logical, one per indicator: less is better
#   dimension text, one per indicator (NA: none)
#   unit, time  keys of the rows (integers, numbers)
#   set       the settings by name, as in study.toml
#   small     numbers that decide ties: gap and zero of eigenvalues, Kaiser's margin, ties of scores
# returns scores, ranks, dimensions, and per group of rows the weights, entropies and weights between dimensions.

parity_index <- function(request) {
  set <- request$set
  X <- as.matrix(request$data)
  if (any(is.infinite(X))) stop("an indicator holds an infinite value")
  if (anyNA(X) && set$missing == "interpolate" && set$interpolate == "indicators") {
    X <- apply(X, 2, index_fill, unit = request$unit, time = request$time, edges = set$edges)
  }
  whole <- complete.cases(X)
  if (!all(whole) && (set$missing == "refuse" || (set$missing == "interpolate" && set$interpolate == "indicators"))) {
    stop("indicators are missing")
  }
  if (!any(whole)) stop("no row has all indicators")
  made <- index_of_rows(X[whole, , drop = FALSE], request$unit[whole], request$time[whole],
                        request$down, request$dimension, set, request$small)
  full <- function(part) {
    out <- rep(NA_real_, length(whole))
    out[whole] <- part
    if (set$missing == "interpolate" && set$interpolate == "scores") {
      out <- index_fill(out, request$unit, request$time, set$edges)
    }
    out
  }
  made$scores <- full(made$scores)
  made$dimensions <- lapply(made$dimensions, full)
  tie <- request$small$tie * max(abs(made$scores), na.rm = TRUE)
  made$ranks <- rep(NA_real_, length(whole))
  for (rows in split(seq_along(whole), request$time)) made$ranks[rows] <- index_ranks(made$scores[rows], tie)
  made
}

# Missing values on the line through the unit's known ones; approx() within, the stated rule outside.
index_fill <- function(x, unit, time, edges) {
  for (rows in split(seq_along(x), unit)) {
    known <- rows[!is.na(x[rows])]
    lost <- setdiff(rows, known)
    if (!length(known) || !length(lost)) next
    known <- known[order(time[known])]
    t <- time[known]
    y <- x[known]
    if (length(t) == 1) {
      if (edges == "nearest") x[lost] <- y
      next
    }
    x[lost] <- approx(t, y, xout = time[lost], rule = if (edges == "nearest") 2 else 1)$y
    if (edges == "extrapolate") {
      n <- length(t)
      early <- lost[time[lost] < t[1]]
      late <- lost[time[lost] > t[n]]
      x[early] <- y[1] - (t[1] - time[early]) * (y[2] - y[1]) / (t[2] - t[1])
      x[late] <- y[n] + (time[late] - t[n]) * (y[n] - y[n - 1]) / (t[n] - t[n - 1])
    }
  }
  x
}

# Groups of rows: a list of list(fixed, applied), named by the year.
index_groups <- function(over, time, base) {
  all <- seq_along(time)
  if (over == "pooled") return(structure(list(list(fixed = all, applied = all)), names = "."))
  if (over == "base") {
    if (!any(time == base)) stop("the base year has no row")
    return(structure(list(list(fixed = which(time == base), applied = all)), names = format(base, digits = 15)))
  }
  lapply(split(all, time), function(rows) list(fixed = rows, applied = rows))
}

index_of_rows <- function(X, unit, time, down, dimension, set, small) {
  Z <- X * 0
  for (rows in index_groups(set$over, time, set$base)) {
    if (length(rows$fixed) == 1) stop("one single row has no dispersion")
    fixed <- X[rows$fixed, , drop = FALSE]
    varies <- which(apply(fixed, 2, function(v) min(v) < max(v)))
    if (!length(varies)) stop("no indicator varies")
    if (set$constant == "refuse" && length(varies) < ncol(X)) stop("a column is constant")
    for (j in varies) Z[rows$applied, j] <- index_scaled(X[rows$applied, j], fixed[, j], down[j], set)
  }
  scores <- numeric(nrow(X))
  names <- unique(dimension[!is.na(dimension)])
  parts <- structure(rep(list(numeric(nrow(X))), length(names)), names = names)
  weights <- entropies <- between <- list()
  over <- if (is.null(set$weigh_over)) set$over else set$weigh_over
  groups <- index_groups(over, time, set$base)
  for (label in names(groups)) {
    g <- groups[[label]]
    block <- list(z = Z[g$applied, , drop = FALSE], fixed = Z[g$fixed, , drop = FALSE], raw = X[g$fixed, , drop = FALSE],
                  units = length(unique(unit[g$fixed])), periods = length(unique(time[g$fixed])))
    made <- if (set$levels == "two") index_two(block, dimension, set, small) else index_one(block, dimension, set, small)
    scores[g$applied] <- made$scores
    for (d in names) parts[[d]][g$applied] <- made$parts[[d]]
    weights[[label]] <- made$weights
    entropies[[label]] <- made$entropies
    between[[label]] <- made$between
  }
  list(scores = scores, dimensions = parts, weights = weights, entropies = entropies, between = between)
}

# One indicator on one scale; of gives the scale.
index_scaled <- function(x, of, down, set) {
  ends <- range(of)
  out <- switch(set$scaling,
    minmax = {
      u <- (x - ends[1]) / diff(ends)
      if (down) u <- (ends[2] - x) / diff(ends)
      set$range[1] + diff(set$range) * u
    },
    ratio = {
      if (ends[1] < 0 || (down && min(x, of) <= 0)) stop("ratios need positive numbers")
      if (down) ends[1] / x else x / ends[2]
    },
    vector = if (down) (ends[2] - x) / sqrt(sum((ends[2] - of)^2)) else x / sqrt(sum(of^2)),
    zscore = (if (down) -1 else 1) * (x - mean(of)) / index_sd(of, set$ddof),
    none = if (down) ends[2] - x else x
  )
  if (set$negatives == "shift" && min(out) < 0) out <- out - min(out)
  if (set$scaled_floor > 0) out <- pmax(out, set$scaled_floor)
  out + set$shift
}

# Whether a column varies by more than rounding.
index_varies <- function(v, small) diff(range(v)) > small$flat * max(abs(v))

index_sd <- function(x, ddof) sqrt(sum((x - mean(x))^2) / (length(x) - ddof))

# ---- one level: weights, then sum or closeness, over all and over the members of each dimension
index_one <- function(block, dimension, set, small) {
  w <- index_weigh(block, set, small)
  names <- unique(dimension[!is.na(dimension)])
  members <- lapply(structure(names, names = names), function(d) which(dimension == d))
  if (set$aggregate == "topsis") {
    scores <- index_closeness(block$z, w$weights, set)
    parts <- lapply(members, function(m) index_closeness(block$z[, m, drop = FALSE], w$weights[m], set))
  } else {
    added <- index_added(block$z, w)
    scores <- rowSums(added)
    parts <- lapply(members, function(m) rowSums(added[, m, drop = FALSE]))
  }
  list(scores = set$times * scores, parts = lapply(parts, `*`, set$times), weights = w$weights, entropies = w$entropies)
}

# ---- two levels: the same within each dimension, and again over the dimensions' scores
index_two <- function(block, dimension, set, small) {
  names <- unique(dimension)
  m <- ncol(block$z)
  weights <- entropies <- rep(NA_real_, m)
  upper <- upper_fixed <- NULL
  live <- logical()
  for (d in names) {
    own <- which(dimension == d)
    part <- block
    part[c("z", "fixed", "raw")] <- lapply(block[c("z", "fixed", "raw")], function(M) M[, own, drop = FALSE])
    live[d] <- any(apply(part$fixed, 2, index_varies, small))
    here <- set
    if (set$method == "given") here$weights <- set$weights[own]
    if (!live[d]) {
      w <- list(weights = numeric(length(own)), entropies = rep(1, length(own)))
      upper <- cbind(upper, 0 * part$z[, 1])
      upper_fixed <- cbind(upper_fixed, 0 * part$fixed[, 1])
    } else {
      w <- index_weigh(part, here, small)
      if (set$aggregate == "topsis") {
        upper <- cbind(upper, index_closeness(part$z, w$weights, set))
        upper_fixed <- cbind(upper_fixed, index_closeness(part$fixed, w$weights, set, among = part$z))
      } else {
        upper <- cbind(upper, rowSums(index_added(part$z, w)))
        upper_fixed <- cbind(upper_fixed, rowSums(index_added(part$fixed, w)))
      }
    }
    weights[own] <- w$weights
    if (set$method == "entropy") entropies[own] <- w$entropies
  }
  block$z <- upper
  block$raw <- block$fixed <- upper_fixed
  if (set$between == "equal" || set$method %in% c("equal", "given")) {
    share <- rep(1, length(names))
    if (set$method == "given" && set$between == "same") {
      share <- as.vector(tapply(set$weights, factor(dimension, levels = names), sum))
    }
    share <- ifelse(live, share, 0)
    W <- list(weights = share / sum(share))
  } else {
    if (set$method != "pca") {
      unit <- function(v) if (index_varies(v, small)) (v - min(v)) / (max(v) - min(v)) else 0 * v
      block$fixed <- apply(upper_fixed, 2, unit)
    }
    W <- index_weigh(block, set, small)
  }
  scores <- if (set$aggregate == "topsis") index_closeness(upper, W$weights, set) else rowSums(index_added(upper, W))
  list(
    scores = set$times * scores,
    parts = structure(lapply(seq_along(names), function(k) set$times * upper[, k]), names = names),
    weights = weights * W$weights[match(dimension, names)],
    entropies = if (set$method == "entropy") entropies,
    between = W$weights
  )
}

# ---- weights by each method; a column that doesn't vary has weight 0 and entropy 1
index_weigh <- function(block, set, small) {
  varies <- apply(block$fixed, 2, index_varies, small)
  if (!any(varies)) stop("no indicator varies")
  Z <- block$fixed[, varies, drop = FALSE]
  n <- nrow(Z)
  out <- list(weights = numeric(length(varies)))
  w <- switch(set$method,
    entropy = {
      if (any(Z < 0)) stop("scaled values below zero have no entropy")
      count <- switch(set$entropy_k, rows = n, periods = block$periods, units = block$units)
      if (count < 2) stop("the log of 1 is zero")
      P <- prop.table(Z, 2)
      P[P < set$share_floor] <- set$share_floor
      logs <- log(P + set$add_in_log)
      logs[P + set$add_in_log == 0] <- 0
      e <- -colSums(P * logs) / log(count)
      out$entropies <- replace(rep(1, length(varies)), varies, e)
      if (abs(sum(1 - e)) < small$dispersion) stop("the dispersions sum to zero")
      (1 - e) / sum(1 - e)
    },
    cv = {
      from <- if (set$dispersion_of == "raw") block$raw[, varies, drop = FALSE] else Z
      if (any(colMeans(from) <= 0)) stop("a coefficient of variation needs a positive mean")
      v <- apply(from, 2, index_sd, set$ddof) / colMeans(from)
      v / sum(v)
    },
    critic = if (ncol(Z) == 1) 1 else {
      r <- cor(Z)
      if (set$critic_correlation == "absolute") r <- abs(r)
      s <- apply(Z, 2, index_sd, set$ddof)
      information <- s * rowSums(1 - r)
      if (sum(information) < small$dispersion * sum(s)) stop("the indicators are perfectly correlated")
      information / sum(information)
    },
    equal = rep(1 / ncol(Z), ncol(Z)),
    given = {
      given <- set$weights[varies]
      if (sum(given) <= 0) stop("the given weights are all zero")
      given / sum(given)
    },
    pca = {
      found <- index_components(Z, set, small)
      out$centre <- replace(rep(0, length(varies)), varies, found$centre)
      out$spread <- replace(rep(1, length(varies)), varies, found$spread)
      found$coefficients
    }
  )
  if (set$method == "pca" && set$pca_form == "weights") {
    w <- abs(w) / sum(abs(w))
    out$centre <- out$spread <- NULL
  }
  out$weights[varies] <- w
  out
}

# What each column adds to the score.
index_added <- function(Z, w) {
  if (!is.null(w$centre)) Z <- scale(Z, center = w$centre, scale = w$spread)
  Z %*% diag(w$weights, length(w$weights))
}

# Principal components by the singular values of the standardised columns (prcomp's way).
index_components <- function(Z, set, small) {
  centre <- colMeans(Z)
  spread <- if (set$pca_matrix == "correlation") apply(Z, 2, index_sd, set$ddof) else rep(1, ncol(Z))
  S <- svd(scale(Z, center = centre, scale = spread), nu = 0, nv = ncol(Z))
  lambda <- c(S$d^2 / (nrow(Z) - set$ddof), rep(0, ncol(Z)))[seq_len(ncol(Z))]
  lambda[lambda < small$eigen_zero * lambda[1]] <- 0
  positive <- sum(lambda > 0)
  kept <- switch(set$pca_keep,
    all = positive,
    first = 1,
    kaiser = max(1, sum(lambda > mean(lambda) * (1 + small$kaiser))),
    share = min(positive, which(cumsum(lambda) / sum(lambda) >= set$pca_share - small$kaiser)[1])
  )
  near <- seq_len(min(kept, length(lambda) - 1))
  if (any(lambda[near] - lambda[near + 1] < small$eigen_gap * lambda[near])) stop("two eigenvalues are equal")
  V <- S$v[, seq_len(kept), drop = FALSE]
  turn <- apply(V, 2, function(v) {
    most <- v[which(abs(v) >= max(abs(v)) - small$eigen_zero)[1]]
    by <- switch(set$pca_sign, sum = sum(v), largest = most, first = v[1])
    if (abs(by) < small$eigen_zero) by <- most
    if (by < 0) -1 else 1
  })
  lambda_kept <- lambda[seq_len(kept)]
  share <- lambda_kept / if (set$pca_shares_of == "kept") sum(lambda_kept) else sum(lambda)
  if (set$pca_scores == "standardised") share <- share / sqrt(lambda_kept)
  list(centre = centre, spread = spread, coefficients = drop(V %*% (turn * share)))
}

# C = D- / (D+ + D-); the ideals are those of the rows in among.
index_closeness <- function(Z, w, set, among = Z) {
  if (any(w < 0)) stop("distances have no meaning for negative weights")
  best <- apply(among, 2, max)
  worst <- apply(among, 2, min)
  w <- if (set$topsis_weights == "values") w^2 else w
  distance <- function(to) sqrt(drop(sweep(Z, 2, to)^2 %*% w))
  up <- distance(worst)
  all <- up + distance(best)
  ifelse(all > 0, up / all, 0)
}

# 1 for the largest; scores that follow within tie share the better rank.
index_ranks <- function(scores, tie) {
  falling <- order(scores, decreasing = TRUE, na.last = NA)
  starts <- c(TRUE, -diff(scores[falling]) > tie)
  out <- rep(NA_real_, length(scores))
  out[falling] <- which(starts)[cumsum(starts)]
  out
}
