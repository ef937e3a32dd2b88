# Hard cases (made data)
# Newey-West over each unit's own rows, gaps passed over
# The data are made, not observed.
#
#   formula     y ~ x1 + x2
#   covariance  NW(2)
#   convention  statsmodels
#
# Run from the repository's root: Rscript r_scripts/studies/hard_cases/newey_rows.R [data file]
# Data: fixtures/hard_cases/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# Periods are whole numbers, one apart; a text has no order.
period <- function(x) {
  if (is.numeric(x) && all(x %% 1 == 0, na.rm = TRUE)) x else stop("make a column of whole numbers of the periods")
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "hard_cases", "data.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, y)
X <- with(data, cbind("(Intercept)" = 1, x1, x2))
unit <- with(data, group(unit))
time <- with(data, period(year))

# ---- sample
rows <- which(complete.cases(y, X, unit, time))
y <- y[rows]
X <- X[rows, , drop = FALSE]
unit <- group(unit[rows])
time <- time[rows]

# ---- estimate
N <- length(y)
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: NW(2), without factor
time <- ave(time, unit, FUN = rank)  # a unit's rows follow one another
# Newey and West (1987) within units, Bartlett weights; rows `lag` periods apart are paired, gaps are respected
scores <- estfun(fit)
key <- paste(unit, time)
meat <- crossprod(scores)
for (lag in seq_len(2)) {
  early <- match(paste(unit, time - lag), key)
  late <- which(!is.na(early))
  products <- crossprod(scores[late, , drop = FALSE], scores[early[late], , drop = FALSE])
  meat <- meat + (1 - lag / (2 + 1)) * (products + t(products))
}
V <- bread(fit) %*% meat %*% bread(fit) / length(y)^2

# ---- convention: statsmodels
K <- length(b)  # coefficients
V <- N / (N - K) * V
df <- Inf  # normal distribution

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
