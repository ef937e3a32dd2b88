"""Excel: the used cells of a sheet, and the first sheet as a table. What has no kept value is refused with its cell.

Only rows and cells that the file holds are read, so one cell at XFD1048576 takes no more room than another.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.data.marks import NOTE, SHOWN, Malformed, Words, check_header
from parity.study.formula import EXACT_WHOLE

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=\"([A-Z0-9:]+)\"")
#: Bytes of a sheet's XML looked through at a time, and of these kept for what lies across a border.
_CHUNK, _OVERLAP = 1 << 20, 200
_NUMBER = re.compile(r"\s*+[-+]?(\d++\.?+\d*+|\.\d++)([eE][-+]?\d++)?\s*+", re.ASCII)
#: Digits that a number in a text may have to be read as one; longer ones are names.
_DIGITS = 15


@dataclass(frozen=True)
class Error:
    """An error that a cell holds instead of a value: `#N/A`, `#DIV/0!`."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass
class Table:
    """columns: name -> cells, None where there is no value. words: what was taken for missing; errors: where.

    sheets: names of all sheets of the workbook, of which the first was read
    places: the row in which each of its rows stands
    """

    columns: dict[str, list] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    errors: list[str] = field(default_factory=list)
    sheets: tuple[str, ...] = ()
    places: Sequence[int] = ()


def open_book(path: Path, *, formulas: bool = False) -> Any:
    """The workbook, its cells read as they are asked for. Raises whatever zip and XML raise."""
    import openpyxl

    return openpyxl.load_workbook(path, read_only=True, data_only=not formulas, keep_links=False)


def used_rows(
    path: Path, sheet: Any, heads: Callable[[list[tuple[int, list]]], int] | None = None
) -> list[tuple[int, list]]:
    """Rows that hold anything, with their numbers; errors as `Error`.

    heads: the number of the row of heads, down to which merged cells hide nothing; by default none may be merged.
    Raises `Malformed` where a formula has no kept value, or merged cells hide that a row or a column has none.
    """
    formulas, merged = _marks(path, sheet)
    rows = []
    for number, (cells, asked) in enumerate(_beside(path, sheet, formulas), start=1):
        row = [_value(cell) for cell in cells]
        for k in asked:
            if (k >= len(row) or row[k] is None) and not (k < len(cells) and cells[k].data_type == "str"):
                raise Malformed(
                    f"cell {address(k, number)} holds a formula without a kept value: "
                    "open the file in Excel or LibreOffice, save it, and use that"
                )
        while row and row[-1] is None:
            row.pop()
        if row:
            rows.append((number, row))
    if heads is None and rows:
        _check_heads(merged, rows[0][0])
    _check_merged(merged, rows, heads(rows) if heads is not None else 0)
    return rows


def _beside(path: Path, sheet: Any, formulas: bool) -> Iterator[tuple[Sequence[Any], list[int]]]:
    """The cells of each row, and the places of its formulas."""
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    if not formulas:
        yield from ((cells, []) for cells in sheet.iter_rows())
        return
    book = open_book(path, formulas=True)
    try:
        twin = book.worksheets[sheet.parent.worksheets.index(sheet)]
        twin.reset_dimensions()
        for cells, asked in zip(sheet.iter_rows(), twin.iter_rows(), strict=True):
            yield cells, [k for k, cell in enumerate(asked) if cell.value is not None and cell.data_type == "f"]
    finally:
        book.close()


def _value(cell: Any) -> Any:
    value = cell.value
    if value is not None and cell.data_type == "e":
        return Error(str(value))
    if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT_WHOLE:
        return int(value)
    return None if value == "" else value


def _marks(path: Path, sheet: Any) -> tuple[bool, list[str]]:
    """Whether a sheet holds formulas, and its merged cells, which openpyxl doesn't say without reading all of it."""
    formulas, merged, tail = False, [], b""
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path) as source:
        while chunk := source.read(_CHUNK):
            text = tail + chunk
            formulas = formulas or _FORMULA.search(text) is not None
            merged += [found.decode() for found in _MERGED.findall(text)]
            tail = text[-_OVERLAP:]
    return formulas, list(dict.fromkeys(merged))


def _check_merged(merged: Sequence[str], rows: Sequence[tuple[int, list]], heads: int) -> None:
    from openpyxl.utils import range_boundaries

    at = dict(rows)
    for name in merged:
        left, top, _, bottom = range_boundaries(name)
        row = at.get(top, [])
        if bottom > max(top, heads) and left - 1 < len(row) and row[left - 1] is not None:
            raise Malformed(
                f"cells {name} are merged, and only {address(left - 1, top)} holds their value: "
                "unmerge them and write it in each"
            )


def address(place: int, row: int) -> str:
    """`C6` of column 2, row 6."""
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(place + 1)}{row}"


