"""Sentences that every report of a package says alike."""

from __future__ import annotations

from collections import Counter

from parity.package.document import CellOf, ExhibitOf, Package

#: Verdict -> a mark that tells it without colour.
MARKS = {"reproduced": "=", "explained": "~", "differs": "x", "not verified": "?"}


def first_line(package: Package) -> str:
    """`412 of 438 printed numbers reproduced, 19 explained, 3 differ, 4 not verified: ...`"""
    s = package.summary
    if not s.cells:
        return "0 printed numbers found: nothing was verified."
    parts = [f"{s.reproduced} of {s.cells} printed numbers reproduced"]
    parts += [f"{s.explained} explained"] if s.explained else []
    parts += [f"{s.differs} differ{'s' if s.differs == 1 else ''}"] if s.differs else []
    if not s.not_verified:
        return ", ".join(parts) + "."
    why = reasons(package)
    more = f" and {len(why) - 1} other reason{'s' * (len(why) > 2)}" if len(why) > 1 else ""
    return ", ".join(parts) + f", {s.not_verified} not verified: {why[0][0].rstrip('.')}{more}."


def reasons(package: Package) -> list[tuple[str, int]]:
    """Reasons of *not verified*, the most frequent first."""
    counted = Counter(c.reason for e in package.exhibits for c in e.cells if c.verdict == "not verified")
    return counted.most_common()


def place(exhibit: ExhibitOf, cell: CellOf) -> str:
    """Where a number stands: `tables/t1.tex, column 2, Schooling, se`."""
    column = f", column {cell.column}" if len(exhibit.columns) > 1 else ""
    panel = exhibit.columns[cell.column - 1].panel if 0 < cell.column <= len(exhibit.columns) else ""
    name = f", {cell.label or cell.term}" if cell.label or cell.term else ""
    quantity = f", {cell.quantity}" if cell.quantity not in (cell.label, "coef") else ""
    return f"{exhibit.id}{column}{f' ({panel})' if panel else ''}{name}{quantity}"


def number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.9g}"


def command_of(exhibit: ExhibitOf, column: int) -> str:
    """`code/tables.do:12 regress y x` of a column, empty where none is known."""
    command = exhibit.columns[column - 1].command if 0 < column <= len(exhibit.columns) else None
    return f"{command.file}:{command.line} {' '.join(command.text.split())}" if command is not None else ""
