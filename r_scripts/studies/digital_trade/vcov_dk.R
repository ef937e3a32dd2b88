# Digital trade, new quality productivity and regional resilience (made data)
# Driscoll-Kraay, 2 lags errors
# The data are made, not observed.
#
#   formula     resilience ~ dt + ln_gdp_head + students_share + industry_share + openness + retail_share + fiscal_share
#                 | 省份 + year
#   covariance  DK(2)
#   convention  reghdfe
#
# Run from the repository's root: Rscript r_scripts/studies/digital_trade/vcov_dk.R [data file]
# Data: fixtures/digital_trade/derived.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# Periods are whole numbers, one apart; a text has no order.
period <- function(x) {
  if (is.numeric(x) && all(x %% 1 == 0, na.rm = TRUE)) x else stop("make a column of whole numbers of the periods")
}

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

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "digital_trade", "derived.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, resilience)
X <- with(data, cbind(dt, ln_gdp_head, students_share, industry_share, openness, retail_share, fiscal_share))
effects <- with(data, list2DF(list("省份" = group(`省份`), year = group(year))))
unit <- with(data, group(`省份`))
time <- with(data, period(year))

# ---- sample
rows <- which(complete.cases(y, X, effects, unit, time))
rows <- rows[not_alone(effects[rows, , drop = FALSE])]
y <- y[rows]
X <- X[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))
unit <- group(unit[rows])
time <- time[rows]

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

# ---- covariance: DK(2), without factor
# Driscoll and Kraay (1998): scores summed by period, Bartlett weights; a lag is one observed period
scores <- rowsum(estfun(fit), time)
periods <- nrow(scores)
meat <- crossprod(scores)
for (lag in seq_len(min(2, periods - 1))) {
  late <- scores[-seq_len(lag), , drop = FALSE]
  products <- crossprod(late, scores[seq_len(periods - lag), , drop = FALSE])
  meat <- meat + (1 - lag / (2 + 1)) * (products + t(products))
}
V <- bread(fit) %*% meat %*% bread(fit) / length(y)^2
V <- V[own, own, drop = FALSE]

# ---- convention: reghdfe
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of 省份, year
periods <- length(unique(time))
K <- k + max(L) + sum(!own)
V <- periods / (periods - 1) * (N - 1) / (N - K) * V
df <- min(length(unique(time)) - 1, N - K)

# ---- result
cat("N =", N, " K =", K, " periods =", periods, " df =", df, "\n")
se <- sqrt(diag(V))
t <- b / se
p <- 2 * pt(-abs(t), df)
half <- qt(0.975, df) * se
cat("# result\nterm\tcoef\tse\tt\tp\tlow\thigh\n")
row <- paste0("%s", strrep("\t%.17g", 6), "\n")
cat(sprintf(row, terms, b, se, t, p, b - half, b + half), sep = "")
cat(sprintf("N\t%.17g\ndf\t%.17g\n", N, df))
