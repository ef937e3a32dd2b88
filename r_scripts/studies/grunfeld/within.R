# Grunfeld investment, 1935-1954
# Firm effects, homoskedastic
#
#   formula     inv ~ value + capital | firm
#   covariance  iid
#   convention  areg
#
# Run from the repository's root: Rscript r_scripts/studies/grunfeld/within.R [data file]
# Data: fixtures/grunfeld/data.csv (see the README beside it). Written by `parity export`.

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
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "grunfeld", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, inv)
X <- with(data, cbind(value, capital))
effects <- with(data, list2DF(list(firm = group(firm))))

# ---- sample
rows <- which(complete.cases(y, X, effects))
y <- y[rows]
X <- X[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))

# ---- estimate
N <- length(y)
g <- effects[[1]]  # within transformation
y <- drop(demean(cbind(y), g))
X <- demean(X, g)
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: iid, without factor
V <- sum(residuals(fit)^2) / N * bread(fit) / length(y)

# ---- convention: areg
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of firm
K <- k + L[[1]]
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
