# Hard cases (made data)
# A column of ones beside three components of cells
# The data are made, not observed.
#
#   formula     y ~ x1 + x2 | worker + plant
#   covariance  CR1 by worker
#   convention  reghdfe, constant = extra
#
# Run from the repository's root: Rscript r_scripts/studies/hard_cases/extra_constant.R [data file]
# Data: fixtures/hard_cases/data.csv (see the README beside it). Written by `parity export`.

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

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "hard_cases", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, y)
X <- with(data, cbind(x1, x2))
effects <- with(data, list2DF(list(worker = group(worker), plant = group(plant))))
clusters <- with(data, list2DF(list(worker = group(worker))))

# ---- sample
rows <- which(complete.cases(y, X, effects, clusters))
rows <- rows[not_alone(effects[rows, , drop = FALSE])]
y <- y[rows]
X <- X[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))
clusters <- list2DF(lapply(clusters[rows, , drop = FALSE], group))

# ---- estimate
N <- length(y)
# Frisch, Waugh and Lovell: means of the effect with most levels are taken out, the others stay as dummies
most <- which.max(sapply(effects, max))
g <- effects[[most]]
D <- do.call(cbind, lapply(effects[-most], function(g) 1 * outer(g, seq_len(max(g)), "==")))
D <- demean(D, g)
y <- drop(demean(cbind(y), g))
X <- demean(X, g)
fit <- lm(y ~ 0 + cbind(D, X), tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
own <- which(kept) > ncol(D)  # of the coefficients those of X
b <- coef(fit)[kept][own]
terms <- colnames(X)[kept[-seq_len(ncol(D))]]

# ---- covariance: CR1 by worker, without factor
V <- vcovCL(fit, cluster = clusters$worker, type = "HC0", cadjust = FALSE)
V <- V[own, own, drop = FALSE]

# ---- convention: reghdfe, constant = extra
k <- length(b) + 1  # coefficients, and a constant beside the fixed effects
L <- sapply(effects, max)  # levels of worker, plant
G <- max(clusters[[1]])  # clusters
# whether an effect is nested in clusters: each of its levels lies in one cluster
inside <- sapply(effects, function(g) nrow(unique(cbind(g, clusters[[1]]))) == max(g))
# nested fixed effects do not count; the constant does
K <- if (any(inside)) k + max(1, L[!inside]) else k + max(L) + sum(!own)
V <- G / (G - 1) * (N - 1) / (N - K) * V
df <- min(G - 1, N - (K - any(inside)))  # the constant is not counted here

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
