# Robberies in US states: errors of states within 800 km in one year, and of a state's own years up to two apart (Hsiang 2010).
# No do-file: his ols_spatial_HAC is no command of Stata's.
# From the repository's root: Rscript r_scripts/studies/castle/near_in_time.R

d <- subset(read.csv("fixtures/castle/data.csv"), !is.na(lat)) # none of Alaska and Hawaii
net <- residuals(lm(cbind(log(robbery), post, unemployrt) ~ factor(sid) + factor(year), d))
X <- net[, 2:3]
m <- lm.fit(X, net[, 1])

lat <- matrix(d$lat, nrow(d), nrow(d)) # the length of a degree of longitude is that of either state, by halves
km <- function(at) sqrt((111 * outer(d$lat, d$lat, "-"))^2 + (111 * cos(at * pi / 180) * outer(d$lon, d$lon, "-"))^2)
bartlett <- function(far) pmax(1 - far, 0)
near <- (bartlett(km(lat) / 800) + bartlett(km(t(lat)) / 800)) / 2 * outer(d$year, d$year, "==")
apart <- abs(outer(d$year, d$year, "-"))
own <- bartlett(apart / 3) * (apart > 0) * outer(d$sid, d$sid, "==")

bread <- solve(crossprod(X))
V <- bread %*% crossprod(X, (near + own) * outer(m$residuals, m$residuals)) %*% X %*% bread
se <- sqrt(diag(V))
z <- m$coefficients / se
cbind(m$coefficients, se, z, 2 * pnorm(-abs(z)))
