"""Logit, probit and Poisson without effects: parity's own maximum beside statsmodels' Newton, in one process.

    OPENBLAS_NUM_THREADS=1 python benchmarks/likelihood_speed.py [ROWS] [COLUMNS]

Processor seconds, the least of three runs of each, estimate and covariance; by default 200,000 rows and 10 columns.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import statsmodels.api as sm

from parity.algebra.likelihood import maximise
from parity.base.tolerance import LIKELIHOOD_STEP


def seconds(run: Callable[[], object]) -> float:
    """Of the processor, least of three."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return min(taken)


def main(rows: int = 200_000, columns: int = 10) -> None:
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(rows), rng.normal(size=(rows, columns - 1))])
    index = x @ rng.normal(size=columns) * 0.3
    y = (rng.uniform(size=rows) < 1 / (1 + np.exp(-index))).astype(float)
    counts = rng.poisson(np.exp(0.3 * index)).astype(float)
    print(f"{rows:,} rows, {columns} columns\n{'':10}{'parity':>10}{'statsmodels':>14}{'ratio':>8}")
    for link, model, outcome in (("logit", sm.Logit, y), ("probit", sm.Probit, y), ("poisson", sm.Poisson, counts)):
        own = seconds(lambda: maximise(x, outcome, link))  # noqa: B023
        options = {"disp": 0, "method": "newton", "tol": LIKELIHOOD_STEP, "maxiter": 100}
        other = seconds(lambda: model(outcome, x).fit(**options).cov_params())  # noqa: B023
        print(f"{link:10}{own:10.3f}{other:14.3f}{own / other:8.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
