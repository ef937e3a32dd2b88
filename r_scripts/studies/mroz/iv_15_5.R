# Married women: the return to schooling, parents' schooling as instruments (Wooldridge, example 15.5). In Stata: iv_15_5.do
# From the repository's root: Rscript r_scripts/studies/mroz/iv_15_5.R

library(AER)

d <- subset(read.csv("fixtures/mroz/data.csv"), inlf == 1)

m <- ivreg(lwage ~ educ + exper + expersq | motheduc + fatheduc + exper + expersq, data = d)
coef(summary(m))
