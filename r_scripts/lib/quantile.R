# Quantile regressions: from corner to corner of the linear program, along the edge that falls most, as far as it falls; with
# fixed effects by Canay's two steps, or by moments of location and scale. Base R only, written apart from the Python side.

# request: data (y, x1.., f1.. codes of effects, g code of clusters), regressors, effects, intercept, method ("regression",
# "canay", "moments"), errors ("iid", "robust", "cluster", "bootstrap"), at and their names, density, bandwidth, kernel, quartiles
# (R's type), same (a share of the largest outcome: fits no further apart go through one row);
# of a bootstrap draws (a file) and which of them are used. -> named numbers.
quantile_analysis <- function(request) {
  d <- request$data
  m <- list(
    request = request, y = d$y, x = as.matrix(d[paste0("x", seq_len(request$regressors))]), code = d$g,
    effects = as.list(d[as.character(request$effects)]), at = as.numeric(request$at), moments = request$method == "moments"
  )
  names(m$at) <- as.character(request$names)
  whole <- quantile_estimated(m, seq_along(m$y), rep(1, length(m$y)))
  se <- if (request$errors == "bootstrap") quantile_drawn(m) else quantile_errors(m, whole)
  free <- if (m$moments) Inf else length(m$y) - ncol(whole$x)
  out <- list()
  for (name in names(whole$b)) {
    b <- whole$b[[name]]
    t <- b / se$se[[name]]
    out[[name]] <- b
    out[[paste(name, "se")]] <- stats::setNames(se$se[[name]], names(b))
    out[[paste(name, if (m$moments) "z" else "t")]] <- t
    out[[paste(name, "p")]] <- 2 * stats::pt(-abs(t), free)
  }
  if (m$moments) out$q <- vapply(whole$fits, function(fit) fit$b, numeric(1))
  else if (request$intercept) {
    loss <- function(e, q) sum(ifelse(e < 0, (q - 1) * e, q * e))
    out[["pseudo r2"]] <- mapply(function(fit, q) {
      alone <- stats::quantile(whole$y, q, type = 1, names = FALSE)
      1 - loss(fit$e, q) / loss(whole$y - alone, q)
    }, whole$fits, m$at)
  }
  c(out, se[setdiff(names(se), "se")])
}

# The solution at every quantile, of some rows under weights.
quantile_estimated <- function(m, rows, w) {
  x <- m$x[rows, , drop = FALSE]
  y <- m$y[rows]
  nuisance <- mediation_nuisance(lapply(m$effects, function(e) e[rows]), length(rows))
  net <- function(v) {
    fit <- stats::lm.wfit(nuisance, v, w)
    as.matrix(v) - as.matrix(fit$fitted.values)
  }
  if (m$moments) {
    left <- net(cbind(x, y))
    z <- left[, -ncol(left), drop = FALSE]
    location <- quantile_squares(z, left[, ncol(left)], w)
    spread <- abs(location$residuals)
    scale <- quantile_squares(z, drop(net(spread)), w)
    fitted <- spread - scale$residuals
    fits <- lapply(m$at, function(q) quantile_corner(matrix(fitted), location$residuals, q, w))
    b <- c(list(location = location$b, scale = scale$b), lapply(fits, function(fit) location$b + fit$b * scale$b))
    return(list(x = matrix(fitted), y = location$residuals, fits = fits, b = b, z = z, gamma = scale$b))
  }
  if (m$request$method == "canay") {
    left <- net(cbind(x, y))
    step <- quantile_squares(left[, -ncol(left), drop = FALSE], left[, ncol(left)], w)
    effects <- y - drop(x %*% step$b) - step$residuals
    y <- y - (effects - sum(w * effects) / sum(w))
  }
  if (m$request$intercept) x <- cbind(b0 = 1, x)
  fits <- lapply(m$at, function(q) quantile_corner(x, y, q, w))
  list(x = x, y = y, fits = fits, b = lapply(fits, function(fit) stats::setNames(fit$b, colnames(x))))
}

