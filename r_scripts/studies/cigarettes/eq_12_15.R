# Cigarettes in 1995: the price elasticity, sales tax as the instrument (Stock and Watson, 12.15). In Stata: eq_12_15.do
# From the repository's root: Rscript r_scripts/studies/cigarettes/eq_12_15.R

library(AER)

d <- read.csv("fixtures/cigarettes/data.csv")
d <- transform(d, rprice = price / cpi, rincome = income / population / cpi, tdiff = (taxs - tax) / cpi)

m <- ivreg(log(packs) ~ log(rprice) + log(rincome) | tdiff + log(rincome), data = d, subset = year == 1995)
coeftest(m, vcov = vcovHC(m, type = "HC1"))
