# Demand for cigarettes, 48 US states, 1985 and 1995
# Equation 12.16 with large-sample standard errors
#
#   formula     log(packs) ~ log(rincome) | 0 | log(rprice) ~ tdiff + rtax
#   sample      (year) == (1995)
#   covariance  HC0
#   convention  ivregress
#
# Run from the repository's root: Rscript r_scripts/studies/cigarettes/eq_12_16_large.R [data file]
# Data: fixtures/cigarettes/data.csv (see the README beside it). Written by `parity export`.

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
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "cigarettes", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
data[] <- lapply(data, function(x) if (is.integer(x)) as.double(x) else x)  # integers overflow in R
data$rprice <- with(data, finite(price / cpi))
data$rincome <- with(data, finite(finite(income / population) / cpi))
data$tdiff <- with(data, finite((taxs - tax) / cpi))
data$rtax <- with(data, finite(tax / cpi))
y <- with(data, finite(log(packs)))
X <- with(data, cbind("(Intercept)" = 1, "log(rincome)" = finite(log(rincome))))
E <- with(data, cbind("log(rprice)" = finite(log(rprice))))
Z <- with(data, cbind(tdiff, rtax))

# ---- sample
rows <- which(with(data, year == 1995) %in% TRUE & complete.cases(y, X, E, Z))
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

# ---- covariance: HC0, without factor
V <- sandwich(fit)

# ---- convention: ivregress
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
