# Party identification, strong Democrats the base: Newton's steps. In Stata, and no do-file here: mlogit PID ..., base(0)
# From the repository's root: Rscript r_scripts/studies/anes96/party.R

d <- read.csv("fixtures/anes96/data.csv")
X <- cbind(1, log(d$popul + 0.1), d$selfLR, d$age, d$educ, d$income)
Y <- outer(d$PID, 1:6, "==") + 0

k <- ncol(X)
b <- matrix(0, k, 6)
for (step in 1:30) {
  P <- exp(X %*% b)
  P <- P / (1 + rowSums(P))
  H <- matrix(0, 6 * k, 6 * k)
  for (i in 1:6) for (j in 1:6) {
    H[(i - 1) * k + 1:k, (j - 1) * k + 1:k] <- crossprod(X, X * (P[, i] * ((i == j) - P[, j])))
  }
  b <- b + matrix(solve(H, c(crossprod(X, Y - P))), k)
}
se <- sqrt(diag(solve(H)))
z <- c(b) / se
cbind(c(b), se, z, 2 * pnorm(-abs(z)))
