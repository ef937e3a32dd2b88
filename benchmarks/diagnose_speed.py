"""How long one explanation takes: a bundled panel, and 100,000 rows of 1,000 units. Beside it, one fit of pyfixest.

    python benchmarks/diagnose_speed.py
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from parity.data import load_frame
from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.bench import Bench
from parity.diagnose.world import World
from parity.study import load_study

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


def made(units: int, periods: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = units * periods
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    x1, x2 = rng.standard_normal(n) + 0.01 * unit, rng.standard_normal(n)
    y = x1 - x2 + rng.standard_normal(units)[unit] + rng.standard_normal(n) * (1 + (unit % 3))
    return pd.DataFrame({"unit": unit, "time": period, "y": y, "x1": x1, "x2": x2})


def measure(units: int, periods: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made(units, periods).to_parquet(Path(folder) / "data.parquet")
        (Path(folder) / "study.toml").write_text(TOML)
        study = load_study(folder)
        frame = load_frame(study)
        spec = study.specs[0]
        print(f"{units * periods:,} rows, {units:,} units: one fit of pyfixest {_pyfixest(frame):.2f} s")
        for name, change in {
            "counting": lambda w: w.with_convention(count_fixef="full"),
            "nonsense": lambda w: w,
        }.items():
            numbers = Bench(study, frame).numbers(change(World(spec)))
            off = 1.2345 if name == "nonsense" else 1.0
            typed = {"coef": f"{numbers.coef[0]:.8f}", "se": f"{numbers.se[0] * off:.10f}"}
            targets = [TargetNumber(quantity, "x1", text) for quantity, text in typed.items()]
            start = time.perf_counter()
            answer = explain_targets(study, spec, frame, targets)
            print(f"  {name}: {answer.verdict}, {answer.worlds} worlds, {time.perf_counter() - start:.2f} s")


def _pyfixest(frame: pd.DataFrame) -> float:
    import pyfixest

    pyfixest.feols("y ~ x1 + x2 | unit + time", frame.head(1000), vcov={"CRV1": "unit"})
    start = time.perf_counter()
    pyfixest.feols("y ~ x1 + x2 | unit + time", frame, vcov={"CRV1": "unit"})
    return time.perf_counter() - start


if __name__ == "__main__":
    measure(30, 10)
    measure(1_000, 100)
