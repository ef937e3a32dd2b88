"""A package as one HTML file: each exhibit as printed, each number told by colour and shape, its cause a click away.

No script, no request: links and `details` alone, so it opens from a disk and on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parity.package.document import CellOf, ExhibitOf, Package
from parity.report.html import TEMPLATES, environment
from parity.report.package.words import MARKS, findings, first_line, number, reasons

ORDER = {"differs": 0, "not verified": 1, "explained": 2, "reproduced": 3}
CLASS = {"reproduced": "ok", "explained": "why", "differs": "bad", "not verified": "open"}


@dataclass(frozen=True)
class Shown:
    """A cell on the page. id: of its row among the details; same: further down, what is said already"""

    id: str
    cell: CellOf
    mark: str
    style: str


@dataclass(frozen=True)
class RowShown:
    label: str
    columns: tuple[tuple[Shown, ...], ...]


@dataclass(frozen=True)
class ExhibitShown:
    id: str
    exhibit: ExhibitOf
    heads: tuple[str, ...]
    rows: tuple[RowShown, ...]
    cells: tuple[Shown, ...]
    counts: tuple[tuple[str, str, int], ...]


def package_page(package: Package) -> str:
    """The whole page; everything from data is escaped."""
    shown = [_exhibit(e, i) for i, e in enumerate(package.exhibits, 1)]
    worst = sorted(shown, key=lambda s: ORDER[s.exhibit.worst])
    template = environment().get_template("package.html.j2")
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8") + (TEMPLATES / "package.css").read_text(encoding="utf-8")
    return template.render(
        package=package, findings=findings(package), first=first_line(package), exhibits=shown, listed=worst,
        reasons=reasons(package), marks=MARKS,
        styles=CLASS, number=number, style=style,
        policy="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    )  # fmt: skip


def _exhibit(e: ExhibitOf, place: int) -> ExhibitShown:
    id = f"e{place}"
    cells = tuple(Shown(f"{id}c{i}", c, MARKS[c.verdict], CLASS[c.verdict]) for i, c in enumerate(e.cells, 1))
    counts = tuple((v, CLASS[v], e.count(v)) for v in MARKS if e.count(v))
    heads = tuple(c.head or (f"({c.number})" if len(e.columns) > 1 else "") for c in e.columns)
    return ExhibitShown(id, e, heads, _rows(e, cells), cells, counts)


def _rows(e: ExhibitOf, cells: Sequence[Shown]) -> tuple[RowShown, ...]:
    """Rows of all columns by their labels, in the order of the file: a label that comes again begins a new row."""
    held: dict[tuple[str, int], list[list[Shown]]] = {}
    width = max(len(e.columns), 1)
    seen: dict[tuple[int, str], list[int]] = {}
    for s in cells:
        c = s.cell
        rows = seen.setdefault((c.column, c.label), [])
        key = c.row if c.row >= 0 else -1 - len(rows)
        if key not in rows:
            rows.append(key)
        row = held.setdefault((c.label or c.term, rows.index(key)), [[] for _ in range(width)])
        row[min(c.column, width) - 1].append(s)
    rows_shown = [RowShown(label, tuple(tuple(x) for x in columns)) for (label, _), columns in held.items()]
    return tuple(sorted(rows_shown, key=lambda r: min(s.cell.line for column in r.columns for s in column)))
