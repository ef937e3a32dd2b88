* Grunfeld: investment on value and capital, clustered by firm. In R: pooled.R
* From the repository's root: do r_scripts/studies/grunfeld/pooled.do
* asdouble: as floats, which import makes by default, the eighth digit is another.

import delimited "fixtures/grunfeld/data.csv", clear asdouble

regress inv value capital, vce(cluster firm)
