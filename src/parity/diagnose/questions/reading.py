"""How much of a printed table was read: its numbers seen, read and compared, and what was left, each by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parity.diagnose.questions.answer import Reading
from parity.printed.matching import INTERCEPT, Line, term_of
from parity.printed.printed_table import UNKNOWN, PrintedTable

#: Leftovers and lines outside that are named; the rest are counted.
_MOST = 12


def reading_of(
    table: PrintedTable, place: int, lines: Sequence[Line], terms: Sequence[str], mapping: dict[str, str], compared: int
) -> Reading:
    """What was seen, read and compared of one column. lines: its rows that are terms; compared: numbers of the question."""
    seen = table.numbers(place)
    unknown = [left for left in table.leftovers if left.why == UNKNOWN and left.cells[place]]
    lost = [left for left in unknown if left.line or term_of(left.label, terms, mapping)]
    return Reading(
        table=sum(table.numbers(i) for i in range(len(table.columns))), columns=len(table.columns), column=place + 1,
        seen=seen, read=seen - sum(left.count(place) for left in unknown), compared=compared,
        unread=tuple(_unread(table, place, lines, terms, mapping)),
        lost=tuple([*(f"{left.words(place)} was not understood" for left in lost), *_cut(table, place, lines, terms)]),
    )  # fmt: skip


def _unread(
    table: PrintedTable, place: int, lines: Sequence[Line], terms: Sequence[str], mapping: dict[str, str]
) -> Iterator[str]:
    """What is not compared, in a few lines."""
    rows = [
        f"{row.label} {' '.join(n.text for n in row.cells[place])}"
        for row in table.rows
        if row.cells[place] and row.label not in [line.label for line in lines]
    ]
    loose = [f"{line.label} {n.text}" for line in lines for n in line.numbers if not n.kind]
    known = [left for left in table.leftovers if left.cells[place] and left.why != UNKNOWN]
    torn = [
        left for left in table.leftovers
        if left.cells[place] and left.why == UNKNOWN and not (left.line or term_of(left.label, terms, mapping))
    ]  # fmt: skip
    parts = [*rows, *loose, *(left.words(place) for left in [*known, *torn])]
    if table.f and table.f[place] and len([t for t in terms if t != INTERCEPT]) != table.f[place][1]:
        parts.append(f"F of {table.f[place][1]} slopes {table.f[place][0]}")
    if parts:
        yield f"not compared: {'; '.join(parts[:_MOST])}{_more(parts)}"
    notes = [f"{label} ({note})" for label, note in (table.notes[place] if table.notes else {}).items()]
    if notes:
        yield f"without a number: {'; '.join(notes[:_MOST])}{_more(notes)}"
    absent = _absent(lines, terms) if table.cut else []
    if not absent and table.cut and table.cut[place]:
        yield "the window's last line of dashes is missing; every term of the spec stands above"
    if absent and not table.cut[place]:
        yield f"terms of the spec that the window doesn't have: {', '.join(absent[:_MOST])}{_more(absent)}"
    if table.outside:
        yield f"lines outside of the window, not read: {_ranges(table.outside)}"


def _absent(lines: Sequence[Line], terms: Sequence[str]) -> list[str]:
    found = {line.term for line in lines}
    return [term for term in terms if term not in found]


def _cut(table: PrintedTable, place: int, lines: Sequence[Line], terms: Sequence[str]) -> Iterator[str]:
    """Whether the end of the column's window is missing, and a term of the spec with it."""
    if not table.cut or not table.cut[place]:
        return
    absent = _absent(lines, terms)
    if absent:
        named = ", ".join(absent[:_MOST]) + _more(absent)
        yield f"the window's last line of dashes is missing behind line {table.cut[place]}: {named} may have stood there"


def _more(parts: Sequence[str]) -> str:
    return f" and {len(parts) - _MOST} more" if len(parts) > _MOST else ""


def _ranges(numbers: Sequence[int]) -> str:
    """`1-3, 7` of 1, 2, 3, 7."""
    spans: list[list[int]] = []
    for n in numbers:
        if spans and n == spans[-1][1] + 1:
            spans[-1][1] = n
        else:
            spans.append([n, n])
    texts = [f"{a}-{b}" if b > a else f"{a}" for a, b in spans]
    return ", ".join(texts[:_MOST]) + _more(texts)
