"""How many specifications a second an audit solves, beside packages that estimate them one by one, on one core.

    python benchmarks/audit_speed.py [--controls 14] [--loop 40] [--python OTHER]

Made panels of 31 x 9 and 1,000 x 20: every subset of the controls, two-way fixed effects, standard errors clustered by unit.
The processor's seconds, which other work on the machine hardly lengthens; the least of nine, the audit, its first pass and
its solves by turns. The first pass is all that is done once for a sample: its rows are chosen, its effects taken out, the
clusters' cross-products formed; it is the time of an audit of one specification. Packages that aren't installed are left
out; each estimates `--loop` random subsets of the same panel, `robustipy` and `specification_curve` as they are meant to be
used: fixest by its `mvsw`, every subset of nine of the controls in one call on one thread; robustipy with the units' effects
out, specification_curve with plain least squares, on fewer controls. R looks for fixest where R_LIBS says too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from parity.algebra.subsets import BATCH, within
from parity.audit.plan import plan_of
from parity.audit.run import outcomes
from parity.audit.samples import Pair, absorbed, samples
from parity.audit.space import Space, space_of
from parity.study.load import load_study

ROUNDS = 9
#: Read by the libraries of linear algebra when they are loaded.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def made(units: int, periods: int, controls: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    unit, year = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    n = len(unit)
    c = rng.normal(size=(n, controls)) + rng.normal(size=(units, controls))[unit]
    d = 0.2 * c.sum(axis=1) / controls**0.5 + rng.normal(size=units)[unit] + rng.normal(size=n)
    y = 0.1 * d + 0.1 * c.sum(axis=1) / controls**0.5 + rng.normal(size=units)[unit] + rng.normal(size=n)
    return pd.DataFrame({"unit": unit, "year": year, "y": y, "d": d} | {f"c{i}": x for i, x in enumerate(c.T)})


def space(frame: pd.DataFrame, controls: int, folder: Path) -> Space:
    frame.to_parquet(folder / "data.parquet")
    names = " + ".join(f"c{i}" for i in range(controls))
    (folder / "study.toml").write_text(
        '[study]\ntitle = "Made"\nmade = true\ndata = "data.parquet"\nunit = "unit"\ntime = "year"\n'
        f'[spec.main]\nformula = "y ~ d + {names} | unit + year"\nvcov = {{ cluster = ["unit"] }}\n'
        '[audit.all]\nspec = "main"\ncontrols = "all"\n'
    )
    return space_of(load_study(folder), "all")


def least(*works: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Processor's seconds of each, one after another in every round, so that what slows the machine slows all of them."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, times in zip(works, found, strict=True):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
    return [min(times) for times in found]


def solves(of: Space) -> Callable[[], None]:
    """The batched solves alone: the inverses of every subset's cross-products, nothing else."""
    plan = plan_of(of)
    (part,) = plan.parts
    pair = Pair(0, plan.pairs[0], of.specification(of.base))
    ((_, rows),) = samples(of, (), part.sets, [pair], {})
    owner, free = rows.free(of, ())
    at = absorbed(rows.design, free, of.term_in(())).coordinates()
    every = np.vstack([at.column, at.others])
    gram = every @ every.T
    columns = part.sets[:, owner]
    batches = []
    for k in range(columns.shape[1] + 1):
        held = columns[columns.sum(axis=1) == k]
        which = np.nonzero(held)[1].reshape(len(held), k)
        at = np.hstack([np.zeros((len(held), 1), dtype=np.intp), which + 1])
        batches += [at[start : start + BATCH] for start in range(0, len(at), BATCH)]

    def work() -> None:
        for at in batches:
            np.linalg.inv(within(gram, at))

    return work


def subsets(controls: int, count: int) -> list[list[str]]:
    rng = np.random.default_rng(2)
    return [[f"c{i}" for i in np.flatnonzero(rng.random(controls) < 0.5)] for _ in range(count)]


def pyfixest_loop(frame: pd.DataFrame, chosen: list[list[str]]) -> float:
    import pyfixest as pf

    def work() -> None:
        for names in chosen:
            pf.feols(f"y ~ {' + '.join(['d', *names])} | unit + year", frame, vcov={"CRV1": "unit"})

    pf.feols("y ~ d | unit + year", frame, vcov={"CRV1": "unit"})
    return len(chosen) / least(work, rounds=1)[0]


