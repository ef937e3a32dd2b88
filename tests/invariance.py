"""The same numbers whatever the hash seed, the jobs, the order of rows and columns, the names of units. All studies:

    python tests/invariance.py [STUDY ...]

Prints, by study and change, how many numbers were compared and the largest change, in units of each number's scale.
`tests/runs/test_invariance.py` holds a part of it at every run.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
SEEDS = ("1", "2", "5", "42")

#: Numbers are divided by their scale; the same sums in another order differ by this much at the most.
SAME = 1e-12


def numbers(folder: Path, seed: str = "0", jobs: int = 2, python_only: bool = False) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).parent / "harmonised_numbers.py"), str(folder), "--jobs", str(jobs)]
    command += ["--python-only"] if python_only else []
    env = os.environ | {"PYTHONHASHSEED": seed}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shuffled(folder: Path, target: Path, rng: np.random.Generator) -> Path:
    """The study with rows and columns in another order."""
    target.mkdir()
    frame = pd.read_csv(folder / "data.csv", dtype=str, keep_default_na=False)
    frame = frame.iloc[rng.permutation(len(frame)), rng.permutation(frame.shape[1])]
    frame.to_csv(target / "data.csv", index=False)
    (target / "study.toml").write_text((folder / "study.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return target


def apart(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Key -> change, for the numbers that changed; a number that one side lacks is infinitely far."""
    out = {k: math.inf for k in before.keys() ^ after.keys()}
    for key in before.keys() & after.keys():
        a, b = before[key], after[key]
        if a != b and not (math.isnan(a) and math.isnan(b)):
            out[key] = math.inf if math.isnan(a) or math.isnan(b) else abs(a - b)
    return out


def main(names: list[str]) -> int:
    worst = 0.0
    for name in names or sorted(p.parent.name for p in FIXTURES.glob("*/study.toml")):
        folder = FIXTURES / name
        before = numbers(folder)
        python = {k: v for k, v in before.items() if "|py-" in k}
        changes = {f"hash seed {s}": (python, numbers(folder, s, python_only=True)) for s in SEEDS}
        changes["one job"] = (before, numbers(folder, jobs=1))
        with tempfile.TemporaryDirectory() as scratch:
            changes["rows and columns"] = (before, numbers(shuffled(folder, Path(scratch) / name, np.random.default_rng(7))))
        for change, (a, b) in changes.items():
            moved = apart(a, b)
            most = max(moved.values(), default=0.0)
            worst = max(worst, most)
            print(f"{name:14} {change:18} {len(a):6} numbers  {len(moved):5} moved  most {most:.1e}", flush=True)
    print(f"largest change: {worst:.1e}, allowed {SAME:.0e}")
    return int(worst > SAME)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
