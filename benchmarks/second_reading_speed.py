"""The second reading's share of a run: `parity run` with and without it, side by side. Prints; asserts nothing.

    python benchmarks/second_reading_speed.py [STUDY ...] [--rounds N]

Both runs are whole and keep no answers. They take turns, and the processor's seconds of all their processes are compared,
which other work on the machine hardly lengthens; the least of the rounds is taken.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys

RUN = """
import sys
from parity.runs import runner
from parity.runs.second_reading.planned import SecondReading
if sys.argv.pop(1) == "without":
    runner.second_reading_of = lambda study, data_hash, transport: SecondReading(study, "")
sys.argv = ["parity", "run", "--no-cache", *sys.argv[1:]]
from parity.cli import main
main()
"""


def seconds(which: str, studies: list[str]) -> tuple[float, str]:
    """Of the processor, all children included; and the last sentence that was printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", RUN, which, *studies], capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode not in (0, 1):
        raise SystemExit(f"the run {which} it ended with {done.returncode}:\n{done.stderr}")
    return spent, done.stdout


def main(studies: list[str], rounds: int) -> None:
    least = dict.fromkeys(("with", "without"), float("inf"))
    for _ in range(rounds):
        for which in least:
            spent, text = seconds(which, studies)
            if ("reading for itself" in " ".join(text.split())) != (which == "with"):
                raise SystemExit(f"the run {which} a second reading says otherwise:\n{text[-600:]}")
            least[which] = min(least[which], spent)
    share = 1 - least["without"] / least["with"]
    print(f"processor's seconds of a run with R's second reading: {least['with']:.0f}; without: {least['without']:.0f}")
    print(f"its share of the run: {share:.0%}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("studies", nargs="*", default=["fixtures"])
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    main(given.studies, given.rounds)
