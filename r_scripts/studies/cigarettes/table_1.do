* Cigarettes: ten-year differences, one instrument (Stock and Watson, table 12.1). In R: table_1.R
* From the repository's root: do r_scripts/studies/cigarettes/table_1.do

import delimited "fixtures/cigarettes/data.csv", clear asdouble
encode state, generate(id)
generate double lpacks = log(packs)
generate double lprice = log(price / cpi)
generate double lincome = log(income / population / cpi)
generate double tdiff = (taxs - tax) / cpi

sort id year
foreach v of varlist lpacks lprice lincome tdiff {
    by id: generate double d_`v' = `v' - `v'[_n-1]
}

ivregress 2sls d_lpacks d_lincome (d_lprice = d_tdiff), vce(robust) small
