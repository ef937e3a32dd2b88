# Marginal effects of one outcome of several, m$outcome, on its probability. What a probability's slopes and second derivatives
# by the indices of all equations are stands here row by row and pair by pair, written apart from the Python side.

margins_outcome_level <- function(m, x) {
  if (m$model != "mlogit") return(margins_ordered(m, x, NULL))
  p <- margins_probabilities(m, x)
  own <- p[, m$outcome]
  gradient <- lapply(margins_others(m), function(e) colSums(m$share * own * ((e == m$outcome) - p[, e]) * x))
  list(effect = sum(m$share * own), gradient = unlist(gradient))
}

margins_outcome_slope <- function(m, x, z) {
  if (m$model != "mlogit") return(margins_ordered(m, x, z))
  p <- margins_probabilities(m, x)
  own <- p[, m$outcome]
  others <- margins_others(m)
  along <- z %*% margins_by_equation(m, x)
  first <- function(e) own * ((e == m$outcome) - p[, e])
  second <- function(e, f) {
    own * (((e == m$outcome) - p[, e]) * ((f == m$outcome) - p[, f]) - p[, e] * ((e == f) - p[, f]))
  }
  effect <- 0
  gradient <- list()
  for (e in others) {
    effect <- effect + sum(m$share * first(e) * along[, match(e, others)])
    bent <- Reduce(`+`, lapply(others, function(f) second(e, f) * along[, match(f, others)]))
    gradient <- c(gradient, list(colSums(m$share * bent * x) + colSums(m$share * first(e) * z)))
  }
  list(effect = effect, gradient = unlist(gradient))
}

margins_others <- function(m) setdiff(seq_along(m$values), m$base)

# A column of coefficients for each equation.
margins_by_equation <- function(m, x) matrix(m$b, ncol(x))

margins_probabilities <- function(m, x) {
  index <- matrix(0, nrow(x), length(m$values))
  index[, margins_others(m)] <- x %*% margins_by_equation(m, x)
  each <- exp(index - apply(index, 1L, max))
  each / rowSums(each)
}

# Of the probability itself where z is NULL, else of its derivative: that between two cuts is F at the upper less F at the lower.
margins_ordered <- function(m, x, z) {
  k <- ncol(x)
  cuts <- m$b[-seq_len(k)]
  index <- drop(x %*% m$b[seq_len(k)])
  f <- if (m$model == "ologit") stats::plogis else stats::pnorm
  density <- if (m$model == "ologit") stats::dlogis else stats::dnorm
  bend <- if (m$model == "ologit") function(e) -stats::dlogis(e) * tanh(e / 2) else function(e) -e * stats::dnorm(e)
  along <- if (is.null(z)) 0 else drop(z %*% m$b[seq_len(k)])
  below <- function(cut) {  # the share of rows below a cut, or its derivative
    if (cut == 0L) return(list(effect = 0, gradient = 0 * m$b))
    if (cut > length(cuts)) return(list(effect = as.numeric(is.null(z)), gradient = 0 * m$b))
    e <- cuts[cut] - index
    own <- as.numeric(seq_along(cuts) == cut)
    if (is.null(z)) {
      slope <- m$share * density(e)
      return(list(effect = sum(m$share * f(e)), gradient = c(-colSums(slope * x), sum(slope) * own)))
    }
    bent <- -m$share * bend(e) * along
    list(effect = -sum(m$share * density(e) * along),
         gradient = c(-colSums(bent * x) - colSums(m$share * density(e) * z), sum(bent) * own))
  }
  upper <- below(m$outcome)
  lower <- below(m$outcome - 1L)
  list(effect = upper$effect - lower$effect, gradient = upper$gradient - lower$gradient)
}
