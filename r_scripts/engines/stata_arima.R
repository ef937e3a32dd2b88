# arima() as Stata's command of the same name estimates it by default: a regression whose errors are an ARMA process, by exact
# Gaussian maximum likelihood. Named arima_ml() here, since stats has an arima().
#
#   arima_ml(data, "y", "x", time = "t", ar = 1, ma = 1)                  arima y x, ar(1) ma(1)
#   arima_ml(data, "dy", time = "t", ar = 1, ma = 0, vce = "oim")         arima y, arima(1,1,0) vce(oim), dy the difference
#
# Sources: [TS] arima, Methods and formulas: V of products of scores (vce(opg)) or of second derivatives; Hamilton (1994),
# section 13.1, for the state: the autoregression of which the series is a moving average, so that its first covariance is that
# of an autoregression (Yule and Walker). Derivatives are complex steps, second ones differences of them. The steps start where
# stats::arima() ends, and at no process at all; the better maximum counts.

# (m, n) log densities of rows given those before them, at the m rows of points.
stata_arima_rows <- function(x, y, at, ar, ma, points) {
  m <- nrow(points)
  k <- ncol(x)
  r <- max(ar, ma + 1L)
  phi <- lapply(seq_len(ar), function(i) points[, k + i])
  weight <- c(list(rep(1, m)), lapply(seq_len(ma), function(i) points[, k + ar + i]))
  s <- points[, k + ar + ma + 1L]
  # autocovariances at lags 0 .. r-1 (or 0 .. ar) of the autoregression with innovations of variance one
  lags <- max(r, ar + 1L)
  gamma <- vapply(seq_len(m), function(j) {
    a <- diag(lags) + 0i
    for (lag in seq_len(lags) - 1L) {
      for (i in seq_len(ar)) a[lag + 1L, abs(lag - i) + 1L] <- a[lag + 1L, abs(lag - i) + 1L] - phi[[i]][j]
    }
    solve(a, c(1, numeric(lags - 1L)) + 0i)
  }, complex(lags))
  gamma <- matrix(gamma, lags)
  state <- rep(list(rep(0i, m)), r)
  v <- matrix(list(), r, r)
  for (i in seq_len(r)) for (j in seq_len(r)) v[[i, j]] <- gamma[abs(i - j) + 1L, ]
  errors <- rep(y, each = m) - points[, seq_len(k), drop = FALSE] %*% t(x)
  errors <- matrix(errors, m)
  out <- matrix(0i, m, length(y))
  sum_of <- function(a, b) { total <- 0; for (i in seq_along(a)) total <- total + a[[i]] * b[[i]]; total }
  now <- at[1L]
  for (t in seq_along(at)) {
    while (now < at[t]) {
      row <- lapply(seq_len(r), function(j) if (ar) sum_of(phi, v[seq_len(ar), j]) else rep(0i, m))
      nxt <- v
      nxt[[1L, 1L]] <- 1 + if (ar) sum_of(phi, row[seq_len(ar)]) else 0
      for (j in seq_len(r - 1L)) {
        nxt[[1L, j + 1L]] <- nxt[[j + 1L, 1L]] <- row[[j]]
        for (i in seq_len(r - 1L)) nxt[[i + 1L, j + 1L]] <- v[[i, j]]
      }
      v <- nxt
      first <- if (ar) sum_of(phi, state[seq_len(ar)]) else rep(0i, m)
      state <- c(list(first), state[seq_len(r - 1L)])
      now <- now + 1L
    }
    known <- seq_len(ma + 1L)
    w <- lapply(seq_len(r), function(i) sum_of(weight, v[i, known]))
    f <- sum_of(weight, w[known])
    e <- errors[, t] - sum_of(weight, state[known])
    out[, t] <- -(log(2 * pi) + log(f + 0i) + e^2 / (f * s^2)) / 2 - log(s + 0i)
    for (i in seq_len(r)) {
      state[[i]] <- state[[i]] + w[[i]] * e / f
      for (j in seq_len(i)) v[[i, j]] <- v[[j, i]] <- v[[i, j]] - w[[i]] * w[[j]] / f
    }
  }
  out
}

# One over the smallest root of 1 - b1 L - b2 L^2 ...: below one where a process with these weights of its past dies out.
stata_arima_largest <- function(b) if (any(b != 0)) 1 / min(Mod(polyroot(c(1, -b)))) else 0

