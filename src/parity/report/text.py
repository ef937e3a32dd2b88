"""Text for a terminal of 80 columns."""

from __future__ import annotations

import wcwidth

from parity.base.printing import printing

WIDTH = 80


def wrapped(text: str, indent: str = "") -> str:
    """Lines of at most `WIDTH` columns, those after the first indented further."""
    return "\n".join(
        wcwidth.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
    )


def printable(text: str) -> str:
    """Names and messages come from files and engines: no control sequence of theirs may reach the terminal."""
    return printing(text)
