# Spatial panel models by maximum likelihood, with a dummy for every effect, W of all rows as one matrix, the orthonormal
# transformation made as it is written, and derivatives by complex steps. Base R only, written apart from the Python side.

# request: y, x (a column a regressor), of (whose Moran's I), period by period, units in the order of w; w (as in the file),
# lagged (places of regressors), standardise, diagonal, model, effects, transformation, information, moran, local.
# -> named numbers: x1.. regressors, w1.. their lags, t1.. periods, t1u1.. units in them.
spatial_analysis <- function(request) {
  w <- spatial_weights(request$w, request$standardise, request$diagonal)
  x <- as.matrix(request$x)
  colnames(x) <- paste0("x", seq_len(ncol(x)))
  periods <- length(request$y) / nrow(w)
  wide <- x
  if (request$model == "durbin") {
    more <- (diag(periods) %x% w) %*% x[, request$lagged, drop = FALSE]
    colnames(more) <- paste0("w", seq_along(request$lagged))
    wide <- cbind(x, more)
  }
  p <- spatial_panel(request, w, wide, periods)
  fit <- spatial_fit(p, if (request$model == "error") "error" else "lag")
  cov <- spatial_covariance(p, fit, request$information)
  k <- ncol(wide)
  at <- c(seq_len(k), nrow(cov) - 1L, nrow(cov))
  terms <- c(colnames(wide), if (fit$kind == "error") "lambda" else "rho", "sigma2")
  coef <- stats::setNames(c(fit$b[seq_len(k)], fit$p, fit$s2), terms)
  se <- stats::setNames(sqrt(diag(cov)[at]), terms)
  tested <- function(coef, se, of) {
    z <- coef / se
    stats::setNames(list(z, 2 * stats::pnorm(-abs(z))), paste0(of, c("z", "p")))
  }
  last <- length(terms)
  out <- c(list(coef = coef, se = se), tested(coef[-last], se[-last], ""))
  if (fit$kind == "lag") out <- c(out, spatial_effects(w, coef, cov[at, at], ncol(x), request$lagged, tested))
  chi <- function(v, df) stats::pchisq(v, df, lower.tail = FALSE)
  lm <- spatial_multipliers(request, w, x, periods)
  out <- c(out, list(
    likelihood = c(all = fit$likelihood), lm = lm, "lm p" = chi(lm, 1),
    rows = c(rows = length(request$y), counted = p$n, units = nrow(w), periods = periods)
  ))
  if (request$model == "durbin") {
    q <- length(request$lagged)
    plain <- spatial_panel(request, w, x, periods)
    tests <- spatial_restrictions(coef, cov[at, at], ncol(x), request$lagged, fit, plain)
    out <- c(out, tests, list("wald p" = chi(tests$wald, q), "lr p" = chi(tests$lr, q)))
  }
  c(out, spatial_moran(request, w, periods))
}

spatial_weights <- function(w, standardise, diagonal) {
  if (diagonal == "dropped") diag(w) <- 0
  if (diagonal == "ones") diag(w) <- 1
  if (standardise == "row") return(t(apply(w, 1L, function(row) if (sum(row) > 0) row / sum(row) else row)))
  if (standardise == "spectral") return(w / max(Mod(eigen(w, only.values = TRUE)$values)))
  w
}

# What the likelihood sees: y, z with dummies, w of one period, big of all; n rows, t periods, ends of the parameter.
spatial_panel <- function(request, w, x, periods) {
  units <- nrow(w)
  sums <- rowSums(w)
  roots <- eigen(w, only.values = TRUE)$values
  radius <- max(Mod(roots))
  real <- Re(roots)[abs(Im(roots)) <= 1e-9 * radius]
  ends <- c(if (min(real) < 0) 1 / min(real) else -1 / radius, 1 / radius)
  by_unit <- request$effects %in% c("unit", "both")
  by_time <- request$effects %in% c("time", "both")
  over_time <- diag(periods)
  over_units <- diag(units)
  if (request$transformation == "orthonormal") {
    contrasts <- function(m) t(apply(stats::contr.helmert(m), 2L, function(column) column / sqrt(sum(column^2))))
    if (by_unit) over_time <- matrix(contrasts(periods), periods - 1L)
    if (by_time) over_units <- matrix(contrasts(units), units - 1L)
    transform <- over_time %x% over_units
    z <- if (by_unit || by_time) transform %*% x else cbind(x, 1)
    w <- over_units %*% w %*% t(over_units)
    y <- drop(transform %*% request$y)
  } else {
    of_units <- matrix(1, periods, 1L) %x% diag(units)
    of_time <- diag(periods) %x% matrix(1, units, 1L)
    dummies <- switch(request$effects, none = matrix(1, units * periods, 1L), unit = of_units, time = of_time,
                      both = cbind(of_units, of_time[, -1L, drop = FALSE]))
    z <- cbind(x, dummies)
    y <- request$y
  }
  t <- nrow(over_time)
  # orthonormal columns in place of z, and the way back to its coefficients
  size <- sqrt(colSums(z^2))
  base <- qr(sweep(z, 2L, size, "/"), LAPACK = TRUE)
  back <- matrix(0, ncol(z), ncol(z))
  back[base$pivot, ] <- backsolve(qr.R(base), diag(ncol(z)))
  z <- qr.Q(base)
  big <- diag(t) %x% w
  list(y = y, z = z, back = back / size, w = w, t = t, n = length(y), ends = ends, wy = drop(big %*% y), wz = big %*% z,
       lag = function(v) drop(big %*% v), effects = request$effects, sums = sums)
}

