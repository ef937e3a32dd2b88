# College proximity and the return to schooling
# A third of the rows lack IQ; marital codes as dummies; HC2
#
#   formula     lwage ~ educ + exper + expersq + IQ + i(married)
#   covariance  HC2
#   convention  lm
#
# Run from the repository's root: Rscript r_scripts/studies/card/ability.R [data file]
# Data: fixtures/card/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

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

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "card", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
chosen <- rep(TRUE, nrow(data))
y <- with(data, lwage)
X <- with(data, cbind("(Intercept)" = 1, educ, exper, expersq, IQ, dummies(married, "married")))

# ---- sample
rows <- which(chosen & complete.cases(y, X))
y <- y[rows]
X <- X[rows, , drop = FALSE]

# ---- estimate
N <- length(y)
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: HC2, without factor
h <- hatvalues(fit)
scores <- estfun(fit) / sqrt(1 - h)
scores[1 - h < 1e-10, ] <- 0  # a row that is fitted exactly says nothing about the variance
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
