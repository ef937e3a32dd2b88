# Job training grants and scrap rates, Michigan firms, 1987-1989
# Last year's scrap rate as a regressor, normal distribution
#
#   formula     lscrap ~ l(lscrap, 1) + grant + d89
#   covariance  CR1 by fcode
#   convention  statsmodels
#
# Run from the repository's root: Rscript r_scripts/studies/job_training/dynamic.R [data file]
# Data: fixtures/job_training/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# Value of the same unit `periods` earlier (negative: later); missing across a gap in time, unlike a shift by rows.
shift <- function(x, unit, time, periods) {
  key <- function(time) ifelse(is.na(unit) | is.na(time), NA, paste(unit, time))
  x[match(key(time - periods), key(time), incomparables = NA)]
}

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "job_training", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, lscrap)
X <- with(data, cbind("(Intercept)" = 1, "l(lscrap, 1)" = shift(lscrap, fcode, year, 1), grant, d89))
clusters <- with(data, list2DF(list(fcode = group(fcode))))

# ---- sample
rows <- which(complete.cases(y, X, clusters))
y <- y[rows]
X <- X[rows, , drop = FALSE]
clusters <- list2DF(lapply(clusters[rows, , drop = FALSE], group))

# ---- estimate
N <- length(y)
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: CR1 by fcode, without factor
V <- vcovCL(fit, cluster = clusters$fcode, type = "HC0", cadjust = FALSE)

# ---- convention: statsmodels
G <- max(clusters[[1]])  # clusters
K <- length(b)  # coefficients
V <- G / (G - 1) * (N - 1) / (N - K) * V
df <- Inf  # normal distribution

# ---- result
cat("N =", N, " K =", K, " G =", G, " df =", df, "\n")
se <- sqrt(diag(V))
t <- b / se
p <- 2 * pt(-abs(t), df)
half <- qt(0.975, df) * se
cat("# result\nterm\tcoef\tse\tt\tp\tlow\thigh\n")
row <- paste0("%s", strrep("\t%.17g", 6), "\n")
cat(sprintf(row, terms, b, se, t, p, b - half, b + half), sep = "")
cat(sprintf("N\t%.17g\ndf\t%.17g\n", N, df))
