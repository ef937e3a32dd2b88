"""Windows that are no estimates: summaries, tabulations, tests; held against what the do-files' data steps print."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from parity.logs.exhibit import Cell
from parity.package.degrees import of_degrees
from parity.package.document import CommandAt
from parity.package.doubts import answered, by_chance
from parity.package.estimates import LEVEL
from parity.package.lookups import KINDS, LOOKUPS
from parity.package.mapping import bare, in_order
from parity.package.printed import Printed
from parity.package.row_labels import OfAnother, spells
from parity.package.stopped_early import stopped_early
from parity.package.verdict import WIDE, Cause, Judged, judged, point, signed
from parity.stata_language.vce import LIKELIHOODS

if TYPE_CHECKING:
    from parity.stata.do import DoResult
    from parity.stata.do import Printed as Said


@dataclass(frozen=True)
class Group:
    """All that one run of one command printed."""

    kind: str
    file: str
    line: int
    texts: tuple[str, ...]
    said: tuple[Said, ...]


#: Of a window's numbers that are computed here, all are the run's.
ALL = 1.0
#: Windows whose rows without a label go on with a block: they are counted like the others.
IN_BLOCKS = ("tabstat", "table", "estpost")


class Values:
    """What data steps printed, in order, and which window is which."""

    def __init__(self, runs: Sequence[tuple[DoResult, Mapping[tuple[str, int], str]]]):
        self.groups = [g for done, raws in runs for g in _groups(done, raws)]

    def matched(self, windows: Sequence[Printed]) -> dict[str, Group]:
        """The group of each window of one log, by the window's id: by echo, in order."""
        shown = _parts([w for w in windows if w.kind in LOOKUPS])
        scores: list[dict[int, float]] = []
        for window, *_ in shown:
            texts = [bare(t) for t in ([window.command] if window.command else window.candidates)]
            row = {}
            for j, g in enumerate(self.groups):
                if g.kind in KINDS[window.kind] and any(t in g.texts for t in texts):
                    row[j] = 2.0 + _share(shown[len(scores)], g)
            scores.append(row)
        # words with numbers in them, below a command that prints another window: none of them is the run's
        told = {j for row in scores for j, score in row.items() if not math.isnan(score)}
        scores = [{j: s if s == s else 2.0 for j, s in row.items() if s == s or j not in told} for row in scores]
        chosen = in_order(scores, len(self.groups))
        alike = Counter(frozenset(row) for row in scores)
        out = {}
        for i, parts in enumerate(shown):
            row = scores[i]
            best = chosen.get(i)
            if row and (best is None or len(row) != alike[frozenset(row)]):
                # more or fewer runs than windows: order doesn't tell which is which, only the numbers do
                best = max(row, key=lambda j: (row[j], j == chosen.get(i)))
                best = best if row[best] >= 2.0 + ALL or len(row) == 1 == alike[frozenset(row)] else None
            if best is not None:
                out |= {part.id: self.groups[best] for part in parts}
        return out


def _parts(windows: Sequence[Printed]) -> list[list[Printed]]:
    """Windows of one command together, where it parts a table that is too wide."""
    out: list[list[Printed]] = []
    for w in windows:
        last = out[-1][-1] if out else None
        if w.kind in IN_BLOCKS and last is not None and w.position is not None and last.position == w.position:
            out[-1].append(w)
        else:
            out.append([w])
    return out


def value_cells(exhibit: Printed, group: Group | None, fate: str = "") -> tuple[list[Judged], CommandAt | None]:
    """Every cell with its verdict, and the command that prints them where it is known. fate: why it printed nothing"""
    if exhibit.origin == "table":
        return list(_unverified(exhibit, "it is no table of estimates; nothing of the do-files is known to give it")), None
    if exhibit.kind not in LOOKUPS:
        return list(_unverified(exhibit, f"what `{exhibit.kind}` prints is not held against the data")), None
    if group is None:
        return list(_unverified(exhibit, fate or f"no `{exhibit.kind}` that was run is known to print it")), None
    look = LOOKUPS[exhibit.kind](group.said)
    doubts = sorted({d for s in group.said for d in s.doubts})
    out = []
    for base, row, name in _bases(exhibit, points=True):
        value = look(row, base.label, name)
        if base.cell.number is None and (value is None or isinstance(value, OfAnother) or not math.isfinite(value)):
            continue
        if _drawn(group, base):
            out.append(base.because("it is of random draws, which no other program repeats"))
        elif base.cell.number is not None and isinstance(value, OfAnother) and base.cell.holds(value):
            text = f"the row is printed `{base.label}`; its numbers are of `{value.due}`"
            out.append(judged(base, float(value)).explained(Cause("label-of-another", text)))
        elif value is None or isinstance(value, OfAnother) or not math.isfinite(value):
            out.append(base.because(f"`{name}` of `{exhibit.kind}` is not computed here"))
        elif base.cell.number is None:
            out.append(point(base, never=abs(value) < WIDE))
        else:
            last = group.said[-1].numbers
            out.append(of_degrees(judged(base, value), last.get("df"), last.get("df_r")))
    out = signed(_at_its_level(out, exhibit, group), exhibit.origin, False)
    if group.said[-1].values.get("after") in LIKELIHOODS:
        out = stopped_early(out)
    if doubts:
        out = _doubted(out, f"its data are in doubt: {doubts[0]}")
    return out, CommandAt(file=group.file, line=group.line, text=exhibit.command or group.texts[0])


