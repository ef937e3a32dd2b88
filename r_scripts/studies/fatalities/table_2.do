* Traffic deaths and the beer tax: state effects (Stock and Watson, table 10.1, column 2). In R: table_2.R
* From the repository's root: do r_scripts/studies/fatalities/table_2.do

import delimited "fixtures/fatalities/data.csv", clear asdouble
generate double frate = fatal / pop * 10000
encode state, generate(id)
xtset id year

xtreg frate beertax, fe vce(cluster id)
