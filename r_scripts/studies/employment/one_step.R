# Employment of 140 UK firms: Arellano and Bond's difference GMM in one step, robust. In Stata: one_step.do
# From the repository's root: Rscript r_scripts/studies/employment/one_step.R

library(plm)

float <- function(x) readBin(writeBin(x, raw(), size = 4), "numeric", length(x), size = 4)  # Stata's storage of abdata.dta

d <- read.csv("fixtures/employment/data.csv")
logs <- sapply(d[c("emp", "wage", "capital", "output")], function(x) float(log(float(x))))
colnames(logs) <- c("n", "w", "k", "ys")
years <- sapply(1980:1984, function(t) as.numeric(d$year == t))
colnames(years) <- paste0("yr", 1980:1984)
d <- data.frame(firm = d$firm, t = d$year, logs, years, trend = d$year)

m <- pgmm(n ~ lag(n, 1:2) + lag(w, 0:1) + lag(k, 0:2) + lag(ys, 0:2) + yr1980 + yr1981 + yr1982 + yr1983 + yr1984 + trend |
            lag(n, 2:99), d, index = c("firm", "t"), effect = "individual", model = "onestep")
se <- sqrt(diag(vcovHC(m)))
z <- coef(m) / se
cbind(coef(m), se, z, 2 * pnorm(-abs(z)))
