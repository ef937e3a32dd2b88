# Cars: fuel on power, the gearbox as the instrument, large-sample standard errors and z. In Stata: iv_large.do
# From the repository's root: Rscript r_scripts/studies/mtcars/iv_large.R

library(AER)

d <- read.csv("fixtures/mtcars/data.csv")

m <- ivreg(mpg ~ hp | am, data = d)
coeftest(m, vcov = vcovHC(m, type = "HC0"), df = Inf)
