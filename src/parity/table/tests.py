"""The tests of specs as a grid: a row each, its statistic and p under every spec that has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from parity.base.quantities import QUANTITIES
from parity.study.analyses.hypotheses import HypothesisSettings
from parity.study.spec import Spec
from parity.study.table import OF_INSTRUMENTS, Statistic, TableSettings
from parity.table.differences import ROWS as OF_DIFFERENCES
from parity.table.grid import EMPTY, Cell, Grid, Row, spread
from parity.table.notes import kept, made, numbered, said, starred, verification
from parity.table.numbers import decimals, probability, stars
from parity.table.statistics import label_of
from parity.table.verified import Verified
from parity.table.wild import LABELS as OF_WILD

#: Heads, by the key under which `labels` may rename them.
LABELS = {"statistic": "Statistic", "p_value": "p"}
#: Test -> its quantity.
_QUANTITY = {q.table: q.name for q in QUANTITIES if q.table}

#: What stands in two cells: statistic and p, or either alone; and of how many draws p is, if of any.
_Found = tuple[float | None, float | None, int | None]


def tests_grid(name: str, table: TableSettings, verified: Verified) -> Grid:
    """Two columns a spec. A test that no spec has takes no row."""
    specs = [verified.study.spec(i) for i in table.specs]
    standings = [verified.standing(spec, analyses_of(spec, table, verified)) for spec in specs]
    rows: dict[str, dict[str, _Found]] = {}
    for test in table.shown:
        for spec in specs:
            for label, found in _of(test, spec, table, verified):
                rows.setdefault(label, {})[spec.id] = found
    body = [
        Row(label, tuple(cell for s in specs for cell in _cells(found.get(s.id), label, table)))
        for label, found in rows.items()
    ]
    heads = (
        Row("", spread([(table.headings.get(s.id, table.label(s.id)), 2) for s in specs])),
        Row("", spread([(text, 2) for text in numbered(standings)])),
        Row("", tuple(Cell(table.label(key, LABELS[key])) for _ in specs for key in LABELS)),
    )
    notes = said(table)
    if any(set(table.shown) & set(OF_INSTRUMENTS) and s.diagnostics for s in specs):
        notes.append(table.says("note.first stage"))
    notes += [*starred(table), *verification(table, standings)]
    if any(not s.trouble for s in standings):
        notes.append(table.says("note.tests both"))
    return Grid(name, table.title or name, heads, tuple(body), kept([*notes, *made(table, verified)]),
                all(not s.trouble for s in standings))  # fmt: skip


def analyses_of(spec: Spec, table: TableSettings, verified: Verified) -> list[str]:
    """Names of the records that stand behind the tests of a spec."""
    study = verified.study
    found = [f"diagnostics.{spec.id}"] if spec.diagnostics and set(table.shown) & set(OF_INSTRUMENTS) else []
    if "test" in table.shown:
        found += [f"test.{n}" for n, t in study.test.items() if t.spec == spec.id]
    found += [f"wild.{n}" for n, w in table.chosen_wild(study.wild).items() if w.spec == spec.id]
    return found + [f"difference.{n}" for n in table.chosen_differences(study.difference)
                    if study.difference[n].spec == spec.id]  # fmt: skip


def _of(test: Statistic, spec: Spec, table: TableSettings, verified: Verified) -> Iterator[tuple[str, _Found]]:
    """The rows that a test of a spec has."""
    if test in OF_INSTRUMENTS:
        yield from _of_instruments(test, spec, table, verified.numbers(f"diagnostics.{spec.id}"))
    elif test == "hausman":
        values = verified.values(spec.id)
        if values.get(("hausman", "")) is not None:
            yield table.label(test, label_of(test, [spec])), (values["hausman", ""], values.get(("hausman_p", "")), None)
    elif test == "wild_p":
        for name, settings in table.chosen_wild(verified.study.wild).items():
            p = verified.numbers(f"wild.{name}").get(("p", ""))
            if settings.spec == spec.id and p is not None:
                yield f"{table.label(test, OF_WILD['wild_p'])}, {table.label(name)}", (None, p, settings.draws)
    elif test == "test":
        for name, settings in verified.study.test.items():
            if settings.spec == spec.id:
                yield from _of_hypotheses(name, settings, table, verified)
    elif test == "difference":
        for name in table.chosen_differences(verified.study.difference):
            if verified.study.difference[name].spec == spec.id:
                yield from _of_difference(name, table, verified)


def _of_instruments(
    test: Statistic, spec: Spec, table: TableSettings, found: Mapping[tuple[str, str], float]
) -> Iterator[tuple[str, _Found]]:
    label, quantity = table.label(test, label_of(test, [spec])), _QUANTITY[test]
    if test == "stock_yogo":
        value = found.get((quantity, "size 10%"))
        if value is not None:
            yield label, (value, None, None)
        return
    terms = [term for q, term in found if q == quantity]
    for term in terms:
        name = label if len(terms) == 1 else f"{label}, {table.label(term)}"
        yield name, (found[quantity, term], found.get((f"{quantity} p", term)), None)


def _of_difference(name: str, table: TableSettings, verified: Verified) -> Iterator[tuple[str, _Found]]:
    found = verified.numbers(f"difference.{name}")
    settings = verified.study.difference[name]
    for key, (label, quantity, rows_or_units) in OF_DIFFERENCES.items():
        p = found.get((quantity, ""))
        if key != "difference" and p is not None and rows_or_units in (None, settings.permute):
            draws = settings.draws if rows_or_units else None
            yield f"{table.label(name)}: {table.label(key, label)}", (found.get(("difference", "")), p, draws)


def _of_hypotheses(
    name: str, settings: HypothesisSettings, table: TableSettings, verified: Verified
) -> Iterator[tuple[str, _Found]]:
    """F, or chi-squared where p is of it; t of each combination and function."""
    found = verified.numbers(f"test.{name}")
    statistic = "t" if ("t", next(iter(settings.functions), "")) in found else "f" if ("df_r", "") in found else "chi2"
    for (quantity, term), value in found.items():
        if quantity == statistic:
            label = table.label(f"test.{name}") if f"test.{name}" in table.labels else term or settings.in_words
            yield table.label(label), (value, found.get(("p", term)), None)


def _cells(found: _Found | None, label: str, table: TableSettings) -> tuple[Cell, Cell]:
    """Stars stand at the statistic, or at p where there is none."""
    if found is None:
        return EMPTY, EMPTY
    value, p, draws = found
    marks = stars(p, table.stars)
    return (Cell(decimals(value, table.digits), marks if value is not None else ""),
            Cell(probability(p, table.digits, draws), "" if value is not None else marks))  # fmt: skip
