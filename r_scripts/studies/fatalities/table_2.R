# Traffic deaths and the beer tax: state effects (Stock and Watson, table 10.1, column 2). In Stata: table_2.do
# From the repository's root: Rscript r_scripts/studies/fatalities/table_2.R

library(plm)
library(lmtest)

d <- read.csv("fixtures/fatalities/data.csv")
d$frate <- d$fatal / d$pop * 10000

m <- plm(frate ~ beertax, d, index = c("state", "year"), model = "within")

# xtreg's factor: K is the slope and the constant. type = "sss" leaves the constant out.
N <- nobs(m)
G <- pdim(m)$nT$n
V <- vcovHC(m, method = "arellano", type = "HC0", cluster = "group") * G / (G - 1) * (N - 1) / (N - 2)
coeftest(m, vcov = V, df = G - 1)

# fixest: feols(frate ~ beertax | state, d, vcov = ~state)
