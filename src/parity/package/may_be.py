"""Whether an estimate may be a printed column's at all, beside how many of its numbers it gives."""

from __future__ import annotations

from collections.abc import Callable

from parity.base.tolerance import COLUMN_TELLING, MISSED
from parity.package.but_one import NO_TERM
from parity.package.estimates import Estimated
from parity.package.fit import Fit, left_out, significant
from parity.package.printed import Column, Printed
from parity.package.stages import is_outcome


def telling(column: Column, found: Fit) -> bool:
    """Whether the numbers that fit have digits enough that another regression would not give them."""
    digits = sum(
        significant(cell)
        for row, term in zip(column.rows, found.terms, strict=True)
        for cell in row.cells
        if term and cell.number is not None
    )
    return digits >= COLUMN_TELLING and found.of >= 2


def has_room(column: Column, found: Fit) -> bool:
    """Whether an estimate has a term for each row: a column of more coefficients is another command's, however many of them
    are alike; but for one whose other numbers are all right."""
    held = [(row, sum(c.number is not None for c in row.cells)) for row in column.rows]
    lost = [n for (row, n), t in zip(held, found.terms, strict=True) if not t and n > 1 and not NO_TERM.search(row.label)]
    room = sum(t not in found.terms for t in found.estimate.terms)
    return len(lost) <= room or found.hits >= found.of - sum(lost)


def may_be(window: Printed) -> Callable[[Estimated], bool]:
    """Whether an estimate may be of the command that a log echoes above a window: one of its name, of the same outcome."""
    from parity.logs.command_names import command_name, estimates_by

    echoed = command_name(window.command) if window.command else ""
    if not echoed or not estimates_by(echoed):
        return lambda e: True
    return lambda e: command_name(e.command) == echoed and is_outcome(window.columns[0].outcome, e)


def misses(column: Column, mine: Fit) -> bool:
    """Whether a column has what no slip of a single number gives: a row that its command has no term for, two coefficients
    that aren't its own."""
    lost = any(
        not t and not left_out(row, mine.estimate) for row, t in zip(column.rows, mine.terms, strict=True) if row.cells
    )
    return lost or mine.of_coefs - mine.coefs >= MISSED


def others(one: Estimated, placed: Estimated) -> bool:
    """Whether an estimate has other numbers than the one that belongs in a place: not the same ones under other names."""
    held = [sorted(f"{q['coef']:.6g} {q['se']:.6g}" for q in e.terms.values()) for e in (one, placed)]
    return one.index != placed.index and held[0] != held[1]
