# Married women's wages and hours, 1975
# Example 15.5: two instruments, leverage of the projected regressors
#
#   formula     lwage ~ exper + expersq | 0 | educ ~ motheduc + fatheduc
#   sample      (inlf) == (1)
#   covariance  HC3
#   convention  lm
#
# Run from the repository's root: Rscript r_scripts/studies/mroz/iv_15_5_hc3.R [data file]
# Data: fixtures/mroz/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(AER))
suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# The columns of M that those before them don't determine.
independent <- function(M, w = rep(1, nrow(M))) {
  q <- qr(sqrt(w) * M, tol = 1e-9)
  M[, sort(q$pivot[seq_len(q$rank)]), drop = FALSE]
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "mroz", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, lwage)
X <- with(data, cbind("(Intercept)" = 1, exper, expersq))
E <- with(data, cbind(educ))
Z <- with(data, cbind(motheduc, fatheduc))

# ---- sample
rows <- which(with(data, inlf == 1) %in% TRUE & complete.cases(y, X, E, Z))
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

# ---- covariance: HC3, without factor
h <- rowSums(qr.Q(qr(model.matrix(fit, component = "projected")))^2)
scores <- estfun(fit) / (1 - h)
scores[1 - h < 1e-10, ] <- 0  # a row that is fitted exactly says nothing about the variance
V <- bread(fit) %*% crossprod(scores) %*% bread(fit) / length(y)^2

# ---- convention: lm
K <- length(b)  # coefficients
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
