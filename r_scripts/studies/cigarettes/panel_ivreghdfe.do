* Cigarettes: the panel of both years, state and year effects, two instruments. In R: panel_ivreghdfe.R
* From the repository's root: do r_scripts/studies/cigarettes/panel_ivreghdfe.do

import delimited "fixtures/cigarettes/data.csv", clear asdouble
encode state, generate(id)
generate double lpacks = log(packs)
generate double lprice = log(price / cpi)
generate double lincome = log(income / population / cpi)
generate double tdiff = (taxs - tax) / cpi
generate double rtax = tax / cpi

ivreghdfe lpacks lincome (lprice = tdiff rtax), absorb(id year) cluster(id)
