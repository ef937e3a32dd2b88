# Petersen's test data for clustered standard errors
# HC3, normal distribution
#
#   formula     y ~ x
#   covariance  HC3
#   convention  statsmodels
#
# Run from the repository's root: Rscript r_scripts/studies/petersen/hc3.R [data file]
# Data: fixtures/petersen/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "petersen", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, y)
X <- with(data, cbind("(Intercept)" = 1, x))

# ---- sample
rows <- which(complete.cases(y, X))
y <- y[rows]
X <- X[rows, , drop = FALSE]

# ---- estimate
N <- length(y)
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: HC3, without factor
h <- hatvalues(fit)
scores <- estfun(fit) / (1 - h)
scores[1 - h < 1e-10, ] <- 0  # a row that is fitted exactly says nothing about the variance
V <- bread(fit) %*% crossprod(scores) %*% bread(fit) / length(y)^2

# ---- convention: statsmodels
df <- Inf  # normal distribution

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
