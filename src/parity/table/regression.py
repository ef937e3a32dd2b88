"""A table of specs as a grid: coefficients, controls and effects by Yes and No, statistics, differences of groups."""

from __future__ import annotations

from collections.abc import Sequence

from parity.base.errors import InputError, suggest
from parity.base.quantities import OF_TERMS
from parity.study.spec import Spec
from parity.study.table import INTERCEPT, OF_INSTRUMENTS, OF_PRODUCT, OF_WILD, Columns, TableSettings
from parity.table.differences import difference_rows, hold_differences
from parity.table.grid import Cell, Grid, Row, spread
from parity.table.lost import control_word, written
from parity.table.notes import notes_of_specs, numbered
from parity.table.numbers import coefficient
from parity.table.statistics import statistic_row
from parity.table.through import analyses_of, through_rows
from parity.table.verified import Standing, Verified
from parity.table.wild import wild_rows


def regression_grid(name: str, table: TableSettings, verified: Verified) -> Grid:
    """Raises `InputError` where a row or a control is in no column, or a difference is not that of its two columns."""
    specs = [verified.study.spec(i) for i in table.specs]
    hidden = {label: [written(c, spec, verified) for spec in specs] for label, c in table.controls.items()}
    shown = _rows(name, table, verified, {t for of in hidden.values() for terms in of for t in terms})
    standings = [verified.standing(spec, _analyses(table, spec, verified)) for spec in specs]
    body = [Row(table.label(of[0]), tuple(_cell(of, spec, table, verified) for spec in specs))
            for of in _together(shown, table, verified)]  # fmt: skip
    body += _said(table, specs, verified)
    at = len(body)
    for statistic in table.shown:
        if statistic in OF_PRODUCT:
            continue
        if statistic in OF_WILD:
            body += wild_rows(statistic, name, table, shown, specs, verified)
        else:
            body.append(statistic_row(statistic, table, specs, verified))
    hold_differences(name, table, verified)
    body += difference_rows(table, specs, verified)
    body += through_rows(name, table, specs, verified)
    if at < len(body):
        body[at] = Row(body[at].label, body[at].cells, rule=True)
    return Grid(
        name, table.title or name, _heads(table, specs, standings), tuple(body),
        notes_of_specs(table, shown, specs, standings, verified), all(not s.trouble for s in standings),
    )  # fmt: skip


def _analyses(table: TableSettings, spec: Spec, verified: Verified) -> list[str]:
    """Names of the records that stand behind a column's statistics and the differences below it."""
    study = verified.study
    found = [f"diagnostics.{spec.id}"] if spec.diagnostics and set(table.shown) & set(OF_INSTRUMENTS) else []
    found += [f"wild.{n}" for n, w in table.chosen_wild(study.wild).items() if w.spec == spec.id]
    found += analyses_of(spec, table, verified)
    return found + [f"difference.{b.difference}" for b in table.differences if spec.id in b.columns]


# ---------------------------------------------------------------- headings


def _heads(table: TableSettings, specs: Sequence[Spec], standings: Sequence[Standing]) -> tuple[Row, ...]:
    heads = []
    if any(isinstance(c, Columns) for c in table.columns):
        groups = [("", 1) if isinstance(c, str) else (c.heading, len(c.specs)) for c in table.columns]
        heads.append(Row("", spread(groups)))
    outcomes = [table.label(str(spec.formula.outcome)) for spec in specs]
    if len(set(outcomes)) == 1 or not table.headings:
        heads.append(Row("", spread(_merged(outcomes))))
    else:
        heads.append(Row("", tuple(Cell(text) for text in outcomes)))
    if table.headings:
        heads.append(Row("", tuple(Cell(table.headings.get(spec.id, "")) for spec in specs)))
    return (*heads, Row("", tuple(map(Cell, numbered(standings)))))


def _merged(texts: Sequence[str]) -> list[tuple[str, int]]:
    """All in one where they are all the same, else apart."""
    return [(texts[0], len(texts))] if len(set(texts)) == 1 else [(text, 1) for text in texts]


# ---------------------------------------------------------------- rows


def _rows(name: str, table: TableSettings, verified: Verified, hidden: set[str]) -> list[str]:
    there = list(dict.fromkeys(term for spec in table.specs for term in verified.terms(spec)))
    if table.rows:
        problem = next((t for t in table.rows if t not in there), None) if there else None
        if problem is not None:
            message = f"no column has a term `{problem}`{suggest(problem, there)}"
            raise InputError.at(str(verified.study.file), f"table.{name}.rows", message)
        return list(table.rows)
    rows = [term for term in there if term not in hidden]
    return [t for t in rows if t != INTERCEPT] + [t for t in rows if t == INTERCEPT]


def _together(terms: Sequence[str], table: TableSettings, verified: Verified) -> list[list[str]]:
    """Terms that share a row: the study's labels call them the same, as a regressor and its winsorised form, and no column
    has two of them."""
    rows: dict[str, list[str]] = {}
    for term in terms:
        rows.setdefault(table.labels.get(term, f"term {term}"), []).append(term)
    there = [set(verified.terms(spec)) for spec in table.specs]
    apart = {label for label, of in rows.items() if any(len(of_spec.intersection(of)) > 1 for of_spec in there)}
    return [row for label, of in rows.items() for row in ([[t] for t in of] if label in apart else [of])]


def _cell(terms: Sequence[str], spec: Spec, table: TableSettings, verified: Verified) -> Cell:
    """Of the one of these terms that the column has."""
    values, there = verified.values(spec.id), verified.terms(spec.id)
    term = next((t for t in terms if t in there), terms[0])
    of = {q: values.get((q, term)) for q in OF_TERMS}
    return coefficient(of, table.parentheses, table.digits, table.stars)


def _said(table: TableSettings, specs: Sequence[Spec], verified: Verified) -> list[Row]:
    """Rows of Yes and No."""
    rows = []
    for label in table.controls:
        words = [control_word(table.controls[label], spec, table, verified) for spec in specs]
        rows.append(Row(table.label(label), tuple(_word(table, word) for word in words)))
    names = dict.fromkeys(e.name for spec in specs for e in spec.formula.effects) if table.effects else ()
    for effect in names:
        has = [any(e.name == effect for e in spec.formula.effects) for spec in specs]
        rows.append(Row(table.effects_label(effect),
                        tuple(_word(table, "Yes" if h else "No") for h in has)))  # fmt: skip
    return [Row(row.label, row.cells, rule=i == 0) for i, row in enumerate(rows)]


def _word(table: TableSettings, word: str) -> Cell:
    return Cell(table.label(word))
