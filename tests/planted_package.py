"""Mistakes planted into a package's tables and logs, one at a time, each held against what parity finds.

    PYTHONPATH=tests python -m planted_package [--package DIR] --faults 100 --seed 1 [--whole 5] [--verbose]

Any package does: what is planted goes into exhibits that are reproduced whole, and into a copy. One altered cell doesn't ask
for everything again: the code's numbers are those of the clean package, and only the altered file is read, mapped and judged
anew. `--whole K` verifies the copy of the first K mistakes from its files on, too, and fails where the two disagree.

A fault is *found* where a cell that it touched is no longer reproduced, or a finding of its kind says so; *named* where the
verdict is the right one: a single number *differs* and isn't explained away, the rest has a cause or finding of its kind.
Cells that it didn't touch must stay reproduced.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conftest import FIXTURES
from package_faults import KINDS, Fault, NotPlanted, faults, planted_into
from parity.diagnose.catalogue import BY_ID
from parity.package.assemble import assembled, exhibits_of
from parity.package.document import ExhibitOf, FindingOf, Package
from parity.package.matched import Beside, Matched, matched, rematched
from parity.package.verify import EVERYTHING, Asked, clear, look, verify

#: What names each kind: ids of a package's own causes, or of findings; groups of the catalogue's causes.
NAMES = {
    "digit": set(), "N": {"another-sample"}, "stars": {"stars"},
    "column": {"another-estimate", "another-column", "table-of-another-run"},
    "run": {"another-estimate", "another-column", "table-of-another-run", "other-sample", "another-sample"},
    "note": {"note-brackets", "note-stars", "note-clusters", "note-robust"},
    "cluster": {"other-cluster", "other-covariance", "another-estimate"},
    "sample": {"other-sample", "another-sample", "another-estimate"},
    "label": {"labels-swapped"},
}  # fmt: skip
GROUPS = {"cluster": {"clusters", "covariance", "counting"}, "sample": {"sample"}, "run": {"sample"}}
#: Of one number: a verdict beside *differs* that is no less right, as the number that is due is said with it.
SINGLE = ("digit", "N", "stars")


class Bed:
    """A clean package, known once, into which mistakes are planted."""

    def __init__(self, folder: Path, do: str | None = None):
        self.folder, self.asked = folder, replace(EVERYTHING, do=do)
        self.found, self.listed, self.texts = look(folder)
        if do is None and self.found.ambiguous:
            self.asked = replace(EVERYTHING, do=self.found.masters[0].path)
        clear(self.found, self.asked, folder)
        self.have = matched(folder, self.found, self.texts, self.asked, lambda *_: None)
        self.report = self.assembled(folder, self.have)

    def assembled(self, folder: Path, have: Matched) -> Package:
        return assembled(folder, self.found, self.listed, self.texts, self.asked, have, lambda *_: None)

    def clean(self) -> list[tuple[Beside, ExhibitOf]]:
        """Tables and windows of estimates whose every cell is reproduced."""
        pairs = zip(self.have.exhibits, self.report.exhibits, strict=True)
        return [(b, e) for b, e in pairs if e.kind == "estimates" and e.cells and e.count("reproduced") == len(e.cells)]

    def with_fault(self, fault: Fault) -> tuple[list[ExhibitOf], list[FindingOf]]:
        """Exhibits and findings with the fault: those of its file anew, the others as they are."""
        origin = self.found.roles[fault.file]
        named = {"log": {"logs": (fault.file,)}, "table": {"tables": (fault.file,)}}[origin]
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / fault.file
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.folder / fault.file, path)
            planted_into(path, fault.edits)
            again = rematched(Path(scratch), self.found, self.have, Asked(**named))
        exhibits, findings = exhibits_of(again, lambda *_: None, {})
        others = [e for e in self.report.exhibits if e.file != fault.file]
        return [*exhibits, *others], findings


# ---------------------------------------------------------------- the verdict on parity


@dataclass(frozen=True)
class Outcome:
    """wrong: cells that it didn't touch and that are called differing or explained"""

    fault: Fault
    found: bool
    named: bool
    wrong: int
    said: str


