"""A window of estimates in a log: the table that `parity.printed.window` reads, with its place, head and foot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from parity.logs.exhibit import Cell, NotUnderstood, Place, Statistic, Window, WindowRow
from parity.logs.numbers import NUMBER, cell
from parity.logs.pairs import equations
from parity.logs.statistic_names import statistic_name
from parity.logs.window_words import TITLES, Said, column_heads, constraints, head_words, iterations, margins_words
from parity.printed.cells import Number
from parity.printed.lines import Line
from parity.printed.window import Window as Read
from parity.printed.window import read_window, table_follows
from parity.printed.window_head import columns_of

#: How far above its heading the head of a window may begin.
_HEAD_LINES = 45
#: The same where a legend of several places of at() stands in it, one of which begins so.
_LEGEND_LINES = 1000
_PLACE = re.compile(r"(\d+\._at) *: ")
_NOBS = re.compile(r"\b(?:Number|No\.) of obs\b|^Observations\b", re.IGNORECASE)
_CONSTRAINT = re.compile(r" *\( *\d+\) .*[=<>]")
_ADJUSTED = re.compile(r"clusters in (.+)")
#: The table of sums of squares, clusters, and what stands below the last rule.
_OF_TABLE = re.compile(r"[A-Z]\w* (?:SS|df|MS)|clusters in .*|sigma.*|rho|theta|lambda|/.*")
_GROUPS = re.compile(r"Absorbing (\d+) HDFE group")
#: Above a window of acreg.
_CUTOFF = re.compile(rf"(?P<what>DistCutoff|LagCutoff): {{0,4}}(?P<value>{NUMBER})\s*+")
#: Behind the F of areg's foot.
_CATEGORIES = re.compile(r"(?P<p>\d\.\d+)\s+\((?P<levels>[\d,]+) categories\)")
#: The heading of xtsum, which has means and standard deviations too.
_SUMMARY = re.compile(r"\|\s+Observations")
_KINDS = ("margins", "mean", "total", "proportion", "ratio")


def estimates(lines: Sequence[Line], at: int, behind: int, file: str) -> tuple[Window, int, int] | None:
    """The window whose heading stands at `at`, its first line and the position behind it; None where none does.

    behind: above which nothing is its own
    """
    columns = None if _SUMMARY.search(lines[at].text) else columns_of(lines[at].text)
    if columns is None or not table_follows(lines, at):
        return None
    top = _top(lines, at, behind)
    read, end = read_window(lines, top, at, columns)
    return _window(read, lines[top:at], file, lines[at], iterations(lines[behind:top])), top, end


def _top(lines: Sequence[Line], head: int, behind: int) -> int:
    """Where the head of a window begins: at the number of observations and the title above it, else at the paragraph."""
    first = max(behind, head - _HEAD_LINES)
    if any(_PLACE.match(line.text) for line in lines[first:head]):
        first = max(behind, head - _LEGEND_LINES)
    at = next((i for i in range(head - 1, first - 1, -1) if _NOBS.search(lines[i].text)), None)
    if at is None:
        at = head
        while at > first and (lines[at - 1].text.strip() or _CONSTRAINT.match(lines[at - 2].text if at > first + 1 else "")):
            at -= 1
        return at
    while at > first and lines[at - 1].text.strip() and not lines[at - 1].text.startswith("Iteration"):
        at -= 1
    for i in range(at - 1, max(first, at - 8) - 1, -1):  # titles of ivreg2 stand two paragraphs above
        if any(pattern.search(lines[i].text) for name, pattern in TITLES if name in ("ivreg2", "ivreghdfe")):
            return i
    return at


def _window(read: Read, head: Sequence[Line], file: str, heading: Line, steps: Sequence[Said]) -> Window:
    said = "\n".join(line.text for line in head)
    title = next((name for name, pattern in TITLES if pattern.search(said)), "")
    stated = {line.number for line in head if _CONSTRAINT.match(line.text)}
    given = [s for s in read.statistics if _OF_TABLE.fullmatch(s.name) or s.line >= (head[-1].number if head else 0)]
    statistics = [Statistic(s.name, statistic_name(s.name), cell(s.text, Place(file, s.line))) for s in given]
    known = {(s.label, s.cell.place.line) for s in statistics}
    pairs = [s for line in head if line.number not in stated for s in equations(line, file)]
    statistics += _of_places([s for s in pairs if (s.label, s.cell.place.line) not in known], head)
    statistics += [Statistic("HDFE groups", "", cell(m[1], Place(file, line.number))) for line in head
                   if (m := _GROUPS.match(line.text))]  # fmt: skip
    statistics += [
        Statistic(m["what"], "", cell(m["value"], Place(file, line.number)))
        for line in head
        if (m := _CUTOFF.fullmatch(line.text))
    ]
    lost = []
    for unread in read.unread:  # the foot of areg: `firm |  F(9, 188) = 49.2  0.000  (10 categories)`
        pairs = list(equations(Line(unread.line, unread.text), file))
        statistics += pairs
        if pairs and (rest := _CATEGORIES.search(unread.text)):
            place = Place(file, unread.line)
            absorbed = unread.text.split("|")[0].strip()
            statistics += [Statistic(f"{absorbed} p", "", cell(rest["p"], place))]
            statistics += [Statistic(f"{absorbed} categories", "", cell(rest["levels"], place))]
        if not pairs:
            lost.append(NotUnderstood(unread.text, unread.why, Place(file, unread.line)))
    rows = tuple(
        WindowRow(
            r.label, tuple(_cell(n, read, Place(file, r.line)) for n in r.numbers), Place(file, r.line), r.equation, r.note
        )
        for r in read.rows
    )
    kind = "lincom" if stated else title if title in _KINDS else "estimates"
    clusters = next((found[1] for s in statistics if (found := _ADJUSTED.fullmatch(s.label))), "")
    level = read.columns.level
    words = (
        *steps,
        *margins_words(head),
        *head_words(head),
        *column_heads(heading),
        *(Said("column", kind, heading.number) for kind in read.columns.kinds if kind),
        *constraints([line for line in head if line.number in stated]),
    )
    return Window(
        kind=kind, place=Place(file, head[0].number if head else read.first), rows=rows, printed_by=title,
        outcome=read.outcome, columns=_names(read), statistics=tuple(statistics), vcov=read.columns.vcov, clusters=clusters,
        level=float(level) if level else 0.0, not_understood=tuple(lost), words=words, first=read.first, last=read.last,
        whole=read.whole,
    )  # fmt: skip


def _of_places(pairs: Sequence[Statistic], head: Sequence[Line]) -> list[Statistic]:
    """`1._at: x = 2` and below it `z = 3`, which is of the same place: each with its place before it."""
    begins = {line.number: found for line in head if (found := _PLACE.match(line.text))}
    out, place = list[Statistic](), ""
    for pair in pairs:
        place = begins[pair.cell.place.line][1] if pair.cell.place.line in begins else place
        bare = pair.label.removeprefix(place).lstrip(" :")
        out.append(replace(pair, label=f"{place}: {bare}") if place and not pair.name else pair)
    return out


def _names(read: Read) -> tuple[str, ...]:
    return tuple(read.columns.first if kind == "coef" else kind for kind in read.columns.kinds)


def _cell(number: Number, read: Read, place: Place) -> Cell:
    kind = number.kind or "value"
    return cell(number.text, place, kind, read.columns.first if kind == "coef" else "")  # type: ignore[arg-type]
