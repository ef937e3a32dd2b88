"""Stars of a table: at which levels of p they stand, at which of its numbers, and which of them are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from parity.package.estimates import Estimated
from parity.package.fit import Fit, holds
from parity.package.printed import Column, Printed

if TYPE_CHECKING:
    from parity.logs.exhibit import Cell

#: Levels of p for one star, two and three, as tables have them; the first is most journals' in economics.
STAR_SETS = ((0.1, 0.05, 0.01), (0.05, 0.01, 0.001), (0.1, 0.05, 0.01, 0.001), (0.05, 0.01), (0.1, 0.05), (0.01, 0.05, 0.1))
#: What stands in brackets below a coefficient, and may have its stars.
BESIDE = ("se", "t", "p")


def in_brackets(columns: Sequence[Column]) -> bool:
    """Whether a table has its stars at what stands in brackets, and none at coefficients."""
    cells = [c for column in columns for row in column.rows for c in row.cells if c.stars]
    return bool(cells) and all(c.bracket for c in cells)


def stars_of(
    columns: Sequence[Column], fits: Sequence[Fit | None], announced: tuple[float, ...] | None
) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None]:
    """Levels that the stars follow, and those that the note announces where these are others. None: no stars, or unknown."""
    pairs = _starred(columns, fits, in_brackets(columns))

    def wrong(cuts: tuple[float, ...]) -> int:
        return _off(pairs, cuts)

    if not any(cell.stars for column in columns for cell in column.cells):
        return announced, None  # none stand, though levels are announced: all are lost, or none is due
    if not any(n for n, _ in pairs):
        return None, None

    best = min(STAR_SETS, key=wrong)
    if announced and wrong(announced) <= max(wrong(best), len(pairs) // 5):
        return announced, None
    if wrong(best) * 4 > len(pairs):
        return (announced or None), None
    return best, announced


def _starred(columns: Sequence[Column], fits: Sequence[Fit | None], beside: bool) -> list[tuple[int, float]]:
    """Stars and p of every row whose coefficient is the estimate's; beside: at what stands in brackets."""
    out = []
    for column, found in zip(columns, fits, strict=True):
        for row, term in zip(column.rows, found.terms, strict=True) if found is not None else ():
            coef = next((c for c in row.cells if c.kind == "coef"), None)
            p = found.estimate.number("p", term) if found is not None and term else None
            at = next((c for c in row.cells if c.bracket), None) if beside else coef
            if coef is not None and at is not None and p is not None and holds_coef(coef, found, term):
                out.append((at.stars, p))
    return out


def holds_coef(cell: Cell, found: Fit, term: str) -> bool:
    return holds(cell, found.estimate.number("coef", term))


def _off(pairs: Sequence[tuple[int, float]], cuts: tuple[float, ...]) -> int:
    return sum(n != sum(p < cut for cut in cuts) for n, p in pairs)


def stars_of_panels(
    exhibit: Printed, fits: Sequence[Fit | None], cuts: tuple[float, ...] | None
) -> list[tuple[float, ...] | None]:
    """Levels of the stars of each column: a panel that a call of its own wrote may have others than the table, where it
    asks for them and all of its stars stand at them."""
    out = [cuts] * len(exhibit.columns)
    for panel, own in exhibit.panel_stars if cuts is not None else ():
        mine = [i for i, c in enumerate(exhibit.columns) if c.panel == panel]
        pairs = _starred([exhibit.columns[i] for i in mine], [fits[i] for i in mine], in_brackets(exhibit.columns))
        if cuts is not None and _off(pairs, cuts) and not _off(pairs, own):
            out = [own if i in mine else cut for i, cut in enumerate(out)]
    return out


def due_stars(e: Estimated, term: str, cuts: tuple[float, ...]) -> int | None:
    """How many stars a term has by its p; None where it has no p."""
    p = e.number("p", term)
    return None if p is None else sum(p < cut for cut in cuts)


def wrong_stars(cell: Cell, quantity: str, e: Estimated, term: str, cuts: tuple[float, ...] | None, beside: bool) -> str:
    """Why a number's stars are wrong; "" where they aren't. beside: whether the table has its stars in brackets

    Where coefficients have stars, what stands below them may have the same or none.
    """
    at = BESIDE if beside else ("coef",)
    p = e.number("p", term)
    if cuts is None or p is None or (quantity not in at and not (quantity in BESIDE and cell.stars)):
        return ""
    due = due_stars(e, term, cuts)
    if due == cell.stars:
        return ""
    levels = ", ".join(f"{c:g}" for c in cuts)
    return f"{cell.stars or 'no'} star{'s' * (cell.stars != 1)} printed, {due} due: p is {p:.3g} (levels {levels})"
