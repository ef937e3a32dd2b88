# Digital trade, new quality productivity and regional resilience (made data)
# Few clusters: CR2
# The data are made, not observed.
#
#   formula     resilience ~ dt + ln_gdp_head + students_share + industry_share + openness + retail_share + fiscal_share
#                 | 省份 + year
#   covariance  CR2 by 省份
#   convention  lm
#
# Run from the repository's root: Rscript r_scripts/studies/digital_trade/vcov_cr2.R [data file]
# Data: fixtures/digital_trade/derived.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(clubSandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "digital_trade", "derived.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, resilience)
X <- with(data, cbind(dt, ln_gdp_head, students_share, industry_share, openness, retail_share, fiscal_share))
effects <- with(data, list2DF(list("省份" = group(`省份`), year = group(year))))
clusters <- with(data, list2DF(list("省份" = group(`省份`))))

# ---- sample
rows <- which(complete.cases(y, X, effects, clusters))
y <- y[rows]
X <- X[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))
clusters <- list2DF(lapply(clusters[rows, , drop = FALSE], group))

# ---- estimate
N <- length(y)
# all fixed effects as dummies: leverage is that of the whole design
D <- do.call(cbind, lapply(effects, function(g) 1 * outer(g, seq_len(max(g)), "==")))
# columns of one size, or X'X could not be inverted to enough digits
size <- pmax(sqrt(colSums(X^2)), 1e-300)
X <- sweep(X, 2, size, "/")
fit <- lm(y ~ 0 + cbind(D, X), tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
own <- which(kept) > ncol(D)  # of the coefficients those of X
b <- coef(fit)[kept][own]
terms <- colnames(X)[kept[-seq_len(ncol(D))]]

# ---- covariance: CR2 by 省份, without factor
V <- unclass(vcovCR(fit, cluster = clusters[["省份"]], type = "CR2"))
V <- V[own, own, drop = FALSE]
size <- size[terms]
b <- b / size
V <- V / tcrossprod(size)

# ---- convention: lm
k <- length(b)  # coefficients
L <- sapply(effects, max)  # levels of 省份, year
K_all <- k + sum(!own)  # coefficients and every fixed effect
df <- N - K_all

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
