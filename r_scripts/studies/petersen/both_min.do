* Petersen's made panel: clustered by firm and year, the smaller number of groups for all. In R: both_min.R
* From the repository's root: do r_scripts/studies/petersen/both_min.do

import delimited "fixtures/petersen/data.csv", clear asdouble

reghdfe y x, noabsorb vce(cluster firm year)
