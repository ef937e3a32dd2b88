# Card: the return to schooling by OLS, with regions (Wooldridge, example 15.4). In Stata: ols.do
# From the repository's root: Rscript r_scripts/studies/card/ols.R

library(sandwich)
library(lmtest)

d <- read.csv("fixtures/card/data.csv")
d <- d[c("lwage", "educ", "exper", "expersq", "black", "smsa", "south", "smsa66", paste0("reg66", 2:9))]

m <- lm(lwage ~ ., d)
coeftest(m, vcov = vcovHC(m, type = "HC1"))  # Stata's vce(robust)
