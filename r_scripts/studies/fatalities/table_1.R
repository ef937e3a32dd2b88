# Traffic deaths and the beer tax: pooled, with the wrong sign (Stock and Watson, table 10.1). In Stata: table_1.do
# From the repository's root: Rscript r_scripts/studies/fatalities/table_1.R

library(sandwich)
library(lmtest)

d <- read.csv("fixtures/fatalities/data.csv")
d$frate <- d$fatal / d$pop * 10000

m <- lm(frate ~ beertax, d)
coeftest(m, vcov = vcovHC(m, type = "HC1"))
