"""A grid as a Word table of three lines, by python-docx: headings, numbers centred, notes below in small type.

Columns are as wide as what is in them, headings stand again on every page, and no row is torn by the end of one. Paper
is A4 where the words are Chinese, else Letter.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from parity.base.printing import printing
from parity.table.grid import Cell, Grid, Row, blocks
from parity.table.measure import widths

if TYPE_CHECKING:
    from docx.document import Document

MOST_COLUMNS = 8
LATIN, CHINESE = "Times New Roman", "SimSun"
#: Widths of lines in eighths of a point: above and below the table, below the headings, and below one of several columns.
THICK, THIN, HAIR = 12, 6, 4
#: Points: type of a table and of its notes, what Word leaves free at both sides of a cell, margins of the page.
SIZE, SMALL, PADDING, MARGIN = 9.0, 8.0, 6.0, 72.0
#: Points: width and height of the paper.
A4, LETTER = (595.3, 841.9), (612.0, 792.0)
#: A table of no more lines stands on one page.
ONE_PAGE = 45


def to_docx(grids: list[Grid]) -> bytes:
    """The bytes of a .docx file: the same for the same grids, whenever it is written."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = docx.Document()
    paper = A4 if any(grid.language == "zh" for grid in grids) else LETTER
    page = document.sections[0]
    page.page_width, page.page_height = map(Pt, paper)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Pt(MARGIN)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(SIZE)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), CHINESE)
    free = paper[0] - 2 * MARGIN
    for grid in grids:
        pieces = blocks(grid, lambda piece: piece.width <= MOST_COLUMNS and sum(_points(piece)) <= free)
        for i, piece in enumerate(pieces):
            noted = i + 1 == len(pieces) and bool(grid.notes)
            _table(document, piece, grid.continued if i else grid.title, free, noted)
        for i, note in enumerate(grid.notes):
            paragraph = document.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.paragraph_format.keep_with_next = i + 1 < len(grid.notes)
            paragraph.add_run(_plain(note)).font.size = Pt(SMALL)
        document.add_paragraph()
    out = io.BytesIO()
    document.save(out)
    return _timeless(out)


def _points(grid: Grid) -> list[float]:
    """Of the labels and of each column."""
    label, columns = widths(grid)
    return [SIZE / 2 * (wide + 1) + PADDING for wide in (label, *columns)]


def _timeless(file: io.BytesIO) -> bytes:
    """The same archive without the times at which its parts were written."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for part in made.infolist():
            kept.writestr(zipfile.ZipInfo(part.filename), made.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _table(document: Document, grid: Grid, title: str, free: float, noted: bool) -> None:
    """noted: whether its notes come below it, on the same page."""
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    caption = document.add_paragraph()
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(6), Pt(3)
    caption.add_run(_plain(title)).bold = True
    lines = [*((row, list(row.cells)) for row in grid.heads), *(line for row in grid.body for line in _lines(row))]
    table = document.add_table(rows=len(lines), cols=grid.width + 1)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    needed = _points(grid)
    more = max(0.0, (free - sum(needed)) / len(needed))
    points = [wide + more for wide in needed]
    _widths(table, points)
    for at, (row, cells) in enumerate(lines):
        into = table.rows[at].cells
        for place, wide in zip(into, points, strict=True):
            place.width = Pt(wide)
        _write(into[0], Cell(row.label), centred=False)
        for i, cell in enumerate(cells):
            if cell.span:
                place = into[i + 1].merge(into[i + cell.span]) if cell.span > 1 else into[i + 1]
                _write(place, cell, centred=True)
                if at < len(grid.heads) and cell.span > 1 and cell.text:
                    _border(place._tc, "bottom", HAIR)
        _of_row(table.rows[at], "cantSplit")
        if at < len(grid.heads):
            _of_row(table.rows[at], "tblHeader")
        if at + 1 == len(lines):
            above = noted
        else:
            above = len(lines) <= ONE_PAGE or (lines[at + 1][0].label == "" and at >= len(grid.heads))
        for place in into if above else ():
            place.paragraphs[0].paragraph_format.keep_with_next = True
    _rule(table.rows[0], "top", THICK)
    _rule(table.rows[len(grid.heads) - 1], "bottom", THIN)
    _rule(table.rows[-1], "bottom", THICK)


def _widths(table: Any, points: list[float]) -> None:
    """Of the grid that programs other than Word go by, and what is free at both sides of a cell."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    for column, wide in zip(table.columns, points, strict=True):
        column.width = Pt(wide)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        free = OxmlElement(f"w:{side}")
        free.set(qn("w:w"), str(round(PADDING / 2 * 20)))
        free.set(qn("w:type"), "dxa")
        margins.append(free)
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    look.addprevious(margins) if look is not None else properties.append(margins)


def _of_row(row: Any, name: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(f"w:{name}"))


def _lines(row: Row) -> list[tuple[Row, list[Cell]]]:
    lines = [(row, list(row.cells))]
    if any(c.below for c in row.cells):
        lines.append((Row("", ()), [Cell(c.below, span=c.span) for c in row.cells]))
    return lines


def _write(place: Any, cell: Cell, centred: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = place.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run(_plain(cell.text))
    if cell.stars:
        paragraph.add_run(_plain(cell.stars)).font.superscript = True
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _plain(text: str) -> str:
    """XML holds no control characters."""
    return printing(text, " ", keep="")


def _rule(row: Any, edge: str, size: int) -> None:
    for tc in row._tr.tc_lst:
        _border(tc, edge, size)


def _border(tc: Any, edge: str, size: int) -> None:
    """One line of a cell, in place of what it had there."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    line = borders.find(qn(f"w:{edge}"))
    if line is None:
        line = OxmlElement(f"w:{edge}")
        borders.insert(0 if edge == "top" else len(borders), line)  # their order is the schema's
    for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "000000")):
        line.set(qn(f"w:{key}"), value)
