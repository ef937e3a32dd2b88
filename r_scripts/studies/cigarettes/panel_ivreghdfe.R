# Cigarettes: the panel of both years, state and year effects, two instruments. In Stata: panel_ivreghdfe.do
# From the repository's root: Rscript r_scripts/studies/cigarettes/panel_ivreghdfe.R

library(AER)

d <- read.csv("fixtures/cigarettes/data.csv")
d <- transform(d, rprice = price / cpi, rincome = income / population / cpi, tdiff = (taxs - tax) / cpi, rtax = tax / cpi)

m <- ivreg(
  log(packs) ~ log(rprice) + log(rincome) + state + factor(year) |
    tdiff + rtax + log(rincome) + state + factor(year),
  data = d
)

# ivreghdfe's factor: states lie in the clusters, so two slopes and one year are counted;
# vcovCL of an ivreg has G/(G-1) alone
N <- nrow(d)
V <- vcovCL(m, cluster = d$state) * (N - 1) / (N - 3)
coeftest(m, vcov = V, df = 47)[c("log(rprice)", "log(rincome)"), ]

# fixest counts the constant too:
# feols(log(packs) ~ log(rincome) | state + year | log(rprice) ~ tdiff + rtax, d, vcov = ~state)
