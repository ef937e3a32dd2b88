# Job training grants and scrap rates: pooled OLS, clustered by firm. In Stata: pooled.do
# From the repository's root: Rscript r_scripts/studies/job_training/pooled.R

library(sandwich)
library(lmtest)

d <- read.csv("fixtures/job_training/data.csv")

m <- lm(lscrap ~ d88 + d89 + grant + grant_1, d)
G <- length(unique(d[names(residuals(m)), "fcode"]))
coeftest(m, vcov = vcovCL(m, cluster = ~fcode), df = G - 1)
