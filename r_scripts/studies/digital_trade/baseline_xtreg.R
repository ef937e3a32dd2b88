# Digital trade, new quality productivity and regional resilience (made data)
# Baseline (3) as xtreg with i.year
# The data are made, not observed.
#
#   formula     resilience ~ dt + ln_gdp_head + students_share + industry_share + i(year) | 省份
#   covariance  CR1 by 省份
#   convention  xtreg
#
# Run from the repository's root: Rscript r_scripts/studies/digital_trade/baseline_xtreg.R [data file]
# Data: fixtures/digital_trade/derived.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# One column per value that x takes in the chosen rows, except the reference (default: the first; NA: none is left out).
dummies <- function(x, name, reference = NULL, by = 1, suffix = "") {
  x <- if (is.character(x)) enc2utf8(x) else as.numeric(x)
  values <- sort(unique(x[chosen]), method = "radix")
  if (is.null(reference)) reference <- values[1]
  values <- values[!values %in% reference]
  label <- if (is.numeric(x)) sprintf("%.17g", values) else values
  columns <- outer(x, values, "==") * by
  colnames(columns) <- paste0(name, "::", label, suffix, recycle0 = TRUE)
  columns
}

# Columns of M less their means within the levels of g; zero where g explains them, up to rounding.
demean <- function(M, g, w = rep(1, nrow(M))) {
  left <- M - (rowsum(w * M, g) / as.vector(rowsum(w, g)))[g, , drop = FALSE]
  left[, colSums(w * left^2) <= 1e-18 * colSums(w * M^2)] <- 0
  left
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "digital_trade", "derived.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
chosen <- rep(TRUE, nrow(data))
y <- with(data, resilience)
X <- with(data, cbind(dt, ln_gdp_head, students_share, industry_share, dummies(year, "year")))
effects <- with(data, list2DF(list("省份" = group(`省份`))))
clusters <- with(data, list2DF(list("省份" = group(`省份`))))

# ---- sample
rows <- which(chosen & complete.cases(y, X, effects, clusters))
y <- y[rows]
X <- X[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))
clusters <- list2DF(lapply(clusters[rows, , drop = FALSE], group))

# ---- estimate
N <- length(y)
g <- effects[[1]]  # within transformation
y <- drop(demean(cbind(y), g))
X <- demean(X, g)
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: CR1 by 省份, without factor
V <- vcovCL(fit, cluster = clusters[["省份"]], type = "HC0", cadjust = FALSE)

# ---- convention: xtreg
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of 省份
G <- max(clusters[[1]])  # clusters
# whether an effect is nested in clusters: each of its levels lies in one cluster
inside <- sapply(effects, function(g) nrow(unique(cbind(g, clusters[[1]]))) == max(g))
if (!inside[1]) stop("panels are not nested within clusters: xtreg refuses")
# the panels do not count; the constant and other effects, which are dummies, do
K <- k + L[[1]] - L[[1]] + 1
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
