"""Rows of a table of estpost whose labels name none of its rows: known by their numbers in the call's place, called after
another variable, or none of what the call puts there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
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
    out = list(cells)
    for m, model in enumerate(written.posted):
        mine = {i: c for i, c in enumerate(cells) if c.row is not None and c.column // width == m}
        taken = {c.term for c in mine.values() if c.estimated is not None}
        right = sum(c.verdict == "reproduced" for c in mine.values())
        order, last = _in_order(model, written), ""
        for row in sorted({c.row for c in mine.values() if c.row is not None}):
            places = [i for i, c in mine.items() if c.row == row]
            term = mine[places[0]].term
            if (m, row) in named or any(mine[i].estimated is not None for i in places):
                last = term if term in order else last
                continue
            held = [mine[i] for i in places]
            if statistic_name(held[0].label):  # `N`, which esttab puts below the table
                continue
            fits = [r for r in order if r not in taken and all(_holds(c, model.posted, r) for c in held)]
            if len(fits) == 1 and sum(bool(c.cell.number and c.cell.number.value) for c in held) > 1:
                above, last = last, fits[0]
                follows = order.index(last) == (order.index(above) + 1 if above else 0)
                if _after_another(held[0], model, last) or (follows and not _names_another(held[0].label, model, last)):
                    taken.add(last)
                    for i in places:
                        out[i] = _called(cells[i], model, last)
                else:
                    for i in places:
                        said = f"`{cells[i].label}` is no row of what `estpost` gives; it has the numbers of `{last}`"
                        out[i] = cells[i].because(said)
            elif (
                not fits and len(held) > 1 and right >= RIGHT_NUMBERS and not model.doubts and 2 * len(held) > width
                and all(c.quantity in model.posted for c in held)
            ):  # fmt: skip
                for i in places:
                    said = f"the call puts no row `{cells[i].label}` there, nor one with these numbers"
                    out[i] = replace(cells[i], verdict="differs").because(said)
    return out


def _in_order(model: TableColumn, written: Written) -> list[str]:
    """Rows that a call puts there, from above down: those of order() first."""
    asked, options = rows_asked(written.last.options), written.last.options
    rows = dict.fromkeys(r for held in model.posted.values() for r in held if asked.asks(r.rpartition(":")[2]))
    first = [r for word in (options.get("order") or "").split() for r in rows if fnmatchcase(r.rpartition(":")[2], word)]
    return list(dict.fromkeys([*first, *rows]))


def _names_another(label: str, model: TableColumn, row: str) -> bool:
    """Whether a word of a label is another variable's name."""
    known = {r.rpartition(":")[2] for held in model.posted.values() for r in held}
    if model.about is not None:
        known |= set(model.about[0].columns)
    words = {w.lower() for w in re.findall(r"\w+", label)}
    return any(n.lower() in words for n in known - {row.rpartition(":")[2]})


def _holds(c: Judged, posted: Mapping[str, Mapping[str, float]], row: str) -> bool:
    value = posted.get(c.quantity, {}).get(row)
    return value is not None and c.cell.holds(value)


def _called(c: Judged, model: TableColumn, row: str) -> Judged:
    """A number of a row that is called otherwise: by an author's own words, or after another variable."""
    right = replace(c, term=row, estimated=model.posted[c.quantity][row], verdict="reproduced", reason="", distance=0.0)
    other, name = _after_another(c, model, row), row.rpartition(":")[2]
    if not other:
        return right
    text = f"the row is called `{other}`, another variable; its numbers are of `{name}`"
    return right.explained(Cause("label-of-another", text))


def _after_another(c: Judged, model: TableColumn, row: str) -> str:
    """The other variable that a row's label is the name or the label of, and not of its own."""
    name = row.rpartition(":")[2]
    if model.about is None or plain(c.label) == plain(model.labels.get(name, name)):
        return ""
    others = (n for n, column in model.about[0].columns.items()
              if n != name and plain(c.label) in {plain(n), plain(column.label or n)})  # fmt: skip
    return next(others, "")


def of_posted_words(exhibit: Printed, written: Written, cells: Sequence[Judged]) -> list[Note]:
    """Titles and notes that name another sample than estpost's, and labels of other variables than theirs."""
    place = exhibit.notes.place.line if exhibit.notes.place is not None else exhibit.line
    held = [c.about for c in written.posted if c.about is not None and not c.doubts]
    where = f"{written.last.file}:{written.last.line}"
    known = [Sampled(data, np.flatnonzero(used), where) for data, used in held] if len(held) == len(written.posted) else []
    called = dict.fromkeys(x.text for c in cells for x in c.causes if x.id == "label-of-another")
    labels = [Note("note-labels", exhibit.line, text) for text in called]
    return [*labels, *(of_sample_words(exhibit, place, known) if known else ())]
