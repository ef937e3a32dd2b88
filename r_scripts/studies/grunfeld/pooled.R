# Grunfeld: investment on value and capital, clustered by firm. In Stata: pooled.do
# From the repository's root: Rscript r_scripts/studies/grunfeld/pooled.R

library(sandwich)
library(lmtest)

d <- read.csv("fixtures/grunfeld/data.csv")

m <- lm(inv ~ value + capital, d)
coeftest(m, vcov = vcovCL(m, cluster = ~firm), df = 9)  # vcovCL's factor is Stata's; its t has N - K
