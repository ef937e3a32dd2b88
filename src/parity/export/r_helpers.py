"""The small functions that a script may need, as R source. A script holds those that it calls, and no others."""

from __future__ import annotations

import re

from parity.export.r_outcomes import HELPERS as OF_OUTCOMES

#: Name -> source.
HELPERS: dict[str, str] = OF_OUTCOMES | {
    "finite": """\
# What is not finite is missing, as in Stata: the log of zero, a division by zero.
finite <- function(x) ifelse(is.finite(x <- suppressWarnings(x)), x, NA)""",
    "single_precision": """\
# Rounded to 4 bytes, Stata's storage type float.
single_precision <- function(x) readBin(writeBin(as.double(x), raw(), size = 4), "double", length(x), size = 4)""",
    "is_in": """\
is_in <- function(x, values) ifelse(is.na(x), NA, x %in% values)""",
    "shift": """\
# Value of the same unit `periods` earlier (negative: later); missing across a gap in time, unlike a shift by rows.
shift <- function(x, unit, time, periods) {
  key <- function(time) ifelse(is.na(unit) | is.na(time), NA, paste(unit, time))
  x[match(key(time - periods), key(time), incomparables = NA)]
}""",
    "group": """\
# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)""",
    "period": """\
# Periods are whole numbers, one apart; a text has no order.
period <- function(x) {
  if (is.numeric(x) && all(x %% 1 == 0, na.rm = TRUE)) x else stop("make a column of whole numbers of the periods")
}""",
    "dummies": """\
# One column per value that x takes in the chosen rows, except the reference (default: the first; NA: none is left out).
dummies <- function(x, name, reference = NULL, by = 1, suffix = "") {
  x <- if (is.character(x)) enc2utf8(x) else as.numeric(x)
  values <- sort(unique(x[chosen]), method = "radix")
  if (is.null(reference)) reference <- values[1]
  values <- values[!values %in% reference]
  label <- if (is.numeric(x)) sprintf("%.17g", values) else values
  columns <- outer(x, values, "==") * by
  colnames(columns) <- paste0(name, "::", label, suffix, recycle0 = TRUE)
  columns
}""",
    "products": """\
# Every column of a times every column of b.
products <- function(a, b) {
  i <- rep(seq_len(ncol(a)), each = ncol(b))
  j <- rep(seq_len(ncol(b)), times = ncol(a))
  columns <- a[, i, drop = FALSE] * b[, j, drop = FALSE]
  colnames(columns) <- paste(colnames(a)[i], colnames(b)[j], sep = ":")
  columns
}""",
    "not_alone": """\
# Rows left when those alone in a level of a fixed effect are dropped, again and again (Correia 2015).
not_alone <- function(effects, count = rep(1, nrow(effects))) {
  alone <- count == 1 & Reduce(`|`, lapply(effects, function(g) ave(count, g, FUN = sum) == 1))
  if (any(alone)) not_alone(effects, replace(count, alone, 0)) else count > 0
}""",
    "demean": """\
# Columns of M less their means within the levels of g; zero where g explains them, up to rounding.
demean <- function(M, g, w = rep(1, nrow(M))) {
  left <- M - (rowsum(w * M, g) / as.vector(rowsum(w, g)))[g, , drop = FALSE]
  left[, colSums(w * left^2) <= 1e-18 * colSums(w * M^2)] <- 0
  left
}""",
    "independent": """\
# The columns of M that those before them don't determine.
independent <- function(M, w = rep(1, nrow(M))) {
  q <- qr(sqrt(w) * M, tol = 1e-9)
  M[, sort(q$pivot[seq_len(q$rank)]), drop = FALSE]
}""",
    "usable": """\
# Rows that a likelihood can use: no level of an effect has one outcome alone, and no rows of that value of a two-valued
# regressor which has one outcome alone stay ([R] logit, Model identification).
usable <- function(y, X, effects) {
  i <- seq_along(y)
  repeat {
    n <- length(i)
    for (g in effects) i <- i[ave(y[i], g[i], FUN = max) != ave(y[i], g[i], FUN = min)]
    for (x in as.list(as.data.frame(X))) {
      values <- unique(x[i])
      alike <- sapply(values, function(value) length(unique(y[i][x[i] == value])) == 1)
      if (length(values) == 2 && sum(alike) == 1) i <- i[x[i] != values[alike]]
    }
    if (length(i) == n) return(i)
  }
}""",
    "counted": """\
# Rows whose levels all have a count above zero; the effect of another level has no maximum.
counted <- function(y, effects, kept = rep(TRUE, length(y))) {
  none <- kept & Reduce(`|`, lapply(effects, function(g) ave(y * kept, g, FUN = max) == 0))
  if (any(none)) counted(y, effects, kept & !none) else kept
}""",
    "maximum": """\
# glm() stops by the deviance, before the last digits of the coefficients stand: it goes on from there until they do.
maximum <- function(y, M, family, w = rep(1, length(y)), start = NULL, most = 30) {
  fit <- suppressWarnings(glm(y ~ 0 + M, family, weights = w, start = start, epsilon = 1e-14, maxit = 200))
  done <- most == 0 || (!is.null(start) && all(abs(coef(fit) - start) <= 1e-12 * pmax(abs(start), 1)))
  if (done) fit else maximum(y, M, family, w, coef(fit), most - 1)
}""",
    "maximum_beside": """\
# glm() stops by the deviance, before the last digits of the coefficients stand: it goes on from there until they do.
maximum_beside <- function(o, y, M, family, w = rep(1, length(y)), start = NULL, most = 30) {
  fit <- suppressWarnings(glm(y ~ 0 + M, family, weights = w, offset = o, start = start, epsilon = 1e-14, maxit = 200))
  done <- most == 0 || (!is.null(start) && all(abs(coef(fit) - start) <= 1e-12 * pmax(abs(start), 1)))
  if (done) fit else maximum_beside(o, y, M, family, w, coef(fit), most - 1)
}""",
    "components": """\
# Connected components of the graph in which every row joins its level of a to its level of b.
components <- function(a, b) {
  label <- a
  repeat {
    lower <- ave(ave(label, b, FUN = min), a, FUN = min)
    if (all(lower == label)) return(length(unique(label)))
    label <- lower
  }
}""",
    "redundant": """\
# Coefficients lost among fixed effects: each loses as many as it forms components with an earlier one.
redundant <- function(effects) {
  lost <- function(j) max(sapply(effects[seq_len(j - 1)], components, b = effects[[j]]))
  sum(vapply(seq_along(effects)[-1], lost, 0))
}""",
    "redundant_pair": """\
# Coefficients lost among fixed effects: the components of the first two, and one for each further one.
redundant_pair <- function(effects) {
  if (length(effects) < 2) 0 else components(effects[[1]], effects[[2]]) + length(effects) - 2
}""",
}


def helpers_of(body: str) -> list[str]:
    """Sources of the helpers that a script's body calls, and of those that these call."""
    needed: set[str] = set()
    texts = [body]
    while texts:
        code = "\n".join(line for line in texts.pop().splitlines() if not line.startswith("#"))
        for name in HELPERS.keys() - needed:
            if re.search(rf"\b{name}\(|, {name}[,)]", code):
                needed.add(name)
                texts.append(HELPERS[name])
    return [source for name, source in HELPERS.items() if name in needed]
