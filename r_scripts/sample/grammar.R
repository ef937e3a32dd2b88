# parity's language (src/parity/grammar.lark defines it), read a second time: text to a tree of lists. Nothing of it is
# ever handed to R's own parser. A node is list(k = kind, ...):
#
#   col(name)  num(v)  str(v)  call(f, args)  op(op, args)  in(arg, values, not)
#   dummies(group, by, ref)  inter(factors)  cross(factors)  effect(names)  without(v)

reading_functions <- c("log", "log1p", "log10", "exp", "sqrt", "abs", "float", "I", "l", "f", "d", "is_missing")

# ---- tokens

reading_token_rules <- c(
  blank = "\\s+",
  quoted = "`[^`]+`",
  string = "'[^']*'|\"[^\"]*\"",
  number = "(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?",
  name = "[^\\W\\d][\\w.]*",
  compare = "==|!=|<=|>=|<|>",
  mark = "[-+*/^()\\[\\],:~|=]"
)

reading_tokens <- function(text) {
  kinds <- texts <- character()
  rest <- enc2utf8(text)
  while (nzchar(rest)) {
    for (kind in names(reading_token_rules)) {
      found <- regexpr(paste0("(*UCP)^(?:", reading_token_rules[[kind]], ")"), rest, perl = TRUE)
      if (found == 1L) break
    }
    if (found != 1L) stop("can't read `", rest, "`", call. = FALSE)
    length <- attr(found, "match.length")
    if (kind != "blank") {
      piece <- substr(rest, 1L, length)
      if (kind == "name" && piece %in% c("and", "or", "not", "in")) kind <- "word"
      kinds <- c(kinds, kind)
      texts <- c(texts, piece)
    }
    rest <- substr(rest, length + 1L, nchar(rest))
  }
  tokens <- new.env()
  tokens$kind <- c(kinds, "end")
  tokens$text <- c(texts, "")
  tokens$at <- 1L
  tokens
}

reading_is <- function(t, text, ahead = 0L) {
  at <- min(t$at + ahead, length(t$kind))
  t$kind[at] %in% c("mark", "compare", "word") && t$text[at] %in% text
}

reading_next <- function(t) {
  t$at <- t$at + 1L
  t$text[t$at - 1L]
}

reading_expect <- function(t, text) {
  if (!reading_is(t, text)) stop("`", text, "` was expected before `", t$text[t$at], "`", call. = FALSE)
  reading_next(t)
}

# ---- conditions and arithmetic, loosest first

reading_either <- function(t) {
  left <- reading_both(t)
  while (reading_is(t, "or")) {
    reading_next(t)
    left <- list(k = "op", op = "or", args = list(left, reading_both(t)))
  }
  left
}

reading_both <- function(t) {
  left <- reading_negation(t)
  while (reading_is(t, "and")) {
    reading_next(t)
    left <- list(k = "op", op = "and", args = list(left, reading_negation(t)))
  }
  left
}

reading_negation <- function(t) {
  if (!reading_is(t, "not")) return(reading_comparison(t))
  reading_next(t)
  list(k = "op", op = "not", args = list(reading_negation(t)))
}

reading_comparison <- function(t) {
  left <- reading_sum(t)
  if (t$kind[t$at] == "compare") {
    op <- reading_next(t)
    return(list(k = "op", op = op, args = list(left, reading_sum(t))))
  }
  negated <- reading_is(t, "not") && reading_is(t, "in", 1L)
  if (!negated && !reading_is(t, "in")) return(left)
  t$at <- t$at + if (negated) 2L else 1L
  reading_expect(t, "[")
  values <- list(reading_level(t))
  while (reading_is(t, ",")) {
    reading_next(t)
    values <- c(values, list(reading_level(t)))
  }
  reading_expect(t, "]")
  list(k = "in", arg = left, values = values, negated = negated)
}

reading_sum <- function(t) reading_left(t, reading_product, c("+", "-"))
reading_product <- function(t) reading_left(t, reading_unary, c("*", "/"))

reading_left <- function(t, inner, operators) {
  left <- inner(t)
  while (reading_is(t, operators)) {
    op <- reading_next(t)
    left <- list(k = "op", op = op, args = list(left, inner(t)))
  }
  left
}

reading_unary <- function(t) {
  if (!reading_is(t, "-")) return(reading_power(t))
  reading_next(t)
  list(k = "op", op = "neg", args = list(reading_unary(t)))
}

reading_power <- function(t) {
  base <- if (reading_is(t, "(")) {
    reading_next(t)
    inner <- reading_either(t)
    reading_expect(t, ")")
    inner
  } else {
    reading_atom(t)
  }
  if (!reading_is(t, "^")) return(base)
  reading_next(t)
  list(k = "op", op = "^", args = list(base, reading_unary(t)))
}

