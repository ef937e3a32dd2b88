# Young men's wages and unions, 545 men, 1980-1987
# Last year's union status as an instrument, large-sample
#
#   formula     lwage ~ expersq + married | nr + year | union ~ l(union, 1)
#   covariance  CR1 by nr
#   convention  ivreg2
#
# Run from the repository's root: Rscript r_scripts/studies/wage_panel/iv_lag.R [data file]
# Data: fixtures/wage_panel/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(AER))
suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# Value of the same unit `periods` earlier (negative: later); missing across a gap in time, unlike a shift by rows.
shift <- function(x, unit, time, periods) {
  key <- function(time) ifelse(is.na(unit) | is.na(time), NA, paste(unit, time))
  x[match(key(time - periods), key(time), incomparables = NA)]
}

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

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
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "wage_panel", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, lwage)
X <- with(data, cbind(expersq, married))
E <- with(data, cbind(union))
Z <- with(data, cbind("l(union, 1)" = shift(union, nr, year, 1)))
effects <- with(data, list2DF(list(nr = group(nr), year = group(year))))
clusters <- with(data, list2DF(list(nr = group(nr))))

# ---- sample
rows <- which(complete.cases(y, X, E, Z, effects, clusters))
y <- y[rows]
X <- X[rows, , drop = FALSE]
E <- E[rows, , drop = FALSE]
Z <- Z[rows, , drop = FALSE]
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
E <- demean(E, g)
Z <- demean(Z, g)
X <- independent(cbind(D, X))
Z <- independent(cbind(X, Z))
regressors <- cbind(X, E)
fit <- ivreg(y ~ 0 + regressors | 0 + Z)
own <- colnames(regressors) != ""
b <- coef(fit)[own]
terms <- colnames(regressors)[own]

# ---- covariance: CR1 by nr, without factor
V <- vcovCL(fit, cluster = clusters$nr, type = "HC0", cadjust = FALSE)
V <- V[own, own, drop = FALSE]

# ---- convention: ivreg2
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