def outcome(clean: Package, fault: Fault, exhibits: Sequence[ExhibitOf], findings: Sequence[FindingOf]) -> Outcome:
    exhibit = next((e for e in exhibits if e.id == fault.exhibit), None)
    if exhibit is None:
        return Outcome(fault, False, False, 0, "the exhibit is gone")
    single = fault.kind in SINGLE
    columns = {k[0] for k in fault.cells}

    def touched(c) -> bool:
        return (c.column, c.row, c.quantity) in fault.cells if single else c.column in columns

    known = {(f.id, f.file, f.line, f.text) for f in clean.findings}
    new = {f.id for f in findings if (f.id, f.file, f.line, f.text) not in known and f.file == exhibit.file}
    hit = [c for c in exhibit.cells if c.verdict != "reproduced" and touched(c)]
    before = {(e.id, c.column, c.row, c.quantity): c.verdict for e in clean.exhibits for c in e.cells}
    wrong = [c for e in exhibits for c in e.cells if c.verdict in ("differs", "explained")
             and (e.id != fault.exhibit or not touched(c))
             and before.get((e.id, c.column, c.row, c.quantity)) == "reproduced"]  # fmt: skip
    ids = {x.id for c in hit for x in c.causes} | new
    names = NAMES[fault.kind]
    right = bool(ids & names) or any(i in BY_ID and BY_ID[i].group in GROUPS.get(fault.kind, ()) for i in ids)
    found = bool(hit) or bool(new & names)
    named = found and (right or all(c.verdict == "differs" for c in hit) if single else right)
    verdicts = ", ".join(f"{n} {v}" for v, n in Counter(c.verdict for c in hit).items())
    return Outcome(fault, found, named, len(wrong), f"{verdicts or 'nothing'}; {', '.join(sorted(ids)) or 'no cause'}")


def planted(folder: Path, n: int, seed: int, whole: int = 0, verbose: bool = False, do: str | None = None) -> list[Outcome]:
    bed = Bed(folder, do)
    counts = Counter(c.verdict for e in bed.report.exhibits for c in e.cells)
    print(f"{folder.name}: {dict(counts)}, {len(bed.clean())} exhibits of estimates reproduced whole", flush=True)
    out: list[Outcome] = []
    for fault in faults(bed, random.Random(seed), n):
        try:
            result = outcome(bed.report, fault, *bed.with_fault(fault))
        except NotPlanted as error:
            print("not planted:", fault.kind, str(error)[:150])
            continue
        if len(out) < whole and (other := from_its_files(bed, fault)) != result:
            sys.exit(f"the whole run says otherwise: {other}\n{result}")
        out.append(result)
        if verbose or not result.found or not result.named or result.wrong:
            print(f"{'found' if result.found else 'MISSED'} {'named' if result.named else 'unnamed'} wrong {result.wrong}: "
                  f"{fault.kind} {fault.exhibit} {fault.said}: {result.said}", flush=True)  # fmt: skip
    return out


def from_its_files(bed: Bed, fault: Fault) -> Outcome:
    """The verdict of a whole run over a copy of the package."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / bed.folder.name
        shutil.copytree(bed.folder, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        planted_into(copy / fault.file, fault.edits)
        report = verify(copy, bed.asked)
    return outcome(bed.report, fault, report.exhibits, report.findings)


def table(results: Sequence[Outcome]) -> list[str]:
    rows = [f"{'kind':<10}{'planted':>8}{'found':>8}{'named':>8}{'cells wrongly called':>22}"]
    for kind in [*KINDS, "all"]:
        mine = [r for r in results if kind in (r.fault.kind, "all")]
        if mine:
            rows.append(f"{kind:<10}{len(mine):>8}{sum(r.found for r in mine):>8}{sum(r.named for r in mine):>8}"
                        f"{sum(r.wrong for r in mine):>22}")  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", default=str(FIXTURES / "packages" / "made"))
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whole", type=int, default=0)
    parser.add_argument("--do", default=None)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    start = time.monotonic()
    results = planted(Path(given.package), given.faults, given.seed, given.whole, given.verbose, given.do)
    print("\n".join(table(results)))
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
