# College proximity and the return to schooling
# ivreg2 with analytic weights, robust
#
#   formula     lwage ~ exper + expersq + black + south | 0 | educ ~ nearc4
#   weights     analytic, weight
#   covariance  HC1
#   convention  ivreg2
#
# Run from the repository's root: Rscript r_scripts/studies/card/ivreg2_weighted.R [data file]
# Data: fixtures/card/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(AER))
suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# The columns of M that those before them don't determine.
independent <- function(M, w = rep(1, nrow(M))) {
  q <- qr(sqrt(w) * M, tol = 1e-9)
  M[, sort(q$pivot[seq_len(q$rank)]), drop = FALSE]
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "card", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, lwage)
X <- with(data, cbind("(Intercept)" = 1, exper, expersq, black, south))
E <- with(data, cbind(educ))
Z <- with(data, cbind(nearc4))
w <- with(data, weight)

# ---- sample
rows <- which(complete.cases(y, X, E, Z, w))
rows <- rows[w[rows] > 0]
y <- y[rows]
X <- X[rows, , drop = FALSE]
E <- E[rows, , drop = FALSE]
Z <- Z[rows, , drop = FALSE]
w <- w[rows]

# ---- estimate
N <- length(y)
X <- independent(X, w)
Z <- independent(cbind(X, Z), w)
regressors <- cbind(X, E)
fit <- ivreg(y ~ 0 + regressors | 0 + Z, weights = w)
b <- coef(fit)
terms <- colnames(regressors)

# ---- covariance: HC1, without factor
V <- sandwich(fit)

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
