"""Tables in columns of spaces: what esttab shows on the screen, stargazer's text, `pdftotext -layout`; and text pasted from
a PDF, whose blanks are lost.

A cell belongs to the column of numbers it stands above. Rules of dashes and blank lines part tables from each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parity.logs.exhibit import Place
from parity.logs.sheet import Grid, Item, Sheet, is_note
from parity.printed.grids import NUMERIC, PIECE, RULE, columns_of_spans, nearness, screen_column

#: Blank lines that part two tables.
_GAP = 3
_TITLE = re.compile(r"\s*(?:(?:online )?(?:appendix )?table|tableau|tabla|表)\s*[A-Z]?[\d.IVX]*\b.*", re.IGNORECASE)
_PASTED = re.compile(r"(?:[(\[]?[-+−–]?(?:\d[\d,]*+\.?+\d*+|\.\d++)[)\]]?[*∗†]*+)")
#: A rule that ends a table.
_LONG_RULE = re.compile(r"\s*[-=─━—_]{12,}+[-=─━—_+|\s]*+")


@dataclass(frozen=True)
class TextLine:
    """number: of the line in its file"""

    number: int
    text: str


def sheets(text: str, file: str) -> Iterator[Sheet]:
    """Every table of a text."""
    lines = [TextLine(i, line.expandtabs().rstrip()) for i, line in enumerate(text.split("\n"), 1)]
    for block in _blocks(lines):
        if sheet := sheet_of(block, file):
            yield sheet


def _blocks(lines: Sequence[TextLine]) -> Iterator[list[TextLine]]:
    """Lines of one table each: parted by titles, by pages, and by three blank lines."""
    block: list[TextLine] = []
    blank = 0
    for line in lines:
        text = line.text.replace("\x0c", "")
        page = "\x0c" in line.text
        new = bool(_TITLE.fullmatch(text)) and any(re.search(r"\d\.\d", part.text) for part in block)
        if block and (page or new or (blank >= _GAP and text.strip())):
            yield block
            block = []
        blank = 0 if text.strip() else blank + 1
        block.append(TextLine(line.number, text))
    if block:
        yield block


def sheet_of(block: Sequence[TextLine], file: str) -> Sheet | None:
    """The table of a block of lines; None where it has no two rows with numbers."""
    lines = [
        TextLine(line.number, re.sub(r"(?<=\s)\|(?=\s)|\|$|^\|", " ", line.text)) for line in block if line.text.strip()
    ]
    rules = [i for i, line in enumerate(lines) if _LONG_RULE.fullmatch(line.text)]
    kept = [(i, line) for i, line in enumerate(lines) if not RULE.fullmatch(line.text)]
    titled = next((i for i, line in kept if _TITLE.fullmatch(line.text)), -1)
    first = rules[0] if len(rules) >= 2 else titled
    last = rules[-1] if len(rules) >= 2 else len(lines)
    pieces = {i: _pieces(line.text) for i, line in kept}
    inside = [i for i, _ in kept if first < i < last]
    columns = columns_of_spans([(a, b) for i in inside for a, b, piece in pieces[i] if a > 1 and NUMERIC.fullmatch(piece)])
    if not columns:
        return pasted_sheet(lines, file)
    numbered = next((pieces[i] for i in inside if len(_numbered(pieces[i])) > len(columns)), None)
    if numbered is not None:  # cells so wide that columns run into each other: the numbers of columns tell where they are
        columns = _bordered(_numbered(numbered))
        pieces = {i: _apart(line.text) for i, line in kept}
    indent = min((pieces[i][0][0] for i in inside if pieces[i]), default=0) + 3
    head = next((i for i in inside if _numbers(pieces[i])), last)
    grid, above, below = Grid(), [], []
    rows = 0
    for i, line in kept:
        prose = len(pieces[i]) == 1 and (not _numbers(pieces[i])) and _is_prose(line.text, columns)
        if i < first or i == titled or (len(rules) < 2 and i < head and prose):
            above.append(Item(line.text.strip(), Place(file, line.number)))
        elif i > last or (rows and prose and (is_note(line.text) or len(line.text.strip()) > 90)):
            below.append(Item(line.text.strip(), Place(file, line.number)))
        else:
            rows += bool(_numbers(pieces[i]))
            grid.add(_placed(pieces[i], columns, file, line.number, indent))
    if rows < 2:
        return None
    title = above[-1].text if above else ""
    entitled = next((item.text for item in reversed(above) if _TITLE.fullmatch(item.text)), title)
    return Sheet(grid.done(), "txt", Place(file, lines[0].number), entitled, tuple(above), tuple(below), _writer(lines))


def _pieces(text: str) -> list[tuple[int, int, str]]:
    return [(screen_column(text, m.start()), screen_column(text, m.end()), m[0]) for m in PIECE.finditer(text)]


def _numbered(pieces: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The numbers of columns, `(1) (2)`, of a line that has nothing else."""
    found = [piece for piece in pieces if re.fullmatch(r"\(\d+\)", piece[2])]
    return found if len(found) == len(pieces) else []


