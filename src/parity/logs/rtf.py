r"""RTF tables: esttab's .rtf, outreg2's and asdoc's .doc. Rows between `\trowd` and `\row`, cells end at `\cell`.

Source: Rich Text Format specification 1.9.1. The edges of cells (`\cellx`) tell which columns a merged cell covers.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

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
    reader = _Reader(file)
    for found in _TOKEN.finditer(text):
        reader.take(found)
    yield from reader.done()


@dataclass
class _Reader:
    """Text into a page, token by token. high: bytes not decoded yet; skip: signs still to pass, which stand for a `\\u`."""

    file: str
    page: _Page = field(default_factory=_Page)
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    codec: str = "cp1252"
    high: bytearray = field(default_factory=bytearray)
    skip: int = 0

    def take(self, found: re.Match[str]) -> None:
        if found["hex"]:
            if self.skip:
                self.skip -= 1
            else:
                self.high.append(int(found["hex"], 16))
            return
        self._flush()
        if found["text"]:
            self._say(found["text"][self.skip :])
            self.skip = max(0, self.skip - len(found["text"]))
        elif found["newline"]:
            self.page.line += found[0].count("\n") or found[0].count("\r")
        elif found["brace"]:
            self._brace(found["brace"])
        elif found["sign"]:
            self._sign(found["sign"])
        else:
            self._word(found["word"], found["number"])

    def done(self) -> Iterator[Sheet]:
        self._flush()
        _paragraph(self.page, self.file)
        _table(self.page, self.file)
        yield from around(self.page.flow)

    def _say(self, piece: str) -> None:
        page = self.page
        if piece and not self.state.hidden:
            if not page.started and piece.strip():
                page.started = page.line
            page.text.append(f"<sup>{piece}</sup>" if self.state.raised and piece.strip() else piece)

    def _flush(self) -> None:
        if self.high:
            self._say(bytes(self.high).decode(self.codec, "replace"))
            self.high.clear()

    def _brace(self, brace: str) -> None:
        self.skip = 0
        if brace == "{":
            self.stack.append(self.state)
            if len(self.stack) > _DEPTH:
                raise TooLarge(f"groups nested {_DEPTH} deep: this is no document")
            self.state = replace(self.state)
        elif self.stack:
            self.state = self.stack.pop()

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self.state.hidden = True
        else:
            self._say({"~": " ", "_": "-", "\\": "\\", "{": "{", "}": "}"}.get(sign, ""))

    def _word(self, word: str, given: str | None) -> None:
        number = int(given or 0)
        if word == "u" and given:
            code = number % 65536
            self._say("\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code))
            self.skip = self.state.skip
        elif word == "uc":
            self.state.skip = number
        elif word == "ansicpg":
            self.codec = _codec(number)
        elif word in _HIDDEN:
            self.state.hidden = True
        elif word == "super":
            self.state.raised = given != "0"
        elif word in ("nosupersub", "plain"):
            self.state.raised = False
        elif word in _SIGNS:
            self._say(_SIGNS[word])
        elif not self.state.hidden:
            _layout(self.page, word, number, self.file)


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