#: Run by an interpreter that has the package; sys.argv: the data, names of the controls. Prints specifications a second.
ROBUSTIPY = """
import sys, time
import pandas as pd
from robustipy.models import OLSRobust
frame, names = pd.read_csv(sys.argv[1]), sys.argv[2:]
model = OLSRobust(y=["y"], x=["d"], data=frame[["y", "d", "unit", *names]])
start = time.process_time()
model.fit(controls=names, draws=1, group="unit", kfold=2, n_cpu=1, seed=1)
print(2 ** len(names) / (time.process_time() - start))
"""
SPECIFICATION_CURVE = """
import sys, time
import pandas as pd
import specification_curve as sc
frame, names = pd.read_csv(sys.argv[1]), sys.argv[2:]
curve = sc.SpecificationCurve(frame, y_endog=["y"], x_exog=["d"], controls=names)
start = time.process_time()
curve.fit()
print(2 ** len(names) / (time.process_time() - start))
"""


MVSW = """
suppressMessages(library(fixest))
setFixest_nthreads(1)
given <- commandArgs(trailingOnly = TRUE)
frame <- read.csv(given[1])
formula <- as.formula(sprintf("y ~ d + mvsw(%s) | unit + year", paste(given[-1], collapse = ", ")))
invisible(feols(y ~ d | unit + year, frame, cluster = ~unit))
start <- proc.time()
found <- feols(formula, frame, cluster = ~unit)
cat(length(found) / sum((proc.time() - start)[1:2]))
"""


def elsewhere(code: str, command: list[str], frame: pd.DataFrame, controls: int) -> float | None:
    """What a package does a second, in an interpreter that may be another; None where it isn't installed."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.csv"
        frame.to_csv(data, index=False)
        names = [f"c{i}" for i in range(controls)]
        try:
            done = subprocess.run([*command, code, str(data), *names], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return None
    if "ModuleNotFoundError" in done.stderr or "there is no package called" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(done.stdout.split()[-1])


def report(units: int, periods: int, controls: int, loop: int, python: str) -> float:
    frame = made(units, periods, controls)
    with tempfile.TemporaryDirectory() as folder:
        of = space(frame, controls, Path(folder))
        plan = plan_of(of)
        one = replace(plan, parts=[replace(plan.parts[0], packed=plan.parts[0].packed[-1:])], count=1)
        spent, first, alone = least(lambda: outcomes(of, plan), lambda: outcomes(of, one), solves(of))
    rate, after = plan.count / spent, plan.count / (spent - first)
    print(f"{units} x {periods}, {plan.count:,} subsets of {controls} controls, two-way effects, clustered by unit")
    print(f"  audit                    {rate:12,.0f} specifications a second")
    print(f"  after the first pass     {after:12,.0f}, the pass itself {first * 1e3:.0f} ms")
    ratio, whole = (spent - first) / alone, spent / alone
    print(f"  time over that of the batched solves alone: {ratio:.1f}; with the first pass {whole:.1f}")
    beside = {
        "pyfixest": pyfixest_loop(frame, subsets(controls, loop)),
        "fixest's mvsw": elsewhere(MVSW, ["Rscript", "-e"], frame, min(controls, 9)),
        "robustipy": elsewhere(ROBUSTIPY, [python, "-c"], frame, min(controls, 7)),
        "specification_curve": elsewhere(SPECIFICATION_CURVE, [python, "-c"], frame, min(controls, 7)),
    }
    for name, one in beside.items():
        print(f"  {name:<24} " + ("not installed" if one is None else f"{one:12,.1f}, so {rate / one:,.0f} times"))
    return after


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--controls", type=int, default=14)
    parser.add_argument("--loop", type=int, default=40)
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has the other packages")
    given = parser.parse_args()
    if any(os.environ.get(name) != "1" for name in THREADS):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | dict.fromkeys(THREADS, "1"))
    small = report(31, 9, given.controls, given.loop, given.python)
    large = report(1_000, 20, given.controls, max(given.loop // 8, 2), given.python)
    print(f"31 x 9 over 1,000 x 20, after the first pass: {small / large:.1f} times as many specifications a second")


if __name__ == "__main__":
    main()
