"""Mistakes planted into a package's tables and logs, one at a time, each held against what parity finds.

    PYTHONPATH=tests python -m planted_package --faults 60 --seed 1 [--package DIR] [--verbose]

What is planted goes into exhibits that are reproduced whole. A fault is *found* where a cell that it touched is no longer
reproduced (or a finding says so), *named* where cause or finding is the right one; cells that it didn't touch must stay
reproduced.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from conftest import FIXTURES
from parity.package import siblings
from parity.package.assemble import assembled
from parity.package.document import Package
from parity.package.matched import Beside, Matched, matched
from parity.package.verify import EVERYTHING, clear, look

KINDS = ("digit", "column", "run", "note", "N", "stars", "cluster", "sample", "label")
#: What names each kind: ids of causes of its cells, or of findings.
NAMES = {
    "digit": {"misprint"}, "column": {"another-estimate", "another-column", "table-of-another-run"},
    "run": {"another-estimate", "table-of-another-run", "other-sample", "another-sample"},
    "note": {"note-brackets", "note-stars", "note-clusters"}, "N": {"misprint", "another-sample"}, "stars": {"stars"},
    "cluster": {"other-cluster", "other-covariance", "robust-for-cluster", "iid-for-robust", "cluster-for-robust"},
    "sample": {"other-sample", "another-sample", "lost-rows", "without-level", "missing-level"}, "label": {"labels-swapped"},
}  # fmt: skip


@dataclass(frozen=True)
class Edit:
    """One printed text replaced. at: which of the equal texts of the line"""

    file: str
    line: int
    before: str
    after: str
    at: int = 0


@dataclass(frozen=True)
class Fault:
    kind: str
    exhibit: str
    cells: frozenset[tuple[int, int, str]]  # column, row, quantity
    edits: tuple[Edit, ...]
    said: str


class Bed:
    """A clean package, known once, into which mistakes are planted."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.found, self.listed, self.texts = look(folder)
        clear(self.found, EVERYTHING, folder)
        self.have = matched(folder, self.found, self.texts, EVERYTHING, lambda *_: None)
        self.report = self.assembled(folder, self.have)

    def assembled(self, folder: Path, have: Matched) -> Package:
        return assembled(folder, self.found, self.listed, self.texts, EVERYTHING, have, lambda *_: None)

    def clean(self) -> list[tuple[Beside, object]]:
        """Tables and windows of estimates whose every cell is reproduced."""
        out = []
        for beside, exhibit in zip(self.have.exhibits, self.report.exhibits, strict=True):
            if exhibit.kind == "estimates" and exhibit.cells and exhibit.count("reproduced") == len(exhibit.cells):
                out.append((beside, exhibit))
        return out

    def with_fault(self, fault: Fault, folder: Path) -> Package:
        """The report of a copy with the fault; the do-files' own numbers are those that are known."""
        if fault.kind == "label":
            _exchanged(folder / fault.edits[0].file, fault.edits[0].before, fault.edits[0].after)
        else:
            for edit in sorted(fault.edits, key=lambda e: -e.at):
                _apply(folder, edit)
        from parity.package import matched as module

        again = module.rematched(folder, self.found, self.have, EVERYTHING)
        return self.assembled(folder, again)


def _apply(folder: Path, edit: Edit) -> None:
    path = folder / edit.file
    lines = path.read_bytes().decode("utf-8").split("\n")
    if edit.line <= 0:  # words of a note
        _words(path, edit)
        return
    line = lines[edit.line - 1]
    places = [m.start() for m in re.finditer(rf"(?<![\d.]){re.escape(edit.before)}(?![\d])", line)]
    assert len(places) > edit.at, (edit, line)
    start = places[edit.at]
    lines[edit.line - 1] = line[:start] + edit.after + line[start + len(edit.before) :]
    path.write_bytes("\n".join(lines).encode("utf-8"))


def _words(path: Path, edit: Edit) -> None:
    """Words of a note, at line -n."""
    lines = path.read_bytes().decode("utf-8").split("\n")
    lines[-edit.line - 1] = lines[-edit.line - 1].replace(edit.before, edit.after, 1)
    path.write_bytes("\n".join(lines).encode("utf-8"))


def _exchanged(path: Path, a: str, b: str) -> None:
    """Two labels in each other's place, the first time that each stands alone."""
    text = path.read_bytes().decode("utf-8")
    at = {x: re.search(rf"(?<![\w(]){re.escape(x)}(?!\s*[\w(])", text) for x in (a, b)}
    assert all(at.values()), (path.name, a, b)
    for x, other in sorted(((a, b), (b, a)), key=lambda p: -at[p[0]].start()):
        text = text[: at[x].start()] + other + text[at[x].end() :]
    path.write_bytes(text.encode("utf-8"))


