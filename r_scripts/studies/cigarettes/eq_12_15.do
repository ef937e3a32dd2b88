* Cigarettes in 1995: the price elasticity, sales tax as the instrument (Stock and Watson, 12.15). In R: eq_12_15.R
* From the repository's root: do r_scripts/studies/cigarettes/eq_12_15.do

import delimited "fixtures/cigarettes/data.csv", clear asdouble
generate double lpacks = log(packs)
generate double lprice = log(price / cpi)
generate double lincome = log(income / population / cpi)
generate double tdiff = (taxs - tax) / cpi

ivregress 2sls lpacks lincome (lprice = tdiff) if year == 1995, vce(robust) small
