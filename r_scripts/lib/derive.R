# Derived columns from their definitions, in base R: the other side of `[derive]` in study.toml.
#
# parity_derived(request): step (a list: what = lag | winsorise | ..., and its settings), x (a list of columns, or one text
# column of a dummy), by (group codes or NULL), unit, time. Returns list(value = column).

parity_derived <- function(request) {
  s <- request$step
  x <- request$x
  first <- x[[1]]
  value <- switch(s$what,
    lag = derive_at(first, request, -s$periods),
    lead = derive_at(first, request, s$periods),
    difference = first - derive_at(first, request, -s$periods),
    growth = {
      before <- derive_at(first, request, -s$periods)
      if (s$form == "ratio") derive_finite((first - before) / before)
      else ifelse(first > 0 & before > 0, derive_finite(log(first / before)), NA)
    },
    winsorise = ,
    trim = derive_within(first, request$by, function(v) {
      type <- if (s$percentiles == "stata") 2 else 7
      ends <- quantile(v, s$cuts / 100, type = type, names = FALSE, na.rm = TRUE)
      if (s$what == "trim") replace(v, which(v < ends[1] | v > ends[2]), NA) else pmin(pmax(v, ends[1]), ends[2])
    }),
    log = derive_finite(log(first)),
    log1p = derive_finite(log1p(first)),
    standardise = derive_within(first, request$by, function(v) {
      known <- v[!is.na(v)]
      if (length(unique(known)) < 2) return(NA * v)
      (v - mean(known)) / sqrt(sum((known - mean(known))^2) / (length(known) - s$ddof))
    }),
    interact = {
      if (s$centre) {
        whole <- complete.cases(as.data.frame(x))
        x <- lapply(x, function(v) v - mean(v[whole]))
      }
      Reduce(`*`, x)
    },
    dummy = ifelse(is.na(first), NA, 1 * (first %in% s$values)),
    median_split = derive_split(first, request, s),
    per_head = derive_finite(ifelse(x[[2]] > 0, first / x[[2]] * s$times, NA)),
    interpolate = index_fill(first, request$unit, request$time, s$edges),
    stop("there is no transformation ", s$what)
  )
  list(value = as.double(value))
}

derive_finite <- function(x) {
  x <- suppressWarnings(x)
  ifelse(is.finite(x), x, NA)
}

# The value of the same unit so many periods away, by merging on the keys.
derive_at <- function(x, request, away) {
  here <- paste(request$unit, request$time + away)
  x[match(here, paste(request$unit, request$time))]
}

derive_within <- function(x, by, f) {
  if (is.null(by)) return(f(x))
  out <- rep(NA_real_, length(x))
  for (rows in split(seq_along(x), by)) out[rows] <- f(x[rows])
  out
}

derive_split <- function(x, request, s) {
  by <- if (is.null(request$by)) rep(1, length(x)) else request$by
  out <- rep(NA_real_, length(x))
  for (rows in split(seq_along(x), by)) {
    v <- x[rows]
    if (s$at == "units") {
      of <- request$unit[rows]
      means <- tapply(v, of, mean, na.rm = TRUE)
      v <- as.vector(means[as.character(of)])
      middle <- median(means, na.rm = TRUE)
    } else {
      middle <- median(v, na.rm = TRUE)
    }
    out[rows] <- ifelse(v > middle, 1, ifelse(v < middle, 0, switch(s$ties, low = 0, high = 1, missing = NA)))
  }
  out
}
