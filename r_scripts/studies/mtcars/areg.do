* Cars: fuel on power within the number of carburettors, clustered by cylinders. In R: areg.R
* From the repository's root: do r_scripts/studies/mtcars/areg.do

import delimited "fixtures/mtcars/data.csv", clear

areg mpg hp, absorb(carb) vce(cluster cyl)