def _at_its_level(cells: Sequence[Judged], exhibit: Printed, group: Group) -> list[Judged]:
    """Ends of an interval differ where the window says another level than its command, which says none."""
    said = {i: column.level for i, column in enumerate(exhibit.columns)}
    if any("level" in text for text in group.texts):
        return list(cells)
    return [
        replace(c, verdict="differs").because(f"the interval is said to be of {said[c.column]:g} %, and is of {LEVEL:g} %")
        if c.verdict in ("reproduced", "explained")
        and c.quantity in ("ci_low", "ci_high")
        and said[c.column] not in (0.0, LEVEL)
        else c
        for c in cells
    ]


def _drawn(group: Group, base: Judged) -> bool:
    """Whether a number is of draws, which are missing here: what a comparison made of them is none of Stata's."""
    drawn = [str(s.values.get("variable", "")) for s in group.said if "random" in s.doubts]
    return bool(drawn) and (base.row is None or any(not n or spells(base.label, n) for n in drawn))


def _doubted(cells: list[Judged], reason: str) -> list[Judged]:
    """Rows of a window are of variables that the doubt concerns or not: each answers for itself."""
    rows: dict[tuple[int, int | None], list[Judged]] = {}
    for c in cells:
        rows.setdefault((c.column, c.row), []).append(c)
    sure = {place for place, row in rows.items() if place[1] is not None and answered(row)}
    sure |= {(c, None) for c, row in rows if row is None and all(p in sure for p in rows if p[0] == c and p[1] is not None)}
    unsure = ("differs", "reproduced") if by_chance(cells) else ("differs",)
    return [
        replace(c, verdict="not verified", reason=reason, estimated=None, distance=0.0)
        if c.verdict in unsure and (c.column, c.row) not in sure
        else c
        for c in cells
    ]


def _share(parts: Sequence[Printed], group: Group) -> float:
    """Of the numbers that are known, those that are the group's; NaN where none is known."""
    look, of, hits = LOOKUPS[parts[0].kind](group.said), 0, 0
    for base, row, name in itertools.chain.from_iterable(map(_bases, parts)):
        value = look(row, base.label, name)
        if value is not None:
            of += 1
            hits += base.cell.holds(value)
    return hits / of if of else math.nan


def _bases(exhibit: Printed, *, points: bool = False) -> Iterator[tuple[Judged, int | None, str]]:
    """points: with those that stand for a number"""
    heads = [s.text for s in exhibit.words if s.name == "column"]
    for i, column in enumerate(exhibit.columns):
        place, below = -1, 0
        for j, row in enumerate(column.rows):
            # shares, p-values: below the numbers of the row above, one line or several
            below = below + 1 if row.note == "continued" and exhibit.kind not in IN_BLOCKS else 0
            place += not below
            names = [_named(cell, k) for k, cell in enumerate(row.cells)]
            for cell, name in zip(row.cells, _parted(names) if exhibit.kind == "table" else names, strict=True):
                if cell.number is not None or (points and cell.text.strip() == "."):
                    name = name + " below" * below
                    yield Judged(i, j, row.label, row.label, name, cell, None, "not verified"), place, name
            for kind in dict.fromkeys(heads) if points and row.cells else ():
                if kind not in {c.kind for c in row.cells}:
                    empty = Cell(".", None, kind, row.cells[0].place)
                    yield Judged(i, j, row.label, row.label, kind, empty, None, "not verified"), place, kind
        for s in column.statistics:
            if s.cell.number is not None or (points and s.cell.text.strip() == "."):
                name = s.name or s.label
                yield Judged(i, None, "", s.label, name, s.cell, None, "not verified"), None, name


_HEAD = re.compile(r"\w+\([^()\s]*\)|Freq\.")


def _parted(names: Sequence[str]) -> list[str]:
    """Heads of `table` that one blank parts, `sd(x) mean(y)`, are read as one that stands above all of their columns."""
    out: list[str] = []
    for name, same in itertools.groupby(names):
        heads, columns = name.split(), len(list(same))
        out += heads if len(heads) == columns and all(map(_HEAD.fullmatch, heads)) else [name] * columns
    return out


def _named(cell: Cell, place: int) -> str:
    return cell.name or (cell.kind if cell.kind != "value" else f"value {place + 1}")


def _unverified(exhibit: Printed, why: str) -> Iterator[Judged]:
    for base, _, _ in _bases(exhibit):
        yield base.because(why)


def _groups(done: DoResult, raws: Mapping[tuple[str, int], str]) -> Iterator[Group]:
    """One command's lines together: of one run of a statement, until its first variable comes again."""
    held: list[Said] = []
    seen: set[Any] = set()
    expanded: dict[tuple[str, int], list[str]] = {}
    for s in done.statements:
        expanded.setdefault((s.file, s.line), []).append(s.text)

    def closed() -> Group:
        first = held[0]
        texts = [raws.get((first.file, first.line), "")]
        texts += expanded.get((first.file, first.line), [])[:50]
        return Group(first.kind, first.file, first.line, tuple(dict.fromkeys(bare(t) for t in texts if t)), tuple(held))

    for said in done.printed:
        if said.quietly:
            continue
        named = next((said.values[k] for k in ("variable", "name", "term") if k in said.values), "")
        key = (str(named), str(said.values.get("group", "")))
        same = held and all(getattr(held[0], of) == getattr(said, of) for of in ("kind", "file", "line", "turn"))
        if held and (not same or key in seen):
            yield closed()
            held, seen = [], set()
        held.append(said)
        seen.add(key)
    if held:
        yield closed()
