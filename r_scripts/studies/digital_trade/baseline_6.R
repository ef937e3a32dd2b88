# Digital trade and resilience: the baseline, province and year effects. The data are made. In Stata: baseline_6.do
# From the repository's root: Rscript r_scripts/studies/digital_trade/baseline_6.R
# derived.csv holds the indices and logs; `parity data fixtures/digital_trade --csv` makes it.

library(plm)
library(lmtest)

d <- read.csv("fixtures/digital_trade/derived.csv", encoding = "UTF-8", check.names = FALSE)
names(d)[1] <- "province"

m <- plm(
  resilience ~ dt + ln_gdp_head + students_share + industry_share + openness + retail_share + fiscal_share,
  data = d, index = c("province", "year"), model = "within", effect = "twoways"
)

# reghdfe's factor: provinces lie in the clusters, so slopes, years and the constant are counted, and the years but one
N <- nobs(m)
G <- pdim(m)$nT$n
K <- length(coef(m)) + 1 + pdim(m)$nT$T - 1
V <- vcovHC(m, method = "arellano", type = "HC0", cluster = "group") * G / (G - 1) * (N - 1) / (N - K)
coeftest(m, vcov = V, df = G - 1)

# fixest: feols(resilience ~ dt + ... | province + year, d, vcov = ~province)
