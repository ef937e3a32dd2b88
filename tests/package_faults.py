"""Mistakes for exhibits of a package, as edits of its files: what `planted_package` plants.

Each maker takes an exhibit whose every number is reproduced, and gives a `Fault`, or None where the exhibit allows none of
its kind. Numbers that a mistake puts in are those that the package's own data give under another sample, other clusters or
another command; nothing is drawn that an author could not have printed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from parity.logs.exhibit import Cell
from parity.package import siblings
from parity.package.document import CellOf, ExhibitOf
from parity.package.estimates import Estimated
from parity.package.matched import Beside

KINDS = ("digit", "column", "run", "note", "N", "stars", "cluster", "sample", "label")
NUMBER = re.compile(r"[-−]?\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?|[-−]?\.\d+(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Edit:
    """One printed text replaced in a line. column: where it begins, from 1, 0 unknown; at: which of the equal texts then

    whole: `before` and `after` are the line. aligned: the right edge stays where it is, as in a window
    """

    line: int
    before: str
    after: str
    column: int = 0
    at: int = 0
    whole: bool = False
    aligned: bool = False


@dataclass(frozen=True)
class Fault:
    """cells: column, row, quantity of those that it touches"""

    kind: str
    exhibit: str
    file: str
    cells: frozenset[tuple[int, int, str]]
    edits: tuple[Edit, ...]
    said: str


class NotPlanted(Exception):
    """The text isn't where its place says: a format whose places are no lines."""


def lines_of(path: Path) -> list[str]:
    """Latin-1 keeps every byte, whatever the file is written in."""
    return path.read_bytes().decode("latin-1").split("\n")


def planted_into(path: Path, edits: Sequence[Edit]) -> None:
    lines = lines_of(path)
    before = list(lines)
    for edit in sorted(edits, key=lambda e: (e.line, -e.column, -e.at)):
        lines[edit.line - 1] = _edited(lines[edit.line - 1], edit)
    if lines == before:
        raise NotPlanted("nothing is altered")
    path.write_bytes("\n".join(lines).encode("latin-1"))


def _edited(line: str, edit: Edit) -> str:
    if edit.whole:
        if line != edit.before:
            raise NotPlanted(line)
        return edit.after
    start = edit.column - 1
    if edit.column <= 0 or line[start : start + len(edit.before)] != edit.before:
        places = [m.start() for m in re.finditer(rf"(?<![\d.]){re.escape(edit.before)}(?![\d])", line)]
        if len(places) <= edit.at:
            raise NotPlanted(f"{edit} {line}")
        start = places[edit.at]
    end = start + len(edit.before)
    head, more = line[:start], len(edit.after) - len(edit.before)
    if edit.aligned and more > 0 and head.endswith(" " * (more + 1)):
        head = head[: len(head) - more]
    elif edit.aligned and more < 0:
        head += " " * -more
    return head + edit.after + line[end:]


# ---------------------------------------------------------------- cells and their places


@dataclass(frozen=True)
class Spot:
    """A cell of the report beside the cell in print."""

    cell: CellOf
    printed: Cell

    @property
    def key(self) -> tuple[int, int, str]:
        return (self.cell.column, self.cell.row, self.cell.quantity)


def spots(beside: Beside, exhibit: ExhibitOf) -> list[Spot]:
    """Every number of an exhibit, in the order of the report."""
    printed = []
    for column in beside.printed.columns:
        printed += [c for row in column.rows for c in row.cells if c.number is not None]
        printed += [s.cell for s in column.statistics if s.cell.number is not None]
    return [Spot(c, p) for c, p in zip(exhibit.cells, printed, strict=True)]


def digits_of(text: str) -> str:
    """The digits of a printed text, brackets and stars off."""
    found = NUMBER.search(text)
    if found is None:
        raise NotPlanted(text)
    return found.group()


def edit_of(spot: Spot, among: Sequence[Spot], after: str) -> Edit:
    before = digits_of(spot.printed.text)
    same = [s for s in among if s.cell.line == spot.cell.line and digits_of(s.printed.text) == before]
    place = spot.printed.place
    inside = spot.printed.text.find(before)
    column = place.column + inside if place.column and inside >= 0 else 0
    return Edit(place.line, before, after, column, same.index(spot), aligned=spot.cell.line > 0)


def _fault(kind: str, exhibit: ExhibitOf, cells, edits, said: str) -> Fault:
    return Fault(kind, exhibit.id, exhibit.file, frozenset(cells), tuple(edits), said)


# ---------------------------------------------------------------- single numbers


