"""How long one explanation takes: a panel of 300 rows, and 100,000 rows of 1,000 units. Beside it, one fit of pyfixest.

    python benchmarks/diagnose_speed.py

Typed numbers (a coefficient and a standard error) and full estimates (every coefficient and the whole covariance), each
for causes that are found, and for numbers of no cause. The first explanation of a process also pays for imports, so one
is made and thrown away before. Wall time, and in brackets the processor's, which other work on the machine doesn't move.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_estimate, explain_targets
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import Numbers
from parity.diagnose.scenario import Scenario
from parity.results.estimate import Estimate, Part, Reported
from parity.study.load import load_study
from parity.study.spec import Spec
from parity.study.study import Study

TOML = """
[study]
title = "Made panel"
made = true
data = "data.parquet"
unit = "unit"
time = "time"

[spec.two_way]
formula = "y ~ x1 + x2 | unit + time"
vcov = { cluster = ["unit"] }
convention = "reghdfe"
"""
CAUSES: dict[str, Callable[[Scenario], Scenario]] = {
    "counts nested effects": lambda w: w.with_convention(count_fixef="full"),
    "another covariance": lambda w: w.with_spec(vcov=w.spec.vcov.model_copy(update={"kind": "HC1", "cluster": ()})),
    "year effects left out": lambda w: w.with_spec(formula=replace(w.spec.formula, effects=w.spec.formula.effects[:1])),
}


def made(units: int, periods: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = units * periods
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    x1, x2 = rng.standard_normal(n) + 0.01 * unit, rng.standard_normal(n)
    y = x1 - x2 + rng.standard_normal(units)[unit] + 0.1 * period + rng.standard_normal(n) * (1 + (unit % 3))
    return pd.DataFrame({"unit": unit, "time": period, "y": y, "x1": x1, "x2": x2})


def answers(study: Study, spec: Spec, frame: pd.DataFrame) -> dict[str, Numbers]:
    """What the other side says, by cause; noise is off by 1e-6 of itself."""
    fitter, rng = Fitter(study, frame), np.random.default_rng(2)
    out = {name: fitter.numbers(change(Scenario(spec))) for name, change in CAUSES.items()}
    right = fitter.numbers(Scenario(spec))
    out["noise"] = replace(
        right, coef=right.coef * (1 + 1e-6 * rng.standard_normal(2)), vcov=right.vcov * (1 + 1e-6 * rng.standard_normal())
    )  # fmt: skip
    return out


def estimate(numbers: Numbers) -> Estimate:
    return Estimate(
        engine="other", terms=numbers.terms, coef=tuple(numbers.coef.tolist()), basis="as shipped",
        parts=(Part(matrix=numbers.vcov.tolist()),), df_t=float(numbers.df), reported=Reported(nobs=numbers.nobs),
    )  # fmt: skip


def measure(units: int, periods: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made(units, periods).to_parquet(Path(folder) / "data.parquet")
        (Path(folder) / "study.toml").write_text(TOML)
        study = load_study(folder)
        frame = load_frame(study)
        spec = study.specs[0]
        given = answers(study, spec, frame)
        reference = estimate(Fitter(study, frame).numbers(Scenario(spec)))
        print(f"{units * periods:,} rows, {units:,} units: one fit of pyfixest {_pyfixest(frame):.2f} s")
        for name, numbers in given.items():
            off = 1.2345 if name == "noise" else 1.0
            typed = {"coef": f"{numbers.coef[0]:.8f}", "se": f"{numbers.se[0] * off:.10f}"}
            targets = [TargetNumber(quantity, "x1", text) for quantity, text in typed.items()]
            _timed(f"typed, {name}", lambda t=targets: explain_targets(study, spec, frame, t))
            _timed(f"estimate, {name}", lambda n=numbers: explain_estimate(study, spec, frame, reference, estimate(n)))


def _timed(name: str, explain: Callable) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    answer = explain()
    took, busy = time.perf_counter() - wall, time.process_time() - cpu
    said = " + ".join(answer.causes[0].ids) if answer.causes else answer.verdict
    print(f"  {name}: {took:.2f} s ({busy:.2f}), {answer.worlds} worlds: {said}", flush=True)


def _pyfixest(frame: pd.DataFrame) -> float:
    import pyfixest

    pyfixest.feols("y ~ x1 + x2 | unit + time", frame.head(1000), vcov={"CRV1": "unit"})
    start = time.perf_counter()
    pyfixest.feols("y ~ x1 + x2 | unit + time", frame, vcov={"CRV1": "unit"})
    return time.perf_counter() - start


if __name__ == "__main__":
    measure(30, 10)
    measure(30, 10)
    measure(1_000, 100)
