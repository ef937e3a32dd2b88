# Fuel consumption of 32 cars
# Three effects, one level of carb alone
#
#   formula     mpg ~ wt | cyl + gear + carb
#   covariance  HC1
#   convention  lfe
#
# Run from the repository's root: Rscript r_scripts/studies/mtcars/three_way.R [data file]
# Data: fixtures/mtcars/data.csv (see the README beside it). Written by `parity export`.

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

# Connected components of the graph in which every row joins its level of a to its level of b.
components <- function(a, b) {
  label <- a
  repeat {
    lower <- ave(ave(label, b, FUN = min), a, FUN = min)
    if (all(lower == label)) return(length(unique(label)))
    label <- lower
  }
}

# Coefficients lost among fixed effects: the components of the first two, and one for each further one.
redundant_pair <- function(effects) {
  if (length(effects) < 2) 0 else components(effects[[1]], effects[[2]]) + length(effects) - 2
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "mtcars", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, mpg)
X <- with(data, cbind(wt))
effects <- with(data, list2DF(list(cyl = group(cyl), gear = group(gear), carb = group(carb))))

# ---- sample
rows <- which(complete.cases(y, X, effects))
y <- y[rows]
X <- X[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))

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

# ---- covariance: HC1, without factor
V <- sandwich(fit)
V <- V[own, own, drop = FALSE]

# ---- convention: lfe
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of cyl, gear, carb
K <- k + sum(L) - redundant_pair(effects)
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
