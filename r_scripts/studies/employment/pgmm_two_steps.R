# Employment of 140 UK firms: Blundell and Bond's system GMM by pgmm(), collapsed, Windmeijer's covariance. No do-file: Stata's
# commands weight the levels' moments otherwise.
# From the repository's root: Rscript r_scripts/studies/employment/pgmm_two_steps.R

library(plm)

float <- function(x) readBin(writeBin(x, raw(), size = 4), "numeric", length(x), size = 4)  # Stata's storage of abdata.dta

d <- read.csv("fixtures/employment/data.csv")
logs <- sapply(d[c("emp", "wage", "capital")], function(x) float(log(float(x))))
colnames(logs) <- c("n", "w", "k")
d <- data.frame(firm = d$firm, year = d$year, logs)

m <- pgmm(n ~ lag(n, 1) + w + k | lag(n, 2:99) + lag(w, 2:99), d, index = c("firm", "year"), effect = "individual",
          model = "twosteps", transformation = "ld", collapse = TRUE)
b <- coef(m)
se <- sqrt(diag(vcovHC(m)))
z <- b / se
cbind(b, se, z, 2 * pnorm(-abs(z)))