# ---------------------------------------------------------------- the mistakes


def faults(bed: Bed, random_: random.Random, n: int) -> Iterator[Fault]:
    """n mistakes, the kinds in turn."""
    made, tried = 0, 0
    while made < n and tried < 40 * n:
        kind = KINDS[tried % len(KINDS)]
        tried += 1
        beside, exhibit = random_.choice(bed.clean())
        fault = MAKERS[kind](bed, beside, exhibit, random_)
        if fault is not None:
            made += 1
            yield fault


def _cells(exhibit, **wanted):
    return [c for c in exhibit.cells if all(getattr(c, k) in v for k, v in wanted.items())]


def _key(c) -> tuple[int, int, str]:
    return (c.column, c.row, c.quantity)


def _number(text: str) -> str:
    """The digits of a printed text, brackets and stars off."""
    return re.search(r"[-−]?\d[\d,]*\.?\d*|[-−]?\.\d+", text).group()


def _edit(exhibit, cell, after: str) -> Edit:
    """The number of a cell replaced: that place among equal ones of its line which comes in the order of the columns."""
    before = _number(cell.printed)
    same = [c for c in exhibit.cells if c.line == cell.line and _number(c.printed) == before]
    return Edit(exhibit.file, cell.line, before, after, same.index(cell))


def digit(bed, beside, exhibit, r) -> Fault | None:
    cell = r.choice(_cells(exhibit, quantity=("coef", "se")) or [None])
    if cell is None:
        return None
    text = _number(cell.printed)
    places = [i for i, ch in enumerate(text) if ch.isdigit() and not set(text[:i]) <= set("0.-−,")] or None
    if places is None:
        return None
    i = r.choice(places[: max(1, len(places))])
    new = text[:i] + r.choice([d for d in "123456789" if d != text[i]]) + text[i + 1 :]
    return Fault("digit", exhibit.id, frozenset({_key(cell)}), (_edit(exhibit, cell, new),), f"{text} -> {new}")


def count(bed, beside, exhibit, r) -> Fault | None:
    cell = r.choice(_cells(exhibit, quantity=("nobs",)) or [None])
    if cell is None:
        return None
    text = _number(cell.printed)
    new = text[:-1] + r.choice([d for d in "0123456789" if d != text[-1]])
    return Fault("N", exhibit.id, frozenset({_key(cell)}), (_edit(exhibit, cell, new),), f"{text} -> {new}")


def stars(bed, beside, exhibit, r) -> Fault | None:
    cell = r.choice([c for c in _cells(exhibit, quantity=("coef",)) if c.printed.endswith("*")] or [None])
    if cell is None:
        return None
    mark = re.search(r"\*+$", cell.printed).group()
    bare = _number(cell.printed)
    path = bed.folder / exhibit.file
    line = path.read_text(encoding="utf-8").split("\n")[cell.line - 1]
    for form in (f"\\sym{{{mark}}}", mark.replace("*", "\\*"), mark):
        if bare + form in line:
            new = form[: len(form) // len(mark) * (len(mark) - 1)] if not form.startswith("\\sym") else (
                f"\\sym{{{mark[:-1]}}}" if len(mark) > 1 else "")  # fmt: skip
            same = [c for c in exhibit.cells if c.line == cell.line and c.printed == cell.printed]
            edit = Edit(exhibit.file, cell.line, bare + form, bare + new, same.index(cell))
            return Fault("stars", exhibit.id, frozenset({_key(cell)}), (edit,), f"{cell.printed} loses a star")
    return None


def label(bed, beside, exhibit, r) -> Fault | None:
    """Two rows exchange their labels: in the text, the labels."""
    if exhibit.origin != "table":
        return None
    column = r.choice(exhibit.columns).number
    rows = sorted({(c.row, c.label, c.line) for c in _cells(exhibit, quantity=("coef",), column=(column,))})
    named = [x for x in rows if x[1] and "cons" not in x[1].lower()]
    if len(named) < 2:
        return None
    a, b = r.sample(named, 2)
    if a[1] in b[1] or b[1] in a[1]:
        return None
    edits = (Edit(exhibit.file, 0, a[1], b[1]), Edit(exhibit.file, 0, b[1], a[1]))
    touched = frozenset(_key(c) for c in exhibit.cells if c.label in (a[1], b[1]))
    return Fault("label", exhibit.id, touched, edits, f"{a[1]} <-> {b[1]}")


