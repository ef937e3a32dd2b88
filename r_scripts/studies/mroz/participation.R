# Married women: the linear probability of working. In Stata: participation.do
# From the repository's root: Rscript r_scripts/studies/mroz/participation.R

library(estimatr)

d <- read.csv("fixtures/mroz/data.csv")

m <- lm_robust(inlf ~ nwifeinc + educ + exper + expersq + age + kidslt6 + kidsge6, d, se_type = "stata")
coef(summary(m))
