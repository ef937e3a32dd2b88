# Wages of young men: random effects with years. In Stata: random.do
# From the repository's root: Rscript r_scripts/studies/wage_panel/random.R

library(plm)

d <- read.csv("fixtures/wage_panel/data.csv")

m <- plm(lwage ~ educ + exper + union + married + factor(year), d, index = c("nr", "year"), model = "random")
coef(summary(m))
