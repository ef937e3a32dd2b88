# Hard cases (made data)
# The same with the harmonic mean of the periods, as xtreg has it
# The data are made, not observed.
#
#   formula     y ~ x1 + x2
#   model       random effects
#   covariance  iid
#   convention  xtreg
#
# Run from the repository's root: Rscript r_scripts/studies/hard_cases/unbalanced_random_harmonic.R [data file]
# Data: fixtures/hard_cases/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

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
X <- with(data, cbind("(Intercept)" = 1, x1, x2))
unit <- with(data, group(unit))
time <- with(data, group(year))

# ---- sample
rows <- which(complete.cases(y, X, unit, time))
y <- y[rows]
X <- X[rows, , drop = FALSE]
unit <- group(unit[rows])
time <- time[rows]

# ---- estimate
N <- length(y)
# Swamy and Arora (1972); for unbalanced panels with the harmonic mean of T, as Stata's xtreg, re
rows_of <- tabulate(unit)
n <- length(rows_of)
both <- cbind(y, X)
means <- rowsum(both, unit) / rows_of
within <- demean(both, unit)
q <- qr(within[, -1, drop = FALSE], tol = 1e-9)
s2_e <- sum(qr.resid(q, within[, 1])^2) / (N - n - q$rank)
q <- qr(means[, -1, drop = FALSE], tol = 1e-9)
s2_u <- max(0, sum(qr.resid(q, means[, 1])^2) / (n - q$rank) - s2_e * mean(1 / rows_of))
theta <- 1 - sqrt(s2_e / (rows_of * s2_u + s2_e))
both <- both - (theta * means)[unit, , drop = FALSE]
y <- both[, 1]
X <- both[, -1, drop = FALSE]
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: iid, without factor
V <- sum(residuals(fit)^2) / N * bread(fit) / length(y)

# ---- convention: xtreg
K <- length(b)  # coefficients
V <- N / (N - K) * V
df <- Inf  # normal distribution

# ---- result
cat("N =", N, " K =", K, " df =", df, "\n")
se <- sqrt(diag(V))
t <- b / se
p <- 2 * pt(-abs(t), df)
half <- qt(0.975, df) * se
cat("# result\nterm\tcoef\tse\tt\tp\tlow\thigh\n")
row <- paste0("%s", strrep("\t%.17g", 6), "\n")
cat(sprintf(row, terms, b, se, t, p, b - half, b + half), sep = "")
cat(sprintf("N\t%.17g\ndf\t%.17g\n", N, df))
