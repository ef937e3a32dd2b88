# tobit() as Stata's command of the same name estimates it: a normal outcome, censored below, above or at both limits.
#
#   tobit(data, "y", c("x1", "x2"), limits = c(0, Inf))            tobit y x1 x2, ll(0)
#   tobit(data, "y", "x", limits = c(0, 100), cluster = "firm")    tobit y x, ll(0) ul(100) vce(cluster firm)
#
# Sources: [R] tobit, Methods and formulas; Olsen (1978) for the steps, whose parameters are b/sigma and 1/sigma. The second
# derivatives by b and sigma are taken there directly: V is their inverse, less its sign. sigma is named /sigma, its square
# Stata's var(e.y).

stata_tobit <- function(y, x, limits, w, null = TRUE) {
  below <- y <= limits[1L]
  above <- y >= limits[2L]
  free <- !below & !above
  if (!any(free)) stata_refuse("no uncensored observations")
  held <- pmin(pmax(y, limits[1L]), limits[2L])
  basis <- stata_orthogonal(cbind(x, `_cons` = 1))
  k <- ncol(basis$q)
  first <- drop(crossprod(basis$q, held)) / length(y)
  rest <- held - drop(basis$q %*% first)
  size <- sqrt(sum(w * rest^2) / sum(w))
  if (size < 1e-15 * max(abs(held))) stata_refuse("outcome = the regressors predict data perfectly")
  u <- rest / size
  # phi/Phi of what a censored row must stay below
  ratio <- function(z) exp(stats::dnorm(z, log = TRUE) - stats::pnorm(z, log.p = TRUE))
  at <- function(b) {
    t <- b[k + 1L]
    if (t <= 0) return(NULL)
    e <- t * u - drop(basis$q %*% b[seq_len(k)])
    z <- ifelse(below, e, -e)
    lambda <- ratio(z)
    h <- ifelse(free, 1, lambda * (lambda + z))
    slope <- ifelse(free, -e, ifelse(below, lambda, -lambda))
    moves <- cbind(-basis$q, u)
    score <- slope * moves
    score[, k + 1L] <- score[, k + 1L] + free / t
    information <- crossprod(moves, moves * (w * h))
    information[k + 1L, k + 1L] <- information[k + 1L, k + 1L] + sum(w[free]) / t^2
    list(ll = ifelse(free, log(t) + stats::dnorm(e, log = TRUE), stats::pnorm(z, log.p = TRUE)), score = score,
         information = information)
  }
  found <- stata_newton(at, c(numeric(k), 1), w)
  sigma <- size / found$b[k + 1L]
  a <- first + sigma * found$b[seq_len(k)]
  e <- (held - drop(basis$q %*% a)) / sigma
  z <- ifelse(below, e, -e)
  lambda <- ratio(z)
  h <- lambda * (lambda + z)
  sign <- ifelse(below, 1, -1)
  # minus the second derivatives by a twice, by a and sigma, and by sigma twice, each times sigma^2
  aa <- ifelse(free, 1, h)
  as <- ifelse(free, 2 * e, h * e - sign * lambda)
  ss <- ifelse(free, 3 * e^2 - 1, h * e^2 - 2 * sign * lambda * e)
  information <- rbind(cbind(crossprod(basis$q, basis$q * (w * aa)), crossprod(basis$q, w * as)),
                       c(crossprod(basis$q, w * as), sum(w * ss))) / sigma^2
  score <- cbind(basis$q * ifelse(free, e, -sign * lambda), ifelse(free, e^2 - 1, -sign * lambda * e)) / sigma
  move <- rbind(cbind(basis$back, 0), c(numeric(k), 1))
  names <- c(colnames(x), "_cons", "/sigma")
  inverse <- chol2inv(chol(information))
  bread <- move %*% inverse %*% t(move)
  dimnames(bread) <- list(names, names)
  list(b = stats::setNames(c(drop(basis$back %*% a), sigma), names), bread = (bread + t(bread)) / 2,
       pull = score %*% inverse %*% t(move), ll = sum(w * found$ll) - sum(w[free]) * log(size), prior = w, score = w,
       ll_0 = if (null) stata_tobit(y, x[, 0L, drop = FALSE], limits, w, FALSE)$ll)
}

stata_limits_text <- function(limits) {
  if (is.null(limits)) return(NULL)
  said <- c("ll", "ul")[is.finite(limits)]
  paste0(said, "(", limits[is.finite(limits)], ")")
}
