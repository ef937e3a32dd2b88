r"""RTF tables: esttab's .rtf, outreg2's and asdoc's .doc. Rows between `\trowd` and `\row`, cells end at `\cell`.

Source: Rich Text Format specification 1.9.1. The edges of cells (`\cellx`) tell which columns a merged cell covers.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from parity.logs.exhibit import Place
from parity.logs.sheet import Grid, Item, Sheet, TooLarge, around

_TOKEN = re.compile(r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z])|"
                    r"(?P<brace>[{}])|(?P<newline>[\r\n]+)|(?P<text>[^\\{}\r\n]+)", re.DOTALL)  # fmt: skip
#: Groups that hold no text of the page.
_HIDDEN = frozenset((
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "footer", "headerl", "headerr", "headerf", "footerl",
    "footerr",
    "footerf", "themedata", "colorschememapping", "latentstyles", "datastore", "listtable", "object",
    "listoverridetable", "rsidtbl",
    "generator", "xmlnstbl", "fldinst", "revtbl", "mmathPr", "wgrffmtfilter",
))  # fmt: skip
_SIGNS = {"tab": "\t", "line": " ", "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ", "lquote": "'",
          "rquote": "'",
          "ldblquote": '"', "rdblquote": '"', "bullet": "•"}  # fmt: skip
#: Twips: edges a hair apart are one.
_HAIR = 30
#: Groups nested deeper than this are no document.
_DEPTH = 1000


@dataclass
class _State:
    """What a group changes and gives back at its end."""

    hidden: bool = False
    raised: bool = False
    skip: int = 1


@dataclass
class _Page:
    """Rows and paragraphs while they are read."""

    rows: list[tuple[list[Item], list[int]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    cells: list[Item] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    line: int = 1
    started: int = 0
    in_table: bool = False
    flow: list[Item | Sheet] = field(default_factory=list)


def sheets(text: str, file: str) -> Iterator[Sheet]:
    """Every table: rows that no paragraph parts. Raises `TooLarge`."""
    page, stack, state = _Page(), [], _State()
    codec, high = "cp1252", bytearray()
    skip = 0

    def say(piece: str) -> None:
        if piece and not state.hidden:
            if not page.started and piece.strip():
                page.started = page.line
            page.text.append(f"<sup>{piece}</sup>" if state.raised and piece.strip() else piece)

    def flush_bytes() -> None:
        if high:
            say(bytes(high).decode(codec, "replace"))
            high.clear()

    for found in _TOKEN.finditer(text):
        kind = found.lastgroup if found.lastgroup != "number" else "word"
        if kind == "hex":
            if skip:
                skip -= 1
            else:
                high.append(int(found["hex"], 16))
            continue
        flush_bytes()
        if kind == "text":
            piece = found["text"][skip:] if skip else found["text"]
            skip = max(0, skip - len(found["text"]))
            say(piece)
        elif kind == "newline":
            page.line += found[0].count("\n") or found[0].count("\r")
        elif kind == "brace":
            skip = 0
            if found["brace"] == "{":
                stack.append(state)
                if len(stack) > _DEPTH:
                    raise TooLarge(f"groups nested {_DEPTH} deep: this is no document")
                state = _State(state.hidden, state.raised, state.skip)
            elif stack:
                state = stack.pop()
        elif kind == "sign":
            if found["sign"] == "*":
                state.hidden = True
            elif found["sign"] == "~":
                say(" ")
            elif found["sign"] == "_":
                say("-")
            elif found["sign"] in "\\{}":
                say(found["sign"])
        else:
            word, number = found["word"], int(found["number"] or 0)
            if word == "u" and found["number"]:
                say(chr(number % 65536) if not 0xD800 <= number % 65536 <= 0xDFFF else "\ufffd")
                skip = state.skip
            elif word == "uc":
                state.skip = number
            elif word == "ansicpg":
                codec = _codec(number)
            elif word in _HIDDEN:
                state.hidden = True
            elif word == "super":
                state.raised = found["number"] != "0"
            elif word in ("nosupersub", "plain"):
                state.raised = False
            elif word in _SIGNS:
                say(_SIGNS[word])
            elif not state.hidden:
                _layout(page, word, number, file)
    flush_bytes()
    _paragraph(page, file)
    _table(page, file)
    yield from around(page.flow)


def _layout(page: _Page, word: str, number: int, file: str) -> None:
    """What a control word does to rows and paragraphs."""
    if word == "trowd":
        page.edges = []
        if not page.in_table:
            _paragraph(page, file)
        page.in_table = True
    elif word == "cellx":
        page.edges.append(number)
    elif word == "cell":
        page.cells.append(Item(_spoken(page), Place(file, page.started or page.line)))
        page.text, page.started = [], 0
    elif word == "row":
        page.rows.append((page.cells, page.edges))
        page.cells, page.in_table = [], False
    elif word in ("par", "sect", "page") and not page.in_table and not page.cells:
        _paragraph(page, file)
    elif word == "par":
        page.text.append(" ")


def _spoken(page: _Page) -> str:
    return " ".join("".join(page.text).replace("</sup><sup>", "").split())


def _paragraph(page: _Page, file: str) -> None:
    said = _spoken(page)
    if said:
        _table(page, file)
        page.flow.append(Item(said, Place(file, page.started or page.line)))
    page.text, page.started = [], 0


def _table(page: _Page, file: str) -> None:
    """The rows so far as a table; cells placed by their right edges."""
    rows, page.rows = page.rows, []
    if not rows:
        return
    edges = sorted({edge for _, row in rows for edge in row})
    near: dict[int, int] = {}
    column = -1
    for i, edge in enumerate(edges):
        column += i == 0 or edge - edges[i - 1] > _HAIR
        near[edge] = column
    grid = Grid()
    for cells, row in rows:
        items, behind = [], -1
        for i, item in enumerate(cells):
            place = near[row[i]] if i < len(row) else behind + 1
            items.append(Item(item.text, item.place, max(1, place - behind)))
            behind = max(place, behind + 1)
        grid.add(items)
    first = next((item.place for cells, _ in rows for item in cells), Place(file))
    page.flow.append(Sheet(grid.done(), "rtf", first))


def _codec(page: int) -> str:
    try:
        return codecs.lookup({936: "gb18030", 65001: "utf-8"}.get(page, f"cp{page}")).name
    except LookupError:
        return "cp1252"
