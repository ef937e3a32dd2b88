# Grunfeld: firm effects and dummies of years, clustered by firm, as xtreg has it. In Stata: xtreg.do
# From the repository's root: Rscript r_scripts/studies/grunfeld/xtreg.R

library(plm)
library(lmtest)

d <- read.csv("fixtures/grunfeld/data.csv")

m <- plm(inv ~ capital + factor(year), d, index = c("firm", "year"), model = "within")

# xtreg's factor: K is the slopes and the constant. type = "sss" leaves the constant out.
N <- nobs(m)
K <- length(coef(m)) + 1
V <- vcovHC(m, method = "arellano", type = "HC0", cluster = "group") * 10 / 9 * (N - 1) / (N - K)
coeftest(m, vcov = V, df = 9)
