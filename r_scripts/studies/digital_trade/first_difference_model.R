# Digital trade, new quality productivity and regional resilience (made data)
# First-difference model
# The data are made, not observed.
#
#   formula     resilience ~ dt
#   model       first difference
#   covariance  CR1 by 省份
#   convention  plm
#
# Run from the repository's root: Rscript r_scripts/studies/digital_trade/first_difference_model.R [data file]
# Data: fixtures/digital_trade/derived.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# Periods are whole numbers, one apart; a text has no order.
period <- function(x) {
  if (is.numeric(x) && all(x %% 1 == 0, na.rm = TRUE)) x else stop("make a column of whole numbers of the periods")
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "digital_trade", "derived.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, resilience)
X <- with(data, cbind(dt))
clusters <- with(data, list2DF(list("省份" = group(`省份`))))
unit <- with(data, group(`省份`))
time <- with(data, period(year))

# ---- sample
rows <- which(complete.cases(y, X, clusters, unit, time))
# first differences within units over one period; rows without the period before are left out
rows <- rows[order(unit[rows], time[rows])]
follows <- which(diff(unit[rows]) == 0 & diff(time[rows]) == 1)
before <- rows[follows]
rows <- rows[follows + 1]
y <- y[rows] - y[before]
X <- cbind("(Intercept)" = 1, X[rows, , drop = FALSE] - X[before, , drop = FALSE])
clusters <- list2DF(lapply(clusters[rows, , drop = FALSE], group))

# ---- estimate
N <- length(y)
fit <- lm(y ~ 0 + X, tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
b <- coef(fit)[kept]
terms <- colnames(X)[kept]

# ---- covariance: CR1 by 省份, without factor
V <- vcovCL(fit, cluster = clusters[["省份"]], type = "HC0", cadjust = FALSE)

# ---- convention: plm
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
