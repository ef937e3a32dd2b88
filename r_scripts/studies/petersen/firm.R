# Petersen's made panel: clustered by firm; he prints 0.0506. In Stata: firm.do
# From the repository's root: Rscript r_scripts/studies/petersen/firm.R

library(sandwich)
library(lmtest)

d <- read.csv("fixtures/petersen/data.csv")

m <- lm(y ~ x, d)
coeftest(m, vcov = vcovCL(m, cluster = ~firm), df = 499)
