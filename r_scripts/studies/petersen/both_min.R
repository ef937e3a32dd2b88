# Petersen's test data for clustered standard errors
# Two-way clusters, the smallest G for all: 0.0553 instead of 0.0536
#
#   formula     y ~ x
#   covariance  CR1 by firm and year
#   convention  reghdfe
#
# Run from the repository's root: Rscript r_scripts/studies/petersen/both_min.R [data file]
# Data: fixtures/petersen/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "petersen", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, y)
X <- with(data, cbind("(Intercept)" = 1, x))
clusters <- with(data, list2DF(list(firm = group(firm), year = group(year))))

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

# ---- covariance: CR1 by firm and year, without factor
# several cluster variables: single ones are added, pairs subtracted ... (Cameron, Gelbach and Miller 2011)
sets <- list(clusters$firm, clusters$year, group(paste(clusters$firm, clusters$year)))
sign <- c(1, 1, -1)
parts <- lapply(sets, function(g) vcovCL(fit, cluster = g, type = "HC0", cadjust = FALSE))

# ---- convention: reghdfe
G <- min(sapply(clusters, max))  # clusters of the variable that has fewest
K <- length(b)  # coefficients
V <- G / (G - 1) * (N - 1) / (N - K) * Reduce(`+`, Map(`*`, sign, parts))
df <- min(min(sapply(clusters, max)) - 1, N - K)

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
