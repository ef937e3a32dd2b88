# Job training grants and scrap rates: firm effects (Wooldridge, example 14.1). In Stata: within.do
# From the repository's root: Rscript r_scripts/studies/job_training/within.R

library(plm)

d <- read.csv("fixtures/job_training/data.csv")

m <- plm(lscrap ~ d88 + d89 + grant + grant_1, d, index = c("fcode", "year"), model = "within")
coef(summary(m))
