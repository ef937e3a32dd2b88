# Made data: Chinese names and one with a space, two effects, clustered by province. In Stata: chinese.do
# From the repository's root: Rscript r_scripts/studies/hard_cases/chinese.R

library(sandwich)
library(lmtest)

d <- read.csv("fixtures/hard_cases/data.csv", fileEncoding = "UTF-8", check.names = FALSE)
d <- d[ave(d$year, d$省, FUN = length) > 1, ]  # reghdfe drops a province of one row, and so its cluster

m <- lm(韧性 ~ 数字贸易 + log(`人均 GDP`) + 省 + factor(year), d)

# vcovCL counts the provinces, which lie in the clusters and aren't counted by reghdfe
N <- nrow(d)
G <- length(unique(d$省))
V <- vcovCL(m, cluster = ~省) * (N - length(coef(m))) / (N - length(coef(m)) + G - 1)
coeftest(m, vcov = V, df = G - 1)[2:3, ]

# fixest: feols(韧性 ~ 数字贸易 + log(`人均 GDP`) | 省 + year, d, vcov = ~省)
