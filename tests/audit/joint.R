# Joint inference over specifications by the definitions, in base R, from files of numbers: an independent implementation.
arguments <- commandArgs(trailingOnly = TRUE)
observed <- as.matrix(read.csv(arguments[1], header = FALSE)) # rows: coef, t, df
coefs <- as.matrix(read.csv(arguments[2], header = FALSE))
ts <- as.matrix(read.csv(arguments[3], header = FALSE))
level <- as.numeric(arguments[4])
df <- observed[3, ]

curve <- function(coef, t) {
  p <- 2 * pt(-abs(t), df)
  sign_of_most <- sign(sum(coef > 0) - sum(coef < 0))
  significant <- function(s) sum(p < level & sign(t) == s)
  if (sign_of_most == 0) sign_of_most <- sign(significant(1) - significant(-1))
  share <- if (sign_of_most == 0) max(significant(1), significant(-1)) else significant(sign_of_most)
  z <- sign(t) * qnorm(p / 2, lower.tail = FALSE)
  c(median(coef), share / length(coef), sum(z) / sqrt(length(z)))
}

real <- curve(observed[1, ], observed[2, ])
null <- sapply(seq_len(nrow(ts)), function(b) curve(coefs[b, ], ts[b, ]))
# the median is compared in units of the median standard error
judged <- replace(real, 1, real[1] / median(observed[1, ] / observed[2, ]))
by <- null
by[1, ] <- null[1, ] / apply(coefs / ts, 1, median)
joint <- (1 + rowSums(abs(by) >= abs(judged) - 1e-12)) / (1 + ncol(null))

# step-down min-p: the smallest p first; each is compared with the minimum over those that are left
p <- 2 * pt(-abs(observed[2, ]), df)
drawn <- t(apply(ts, 1, function(t) 2 * pt(-abs(t), df)))
adjusted <- rep(NA_real_, length(p))
left <- seq_along(p)
largest <- 0
while (length(left) > 0) {
  at <- left[which.min(p[left])]
  minima <- apply(drawn[, left, drop = FALSE], 1, min)
  largest <- max(largest, (1 + sum(minima <= p[at] * (1 + 1e-9))) / (1 + nrow(ts)))
  adjusted[at] <- largest
  left <- setdiff(left, at)
}
cat(sprintf("%.17g", c(real, joint, adjusted)), sep = "\n")
