"""Every model of a spec beside its package: `python benchmarks/models_speed.py [ROWS [MODEL ...]]`, in one process.

Processor seconds, the least of three, from one frame of numbers without a missing one to coefficients and covariance.
`rows`: what parity chooses once for all engines of a spec, that is everything before an estimate: columns, missing rows,
order, rows that are predicted perfectly, collinear columns, counts; `estimate`: its own engine's. `package`: what its user
calls, from the same frame: of statsmodels and pyfixest a formula, which reads columns and leaves missing rows out, and in
pyfixest singletons, separated rows and collinear columns; of linearmodels columns of the frame. `ratio`: of estimate to
package; `both`: of rows and estimate to it, the honest one. No package is asked for more than parity's answer holds (a
likelihood of the constant alone is in parity's, and isn't asked of statsmodels). statsmodels has least squares, logit,
probit, Poisson and categories, pyfixest effects, linearmodels instruments and panels. No package in Python has a tobit: it
stands beside R's survreg, `-` where R is not installed; there only `survreg(formula, data)` is timed. Firms of twenty years;
by default 100,000 rows. `off`: the largest difference of a coefficient, of itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import linearmodels as lm
import numpy as np
import pandas as pd
import pyfixest as pf
import statsmodels.formula.api as smf

from parity.engines.own.declared import ENGINE
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

X, Z = ["x", "v", "w"], ["z1", "z2"]
PLAIN, EFFECTS, IV = "y ~ x + v + w", "y ~ x + v + w | firm + year", "y ~ v + w | 0 | x ~ z1 + z2"
CATEGORY = PLAIN.replace("y", "c", 1)
BINARY, COUNT = PLAIN.replace("y", "d", 1), PLAIN.replace("y", "n", 1)
CLUSTERED = {"cluster": ["firm"]}


def data(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    firm, year = np.repeat(np.arange(rows // 20), 20), np.tile(np.arange(20), rows // 20)
    n = len(firm)
    v, w, z1, z2, e = rng.normal(size=(5, n))
    level = rng.normal(size=firm.max() + 1)[firm] / 2 + rng.normal(size=20)[year] / 3
    x = 0.5 * z1 + 0.3 * z2 + 0.5 * e + rng.normal(size=n) + level / 3
    index = 0.3 * x - 0.2 * v + 0.1 * w + level
    frame = pd.DataFrame({"firm": firm, "year": year, "x": x, "v": v, "w": w, "z1": z1, "z2": z2, "one": 1.0})
    return frame.assign(y=index + e, d=(rng.uniform(size=n) < 1 / (1 + np.exp(-index))).astype(float),
                        n=rng.poisson(np.exp(index)).astype(float), c=np.digitize(index + e, [-1.0, 1.0]).astype(float),
                        t=np.maximum(index + e, 0.0))  # fmt: skip


def instrumented(model: Callable, **fit: object) -> Callable[[pd.DataFrame], object]:
    """A model of linearmodels; its exogenous columns, its endogenous one."""
    fit = {"cov_type": "robust"} | fit
    return lambda d: model(d.y, d[["one", "v", "w"]], d[["x"]], d[Z]).fit(**fit)


def likelihood(model: Callable, formula: str) -> Callable[[pd.DataFrame], object]:
    options = {"disp": 0, "method": "newton", "tol": 1e-12, "maxiter": 100, "cov_type": "HC0"}
    return lambda d: model(formula, d).fit(**options)


def ordered(distribution: str) -> Callable[[pd.DataFrame], object]:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    return lambda d: OrderedModel.from_formula("c ~ 0 + x + v + w", d, distr=distribution).fit(method="bfgs", disp=0)


@dataclass(frozen=True)
class FromR:
    """What a fit in R says of itself: its least processor seconds of three, and its coefficients."""

    seconds: float
    params: dict[str, float]


def survreg(d: pd.DataFrame) -> FromR | None:
    """A tobit below nought by R's survival, its data read before it is timed; None without R."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.csv"
        d[["t", *X]].to_csv(file, index=False, float_format="%.17g")
        code = f"""library(survival); d <- read.csv("{file.as_posix()}"); best <- Inf
            for (i in 1:3) {{ time <- sum(system.time(fit <- survreg(Surv(t, t > 0, type = "left") ~ x + v + w, d,
                dist = "gaussian", control = survreg.control(rel.tolerance = 1e-12)))[1:2]); best <- min(best, time) }}
            cat(best, sprintf("%s %.17g", c(names(coef(fit)), "sigma"), c(coef(fit), fit$scale)), sep = "\n")"""
        said = subprocess.run(["Rscript", "--vanilla", "-e", code], capture_output=True, text=True, check=False)
    if said.returncode:
        return None
    first, *rest = said.stdout.splitlines()
    return FromR(float(first), {name: float(value) for name, value in map(str.split, rest)})