quantile_squares <- function(x, y, w) {
  size <- sqrt(colSums(x^2))
  fit <- stats::lm.wfit(sweep(x, 2L, size, "/"), y, w)
  list(b = stats::setNames(fit$coefficients / size, colnames(x)), residuals = fit$residuals)
}

# min over b of sum w rho_q(y - x b). A corner is k rows without residual; leaving one of them is worth it where its
# multiplier is beyond q w or (q - 1) w, and goes on until the slope, which rises by w |x d| at every residual that changes
# its sign, is no longer negative. Rows are moved a little, each its own way, so that no corner has more than k of them.
quantile_corner <- function(x, y, q, w) {
  size <- apply(abs(x), 2L, max)
  height <- max(abs(y), .Machine$double.xmin)
  z <- sweep(unname(x), 2L, size, "/")
  v <- y / height
  k <- ncol(z)
  moved <- v + 1e-10 * (((seq_along(v) * 0.6180339887498949) %% 1) - 0.5)
  start <- stats::lm.wfit(z, moved, w)$residuals
  near <- order(abs(start))
  on <- near[qr(t(z[near, , drop = FALSE]))$pivot[seq_len(k)]]
  for (step in seq_len(100L * (k + 10L) + length(v))) {
    inverse <- solve(z[on, , drop = FALSE])
    e <- moved - drop(z %*% (inverse %*% moved[on]))
    e[on] <- 0
    score <- w * (q - (e < 0))
    score[on] <- 0
    pull <- drop(crossprod(inverse, crossprod(z, score)))
    up <- (1 - q) * w[on] - pull
    down <- q * w[on] + pull
    j <- which.min(pmin(up, down))
    slope <- min(up[j], down[j])
    if (slope >= -1e-10 * max(w)) break
    d <- inverse[, j] * if (up[j] <= down[j]) 1 else -1
    rate <- drop(z %*% d)
    when <- e / rate
    when[on] <- NA
    when[abs(rate) < 1e-13 | when <= 0] <- NA
    ahead <- order(when, na.last = NA)
    rising <- slope + cumsum((w * abs(rate))[ahead])
    on[j] <- ahead[which(rising >= 0)[1L]]
    if (is.na(on[j])) stop("a quantile regression has no end: a regressor is determined by the others")
    if (step == 100L * (k + 10L) + length(v)) stop("a quantile regression walked in circles")
  }
  b <- solve(z[on, , drop = FALSE], v[on])
  e <- v - drop(z %*% b)
  e[on] <- 0
  e[abs(e) <= 1e-12] <- 0
  list(b = b * height / size, e = e * height)
}

quantile_bandwidth <- function(kind, n, q) {
  z <- stats::qnorm(q)
  h <- switch(kind,
    "hall-sheather" = n^(-1/3) * stats::qnorm(0.975)^(2/3) * (1.5 * stats::dnorm(z)^2 / (2 * z^2 + 1))^(1/3),
    chamberlain = stats::qnorm(0.975) * sqrt(q * (1 - q) / n),
    bofinger = n^-0.2 * (4.5 * stats::dnorm(z)^4 / (2 * z^2 + 1)^2)^0.2,
    "bofinger-stata" = n^-0.2 * (4.5 * stats::dnorm(2 * z)^4 / (2 * z^2 + 1)^2)^0.2
  )
  while (q - h <= 0 || q + h >= 1) h <- h / 2
  h
}

# K(e/c)/c for every row.
quantile_densities <- function(kind, e, q, h, quartiles) {
  width <- min(stats::sd(e), stats::IQR(e, type = quartiles) / 1.34) * (stats::qnorm(q + h) - stats::qnorm(q - h))
  u <- e / width
  k <- switch(kind,
    gaussian = stats::dnorm(u),
    epanechnikov = pmax(0, 0.75 * (1 - u^2 / 5) / sqrt(5)),
    epan2 = pmax(0, 0.75 * (1 - u^2))
  )
  k / width
}

