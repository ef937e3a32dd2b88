# Tests and functions of coefficients: R's own reading of the text, R's own fit, gradients by the complex step, Wald's and
# Hausman's statistics. Base R only, written apart from the Python side; the model is fitted by Stata's commands in base R.

# request: side and other (fit: what `estimate_r_stata` is asked; safe and terms: names of coefficients there and here; parts,
# factor: of each part of an uncorrected covariance, with its sign; df: of t; iid: what SSR/N times is the error variance),
# question, texts, form, common (terms of both), df (NaN: the convention's). -> named numbers; "." is the test as a whole.
hypotheses_analysis <- function(request) {
  one <- hypotheses_fitted(request$side)
  if (request$question == "hausman") return(hypotheses_hausman(one, hypotheses_fitted(request$other), request))
  df <- if (is.nan(request$df)) one$df else request$df
  if (request$question == "test") return(hypotheses_test(one, request$texts, df))
  hypotheses_functions(one, request$texts, df)
}

# b and V by term; df of t.
hypotheses_fitted <- function(side) {
  answer <- estimate_r_stata(side$fit)
  if (!is.null(answer$declined)) stop(answer$declined$reason, call. = FALSE)
  terms <- side$terms[match(answer$terms, side$safe)]
  native <- answer$basis != "uncorrected"
  v <- if (native) {
    answer$parts[[1L]]$matrix
  } else {
    Reduce(`+`, lapply(answer$parts, function(part) {
      side$factor[match(paste(part$cluster, collapse = "^"), side$parts)] * part$matrix
    }))
  }
  if (anyNA(v)) stop("the covariance has holes", call. = FALSE)
  df <- if (native && !is.null(answer$df_t)) answer$df_t else side$df
  list(b = stats::setNames(as.numeric(answer$coef), terms), v = matrix(v, length(terms), dimnames = list(terms, terms)),
       df = df, nobs = answer$reported$nobs)
}

# ---- expressions

# The sides of `a = b = c`; of `a` alone a and nought.
hypotheses_sides <- function(text) {
  t <- reading_tokens(text)
  sides <- list(reading_sum(t))
  while (reading_is(t, c("=", "=="))) {
    reading_next(t)
    sides <- c(sides, list(reading_sum(t)))
  }
  if (t$kind[t$at] != "end") stop("can't read `", t$text[t$at], "` in `", text, "`", call. = FALSE)
  if (length(sides) > 1L) sides else c(sides, list(list(k = "num", v = 0, whole = TRUE)))
}

# The value of a tree where the coefficients are b, complex so that a step into the imaginary is a derivative.
hypotheses_value <- function(node, b) {
  at <- match(reading_label(node), names(b))
  if (is.na(at) && node$k == "col") at <- match(if (node$name == "_cons") "(Intercept)" else node$name, names(b))
  if (!is.na(at)) return(b[[at]])
  inner <- function(i) hypotheses_value(node$args[[i]], b)
  switch(node$k,
    num = as.complex(node$v),
    op = switch(node$op, neg = -inner(1L), `+` = inner(1L) + inner(2L), `-` = inner(1L) - inner(2L), `*` = inner(1L) * inner(2L),
                `/` = inner(1L) / inner(2L), `^` = hypotheses_power(inner(1L), inner(2L)), stop("no arithmetic: ", node$op, call. = FALSE)),
    call = switch(node$f, log = log(inner(1L)), log1p = log(1 + inner(1L)), log10 = log(inner(1L)) / log(10),
                  exp = exp(inner(1L)), sqrt = sqrt(inner(1L)), stop("no function of coefficients: ", node$f, call. = FALSE)),
    stop("there is no coefficient `", reading_label(node), "`", call. = FALSE)
  )
}

# Whole powers by multiplication: of a negative number too.
hypotheses_power <- function(a, p) {
  whole <- Im(p) == 0 && Re(p) == round(Re(p)) && abs(Re(p)) <= 64
  if (!whole) return(exp(p * log(a)))
  product <- Reduce(`*`, rep(list(a), abs(Re(p))), 1 + 0i)
  if (Re(p) < 0) 1 / product else product
}

# Numbers and their gradients by the complex step (Squire and Trapp 1998), exact to rounding.
hypotheses_differentiated <- function(trees, b) {
  step <- 1e-30
  at <- function(i) {
    moved <- as.complex(b)
    if (i) moved[i] <- moved[i] + complex(imaginary = step)
    vapply(trees, hypotheses_value, complex(1L), b = stats::setNames(moved, names(b)))
  }
  gradients <- vapply(seq_along(b), function(i) Im(at(i)) / step, numeric(length(trees)))
  list(value = Re(at(0L)), gradient = matrix(gradients, length(trees)))
}

# ---- answers

hypotheses_test <- function(one, texts, df) {
  trees <- unlist(lapply(texts, function(text) {
    sides <- hypotheses_sides(text)
    lapply(sides[-1L], function(side) list(k = "op", op = "-", args = list(sides[[1L]], side)))
  }), recursive = FALSE)
  found <- hypotheses_differentiated(trees, one$b)
  v <- found$gradient %*% one$v %*% t(found$gradient)
  q <- length(trees)
  size <- sqrt(diag(v))
  chi2 <- sum(backsolve(chol(v / tcrossprod(size)), found$value / size, transpose = TRUE)^2)
  p <- if (is.finite(df)) stats::pf(chi2 / q, q, df, lower.tail = FALSE) else stats::pchisq(chi2, q, lower.tail = FALSE)
  whole <- function(x) c(. = x)
  c(list(f = whole(chi2 / q), chi2 = whole(chi2), df = whole(q), p = whole(p), nobs = whole(one$nobs)), if (is.finite(df)) list(df_r = whole(df)))
}

hypotheses_functions <- function(one, texts, df) {
  found <- hypotheses_differentiated(lapply(texts, reading_expression), one$b)
  se <- vapply(seq_along(texts), function(i) sqrt(drop(found$gradient[i, ] %*% one$v %*% found$gradient[i, ])), numeric(1))
  t <- found$value / se
  half <- stats::qt(0.975, df) * se
  out <- list(estimate = found$value, se = se, t = t, p = 2 * stats::pt(-abs(t), df), ci_low = found$value - half,
              ci_high = found$value + half)
  if (is.finite(df)) out$df_r <- rep(df, length(texts))
  lapply(out, stats::setNames, texts)
}

# (b - B)'[V_b - V_B]^-1 (b - B), [R] hausman: with a common error variance or each its own.
hypotheses_hausman <- function(one, other, request) {
  common <- request$common
  b <- one$b[common]
  big <- other$b[common]
  v <- one$v[common, common, drop = FALSE]
  w <- other$v[common, common, drop = FALSE]
  if (request$form != "full") {
    own <- hypotheses_variance(request$side)
    its <- hypotheses_variance(request$other)
    same <- if (request$form == "sigmamore") its else own
    v <- v * same / own
    w <- w * same / its
  }
  gap <- b - big
  spread <- diag(v - w)
  kept <- spread > 0
  found <- stata_hausman(list(b = b, V = v), list(b = big, V = w))
  c(list(chi2 = c(. = found$chi2), df = c(. = found$df), difference = gap), if (any(kept)) list(se = sqrt(spread[kept])),
    if (found$chi2 >= 0) list(p = c(. = found$p)))
}

# SSR/N times the factor of the convention; of random effects that of the transformed regression.
hypotheses_variance <- function(side) {
  fit <- if (side$fit$model == "random_effects") stata_components(side$fit)$fit else stata_plain_fit(side$fit)
  side$iid * fit$ssr / fit$n_obs
}
