# Digital trade, new quality productivity and regional resilience (made data)
# Few clusters: CR3
# The data are made, not observed.
#
#   formula     resilience ~ dt + ln_gdp_head + students_share + industry_share + openness + retail_share + fiscal_share
#                 | 省份 + year
#   covariance  CR3 by 省份
#   convention  fixest
#
# Run from the repository's root: Rscript r_scripts/studies/digital_trade/vcov_cr3.R [data file]
# Data: fixtures/digital_trade/derived.csv (see the README beside it). Written by `parity export`.

suppressPackageStartupMessages(library(sandwich))
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))

# 1, 2, ... for each distinct value, NA where it is missing.
group <- function(x) match(x, unique(x), incomparables = NA)

# Rows left when those alone in a level of a fixed effect are dropped, again and again (Correia 2015).
not_alone <- function(effects, count = rep(1, nrow(effects))) {
  alone <- count == 1 & Reduce(`|`, lapply(effects, function(g) ave(count, g, FUN = sum) == 1))
  if (any(alone)) not_alone(effects, replace(count, alone, 0)) else count > 0
}

# ---- data
path <- c(commandArgs(trailingOnly = TRUE), file.path("fixtures", "digital_trade", "derived.csv"))[1]
data <- read.csv(path, fileEncoding = "UTF-8-BOM", check.names = FALSE, na.strings = c("", "NA", "NaN", "nan", "."))
y <- with(data, resilience)
X <- with(data, cbind(dt, ln_gdp_head, students_share, industry_share, openness, retail_share, fiscal_share))
effects <- with(data, list2DF(list("省份" = group(`省份`), year = group(year))))
clusters <- with(data, list2DF(list("省份" = group(`省份`))))

# ---- sample
rows <- which(complete.cases(y, X, effects, clusters))
rows <- rows[not_alone(effects[rows, , drop = FALSE])]
y <- y[rows]
X <- X[rows, , drop = FALSE]
effects <- list2DF(lapply(effects[rows, , drop = FALSE], group))
clusters <- list2DF(lapply(clusters[rows, , drop = FALSE], group))

# ---- estimate
N <- length(y)
# all fixed effects as dummies: leverage is that of the whole design
D <- do.call(cbind, lapply(effects, function(g) 1 * outer(g, seq_len(max(g)), "==")))
fit <- lm(y ~ 0 + cbind(D, X), tol = 1e-9)
kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones
own <- which(kept) > ncol(D)  # of the coefficients those of X
b <- coef(fit)[kept][own]
terms <- colnames(X)[kept[-seq_len(ncol(D))]]

# ---- covariance: CR3 by 省份, without factor
# CR3: residuals of a cluster times (I - H)^-1, without the directions that the cluster's own columns fit exactly
W <- model.matrix(fit)[, kept, drop = FALSE]
e <- residuals(fit)
Q <- qr.Q(qr(W, tol = 1e-9))
cluster <- clusters[["省份"]]
for (i in split(seq_along(e), cluster)) {
  s <- svd(Q[i, , drop = FALSE], nv = 0)
  left <- 1 - s$d^2
  e[i] <- e[i] + s$u %*% ((ifelse(left > 1e-10, 1 / left, 0) - 1) * crossprod(s$u, e[i]))
}
scores <- rowsum(W * e, cluster)
V <- bread(fit) %*% crossprod(scores) %*% bread(fit) / length(y)^2
V <- V[own, own, drop = FALSE]

# ---- convention: fixest
G <- max(clusters[[1]])  # clusters
df <- G - 1

# ---- result
cat("N =", N, " G =", G, " df =", df, "\n")
se <- sqrt(diag(V))
t <- b / se
p <- 2 * pt(-abs(t), df)
half <- qt(0.975, df) * se
cat("# result\nterm\tcoef\tse\tt\tp\tlow\thigh\n")
row <- paste0("%s", strrep("\t%.17g", 6), "\n")
cat(sprintf(row, terms, b, se, t, p, b - half, b + half), sep = "")
cat(sprintf("N\t%.17g\ndf\t%.17g\n", N, df))
