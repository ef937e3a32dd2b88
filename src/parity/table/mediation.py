"""A table of mediation analyses as a grid: paths, effects, tests of the product, bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parity.study.analyses.mediation import MediationSettings
from parity.study.table import Statistic, TableSettings
from parity.table.grid import EMPTY, Cell, Grid, Row, spread
from parity.table.noted import noted
from parity.table.notes import by_column, kept, made, numbered, ranges, said, starred, troubles
from parity.table.numbers import coefficient, decimals, probability, stars, whole
from parity.table.verified import Standing, Verified

#: Rows, by the key under which `labels` may rename them.
LABELS = {
    "total": "Total effect (c)", "first": "On the mediator (a)", "second": "Of the mediator (b)",
    "direct": "Direct effect (c')", "indirect": "Indirect effect (a × b)", "sobel": "Sobel z", "aroian": "Aroian z",
    "goodman": "Goodman z", "percentile": "Percentile interval", "bias-corrected": "Bias-corrected interval",
    "bca": "BCa interval", "monte-carlo": "Monte Carlo interval", "share": "Share mediated", "nobs": "Observations",
    "clusters": "Clusters", "draws": "Bootstrap draws",
}  # fmt: skip


@dataclass(frozen=True)
class MediationColumn:
    """One mediator of one analysis."""

    name: str
    key: str
    mediator: str
    settings: MediationSettings
    found: Mapping[tuple[str, str], float]
    standing: Standing


def mediation_grid(name: str, table: TableSettings, verified: Verified) -> Grid:
    columns = [c for key in table.mediation for c in columns_of(key, verified)]
    kind = "se" if table.parentheses == "ci" else table.parentheses  # intervals have rows of their own
    rows = [
        Row(table.label(path, LABELS[path]), tuple(_path(path, c, table, kind) for c in columns))
        for path in ("total", "first", "second", "direct")
    ]
    rows.append(Row(table.label("indirect", LABELS["indirect"]), tuple(_indirect(c, table) for c in columns), rule=True))
    rows += [Row(table.label(s, LABELS[s]), tuple(statistic_cell(s, c, table) for c in columns)) for s in table.shown]
    rows += _said(table, columns)
    standings = [c.standing for c in columns]
    return Grid(name, table.title or name, _heads(table, columns), tuple(rows),
                _notes(table, columns, verified, kind), all(not s.trouble for s in standings))  # fmt: skip


def columns_of(key: str, verified: Verified) -> list[MediationColumn]:
    settings = verified.study.mediation[key]
    whole_name = f"mediation.{key}"
    names = dict.fromkeys(
        r.spec for r in verified.records
        if r.kind == "mediation" and (r.spec == whole_name or (settings.by and r.spec.startswith(f"{whole_name}.")))
    )  # fmt: skip
    return [
        MediationColumn(name, key, str(m), settings, verified.numbers(name), verified.analysis(name))
        for name in names or (whole_name,)
        for m in settings.mediators
    ]


def _heads(table: TableSettings, columns: list[MediationColumn]) -> tuple[Row, ...]:
    outcomes = [table.label(str(c.settings.outcome)) for c in columns]
    same = [(outcomes[0], len(columns))] if len(set(outcomes)) == 1 else [(o, 1) for o in outcomes]
    headings = [table.headings.get(_group(c), table.headings.get(c.key, table.label(c.mediator))) for c in columns]
    if len({c.name for c in columns}) < len(columns):  # several mediators in one analysis: each has its own name below
        headings = [table.label(c.mediator) for c in columns]
    return (
        Row("", spread(same)),
        Row("", tuple(map(Cell, headings))),
        Row("", tuple(map(Cell, numbered([c.standing for c in columns])))),
    )


def _group(column: MediationColumn) -> str:
    return column.name.removeprefix("mediation.")


def _path(path: str, column: MediationColumn, table: TableSettings, kind) -> Cell:
    name = f"{path} {column.mediator}" if path in ("first", "second") else path
    of = {q: column.found.get((q, name)) for q in ("se", "t", "p")}
    return coefficient(of | {"coef": column.found.get(("effect", name))}, kind, table.digits, table.stars)


def _indirect(column: MediationColumn, table: TableSettings) -> Cell:
    name = f"indirect {column.mediator}"
    se = decimals(column.found.get(("bootstrap se", name)), table.digits)
    return Cell(decimals(column.found.get(("effect", name)), table.digits), below=f"({se})" if se else "")


def statistic_cell(name: Statistic, column: MediationColumn, table: TableSettings) -> Cell:
    found, effect = column.found, f"indirect {column.mediator}"
    if name in ("nobs", "clusters", "draws"):
        return Cell(whole(found.get((name, ""))))
    if name == "share":
        through, total = found.get(("effect", effect)), found.get(("effect", "total"))
        return Cell(f"{100 * through / total:.1f}%") if through is not None and total else EMPTY
    if name in ("sobel", "aroian", "goodman"):
        z, p = (found.get((f"{q} by {name}", column.mediator)) for q in ("z", "p"))
        below = f"[{probability(p, table.digits)}]" if p is not None else ""
        return Cell(decimals(z, table.digits), stars(p, table.stars), below)
    term = column.mediator if name == "monte-carlo" else effect
    low, high = (decimals(found.get((f"{name} {end}", term)), table.digits) for end in ("low", "high"))
    return Cell(f"[{low}, {high}]") if low and high else EMPTY


def _said(table: TableSettings, columns: list[MediationColumn]) -> list[Row]:
    """Rows of Yes and No: controls, and each fixed effect."""

    def row(label: str, has: list[bool]) -> Row:
        return Row(label, tuple(Cell(table.label("Yes" if h else "No")) for h in has))

    rows = [row(table.label("Controls"), [bool(c.settings.controls) for c in columns])]
    for effect in dict.fromkeys(e for c in columns for e in c.settings.absorb) if table.effects else ():
        rows.append(row(table.effects_label(effect), [effect in c.settings.absorb for c in columns]))
    return [Row(r.label, r.cells, rule=i == 0) for i, r in enumerate(rows)]


def _notes(table: TableSettings, columns: list[MediationColumn], verified: Verified, kind) -> tuple[str, ...]:
    errors = [
        table.says("clustered", table.label(c.settings.cluster))
        if c.settings.vcov == "cluster"
        else table.says("robust" if c.settings.vcov == "robust" else "homoskedastic")
        for c in columns
    ]
    notes = [table.says("note.indirect", table.says(kind), by_column(errors, table.language))]
    notes += [table.says("note.z")] if {"sobel", "aroian", "goodman"} & set(table.shown) else []
    drawn = [table.says("draws", f"{c.settings.level:.0%}", f"{c.settings.draws:,}") for c in columns]
    levels = by_column(drawn, table.language)
    notes.append(table.says("note.intervals", levels))
    troubled = [i for i, c in enumerate(columns, 1) if c.standing.trouble]
    if not troubled:
        found = [next((r.note for r in verified.of(c.name) if r.checked), "") for c in columns]
        said_ = by_column([noted(note, table.language, table.label) for note in found], table.language)
        notes.append(table.says("note.computed", said_))
    elif len(troubled) < len(columns):
        fine = [i for i in range(1, len(columns) + 1) if i not in troubled]
        notes.append(table.says("note.computed some", ranges(fine, table.language)))
    notes += troubles(table, [c.standing for c in columns])
    return kept([*said(table), *notes, *starred(table), *made(table, verified)])
