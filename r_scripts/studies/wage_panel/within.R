# Wages of young men: effects of persons, dummies of years, clustered by person. In Stata: within.do
# From the repository's root: Rscript r_scripts/studies/wage_panel/within.R

library(plm)
library(lmtest)

d <- read.csv("fixtures/wage_panel/data.csv")

m <- plm(lwage ~ expersq + married + union + factor(year), d, index = c("nr", "year"), model = "within")

# xtreg's factor: K is the slopes and the constant. type = "sss" leaves the constant out.
N <- nobs(m)
K <- length(coef(m)) + 1
G <- pdim(m)$nT$n
V <- vcovHC(m, method = "arellano", type = "HC0", cluster = "group") * G / (G - 1) * (N - 1) / (N - K)
coeftest(m, vcov = V, df = G - 1)