spatial_fit <- function(p, kind) {
  base <- qr(p$z, tol = 1e-12)
  ry <- qr.resid(base, p$y)
  rwy <- qr.resid(base, p$wy)
  at <- function(rho) {
    if (kind == "lag") return(list(e = ry - rho * rwy, lagged = p$wy))
    q <- qr(p$z - rho * p$wz, tol = 1e-12)
    b <- qr.coef(q, p$y - rho * p$wy)
    u <- p$y - drop(p$z %*% b)
    wu <- p$wy - drop(p$wz %*% b)
    list(b = b, e = u - rho * wu, lagged = wu)
  }
  slope <- function(rho) {
    one <- at(rho)
    p$n * sum(one$e * one$lagged) / sum(one$e^2) - p$t * sum(diag(solve(diag(nrow(p$w)) - rho * p$w, p$w)))
  }
  wide <- diff(p$ends)
  grid <- c(p$ends[1L] + 1e-9 * wide, p$ends[1L] + wide * (seq_len(100L) - 0.5) / 100, p$ends[2L] - 1e-9 * wide)
  # A is as good as singular there where W has several roots alike; the slope has the sign of the pole
  at_end <- function(rho, sign) tryCatch(slope(rho), error = function(e) sign * 1e300)
  inner <- seq_along(grid)[-c(1L, length(grid))]
  slopes <- c(at_end(grid[1L], 1), vapply(grid[inner], slope, numeric(1)), at_end(grid[length(grid)], -1))
  found <- lapply(which(slopes[-length(slopes)] > 0 & slopes[-1L] <= 0), function(i) {
    rho <- stats::uniroot(slope, grid[i + 0:1], f.lower = slopes[i], f.upper = slopes[i + 1L], tol = 1e-16, maxiter = 1000L)$root
    one <- at(rho)
    s2 <- sum(one$e^2) / p$n
    height <- -p$n / 2 * (log(2 * pi * s2) + 1) +
      p$t * as.numeric(determinant(diag(nrow(p$w)) - rho * p$w, logarithm = TRUE)$modulus)
    if (kind == "lag") one$b <- qr.coef(base, p$y - rho * p$wy)
    list(kind = kind, p = rho, scaled = one$b, b = drop(p$back %*% one$b), s2 = s2, likelihood = height)
  })
  if (length(found) == 0L) stop("the likelihood has no maximum between the ends of the parameter")
  found[[which.max(vapply(found, function(one) one$likelihood, numeric(1)))]]
}

# Covariance of b, the spatial parameter and sigma2.
spatial_covariance <- function(p, fit, information) {
  i <- if (information == "observed") spatial_hessian(p, fit) else spatial_information(p, fit)
  size <- sqrt(diag(i))
  cov <- solve(i / outer(size, size)) / outer(size, size)
  m <- ncol(p$z)
  back <- diag(m + 2L)
  back[seq_len(m), seq_len(m)] <- p$back
  back %*% cov %*% t(back)
}

# Minus the slopes of the score, by complex steps.
spatial_hessian <- function(p, fit) {
  m <- ncol(p$z)
  score <- function(theta) {
    b <- theta[seq_len(m)]
    rho <- theta[m + 1L]
    s2 <- theta[m + 2L]
    if (fit$kind == "lag") {
      z <- p$z
      lagged <- p$wy
      e <- p$y - rho * p$wy - drop(p$z %*% b)
    } else {
      z <- p$z - rho * p$wz
      lagged <- p$wy - drop(p$wz %*% b)
      e <- p$y - drop(p$z %*% b) - rho * lagged
    }
    c(drop(t(z) %*% e) / s2, sum(e * lagged) / s2 - p$t * sum(diag(solve(diag(nrow(p$w)) - rho * p$w, p$w + 0i))),
      -p$n / (2 * s2) + sum(e * e) / (2 * s2^2))
  }
  theta <- c(fit$scaled, fit$p, fit$s2)
  h <- 1e-30
  -vapply(seq_along(theta), function(j) {
    step <- as.complex(theta)
    step[j] <- step[j] + 1i * h
    Im(score(step)) / h
  }, numeric(length(theta)))
}

