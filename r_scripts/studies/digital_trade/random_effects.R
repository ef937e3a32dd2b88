# Digital trade and resilience: random effects. The data are made. In Stata: random_effects.do
# From the repository's root: Rscript r_scripts/studies/digital_trade/random_effects.R
# derived.csv holds the indices and logs; `parity data fixtures/digital_trade --csv` makes it.

library(plm)

d <- read.csv("fixtures/digital_trade/derived.csv", encoding = "UTF-8", check.names = FALSE)
names(d)[1] <- "province"

m <- plm(
  resilience ~ dt + ln_gdp_head + students_share + industry_share + openness + retail_share + fiscal_share,
  data = d, index = c("province", "year"), model = "random"
)
coef(summary(m))
