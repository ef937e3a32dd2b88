* Digital trade and resilience: the baseline, province and year effects. The data are made. In R: baseline_6.R
* From the repository's root: do r_scripts/studies/digital_trade/baseline_6.do
* derived.csv holds the indices and logs; "parity data fixtures/digital_trade --csv" makes it.

import delimited "fixtures/digital_trade/derived.csv", clear asdouble encoding("UTF-8")
encode 省份, generate(province)

reghdfe resilience dt ln_gdp_head students_share industry_share openness retail_share fiscal_share, ///
    absorb(province year) vce(cluster province)
