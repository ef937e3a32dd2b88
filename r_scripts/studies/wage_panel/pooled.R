# Wages of young men: pooled OLS with years, clustered by person (Wooldridge, example 14.4). In Stata: pooled.do
# From the repository's root: Rscript r_scripts/studies/wage_panel/pooled.R

library(estimatr)

d <- read.csv("fixtures/wage_panel/data.csv")

m <- lm_robust(
  lwage ~ educ + black + hisp + exper + expersq + married + union + factor(year), d,
  clusters = nr, se_type = "stata"
)
coef(summary(m))
