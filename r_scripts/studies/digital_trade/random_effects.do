* Digital trade and resilience: random effects. The data are made. In R: random_effects.R
* From the repository's root: do r_scripts/studies/digital_trade/random_effects.do
* derived.csv holds the indices and logs; "parity data fixtures/digital_trade --csv" makes it.

import delimited "fixtures/digital_trade/derived.csv", clear asdouble encoding("UTF-8")
encode 省份, generate(province)
xtset province year

xtreg resilience dt ln_gdp_head students_share industry_share openness retail_share fiscal_share, re