# Of a normal vector with mean mu and covariance V, a period each: mu_i' V^-1 mu_j + tr(V^-1 V_i V^-1 V_j)/2.
spatial_information <- function(p, fit) {
  units <- nrow(p$w)
  m <- ncol(p$z)
  one <- diag(units)
  h <- 1e-30
  inverse <- function(rho) solve(one - rho * p$w)
  spread <- function(rho) fit$s2 * inverse(rho) %*% t(inverse(rho))
  back <- t(one - fit$p * p$w) %*% (one - fit$p * p$w) / fit$s2
  by_rho <- Im(spread(complex(real = fit$p, imaginary = h))) / h
  by_s2 <- spread(fit$p) / fit$s2
  i <- matrix(0, m + 2L, m + 2L)
  rho <- m + 1L
  s2 <- m + 2L
  of <- function(a, b) p$t * sum(diag(back %*% a %*% back %*% b)) / 2
  i[rho, rho] <- of(by_rho, by_rho)
  i[rho, s2] <- i[s2, rho] <- of(by_rho, by_s2)
  i[s2, s2] <- of(by_s2, by_s2)
  means <- if (fit$kind == "lag") {
    xb <- matrix(p$z %*% fit$scaled, units)
    by_b <- (diag(p$t) %x% inverse(fit$p)) %*% p$z
    cbind(by_b, as.vector(Im(inverse(complex(real = fit$p, imaginary = h)) %*% xb) / h))
  } else {
    cbind(p$z, 0)
  }
  i[-s2, -s2] <- i[-s2, -s2] + t(means) %*% (diag(p$t) %x% back) %*% means
  i
}

# Means of (I - rho W)^-1 (b I + c W): its diagonal, its rows less that, its rows; slopes by complex steps.
spatial_effects <- function(w, coef, cov, k, lagged, tested) {
  units <- nrow(w)
  more <- grepl("^w", names(coef))
  theta <- unname(coef[-length(coef)])
  cov <- cov[-length(coef), -length(coef)]
  parts <- function(theta, i) {
    c <- if (any(more) && i %in% lagged) theta[k + match(i, lagged)] else 0
    s <- solve(diag(units) - theta[length(theta)] * w + 0i, theta[i] * diag(units) + c * w + 0i)
    direct <- sum(diag(s)) / units
    total <- sum(s) / units
    c(direct, total - direct, total)
  }
  h <- 1e-30
  of <- function(i) {
    slopes <- vapply(seq_along(theta), function(j) {
      step <- as.complex(theta)
      step[j] <- step[j] + 1i * h
      Im(parts(step, i)) / h
    }, numeric(3))
    rbind(Re(parts(as.complex(theta), i)), sqrt(diag(slopes %*% cov %*% t(slopes))))
  }
  found <- lapply(seq_len(k), of)
  out <- list()
  for (part in 1:3) {
    name <- c("direct", "indirect", "total")[part]
    value <- stats::setNames(vapply(found, function(f) f[1L, part], numeric(1)), paste0("x", seq_len(k)))
    se <- stats::setNames(vapply(found, function(f) f[2L, part], numeric(1)), paste0("x", seq_len(k)))
    out <- c(out, stats::setNames(list(value, se), c(name, paste(name, "se"))), tested(value, se, paste0(name, " ")))
  }
  out
}

# Lagrange multipliers of least squares with all dummies, all rows.
spatial_multipliers <- function(request, w, x, periods) {
  request$transformation <- "within"
  p <- spatial_panel(request, w, x, periods)
  q <- qr(p$z, tol = 1e-12)
  e <- qr.resid(q, p$y)
  s2 <- mean(e^2)
  fitted <- p$lag(qr.fitted(q, p$y))
  own <- sum(qr.resid(q, fitted)^2) / s2
  traces <- periods * sum((t(w) + w) * t(w))
  lag <- sum(e * p$wy) / s2
  error <- sum(e * p$lag(e)) / s2
  out <- c(lag = lag^2 / (own + traces), error = error^2 / traces)
  if (own <= 1e-18 * sum(fitted^2) / s2) return(out)
  c(out, "robust lag" = (lag - error)^2 / own,
    "robust error" = (error - traces / (own + traces) * lag)^2 / (traces * own / (own + traces)))
}