def column(bed, beside, exhibit, r) -> Fault | None:
    """A column's numbers are those of another column of the table, row by row."""
    if exhibit.origin != "table" or len(exhibit.columns) < 2:
        return None
    a, b = r.sample([c.number for c in exhibit.columns], 2)
    return _copied(exhibit, {a: b}, "column")


def run(bed, beside, exhibit, r) -> Fault | None:
    """Every column estimated on the data without one period: the table of another run."""
    if exhibit.origin != "table" or len(exhibit.columns) < 2:
        return None
    seed, edits, touched = r.randrange(10**6), [], set()
    for i in range(len(exhibit.columns)):
        one = _reestimated(bed, beside, exhibit, random.Random(seed), "sample", i)
        if one is None:
            return None
        edits += one.edits
        touched |= one.cells
    return Fault("run", exhibit.id, frozenset(touched), tuple(edits), "another sample in every column")


def _copied(exhibit, of: dict[int, int], kind: str) -> Fault | None:
    edits, touched, missing = [], set(), 0
    for cell in exhibit.cells:
        if cell.column not in of:
            continue
        other = [c for c in exhibit.cells if (c.row, c.label, c.quantity) == (cell.row, cell.label, cell.quantity)
                 and c.column == of[cell.column]]  # fmt: skip
        if not other:
            missing += 1
            continue
        if _number(other[0].printed) != _number(cell.printed):
            edits.append(_edit(exhibit, cell, _number(other[0].printed)))
            touched.add(_key(cell))
    if missing or len(edits) < 4:
        return None
    return Fault(kind, exhibit.id, frozenset(touched), tuple(edits), f"columns {of}")


def note(bed, beside, exhibit, r) -> Fault | None:
    """The note says t statistics where standard errors are, or the other way round."""
    inside = _cells(exhibit, quantity=("se", "t"))
    if exhibit.origin != "table" or not inside:
        return None
    lines = (bed.folder / exhibit.file).read_text(encoding="utf-8").split("\n")
    for i, line in enumerate(lines, 1):
        if "in parentheses" not in line:
            continue
        found = re.search(r"(?:Robust )?[Ss]tandard errors|\{\\i t\} statistics", line)
        if found:
            after = "t statistics" if found.group().endswith("errors") else "Standard errors"
            edit = Edit(exhibit.file, -i, found.group(), after)
            return Fault("note", exhibit.id, frozenset(map(_key, inside)), (edit,), after)
    return None


def cluster(bed, beside, exhibit, r) -> Fault | None:
    """Standard errors (and what follows from them) of other clusters, or of none."""
    return _reestimated(bed, beside, exhibit, r, "cluster")


def sample(bed, beside, exhibit, r) -> Fault | None:
    """Everything of a column from a sample without one period or so."""
    return _reestimated(bed, beside, exhibit, r, "sample")


def _reestimated(bed, beside, exhibit, r, kind: str, i: int | None = None) -> Fault | None:
    i = r.randrange(len(exhibit.columns)) if i is None else i
    match = beside.matches[i]
    e = match.fit.estimate if match.fit else None
    if e is None or e.source.request is None:
        return None
    request, used = e.source.request, None
    if kind == "cluster":
        options = [("HC1", ()), ("iid", ())] if request.cluster else [("CR1", (e.source.panel.unit,))] + (
            [("HC1", ())] if request.kind == "iid" else [("iid", ())])  # fmt: skip
        kind_, clusters = r.choice([o for o in options if all(o[1]) or not o[1]])
        request = replace(request, kind=kind_, cluster=clusters)
    else:
        import numpy as np

        used = e.source.fit.used.copy()
        time = e.source.panel.time
        if time and r.random() < 0.7:
            values = e.source.data[time].values
            used &= values != r.choice(sorted({v for v in values[used].tolist() if v == v}))
        else:
            used &= np.random.default_rng(r.randrange(10**6)).random(len(used)) > 0.1
    other = siblings.estimated_as(e, request, used)
    if other is None:
        return None
    edits, touched = [], set()
    for cell in exhibit.cells:
        if cell.column != exhibit.columns[i].number:
            continue
        value = other.number(cell.quantity, cell.term) if cell.row >= 0 else other.number(
            cell.label if cell.label in other.statistics else cell.quantity)  # fmt: skip
        if value is None:
            if cell.row >= 0:
                return None
            continue
        new = _as(_number(cell.printed), value)
        if new != _number(cell.printed):
            edits.append(_edit(exhibit, cell, new))
            touched.add(_key(cell))
    if len(edits) < 2:
        return None
    return Fault(kind, exhibit.id, frozenset(touched), tuple(edits), request.kind if kind == "cluster" else "sample")


