"""Cells from text: what is a number in print, with its stars, its bracket and the place it stands at."""

from __future__ import annotations

import re
from decimal import InvalidOperation

from parity.compare.printed import PrintedNumber, read_number
from parity.logs.exhibit import Cell, CellKind, Place
from parity.printed.cells import Token

#: A number of statistical output: thousands in commas, no digit before the point where it is zero, powers of ten.
NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})++(?:\.\d*+)?|\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d{1,3})?"
_NUMBER = re.compile(NUMBER)


def is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))


def number_of(text: str) -> PrintedNumber | None:
    """What a text says as a number; None where it is none."""
    try:
        return read_number(text.replace(",", ""))
    except (InvalidOperation, ValueError, AssertionError):
        return None


def cell(text: str, place: Place, kind: CellKind = "value", name: str = "") -> Cell:
    """A number of a log, as it stands."""
    return Cell(text, number_of(text), kind, place, name, stars=text.count("*"), mark="*" * text.count("*"))


def table_cell(token: Token, text: str, kind: CellKind, place: Place, *, upper: bool = False) -> Cell:
    """A number of an exported table. token: as `parity.printed.cells` reads it; text: as printed; upper: the second
    number of an interval."""
    bare = token.upper if upper else token.text
    stars = token.text.count("*")
    return Cell(text, number_of(bare), kind, place, bracket=token.bracket, stars=stars, mark="*" * stars)
