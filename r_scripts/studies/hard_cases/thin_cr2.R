# Made data: few clusters of unequal size, Bell and McCaffrey's CR2, t with N - K as lm counts. No do-file: Stata 18's
# vce(hc2 thin_cluster) has degrees of freedom of its own.
# From the repository's root: Rscript r_scripts/studies/hard_cases/thin_cr2.R

library(clubSandwich)
library(lmtest)

d <- read.csv("fixtures/hard_cases/data.csv", fileEncoding = "UTF-8", na.strings = "")

m <- lm(y ~ x1 + x2, d)
coeftest(m, vcov = vcovCR(m, cluster = d$thin_cluster, type = "CR2"))

# with Satterthwaite's degrees of freedom: coef_test(m, vcov = "CR2", cluster = d$thin_cluster)
# estimatr: lm_robust(y ~ x1 + x2, d, clusters = thin_cluster, se_type = "CR2")
