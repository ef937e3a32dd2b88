* Married women: the linear probability of working. In R: participation.R
* From the repository's root: do r_scripts/studies/mroz/participation.do

import delimited "fixtures/mroz/data.csv", clear asdouble

regress inlf nwifeinc educ exper expersq age kidslt6 kidsge6, vce(robust)
