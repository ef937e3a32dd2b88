* Petersen's made panel: clustered by firm; he prints 0.0506. In R: firm.R
* From the repository's root: do r_scripts/studies/petersen/firm.do

import delimited "fixtures/petersen/data.csv", clear asdouble

regress y x, vce(cluster firm)
