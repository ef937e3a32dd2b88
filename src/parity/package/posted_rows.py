"""Rows of a table of estpost whose labels name none of its rows: known by their numbers, called after another variable, or
none of what the call puts there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from parity.base.tolerance import RIGHT_NUMBERS
from parity.logs.statistic_names import statistic_name
from parity.package.calls import rows_asked
from parity.package.estimates import plain
from parity.package.named_samples import Sampled, of_sample_words
from parity.package.notes import Note
from parity.package.verdict import Cause, Judged

if TYPE_CHECKING:
    from parity.package.calls import Written
    from parity.package.printed import Printed
    from parity.stata.do import TableColumn


def of_posted_rows(
    cells: Sequence[Judged], written: Written, width: int, named: Collection[tuple[int, int]]
) -> list[Judged]:  # fmt: skip
    """cells: judged, those of rows without a name not verified. width: columns of each model; named: models and rows whose
    label is a row's, taken or not"""
    out, asked = list(cells), rows_asked(written.last.options)
    for m, model in enumerate(written.posted):
        mine = {i: c for i, c in enumerate(cells) if c.row is not None and c.column // width == m}
        taken = {c.term for c in mine.values() if c.estimated is not None}
        right = sum(c.verdict == "reproduced" for c in mine.values())
        for row in sorted({c.row for c in mine.values() if c.row is not None and c.estimated is None}):
            places = [i for i, c in mine.items() if c.row == row]
            if (m, row) in named or any(mine[i].estimated is not None for i in places):
                continue
            held = [mine[i] for i in places]
            if statistic_name(held[0].label):  # `N`, which esttab puts below the table
                continue
            fits = [
                r
                for r in _free(model, taken)
                if asked.asks(r.rpartition(":")[2]) and all(_holds(c, model.posted, r) for c in held)
            ]
            if len(fits) == 1 and sum(bool(c.cell.number and c.cell.number.value) for c in held) > 1:
                taken.add(fits[0])
                for i in places:
                    out[i] = _called(cells[i], model, fits[0])
            elif (
                not fits
                and len(held) > 1
                and right >= RIGHT_NUMBERS
                and not model.doubts
                and all(c.quantity in model.posted for c in held)
            ):
                for i in places:
                    said = f"the call puts no row `{cells[i].label}` there, nor one with these numbers"
                    out[i] = replace(cells[i], verdict="differs").because(said)
    return out


def _free(model: TableColumn, taken: set[str]) -> Iterator[str]:
    for row in dict.fromkeys(r for held in model.posted.values() for r in held):
        if row not in taken:
            yield row


def _holds(c: Judged, posted: Mapping[str, Mapping[str, float]], row: str) -> bool:
    value = posted.get(c.quantity, {}).get(row)
    return value is not None and c.cell.holds(value)


def _called(c: Judged, model: TableColumn, row: str) -> Judged:
    """A number of a row that is called otherwise: by an author's own words, or after another variable."""
    value = model.posted[c.quantity][row]
    right = replace(c, term=row, estimated=value, verdict="reproduced", reason="", distance=0.0)
    name = row.rpartition(":")[2]
    if model.about is None:
        return right
    others = [n for n, column in model.about[0].columns.items()
              if n != name and plain(c.label) in {plain(n), plain(column.label or n)}]  # fmt: skip
    if not others or plain(c.label) == plain(model.labels.get(name, name)):
        return right
    text = f"the row is called `{others[0]}`, another variable; its numbers are of `{name}`"
    return right.explained(Cause("label-of-another", text))


def of_posted_words(exhibit: Printed, written: Written, cells: Sequence[Judged]) -> list[Note]:
    """Titles and notes that name another sample than estpost's, and labels of other variables than theirs."""
    place = exhibit.notes.place.line if exhibit.notes.place is not None else exhibit.line
    held = [c.about for c in written.posted if c.about is not None and not c.doubts]
    where = f"{written.last.file}:{written.last.line}"
    known = [Sampled(data, np.flatnonzero(used), where) for data, used in held] if len(held) == len(written.posted) else []
    called = dict.fromkeys(x.text for c in cells for x in c.causes if x.id == "label-of-another")
    labels = [Note("note-labels", exhibit.line, text) for text in called]
    return [*labels, *(of_sample_words(exhibit, place, known) if known else ())]
