r"""Marks of significance that are no plain asterisks: `+` and `†` below one star, `0.15$^b$` with letters for levels.

How many stars a mark is worth is its place among the levels that the note announces, from the least on: with `+ p<0.10,
* p<0.05, ** p<0.01` a `+` is one and a `*` two. A letter of which no note says so points to a footnote and is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from parity.logs.exhibit import Cell, Stars

_BEHIND = re.compile(
    r"\d\.?[)\]]?\s?(?:<sup>\s?(?P<raised>[a-d]|[+†‡#])\s?</sup>|(?P<small>[ᵃᵇᶜᵈ])|(?P<beside>[a-d+†‡#]))(?=\s*(?:$|[(\[]))"
)
_SMALL = str.maketrans("ᵃᵇᶜᵈ", "abcd")


def raised(text: str) -> str:
    """The mark behind a cell's number: `0.15<sup>b</sup>`, `0.15b`; "" for none, or for asterisks."""
    found = _BEHIND.search(text) if len(text) <= 300 else None
    return (found["raised"] or found["small"] or found["beside"]).translate(_SMALL) if found else ""


def in_order(stars: Stars | None) -> bool:
    """Whether more asterisks stand for smaller p, as they should."""
    counts = [len(mark) for mark, _ in stars.levels if set(mark) == {"*"}] if stars is not None else []
    return all(a < b for a, b in pairwise(counts))


def ranked(cell: Cell, stars: Stars | None) -> Cell:
    """A coefficient with as many stars as its mark is worth; as it is where the note doesn't announce the mark."""
    if stars is None or not cell.mark or cell.kind not in ("coef", "value") or not in_order(stars):
        return cell
    marks = [mark for mark, _ in stars.levels]
    return replace(cell, stars=marks.index(cell.mark) + 1) if cell.mark in marks else cell


def all_ranked(cells: Sequence[Cell], stars: Stars | None) -> tuple[Cell, ...]:
    return tuple(ranked(cell, stars) for cell in cells)
