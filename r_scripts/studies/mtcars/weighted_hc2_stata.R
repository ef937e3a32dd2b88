# Fuel consumption of 32 cars
# regress mpg hp [aweight = w], vce(hc2): leverage without the weight
#
#   formula     float(mpg) ~ hp
#   weights     analytic, w
#   covariance  HC2
#   convention  regress
#
# Run from the repository's root: Rscript r_scripts/studies/mtcars/weighted_hc2_stata.R [data file]
# Data: fixtures/mtcars/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# Rounded to 4 bytes, Stata's storage type float.
single_precision <- function(x) readBin(writeBin(as.double(x), raw(), size = 4), "double", length(x), size = 4)

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "mtcars", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
data$w <- with(data, single_precision(single_precision(drat) / 5))
y <- with(data, single_precision(mpg))
X <- with(data, cbind("(Intercept)" = 1, hp))
w <- with(data, w)

# ---- sample
rows <- which(complete.cases(y, X, w))
rows <- rows[w[rows] > 0]
y <- y[rows]
X <- X[rows, , drop = FALSE]
w <- w[rows]

# ---- estimate
N <- length(y)
fit <- lm(y ~ 0 + X, weights = w, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: HC2, without factor
h <- hatvalues(fit) / w * mean(w)  # without the row's own weight, as Stata has it: weights of mean one
scores <- estfun(fit) / sqrt(1 - h)
scores[1 - h < 1e-10, ] <- 0  # a row that is fitted exactly says nothing about the variance
V <- bread(fit) %*% crossprod(scores) %*% bread(fit) / length(y)^2

# ---- convention: regress
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
