* Married women: the return to schooling, parents' schooling as instruments (Wooldridge, example 15.5). In R: iv_15_5.R
* From the repository's root: do r_scripts/studies/mroz/iv_15_5.do

import delimited "fixtures/mroz/data.csv", clear asdouble

ivregress 2sls lwage exper expersq (educ = motheduc fatheduc) if inlf == 1, small
