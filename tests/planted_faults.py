"""Faults planted on the Python side alone, and clean variations: R's own reading is to turn the first red, the others not.

    PYTHONPATH=tests python -m planted_faults [--faults 400] [--clean 500] [--seed 1]

A fault is drawn from a family (`fault_families.py`) with random choices, for a random study. R's side is read once a study;
a fault costs the Python side alone. Whether it moved anything is told by comparing our own samples, with and without it.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from conftest import FIXTURES
from fault_families import FAMILIES, Context
from made_studies import harder, made, on_disk, variation
from parity.data.load import load_frame
from parity.runs.second_reading import asking
from parity.runs.second_reading.columns import compare_columns, values_of
from parity.runs.second_reading.compare import compare_samples, first_seen
from parity.runs.second_reading.records import second_reading
from parity.runs.second_reading.sample import Sample, of_design
from parity.runs.second_reading.words import given_of
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.study import Study

BUNDLED = ("grunfeld", "hard_cases", "mtcars", "fatalities", "cigarettes", "job_training")
#: Studies that a fault is tried in, until it moves something.
TRIES = 4
#: Relative difference of a number that counts as moved: above what two readings may differ by.
MOVED = 1e-9


@dataclass
class Scenario:
    """A study with R's answers, and our own samples without a fault."""

    study: Study
    n: int
    theirs: dict[str, Sample]
    columns: list[asking.ReadColumn]
    frame: pd.DataFrame
    ours: dict[str, Sample] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """moved: whether a row or number of a sample is another. red: whether R's reading says so. refused: parity stops."""

    family: str
    what: str
    moved: bool = False
    red: bool = False
    refused: bool = False

    @property
    def missed(self) -> bool:
        return self.moved and not self.red


def scenario(study: Study) -> Scenario:
    """Both sides of a study, read once."""
    n = asking.open_study(study.data_path.resolve(), given_of(study))
    theirs = {spec.id: asking.read_sample(spec.id) for spec in study.specs}
    columns = asking.read_columns()
    frame = load_frame(study)
    one = Scenario(study, n, theirs, columns, frame)
    one.ours = samples(study, frame)
    return one


def samples(study: Study, frame: pd.DataFrame) -> dict[str, Sample]:
    """Our samples of the specs that can be estimated."""
    found: dict[str, Sample] = {}
    memo: dict = {}
    for spec in study.specs:
        # a fault may break anything; a run says then that the spec failed
        with contextlib.suppress(Exception):
            found[spec.id] = of_design(build_design(study, spec, frame, memo))
    return found


def plant(one: Scenario, family: Callable, seed: int) -> Outcome:
    """One fault of a family in one study."""
    name = family.__name__
    context = Context(one.study, one.frame, random.Random(seed))
    with family(context) as what:
        if what is None:  # it doesn't apply to this study
            return Outcome(name, "")
        try:
            frame = load_frame(one.study)
        except Exception:
            return Outcome(name, what, refused=True)
        ours = samples(one.study, frame)
        lost = set(one.ours) - set(ours)
        columns = compare_columns(one.columns, one.n, frame, str)
    red = [bool(columns.differences)]
    red += [bool(compare_samples(one.theirs[s], ours[s], str).differences) for s in ours if s in one.theirs]
    moved = frame_moved(one, frame) or any(sample_moved(one.ours[s], ours[s]) for s in ours if s in one.ours)
    return Outcome(name, what, moved=moved, red=any(red), refused=bool(lost) and not moved)


def sample_moved(a: Sample, b: Sample) -> bool:
    """Whether a row, a number, a group or a distance of periods is another; nothing of the comparison with R is used."""
    if not np.array_equal(a.rows, b.rows) or set(a.columns) != set(b.columns) or set(a.groups) != set(b.groups):
        return True
    if any(differ(a.columns[k].values, b.columns[k].values) for k in a.columns):
        return True
    if any(not np.array_equal(first_seen(a.groups[k]), first_seen(b.groups[k])) for k in a.groups):
        return True
    if (a.periods is None) != (b.periods is None):
        return True
    return a.periods is not None and differ(a.periods - a.periods.min(), b.periods - b.periods.min())


