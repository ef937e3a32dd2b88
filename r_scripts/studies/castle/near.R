# Robberies in US states in 2009: Conley's (1999) errors, of states within five degrees. No do-file: x_ols is his, not Stata's.
# From the repository's root: Rscript r_scripts/studies/castle/near.R

d <- subset(read.csv("fixtures/castle/data.csv"), year == 2009 & !is.na(lat)) # none of Alaska and Hawaii
m <- lm(log(robbery) ~ unemployrt + post, d)

near <- function(at) pmax(1 - abs(outer(at, at, "-")) / 5, 0) # Bartlett's weights, multiplied
X <- model.matrix(m)
e <- residuals(m)
bread <- solve(crossprod(X))
V <- bread %*% crossprod(X, near(d$lat) * near(d$lon) * outer(e, e)) %*% X %*% bread

b <- coef(m)
se <- sqrt(diag(V))
t <- b / se
cbind(b, se, t, 2 * pt(-abs(t), df.residual(m)))
