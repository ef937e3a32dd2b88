* Boating trips to a lake, robust errors. In R: poisson_robust.R
* From the repository's root: do r_scripts/studies/recreation/poisson_robust.do

import delimited "fixtures/recreation/data.csv", clear asdouble case(preserve)

poisson trips quality ski income userfee costC costS costH, vce(robust)
