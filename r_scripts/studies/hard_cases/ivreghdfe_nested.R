# Hard cases (made data)
# Every effect nested: the constant counts, since nothing else does
# The data are made, not observed.
#
#   formula     y ~ x1 | unit | x_endog ~ z1 + z2
#   covariance  CR1 by unit
#   convention  ivreghdfe
#
# Run from the repository's root: Rscript r_scripts/studies/hard_cases/ivreghdfe_nested.R [data file]
# Data: fixtures/hard_cases/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(AER))
suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# Rows left when those alone in a level of a fixed effect are dropped, again and again (Correia 2015).
not_alone <- function(effects, count = rep(1, nrow(effects))) {
  alone <- count == 1 & Reduce(`|`, lapply(effects, function(g) ave(count, g, FUN = sum) == 1))
  if (any(alone)) not_alone(effects, replace(count, alone, 0)) else count > 0
}

# Columns of M less their means within the levels of g; zero where g explains them, up to rounding.
demean <- function(M, g, w = rep(1, nrow(M))) {
  left <- M - (rowsum(w * M, g) / as.vector(rowsum(w, g)))[g, , drop = FALSE]
  left[, colSums(w * left^2) <= 1e-18 * colSums(w * M^2)] <- 0
  left
}

# The columns of M that those before them don't determine.
independent <- function(M, w = rep(1, nrow(M))) {
  q <- qr(sqrt(w) * M, tol = 1e-9)
  M[, sort(q$pivot[seq_len(q$rank)]), drop = FALSE]
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "hard_cases", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, y)
X <- with(data, cbind(x1))
E <- with(data, cbind(x_endog))
Z <- with(data, cbind(z1, z2))
effects <- with(data, list2DF(list(unit = group(unit))))
clusters <- with(data, list2DF(list(unit = group(unit))))

# ---- sample
rows <- which(complete.cases(y, X, E, Z, effects, clusters))
rows <- rows[not_alone(effects[rows, , drop = FALSE])]
y <- y[rows]
X <- X[rows, , drop = FALSE]
E <- E[rows, , drop = FALSE]
Z <- Z[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))
clusters <- list2DF(lapply(clusters[rows, , drop = FALSE], group))

# ---- estimate
N <- length(y)
g <- effects[[1]]  # within transformation
y <- drop(demean(cbind(y), g))
X <- demean(X, g)
E <- demean(E, g)
Z <- demean(Z, g)
X <- independent(X)
Z <- independent(cbind(X, Z))
regressors <- cbind(X, E)
fit <- ivreg(y ~ 0 + regressors | 0 + Z)
b <- coef(fit)
terms <- colnames(regressors)

# ---- covariance: CR1 by unit, without factor
V <- vcovCL(fit, cluster = clusters$unit, type = "HC0", cadjust = FALSE)

# ---- convention: ivreghdfe
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of unit
G <- max(clusters[[1]])  # clusters
# whether an effect is nested in clusters: each of its levels lies in one cluster
inside <- sapply(effects, function(g) nrow(unique(cbind(g, clusters[[1]]))) == max(g))
# nested fixed effects do not count; the constant counts only where nothing else does
K <- if (inside) k + 1 else k + L[[1]]
V <- G / (G - 1) * (N - 1) / (N - K) * V
df <- G - 1

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
