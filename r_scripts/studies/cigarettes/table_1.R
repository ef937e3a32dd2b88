# Cigarettes: ten-year differences, one instrument (Stock and Watson, table 12.1). In Stata: table_1.do
# From the repository's root: Rscript r_scripts/studies/cigarettes/table_1.R

library(AER)

d <- read.csv("fixtures/cigarettes/data.csv")
d <- transform(d, rprice = price / cpi, rincome = income / population / cpi, tdiff = (taxs - tax) / cpi)
before <- d[d$year == 1985, ]
after <- d[d$year == 1995, ]
after <- after[match(before$state, after$state), ]

change <- data.frame(
  packs = log(after$packs) - log(before$packs), price = log(after$rprice) - log(before$rprice),
  income = log(after$rincome) - log(before$rincome), tax = after$tdiff - before$tdiff
)
m <- ivreg(packs ~ price + income | tax + income, data = change)
coeftest(m, vcov = vcovHC(m, type = "HC1"))
