# Swiss women: who works, a logit. In Stata: logit.do
# From the repository's root: Rscript r_scripts/studies/swiss_labor/logit.R

d <- read.csv("fixtures/swiss_labor/data.csv")
d$age_squared <- d$age^2

m <- glm(participation ~ income + age + education + youngkids + oldkids + foreign + age_squared, binomial, d,
         control = list(epsilon = 1e-16))
coef(summary(m))
