* The columns of a small table, as somebody wrote them.
global root "C:/Users/somebody/paper"
import delimited "$root/data.csv", clear
xtset firm year
gen linv = ln(inv)
winsor2 value, cuts(1 99) replace
global controls capital

eststo clear
eststo main: reghdfe linv value $controls, absorb(firm year) vce(cluster firm)
eststo panel: xtreg linv value $controls i.year if year > 1940, fe vce(robust)
eststo iv: ivregress 2sls linv $controls (value = L.value), vce(cluster firm)
tobit inv value, ll(0)
gen late = year > 1945 & $cutoff
