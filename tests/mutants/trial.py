"""One change in a copy of the tree, and the tests that run the changed lines, until one fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mutants.server import Runner
from mutants.sites import Site
from mutants.swap import ELSEWHERE, ENDLESS, FAILED, Swapper

#: Folders and files that the tests read.
COPIED = (
    "src", "tests", "r_scripts", "fixtures", "docs", "schemas", "examples", "benchmarks", "pyproject.toml", "README.md",
    "README.zh.md", "Makefile", "CONTRIBUTING.md", "mkdocs.yml", "LICENSE", "CITATION.cff", "CHANGELOG.md",
)  # fmt: skip
#: Tests that no mutant is tried on: they look at the text of the code, or at pages in a browser.
LEFT_OUT = tuple(f"test_{name}.py" for name in (
    "mutants", "architecture", "docs", "docs_stata", "installed", "html", "analysis_pages", "built_pages", "tutorial",
    "first_page", "makefile", "settings_page",
))  # fmt: skip


#: A test and its seconds.
Timed = tuple[str, float]
#: What kills a mutant beside a test that fails.
HANGS, BROKEN = "it never ended", "its tests cannot be collected"
KILLED, SURVIVED, HUNG = "killed", "survived", "did not end"


@dataclass(frozen=True)
class Trial:
    """What became of one mutant. outcome: "killed", "survived", "did not end", "no test runs it"; by: what failed."""

    site: Site
    outcome: str
    by: str = ""
    tests: int = 0
    seconds: float = 0.0

    @property
    def hung(self) -> bool:
        """What did not end, twice, may have been waiting for the machine: no test said anything."""
        return self.outcome == HUNG or self.by == HANGS


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


@contextmanager
def tree(root: Path, *, compiled: bool = True) -> Iterator[Path]:
    """A copy of the project that may be changed. compiled: with bytecode of modules, so that trials start fast.

    A changed module is newer than its bytecode, which is therefore not used; trials write none.
    """
    with tempfile.TemporaryDirectory(prefix="parity-mutants-") as folder:
        copied = Path(folder) / "project"
        copied.mkdir()
        for name in COPIED:
            source = root / name
            if source.is_dir():
                shutil.copytree(source, copied / name)
            elif source.exists():
                shutil.copy2(source, copied / name)
        if compiled:
            environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | paths(copied)
            command = [sys.executable, "-m", "compileall", "-q", "src"]
            subprocess.run(command, cwd=copied, env=environment, stdout=subprocess.DEVNULL)
        yield copied


def paths(project: Path) -> dict[str, str]:
    """So that a tree's own modules are imported."""
    return {"PYTHONPATH": f"{project / 'src'}:{project / 'tests'}"}


def attempt(project: Path, runner: Runner, site: Site, batches: Sequence[Sequence[Timed]]) -> Trial:
    """Apply the change in the runner's project, run the tests batch by batch until one fails, take the change back.

    A run of more than a minute beyond five times what its tests take hangs; it is tried again, with thrice the time.
    """
    started, count = time.monotonic(), sum(map(len, batches))
    if not count:
        return Trial(site, "no test runs it")
    file = project / site.file
    source = file.read_text(encoding="utf-8")
    outcome, by = SURVIVED, ""
    file.write_text(site.applied(source), encoding="utf-8")
    try:
        for batch in batches:
            by = _failing(runner, dict(batch))
            if by == HANGS:
                by = _failing(runner, dict(batch), patience=3)
            if by:
                outcome, by = (HUNG, "") if by == HANGS else (KILLED, by)
                break
    finally:
        file.write_text(source, encoding="utf-8")
    return Trial(site, outcome, by, count, time.monotonic() - started)


def swap(swapper: Swapper, site: Site, tests: Sequence[Timed]) -> Trial | None:
    """The change put into the modules that the swapper holds, and the tests run until one fails; None where that cannot be,
    as the change is not in a function.

    It hangs beyond ten seconds of processor and five times what the tests take; it is tried again, with thrice that.
    """
    started = time.monotonic()
    if not tests:
        return Trial(site, "no test runs it")
    names, limit = [name for name, _ in tests], 10 + 5 * sum(seconds for _, seconds in tests)
    said, by = swapper.run(site, names, limit)
    if said == ENDLESS:
        said, by = swapper.run(site, names, 3 * limit)
    if said == ELSEWHERE:
        return None
    outcome = KILLED if said == FAILED else HUNG if said == ENDLESS else SURVIVED
    return Trial(site, outcome, by, len(tests), time.monotonic() - started)


def _failing(runner: Runner, tests: dict[str, float], patience: int = 1) -> str:
    """The test that fails, or what else went wrong; empty where all pass."""
    code, lines = runner.run([*tests], patience * (60 + 5 * sum(tests.values())))
    if not code:
        return HANGS if code is None else ""
    said = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    named = (t for t in tests for line in said for word in ("FAILED", "ERROR") if f"{line} - ".startswith(f"{word} {t} - "))
    return next(named, BROKEN)


def unfit(runner: Runner, tests: Iterable[str]) -> set[str]:
    """Those of the tests that fail on the text as it is, and so are no witness against a change."""
    left, found = set(tests) - {HANGS, BROKEN}, set()
    while left:
        by = _failing(runner, dict.fromkeys(sorted(left), 60.0))
        if not by:
            break
        if by in (HANGS, BROKEN):
            raise RuntimeError(f"tests that cannot be run as the code is: {by}: {', '.join(sorted(left))}")
        found.add(by)
        left.discard(by)
    return found