def digit(bed, beside, exhibit, r) -> Fault | None:
    every = spots(beside, exhibit)
    chosen = _one([s for s in every if s.cell.quantity in ("coef", "se")], r)
    if chosen is None:
        return None
    text = digits_of(chosen.printed.text)
    mantissa = re.split("[eE]", text)[0]
    places = [i for i, ch in enumerate(mantissa) if ch.isdigit() and set(mantissa[: i + 1]) - set("0.-−,")]
    if not places:
        return None
    i = r.choice(places)
    new = text[:i] + r.choice([d for d in "123456789" if d != text[i]]) + text[i + 1 :]
    return _fault("digit", exhibit, {chosen.key}, [edit_of(chosen, every, new)], f"{text} -> {new}")


def count(bed, beside, exhibit, r) -> Fault | None:
    every = spots(beside, exhibit)
    chosen = _one([s for s in every if s.cell.quantity == "nobs"], r)
    if chosen is None:
        return None
    text = digits_of(chosen.printed.text)
    new = text[:-1] + r.choice([d for d in "0123456789" if d != text[-1]])
    return _fault("N", exhibit, {chosen.key}, [edit_of(chosen, every, new)], f"{text} -> {new}")


def stars(bed, beside, exhibit, r) -> Fault | None:
    every = spots(beside, exhibit)
    chosen = _one([s for s in every if s.cell.quantity == "coef" and s.printed.text.endswith("*")], r)
    if chosen is None:
        return None
    mark = re.search(r"\*+$", chosen.printed.text).group()
    bare = digits_of(chosen.printed.text)
    line = lines_of(bed.folder / exhibit.file)[chosen.cell.line - 1]
    for form in (f"\\sym{{{mark}}}", f"\\{{{mark}}}", f"^{{{mark}}}", f"$^{{{mark}}}$", f"<sup>{mark}</sup>",
                 mark.replace("*", "\\*"), mark):  # fmt: skip
        if bare + form in line:
            new = form.replace(mark, mark[:-1]) if form != mark.replace("*", "\\*") else "\\*" * (len(mark) - 1)
            same = [s for s in every if s.cell.line == chosen.cell.line and s.printed.text == chosen.printed.text]
            edit = Edit(chosen.cell.line, bare + form, bare + new, 0, same.index(chosen))
            return _fault("stars", exhibit, {chosen.key}, [edit], f"{chosen.printed.text} loses a star")
    return None


def _one(of: Sequence, r: random.Random):
    return r.choice(of) if of else None


# ---------------------------------------------------------------- labels, columns, notes


def label(bed, beside, exhibit, r) -> Fault | None:
    """Two rows exchange their labels: in the text, the labels."""
    every = spots(beside, exhibit)
    lines = lines_of(bed.folder / exhibit.file)
    column = r.choice(exhibit.columns).number
    rows = {s.cell.row: s for s in every if s.cell.quantity == "coef" and s.cell.column == column and s.cell.line > 0}
    named = [s for s in rows.values() if _plainly(s.cell.label) and s.cell.label in lines[s.cell.line - 1]]
    if len(named) < 2:
        return None
    a, b = r.sample(named, 2)
    one, other = a.cell.label, b.cell.label
    if a.cell.line == b.cell.line or one == other:
        return None
    touched = {s.key for s in every if s.cell.row in (a.cell.row, b.cell.row)}
    edits = [_relabelled(lines, a.cell.line, one, other), _relabelled(lines, b.cell.line, other, one)]
    return _fault("label", exhibit, touched, edits, f"{one} <-> {other}")


def _plainly(text: str) -> bool:
    return text.isascii() and "cons" not in text.lower() and re.search(r"[A-Za-z]\w", text) is not None


def _relabelled(lines: Sequence[str], line: int, before: str, after: str) -> Edit:
    """The first label of a line; in a window its right edge stays."""
    text = lines[line - 1]
    start = text.index(before)
    head, tail = text[:start], text[start + len(before) :]
    more = len(after) - len(before)
    if more < 0 and "|" in tail:
        head += " " * -more
    elif more > 0 and head.endswith(" " * more):
        head = head[: len(head) - more]
    return Edit(line, text, head + after + tail, whole=True)


def column(bed, beside, exhibit, r) -> Fault | None:
    """A column's numbers are those of another column of the table, row by row; a window's, of another command."""
    if exhibit.origin == "log" or len(exhibit.columns) < 2:
        return _of_another(bed, beside, exhibit, r, "column")
    every = spots(beside, exhibit)
    a, b = r.sample([c.number for c in exhibit.columns], 2)
    edits, touched = [], set()
    for s in every:
        if s.cell.column != a:
            continue
        other = [o for o in every if o.cell.column == b and (o.cell.row, o.cell.label, o.cell.quantity) == (
            s.cell.row, s.cell.label, s.cell.quantity)]  # fmt: skip
        if not other:
            return None
        if (new := digits_of(other[0].printed.text)) != digits_of(s.printed.text):
            edits.append(edit_of(s, every, new))
            touched.add(s.key)
    return _fault("column", exhibit, touched, edits, f"column {a} has {b}'s") if len(edits) >= 4 else None


