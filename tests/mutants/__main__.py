"""Draw mutants over the core, try them, report: see the package's docstring."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import Queue

from mutants.sites import Site, sites
from mutants.trial import Trial, attempt, reaching, tree

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
#: Part of the core -> its modules. As many mutants are drawn from each part.
PARTS = {
    "conventions": ("conventions/formulas.py", "conventions/profiles.py"), "facts": ("conventions/facts.py",),
    "harmonise": ("compare/harmonise.py",), "judge": ("runs/judge.py",),
    "compare": ("compare/numbers.py", "compare/lists.py"),
    "references": ("printed/*.py", "compare/printed.py", "*/frozen.py", "runs/freeze.py"),
    "resample": ("analyses/replicates/*.py", "analyses/resampling/*.py"), "instruments": ("analyses/instruments/*.py",),
    "derive": ("data/derive/*.py", "analyses/index/*.py"), "diagnose": ("diagnose/**/*.py",),
}  # fmt: skip


def drawn(seed: int, n: int) -> list[Site]:
    """n mutants, as many from each part as its size allows, no two of one expression."""
    chosen: list[Site] = []
    for position, (part, patterns) in enumerate(PARTS.items()):
        files = sorted({p for pattern in patterns for p in (ROOT / "src" / "parity").glob(pattern)})
        every = [site for file in files for site in sites(ROOT, str(file.relative_to(ROOT)))]
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


def without_r() -> str:
    """PATH without the folders that hold Rscript; commands that stand beside it stay reachable through links."""
    r = shutil.which("Rscript")
    if r is None:
        return os.environ["PATH"]
    links = Path(os.environ.get("TMPDIR", "/tmp")) / f"parity-no-r-{os.getuid()}"
    links.mkdir(exist_ok=True)
    for source in Path(r).parent.iterdir():
        link = links / source.name
        if source.name not in ("R", "Rscript") and not link.exists():
            link.symlink_to(source)
    folders = os.environ["PATH"].split(os.pathsep)
    hidden = {f for f in folders if (Path(f) / "Rscript").exists()}
    return os.pathsep.join([*(f for f in folders if f not in hidden), str(links)])


def trials(chosen: Sequence[Site], reach: dict, *, jobs: int, seconds: float, most: int, path: str) -> list[Trial]:
    """Every mutant tried, in the order given; jobs copies of the tree at a time."""
    copies: Queue[Path] = Queue()

    def one(site: Site) -> Trial:
        project = copies.get()
        try:
            found = attempt(project, site, reaching(reach, site, most), seconds, path)
        finally:
            copies.put(project)
        print(f"{found.outcome:16} {found.seconds:6.1f} s  {site.name}", file=sys.stderr, flush=True)
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
    parser.add_argument("--seconds", type=float, default=300, help="of tests of one mutant; slower is noticed: it hangs")
    parser.add_argument("--most", type=int, default=150, help="tests of one mutant, the quickest")
    parser.add_argument("--with-r", action="store_true", help="leave R on the PATH")
    parser.add_argument("--only", help="part of a mutant's name")
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    chosen = [s for s in drawn(given.seed, given.n) if not given.only or given.only in s.name]
    path = os.environ["PATH"] if given.with_r else without_r()
    reach = json.loads(given.reach.read_text())
    found = trials(chosen, reach, jobs=given.jobs, seconds=given.seconds, most=given.most, path=path)
    text = markdown(found, equivalent(), f"PYTHONPATH=tests python -m mutants --seed {given.seed} -n {given.n}")
    print(text)
    if given.markdown:
        given.markdown.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