def frame_moved(one: Scenario, frame: pd.DataFrame) -> bool:
    """Whether a column that the study reads or derives is another."""
    if len(frame) != len(one.frame):
        return True
    for column in one.columns:
        if column.name not in frame:
            return True
        a, b = (values_of(f, column.name) for f in (one.frame, frame))
        if (a.dtype == object) != (b.dtype == object):
            return True
        if a.tolist() != b.tolist() if a.dtype == object else differ(a, b):
            return True
    return False


def differ(a: np.ndarray, b: np.ndarray) -> bool:
    return len(a) != len(b) or not np.allclose(a, b, rtol=MOVED, atol=0.0, equal_nan=True)


# ---------------------------------------------------------------- the whole


def run_faults(n: int, seed: int, folder: Path, said: Callable[[Outcome, str], None] = lambda *_: None) -> list[Outcome]:
    """n faults that apply, drawn evenly over the families, over bundled and made studies."""
    rng = random.Random(seed)
    pool = [load_study(FIXTURES / name) for name in BUNDLED]
    pool += [on_disk(harder(made(seed * 1000 + i), rng), folder / f"made{seed}-{i}") for i in range(12)]
    pool += [on_disk(variation(seed * 1000 + i), folder / f"varied{seed}-{i}") for i in range(12)]
    scenarios = [scenario(study) for study in pool]
    outcomes: list[Outcome] = []
    turn = 0
    while len(outcomes) < n and turn < 20 * n:
        family = FAMILIES[turn % len(FAMILIES)]
        turn += 1
        outcome = Outcome("", "")
        for one in rng.sample(scenarios, TRIES):
            outcome = plant(one, family, rng.randrange(2**32))
            if outcome.moved or outcome.refused:
                break
        if outcome.what:
            outcomes.append(outcome)
            said(outcome, one.study.id)
    return outcomes


def clean_verdicts(seed: int, folder: Path) -> list[str]:
    """What isn't green in a clean variation; empty where all is."""
    study = on_disk(variation(seed), folder / f"clean{seed}")
    frame, memo = load_frame(study), {}
    found = second_reading(study, frame, lambda spec: of_design(build_design(study, spec, frame, memo)))
    return [f"{r.spec}: {r.verdict}: {r.note}" for r in found if r.verdict != "agree"]


def table(outcomes: list[Outcome]) -> str:
    """A line a family: planted, moved, red, missed, refused by parity itself, without effect."""
    rows: dict[str, Counter] = defaultdict(Counter)
    for o in outcomes:
        kind = "red" if o.moved and o.red else "missed" if o.missed else "refused" if o.refused else "nothing moved"
        for name in (o.family, "all"):
            rows[name].update([kind, "planted"])
    kinds = ("planted", "red", "missed", "refused", "nothing moved")
    lines = [f"{'family':34}" + "".join(f"{k:>15}" for k in kinds)]
    lines += [
        f"{name:34}" + "".join(f"{rows[name][k]:>15}" for k in kinds) for name in sorted(rows, key=lambda r: (r == "all", r))
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--faults", type=int, default=400)
    parser.add_argument("--clean", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)

    def said(outcome: Outcome, study: str) -> None:
        if outcome.missed:
            print(f"MISSED {outcome.family} in {study}: {outcome.what}", flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder, begun = Path(name), time.monotonic()
        outcomes = run_faults(given.faults, given.seed, folder, said)
        print(table(outcomes))
        print(f"{given.faults} faults in {time.monotonic() - begun:.0f} s")
        alarms = 0
        for i in range(given.clean):
            for line in clean_verdicts(given.seed * 10_000 + i, folder):
                alarms += 1
                print(f"FALSE ALARM variation {given.seed * 10_000 + i}: {line}", flush=True)
        print(f"{given.clean} clean variations: {alarms} false alarms")
    return int(alarms > 0 or any(o.missed for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
