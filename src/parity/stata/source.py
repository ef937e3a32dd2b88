"""The text of a do-file as statements: delimiters, comments of all kinds and continuation lines, each with its lines.

Rules of Stata's manual [U] 16.1.2 and 16.1.3 and [P] #delimit. Quoted text hides comment marks; macros stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DELIMIT = re.compile(r"\s*+#\s*+d(?:e|el|eli|elim|elimi|elimit)?\s*+(;|cr)\s*+;?\s*+$")


@dataclass(frozen=True)
class Statement:
    """One command as it stands in the text, macros unexpanded; first and last line count from 1."""

    text: str
    line: int
    last_line: int


@dataclass
class _Piece:
    """A character of code with the line that it comes from; comments are gone, joined lines hold a blank."""

    text: str
    line: int
    quoted: bool = False


def statements(source: str) -> tuple[Statement, ...]:
    """Every statement of a do-file, in order; empty ones are left out."""
    return tuple(_split(source.replace("\r\n", "\n").replace("\r", "\n")))


def _split(source: str) -> Iterator[Statement]:
    delimiter, held = "\n", _Held()
    for piece in _code(source):
        if piece.text == "\n":
            if held.may_delimit and (match := _DELIMIT.match(held.text)):
                delimiter = ";" if match.group(1) == ";" else "\n"
                held = _Held()
            elif delimiter == "\n":
                yield from held.ended()
                held = _Held()
            else:
                held.add(" ", piece.line)
            continue
        if piece.text == ";" and delimiter == ";" and not piece.quoted:
            if match := _DELIMIT.match(f"{held.text} ;" if re.match(r"\s*#\s*d", held.text) else ""):
                delimiter = ";" if match.group(1) == ";" else "\n"
            else:
                yield from held.ended()
            held = _Held()
            continue
        held.add(piece.text, piece.line)
    if not _DELIMIT.match(held.text):
        yield from held.ended()


class _Held:
    """The statement that is being read."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.first = self.last = 0

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def may_delimit(self) -> bool:
        """Whether it begins with a # and is short: the text of long statements isn't put together at every line."""
        return len(self.parts) < 200 and "#" in self.parts

    def add(self, text: str, line: int) -> None:
        if text.strip():
            self.first = self.first or line
            self.last = line
        self.parts.append(text)

    def ended(self) -> Iterator[Statement]:
        text = self.text.strip()
        if text and not text.startswith("*"):  # a starred comment ends where a statement would
            yield Statement(text, self.first, self.last)


def _code(source: str) -> Iterator[_Piece]:
    """Characters of code: comments taken out, `///` and what follows it on its line replaced by a blank."""
    position, line, size = 0, 1, len(source)
    before, starred, quotes = "\n", False, _Quotes()
    while position < size:
        char, pair, triple = source[position], source[position : position + 2], source[position : position + 3]
        if not quotes.open and pair == "/*":
            position, line = _after_block(source, position, line)
            before = " "
            continue
        if before in " \t\n" and pair == "//" and (triple == "///" or not quotes.open):
            end = source.find("\n", position)
            end = size if end < 0 else end
            if triple == "///":  # joins the next line to this one, inside quotes too
                yield _Piece(" ", line)
                position, line, before = end + 1, line + 1, " "
            else:
                position = end
            continue
        if char == "\n":
            quotes, starred = _Quotes(), False
            yield _Piece("\n", line)
            position, line, before = position + 1, line + 1, "\n"
            continue
        starred = starred or (char == "*" and before == "\n")
        if not starred:  # an apostrophe in a comment opens nothing
            quotes.see(source, position)
        yield _Piece(char, line, quotes.open)
        before = char if not (before == "\n" and char in " \t") else "\n"
        position += 1


def _after_block(source: str, position: int, line: int) -> tuple[int, int]:
    """Past the end of a comment `/* */`, which may hold others."""
    depth = 0
    while position < len(source):
        pair = source[position : position + 2]
        if pair == "/*":
            depth, position = depth + 1, position + 2
        elif pair == "*/":
            depth, position = depth - 1, position + 2
            if depth == 0:
                return position, line
        else:
            line += source[position] == "\n"
            position += 1
    return position, line


class _Quotes:
    """Whether a position lies inside quoted text: "simple", or `"compound"', which nests."""

    def __init__(self) -> None:
        self.compound, self.simple, self._skip = 0, False, -1

    @property
    def open(self) -> bool:
        return self.simple or self.compound > 0

    def see(self, source: str, position: int) -> None:
        if position == self._skip or source[position] not in '`"':
            return
        if source[position] == "`":
            if source[position + 1 : position + 2] == '"' and not self.simple:
                self.compound += 1
                self._skip = position + 1
            return
        if self.compound and source[position + 1 : position + 2] == "'":
            self.compound -= 1
        elif not self.compound:
            self.simple = not self.simple