def _as(text: str, value: float) -> str:
    """A value in the form of a printed text: as many significant decimals, its zero before the point or not, its commas."""
    decimals = len(text.partition(".")[2])
    if "." in text and 0 < abs(value) < 0.1 and decimals > 4:
        decimals = max(decimals, 4)
    out = f"{value:,.{decimals}f}" if "," in text else f"{value:.{decimals}f}"
    return out.replace("0.", ".", 1) if re.match(r"-?\.", text) and re.match(r"-?0\.", out) else out


MAKERS = {"digit": digit, "column": column, "run": run, "note": note, "N": count, "stars": stars, "cluster": cluster,
          "sample": sample, "label": label}  # fmt: skip


# ---------------------------------------------------------------- the verdict on parity


@dataclass(frozen=True)
class Outcome:
    fault: Fault
    found: bool
    named: bool
    wrong: int
    said: str


def outcome(bed: Bed, fault: Fault, report: Package) -> Outcome:
    exhibit = next((e for e in report.exhibits if e.id == fault.exhibit), None)
    if exhibit is None:
        return Outcome(fault, False, False, 0, "the exhibit is gone")
    bad = [c for c in exhibit.cells if c.verdict != "reproduced"]
    column = {k[0] for k in fault.cells}
    before = {(f.id, f.file, f.line, f.text) for f in bed.report.findings}
    new = [f for f in report.findings if (f.id, f.file, f.line, f.text) not in before and f.file == exhibit.file]
    hit = [c for c in bad if c.column in column and (fault.kind not in ("digit", "N", "stars") or _key(c) in fault.cells)]
    ids = {x.id for c in hit for x in c.causes} | {f.id for f in new}
    whole = fault.kind in ("digit", "N", "stars")
    others = [c for e in report.exhibits for c in e.cells if c.verdict in ("differs", "explained") and (
        e.id != fault.exhibit or (c.column not in column) or (whole and _key(c) not in fault.cells))]  # fmt: skip
    found = bool(hit) or bool({f.id for f in new} & NAMES[fault.kind])
    named = found and (bool(ids & NAMES[fault.kind]) or (whole and bool(hit)) or _catalogue(ids))
    said = "; ".join(sorted(ids)) or ", ".join(sorted({c.verdict for c in bad})) or "nothing"
    return Outcome(fault, found, named, len(others), said)


def _catalogue(ids: set[str]) -> bool:
    """Whether a cause of parity's catalogue is named: those are checked digit by digit."""
    from parity.diagnose.catalogue import CAUSES

    return bool(ids & {c.id for c in CAUSES})


def planted(folder: Path, n: int, seed: int, verbose: bool = False) -> list[Outcome]:
    bed = Bed(folder)
    out = []
    for fault in faults(bed, random.Random(seed), n):
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / folder.name
            shutil.copytree(folder, copy)
            try:
                result = outcome(bed, fault, bed.with_fault(fault, copy))
            except AssertionError as error:
                print("not planted:", str(error)[:150])
                continue
        out.append(result)
        if verbose or not result.found or not result.named or result.wrong:
            print(f"{'found' if result.found else 'MISSED'} {'named' if result.named else 'unnamed'} wrong {result.wrong}: "
                  f"{fault.kind} {fault.exhibit} {fault.said}: {result.said}")  # fmt: skip
    return out


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--package", default=str(FIXTURES / "packages" / "made"))
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    results = planted(Path(given.package), given.faults, given.seed, given.verbose)
    kinds = Counter(r.fault.kind for r in results)
    print(f"{'kind':<10}{'planted':>8}{'found':>8}{'named':>8}{'cells wrongly called':>22}")
    for kind in [k for k in KINDS if kinds[k]]:
        mine = [r for r in results if r.fault.kind == kind]
        counts = sum(r.found for r in mine), sum(r.named for r in mine), sum(r.wrong for r in mine)
        print(f"{kind:<10}{len(mine):>8}{counts[0]:>8}{counts[1]:>8}{counts[2]:>22}")
    n = len(results)
    print(f"{n} planted, {sum(r.found for r in results)} found, {sum(r.named for r in results)} named, "
          f"{sum(r.wrong for r in results)} other cells called wrong")  # fmt: skip


if __name__ == "__main__":
    main()
