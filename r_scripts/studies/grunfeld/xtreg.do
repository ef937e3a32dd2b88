* Grunfeld: firm effects and dummies of years, clustered by firm. In R: xtreg.R
* From the repository's root: do r_scripts/studies/grunfeld/xtreg.do

import delimited "fixtures/grunfeld/data.csv", clear asdouble
xtset firm year

xtreg inv capital i.year, fe vce(cluster firm)
