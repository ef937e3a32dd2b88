# Hard cases (made data)
# Twelve of 42 clusters have one row
# The data are made, not observed.
#
#   formula     y ~ x1 + x2
#   covariance  CR2 by thin_cluster
#   convention  lm
#
# Run from the repository's root: Rscript r_scripts/studies/hard_cases/thin_cr2.R [data file]
# Data: fixtures/hard_cases/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(clubSandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "hard_cases", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, y)
X <- with(data, cbind("(Intercept)" = 1, x1, x2))
clusters <- with(data, list2DF(list(thin_cluster = group(thin_cluster))))

# ---- sample
rows <- which(complete.cases(y, X, clusters))
y <- y[rows]
X <- X[rows, , drop = FALSE]
clusters <- list2DF(lapply(clusters[rows, , drop = FALSE], group))

# ---- estimate
N <- length(y)
# columns of one size, or X'X could not be inverted to enough digits
size <- pmax(sqrt(colSums(X^2)), 1e-300)
X <- sweep(X, 2, size, "/")
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: CR2 by thin_cluster, without factor
V <- unclass(vcovCR(fit, cluster = clusters$thin_cluster, type = "CR2"))
size <- size[terms]
b <- b / size
V <- V / tcrossprod(size)

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