def first_sheet(path: Path, missing: Sequence[str]) -> Table:
    """The first sheet: names in its first row that holds anything, values below. Raises `Malformed`."""
    book = open_book(path)
    try:
        rows = used_rows(path, book.worksheets[0])
        _check_notes(rows)
        sheets = tuple(sheet.title for sheet in book.worksheets)
    finally:
        book.close()
    if not rows and len(sheets) > 1:
        raise Malformed(f"the sheet `{sheets[0]}`, the first of {len(sheets)}, is empty: put the sheet of the data first")
    if not rows:
        return Table()
    heads = [None if v is None else str(v) for v in rows[0][1]]
    check_header([name or "" for name in heads])
    names = [name or f"Unnamed: {k}" for k, name in enumerate(heads)]
    table = Table({name: [] for name in names}, sheets=sheets, places=tuple(number for number, _ in rows[1:]))
    no_value = frozenset(missing)
    for number, row in rows[1:]:
        if len(row) > len(names):
            raise Malformed(
                f"cell {address(len(row) - 1, number)} holds `{str(row[-1])[:30]}` right of the last column name: "
                "name its column, or clear the cell"
            )
        cells = [*row, *[None] * (len(names) - len(row))]
        texts = [v if isinstance(v, str) else "" for v in cells]
        if not no_value.isdisjoint(texts):
            table.words.of_row(names, texts, no_value)
        for k, (name, value) in enumerate(zip(names, cells, strict=True)):
            if isinstance(value, Error):
                table.errors.append(f"{value} in {address(k, number)}")
            table.columns[name].append(None if isinstance(value, Error) or value in no_value else value)
    return table


def _check_notes(rows: Sequence[tuple[int, list]]) -> None:
    """Notes below the data, and a title above the heads, are no rows. Raises `Malformed`."""
    if not rows:
        return
    number, row = rows[-1]
    if len(rows) > 2 and len(row) == 1 < len(rows[0][1]) and isinstance(row[0], str) and NOTE.match(row[0]):
        raise Malformed(f"row {number} holds `{row[0][:30]}` alone: a note below the data is no row, delete it")
    first, second = rows[0][1], rows[1][1] if len(rows) > 1 else []
    given = [v for v in first if v is not None]
    if len(given) == 1 and len(second) > 2 and all(isinstance(v, str) for v in second):
        raise Malformed(
            f"row {rows[0][0]} holds `{str(given[0])[:30]}` alone: a title above the column names is none of them, delete it"
        )


def _check_heads(merged: Sequence[str], heads: int) -> None:
    """A name over several columns names none of them. Raises `Malformed`."""
    from openpyxl.utils import range_boundaries

    for name in merged:
        left, top, right, _ = range_boundaries(name)
        if top == heads and right > left:
            raise Malformed(f"cells {name} of the column names are merged: unmerge them and write a name over each column")


def typed(table: Table) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A frame, and sentences on errors and on texts that were read as numbers."""
    import pandas as pd

    made, notes = {}, []
    texts: dict[str, int] = {}
    for name, values in table.columns.items():
        made[name], of_text = _column(values)
        if of_text:
            texts[name] = of_text
    if len(table.sheets) > 1:
        notes.append(f"only the first sheet of {len(table.sheets)} is read, `{table.sheets[0]}`")
    if table.errors:
        shown = ", ".join(table.errors[:SHOWN]) + (
            f" and {len(table.errors) - SHOWN} more" if len(table.errors) > SHOWN else ""
        )
        notes.append(f"cells with an error are missing: {shown}")
    if texts:
        listed = ", ".join(f"{n:,} in `{name}`" for name, n in list(texts.items())[:SHOWN])
        notes.append(f"numbers stored as text, read as numbers: {listed}{' ...' if len(texts) > SHOWN else ''}")
    return pd.DataFrame(made), tuple(notes)


def _column(values: list) -> tuple[pd.Series, int]:
    """A column of one type, and how many of its cells are numbers stored as text."""
    import pandas as pd

    given = [v for v in values if v is not None]
    if given and all(isinstance(v, datetime.date) for v in given):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)).astype("datetime64[us]")), 0
    of_text = [v for v in given if isinstance(v, str)]
    others = [v for v in given if not isinstance(v, str)]
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in others)
    if of_text and numbers and all(_NUMBER.fullmatch(v) and len(v.strip()) <= _DIGITS for v in of_text):
        values = [_number(v) if isinstance(v, str) else v for v in values]
    elif of_text:
        return pd.Series([None if v is None else _shown(v) for v in values], dtype=object), 0
    if given and numbers and len(given) == len(values) and all(isinstance(v, int) and abs(v) <= EXACT_WHOLE for v in values):
        return pd.Series(values, dtype="int64"), len(of_text)
    return pd.Series(values, dtype=object), len(of_text)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _shown(value: object) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
