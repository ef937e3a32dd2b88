* Grunfeld: random effects after Swamy and Arora. In R: random.R
* From the repository's root: do r_scripts/studies/grunfeld/random.do

import delimited "fixtures/grunfeld/data.csv", clear asdouble
xtset firm year

xtreg inv value capital, re sa
