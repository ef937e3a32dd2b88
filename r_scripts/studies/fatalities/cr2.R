# Traffic deaths and the beer tax: Bell and McCaffrey's CR2, t with N - K as lm counts. No do-file: Stata 18's
# vce(hc2 state) has degrees of freedom of its own.
# From the repository's root: Rscript r_scripts/studies/fatalities/cr2.R

library(clubSandwich)
library(lmtest)

d <- read.csv("fixtures/fatalities/data.csv")
d$frate <- d$fatal / d$pop * 10000

m <- lm(frate ~ beertax + unemp + state + factor(year), d)
coeftest(m, vcov = vcovCR(m, cluster = d$state, type = "CR2"))[c("beertax", "unemp"), ]

# with Satterthwaite's degrees of freedom: coef_test(m, vcov = "CR2", cluster = d$state)
# estimatr: lm_robust(frate ~ beertax + unemp, d, fixed_effects = ~ state + year, clusters = state, se_type = "CR2")
