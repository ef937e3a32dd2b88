* Investment of ten firms, 1935-1954
import delimited using "C:\Users\ann\investment\investment.csv", clear
xtset firm year
eststo clear
eststo: regress inv value capital
eststo: regress inv value capital, vce(cluster firm)
eststo: reghdfe inv value capital, absorb(firm year) vce(cluster firm)
esttab using "tables/table1.csv", replace se star(* 0.10 ** 0.05 *** 0.01)
