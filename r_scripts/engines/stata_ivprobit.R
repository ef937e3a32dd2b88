# ivprobit() as Stata's command of the same name estimates it by maximum likelihood: a binary outcome and one endogenous column.
#
#   ivprobit(data, "y", c("x1", "x2"), endog = "d1", z = c("z1", "z2"))              ivprobit y x1 x2 (d1 = z1 z2)
#   ivprobit(data, "y", "x", endog = "d", z = "z", cluster = "firm")                 ivprobit y x (d = z), vce(cluster firm)
#
# Source: [R] ivprobit, Methods and formulas. With v = d - X p and s its deviation, y is 1 with the probability
# pnorm((W b + rho v/s) / sqrt(1 - rho^2)) given d. The steps are by W's coefficients over that root, by what v is multiplied
# with, by p and log(s): first and second derivatives are exact, and go over to b, p, /athrho and /lnsigma by the delta method.

stata_ivprobit <- function(y, x, d, z, w) {
  xs <- cbind(x, `_cons` = 1)
  inner <- stata_orthogonal(cbind(xs, d))
  outer <- stata_orthogonal(cbind(xs, z))
  k <- ncol(inner$q)
  m <- ncol(outer$q)
  # d in units of its first stage's deviation, about its first stage by least squares
  first <- stats::lm.wfit(outer$q, d, w)
  size <- sqrt(sum(w * first$residuals^2) / sum(w))
  if (!is.finite(size) || size < 1e-15 * max(abs(d))) stata_refuse("the instruments predict the endogenous regressor perfectly")
  e <- first$residuals / size
  sign <- ifelse(y > 0, 1, -1)
  ib <- seq_len(k)
  il <- k + 1L
  ip <- k + 1L + seq_len(m)
  is <- k + m + 2L
  at <- function(b) {
    v <- e - drop(outer$q %*% b[ip])
    s2 <- exp(2 * b[is])
    up <- sign * (drop(inner$q %*% b[ib]) + b[il] * v)
    log_p <- stats::pnorm(up, log.p = TRUE)
    ratio <- exp(stats::dnorm(up, log = TRUE) - log_p)
    slope <- sign * ratio
    h <- ratio * (ratio + up)
    by_index <- cbind(inner$q, v, -b[il] * outer$q, 0)
    score <- slope * by_index
    score[, ip] <- score[, ip] + outer$q * (v / s2)
    score[, is] <- score[, is] + v^2 / s2 - 1
    steady <- crossprod(by_index, by_index * (w * h))
    steady[ip, ip] <- steady[ip, ip] + crossprod(outer$q, outer$q * w) / s2
    steady[is, is] <- steady[is, is] + 2 * sum(w * v^2) / s2
    information <- steady
    cross <- drop(crossprod(outer$q, w * slope)) # of the multiplier and p, through the index
    information[il, ip] <- information[il, ip] + cross
    information[ip, il] <- information[ip, il] + cross
    twice <- 2 * drop(crossprod(outer$q, w * v)) / s2
    information[is, ip] <- information[is, ip] + twice
    information[ip, is] <- information[ip, is] + twice
    definite <- !is.null(tryCatch(chol(information), error = function(e) NULL))
    list(ll = log_p - 0.5 * log(2 * pi) - b[is] - v^2 / (2 * s2), score = score,
         information = if (definite) information else steady, definite = definite)
  }
  start <- stata_ml("probit", y, cbind(inner$q, e), list(), FALSE, w)$b
  found <- stata_newton(at, c(unname(start), numeric(m), 0), w)
  if (!found$definite) stata_refuse("Hessian is not negative semidefinite")
  b <- found$b
  s <- exp(b[is])
  t <- b[il] * s # rho / sqrt(1 - rho^2)
  shrink <- sqrt(1 + t^2)
  beta <- drop(inner$back %*% b[ib]) / shrink
  pi_hat <- drop(outer$back %*% (first$coefficients + size * b[ip]))
  move <- matrix(0, k + m + 2L, k + m + 2L)
  move[ib, ib] <- inner$back / shrink
  move[ib, il] <- -beta * t / shrink^2 * s
  move[ib, is] <- -beta * t / shrink^2 * t
  move[k + seq_len(m), ip] <- size * outer$back
  move[k + m + 1L, c(il, is)] <- c(s, t) / shrink
  move[k + m + 2L, is] <- 1
  names <- c(colnames(x), "_cons", "d1", paste0("d1:", c(colnames(x), "_cons", colnames(z))), "/athrho", "/lnsigma")
  inverse <- chol2inv(chol(found$information))
  bread <- move %*% inverse %*% t(move)
  dimnames(bread) <- list(names, names)
  list(b = stats::setNames(c(beta, pi_hat, asinh(t), b[is] + log(size)), names), bread = (bread + t(bread)) / 2,
       pull = found$score %*% inverse %*% t(move), ll = sum(w * found$ll) - sum(w) * log(size), prior = w, score = w)
}

