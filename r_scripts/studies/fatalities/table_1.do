* Traffic deaths and the beer tax: pooled, with the wrong sign (Stock and Watson, table 10.1). In R: table_1.R
* From the repository's root: do r_scripts/studies/fatalities/table_1.do

import delimited "fixtures/fatalities/data.csv", clear asdouble
generate double frate = fatal / pop * 10000

regress frate beertax, vce(robust)
