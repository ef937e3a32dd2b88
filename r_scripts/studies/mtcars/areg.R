# Cars: fuel on power within the number of carburettors, clustered by cylinders. In Stata: areg.do
# From the repository's root: Rscript r_scripts/studies/mtcars/areg.R

library(sandwich)
library(lmtest)

# Stata's mpg is a 4-byte float, and this data set's recorded output comes of it
float <- function(x) readBin(writeBin(x, raw(), size = 4), "double", length(x), size = 4)
d <- read.csv("fixtures/mtcars/data.csv")
d$mpg <- float(d$mpg)

m <- lm(mpg ~ hp + factor(carb), d)
coeftest(m, vcov = vcovCL(m, cluster = ~cyl), df = 2)["hp", , drop = FALSE]
