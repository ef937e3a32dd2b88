* Boating trips to a lake, a Poisson regression. In R: poisson.R
* From the repository's root: do r_scripts/studies/recreation/poisson.do

import delimited "fixtures/recreation/data.csv", clear asdouble case(preserve)

poisson trips quality ski income userfee costC costS costH
