"""No number depends on the hash seed, the number of jobs, the order of rows or columns, or how units are named."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"

#: Numbers are divided by their scale; sums taken in another order differ by this much at the most.
SAME = 1e-12

#: pyfixest solves the normal equations, which square the condition number: one digit more goes with another order.
SAME_BY_NORMAL_EQUATIONS = 1e-11


def numbers(folder: Path, seed: str = "0", jobs: int = 2, python_only: bool = False) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).parent / "harmonised_numbers.py"), str(folder), "--jobs", str(jobs)]
    command += ["--python-only"] if python_only else []
    env = os.environ | {"PYTHONHASHSEED": seed}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_same(before: dict[str, float], after: dict[str, float], tolerance: float) -> None:
    assert before.keys() == after.keys()
    assert len(before) > 100
    apart = {k: abs(before[k] - after[k]) for k in before if before[k] != after[k]}

    def alike(key: str) -> bool:
        allowed = SAME_BY_NORMAL_EQUATIONS if "|py-pyfixest|" in key else tolerance
        return apart[key] <= allowed or (math.isnan(before[key]) and math.isnan(after[key]))

    worst = {k: v for k, v in apart.items() if not alike(k)}
    assert not worst, sorted(worst.items(), key=lambda kv: -kv[1])[:5]


@pytest.fixture(scope="module")
def grunfeld() -> dict[str, float]:
    return numbers(FIXTURES / "grunfeld")


@pytest.mark.parametrize("seed", ["1", "2", "5", "42"])
def test_hash_seed(grunfeld, seed):
    """pyfixest's own clustered standard errors move with the seed; parity's numbers don't."""
    python = {k: v for k, v in grunfeld.items() if "|py-" in k}
    assert_same(python, numbers(FIXTURES / "grunfeld", seed, python_only=True), SAME)


def test_jobs(grunfeld):
    assert_same(grunfeld, numbers(FIXTURES / "grunfeld", jobs=1), 0.0)


def shuffled(folder: Path, target: Path, rng: np.random.Generator) -> Path:
    """The study with rows and columns in another order."""
    target.mkdir()
    frame = pd.read_csv(folder / "data.csv", dtype=str, keep_default_na=False)
    frame = frame.iloc[rng.permutation(len(frame)), rng.permutation(frame.shape[1])]
    frame.to_csv(target / "data.csv", index=False)
    (target / "study.toml").write_text((folder / "study.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return target


@pytest.mark.parametrize("study", ["grunfeld", "mtcars", "job_training"])
def test_order_of_rows_and_columns(tmp_path, study):
    other = shuffled(FIXTURES / study, tmp_path / study, np.random.default_rng(7))
    assert_same(numbers(FIXTURES / study), numbers(other), SAME)


def test_names_of_units(grunfeld, tmp_path):
    """Firms 1..10 under names that sort in another order, none of them a number."""
    target = tmp_path / "grunfeld"
    target.mkdir()
    frame = pd.read_csv(FIXTURES / "grunfeld" / "data.csv", dtype=str)
    new = ["庚", "b_z", "é", "a_9", "Ω", "甲", "x_X", "_0", "ñandú", "’q"]
    names = {str(i): name for i, name in enumerate(new, start=1)}
    frame["firm"] = frame["firm"].map(names)
    assert frame["firm"].notna().all()
    frame.to_csv(target / "data.csv", index=False)
    toml = (FIXTURES / "grunfeld" / "study.toml").read_text(encoding="utf-8")
    (target / "study.toml").write_text(toml, encoding="utf-8")
    renamed = {_numbered(k, names): v for k, v in numbers(target).items()}
    assert_same(grunfeld, renamed, SAME)


def _numbered(key: str, names: dict[str, str]) -> str:
    """Terms such as `firm::甲:value` under the old name of their firm; a covariance's pair in the old order."""
    spec, engine, quantity, term = key.split("|")
    for number, name in names.items():
        term = term.replace(f"::{name}", f"::{number}")
    if " x " in term:
        term = " x ".join(sorted(term.split(" x ")))
    return "|".join([spec, engine, quantity, term])
