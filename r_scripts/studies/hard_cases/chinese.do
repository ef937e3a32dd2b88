* Made data: Chinese names and one with a space, two effects, clustered by province. In R: chinese.R
* From the repository's root: do r_scripts/studies/hard_cases/chinese.do

import delimited "fixtures/hard_cases/data.csv", clear asdouble encoding("UTF-8")
generate double lgdp = log(人均gdp)
encode 省, generate(province)

reghdfe 韧性 数字贸易 lgdp, absorb(province year) vce(cluster province)
