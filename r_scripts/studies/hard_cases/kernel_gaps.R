# Hard cases (made data)
# Driscoll-Kraay on an unbalanced panel with gaps
# The data are made, not observed.
#
#   formula     y ~ x1 + x2 | unit
#   covariance  DK(2)
#   convention  fixest
#
# Run from the repository's root: Rscript r_scripts/studies/hard_cases/kernel_gaps.R [data file]
# Data: fixtures/hard_cases/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# Periods are whole numbers, one apart; a text has no order.
period <- function(x) {
  if (is.numeric(x) && all(x %% 1 == 0, na.rm = TRUE)) x else stop("make a column of whole numbers of the periods")
}

# Rows left when those alone in a level of a fixed effect are dropped, again and again (Correia 2015).
not_alone <- function(effects, count = rep(1, nrow(effects))) {
  alone <- count == 1 & Reduce(`|`, lapply(effects, function(g) ave(count, g, FUN = sum) == 1))
  if (any(alone)) not_alone(effects, replace(count, alone, 0)) else count > 0
}

# Columns of M less their means within the levels of g; zero where g explains them, up to rounding.
demean <- function(M, g, w = rep(1, nrow(M))) {
  left <- M - (rowsum(w * M, g) / as.vector(rowsum(w, g)))[g, , drop = FALSE]
  left[, colSums(w * left^2) <= 1e-18 * colSums(w * M^2)] <- 0
  left
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "hard_cases", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, y)
X <- with(data, cbind(x1, x2))
effects <- with(data, list2DF(list(unit = group(unit))))
unit <- with(data, group(unit))
time <- with(data, period(year))

# ---- sample
rows <- which(complete.cases(y, X, effects, unit, time))
rows <- rows[not_alone(effects[rows, , drop = FALSE])]
y <- y[rows]
X <- X[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))
unit <- group(unit[rows])
time <- time[rows]

# ---- estimate
N <- length(y)
g <- effects[[1]]  # within transformation
y <- drop(demean(cbind(y), g))
X <- demean(X, g)
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: DK(2), without factor
# Driscoll and Kraay (1998): scores summed by period, Bartlett weights; a lag is one observed period
scores <- rowsum(estfun(fit), time)
periods <- nrow(scores)
meat <- crossprod(scores)
for (lag in seq_len(min(2, periods - 1))) {
  late <- scores[-seq_len(lag), , drop = FALSE]
  products <- crossprod(late, scores[seq_len(periods - lag), , drop = FALSE])
  meat <- meat + (1 - lag / (2 + 1)) * (products + t(products))
}
V <- bread(fit) %*% meat %*% bread(fit) / length(y)^2

# ---- convention: fixest
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of unit
periods <- length(unique(time))
K <- k + L[[1]]
V <- periods / (periods - 1) * (N - 1) / (N - K) * V
df <- length(unique(time)) - 1  # periods less one

# ---- result
cat("N =", N, " K =", K, " periods =", periods, " df =", df, "\n")
se <- sqrt(diag(V))
t <- b / se
p <- 2 * pt(-abs(t), df)
half <- qt(0.975, df) * se
cat("# result\nterm\tcoef\tse\tt\tp\tlow\thigh\n")
row <- paste0("%s", strrep("\t%.17g", 6), "\n")
cat(sprintf(row, terms, b, se, t, p, b - half, b + half), sep = "")
cat(sprintf("N\t%.17g\ndf\t%.17g\n", N, df))
