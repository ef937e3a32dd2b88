* Swiss women: who works, a logit. In R: logit.R
* From the repository's root: do r_scripts/studies/swiss_labor/logit.do

import delimited "fixtures/swiss_labor/data.csv", clear asdouble
generate double age_squared = age^2

logit participation income age education youngkids oldkids foreign age_squared
