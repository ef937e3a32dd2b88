# xtabond(), xtdpdsys() and xtdpd() in base R: GMM of a dynamic panel, in differences or in differences and levels.
#
#   stata_dynamic(levels, x, constant, sources, lags, standard, system = TRUE, steps = 2, robust = TRUE)
#
# Sources: [XT] xtdpd, Methods and formulas; Arellano and Bond (1991); Blundell and Bond (1998); Windmeijer (2005), equation
# 3.4; Roodman (2009). Each unit is gone through by itself: its rows are those of the sample alone, first differences, then
# levels, and its instruments are filled in by name. With A the first step's weights, (sum Z'HZ)^-1:
#   b = (X'Z A Z'X)^-1 X'Z A Z'y,  V = s2 (X'Z A Z'X)^-1, or by unit B X'Z A (sum Z'ee'Z) A Z'X B;
# of two steps A is (sum Z'ee'Z)^-1 and V = (X'Z A Z'X)^-1, or V + DV + VD' + D V1 D', D the derivative of b by the first one's.

# levels: data frame with unit, time, y and the columns x; sources: with unit, time and s1, s2, ...; lags: list(c(first, last)),
# last NA for all there are; standard: which of x are instruments of themselves.
stata_dynamic <- function(levels, x, constant, sources, lags, standard, system = FALSE, steps = 1, robust = FALSE,
                          collapse = FALSE, weight = "differences", placed = "none", small = TRUE) {
  names <- c(if (constant) "_cons", x)
  if (constant) levels[["_cons"]] <- 1
  units <- split(levels, levels$unit)
  known <- split(sources, sources$unit)
  parts <- lapply(names(units), function(unit) {
    stata_dynamic_unit(units[[unit]], known[[unit]], names, lags, standard, constant, system, collapse, placed)
  })
  columns <- sort(unique(unlist(lapply(parts, function(part) colnames(part$z)))), method = "radix")
  parts <- lapply(parts, stata_dynamic_full, columns)
  roots <- lapply(parts, stata_dynamic_root, weight)
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
  differences <- sum(vapply(parts, function(part) part$differences, 0))
  squares <- sum(unlist(Map(function(part, e) sum(e[seq_len(part$differences)]^2), parts, e1)))
  s2 <- squares / 2 / (if (small) differences - k else differences)
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
  result$ar <- vapply(1:2, stata_dynamic_ar, 0, parts = parts, zs = zs, e = e, pull = pull, V = result$V, s2 = supposed,
                      roots = roots)
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

# Rows of one unit: y, x, z with a name for each instrument, how many rows are differences, and the periods of all.
stata_dynamic_unit <- function(rows, known, names, lags, standard, constant, system, collapse, placed) {
  rows <- rows[order(rows$time), , drop = FALSE]
  before <- match(rows$time - 1, rows$time)
  now <- which(!is.na(before))
  x <- as.matrix(rows[names])
  dx <- x[now, , drop = FALSE] - x[before[now], , drop = FALSE]
  dy <- rows$y[now] - rows$y[before[now]]
  in_levels <- system || constant
  periods <- c(rows$time[now], if (in_levels) rows$time)
  n <- length(now)
  z <- list()
  of <- function(name) if (is.null(z[[name]])) double(length(periods)) else z[[name]]
  value <- function(column, time) {
    found <- known[[column]][match(time, known$time)]
    ifelse(is.na(found), 0, found)
  }
  for (s in seq_along(lags)) {
    column <- paste0("s", s)
    first <- lags[[s]][1L]
    last <- lags[[s]][2L]
    for (i in seq_len(n)) {
      time <- periods[i]
      furthest <- time - min(known$time, Inf)
      if (!is.na(last)) furthest <- min(furthest, last)
      if (furthest < first) next
      for (lag in first:furthest) {
        name <- paste("d", s, if (!collapse) time, lag)
        filled <- of(name)
        filled[i] <- value(column, time - lag)
        z[[name]] <- filled
      }
    }
    if (system) for (i in n + seq_len(nrow(rows))) {
      time <- periods[i] - (first - 1)
      both <- known[[column]][match(c(time, time - 1), known$time)]
      if (anyNA(both)) next
      name <- paste("l", s, if (!collapse) periods[i])
      filled <- of(name)
      filled[i] <- both[1L] - both[2L]
      z[[name]] <- filled
    }
  }
  for (name in standard) {
    below <- if (in_levels) x[, name]
    z[[paste("x", name)]] <- c(dx[, name], if (placed == "both") below else 0 * below)
    if (placed == "separate" && system) z[[paste("y", name)]] <- c(double(n), below)
  }
  if (constant) z[["_cons"]] <- c(double(n), rep(1, nrow(rows)))
  list(y = c(dy, if (in_levels) rows$y), x = rbind(dx, if (in_levels) x), differences = n, periods = periods,
       z = matrix(unlist(z), length(periods), length(z), dimnames = list(NULL, base::names(z))))
}

stata_dynamic_full <- function(part, columns) {
  z <- matrix(0, nrow(part$x), length(columns), dimnames = list(NULL, columns))
  z[, colnames(part$z)] <- part$z
  part$z <- z
  part
}

# M with M M' = H on the unit's own rows: differences of independent errors by period, and the errors of levels, either the
# same ones (joint) or others.
stata_dynamic_root <- function(part, weight) {
  rows <- length(part$periods)
  if (weight == "identity") return(diag(rows))
  n <- part$differences
  errors <- sort(unique(c(part$periods, part$periods[seq_len(n)] - 1)))
  own <- rows > n && weight != "joint"
  m <- matrix(0, rows, length(errors) * (1 + own))
  at <- match(part$periods, errors)
  for (i in seq_len(rows)) {
    if (i <= n) {
      m[i, at[i]] <- 1
      m[i, match(part$periods[i] - 1, errors)] <- -1
    } else {
      m[i, at[i] + own * length(errors)] <- 1
    }
  }
  m
}

# Arellano and Bond's test of autocorrelation: products of differenced residuals `order` periods apart.
stata_dynamic_ar <- function(order, parts, zs, e, pull, V, s2, roots) {
  late <- Map(function(part, e) {
    n <- part$differences
    of <- part$periods[seq_len(n)]
    found <- e[seq_len(n)][match(of - order, of)]
    c(ifelse(is.na(found), 0, found), double(length(e) - n))
  }, parts, e)
  each <- mapply(function(late, e) sum(late * e), late, e)
  if (all(unlist(late) == 0)) return(NA_real_)
  wx <- drop(Reduce(`+`, Map(function(late, part) crossprod(part$x, late), late, parts)))
  if (is.null(s2)) {
    own <- sum(each^2)
    across <- Reduce(`+`, Map(function(z, e, one) drop(crossprod(z, e)) * one, zs, e, each))
  } else {
    own <- s2 * Reduce(`+`, Map(function(root, late) sum(crossprod(root, late)^2), roots, late))
    across <- s2 * Reduce(`+`, Map(function(z, root, late) drop(crossprod(z, root %*% crossprod(root, late))), zs, roots, late))
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
    request$levels, x, request$intercept, asked$sources, Map(c, asked$first, asked$last), x[asked$standard], system = system,
    steps = asked$steps, robust = request$vcov$kind != "iid", collapse = asked$collapse, weight = weight,
    placed = if (system) asked$levels else "none", small = asked$variance == "n-k"
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
    lags, if (asked$collapse) "collapse", if (request$model == "difference_gmm") "in differences",
    if (!request$intercept) "noconstant", if (asked$steps == 2) "twostep", if (request$vcov$kind != "iid") "vce(robust)"
  ))
}
