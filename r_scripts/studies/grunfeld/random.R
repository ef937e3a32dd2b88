# Grunfeld: random effects after Swamy and Arora. In Stata: random.do
# From the repository's root: Rscript r_scripts/studies/grunfeld/random.R

library(plm)

d <- read.csv("fixtures/grunfeld/data.csv")

m <- plm(inv ~ value + capital, d, index = c("firm", "year"), model = "random")
coef(summary(m))
