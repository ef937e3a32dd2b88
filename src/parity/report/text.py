"""Text for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

import wcwidth

from parity.base.printing import printing

WIDTH = 80
#: No line begins with these; none ends with those.
_CLOSING, _OPENING = "，。；：、？！）》”’】％", "（《“‘【"


def wrapped(text: str, indent: str = "") -> str:
    """Lines of at most `WIDTH` columns, those after the first indented further."""
    return "\n".join(lines_of(text, initial=indent, subsequent=indent + "  "))


def lines_of(text: str, *, initial: str = "", subsequent: str = "") -> list[str]:
    """Lines of at most `WIDTH` columns. Latin text breaks at blanks, Chinese between any two characters."""
    if wcwidth.width(text) == len(text):
        return wcwidth.wrap(
            text, WIDTH, initial_indent=initial, subsequent_indent=subsequent, break_on_hyphens=False
        )  # fmt: skip
    lines, line, width = [], initial, wcwidth.width(initial)
    for piece in _pieces(text):
        size = wcwidth.width(piece)
        if width + wcwidth.width(piece.rstrip()) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line, width = subsequent, wcwidth.width(subsequent)
        line, width = line + piece, width + size
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> Iterator[str]:
    """What stays together: a word and the blanks after it, or one wide character; with signs that cling to it."""
    held = ""
    for c in text:
        before = held[-1:]
        breaks = held and not c.isspace() and c not in _CLOSING and before not in _OPENING
        full = len(held) >= WIDTH - 4  # a word that no line would hold is cut
        if full or (breaks and (before.isspace() or wcwidth.wcwidth(c) == 2 or wcwidth.wcwidth(before) == 2)):
            yield held
            held = ""
        held += c
    if held:
        yield held


def printable(text: str) -> str:
    """Names and messages come from files and engines: no control sequence of theirs may reach the terminal."""
    return printing(text)
