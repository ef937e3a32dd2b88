"""Every model of a spec beside its package's own fit, in one process: `python benchmarks/models_speed.py [ROWS]`.

Processor seconds, the least of three, from a frame and a formula. `rows`: what parity chooses once for all engines of a
spec; `estimate`: its own engine's, with the covariance; `package`: a package's fit and covariance. `ratio`: of estimate to
package; `both`: of rows and estimate to it. statsmodels has least squares, logit, probit and Poisson, pyfixest effects,
linearmodels instruments and panels. Firms of twenty years; by default 100,000 rows. `off`: the largest difference of a
coefficient, of itself.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
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
                        n=rng.poisson(np.exp(index)).astype(float))  # fmt: skip


def instrumented(model: Callable, **fit: object) -> Callable[[pd.DataFrame], object]:
    """A model of linearmodels; its exogenous columns, its endogenous one."""
    fit = {"cov_type": "robust"} | fit
    return lambda d: model(d.y, d[["one", "v", "w"]], d[["x"]], d[Z]).fit(**fit)


def likelihood(model: Callable, formula: str) -> Callable[[pd.DataFrame], object]:
    options = {"disp": 0, "method": "newton", "tol": 1e-12, "maxiter": 100, "cov_type": "HC0"}
    return lambda d: model(formula, d).fit(**options)


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


def coefficients(fit: object) -> dict[str, float]:
    of = fit.coef() if callable(getattr(fit, "coef", None)) else fit.params  # type: ignore[attr-defined]
    return {{"one": "(Intercept)", "Intercept": "(Intercept)"}.get(k, k): float(v) for k, v in of.items()}


def main(rows: int = 100_000) -> None:
    warnings.simplefilter("ignore")
    small, frame = data(2_000), data(rows)
    print(f"{rows:,} rows\n{'':18}{'rows':>8}{'estimate':>10}{'package':>9}{'ratio':>7}{'both':>7}{'off':>10}")
    for name, (*_, package) in MODELS.items():
        choose, estimate = of_parity(name)
        estimate(choose(small)), package(small)  # nothing is compiled while it is timed
        chosen, design = least(lambda: choose(frame))  # noqa: B023
        # a likelihood's maximum is kept for its design: a new one each time
        mine, answer = min((least(lambda: estimate(replace(design)), 1) for _ in range(3)), key=lambda f: f[0])  # noqa: B023
        theirs, fit = least(lambda: package(frame))  # noqa: B023
        own, other = dict(zip(answer.terms, answer.coef, strict=True)), coefficients(fit)
        off = max(abs(own[k] / other[k] - 1) for k in own.keys() & other.keys())
        both = (chosen + mine) / theirs
        print(f"{name:18}{chosen:8.3f}{mine:10.3f}{theirs:9.3f}{mine / theirs:7.2f}{both:7.2f}{off:10.1e}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
