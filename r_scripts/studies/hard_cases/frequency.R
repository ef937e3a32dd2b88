# Hard cases (made data)
# Frequency weights, some of them zero
# The data are made, not observed.
#
#   formula     y ~ x1 + x2 | unit
#   weights     frequency, fw
#   covariance  HC1
#   convention  areg
#
# Run from the repository's root: Rscript r_scripts/studies/hard_cases/frequency.R [data file]
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
X <- with(data, cbind(x1, x2))
effects <- with(data, list2DF(list(unit = group(unit))))
w <- with(data, fw)

# ---- sample
rows <- which(complete.cases(y, X, effects, w))
rows <- rows[w[rows] > 0]
y <- y[rows]
X <- X[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))
w <- w[rows]

# ---- estimate
N <- sum(w)  # a row of frequency weight 3 is three observations
g <- effects[[1]]  # within transformation
y <- drop(demean(cbind(y), g, w))
X <- demean(X, g, w)
fit <- lm(y ~ 0 + X, weights = w, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: HC1, without factor
scores <- estfun(fit) / sqrt(w)  # a row of weight w is w rows
V <- bread(fit) %*% crossprod(scores) %*% bread(fit) / length(y)^2

# ---- convention: areg
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of unit
K <- k + L[[1]]
V <- N / (N - K) * V
df <- N - K

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
