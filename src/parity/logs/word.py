"""Tables of Word documents (.docx), merged cells at their place, with the paragraphs around them."""

from __future__ import annotations

import io
from collections.abc import Iterator

from parity.logs.archives import checked
from parity.logs.exhibit import Place
from parity.logs.sheet import Grid, Item, Sheet, around

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def sheets(raw: bytes, file: str) -> Iterator[Sheet]:
    """Every table of the body. Raises `TooLarge`, `zipfile.BadZipFile` and what python-docx raises."""
    import docx

    checked(raw)
    body = docx.Document(io.BytesIO(raw)).element.body
    flow: list[Item | Sheet] = []
    number = 0
    for part in body.iterchildren():
        if part.tag == f"{_W}p" and (said := _text(part)):
            flow.append(Item(said, Place(file)))
        elif part.tag == f"{_W}tbl":
            number += 1
            flow.append(_table(part, file, number))
    yield from around(flow)


def _table(table, file: str, number: int) -> Sheet:
    grid = Grid()
    for i, row in enumerate(table.iterchildren(f"{_W}tr"), 1):
        items: list[Item | None] = []
        for j, cell in enumerate(row.iterchildren(f"{_W}tc"), 1):
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            wide = int(span.get(f"{_W}val", "1")) if span is not None else 1
            items.append(Item(_text(cell), Place(file, cell=f"table {number}, row {i}, cell {j}"), max(1, min(wide, 200))))
        grid.add(items)
    return Sheet(grid.done(), "docx", Place(file, cell=f"table {number}"))


def _text(element) -> str:
    """Text of a cell or paragraph; paragraphs of a cell apart by a blank, raised runs in their tags."""
    parts: list[str] = []
    for paragraph in element.iter(f"{_W}p"):
        for run in paragraph.iter(f"{_W}r"):
            raised = run.find(f"{_W}rPr/{_W}vertAlign")
            said = "".join(
                t.text or "" if t.tag == f"{_W}t" else " " for t in run if t.tag in (f"{_W}t", f"{_W}tab", f"{_W}br")
            )
            up = raised is not None and raised.get(f"{_W}val") == "superscript" and said.strip()
            parts.append(f"<sup>{said}</sup>" if up else said)
        parts.append(" ")
    return " ".join("".join(parts).replace("</sup><sup>", "").split())
