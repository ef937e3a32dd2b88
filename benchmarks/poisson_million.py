"""Poisson with two fixed effects on a million rows: parity's own maximum beside pyfixest's fepois, in one process.

    OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/poisson_million.py [ROWS] [RUNS]

Processor seconds, the least of the runs of each, estimate and covariance clustered by the first effect; firms of some fifty
rows, a hundred years, two regressors. pyfixest runs once on few rows before, so that nothing is compiled while it is timed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from parity.engines.own import fit as own
from parity.sample.build import build_design
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

SPEC = Spec(id="counts", formula="y ~ x + z | firm + year", model="poisson", vcov={"cluster": ["firm"]}, convention="feglm")


def data(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    firm, year = rng.integers(0, max(rows // 50, 2), rows), rng.integers(0, 100, rows)
    x, z = rng.normal(size=rows), rng.normal(size=rows)
    level = rng.normal(size=firm.max() + 1)[firm] / 2 + rng.normal(size=100)[year] / 3
    frame = pd.DataFrame({"firm": firm, "year": year, "x": x + level / 3, "z": z})
    return frame.assign(y=rng.poisson(np.exp(0.5 + 0.3 * frame.x - 0.2 * z + level)).astype(float))


def seconds(run: Callable[[], object], runs: int) -> tuple[float, object]:
    """Of the processor, the least; and what the last run gave."""
    taken, answer = [], None
    for _ in range(runs):
        start = time.process_time()
        answer = run()
        taken.append(time.process_time() - start)
    return min(taken), answer


def by_pyfixest(frame: pd.DataFrame):
    import pyfixest

    return pyfixest.fepois("y ~ x + z | firm + year", frame, vcov={"CRV1": "firm"}, iwls_tol=1e-10)


def by_parity(frame: pd.DataFrame):
    study = Study(folder=Path("counts"), header=Header(title="counts", made=True), derive={}, index={}, specs=(SPEC,),
                  published=())  # fmt: skip
    design = build_design(study, SPEC, frame)
    return own.estimate(SPEC, design)


def main(rows: int = 1_000_000, runs: int = 1) -> None:
    by_pyfixest(data(5_000))
    by_parity(data(5_000))
    frame = data(rows)
    mine, answer = seconds(lambda: by_parity(frame), runs)
    theirs, fit = seconds(lambda: by_pyfixest(frame), runs)
    off = max(abs(np.array(answer.coef) - fit.coef().to_numpy()))
    print(f"{rows:,} rows, {frame.firm.nunique():,} firms, {frame.year.nunique()} years")
    print(f"parity {mine:.1f} s, pyfixest {theirs:.1f} s, ratio {mine / theirs:.2f}; coefficients differ by {off:.1e}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