stata_arima <- function(y, x, time, ar, ma, information = "observed", constant = TRUE) {
  order <- order(time)
  columns <- if (constant) cbind(x, `_cons` = 1) else x
  k <- ncol(columns)
  basis <- if (k) stata_orthogonal(columns[order, , drop = FALSE]) else list(q = columns[order, , drop = FALSE], back = diag(0))
  y <- y[order]
  at <- as.integer(time[order] - min(time)) + 1L
  n <- length(y)
  first <- drop(crossprod(basis$q, y)) / n
  rest <- y - drop(basis$q %*% first)
  size <- sqrt(mean(rest^2))
  if (!is.finite(size) || size < 1e-15 * max(abs(y))) stata_refuse("the regressors predict the outcome perfectly")
  u <- rest / size
  p <- k + ar + ma + 1L
  ia <- k + seq_len(ar)
  im <- k + ar + seq_len(ma)
  step <- 1e-100
  shifts <- expand.grid(s = c(-3, -2, -1, 1, 2, 3), i = seq_len(p)) # a difference of the sixth order
  of <- function(b) {
    largest <- max(stata_arima_largest(b[ia]), stata_arima_largest(-b[im]))
    if (b[p] <= 0 || largest >= 1) return(NULL)
    wide <- 1e-2 * (1 - largest) # beyond a unit root is no likelihood, and near it derivatives are large
    centres <- rbind(b, matrix(b, nrow(shifts), p, byrow = TRUE) + wide * shifts$s * diag(p)[shifts$i, , drop = FALSE])
    points <- centres[rep(seq_len(nrow(centres)), each = p), , drop = FALSE] +
      1i * step * diag(p)[rep(seq_len(p), nrow(centres)), , drop = FALSE]
    rows <- stata_arima_rows(basis$q, u, at, ar, ma, points)
    by <- Im(rows) / step
    slopes <- matrix(rowSums(by), p) # of each centre, by parameter
    curve <- vapply(seq_len(p), function(i) {
      of <- slopes[, 1L + which(shifts$i == i), drop = FALSE]
      drop(of %*% c(-1, 9, -45, 45, -9, 1)) / (60 * wide)
    }, numeric(p))
    observed <- -(curve + t(curve)) / 2
    score <- t(by[seq_len(p), , drop = FALSE])
    definite <- !is.null(tryCatch(chol(observed), error = function(e) NULL))
    list(ll = Re(rows[1L, ]), score = score, information = if (definite) observed else crossprod(score), definite = definite)
  }
  whole <- rep(NA_real_, max(at))
  whole[at] <- u
  wide_x <- matrix(0, max(at), k)
  wide_x[at, ] <- basis$q
  near <- tryCatch(suppressWarnings(stats::arima(whole, c(ar, 0L, ma), xreg = if (k) wide_x, include.mean = FALSE, method = "ML")),
                   error = function(e) NULL)
  starts <- list(c(numeric(p - 1L), 1))
  if (!is.null(near)) {
    b <- unname(near$coef)
    starts <- c(list(c(if (k) b[ar + ma + seq_len(k)], b[seq_len(ar + ma)], sqrt(near$sigma2))), starts)
  }
  found <- NULL
  for (start in starts) {
    if (is.null(of(start))) next
    one <- tryCatch(stata_newton(of, start, rep(1, n)), stata_refusal = function(e) NULL)
    if (!is.null(one) && one$definite && (is.null(found) || sum(one$ll) > sum(found$ll))) found <- one
  }
  if (is.null(found)) stata_refuse("convergence not achieved")
  b <- found$b
  names <- c(colnames(columns), if (ar) paste0("ARMA:ar", seq_len(ar)), if (ma) paste0("ARMA:ma", seq_len(ma)), "/sigma")
  move <- diag(p)
  ik <- seq_len(k)
  move[ik, ik] <- size * basis$back
  move[p, p] <- size
  seen <- if (information == "outer") crossprod(found$score) else found$information
  inverse <- chol2inv(chol(seen))
  bread <- move %*% inverse %*% t(move)
  dimnames(bread) <- list(names, names)
  pull <- found$score %*% inverse %*% t(move)
  list(b = stats::setNames(c(drop(basis$back %*% (first + size * b[ik])), b[c(ia, im)], size * b[p]), names),
       bread = (bread + t(bread)) / 2, pull = pull[order(order), , drop = FALSE], ll = sum(found$ll) - n * log(size),
       prior = rep(1, n), score = rep(1, n))
}

arima_ml <- function(data, y, x = NULL, time, ar = 0, ma = 0, vce = "opg", constant = TRUE, level = 95) {
  frame <- stata_data(data, y, x, other = time)
  fit <- stata_arima(as.double(frame[[y]]), stata_matrix(frame, x), frame[[time]], ar, ma,
                     if (vce == "opg") "outer" else "observed", constant)
  n <- nrow(frame)
  v <- if (vce == "robust") n / (n - 1) * stata_ml_robust(fit, FALSE) else fit$bread
  dimnames(v) <- list(names(fit$b), names(fit$b))
  lags <- function(name, m) if (m) paste0(name, "(", if (m > 1L) paste0("1/", m) else "1", ")") else ""
  command <- stata_line("arima", y, x, c(lags("ar", ar), lags("ma", ma), if (!constant) "noconstant",
                                         if (vce != "opg") paste0("vce(", vce, ")")))
  list(b = fit$b, V = v, N = n, ll = fit$ll, df_r = Inf, fit = fit, command = command, table = stata_table(fit$b, v, Inf, level))
}

# ---------------------------------------------------------------- asked as an engine

stata_is_series <- function(request) request$model == "arima"

stata_series_terms <- function(request) {
  lags <- function(name, m) if (m) paste0("ARMA:", name, seq_len(m))
  c(stata_terms(request), lags("ar", request$arma[1L]), lags("ma", request$arma[2L]), "/sigma")
}

# By its default, whatever information is declared, as shipped; else by the declared one.
stata_series_native <- function(request) {
  vce <- if (request$vcov$kind == "iid") "opg" else "robust"
  arima_ml(request$data, "y", stata_names("x", request$n_x), "time", request$arma[1L], request$arma[2L], vce, request$intercept)
}

stata_series_plain <- function(request) {
  data <- request$data
  stata_arima(data$y, stata_matrix(data, stata_names("x", request$n_x)), data$time, request$arma[1L], request$arma[2L],
              request$convention$information, request$intercept)
}
