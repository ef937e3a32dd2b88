"""HTML tables, as esttab, stargazer, modelsummary, etable and notebooks write them; outreg2's Word files that are HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parity.logs.exhibit import Place
from parity.logs.sheet import Grid, Item, Sheet

_WRITERS = (("stargazer", r"border-bottom: 1px solid black|Dependent variable"), ("modelsummary", r"modelsummary|tinytable"),
            ("esttab", r"<table border=\"0\" width=\"\*\">"), ("etable", r"gt_table"),
            ("statsmodels", r"simpletable"))  # fmt: skip
#: Elements nested deeper than this are no table.
_DEPTH = 200


def sheets(text: str, file: str) -> Iterator[Sheet]:
    """Every table that holds no other. Raises `TooLarge`."""
    from lxml import etree
    from lxml import html as parse

    try:
        parser = parse.HTMLParser(encoding="utf-8", huge_tree=False)
        root = parse.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return
    writer = next((name for name, pattern in _WRITERS if re.search(pattern, text[:300_000])), "")
    for table in root.iter("table"):
        if table.find(".//table") is not None:
            continue
        grid = Grid()
        held: dict[int, tuple[int, Item]] = {}
        for row in table.iter("tr"):
            grid.add(_row(row, held, file))
        caption = table.find("caption")
        before = table.getprevious()
        title = _text(caption) if caption is not None else ""
        if not title and before is not None and before.tag in ("h1", "h2", "h3", "h4", "h5", "p", "caption"):
            title = _text(before)
        below = []
        after = table.getnext()
        while (
            after is not None
            and len(below) < 4
            and after.tag in ("p", "div", "small", "em", "span")
            and after.find(".//table") is None
        ):
            said = _text(after)
            below += [Item(said, Place(file, after.sourceline or 0))] if said else []
            after = after.getnext()
        yield Sheet(grid.done(), "html", Place(file, table.sourceline or 0), title, (), tuple(below), writer)


def _row(row, held: dict[int, tuple[int, Item]], file: str) -> list[Item | None]:
    """The cells of a row; one that goes over several rows stands in the first of them. held: column -> rows that are
    left."""
    out: list[Item | None] = []
    column = 0
    for cell in row:
        if cell.tag not in ("td", "th"):
            continue
        while held.get(column, (0,))[0]:
            left, item = held[column]
            held[column] = (left - 1, item)
            out.append(None)
            column += 1
        span, down = _count(cell.get("colspan")), _count(cell.get("rowspan"))
        item = Item(_text(cell), Place(file, cell.sourceline or row.sourceline or 0), span)
        out.append(item)
        if down > 1:
            for j in range(column, column + span):
                held[j] = (down - 1, item)
        column += span
    return out


def _count(text: str | None) -> int:
    return max(1, min(int(text), 200)) if text and text.strip().isdecimal() and len(text) < 6 else 1


def _text(element) -> str:
    """Text of a cell; raised text in its tags, because a raised letter is a footnote and raised stars are stars."""
    parts: list[str] = []

    def walk(node, depth: int) -> None:
        tag = node.tag if isinstance(node.tag, str) else ""
        if tag in ("script", "style") or depth > _DEPTH or not tag:
            return
        raised = tag == "sup"
        parts.append("<sup>" if raised else " " if tag in ("br", "p", "div", "li") else "")
        parts.append(node.text or "")
        for child in node:
            walk(child, depth + 1)
            parts.append(child.tail or "")
        parts.append("</sup>" if raised else "")

    walk(element, 0)
    return " ".join("".join(parts).split())