def panel(model: Callable, **fit: object) -> Callable[[pd.DataFrame], object]:
    def run(d: pd.DataFrame) -> object:
        by = d.set_index(["firm", "year"])
        return model(by.y, by[["one", *X]] if model is not lm.FirstDifferenceOLS else by[X]).fit(**fit)

    return run


def fixest(estimate: Callable, formula: str, **more: object) -> Callable[[pd.DataFrame], object]:
    return lambda d: estimate(formula, d, vcov={"CRV1": "firm"}, **more)


#: model -> formula, covariance, convention, model of the spec, the package's fit
MODELS: dict[str, tuple[str, object, str, dict, Callable]] = {
    "ols": (PLAIN, "HC1", "regress", {}, lambda d: smf.ols(PLAIN, d).fit(cov_type="HC1")),
    "ols, effects": (EFFECTS, CLUSTERED, "fixest", {}, fixest(pf.feols, EFFECTS)),
    "2sls": (IV, "HC1", "ivregress", {}, instrumented(lm.IV2SLS)),
    "liml": (IV, "HC1", "ivregress", {"model": "liml"}, instrumented(lm.IVLIML)),
    "fuller": (IV, "HC1", "ivreg2", {"model": "fuller"},
               lambda d: lm.IVLIML(d.y, d[["one", "v", "w"]], d[["x"]], d[Z], fuller=1.0).fit(cov_type="robust")),
    "kclass": (IV, "HC1", "ivreg2", {"model": "kclass", "kappa": 0.5},
               lambda d: lm.IVLIML(d.y, d[["one", "v", "w"]], d[["x"]], d[Z], kappa=0.5).fit(cov_type="robust")),
    "gmm": (IV, "HC1", "ivregress", {"model": "gmm"}, instrumented(lm.IVGMM)),
    "cue": (IV, "HC1", "ivregress", {"model": "cue"}, instrumented(lm.IVGMMCUE)),
    "logit": (BINARY, "HC1", "ml", {"model": "logit"}, likelihood(smf.logit, BINARY)),
    "probit": (BINARY, "HC1", "ml", {"model": "probit"}, likelihood(smf.probit, BINARY)),
    "poisson": (COUNT, "HC1", "ml", {"model": "poisson"}, likelihood(smf.poisson, COUNT)),
    "poisson, effects": (EFFECTS.replace("y", "n", 1), CLUSTERED, "feglm", {"model": "poisson"},
                         fixest(pf.fepois, EFFECTS.replace("y", "n", 1), iwls_tol=1e-10)),
    "logit, effects": ("d ~ x + v + w | year", CLUSTERED, "feglm", {"model": "logit"},
                       fixest(pf.feglm, "d ~ x + v + w | year", family="logit", iwls_tol=1e-10)),
    "probit, effects": ("d ~ x + v + w | year", CLUSTERED, "feglm", {"model": "probit"},
                        fixest(pf.feglm, "d ~ x + v + w | year", family="probit", iwls_tol=1e-10)),
    "mlogit": (CATEGORY, "iid", "ml", {"model": "mlogit", "base": 0},
               lambda d: smf.mnlogit(CATEGORY, d).fit(disp=0, method="newton", tol=1e-12)),
    "ologit": (CATEGORY, "iid", "ml", {"model": "ologit"}, ordered("logit")),
    "oprobit": (CATEGORY, "iid", "ml", {"model": "oprobit"}, ordered("probit")),
    "tobit": (PLAIN.replace("y", "t", 1), "iid", "ml", {"model": "tobit", "lower": 0}, survreg),
    "first_difference": (PLAIN + " - 1", CLUSTERED, "linearmodels", {"model": "first_difference"},
                         panel(lm.FirstDifferenceOLS, cov_type="clustered", cluster_entity=True)),
    "random_effects": (PLAIN, CLUSTERED, "xtreg", {"model": "random_effects"},
                       panel(lm.RandomEffects, cov_type="clustered", cluster_entity=True)),
    "between": (PLAIN, "iid", "xtreg", {"model": "between"}, panel(lm.BetweenOLS)),
}  # fmt: skip