quantile_errors <- function(m, whole) {
  r <- m$request
  one <- rep(1, length(m$y))
  by_cluster <- function(scores) if (r$errors == "cluster") rowsum(scores, m$code) else scores
  found <- mapply(function(fit, q, name) {
    h <- quantile_bandwidth(r$bandwidth, length(m$y), q)
    gap <- function() quantile_corner(whole$x, whole$y, q + h, one)$b - quantile_corner(whole$x, whole$y, q - h, one)$b
    if (m$moments) {
      f <- if (r$density == "kernel") mean(quantile_densities(r$kernel, whole$y / whole$x[, 1L] - fit$b, q, h, r$quartiles)) else 2 * h / gap()
      fitted <- whole$x[, 1L]
      moved <- 2 * whole$y * ((whole$y >= 0) - mean(whole$y >= 0)) - fitted
      pull <- mediation_pull(whole$z)
      of_q <- (fitted * (q - (fit$e <= 0)) / f - whole$y - fit$b * moved) / sum(fitted)
      location <- pull * whole$y
      scale <- pull * moved
      each <- list(location, scale, location + fit$b * scale + outer(of_q, whole$gamma))
      se <- lapply(each, function(scores) sqrt(colSums(by_cluster(scores)^2)))
      return(list(se = stats::setNames(se, c("location", "scale", name)), density = f, bandwidth = h))
    }
    f <- switch(r$density,
      kernel = quantile_densities(r$kernel, fit$e, q, h, r$quartiles),
      residuals = {
        ends <- stats::quantile(fit$e[fit$e != 0], c(q - h, q + h), type = 2, names = FALSE)
        rep(2 * h / (ends[2L] - ends[1L]), length(m$y))
      },
      fitted = {
        rise <- drop(whole$x %*% gap())
        if (r$errors == "iid") rep(2 * h / mean(rise), length(m$y)) else
          ifelse(rise > r$same * max(abs(whole$y)), 2 * h / rise, 0)
      }
    )
    if (r$errors == "iid") f <- rep(mean(f), length(m$y))
    size <- sqrt(colSums(whole$x^2))
    z <- sweep(whole$x, 2L, size, "/")
    bread <- chol2inv(qr.R(qr(sqrt(f) * z, LAPACK = TRUE)))
    at <- order(qr(sqrt(f) * z, LAPACK = TRUE)$pivot)
    bread <- bread[at, at, drop = FALSE]
    meat <- if (r$errors == "cluster") crossprod(by_cluster(z * (q - (fit$e <= 0)))) else q * (1 - q) * crossprod(z)
    list(se = stats::setNames(list(sqrt(diag(bread %*% meat %*% bread)) / size), name), density = mean(f), bandwidth = h)
  }, whole$fits, m$at, names(m$at), SIMPLIFY = FALSE)
  all <- do.call(c, unname(lapply(found, function(one) one$se)))
  each <- function(what) vapply(found, function(one) one[[what]], numeric(1))
  list(se = all[!duplicated(names(all))], density = each("density"), bandwidth = each("bandwidth"))
}

quantile_drawn <- function(m) {
  drawn <- mediation_draws(m$request$draws)[m$request$used, , drop = FALSE]
  again <- apply(drawn, 1L, function(clusters) {
    w <- as.numeric(tabulate(clusters, max(m$code)))[m$code]
    quantile_estimated(m, which(w > 0), w[w > 0])$b
  }, simplify = FALSE)
  se <- lapply(names(again[[1L]]), function(name) {
    apply(do.call(rbind, lapply(again, function(one) one[[name]])), 2L, stats::sd)
  })
  list(se = stats::setNames(se, names(again[[1L]])))
}
