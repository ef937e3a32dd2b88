# Cars: fuel on power, Cribari-Neto's HC4. Stata has no HC4, so there is no do-file.
# From the repository's root: Rscript r_scripts/studies/mtcars/hc4.R

library(sandwich)
library(lmtest)

d <- read.csv("fixtures/mtcars/data.csv")

m <- lm(mpg ~ hp, d)
coeftest(m, vcov = vcovHC(m, type = "HC4"))