ivprobit <- function(data, y, x, endog, z, vce = "oim", cluster = NULL, weights = NULL, weight_kind = "fweight", level = 95) {
  vce <- stata_vce(vce, cluster, c("oim", "robust", "cluster"))
  frame <- stata_data(data, y, x, endog = endog, z = z, other = cluster, weights = weights)
  w <- if (is.null(weights)) rep(1, nrow(frame)) else as.double(frame[[weights]])
  counts <- !is.null(weights) && weight_kind == "fweight"
  if (!is.null(weights) && !counts && vce == "oim") vce <- "robust"
  fit <- stata_ivprobit(as.double(frame[[y]]), stata_matrix(frame, x), as.double(frame[[endog]]), stata_matrix(frame, z), w)
  n <- if (counts) sum(w) else nrow(frame)
  groups <- if (vce == "cluster") stata_one_cluster(frame, cluster)
  v <- switch(vce, oim = fit$bread, robust = n / (n - 1) * stata_ml_robust(fit, counts),
              cluster = groups / (groups - 1) * stata_ml_clustered(fit, frame[[cluster]]))
  dimnames(v) <- list(names(fit$b), names(fit$b))
  command <- stata_line("ivprobit", y, c(x, paste0("(", endog, " = ", paste(z, collapse = " "), ")"),
                                         stata_weight_text(weights, weight_kind)),
                        if (vce != "oim") paste0("vce(", stata_vce_text(vce, cluster), ")") else "")
  list(b = fit$b, V = v, N = n, ll = fit$ll, N_clust = groups, df_r = Inf, fit = fit, command = command,
       table = stata_table(fit$b, v, Inf, level))
}

# ---------------------------------------------------------------- asked as an engine

stata_is_joint <- function(request) request$model == "ivprobit"

stata_joint_terms <- function(request) {
  x <- stata_names("x", request$n_x)
  c("(Intercept)", x, "d1", paste0("d1:", c("(Intercept)", x, stata_names("z", request$n_z))), "/athrho", "/lnsigma")
}

stata_joint_native <- function(request) {
  vce <- switch(request$vcov$kind, iid = "oim", HC1 = "robust", "cluster")
  weighted <- !is.null(request$weight_kind)
  ivprobit(request$data, "y", stata_names("x", request$n_x), "d1", stata_names("z", request$n_z), vce = vce,
           cluster = stata_or_null(request$clusters), weights = if (weighted) "w",
           weight_kind = if (identical(request$weight_kind, "frequency")) "fweight" else "pweight")
}

stata_joint_plain <- function(request) {
  data <- request$data
  w <- if (is.null(request$weight_kind)) rep(1, nrow(data)) else data$w
  stata_ivprobit(data$y, stata_matrix(data, stata_names("x", request$n_x)), data$d1,
                 stata_matrix(data, stata_names("z", request$n_z)), w)
}
