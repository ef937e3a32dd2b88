"""Mediation with 5,000 cluster bootstrap draws, and 10,000 Fisher permutations, on cross-products and by refitting.

    python benchmarks/mediation_speed.py [--all]

31 regions x 9 years, six controls, unit and year effects: the same draws on cross-products (the whole analysis, absorbing,
jackknife and intervals included), by refitting in R (lm.fit with dummies; r_scripts/lib/mediation.R) and by refitting with
pyfixest. The refits are timed on a sample of the draws and multiplied, unless --all asks for every draw in R. One thread
each. Checks that the replicates agree, and prints; asserts no speed.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest

from parity.algebra.moments import products, sample
from parity.analyses.mediation.effects import Model, mediate
from parity.analyses.mediation.r import request
from parity.analyses.replicates.draws import Draws, bootstrap_draws, group_draws, write_draws
from parity.analyses.replicates.replicate import halves
from parity.r.session import get_session

UNITS, PERIODS, DRAWS, PERMUTATIONS = 31, 9, 5_000, 10_000
CONTROLS = tuple(f"c{i}" for i in range(1, 7))
MODEL = Model("y", "x", ("m",), CONTROLS)
R_SAMPLE, PYFIXEST_SAMPLE = 250, 20


def panel() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    rng = np.random.default_rng(1)
    unit, year = np.repeat(np.arange(UNITS), PERIODS), np.tile(np.arange(PERIODS), UNITS)
    x = rng.normal(size=len(unit)) + rng.normal(size=UNITS)[unit] + year / 9
    m = 0.6 * x + rng.normal(size=len(unit)) + rng.normal(size=UNITS)[unit]
    controls = rng.normal(size=(len(CONTROLS), len(unit)))
    y = 0.5 * x + 0.4 * m + controls.sum(axis=0) + rng.normal(size=len(unit)) + year
    return dict(zip((*CONTROLS, "x", "m", "y"), (*controls, x, m, y), strict=True)), {"unit": unit, "year": year}


def seconds(work: Callable[[], object], times: int = 7) -> float:
    """Median duration after one run to warm up."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def once(work: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def say(title: str, ours: float, r: float, r_of: str, theirs: float, py_of: str, apart: tuple[float, float]) -> None:
    print(title)
    print(f"  cross-products            {ours:9.3f} s")
    print(f"  refitting in R            {r:9.1f} s  {r / ours:8,.0f} times as long ({r_of})")
    print(f"  refitting with pyfixest   {theirs:9.1f} s  {theirs / ours:8,.0f} times as long ({py_of})")
    print(f"  largest difference of a replicate: {apart[0]:.1e} to R, {apart[1]:.1e} to pyfixest\n")


def fixest(formula: str, frame: pd.DataFrame) -> pd.Series:
    return pyfixest.feols(f"{formula} | unit + year", frame, vcov="iid", fixef_rm="none").coef()


def mediation(columns, codes, folder: Path, everything: bool) -> None:
    draws = bootstrap_draws(range(UNITS), DRAWS, 20)
    write_draws(draws, folder / "draws.tsv")
    cluster = ("unit", codes["unit"])
    found = mediate(columns, MODEL, effects=codes, cluster=cluster, draws=draws)
    ours = seconds(lambda: mediate(columns, MODEL, effects=codes, cluster=cluster, draws=draws))
    number = DRAWS if everything else R_SAMPLE

    def refit(most: int) -> np.ndarray:
        asked = request(columns, MODEL, codes, codes["unit"], draws=folder / "draws.tsv", first_draws=most)
        return get_session().call("mediation_refit", asked)["replicates"].values

    refit(2)
    r, in_r = once(lambda: refit(number))
    frame = pd.DataFrame(columns | codes)
    rows_of = [np.flatnonzero(codes["unit"] == g) for g in range(UNITS)]
    rest = " + ".join(CONTROLS)

    def by_pyfixest(drawn: np.ndarray) -> float:
        sample_ = frame.iloc[np.concatenate([rows_of[g] for g in drawn])].reset_index(drop=True)
        fixest(f"y ~ x + {rest}", sample_)
        first, second = fixest(f"m ~ x + {rest}", sample_)["x"], fixest(f"y ~ x + m + {rest}", sample_)["m"]
        return first * second

    by_pyfixest(draws.values[0])
    theirs, products_ = once(lambda: [by_pyfixest(drawn) for drawn in draws.values[:PYFIXEST_SAMPLE]])
    indirect = found.replicates["indirect"]
    apart_r = np.abs(in_r[:, 2] * in_r[:, 3] - indirect[:number]).max()
    apart_py = np.abs(np.array(products_) - indirect[:PYFIXEST_SAMPLE]).max()
    say(
        f"mediation on {UNITS} x {PERIODS}, {DRAWS:,} cluster bootstrap draws",
        ours, r * DRAWS / number, "all draws" if everything else f"from {number} draws",
        theirs * DRAWS / PYFIXEST_SAMPLE, f"from {PYFIXEST_SAMPLE} draws", (apart_r, apart_py),
    )  # fmt: skip


def permutations(columns, codes, folder: Path, everything: bool) -> None:
    draws: Draws = group_draws(range(UNITS), 11, PERMUTATIONS, 21)
    write_draws(draws, folder / "groups.tsv")
    regressors = [*CONTROLS, "x"]

    def whole():
        of = products(sample(columns, effects=codes, within=("unit",)), codes["unit"])
        masks = np.zeros((len(draws.values), UNITS))
        np.put_along_axis(masks, draws.values, 1.0, axis=1)
        (inside, outside), _ = halves(of, masks, "y", regressors, "x")
        return inside - outside

    found, ours = whole(), seconds(whole)
    number = PERMUTATIONS if everything else R_SAMPLE
    asked = request(columns, MODEL, codes, codes["unit"], draws=folder / "groups.tsv")
    r, answer = once(lambda: get_session().call("groups_refit", asked | {"first_draws": number}))
    frame = pd.DataFrame(columns | codes)
    formula = f"y ~ x + {' + '.join(CONTROLS)}"

    def by_pyfixest(units: np.ndarray) -> float:
        inside = np.isin(codes["unit"], units)
        return fixest(formula, frame[inside])["x"] - fixest(formula, frame[~inside])["x"]

    by_pyfixest(draws.values[0])
    theirs, gaps = once(lambda: [by_pyfixest(units) for units in draws.values[:PYFIXEST_SAMPLE]])
    apart_r = np.abs(answer["first"].values - answer["second"].values - found[:number]).max()
    apart_py = np.abs(np.array(gaps) - found[:PYFIXEST_SAMPLE]).max()
    say(
        f"difference of two groups on {UNITS} x {PERIODS}, {PERMUTATIONS:,} Fisher permutations of units",
        ours, r * PERMUTATIONS / number, "all draws" if everything else f"from {number} draws",
        theirs * PERMUTATIONS / PYFIXEST_SAMPLE, f"from {PYFIXEST_SAMPLE} draws", (apart_r, apart_py),
    )  # fmt: skip


if __name__ == "__main__":
    columns, codes = panel()
    with tempfile.TemporaryDirectory() as name:
        for measure in (mediation, permutations):
            measure(columns, codes, Path(name), "--all" in sys.argv)
