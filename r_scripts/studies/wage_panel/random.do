* Wages of young men: random effects with years. In R: random.R
* From the repository's root: do r_scripts/studies/wage_panel/random.do

import delimited "fixtures/wage_panel/data.csv", clear asdouble
xtset nr year

xtreg lwage educ exper union married i.year, re
