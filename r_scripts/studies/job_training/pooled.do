* Job training grants and scrap rates: pooled OLS, clustered by firm. In R: pooled.R
* From the repository's root: do r_scripts/studies/job_training/pooled.do

import delimited "fixtures/job_training/data.csv", clear asdouble

regress lscrap d88 d89 grant grant_1, vce(cluster fcode)
