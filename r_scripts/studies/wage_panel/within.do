* Wages of young men: effects of persons, dummies of years, clustered by person. In R: within.R
* From the repository's root: do r_scripts/studies/wage_panel/within.do

import delimited "fixtures/wage_panel/data.csv", clear asdouble
xtset nr year

xtreg lwage expersq married union i.year, fe vce(cluster nr)
