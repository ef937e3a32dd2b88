"""Tables in workbooks: .xlsx with merged cells, and the XML spreadsheets that outreg2 calls .xls. Texts as a reader sees
them."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from datetime import date, datetime

from parity.base.encoding import decoded
from parity.logs.archives import checked
from parity.logs.exhibit import Place
from parity.logs.sheet import MOST_CELLS, Grid, Item, Sheet, TooLarge

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_DECIMALS = re.compile(r"0(?:\.(0+))?")
#: Blank rows that part two tables of one sheet.
_GAP = 2


def shown(value: object, form: str) -> str:
    """A value as its number format shows it: decimals, thousands, percent, powers of ten; `General` as it is."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value.isoformat() if isinstance(value, datetime | date) else str(value)
    form = form.split(";")[0 if value >= 0 or ";" not in form else 1] if form else "General"
    bare = re.sub(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\[\]]*\]', "", form)
    found = _DECIMALS.search(bare.replace("#", "").replace(",", ""))
    if bare in ("General", "@", "") or found is None:
        return f"{value:.10g}" if isinstance(value, float) and not value.is_integer() else f"{value:.0f}"
    places = len(found[1] or "")
    if "E" in bare.upper():
        return f"{value:.{places}e}"
    if "%" in bare:
        return f"{100 * value:.{places}f}%"
    literal = "".join(a or b for a, b in re.findall(r'"([^"]*)"|\\(.)', form))
    text = f"{abs(value) if '(' in literal + bare and value < 0 else value:{',' if ',' in bare else ''}.{places}f}"
    if "(" in literal + bare and ")" in literal + bare:
        return f"({text})"
    stars = "".join(re.findall(r"\*", literal))
    return text + stars


def xlsx(raw: bytes, file: str) -> Iterator[Sheet]:
    """Every sheet's tables, parted by two blank rows; a sheet of data among them says so. Raises `TooLarge`,
    `zipfile.BadZipFile` and what openpyxl raises."""
    import openpyxl

    checked(raw)
    book = openpyxl.load_workbook(io.BytesIO(raw), data_only=True, keep_links=False)
    for sheet in book.worksheets:
        if sheet.max_row * sheet.max_column > MOST_CELLS:
            why = f"sheet {sheet.title} has {sheet.max_row:,} rows of {sheet.max_column:,} cells: data, not a table"
            if len(book.worksheets) == 1:
                raise TooLarge(why)
            yield Sheet((), "xlsx", Place(file, cell=sheet.title), refused=why)
            continue
        spans, hidden = {}, set()
        for merged in sheet.merged_cells.ranges:
            spans[merged.min_row, merged.min_col] = merged.max_col - merged.min_col + 1
            hidden |= {
                (r, c) for r in range(merged.min_row, merged.max_row + 1) for c in range(merged.min_col, merged.max_col + 1)
            }
        rows = []
        for cells in sheet.iter_rows():
            row: list[Item | None] = []
            for c in cells:
                text = shown(c.value, getattr(c, "number_format", "General"))
                at = (c.row, c.column)
                covered = at in hidden and at not in spans
                row.append(
                    None if covered else Item(text, Place(file, cell=f"{sheet.title}!{c.coordinate}"), spans.get(at, 1))
                )
            rows.append(row)
        yield from _parted(rows, "xlsx", file)
    book.close()


def xml(raw: bytes, file: str) -> Iterator[Sheet]:
    """The tables of an XML spreadsheet. Raises `TooLarge`, `ValueError`."""
    from lxml import etree

    if b"<!DOCTYPE" in raw[:4000].upper() or b"<!ENTITY" in raw[:100_000].upper():
        raise TooLarge("declares a document type with entities, which no spreadsheet has")
    # outreg2 declares US-ASCII whatever it writes
    raw = re.sub(r'(<\?xml[^<>]*?)(?<!\s)\s++encoding="[^"]*"', r"\1", decoded(raw)[0], count=1).encode("utf-8")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False, recover=True, dtd_validation=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"is no XML: {error.msg}") from None
    if root is None:
        raise ValueError("is no XML")
    forms = {s.get(f"{_SS}ID"): _form(s) for s in root.iter(f"{_SS}Style")}
    for sheet in root.iter(f"{_SS}Worksheet"):
        title, rows, number = sheet.get(f"{_SS}Name", ""), [], 0
        for row in sheet.iter(f"{_SS}Row"):
            number = _whole(row.get(f"{_SS}Index")) or number + 1
            while len(rows) < min(number - 1, len(rows) + 3):
                rows.append([])
            rows.append(_row(row, number, title, file, forms))
        yield from _parted(rows, "xls", file)


def _form(style) -> str:
    found = style.find(f"{_SS}NumberFormat")
    return found.get(f"{_SS}Format", "General") if found is not None else "General"


def _row(row, number: int, sheet: str, file: str, forms: dict) -> list[Item | None]:
    from openpyxl.utils import get_column_letter

    out: list[Item | None] = []
    for cell in row.iter(f"{_SS}Cell"):
        index = _whole(cell.get(f"{_SS}Index"))
        while index and len(out) < min(index - 1, 500):
            out.append(None)
        data = cell.find(f"{_SS}Data")
        text = "".join(data.itertext()) if data is not None else ""
        if (
            data is not None
            and data.get(f"{_SS}Type") == "Number"
            and (form := forms.get(cell.get(f"{_SS}StyleID"), "General")) != "General"
        ):
            with contextlib.suppress(ValueError):
                text = shown(float(text), form)
        span = 1 + min(_whole(cell.get(f"{_SS}MergeAcross")), 200)
        place = Place(file, cell=f"{sheet}!{get_column_letter(len(out) + 1)}{number}")
        out.append(Item(" ".join(text.split()), place, span))
        out += [None] * (span - 1)
    return out


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 else 0


def _parted(rows: list[list[Item | None]], form: str, file: str) -> Iterator[Sheet]:
    """Tables of a sheet: blocks of rows with two blank rows between them."""
    block: list[list[Item | None]] = []
    blank = 0
    for row in [*rows, *[[]] * (_GAP + 1)]:
        if any(item is not None and item.text for item in row):
            block += [[]] * (blank if block and blank < _GAP else 0)
            block.append(row)
            blank = 0
            continue
        blank += 1
        if blank >= _GAP and block:
            grid = Grid()
            for cells in block:
                grid.rows.append(list(cells))
            first = next(item.place for cells in block for item in cells if item is not None and item.text)
            yield Sheet(grid.done(), form, Place(file, cell=first.cell))
            block = []
