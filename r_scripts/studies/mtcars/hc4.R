# Fuel consumption of 32 cars
# HC4
#
#   formula     mpg ~ hp
#   covariance  HC4
#   convention  lm
#
# Run from the repository's root: Rscript r_scripts/studies/mtcars/hc4.R [data file]
# Data: fixtures/mtcars/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "mtcars", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, mpg)
X <- with(data, cbind("(Intercept)" = 1, hp))

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

# ---- covariance: HC4, without factor
h <- hatvalues(fit)
scores <- estfun(fit) / (1 - h)^(pmin(4, h / mean(h)) / 2)
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
