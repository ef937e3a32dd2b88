# Petersen's test data for clustered standard errors
# CR3 with 500 clusters
#
#   formula     y ~ x
#   covariance  CR3 by firm
#   convention  lm
#
# Run from the repository's root: Rscript r_scripts/studies/petersen/cr3_firm.R [data file]
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
clusters <- with(data, list2DF(list(firm = group(firm))))

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

# ---- covariance: CR3 by firm, without factor
# CR3: residuals of a cluster times (I - H)^-1, without the directions that the cluster's own columns fit exactly
W <- model.matrix(fit)[, kept, drop = FALSE]
e <- residuals(fit)
Q <- qr.Q(qr(W, tol = 1e-9))
cluster <- clusters$firm
for (i in split(seq_along(e), cluster)) {
  s <- svd(Q[i, , drop = FALSE], nv = 0)
  left <- 1 - s$d^2
  e[i] <- e[i] + s$u %*% ((ifelse(left > 1e-10, 1 / left, 0) - 1) * crossprod(s$u, e[i]))
}
scores <- rowsum(W * e, cluster)
V <- bread(fit) %*% crossprod(scores) %*% bread(fit) / length(y)^2

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