def _of_another(bed, beside, exhibit, r, kind: str) -> Fault | None:
    """Every number of a column is that of another command of the package with the same terms."""
    i = r.randrange(len(exhibit.columns))
    mine = _estimate(beside, i)
    if mine is None:
        return None
    others = [e for e in bed.have.estimates if e.known and e.index != mine.index and set(mine.terms) <= set(e.terms)]
    r.shuffle(others)
    for other in others[:10]:
        edits, touched = _with_numbers(beside, exhibit, i, mine, other)
        if len(edits) >= 4 and sum(k[2] == "coef" for k in touched) >= 2:
            return _fault(kind, exhibit, touched, edits, f"the numbers of {other.place}")
    return None


def run(bed, beside, exhibit, r) -> Fault | None:
    """Every column estimated on the data without one period: the table of another run."""
    if exhibit.origin == "log":
        return _of_another(bed, beside, exhibit, r, "run")
    seed, edits, touched = r.randrange(10**6), [], set()
    for i in range(len(exhibit.columns)):
        one = _reestimated(bed, beside, exhibit, random.Random(seed), "sample", i)
        if one is None:
            return None
        edits += one.edits
        touched |= one.cells
    return _fault("run", exhibit, touched, edits, "another sample in every column")


def note(bed, beside, exhibit, r) -> Fault | None:
    """The note says t statistics where standard errors are, or the other way round; a window, other clusters or none."""
    if exhibit.origin == "log":
        return _heading(bed, beside, exhibit, r)
    inside = {s.key for s in spots(beside, exhibit) if s.cell.quantity in ("se", "t")}
    place = beside.printed.notes.place
    if not inside or place is None or place.line <= 0:
        return None
    lines = lines_of(bed.folder / exhibit.file)
    for i in range(max(0, place.line - 3), min(len(lines), place.line + 12)):
        line = lines[i]
        found = re.search(r"(?:Robust |Clustered )?[Ss]tandard errors|(?:\{\\i )?\b[tT]\}?[ -]statistics", line)
        if found and re.search("in (?:parenthes|bracket)", line):
            after = "t statistics" if "rrors" in found.group() else "Standard errors"
            edit = Edit(i + 1, line, line[: found.start()] + after + line[found.end() :], whole=True)
            return _fault("note", exhibit, inside, [edit], after)
    return None


def _heading(bed, beside, exhibit, r) -> Fault | None:
    """`adjusted for 10 clusters in state` names another variable of the data; `Robust` is missing."""
    lines = lines_of(bed.folder / exhibit.file)
    e = _estimate(beside, 0)
    first = exhibit.line - 1
    if e is None:
        return None
    keys = {s.key for s in spots(beside, exhibit) if s.cell.quantity == "se"}
    last = max(c.line for c in exhibit.cells)
    for i in range(first, last):
        named = re.search(r"clusters in (\w+)\)", lines[i])
        if named and named.group(1) in e.source.data.columns:
            others = [n for n in e.source.data.columns if n not in e.command and len(n) <= 12]
            if others:
                new = r.choice(sorted(others))
                edit = Edit(i + 1, lines[i], lines[i].replace(f"in {named.group(1)})", f"in {new})"), whole=True)
                return _fault("note", exhibit, keys, [edit], f"clusters in {new}")
    for i in range(first, last):
        if re.search(r"\|\s+Robust\s*$", lines[i].rstrip("\r")):
            edit = Edit(i + 1, lines[i], lines[i].replace("Robust", "      "), whole=True)
            return _fault("note", exhibit, keys, [edit], "the word Robust is missing")
    return None


# ---------------------------------------------------------------- other clusters, other samples


def cluster(bed, beside, exhibit, r) -> Fault | None:
    """Standard errors (and what follows from them) of other clusters, or of none."""
    return _reestimated(bed, beside, exhibit, r, "cluster")


def sample(bed, beside, exhibit, r) -> Fault | None:
    """Everything of a column from a sample without one period or so."""
    return _reestimated(bed, beside, exhibit, r, "sample")


def _estimate(beside: Beside, i: int) -> Estimated | None:
    match = beside.matches[i] if i < len(beside.matches) else None
    e = match.fit.estimate if match is not None and match.fit is not None else None
    return e if e is not None and e.source is not None and e.source.request is not None else None


