# Demand for cigarettes, 48 US states, 1985 and 1995
# The same as ivreghdfe counts
#
#   formula     log(packs) ~ log(rincome) | state + year | log(rprice) ~ tdiff + rtax
#   covariance  CR1 by state
#   convention  ivreghdfe
#
# Run from the repository's root: Rscript r_scripts/studies/cigarettes/panel_ivreghdfe.R [data file]
# Data: fixtures/cigarettes/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(AER))
suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# What is not finite is missing, as in Stata: the log of zero, a division by zero.
finite <- function(x) ifelse(is.finite(x <- suppressWarnings(x)), x, NA)

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
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "cigarettes", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
data[] <- lapply(data, function(x) if (is.integer(x)) as.double(x) else x)  # integers overflow in R
data$rprice <- with(data, finite(price / cpi))
data$rincome <- with(data, finite(finite(income / population) / cpi))
data$tdiff <- with(data, finite((taxs - tax) / cpi))
data$rtax <- with(data, finite(tax / cpi))
y <- with(data, finite(log(packs)))
X <- with(data, cbind("log(rincome)" = finite(log(rincome))))
E <- with(data, cbind("log(rprice)" = finite(log(rprice))))
Z <- with(data, cbind(tdiff, rtax))
effects <- with(data, list2DF(list(state = group(state), year = group(year))))
clusters <- with(data, list2DF(list(state = group(state))))

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

# ---- covariance: CR1 by state, without factor
V <- vcovCL(fit, cluster = clusters$state, type = "HC0", cadjust = FALSE)
V <- V[own, own, drop = FALSE]

# ---- convention: ivreghdfe
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of state, year
G <- max(clusters[[1]])  # clusters
# whether an effect is nested in clusters: each of its levels lies in one cluster
inside <- sapply(effects, function(g) nrow(unique(cbind(g, clusters[[1]]))) == max(g))
# nested fixed effects do not count; the constant counts only where nothing else does
K <- if (any(inside)) k + max(1, sum(L[!inside]) - 1) else k + max(L) + sum(!own)
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
