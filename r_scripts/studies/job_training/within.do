* Job training grants and scrap rates: firm effects (Wooldridge, example 14.1). In R: within.R
* From the repository's root: do r_scripts/studies/job_training/within.do

import delimited "fixtures/job_training/data.csv", clear asdouble
xtset fcode year

xtreg lscrap d88 d89 grant grant_1, fe
