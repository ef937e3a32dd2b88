* Card: the return to schooling, a college nearby as the instrument (Wooldridge, example 15.4). In R: iv_15_4.R
* From the repository's root: do r_scripts/studies/card/iv_15_4.do

import delimited "fixtures/card/data.csv", clear asdouble

* small: N/(N-K) and t, as R has them; without it sqrt(N) and z
ivregress 2sls lwage exper expersq black smsa south smsa66 reg662-reg669 (educ = nearc4), vce(robust) small
