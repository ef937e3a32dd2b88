# The vote of 1996, days of news as a sampling weight. In Stata, and no do-file here: mlogit vote ... [pw = TVnews], base(0)
# From the repository's root: Rscript r_scripts/studies/anes96/vote_sampling.R

d <- subset(read.csv("fixtures/anes96/data.csv"), TVnews > 0)

m <- glm(vote ~ selfLR + age + educ + PID, quasibinomial, d, weights = TVnews, control = list(epsilon = 1e-14))
X <- model.matrix(m)
score <- X * (d$TVnews * (d$vote - fitted(m)))
bread <- solve(crossprod(X, X * (d$TVnews * fitted(m) * (1 - fitted(m)))))
n <- nrow(d)
se <- sqrt(diag(n / (n - 1) * bread %*% crossprod(score) %*% bread))
z <- coef(m) / se
cbind(coef(m), se, z, 2 * pnorm(-abs(z)))
