# Job training grants and scrap rates, Michigan firms, 1987-1989
# Differenced, training hours instrumented by the grant
#
#   formula     d(lscrap, 1) ~ 1 | 0 | d(hrsemp, 1) ~ d(grant, 1)
#   sample      (year) == (1988)
#   covariance  HC1
#   convention  ivregress
#
# Run from the repository's root: Rscript r_scripts/studies/job_training/iv.R [data file]
# Data: fixtures/job_training/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(AER))
suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# Value of the same unit `periods` earlier (negative: later); missing across a gap in time, unlike a shift by rows.
shift <- function(x, unit, time, periods) {
  key <- function(time) ifelse(is.na(unit) | is.na(time), NA, paste(unit, time))
  x[match(key(time - periods), key(time), incomparables = NA)]
}

# The columns of M that those before them don't determine.
independent <- function(M, w = rep(1, nrow(M))) {
  q <- qr(sqrt(w) * M, tol = 1e-9)
  M[, sort(q$pivot[seq_len(q$rank)]), drop = FALSE]
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "job_training", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, (lscrap - shift(lscrap, fcode, year, 1)))
X <- with(data, cbind("(Intercept)" = rep(1, nrow(data))))
E <- with(data, cbind("d(hrsemp, 1)" = (hrsemp - shift(hrsemp, fcode, year, 1))))
Z <- with(data, cbind("d(grant, 1)" = (grant - shift(grant, fcode, year, 1))))

# ---- sample
rows <- which(with(data, year == 1988) %in% TRUE & complete.cases(y, X, E, Z))
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

# ---- covariance: HC1, without factor
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
