# Made data: unit effects, analytic weights, clustered by unit. In Stata: analytic.do
# From the repository's root: Rscript r_scripts/studies/hard_cases/analytic.R

library(sandwich)
library(lmtest)

d <- read.csv("fixtures/hard_cases/data.csv", fileEncoding = "UTF-8", check.names = FALSE, na.strings = "")
d <- d[complete.cases(d[c("y", "x1", "x2", "unit", "aw")]) & d$aw > 0, ]
d <- d[ave(d$year, d$unit, FUN = length) > 1, ]  # reghdfe drops units of one row

m <- lm(y ~ x1 + x2 + factor(unit), d, weights = aw)

# vcovCL counts the units, which lie in the clusters and aren't counted by reghdfe
N <- nrow(d)
G <- length(unique(d$unit))
V <- vcovCL(m, cluster = ~unit) * (N - length(coef(m))) / (N - 3)
coeftest(m, vcov = V, df = G - 1)[c("x1", "x2"), ]

# fixest: feols(y ~ x1 + x2 | unit, d, weights = ~aw, vcov = ~unit)
