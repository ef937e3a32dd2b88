* Wages of young men: pooled OLS with years, clustered by person (Wooldridge, example 14.4). In R: pooled.R
* From the repository's root: do r_scripts/studies/wage_panel/pooled.do

import delimited "fixtures/wage_panel/data.csv", clear asdouble

regress lwage educ black hisp exper expersq married union i.year, vce(cluster nr)
