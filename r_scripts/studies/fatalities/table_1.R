# Beer taxes and traffic deaths, 48 US states, 1982-1988
# Table 10.1, column 1: pooled OLS with the wrong sign
#
#   formula     frate ~ beertax
#   covariance  HC1
#   convention  regress
#
# Run from the repository's root: Rscript r_scripts/studies/fatalities/table_1.R [data file]
# Data: fixtures/fatalities/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# What is not finite is missing, as in Stata: the log of zero, a division by zero.
finite <- function(x) ifelse(is.finite(x <- suppressWarnings(x)), x, NA)

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "fatalities", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
data[] <- lapply(data, function(x) if (is.integer(x)) as.double(x) else x)  # integers overflow in R
data$frate <- with(data, finite(fatal / pop) * 10000)
y <- with(data, frate)
X <- with(data, cbind("(Intercept)" = 1, beertax))

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

# ---- covariance: HC1, without factor
V <- sandwich(fit)

# ---- convention: regress
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
