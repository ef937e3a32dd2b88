# xtabond(), xtdpdsys() and xtdpd() in base R: GMM of a dynamic panel, in differences or in differences and levels.
#
#   stata_dynamic(levels, x, constant, sources, lags, placed, system = TRUE, steps = 2, robust = TRUE)
#
# Sources: [XT] xtdpd, Methods and formulas; Arellano and Bond (1991); Blundell and Bond (1998); Windmeijer (2005), equation
# 3.4; Roodman (2009). Each unit is gone through by itself: its rows are those of the sample alone, first differences, then
# levels, and its instruments are filled in by name. With A the first step's weights, (sum Z'HZ)^-1:
#   b = (X'Z A Z'X)^-1 X'Z A Z'y,  V = s2 (X'Z A Z'X)^-1, or by unit B X'Z A (sum Z'ee'Z) A Z'X B;
# of two steps A is (sum Z'ee'Z)^-1 and V = (X'Z A Z'X)^-1, or V + DV + VD' + D V1 D', D the derivative of b by the first one's.

# levels: data frame with unit, time, y and the columns x; sources: with unit, time and s1, s2, ..., whose lags are instruments,
# and v1, v2, ..., which are some as they are; lags: list(c(first, last)), last NA for all there are; placed: where each of v is
# one ("difference", "level", "both", "separate"); equations, collapse: of each of s.
stata_dynamic <- function(levels, x, constant, sources, lags, placed, system = FALSE, steps = 1, robust = FALSE,
                          collapse = FALSE, equations = "both", weight = "differences", small = TRUE,
                          transform = "differences") {
  names <- c(if (constant) "_cons", x)
  if (constant) levels[["_cons"]] <- 1
  units <- split(levels, levels$unit)
  known <- split(sources, sources$unit)
  all_periods <- range(levels$time, sources$time)
  collapse <- rep_len(collapse, length(lags))
  equations <- rep_len(equations, length(lags))
  parts <- lapply(names(units), function(unit) {
    stata_dynamic_unit(units[[unit]], known[[unit]], names, lags, placed, constant, system, collapse, equations, transform)
  })
  columns <- sort(unique(unlist(lapply(parts, function(part) colnames(part$z)))), method = "radix")
  parts <- lapply(parts, stata_dynamic_full, columns)
  roots <- lapply(parts, stata_dynamic_root, weight, transform, all_periods)
  size <- sqrt(Reduce(`+`, lapply(parts, function(part) colSums(part$z^2))))
  parts <- lapply(parts, function(part) c(part[names(part) != "z"], list(z = part$z[, size > 0, drop = FALSE] / rep(size[size > 0], each = nrow(part$z)))))
  seen <- do.call(rbind, Map(function(part, root) crossprod(root, part$z), parts, roots))
  decomposed <- qr(seen, tol = 1e-9)
  m <- decomposed$rank
  kept <- decomposed$pivot[seq_len(m)]
  lost <- decomposed$pivot[-seq_len(m)]
  if (length(lost)) {
    triangle <- qr.R(decomposed)
    make <- backsolve(triangle[seq_len(m), seq_len(m), drop = FALSE], triangle[seq_len(m), -seq_len(m), drop = FALSE])
    left <- max(vapply(parts, function(part) max(0, abs(part$z[, lost, drop = FALSE] - part$z[, kept, drop = FALSE] %*% make)), 0))
    if (left > 1e-6) stata_refuse("the weights of the first step leave a combination of instruments without weight")
  }
  triangle <- qr.R(decomposed)[seq_len(m), seq_len(m), drop = FALSE]
  zs <- lapply(parts, function(part) t(backsolve(triangle, t(part$z[, kept, drop = FALSE]), transpose = TRUE)))
  sums <- function(one) Reduce(`+`, Map(one, zs, parts))
  zx <- sums(function(z, part) crossprod(z, part$x))
  zy <- drop(sums(function(z, part) crossprod(z, part$y)))
  k <- length(names)
  if (m < k) stata_refuse(m, " independent instruments are too few for ", k, " coefficients")
  residuals <- function(b) lapply(parts, function(part) drop(part$y - part$x %*% b))
  scores <- function(e) do.call(rbind, Map(function(z, e) drop(crossprod(z, e)), zs, e))

  one <- stata_dynamic_step(zx, zy, diag(m))
  e1 <- residuals(one$b)
  g1 <- scores(e1)
  of_levels <- weight == "identity" && (system || constant)
  used <- lapply(parts, function(part) if (of_levels) part$differences + seq_len(nrow(part$x) - part$differences) else seq_len(part$differences))
  squares <- sum(mapply(function(e, used) sum(e[used]^2), e1, used))
  counted <- sum(lengths(used)) - if (small) k else 0
  s2 <- squares / counted / (if (weight == "identity" || transform == "orthogonal") 1 else 2)
  v1 <- one$pull %*% crossprod(g1) %*% t(one$pull)
  result <- list(b = one$b, V = if (robust) v1 else s2 * one$bread, sargan = sum(colSums(g1)^2) / s2, m = m, over = m - k)
  second <- qr(g1, tol = 1e-7)
  pull <- one$pull
  e <- e1
  if (nrow(g1) >= m && second$rank == m) {
    back <- backsolve(qr.R(second), diag(m)) # g1'g1 = R'R, and its inverse is back back'
    place <- second$pivot
    half <- t(back)
    half[, place] <- t(back)
    two <- stata_dynamic_step(zx, zy, half)
    e2 <- residuals(two$b)
    g2 <- colSums(scores(e2))
    result$hansen <- sum((half %*% g2)^2)
    if (steps == 2) {
      weighed <- drop(crossprod(half, half %*% g2))
      d <- vapply(seq_len(k), function(j) {
        slope <- scores(lapply(parts, function(part) part$x[, j]))
        drop(two$pull %*% (crossprod(slope, g1 %*% weighed) + crossprod(g1, slope %*% weighed)))
      }, double(k))
      d <- matrix(d, k, k)
      result$b <- two$b
      result$V <- two$bread
      if (robust) result$V <- two$bread + d %*% two$bread + two$bread %*% t(d) + d %*% v1 %*% t(d)
      pull <- two$pull
      e <- e2
    }
  } else if (steps == 2) {
    stata_refuse("the weights of two steps are singular: ", m, " instruments of ", nrow(g1), " units")
  }
  supposed <- if (steps == 1 && !robust) s2
  result$ar <- vapply(1:2, stata_dynamic_ar, 0, parts = parts, zs = zs, e = e, b = result$b, pull = pull, V = result$V,
                      s2 = supposed, weight = weight, transform = transform, all_periods = all_periods)
  result$V <- (result$V + t(result$V)) / 2
  names(result$b) <- names
  dimnames(result$V) <- list(names, names)
  result
}