def _bordered(numbers: Sequence[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """Columns from the places of their numbers: each reaches half way to the next."""
    middles = [(a + b) / 2 for a, b, _ in numbers]
    half = min(b - a for a, b in pairwise(middles)) / 2 if len(middles) > 1 else 6
    return [(max(0, round(m - half)), round(m + half)) for m in middles]


def _apart(text: str) -> list[tuple[int, int, str]]:
    """The pieces of a line, those of numbers one blank apart on their own."""
    out: list[tuple[int, int, str]] = []
    for a, b, piece in _pieces(text):
        if NUMERIC.fullmatch(piece):
            out += [(a + m.start(), a + m.end(), m[0]) for m in re.finditer(r"\S+", piece)]
        else:
            out.append((a, b, piece))
    return out


def _numbers(pieces: Sequence[tuple[int, int, str]]) -> int:
    return sum(bool(NUMERIC.fullmatch(piece)) for a, _, piece in pieces if a > 1)


def _is_prose(text: str, columns: Sequence[tuple[int, int]]) -> bool:
    return len(text.rstrip()) > columns[0][0] or is_note(text) or bool(_TITLE.fullmatch(text))


def _placed(
    pieces: Sequence[tuple[int, int, str]], columns: Sequence[tuple[int, int]], file: str, line: int, indent: int
) -> list[Item | None]:
    """The pieces of a line in the columns; a piece over several columns covers them."""
    cells: list[Item | None] = [None] * (len(columns) + 1)
    for k, (a, b, piece) in enumerate(pieces):
        numeric = bool(NUMERIC.fullmatch(piece))
        label = k == 0 and not numeric and (a <= indent or b <= columns[0][0])
        under = [i for i, (low, high) in enumerate(columns) if a < high and b > low]
        place = 0 if label else 1 + max(range(len(columns)), key=lambda i: nearness(columns[i], a, b))
        if not label and not numeric and len(under) > 1:
            place = 1 + under[0]
        old = cells[place]
        if old is not None:
            cells[place] = Item(f"{old.text} {piece}", old.place, old.span)
        else:
            span = len(under) if not label and not numeric and len(under) > 1 else 1
            cells[place] = Item(piece, Place(file, line, a + 1), span)
    out: list[Item | None] = []
    skip = 0
    for item in cells:
        if skip and item is None:
            skip -= 1
            continue
        out.append(item)
        skip = item.span - 1 if item is not None else 0
    return out


def pasted_sheet(lines: Sequence[TextLine], file: str) -> Sheet | None:
    """Text whose columns are lost: a label and as many numbers as the table has columns, one blank apart.

    A row with fewer numbers than columns is kept whole in its first cell, so that nobody guesses where they stood.
    """
    rows = [(line, _tail(line.text)) for line in lines if not RULE.fullmatch(line.text)]
    counts = [len(tail) for _, (_, tail) in rows if tail]
    if len(counts) < 2:
        return None
    width = max(set(counts), key=lambda n: (counts.count(n), n))
    width = max(width, next((len(t) for _, (_, t) in rows if re.match(r"\(1\)", " ".join(t))), 0))
    if width < 1:
        return None
    grid, above, below, seen = Grid(), [], [], False
    for line, (label, tail) in rows:
        place = Place(file, line.number)
        seen = seen or len(tail) == width
        if len(tail) == width:
            grid.add([Item(label, place), *(Item(word, place) for word in tail)])
        elif not tail and is_note(line.text) and seen:
            below.append(Item(line.text.strip(), place))
        elif not seen:
            above.append(Item(line.text.strip(), place))
        elif len(tail) > width:
            grid.add([Item(line.text.strip(), place)])
        else:
            grid.add([Item(label, place), *([Item(" ".join(tail), place, width)] if tail else [])])
    title = next((item.text for item in above if _TITLE.fullmatch(item.text)), above[0].text if above else "")
    return Sheet(grid.done(), "txt", Place(file, lines[0].number), title, tuple(above), tuple(below), "pasted")


def _tail(text: str) -> tuple[str, list[str]]:
    """A line as its label and the numbers at its end."""
    words = text.split()
    at = len(words)
    while at > 0 and _PASTED.fullmatch(words[at - 1]):
        at -= 1
    return " ".join(words[:at]), words[at:]


def _writer(lines: Sequence[TextLine]) -> str:
    said = "\n".join(line.text for line in lines)
    if re.search(r"^[ \t]*+={10,}", said, re.MULTILINE) and "Dependent variable" in said:
        return "stargazer"
    return (
        "esttab"
        if re.search(r"^-{20,}", said, re.MULTILINE) and re.search(r"(?:statistics|errors) in parentheses", said)
        else ""
    )
