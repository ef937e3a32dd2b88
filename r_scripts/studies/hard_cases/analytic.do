* Made data: unit effects, analytic weights, clustered by unit. In R: analytic.R
* From the repository's root: do r_scripts/studies/hard_cases/analytic.do

import delimited "fixtures/hard_cases/data.csv", clear asdouble encoding("UTF-8")

reghdfe y x1 x2 [aweight = aw], absorb(unit) vce(cluster unit)