# One step under the weights half'half.
stata_dynamic_step <- function(zx, zy, half) {
  weighed <- half %*% zx
  length <- sqrt(colSums(weighed^2))
  decomposed <- qr(weighed / rep(length, each = nrow(weighed)), tol = 1e-9)
  if (decomposed$rank < ncol(zx)) stata_refuse("the instruments don't tell the coefficients apart")
  inverse <- backsolve(qr.R(decomposed), diag(ncol(zx))) / length
  pull <- inverse %*% t(qr.Q(decomposed)) %*% half
  list(b = drop(pull %*% zy), bread = tcrossprod(inverse), pull = pull)
}

# Rows of one unit: y, x, z with a name for each instrument, how many rows come before the levels, the periods of all, and
# its first differences, of which autocorrelation is tested. A deviation stands one period after its own.
stata_dynamic_unit <- function(rows, known, names, lags, placed, constant, system, collapse, equations, transform) {
  rows <- rows[order(rows$time), , drop = FALSE]
  x <- as.matrix(rows[names])
  here <- match(rows$time, known$time)
  own <- as.matrix(known[here, sprintf("v%d", seq_along(placed)), drop = FALSE])
  before <- match(rows$time - 1, rows$time)
  now <- which(!is.na(before))
  differenced <- list(y = rows$y[now] - rows$y[before[now]], x = x[now, , drop = FALSE] - x[before[now], , drop = FALSE],
                      periods = rows$time[now])
  moved <- if (transform == "orthogonal") stata_dynamic_deviations(rows$time, rows$y, x, own) else
    c(differenced, list(own = own[now, , drop = FALSE] - own[before[now], , drop = FALSE]))
  in_levels <- system || constant
  n <- length(moved$y)
  periods <- c(moved$periods, if (in_levels) rows$time)
  z <- list()
  of <- function(name) if (is.null(z[[name]])) double(length(periods)) else z[[name]]
  value <- function(column, time) {
    found <- known[[column]][match(time, known$time)]
    ifelse(is.na(found), 0, found)
  }
  step <- function(column, time) {
    both <- known[[column]][match(c(time, time - 1), known$time)]
    if (anyNA(both)) 0 else both[1L] - both[2L]
  }
  earliest <- min(known$time, Inf)
  for (s in seq_along(lags)) {
    column <- paste0("s", s)
    first <- lags[[s]][1L]
    for (i in seq_along(periods)) {
      transformed <- i <= n
      if (transformed && equations[s] == "level" || !transformed && (!system || equations[s] == "difference")) next
      time <- periods[i]
      back <- if (!transformed && equations[s] == "both") first - 1 else {
        furthest <- min(time - earliest, lags[[s]][2L], na.rm = TRUE)
        if (furthest < first) next
        first:furthest
      }
      for (lag in back) {
        name <- paste(if (transformed) "d" else "l", s, if (!collapse[s]) time, lag)
        filled <- of(name)
        filled[i] <- if (transformed) value(column, time - lag) else step(column, time - lag)
        z[[name]] <- filled
      }
    }
  }
  for (j in seq_along(placed)) {
    above <- if (placed[j] == "level") double(n) else moved$own[, j]
    below <- if (in_levels) own[, j] * (system && placed[j] %in% c("both", "level"))
    z[[paste("v", j)]] <- c(above, below)
    if (placed[j] == "separate" && system) z[[paste("w", j)]] <- c(double(n), own[, j])
  }
  if (constant) z[["_cons"]] <- c(double(n), rep(1, nrow(rows)))
  list(y = c(moved$y, if (in_levels) rows$y), x = rbind(moved$x, if (in_levels) x), differences = n, periods = periods,
       differenced = differenced, z = matrix(unlist(z), length(periods), length(z), dimnames = list(NULL, base::names(z))))
}