def _reestimated(bed, beside, exhibit, r, kind: str, i: int | None = None) -> Fault | None:
    i = r.randrange(len(exhibit.columns)) if i is None else i
    e = _estimate(beside, i)
    if e is None:
        return None
    request, used = e.source.request, None
    if kind == "cluster":
        options = [("HC1", ()), ("iid", ())] if request.cluster else [
            ("HC1", ()) if request.kind == "iid" else ("iid", ()), *_clusters_known(bed, e)]  # fmt: skip
        kind_, clusters = r.choice(options)
        request = replace(request, kind=kind_, cluster=clusters, lags=None)
    else:
        used = _fewer(e, r)
    other = siblings.estimated_as(e, request, used)
    if other is None:
        return None
    edits, touched = _with_numbers(beside, exhibit, i, e, other)
    if len(edits) < 2:
        return None
    said = f"{request.kind} {','.join(request.cluster)}" if kind == "cluster" else "another sample"
    return _fault(kind, exhibit, touched, edits, said)


def _clusters_known(bed, e: Estimated) -> list[tuple[str, tuple[str, ...]]]:
    """Clusters that the panel or another command of the package has, of variables of these data with many levels."""
    names = {e.source.panel.unit} | {c for o in bed.have.estimates if o.source is not None and o.source.request is not None
                                     for c in o.source.request.cluster}  # fmt: skip
    data = e.source.data
    held = [n for n in sorted(n for n in names if n) if n in data.columns and not data.columns[n].text]
    return [("CR1", (n,)) for n in held if len(set(data[n].values[e.source.fit.used].tolist())) > 5]


def _fewer(e: Estimated, r: random.Random) -> np.ndarray:
    used = e.source.fit.used.copy()
    time = e.source.panel.time
    if time and time in e.source.data.columns and r.random() < 0.7:
        values = e.source.data[time].values
        return used & (values != r.choice(sorted({v for v in values[used].tolist() if v == v})))
    return used & (np.random.default_rng(r.randrange(10**6)).random(len(used)) > 0.1)


def _with_numbers(beside, exhibit, i: int, mine: Estimated, other: Estimated) -> tuple[list[Edit], set]:
    """A column's numbers replaced by another estimate's in the same form; nothing where one of its rows has none."""
    every = spots(beside, exhibit)
    edits, touched = [], set()
    for s in every:
        if s.cell.column != exhibit.columns[i].number:
            continue
        value = other.number(s.cell.quantity, s.cell.term) if s.cell.row >= 0 else other.number(
            s.cell.label if s.cell.label in other.statistics else s.cell.quantity)  # fmt: skip
        if value is None:
            if s.cell.row >= 0 and mine.number(s.cell.quantity, s.cell.term) is not None:  # a base's zero has none
                return [], set()
            continue
        before = digits_of(s.printed.text)
        if s.cell.quantity == "t" and s.cell.estimated is not None and s.cell.estimated < 0 and not before.startswith("-"):
            value = abs(value)
        new = in_the_form_of(before, value)
        if new != before:
            edits.append(edit_of(s, every, new))
            touched.add(s.key)
    return edits, touched


def in_the_form_of(text: str, value: float) -> str:
    """A value as a printed text is: its decimals (its digits, where small), its zero before the point or not, its commas."""
    if re.search("[eE]", text):
        return f"{value:.{len(re.split('[eE]', text)[0].partition('.')[2])}e}"
    decimals = len(text.partition(".")[2])
    out = f"{value:,.{decimals}f}" if "," in text else f"{value:.{decimals}f}"
    return re.sub(r"^(-?)0\.", r"\1.", out) if re.match(r"-?\.", text) else out


MAKERS = {"digit": digit, "column": column, "run": run, "note": note, "N": count, "stars": stars, "cluster": cluster,
          "sample": sample, "label": label}  # fmt: skip


def faults(bed, random_: random.Random, n: int) -> Iterator[Fault]:
    """n different mistakes, the kinds in turn; a kind that no exhibit allows leaves its turn to the others."""
    clean, made, seen, tries = bed.clean(), 0, set(), dict.fromkeys(KINDS, 0)
    while clean and made < n and any(t < 60 for t in tries.values()):
        for kind in KINDS:
            if made >= n or tries[kind] >= 60:
                continue
            for _ in range(20):
                tries[kind] += 1
                try:
                    fault = MAKERS[kind](bed, *random_.choice(clean), random_)
                except NotPlanted:
                    fault = None
                if fault is not None and fault.edits and (key := (fault.exhibit, fault.edits)) not in seen:
                    seen.add(key)
                    made, tries[kind] = made + 1, 0
                    yield fault
                    break
