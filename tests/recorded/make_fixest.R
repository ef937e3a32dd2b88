# fixest's Poisson, logit and probit regressions over formulas and covariances of pyfixest's test_vs_fixest: fixest.json.
#
#     Rscript tests/recorded/make_fixest.R > tests/recorded/fixest.json
#
# Data are pyfixest.csv; counts are whole parts of |Y|, and the binary outcome is whether Y is below its median. Only X1's
# numbers are kept, as that suite compares; small-sample factors are fixest's own.
suppressPackageStartupMessages(library(fixest))
setFixest_notes(FALSE)
setFixest_nthreads(1)
d <- read.csv("tests/recorded/pyfixest.csv")
d$count <- floor(abs(d$Y))
d$binary <- as.numeric(d$Y < median(d$Y, na.rm = TRUE))
right <- c("X1", "X1 + X2", "X1 | f2", "X1 | f2 + f3", "X1 + X2 | f1", "X1 + exp(X2)", "X1 + i(f1, ref = 1)",
           "X1 + i(f1, ref = 1) | f2", "X1 + X2:f1", "X1 + X2:f1 | f3", "X1 + i(f1, X2)", "X1 + I(X2^2)", "X1*X2", "X1*X2 | f1 + f2",
           "X1 | f2^f3")
covariances <- list(iid = "iid", hetero = "hetero", group_id = ~group_id)
number <- function(x) formatC(x, digits = 17, format = "g")
out <- character()
for (model in c("poisson", "logit", "probit")) for (formula in right) for (name in names(covariances)) {
  y <- if (model == "poisson") "count" else "binary"
  arguments <- list(stats::as.formula(paste(y, "~", formula)), d, vcov = covariances[[name]], glm.tol = 1e-12, fixef.tol = 1e-11,
                    glm.iter = 200, fixef.iter = 1e5)
  fit <- tryCatch(
    if (model == "poisson") do.call(fepois, arguments) else do.call(feglm, c(arguments, list(family = binomial(model)))),
    error = function(e) { message(model, " ", formula, " ", name, ": ", conditionMessage(e)); NULL }
  )
  if (is.null(fit)) next
  row <- coeftable(fit)["X1", ]
  out <- c(out, sprintf('{"model": "%s", "formula": "%s ~ %s", "vcov": "%s", "nobs": %d, "coef": %s, "se": %s, "t": %s, "p": %s}',
                        model, y, formula, name, as.integer(fit$nobs), number(row[[1]]), number(row[[2]]), number(row[[3]]), number(row[[4]])))
}
cat(sprintf('{"fixest": "%s", "R": "%s", "cases": [\n%s\n]}\n', packageVersion("fixest"), getRversion(), paste(out, collapse = ",\n")))
