# Petersen's test data for clustered standard errors
# Clustered by firm, where the correlation is
#
#   formula     y ~ x
#   covariance  CR1 by firm
#   convention  regress
#
# Run from the repository's root: Rscript r_scripts/studies/petersen/firm.R [data file]
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

# ---- covariance: CR1 by firm, without factor
V <- vcovCL(fit, cluster = clusters$firm, type = "HC0", cadjust = FALSE)

# ---- convention: regress
G <- max(clusters[[1]])  # clusters
K <- length(b)  # coefficients
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
