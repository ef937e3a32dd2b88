"""Speed of `parity run` as ratios, measured side by side in one run. Prints; asserts nothing.

    python benchmarks/run_speed.py [STUDY ...] [--sample N]

1. an unchanged second run: seconds, and which packages it imported;
2. a cold run of all studies against one process per spec and engine. The latter is measured on a random sample of
   pairs (all of them with --sample 0) and scaled to their number; the sample is drawn with a fixed seed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

HEAVY = ("pyfixest", "linearmodels", "statsmodels", "rpy2", "pandas", "scipy.stats")

ONE = """
import sys
from parity.engines import engine
from parity.study.load import load_study
from parity.runs.worker import ask
study = load_study(sys.argv[1])
sys.stdout.buffer.write(ask(study, study.spec(sys.argv[2]), study.data_hash(), engine(sys.argv[3])))
"""

LISTED = f"""
import json, sys
sys.argv = ["parity", "run", *json.loads(sys.argv[1])]
from parity.cli import main
try:
    main()
except SystemExit:
    pass
print("\\n" + json.dumps(sorted(m for m in sys.modules if m in {HEAVY!r})))
"""


def timed(command: list[str], env: dict[str, str]) -> tuple[float, str]:
    start = time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return time.perf_counter() - start, done.stdout


def pairs(studies: list) -> list[tuple[str, str, str]]:
    """Every (study folder, spec, engine) that a run asks live."""
    from parity.engines import registry
    from parity.runs.plan import plan_study

    engines = list(registry().values())
    plans = [plan_study(study, study.specs, engines, "auto") for study in studies]
    return [
        (str(plan.study.folder), entry.spec.id, entry.engine.info.id)
        for plan in plans
        for entry in plan.entries
        if entry.answer is None
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("studies", nargs="*", default=["fixtures"])
    parser.add_argument("--sample", type=int, default=60, help="pairs run in a process of their own; 0: all")
    arguments = parser.parse_args()
    from parity.cli.asked import Asked

    asked = pairs(Asked.of(*arguments.studies).studies)
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"PARITY_CACHE": folder}
        run = [sys.executable, "-m", "parity", "run", *arguments.studies]
        cold, _ = timed(run, env)
        timed(run, env)
        warm = min(timed(run, env)[0] for _ in range(3))
        _, out = timed([sys.executable, "-c", LISTED, json.dumps(arguments.studies)], env)
        imported = json.loads(out.strip().splitlines()[-1])
        chosen = asked if not arguments.sample else random.Random(1).sample(asked, min(arguments.sample, len(asked)))
        alone = sum(timed([sys.executable, "-c", ONE, *pair], env)[0] for pair in chosen) / len(chosen) * len(asked)
    print(f"estimates asked live: {len(asked)}")
    print(f"unchanged second run: {warm:.2f} s; heavy packages imported: {', '.join(imported) or 'none'}")
    print(f"cold run: {cold:.0f} s; one process per spec and engine: {alone:.0f} s (from {len(chosen)} of them)")
    print(f"ratio: {alone / cold:.1f}")


if __name__ == "__main__":
    main()
