# Is a coefficient the same in two groups? By interaction, by SUEST, by Fisher's permutation: every regression by lm.fit with
# all dummies. Written apart from parity's cross-products, to hold them against. Base R only.

# request: data (y, x1.., f1.., g cluster, h 1 in the first group), regressors (the term last), effects, methods, interact
# ("all", "term"), permute ("units", "rows"), draws (a file) or NULL, first_draws, tie.
difference_analysis <- function(request) {
  data <- request$data
  m <- list(
    y = data$y, x = as.matrix(data[as.character(request$regressors)]), cluster = data$g, first = data$h == 1,
    effects = as.list(data[as.character(request$effects)]), groups = max(data$g)
  )
  one <- difference_split(m, m$first)
  two <- difference_split(m, !m$first)
  gap <- one$b - two$b
  out <- list(first = one$b, second = two$b, difference = gap, nobs_first = sum(m$first), nobs_second = sum(!m$first))
  methods <- as.character(request$methods)
  if ("interaction" %in% methods) out <- c(out, difference_interaction(m, request$interact))
  if ("suest" %in% methods) {
    se <- sqrt(m$groups / (m$groups - 1) * sum((one$scores - two$scores)^2))
    z <- if (se > 0) gap / se else NaN  # scores that cancel exactly: no z
    out <- c(out, list(se_suest = se, z_suest = z, p_suest = 2 * stats::pnorm(-abs(z))))
  }
  if (!is.null(request$draws)) {
    draws <- mediation_draws(request$draws)
    draws <- draws[seq_len(min(request$first_draws, nrow(draws))), , drop = FALSE]
    boot <- apply(draws, 1L, function(drawn) {
      inside <- if (identical(request$permute, "rows")) seq_along(m$y) %in% drawn else m$cluster %in% drawn
      difference_split(m, inside)$b - difference_split(m, !inside)$b
    })
    known <- boot[!is.na(boot)]
    spread <- sqrt(mean((known - mean(known))^2))
    slack <- request$tie * max(abs(gap), spread)
    out$replicate <- boot
    out$p_one_permutation <- mean((if (gap >= 0) known else -known) >= abs(gap) - slack)
    out$p_permutation <- mean(abs(known) >= abs(gap) - slack)
  }
  out
}

# The last coefficient among some rows, and the sums of its scores by cluster.
difference_split <- function(m, rows) {
  nuisance <- mediation_nuisance(lapply(m$effects, function(e) e[rows]), sum(rows))
  x <- m$x[rows, , drop = FALSE]
  k <- ncol(x)
  fit <- stats::lm.fit(cbind(nuisance, x), m$y[rows])
  pull <- stats::lm.fit(cbind(nuisance, x[, -k, drop = FALSE]), x[, k])$residuals
  scores <- numeric(m$groups)
  summed <- rowsum(pull / sum(pull^2) * fit$residuals, m$cluster[rows])
  scores[as.integer(rownames(summed))] <- summed[, 1L]
  list(b = unname(utils::tail(fit$coefficients, 1L)), scores = scores)
}

# One regression of both groups. Errors by reghdfe's rule: effects nested in the cluster aren't counted, a constant is.
difference_interaction <- function(m, interact) {
  k <- ncol(m$x)
  n <- length(m$y)
  effects <- m$effects
  if (identical(interact, "all")) {
    effects <- if (length(effects)) lapply(effects, function(e) e * 2 + m$first) else list(m$first + 1)
    x <- cbind(m$x * !m$first, m$x * m$first)
    contrast <- c(numeric(k - 1L), -1, numeric(k - 1L), 1)
  } else {
    own <- any(vapply(effects, function(e) all(tapply(m$first, e, function(v) length(unique(v))) == 1L), NA))
    x <- cbind(if (!own) m$first + 0, m$x, m$x[, k] * m$first)
    contrast <- c(numeric(ncol(x) - 1L), 1)
  }
  nuisance <- mediation_nuisance(effects, n)
  fit <- stats::lm.fit(cbind(nuisance, x), m$y)
  free <- as.matrix(stats::lm.fit(nuisance, x)$residuals)
  pull <- mediation_pull(free) %*% contrast
  scores <- rowsum(pull[, 1L] * fit$residuals, m$cluster)
  nested <- vapply(effects, function(e) all(tapply(m$cluster, e, function(g) length(unique(g))) == 1L), NA)
  counted <- effects[!nested]
  constant <- if (any(nested) || !length(effects)) matrix(1, n, 1L)
  rank <- qr(cbind(constant, if (length(counted)) mediation_nuisance(counted, n)))$rank
  se <- sqrt(sum(scores^2) * m$groups / (m$groups - 1) * (n - 1) / (n - ncol(x) - rank))
  b <- sum(utils::tail(fit$coefficients, ncol(x)) * contrast)
  # the constant counted beside nested effects is left out of the degrees of freedom of t
  df <- min(m$groups - 1, n - ncol(x) - rank + any(nested))
  list(difference_interaction = b, se_interaction = se, t_interaction = b / se,
       p_interaction = 2 * stats::pt(-abs(b / se), df))
}

# The wild cluster bootstrap with its p-values and interval; request as of wild_refit, with first_draws, level and tie.
wild_analysis <- function(request) {
  found <- wild_refit(request)
  ends <- wild_interval(request)
  known <- found$replicates[!is.na(found$replicates)]
  slack <- request$tie * max(abs(found$t), 1)
  list(
    t = found$t, replicate = found$replicates, p = mean(abs(known) >= abs(found$t) - slack),
    p_equal = min(2 * min(mean(known <= found$t + slack), mean(known >= found$t - slack)), 1),
    low = ends[1L], high = ends[2L]
  )
}
