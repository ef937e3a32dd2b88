"""Tables in workbooks: .xlsx with merged cells, and the XML spreadsheets that outreg2 calls .xls. Texts as a reader sees
them."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

from parity.base.encoding import decoded
from parity.logs.archives import checked
from parity.logs.exhibit import Place
from parity.logs.sheet import MOST_CELLS, Grid, Item, Sheet, TooLarge

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_DECIMALS = re.compile(r"\.([0#?]+)")
#: Blank rows that part two tables of one sheet.
_GAP = 2


def shown(value: object, form: str) -> str:
    """A value as its number format shows it: sign, decimals, thousands, percent, powers of ten; `General` as it is.

    A format of two parts has no sign but its own for what is below zero; one without a digit shows its text alone.
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value.isoformat() if isinstance(value, datetime | date) else str(value)
    sections = _SECTIONS.findall(form or "General")[:-1]  # the last match is the empty one at the end
    below = value < 0 and len(sections) > 1
    part = sections[1 if below else 2 if value == 0 and len(sections) > 2 else 0]
    bare = _QUOTED.sub("", part)
    if not bare.strip() and form and part != "General":
        return "".join(a or b for a, b in _LITERAL.findall(part))
    found = _DECIMALS.search(bare.replace(",", ""))
    if bare in ("General", "@") or not re.search("[0#?]", bare) or "/" in bare:
        return f"{value:.10g}" if isinstance(value, float) and not value.is_integer() else f"{value:.0f}"
    places = len(found[1]) if found else 0
    size = abs(value) if below else value
    literal = "".join(a or b for a, b in _LITERAL.findall(part))
    if "E" in bare.upper():
        text = f"{size:.{places}e}"
    elif "%" in bare:
        text = f"{100 * size:.{places}f}%"
    else:
        size /= 1000 ** len(re.search(r"(,*)[^0#?,.]*$", bare)[1])  # commas behind the last digit
        text = f"{size:{',' if re.search('[0#?],[0#?]', bare) else ''}.{places}f}"
    text = f"-{text}" if _MINUS.search(_literally(_UNSEEN_SIGNS.sub(_kept_text, part))) else text
    if "(" in literal + bare and ")" in literal + bare:
        return f"({text})"
    stars = "".join(re.findall(r"\*", literal))
    return text + stars


#: A minus of the format's own before the digits.
_MINUS = re.compile(r"(?:^|[\s(])[-\u2212]\s*+[^\w\s]?[#0?.]")
#: Texts and signs as typed, or what isn't printed: colours `[Red]`, blanks as wide as a sign `_)`, fillings `* `.
_UNSEEN_SIGNS = re.compile(r'("[^"]*"|\\.)|_.|\*.|\[[^\[\]]*\]')
#: Parts of a number format, of numbers above zero, below, at zero; what in one is text.
_SECTIONS = re.compile(r'((?:"[^"]*+"?+|\\.?+|[^;"\\])*+)(?:;|$)', re.DOTALL)
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\[\]]*\]')
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')


def _kept_text(found: re.Match) -> str:
    return found[1] or ""


def _literally(part: str) -> str:
    return _LITERAL.sub(lambda m: m[1] or m[2] or "", part)


def xlsx(raw: bytes, file: str) -> Iterator[Sheet]:
    """Every sheet's tables, parted by two blank rows; a sheet of data among them says so. Raises `TooLarge`,
    `zipfile.BadZipFile` and what openpyxl raises."""
    import openpyxl

    checked(raw)
    book = openpyxl.load_workbook(io.BytesIO(raw), data_only=True, keep_links=False)
    formulas = _formulas(raw)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        if sheet.max_row * sheet.max_column > MOST_CELLS:
            why = f"sheet {sheet.title} has {sheet.max_row:,} rows of {sheet.max_column:,} cells: data, not a table"
            if len(book.worksheets) == 1:
                raise TooLarge(why)
            yield Sheet((), "xlsx", Place(file, cell=sheet.title), refused=why)
            continue
        unseen = _hidden_columns(sheet)
        spans, hidden = {}, set()
        for merged in sheet.merged_cells.ranges:
            wide = len(set(range(merged.min_col, merged.max_col + 1)) - unseen)
            spans[merged.min_row, merged.min_col] = max(1, wide)
            hidden |= {
                (r, c) for r in range(merged.min_row, merged.max_row + 1) for c in range(merged.min_col, merged.max_col + 1)
            }
        rows = []
        for cells in sheet.iter_rows():
            if sheet.row_dimensions[cells[0].row].hidden:
                continue
            row: list[Item | None] = []
            for c in cells:
                if c.column in unseen:
                    continue
                text = shown(c.value, getattr(c, "number_format", "General"))
                text = text or formulas.get((sheet.title, c.coordinate), "")
                at = (c.row, c.column)
                covered = at in hidden and at not in spans
                row.append(
                    None if covered else Item(text, Place(file, cell=f"{sheet.title}!{c.coordinate}"), spans.get(at, 1))
                )
            rows.append(row)
        yield from _parted(rows, "xlsx", file)
    book.close()


def _hidden_columns(sheet) -> set[int]:
    """Numbers of the columns that a reader doesn't see."""
    held = [(d.min, d.max) for d in sheet.column_dimensions.values() if d.hidden]
    return {i for low, high in held for i in range(low, min(high, sheet.max_column) + 1)}


def _formulas(raw: bytes) -> dict[tuple[str, str], str]:
    """Sheet and cell -> a formula, which stands for its number where the workbook keeps none: nothing is calculated here."""
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        if not any(re.search(rb"<f[\s>]", archive.read(name)) for name in sheets):
            return {}
    book = openpyxl.load_workbook(io.BytesIO(raw), keep_links=False)
    cells = (
        (s.title, c) for s in book.worksheets if s.max_row * s.max_column <= MOST_CELLS for row in s.iter_rows() for c in row
    )
    return {(title, c.coordinate): str(c.value) for title, c in cells if c.data_type == "f"}


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
