# Petersen's made panel: clustered by firm and year, the smaller number of groups for all. In Stata: both_min.do
# From the repository's root: Rscript r_scripts/studies/petersen/both_min.R

library(sandwich)
library(lmtest)

d <- read.csv("fixtures/petersen/data.csv")

m <- lm(y ~ x, d)
# vcovCL itself would give each part its own G/(G-1): 0.0536 for x, not 0.0553
N <- nrow(d)
V <- vcovCL(m, cluster = ~ firm + year, type = "HC0", cadjust = FALSE) * 10 / 9 * (N - 1) / (N - 2)
coeftest(m, vcov = V, df = 9)

# fixest: feols(y ~ x, d, vcov = ~ firm + year)
