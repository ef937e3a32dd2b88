* Employment of 140 UK firms: Arellano and Bond's difference GMM in one step, robust. In R: one_step.R
* From the repository's root: do r_scripts/studies/employment/one_step.do

import delimited "fixtures/employment/data.csv", clear
generate n = log(emp)
generate w = log(wage)
generate k = log(capital)
generate ys = log(output)
forvalues t = 1980/1984 {
    generate byte yr`t' = year == `t'
}

xtset firm year
xtabond n l(0/1).w l(0/2).(k ys) yr1980-yr1984 year, lags(2) noconstant vce(robust)
