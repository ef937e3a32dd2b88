# Fuel consumption of 32 cars
# Dummies, slopes by group and products
#
#   formula     mpg ~ log(hp) + am + log(hp):am + am:wt + i(cyl, ref=8) + i(gear, qsec)
#   covariance  iid
#   convention  lm
#
# Run from the repository's root: Rscript r_scripts/studies/mtcars/interactions.R [data file]
# Data: fixtures/mtcars/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# What is not finite is missing, as in Stata: the log of zero, a division by zero.
finite <- function(x) ifelse(is.finite(x <- suppressWarnings(x)), x, NA)

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
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "mtcars", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
data[] <- lapply(data, function(x) if (is.integer(x)) as.double(x) else x)  # integers overflow in R
chosen <- rep(TRUE, nrow(data))
y <- with(data, mpg)
X <- with(data, cbind(
  "(Intercept)" = 1, "log(hp)" = finite(log(hp)), am, "log(hp):am" = finite(log(hp)) * am, "am:wt" = am * wt,
  dummies(cyl, "cyl", reference = 8), dummies(gear, "gear", reference = NA, by = qsec, suffix = ":qsec")
))

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

# ---- covariance: iid, without factor
V <- sum(residuals(fit)^2) / N * bread(fit) / length(y)

# ---- convention: lm
K <- length(b)  # coefficients
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
