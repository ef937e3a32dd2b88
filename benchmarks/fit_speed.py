"""Speed of parity's own estimator as ratios to one pyfixest fit, measured side by side in one run. Prints; asserts nothing.

    python benchmarks/fit_speed.py

Each figure is the median of several runs, after one that warms up (pyfixest compiles on its first fit). All have one
thread, as in parity's workers.
"""

from __future__ import annotations

import os

# before numpy is imported, which reads them once
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pyfixest

from parity.conventions.facts import Facts
from parity.engines.own.fit import covariances, solve, uncorrected
from parity.sample.design import Design
from parity.study.spec import Vcov

SLOPES = ("x1", "x2", "x3")


def panel(units: int, periods: int) -> Design:
    """A balanced panel with unit and period effects, three regressors."""
    rng = np.random.default_rng(1)
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    n = units * periods
    x = rng.normal(size=(n, 3)) + rng.normal(size=(units, 3))[unit]
    y = x.sum(axis=1) + rng.normal(size=units)[unit] + rng.normal(size=periods)[period] + rng.normal(size=n)
    codes = {"unit": unit, "period": period}
    none = np.empty((n, 0))
    return Design(
        y, x, SLOPES, False, none, (), none, (), codes, {"unit": unit}, unit, period, None, None, np.arange(n),
        Facts(n, n, 3, False),
    )  # fmt: skip


def seconds(work: Callable[[], object], least: float = 0.5) -> float:
    """Median duration over runs that take `least` seconds together, after one to warm up."""
    work()
    taken: list[float] = []
    while sum(taken) < least or len(taken) < 3:
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure(units: int, periods: int) -> None:
    design = panel(units, periods)
    frame = pd.DataFrame({"y": design.y, **dict(zip(SLOPES, design.x.T, strict=True)), **design.effects})
    formula = f"y ~ {' + '.join(SLOPES)} | unit + period"
    theirs = seconds(lambda: pyfixest.feols(formula, frame, vcov={"CRV1": "unit"}))
    fit = solve(design)
    fit.pull  # noqa: B018  the first covariance forms it
    by_unit = Vcov(kind="CR0", cluster=("unit",))
    by_both = Vcov(kind="CR0", cluster=("unit", "period"))
    print(f"{units} units x {periods} periods; pyfixest.feols {theirs * 1e3:.1f} ms")
    for name, work in {
        "solve": lambda: solve(design),
        "solve and covariance by unit": lambda: uncorrected(solve(design), by_unit),
        "one more covariance by unit": lambda: covariances(fit, by_unit),
        "one more covariance by unit and period": lambda: covariances(fit, by_both, design.effects),
        "one more HC0": lambda: covariances(fit, Vcov(kind="HC0")),
        "HC3": lambda: covariances(replace(fit), Vcov(kind="HC3")),
        "Driscoll-Kraay, 4 lags": lambda: covariances(fit, Vcov(kind="DK", lags=4)),
        "Newey-West, 4 lags": lambda: covariances(fit, Vcov(kind="NW", lags=4)),
    }.items():
        ours = seconds(work)
        print(f"  {name:40} {ours * 1e3:9.3f} ms   pyfixest takes {theirs / ours:7.1f} times as long")


if __name__ == "__main__":
    for shape in ((15, 20), (1_000, 100)):
        measure(*shape)