def of_parity(name: str) -> tuple[Callable[[pd.DataFrame], Design], Callable[[Design], object]]:
    """How its rows are chosen, and its estimate."""
    formula, vcov, convention, more, _ = MODELS[name]
    spec = Spec(id="spec", formula=formula, vcov=vcov, convention=convention, **more)
    header = Header(title="models", made=True, unit="firm", time="year")
    study = Study(folder=Path("models"), header=header, derive={}, index={}, specs=(spec,), published=())
    return lambda d: build_design(study, spec, d), lambda design: ENGINE.estimate(spec, design)


def least(run: Callable[[], object], runs: int = 3) -> tuple[float, object]:
    taken, answer = [], None
    for _ in range(runs):
        start = time.process_time()
        answer = run()
        taken.append(time.process_time() - start)
    return min(taken), answer


#: The constant, as packages call it.
NAMES = {"one": "(Intercept)", "Intercept": "(Intercept)"}


def coefficients(fit: object) -> dict[str, float]:
    if isinstance(getattr(fit, "params", None), pd.DataFrame):  # a column an equation, of outcomes counted from the base
        return {f"{j + 1}:{NAMES.get(k, k)}": float(v) for j, column in enumerate(fit.params.to_numpy().T)
                for k, v in zip(fit.params.index, column, strict=True)}  # fmt: skip
    of = fit.coef() if callable(getattr(fit, "coef", None)) else fit.params  # type: ignore[attr-defined]
    return {NAMES.get(k, k): float(v) for k, v in of.items()}


def main(rows: int = 100_000, *names: str) -> None:
    warnings.simplefilter("ignore")
    small, frame = data(2_000), data(rows)
    print(f"{rows:,} rows\n{'':18}{'rows':>8}{'estimate':>10}{'package':>9}{'ratio':>7}{'both':>7}{'off':>10}")
    for name in names or MODELS:
        package = MODELS[name][-1]
        choose, estimate = of_parity(name)
        estimate(choose(small)), package(small)  # nothing is compiled while it is timed
        chosen, design = least(lambda: choose(frame))  # noqa: B023
        # a likelihood's maximum is kept for its design: a new one each time
        mine, answer = min((least(lambda: estimate(replace(design)), 1) for _ in range(3)), key=lambda f: f[0])  # noqa: B023
        theirs, fit = least(lambda: package(frame), 1 if package is survreg else 3)  # noqa: B023
        if package is survreg:
            if fit is None:
                print(f"{name:18}{chosen:8.3f}{mine:10.3f}{'-':>9}{'-':>7}{'-':>7}{'-':>10}", flush=True)
                continue
            theirs = fit.seconds
        own, other = dict(zip(answer.terms, answer.coef, strict=True)), coefficients(fit)
        off = max(abs(own[k] / other[k] - 1) for k in own.keys() & other.keys())
        both = (chosen + mine) / theirs
        print(f"{name:18}{chosen:8.3f}{mine:10.3f}{theirs:9.3f}{mine / theirs:7.2f}{both:7.2f}{off:10.1e}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