# Each row less the mean of the unit's later ones, times sqrt(n / (n + 1)), n of them (Arellano and Bover 1995).
stata_dynamic_deviations <- function(time, y, x, own) {
  all <- cbind(y, x, own)
  rows <- seq_len(length(time) - 1L)
  out <- t(vapply(rows, function(i) {
    later <- all[seq(i + 1L, length(time)), , drop = FALSE]
    sqrt(nrow(later) / (nrow(later) + 1)) * (all[i, ] - colMeans(later))
  }, double(ncol(all))))
  out <- matrix(out, length(rows), ncol(all))
  list(y = out[, 1L], x = matrix(out[, 1L + seq_len(ncol(x))], length(rows), ncol(x), dimnames = list(NULL, colnames(x))),
       own = out[, 1L + ncol(x) + seq_len(ncol(own)), drop = FALSE], periods = time[rows] + 1)
}

stata_dynamic_full <- function(part, columns) {
  z <- matrix(0, nrow(part$x), length(columns), dimnames = list(NULL, columns))
  z[, colnames(part$z)] <- part$z
  part$z <- z
  part
}

# M with M M' = H on the unit's own rows: what the transform makes of independent errors, one a period, and the errors of
# levels, either the same ones (joint) or others.
stata_dynamic_root <- function(part, weight, transform, all_periods) {
  rows <- length(part$periods)
  if (weight == "identity") return(diag(rows))
  n <- part$differences
  errors <- seq(all_periods[1L], all_periods[2L])
  own <- rows > n && weight != "joint"
  m <- matrix(0, rows, length(errors) * (1 + own))
  for (i in seq_len(rows)) {
    if (i <= n) m[i, seq_along(errors)] <- stata_dynamic_weights(part$periods[i], errors, transform)
    else m[i, match(part$periods[i], errors) + own * length(errors)] <- 1
  }
  m
}

# What the transformed row of a period is of the errors of all periods, none missing.
stata_dynamic_weights <- function(period, errors, transform) {
  if (transform == "differences") return((errors == period) - (errors == period - 1))
  later <- errors >= period
  sqrt(sum(later) / (sum(later) + 1)) * ((errors == period - 1) - later / sum(later))
}

