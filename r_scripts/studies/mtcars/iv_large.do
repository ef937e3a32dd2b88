* Cars: fuel on power, the gearbox as the instrument, large-sample standard errors and z. In R: iv_large.R
* From the repository's root: do r_scripts/studies/mtcars/iv_large.do

import delimited "fixtures/mtcars/data.csv", clear asdouble

ivregress 2sls mpg (hp = am), vce(robust)
