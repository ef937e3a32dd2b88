# Imputation and two stages with dense dummies, and Goodman-Bacon's decomposition by a regression for each pair. Base R only,
# written apart from the Python side.

# Effects of unit and period and controls among untreated rows, by QR: left over of all rows, and what the first stage does.
es_first <- function(p, request) {
  untreated <- p$t - p$g < -request$anticipation
  units <- sort(unique(p$i))
  periods <- sort(unique(p$t))
  z <- cbind(outer(p$i, units, "==") * 1, outer(p$t, periods[-1L], "==") * 1, p$x)
  size <- apply(abs(z), 2L, max)
  z <- sweep(z, 2L, ifelse(size > 0, size, 1), "/")
  root <- sqrt(p$w[untreated])
  fit <- qr(z[untreated, , drop = FALSE] * root, tol = 1e-10)
  if (fit$rank < ncol(z)) stop("effects among untreated rows are not identified")
  b <- qr.coef(fit, p$y[untreated] * root)
  r <- qr.R(fit)
  inverse <- function(m) {  # (z0' w z0)^-1 m
    out <- matrix(0, ncol(z), ncol(m))
    out[fit$pivot, ] <- backsolve(r, forwardsolve(t(r), m[fit$pivot, , drop = FALSE]))
    out
  }
  list(untreated = untreated, left = p$y - drop(z %*% b), z = z, inverse = inverse)
}

es_imputation <- function(p, request, window) {
  f <- es_first(p, request)
  treated <- which(!f$untreated)
  key <- paste(p$g, p$t)[treated]
  cells <- unique(data.frame(g = p$g, t = p$t)[treated, ])
  cells <- cells[order(cells$g, cells$t), ]
  names <- paste(cells$g, cells$t)
  at <- match(key, names)
  cells$e <- cells$t - cells$g
  cells$weight <- vapply(seq_along(names), function(j) sum(p$w[treated][at == j]), numeric(1))
  a <- es_averages(cells, request, window)
  v <- matrix(0, length(p$y), nrow(a$weights))
  v[treated, ] <- t(a$weights)[at, , drop = FALSE] * p$w[treated] / cells$weight[at]
  effect <- drop(crossprod(v, f$left))
  pulled <- -p$w * (f$z %*% f$inverse(crossprod(f$z, v)))
  v[f$untreated, ] <- pulled[f$untreated, , drop = FALSE]
  variance <- vapply(seq_len(ncol(v)), function(j) {
    square <- v[treated, j]^2
    total <- stats::ave(square, at, FUN = sum)
    e <- f$left
    e[treated] <- e[treated] - ifelse(total > 0, stats::ave(square * f$left[treated], at, FUN = sum) / total, 0)
    sum(rowsum(v[, j] * e, p$cluster)^2)
  }, numeric(1))
  cell <- vapply(seq_along(names), function(j) stats::weighted.mean(f$left[treated][at == j], p$w[treated][at == j]), numeric(1))
  list(terms = a$terms, effect = effect, variance = variance,
       more = c(list(cell = stats::setNames(cell, paste0(es_number(cells$g), ":", es_number(cells$t)))), es_counts_of(p)))
}

es_two_stages <- function(p, request, window) {
  f <- es_first(p, request)
  e <- p$t - p$g
  single <- request$aggregation == "simple"
  events <- if (single) 0 else setdiff(sort(unique(e[is.finite(e)])), as.numeric(request$reference))
  x <- if (single) cbind(as.numeric(e >= 0)) else outer(e, events, function(a, b) as.numeric(a == b))
  root <- sqrt(p$w)
  second <- qr(x * root)
  b <- qr.coef(second, f$left * root)
  bread <- chol2inv(qr.R(second))
  first <- f$inverse(crossprod(f$z, x * p$w))
  scores <- x * p$w * drop(f$left - x %*% b) - (p$w * f$untreated * f$left) * (f$z %*% first)
  v <- bread %*% crossprod(rowsum(scores, p$cluster)) %*% bread
  shown <- if (single) 1L else which(events >= window[1L] & events <= window[2L])
  list(terms = if (single) "all" else es_number(events[shown]), effect = b[shown], variance = diag(v)[shown],
       more = es_counts_of(p))
}

# A regression of each pair of groups on both effects; its weight follows from its rows and what is left of treatment.
es_bacon <- function(p, request) {
  d <- data.frame(y = p$y, t = p$t, i = p$i, d = as.numeric(p$t >= p$g),
                  group = ifelse(p$g <= min(p$t), -Inf, ifelse(p$g > max(p$t), Inf, p$g)))
  twfe <- function(rows) {
    s <- d[rows, ]
    net <- stats::lm.fit(cbind(outer(s$i, unique(s$i), "==") * 1, outer(s$t, unique(s$t)[-1L], "==") * 1), s$d)$residuals
    c(b = sum(net * s$y) / sum(net^2), v = sum(net^2), n = nrow(s))
  }
  whole <- twfe(seq_len(nrow(d)))
  found <- list()
  timed <- sort(unique(d$group[is.finite(d$group)]))
  for (g in timed) for (other in intersect(c(Inf, -Inf), d$group)) {
    found[[paste(es_number(g), "vs", if (other > 0) "never" else "always")]] <- twfe(d$group %in% c(g, other))
  }
  for (early in timed) for (late in timed[timed > early]) {
    pair <- d$group %in% c(early, late)
    found[[paste(es_number(early), "vs later", es_number(late))]] <- twfe(pair & d$t < late)
    found[[paste(es_number(late), "vs earlier", es_number(early))]] <- twfe(pair & d$t >= early)
  }
  b <- vapply(found, `[[`, numeric(1), "b")
  # squares of what is left of treatment, and rows: both as shares of the whole (equations 10a to 10c)
  share <- vapply(found, function(one) one[["v"]] * one[["n"]], numeric(1)) / (whole[["v"]] * nrow(d))
  kinds <- sub("^[^ ]+ vs ([a-z]+).*$", "\\1", names(found))
  kind <- c(never = "treated vs never", always = "treated vs always", later = "earlier vs later", earlier = "later vs earlier")[kinds]
  total <- c(tapply(share, kind, sum))
  mean_of <- c(tapply(share * b, kind, sum)) / total
  list(terms = c(names(found), "all"), effect = c(b, whole[["b"]]), variance = rep(0, length(b) + 1L),
       more = list(share = share, "mean effect" = mean_of, "total share" = total, nobs = c(whole = nrow(d))))
}