# Arellano and Bond's test of autocorrelation: products of differenced residuals `order` periods apart.
stata_dynamic_ar <- function(order, parts, zs, e, b, pull, V, s2, weight, transform, all_periods) {
  residuals <- lapply(parts, function(part) drop(part$differenced$y - part$differenced$x %*% b))
  late <- Map(function(part, d) {
    found <- d[match(part$differenced$periods - order, part$differenced$periods)]
    ifelse(is.na(found), 0, found)
  }, parts, residuals)
  each <- mapply(function(late, d) sum(late * d), late, residuals)
  if (all(unlist(late) == 0)) return(NA_real_)
  wx <- drop(Reduce(`+`, Map(function(late, part) crossprod(part$differenced$x, late), late, parts)))
  if (is.null(s2)) {
    own <- sum(each^2)
    across <- Reduce(`+`, Map(function(z, e, one) drop(crossprod(z, e)) * one, zs, e, each))
  } else {
    errors <- seq(all_periods[1L], all_periods[2L])
    of <- function(periods, kind) {
      if (weight == "identity") return(+outer(periods, errors, `==`))
      out <- vapply(periods, stata_dynamic_weights, double(length(errors)), errors = errors, transform = kind)
      t(matrix(out, length(errors), length(periods)))
    }
    spread <- Map(function(part, late) drop(crossprod(of(part$differenced$periods, "differences"), late)), parts, late)
    own <- s2 * sum(unlist(spread)^2)
    across <- s2 * Reduce(`+`, Map(function(z, part, spread) {
      n <- seq_len(part$differences)
      drop(crossprod(z[n, , drop = FALSE], of(part$periods[n], transform) %*% spread))
    }, zs, parts, spread))
  }
  variance <- own - 2 * sum(wx * (pull %*% across)) + sum(wx * (V %*% wx))
  if (variance > 0) sum(each) / sqrt(variance) else NA_real_
}

# ---------------------------------------------------------------- asked as an engine

stata_is_dynamic <- function(request) request$model %in% c("difference_gmm", "system_gmm")

stata_dynamic_answer <- function(request) {
  asked <- request$dynamic
  system <- request$model == "system_gmm"
  x <- stata_names("x", request$n_x)
  weight <- asked$weight
  # without equations in levels beside the constant's own, their errors have no part in the weights
  if (!system && weight == "joint") weight <- "differences"
  fit <- stata_dynamic(
    request$levels, x, request$intercept, asked$sources, Map(c, asked$first, asked$last), asked$placed, system = system,
    steps = asked$steps, robust = request$vcov$kind != "iid", collapse = asked$collapse, equations = asked$equations,
    weight = weight, small = asked$variance == "n-k", transform = asked$transform
  )
  terms <- stata_terms(request)
  p <- function(value) stats::pchisq(value, fit$over, lower.tail = FALSE)
  z <- function(value) 2 * stats::pnorm(-abs(value))
  over <- fit$over > 0
  stats <- c(
    list(n_instruments = fit$m, j_df = fit$over), if (over) list(sargan = fit$sargan, sargan_p = p(fit$sargan)),
    if (over && !is.null(fit$hansen)) list(j = fit$hansen, j_p = p(fit$hansen)),
    if (!is.na(fit$ar[1L])) list(ar1 = fit$ar[1L], ar1_p = z(fit$ar[1L])), if (!is.na(fit$ar[2L])) list(ar2 = fit$ar[2L], ar2_p = z(fit$ar[2L]))
  )
  list(
    terms = terms, coef = unname(fit$b[stata_internal(terms)]),
    parts = list(list(cluster = request$clusters, matrix = stata_block_of(fit$V, terms))), basis = "uncorrected",
    stats = stats, reported = list(nobs = nrow(request$data)), accuracy = "normal-equations",
    versions = list(R = as.character(getRversion())), command = stata_dynamic_text(request)
  )
}

stata_dynamic_text <- function(request) {
  asked <- request$dynamic
  lags <- mapply(function(s, first, last) paste0("gmm(s", s, ", lag(", first, " ", if (is.na(last)) "." else last, "))"),
                 seq_along(asked$first), asked$first, asked$last)
  stata_line("xtdpd", "y", stata_names("x", request$n_x), c(
    lags, if (any(asked$collapse)) "collapse", if (asked$transform == "orthogonal") "orthogonal", if (request$model == "difference_gmm") "in differences",
    if (!request$intercept) "noconstant", if (asked$steps == 2) "twostep", if (request$vcov$kind != "iid") "vce(robust)"
  ))
}