spatial_restrictions <- function(coef, cov, k, lagged, fit, plain) {
  more <- k + seq_along(lagged)
  rho <- length(coef) - 1L
  chi <- function(off, slopes) {
    v <- slopes %*% cov %*% t(slopes)
    size <- sqrt(diag(v))
    sum((off / size) * solve(v / outer(size, size), off / size))
  }
  unit <- diag(length(coef))
  wald <- c(lag = chi(coef[more], unit[more, , drop = FALSE]))
  lr <- c(lag = 2 * (fit$likelihood - spatial_fit(plain, "lag")$likelihood))
  nested <- length(lagged) == k && (plain$effects == "unit" || all(abs(plain$sums - 1) <= 1e-12))
  if (nested) {
    slopes <- unit[more, , drop = FALSE] + fit$p * unit[lagged, , drop = FALSE]
    slopes[, rho] <- coef[lagged]
    wald <- c(wald, error = chi(coef[more] + fit$p * coef[lagged], slopes))
    lr <- c(lr, error = 2 * (fit$likelihood - spatial_fit(plain, "error")$likelihood))
  }
  list(wald = wald, lr = lr)
}

spatial_moran <- function(request, w, periods) {
  n <- nrow(w)
  values <- matrix(request$of, n)
  colnames(values) <- paste0("t", seq_len(periods))
  values <- values[, apply(values, 2L, function(v) min(v) < max(v)), drop = FALSE]
  if (!ncol(values)) return(list())
  pairs <- row(w) != col(w)
  of_period <- function(v) {
    z <- v - mean(v)
    m <- vapply(2:4, function(power) mean(z^power), numeric(1))
    b2 <- m[3L] / m[1L]^2
    sums <- rowSums(w)
    i <- sum(outer(z, z) * w) / sum(w) / m[1L]
    s <- c(sum(w), sum((w + t(w))^2) / 2, sum((sums + colSums(w))^2))
    variance <- if (request$moran == "normality") {
      (n^2 * s[2L] - n * s[3L] + 3 * s[1L]^2) / (s[1L]^2 * (n^2 - 1)) - 1 / (n - 1)^2
    } else {
      (n * (s[2L] * (n^2 - 3 * n + 3) - n * s[3L] + 3 * s[1L]^2) - b2 * (s[2L] * (n^2 - n) - 2 * n * s[3L] + 6 * s[1L]^2)) /
        ((n - 1) * (n - 2) * (n - 3) * s[1L]^2) - 1 / (n - 1)^2
    }
    own <- vapply(seq_len(n), function(j) z[j] * sum(w[j, ] * z) / m[1L], numeric(1))
    squares <- rowSums(w^2)
    if (request$local == "total") {
      # sum of w_ik w_ih over k and h that differ
      cross <- vapply(seq_len(n), function(j) sum(outer(w[j, ], w[j, ])[pairs]), numeric(1))
      mean <- -sums / (n - 1)
      spread <- squares * (n - b2) / (n - 1) + cross * (2 * b2 - n) / ((n - 1) * (n - 2)) - sums^2 / (n - 1)^2
      spread[spread <= 1e-9 * squares] <- NA
    } else {
      # of the others' values, drawn without repetition: their mean, their variance
      rest <- -z / (n - 1)
      wide <- (n * m[1L] - z^2) / (n - 1) - rest^2
      uneven <- squares - sums^2 / (n - 1)
      mean <- z * sums * rest / m[1L]
      spread <- (z / m[1L])^2 * wide * uneven * (n - 1) / (n - 2)
      spread[uneven <= 1e-9 * squares | m[1L] - z^2 / (n - 1) <= 1e-9 * m[1L] | z^2 <= 1e-18 * m[1L]] <- NA
    }
    z_of <- if (n > 3 && variance > 1e-9 / n^2) (i + 1 / (n - 1)) / sqrt(variance) else NA_real_
    list(i = i, z = z_of, own = own, local = if (n > 3) (own - mean) / sqrt(spread) else rep(NA_real_, n))
  }
  found <- apply(values, 2L, of_period, simplify = FALSE)
  global <- function(what) vapply(found, function(f) f[[what]], numeric(1))
  each <- function(what) unlist(lapply(names(found), function(t) {
    stats::setNames(found[[t]][[what]], paste0(t, "u", seq_len(n)))
  }))
  both <- function(z) 2 * stats::pnorm(-abs(z))
  out <- list(moran = global("i"), "moran z" = global("z"), "moran p" = both(global("z")),
              local = each("own"), "local z" = each("local"), "local p" = both(each("local")))
  lapply(out, function(v) v[!is.na(v)])
}
