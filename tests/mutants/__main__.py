"""Draw mutants over the core, try them, report: see the package's docstring."""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from mutants.page import DRAWS, Draw, counts, equivalent, key, section, why
from mutants.parts import PARTS, ROOT, modules
from mutants.reach import FEW, Reach
from mutants.server import Runner
from mutants.sites import Site, sites
from mutants.swap import PASSED, Swapper
from mutants.trial import KILLED, Trial, attempt, paths, swap, tree, unfit, without_r


def drawn(seed: int, n: int) -> list[Site]:
    """n mutants, as many from each part as its size allows, no two of one expression; the first of them are a fair draw."""
    chosen: list[Site] = []
    for position, part in enumerate(PARTS):
        every = [site for file in modules(part) for site in sites(ROOT, file)]
        share = n // len(PARTS) + (position < n % len(PARTS))
        random.Random(f"{seed} {part}").shuffle(every)
        seen: set = set()
        for site in every:
            place = (site.file, site.line, site.column, site.end_column)
            if len(seen) < share and place not in seen:
                seen.add(place)
                chosen.append(site)
    random.Random(seed).shuffle(chosen)
    return chosen


def located(kept: Sequence[Site]) -> tuple[list[Site], list[Site]]:
    """Sites of a kept draw where they stand now, and those whose expression is there no more."""
    found, gone = [], []
    for site in kept:
        here = [s for s in sites(ROOT, site.file) if key(s) == key(site)] if (ROOT / site.file).exists() else []
        if here:
            found.append(min(here, key=lambda s: (abs(s.line - site.line), abs(s.column - site.column))))
        else:
            gone.append(site)
    return found, gone


@dataclass(frozen=True)
class Bench:
    """One copy of the tree, and what runs tests in it."""

    project: Path
    runner: Runner
    swapper: Swapper

    def tried(self, site: Site, reach: Reach, *, seconds: float, slowest: float, without: Collection[str]) -> Trial:
        """Put into modules that are imported, where it is in a function that runs in tests; else written into the text and
        run from the start, as where it ran at import, in whichever test came first."""
        found, seldom = None, False
        if site.function:
            tests = [t for t in reach.running(site, seconds, slowest) if t[0] not in without]
            found, seldom = swap(self.swapper, site, tests), len(tests) < FEW
        if found is None or (seldom and found.outcome != KILLED):
            batches = [[t for t in batch if t[0] not in without] for batch in reach.reaching(site, seconds)]
            found = attempt(self.project, self.runner, site, [b for b in batches if b])
        return found

    def fallen(self, found: Collection[Trial]) -> set[str]:
        """Tests that killed, and that fail on the code as it is."""
        by = {t.by for t in found if t.outcome == KILLED}
        failing = {t for t in by & self.swapper.tests if self.swapper.run(None, [t], 120)[0] != PASSED}
        return failing | unfit(self.runner, by - self.swapper.tests)


def trials(
    chosen: Sequence[Site], reach: Reach, *, jobs: int, seconds: float, slowest: float, path: str, minutes: float = math.inf
) -> list[Trial]:  # fmt: skip
    """Every mutant tried, in the order given, or the first of them in so many minutes; jobs copies of the tree at a time.

    Tests that killed are then run on the code as it is; what one killed that fails there too is tried again without it.
    """
    benches: Queue[Bench] = Queue()
    unwanted: set[str] = set()
    until = time.monotonic() + 60 * minutes

    def one(site: Site) -> Trial | None:
        if time.monotonic() > until:
            return None
        bench = benches.get()
        try:
            found = bench.tried(site, reach, seconds=seconds, slowest=slowest, without=unwanted)
        finally:
            benches.put(bench)
        print(f"{found.outcome:16} {found.seconds:6.1f} s  {site.name}  {found.by}", file=sys.stderr, flush=True)
        return found

    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
        files = sorted({test.partition("::")[0] for test in reach.seconds})
        for _ in range(jobs):
            project = stack.enter_context(tree(ROOT))
            environment = paths(project) | {"PATH": path}
            runner = stack.enter_context(Runner(project, environment))
            bench = Bench(project, runner, stack.enter_context(Swapper(project, files, environment)))
            gone = reach.seconds.keys() - bench.swapper.tests
            if gone:
                print(f"{len(gone)} tests have gone since their reach was taken: left out", file=sys.stderr, flush=True)
            unwanted |= gone
            benches.put(bench)
        found = {site: t for site, t in zip(chosen, pool.map(one, chosen), strict=True) if t is not None}
        until = math.inf  # what a test that fails anyway had killed is tried to the end
        while fallen := bench.fallen(found.values()):
            unwanted |= fallen
            again = [site for site, t in found.items() if t.by in fallen]
            found |= {site: t for site, t in zip(again, pool.map(one, again), strict=True) if t is not None}
    return [found[site] for site in chosen if site in found]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__)
    parser.add_argument(
        "--reach", type=Path, nargs="+", required=True, help="JSON of python -m mutants.reach; of later files, too"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=Path, help="a kept draw: of it, those that no test noticed")
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=120, help="of tests tried on one mutant, the quickest first")
    parser.add_argument("--slowest", type=float, default=math.inf, help="seconds of a test that is tried on a function")
    parser.add_argument("--minutes", type=float, default=math.inf, help="then no other mutant is begun")
    parser.add_argument("--with-r", action="store_true", help="leave R on the PATH")
    parser.add_argument("--only", help="part of a mutant's name")
    parser.add_argument(
        "--keep", choices=("before", "after"), help="keep the outcomes in draws/: tests written before or after"
    )
    given = parser.parse_args()
    before = None if given.again is None else Draw.read(given.again)
    every, gone = (drawn(given.seed, given.n), []) if before is None else located(
        [t.site for t in before.trials if t.outcome != KILLED]
    )  # fmt: skip
    for site in gone:
        print(f"{'is there no more':16} {site.name}", file=sys.stderr)
    if before is not None:  # what changes nothing is no question to any test
        every = [site for site in every if why(site, equivalent()) is None]
    chosen = [s for s in every if not given.only or given.only in s.name]
    path = os.environ["PATH"] if given.with_r else without_r()
    reach = Reach.read(*given.reach)
    found = trials(chosen, reach, jobs=given.jobs, seconds=given.seconds, slowest=given.slowest, path=path,
                   minutes=given.minutes)  # fmt: skip
    if before is not None:
        kept = (t for t in before.trials if t.outcome == KILLED or why(t.site, equivalent()) is not None)
        found = [*kept, *found]
    draw = Draw(before.seed if before else given.seed, given.keep or "now", tuple(found),
                (before.drawn or len(before.trials)) if before else len(every))  # fmt: skip
    if given.keep:
        DRAWS.mkdir(exist_ok=True)
        (DRAWS / f"{draw.name}.json").write_text(draw.text(), encoding="utf-8")
    print("\n".join(section(draw, equivalent())), counts(found, equivalent()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
