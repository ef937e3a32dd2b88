# Digital trade, new quality productivity and regional resilience (made data)
# The trap: mediator by pooled least squares, after a two-way baseline
# The data are made, not observed.
#
#   formula     nqp ~ dt + ln_gdp_head + students_share + industry_share + openness + retail_share + fiscal_share
#   covariance  iid
#   convention  regress
#
# Run from the repository's root: Rscript r_scripts/studies/digital_trade/med_pooled_m.R [data file]
# Data: fixtures/digital_trade/derived.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "digital_trade", "derived.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, nqp)
X <- with(data, cbind(
  "(Intercept)" = 1, dt, ln_gdp_head, students_share, industry_share, openness, retail_share, fiscal_share
))

# ---- sample
rows <- which(complete.cases(y, X))
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

# ---- convention: regress
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
