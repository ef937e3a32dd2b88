# Boating trips to a lake, robust errors times n/(n-1), as Stata's vce(robust) has them. In Stata: poisson_robust.do
# From the repository's root: Rscript r_scripts/studies/recreation/poisson_robust.R

library(lmtest)
library(sandwich)

d <- read.csv("fixtures/recreation/data.csv")

m <- glm(trips ~ quality + ski + income + userfee + costC + costS + costH, poisson, d, control = list(epsilon = 1e-16))
coeftest(m, vcov. = nobs(m) / (nobs(m) - 1) * sandwich(m))
