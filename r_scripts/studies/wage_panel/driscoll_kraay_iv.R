# Young men's wages and unions, 545 men, 1980-1987
# Two instruments and Driscoll-Kraay with 2 lags
#
#   formula     lwage ~ exper + expersq + married + union | 0 | hours ~ educ + black
#   covariance  DK(2)
#   convention  ivreg2
#
# Run from the repository's root: Rscript r_scripts/studies/wage_panel/driscoll_kraay_iv.R [data file]
# Data: fixtures/wage_panel/data.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(AER))
suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# Periods are whole numbers, one apart; a text has no order.
period <- function(x) {
  if (is.numeric(x) && all(x %% 1 == 0, na.rm = TRUE)) x else stop("make a column of whole numbers of the periods")
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
X <- with(data, cbind("(Intercept)" = 1, exper, expersq, married, union))
E <- with(data, cbind(hours))
Z <- with(data, cbind(educ, black))
unit <- with(data, group(nr))
time <- with(data, period(year))

# ---- sample
rows <- which(complete.cases(y, X, E, Z, unit, time))
y <- y[rows]
X <- X[rows, , drop = FALSE]
E <- E[rows, , drop = FALSE]
Z <- Z[rows, , drop = FALSE]
unit <- group(unit[rows])
time <- time[rows]

# ---- estimate
N <- length(y)
X <- independent(X)
Z <- independent(cbind(X, Z))
regressors <- cbind(X, E)
fit <- ivreg(y ~ 0 + regressors | 0 + Z)
b <- coef(fit)
terms <- colnames(regressors)

# ---- covariance: DK(2), without factor
# Driscoll and Kraay (1998): scores summed by period, Bartlett weights; a lag is one unit of time
scores <- rowsum(estfun(fit), time)
periods <- nrow(scores)
meat <- crossprod(scores)
for (lag in seq_len(min(2, diff(range(time))))) {
  early <- match(sort(unique(time)) - lag, sort(unique(time)))
  late <- which(!is.na(early))
  products <- crossprod(scores[late, , drop = FALSE], scores[early[late], , drop = FALSE])
  meat <- meat + (1 - lag / (2 + 1)) * (products + t(products))
}
V <- bread(fit) %*% meat %*% bread(fit) / length(y)^2

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
