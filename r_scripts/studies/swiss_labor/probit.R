# Swiss women: who works, a probit whose errors are of the expected information. No do-file: Stata's are of the observed one
# From the repository's root: Rscript r_scripts/studies/swiss_labor/probit.R

d <- read.csv("fixtures/swiss_labor/data.csv")
d$age_squared <- d$age^2

m <- glm(participation ~ income + age + education + youngkids + oldkids + foreign + age_squared, binomial("probit"), d,
         control = list(epsilon = 1e-16))
coef(summary(m))
