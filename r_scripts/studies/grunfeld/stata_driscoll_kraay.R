# Grunfeld investment, 1935-1954
# Driscoll-Kraay with 4 lags, large sample
#
#   formula     float(inv) ~ float(value) + float(capital)
#   covariance  DK(4)
#   convention  ivreg2
#
# Run from the repository's root: Rscript r_scripts/studies/grunfeld/stata_driscoll_kraay.R [data file]
# Data: fixtures/grunfeld/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# Rounded to 4 bytes, Stata's storage type float.
single_precision <- function(x) readBin(writeBin(as.double(x), raw(), size = 4), "double", length(x), size = 4)

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# Periods are whole numbers, one apart; a text has no order.
period <- function(x) {
  if (is.numeric(x) && all(x %% 1 == 0, na.rm = TRUE)) x else stop("make a column of whole numbers of the periods")
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "grunfeld", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, single_precision(inv))
X <- with(data, cbind(
  "(Intercept)" = 1, "float(value)" = single_precision(value), "float(capital)" = single_precision(capital)
))
unit <- with(data, group(firm))
time <- with(data, period(year))

# ---- sample
rows <- which(complete.cases(y, X, unit, time))
y <- y[rows]
X <- X[rows, , drop = FALSE]
unit <- group(unit[rows])
time <- time[rows]

# ---- estimate
N <- length(y)
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: DK(4), without factor
# Driscoll and Kraay (1998): scores summed by period, Bartlett weights; a lag is one unit of time
scores <- rowsum(estfun(fit), time)
periods <- nrow(scores)
meat <- crossprod(scores)
for (lag in seq_len(min(4, diff(range(time))))) {
  early <- match(sort(unique(time)) - lag, sort(unique(time)))
  late <- which(!is.na(early))
  products <- crossprod(scores[late, , drop = FALSE], scores[early[late], , drop = FALSE])
  meat <- meat + (1 - lag / (4 + 1)) * (products + t(products))
}
V <- bread(fit) %*% meat %*% bread(fit) / length(y)^2

# ---- convention: ivreg2
df <- Inf  # large-sample inference: no small-sample factor, normal distribution

# ---- result
cat("N =", N, " df =", df, "\n")
se <- sqrt(diag(V))
t <- b / se
p <- 2 * pt(-abs(t), df)
half <- qt(0.975, df) * se
cat("# result\nterm\tcoef\tse\tt\tp\tlow\thigh\n")
row <- paste0("%s", strrep("\t%.17g", 6), "\n")
cat(sprintf(row, terms, b, se, t, p, b - half, b + half), sep = "")
cat(sprintf("N\t%.17g\ndf\t%.17g\n", N, df))
