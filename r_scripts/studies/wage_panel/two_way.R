# Young men's wages and unions, 545 men, 1980-1987
# Person and year effects, clustered by both
#
#   formula     lwage ~ expersq + married + union | nr + year
#   covariance  CR1 by nr and year
#   convention  lfe
#
# Run from the repository's root: Rscript r_scripts/studies/wage_panel/two_way.R [data file]
# Data: fixtures/wage_panel/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# Columns of M less their means within the levels of g; zero where g explains them, up to rounding.
demean <- function(M, g, w = rep(1, nrow(M))) {
  left <- M - (rowsum(w * M, g) / as.vector(rowsum(w, g)))[g, , drop = FALSE]
  left[, colSums(w * left^2) <= 1e-18 * colSums(w * M^2)] <- 0
  left
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "wage_panel", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, lwage)
X <- with(data, cbind(expersq, married, union))
effects <- with(data, list2DF(list(nr = group(nr), year = group(year))))
clusters <- with(data, list2DF(list(nr = group(nr), year = group(year))))

# ---- sample
rows <- which(complete.cases(y, X, effects, clusters))
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

# ---- covariance: CR1 by nr and year, without factor
# several cluster variables: single ones are added, pairs subtracted ... (Cameron, Gelbach and Miller 2011)
sets <- list(clusters$nr, clusters$year, group(paste(clusters$nr, clusters$year)))
sign <- c(1, 1, -1)
parts <- lapply(sets, function(g) vcovCL(fit, cluster = g, type = "HC0", cadjust = FALSE))
parts <- lapply(parts, function(V) V[own, own, drop = FALSE])

# ---- convention: lfe
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of nr, year
G <- sapply(sets, max)  # clusters of each part
# whether an effect is nested in clusters: each of its levels lies in one cluster
inside <- sapply(effects, function(g) any(sapply(clusters, function(h) nrow(unique(cbind(g, h))) == max(g))))
# no fixed effect counts once one is nested; the constant does
K <- if (any(inside)) k + 1 else k + max(L) + sum(!own)
K_all <- k + max(L) + sum(!own)  # coefficients and every fixed effect
V <- Reduce(`+`, Map(`*`, sign * G / (G - 1) * (N - 1) / (N - K), parts))  # each part with its own number of clusters
df <- if (any(inside)) min(min(sapply(clusters, max)) - 1, N - (K - any(inside))) else N - K_all

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
