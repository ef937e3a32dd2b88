* Card: the return to schooling by OLS, with regions (Wooldridge, example 15.4). In R: ols.R
* From the repository's root: do r_scripts/studies/card/ols.do

import delimited "fixtures/card/data.csv", clear asdouble

regress lwage educ exper expersq black smsa south smsa66 reg662-reg669, vce(robust)
