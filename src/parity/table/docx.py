"""A grid as a Word table of three lines, by python-docx: headings, numbers centred, notes below in small type."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from parity.base.printing import printing
from parity.table.grid import Cell, Grid, Row, at_most, blocks

if TYPE_CHECKING:
    from docx.document import Document

MOST_COLUMNS = 8
LATIN, CHINESE = "Times New Roman", "SimSun"
#: Widths of lines in eighths of a point: those above and below the table, and that below the headings.
THICK, THIN = 12, 6


def to_docx(grids: list[Grid]) -> bytes:
    """The bytes of a .docx file: the same for the same grids, whenever it is written."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = docx.Document()
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(10)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), CHINESE)
    for grid in grids:
        pieces = blocks(grid, at_most(MOST_COLUMNS))
        for i, piece in enumerate(pieces):
            _table(document, piece, grid.title + (" (continued)" if i else ""))
        for note in grid.notes:
            paragraph = document.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.add_run(_plain(note)).font.size = Pt(8)
        document.add_paragraph()
    out = io.BytesIO()
    document.save(out)
    return _timeless(out)


def _timeless(file: io.BytesIO) -> bytes:
    """The same archive without the times at which its parts were written."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for part in made.infolist():
            kept.writestr(zipfile.ZipInfo(part.filename), made.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _table(document: Document, grid: Grid, title: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    caption = document.add_paragraph()
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.add_run(_plain(title)).bold = True
    lines = [*((row, list(row.cells)) for row in grid.heads), *(line for row in grid.body for line in _lines(row))]
    table = document.add_table(rows=len(lines), cols=grid.width + 1)
    for at, (row, cells) in enumerate(lines):
        into = table.rows[at].cells
        _write(into[0], Cell(row.label), centred=False)
        for i, cell in enumerate(cells):
            if cell.span:
                place = into[i + 1].merge(into[i + cell.span]) if cell.span > 1 else into[i + 1]
                _write(place, cell, centred=True)
    _rule(table.rows[0], "top", THICK)
    _rule(table.rows[len(grid.heads) - 1], "bottom", THIN)
    _rule(table.rows[-1], "bottom", THICK)


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
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for tc in row._tr.tc_lst:
        properties = tc.get_or_add_tcPr()
        borders = properties.find(qn("w:tcBorders"))
        if borders is None:
            borders = OxmlElement("w:tcBorders")
            properties.append(borders)
        line = OxmlElement(f"w:{edge}")
        for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