reading_atom <- function(t) {
  kind <- t$kind[t$at]
  if (kind == "name" && reading_is(t, "(", 1L)) return(reading_call(t))
  text <- reading_next(t)
  switch(kind,
    name = list(k = "col", name = text),
    quoted = list(k = "col", name = substr(text, 2L, nchar(text) - 1L)),
    string = list(k = "str", v = substr(text, 2L, nchar(text) - 1L)),
    number = reading_number(text),
    stop("can't read `", text, "`", call. = FALSE)
  )
}

# whole: written without a point or an exponent, as a number of periods must be
reading_number <- function(text) list(k = "num", v = as.numeric(text), whole = grepl("^[0-9]+$", text))

reading_level <- function(t) {
  if (!reading_is(t, "-")) return(reading_atom(t))
  reading_next(t)
  level <- reading_atom(t)
  level$v <- -level$v
  level
}

reading_call <- function(t) {
  f <- reading_next(t)
  reading_expect(t, "(")
  args <- list()
  ref <- NULL
  raw <- FALSE
  repeat {
    if (t$kind[t$at] == "name" && reading_is(t, "=", 1L)) {
      key <- t$text[t$at]
      t$at <- t$at + 2L
      if (key == "ref") {
        ref <- reading_level(t)
      } else if (f == "poly" && key == "degree") {
        args <- c(args, list(reading_level(t)))
      } else if (f == "poly" && key == "raw" && reading_next(t) %in% c("TRUE", "T", "True", "true")) {
        raw <- TRUE
      } else {
        stop("there is no `", key, " =` that can be read", call. = FALSE)
      }
    } else {
      args <- c(args, list(reading_either(t)))
    }
    if (!reading_is(t, ",")) break
    reading_next(t)
  }
  reading_expect(t, ")")
  if (f == "poly") {
    if (!raw) stop("poly() without raw = TRUE", call. = FALSE)
    return(list(k = "poly", of = args[[1L]], degree = args[[2L]]$v))
  }
  if (f %in% c("C", "factor")) f <- "i"
  if (f == "i") return(list(k = "dummies", group = args[[1L]], by = if (length(args) > 1L) args[[2L]], ref = ref))
  if (!f %in% reading_functions) stop("there is no function `", f, "`", call. = FALSE)
  if (f %in% c("l", "f", "d") && length(args) == 1L) args <- c(args, list(list(k = "num", v = 1, whole = TRUE)))
  list(k = "call", f = f, args = args)
}

reading_expression <- function(text) {
  t <- reading_tokens(text)
  tree <- reading_either(t)
  if (t$kind[t$at] != "end") stop("can't read `", t$text[t$at], "` in `", text, "`", call. = FALSE)
  tree
}

# ---- formulas

# list(outcome, exog, intercept, effects, endog, instruments): lists of nodes; effects are lists of column names.
reading_formula <- function(text) {
  t <- reading_tokens(text)
  outcome <- reading_either(t)
  reading_expect(t, "~")
  regressors <- reading_items(t)
  effects <- endog <- instruments <- list()
  while (reading_is(t, "|")) {
    reading_next(t)
    part <- reading_items(t)
    if (reading_is(t, "~")) {
      reading_next(t)
      endog <- part
      instruments <- reading_items(t)
    } else {
      effects <- Filter(function(item) !reading_zero(item), part)
    }
  }
  if (t$kind[t$at] != "end") stop("can't read `", t$text[t$at], "` in `", text, "`", call. = FALSE)
  constants <- vapply(regressors, function(item) item$k %in% c("num", "without"), logical(1L))
  none <- any(vapply(regressors, function(item) reading_zero(item) || item$k == "without", logical(1L)))
  list(outcome = outcome, exog = reading_once(regressors[!constants]), intercept = !none && !length(effects),
       effects = lapply(effects, function(e) if (e$k == "effect") e$names else e$name),
       endog = reading_once(endog), instruments = reading_once(instruments))
}

reading_zero <- function(item) item$k == "num" && item$v == 0

reading_once <- function(items) items[!duplicated(vapply(items, reading_label, ""))]

reading_items <- function(t) {
  items <- list()
  repeat {
    if (reading_is(t, "-")) {
      reading_next(t)
      items <- c(items, list(list(k = "without", v = reading_atom(t)$v)))
    } else {
      item <- reading_item(t)
      items <- c(items, reading_made(item))
    }
    if (reading_is(t, "+")) reading_next(t) else if (!reading_is(t, "-")) return(items)
  }
}

# The items that one stands for: `a*b`, and powers of `poly(x, 3, raw = TRUE)`; `I(x^2)` as the product that it is.
reading_made <- function(item) {
  if (item$k == "cross") return(c(lapply(item$factors, reading_plain), list(reading_plain(list(k = "inter", factors = item$flat)))))
  if (item$k != "poly") return(list(reading_plain(item)))
  c(list(item$of), lapply(seq_len(item$degree)[-1L], function(power) list(k = "inter", factors = rep(list(item$of), power))))
}

