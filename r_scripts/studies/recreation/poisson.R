# Boating trips to a lake, a Poisson regression. In Stata: poisson.do
# From the repository's root: Rscript r_scripts/studies/recreation/poisson.R

d <- read.csv("fixtures/recreation/data.csv")

m <- glm(trips ~ quality + ski + income + userfee + costC + costS + costH, poisson, d, control = list(epsilon = 1e-16))
coef(summary(m))
