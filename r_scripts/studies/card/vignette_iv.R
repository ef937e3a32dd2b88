# College proximity and the return to schooling
# Three endogenous columns, just identified
#
#   formula     log(wage) ~ black + smsa + south | 0 | educ + exper + expersq ~ nearc4 + age + agesq
#   covariance  iid
#   convention  lm
#
# Run from the repository's root: Rscript r_scripts/studies/card/vignette_iv.R [data file]
# Data: fixtures/card/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(AER))
suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# What is not finite is missing, as in Stata: the log of zero, a division by zero.
finite <- function(x) ifelse(is.finite(x <- suppressWarnings(x)), x, NA)

# The columns of M that those before them don't determine.
independent <- function(M, w = rep(1, nrow(M))) {
  q <- qr(sqrt(w) * M, tol = 1e-9)
  M[, sort(q$pivot[seq_len(q$rank)]), drop = FALSE]
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "card", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
data$agesq <- with(data, age ^ 2)
y <- with(data, finite(log(wage)))
X <- with(data, cbind("(Intercept)" = 1, black, smsa, south))
E <- with(data, cbind(educ, exper, expersq))
Z <- with(data, cbind(nearc4, age, agesq))

# ---- sample
rows <- which(complete.cases(y, X, E, Z))
y <- y[rows]
X <- X[rows, , drop = FALSE]
E <- E[rows, , drop = FALSE]
Z <- Z[rows, , drop = FALSE]

# ---- estimate
N <- length(y)
X <- independent(X)
Z <- independent(cbind(X, Z))
regressors <- cbind(X, E)
fit <- ivreg(y ~ 0 + regressors | 0 + Z)
b <- coef(fit)
terms <- colnames(regressors)

# ---- covariance: iid, without factor
V <- sum(residuals(fit)^2) / N * bread(fit) / length(y)

# ---- convention: lm
K <- length(b)  # coefficients
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
