"""Draw mutants over the core, try them, report: see the package's docstring."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import Queue

from mutants.reach import Reach
from mutants.sites import Site, sites
from mutants.trial import ROOT, Clean, Trial, attempt, tree, without_r

EQUIVALENT = Path(__file__).with_name("equivalent.toml")
#: Part of the core -> its modules. As many mutants are drawn from each part.
PARTS = {
    "conventions": ("conventions/formulas.py", "conventions/profiles.py"),
    "facts": ("conventions/facts.py",), "harmonise": ("compare/harmonise.py",),
    "judge": ("runs/judge.py", "runs/judge_analyses.py", "runs/shipped/judge.py"),
    "compare": ("compare/numbers.py", "compare/lists.py", "compare/floor.py", "compare/other_profiles.py",
                "compare/change*.py"),
    "references": ("printed/*.py", "compare/printed.py", "*/frozen.py", "runs/freeze.py"),
    "resample": ("analyses/replicates/*.py", "analyses/resampling/*.py"), "instruments": ("analyses/instruments/*.py",),
    "derive": ("data/derive/*.py", "analyses/index/*.py"), "diagnose": ("diagnose/**/*.py",),
}  # fmt: skip
#: How a page of an analysis looks is no part of the core.
LAYOUT = ("page.py", "histogram.py")


def modules(part: str, root: Path = ROOT) -> list[str]:
    """The files of a part, relative to the project. LookupError: a pattern that no file has."""
    found: set[str] = set()
    for pattern in PARTS[part]:
        here = {str(p.relative_to(root)) for p in (root / "src" / "parity").glob(pattern) if p.name not in LAYOUT}
        if not here:
            raise LookupError(f"tests/mutants: no file is src/parity/{pattern} (PARTS of __main__.py, {part!r})")
        found |= here
    return sorted(found)


def drawn(seed: int, n: int) -> list[Site]:
    """n mutants, as many from each part as its size allows, no two of one expression."""
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
    return chosen


def equivalent() -> dict[tuple[str, str, str, str], str]:
    """(file, function, before, after) -> why nothing changes."""
    entries = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
    return {(e["file"], e["function"], e["before"], e["after"]): e["why"] for e in entries}


def trials(chosen: Sequence[Site], reach: Reach, *, jobs: int, seconds: float, path: str) -> list[Trial]:
    """Every mutant tried, in the order given; jobs copies of the tree at a time."""
    copies: Queue[Path] = Queue()
    clean = Clean()

    def one(site: Site) -> Trial:
        project = copies.get()
        try:
            found = attempt(project, site, reach.reaching(site, seconds), path, clean)
        finally:
            copies.put(project)
        print(f"{found.outcome:16} {found.seconds:6.1f} s  {site.name}  {found.by}", file=sys.stderr, flush=True)
        return found

    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
        for _ in range(jobs):
            copies.put(stack.enter_context(tree(ROOT)))
        return list(pool.map(one, chosen))


def markdown(found: Sequence[Trial], reasons: dict, command: str) -> str:
    """The report: counts by part, then every mutant that no test noticed, with its reason where it changes nothing."""

    def same(t: Trial) -> str:
        return reasons.get((t.site.file, t.site.function, t.site.before, t.site.after), "")

    left = [t for t in found if t.outcome != "killed"]
    real = [t for t in left if not same(t)]
    counted = len(found) - (len(left) - len(real))
    killed = sum(t.outcome == "killed" for t in found)
    parts = Counter(t.site.file.removeprefix("src/parity/").split("/")[0].removesuffix(".py") for t in found)
    missed = Counter(t.site.file.removeprefix("src/parity/").split("/")[0].removesuffix(".py") for t in real)
    lines = [
        "# Small wrong changes to the core", "",
        "One operator, number or setting is changed at a time, and the tests that run its line are run until one fails.", "",
        f"Written by `{command}`.", "",
        f"{len(found)} drawn, {len(left) - len(real)} change nothing, {killed} of the other {counted} "
        f"({100 * killed / max(counted, 1):.1f} %) are noticed.", "",
        "| part | drawn | not noticed |", "|---|---:|---:|",
        *(f"| {part} | {parts[part]} | {missed[part] or ''} |" for part in sorted(parts)), "",
    ]  # fmt: skip
    if real:
        lines += ["Not noticed:", "", *(f"- {t.site.name} ({t.outcome})" for t in real), ""]
    if len(left) > len(real):
        lines += ["Change nothing:", "", *(f"- {t.site.name}: {same(t)}" for t in left if same(t)), ""]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__)
    parser.add_argument("--reach", type=Path, required=True, help="JSON of python -m mutants.reach")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=120, help="of tests tried on one mutant, the quickest first")
    parser.add_argument("--with-r", action="store_true", help="leave R on the PATH")
    parser.add_argument("--only", help="part of a mutant's name")
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    chosen = [s for s in drawn(given.seed, given.n) if not given.only or given.only in s.name]
    path = os.environ["PATH"] if given.with_r else without_r()
    reach = Reach.read(given.reach)
    found = trials(chosen, reach, jobs=given.jobs, seconds=given.seconds, path=path)
    text = markdown(found, equivalent(), f"PYTHONPATH=tests python -m mutants --seed {given.seed} -n {given.n}")
    print(text)
    if given.markdown:
        given.markdown.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