reading_plain <- function(item) {
  if (item$k == "inter") {
    inner <- lapply(item$factors, reading_plain)
    return(list(k = "inter", factors = do.call(c, lapply(inner, function(f) if (f$k == "inter") f$factors else list(f)))))
  }
  if (item$k != "call" || item$f != "I") return(item)
  factors <- reading_factors(item$args[[1L]])
  if (length(factors) > 1L) list(k = "inter", factors = factors) else if (length(factors)) factors[[1L]] else item
}

# Factors of a product of columns and functions of them, powers repeated; none of what is no such product.
reading_factors <- function(node) {
  if (node$k %in% c("col", "call")) return(list(node))
  if (node$k != "op") return(list())
  if (node$op == "*") {
    both <- lapply(node$args, reading_factors)
    return(if (all(lengths(both) > 0L)) c(both[[1L]], both[[2L]]) else list())
  }
  power <- if (node$op == "^") node$args[[2L]]
  if (is.null(power) || power$k != "num" || !isTRUE(power$whole) || power$v < 1 || power$v >= 10) return(list())
  rep(reading_factors(node$args[[1L]]), power$v)
}

reading_item <- function(t) {
  left <- reading_atom(t)
  if (reading_is(t, "^")) {
    names <- left$name
    while (reading_is(t, "^")) {
      reading_next(t)
      names <- c(names, reading_atom(t)$name)
    }
    return(list(k = "effect", names = names))
  }
  if (!reading_is(t, c(":", "*"))) return(left)
  sign <- reading_next(t)
  right <- reading_item(t)
  if (right$k == "cross") stop("write a*b*c as its products", call. = FALSE)
  flat <- c(list(left), if (right$k == "inter") right$factors else list(right))
  if (sign == ":") list(k = "inter", factors = flat) else list(k = "cross", factors = list(left, right), flat = flat)
}

# ---- how a node is written: the names of columns in reports

reading_label <- function(node) {
  inner <- function(i) reading_label(node$args[[i]])
  switch(node$k,
    col = if (grepl("(*UCP)^(?!(?:and|or|not|in)$)[^\\W\\d][\\w.]*$", node$name, perl = TRUE)) node$name
          else paste0("`", node$name, "`"),
    num = reading_number_label(node),
    str = if (grepl("'", node$v, fixed = TRUE)) paste0("\"", node$v, "\"") else paste0("'", node$v, "'"),
    call = if (node$f == "I") paste0("I(", reading_in_r(node$args[[1L]]), ")") else
      paste0(node$f, "(", paste(vapply(node$args, reading_label, ""), collapse = ", "), ")"),
    op = switch(node$op, not = paste0("not (", inner(1), ")"), neg = paste0("-(", inner(1), ")"),
                paste0("(", inner(1), ") ", node$op, " (", inner(2), ")")),
    `in` = paste0("(", reading_label(node$arg), ") ", if (node$negated) "not ", "in [",
                  paste(vapply(node$values, reading_label, ""), collapse = ", "), "]"),
    dummies = paste0("i(", paste(c(reading_label(node$group), if (!is.null(node$by)) reading_label(node$by),
                                   if (!is.null(node$ref)) paste0("ref=", reading_label(node$ref))), collapse = ", "), ")"),
    inter = paste(vapply(node$factors, reading_label, ""), collapse = ":"),
    effect = paste(node$names, collapse = "^"),
    cross = , without = ""
  )
}

# Arithmetic as R names a term, without needless parentheses.
reading_in_r <- function(node, least = 0L) {
  binds <- c(`==` = 0L, `!=` = 0L, `<` = 0L, `<=` = 0L, `>` = 0L, `>=` = 0L, `+` = 1L, `-` = 1L, `*` = 2L, `/` = 2L, neg = 3L, `^` = 4L)
  if (node$k != "op" || !node$op %in% names(binds)) return(reading_label(node))
  level <- binds[[node$op]]
  text <- if (node$op == "neg") {
    paste0("-", reading_in_r(node$args[[1L]], level))
  } else {
    sign <- if (node$op %in% c("/", "^")) node$op else paste0(" ", node$op, " ")
    paste0(reading_in_r(node$args[[1L]], level + (node$op == "^")), sign, reading_in_r(node$args[[2L]], level + (node$op != "^")))
  }
  if (level < least) paste0("(", text, ")") else text
}

reading_number_label <- function(node) {
  if (isTRUE(node$whole)) return(sprintf("%.0f", node$v))
  text <- sprintf("%.17g", node$v)
  if (grepl("[.e]", text)) text else paste0(text, ".0")
}
