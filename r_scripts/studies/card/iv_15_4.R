# Card: the return to schooling, a college nearby as the instrument (Wooldridge, example 15.4). In Stata: iv_15_4.do
# From the repository's root: Rscript r_scripts/studies/card/iv_15_4.R

library(AER)  # and with it sandwich and lmtest

d <- read.csv("fixtures/card/data.csv")
regions <- paste0("reg66", 2:9)
d <- d[c("lwage", "educ", "nearc4", "exper", "expersq", "black", "smsa", "south", "smsa66", regions)]

m <- ivreg(lwage ~ . - nearc4 | . - educ, data = d)
coeftest(m, vcov = vcovHC(m, type = "HC1"))
