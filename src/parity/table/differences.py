"""Rows below a table's columns: the difference of two groups, and how surely it isn't zero by each method.

A difference stands under the two columns whose coefficients it is the difference of, in that order; none other is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from parity.base.errors import InputError
from parity.base.tolerance import allowed
from parity.compare.agree import hold
from parity.study.analyses.resampling import plainly, tested
from parity.study.spec import Spec
from parity.study.table import INTERCEPT, Between, TableSettings
from parity.table.grid import COVERED, EMPTY, Cell, Row
from parity.table.numbers import decimals, listed, probability, ranges, stars
from parity.table.verified import Verified

#: Row -> its label, the number it shows, and of which permutation it is, if of any. Those of p carry stars.
ROWS = {
    "difference": ("Difference of groups", "difference", None),
    "interaction_p": ("p, interaction", "p interaction", None),
    "suest_p": ("p, SUEST", "p suest", None),
    "permutation_p": ("p, permutation of units", "p permutation", "units"),
    "permutation_rows_p": ("p, permutation of rows", "p permutation", "rows"),
}


def difference_rows(table: TableSettings, specs: Sequence[Spec], verified: Verified) -> list[Row]:
    """One row a method that any of the differences uses; each cell under both of its columns."""
    rows = [Row(table.label(key, ROWS[key][0]), _cells(key, table, specs, verified)) for key in ROWS]
    shown = [row for row in rows if not row.empty]
    return [Row(row.label, row.cells, rule=i == 0) for i, row in enumerate(shown)]


def _cells(key: str, table: TableSettings, specs: Sequence[Spec], verified: Verified) -> tuple[Cell, ...]:
    below: dict[str, list[Between]] = {}
    for between in table.differences:
        below.setdefault(between.columns[0], []).append(between)
    cells: list[Cell] = []
    for spec in specs:
        if spec.id in below:
            shown = next((c for b in below[spec.id] if (c := _shown(key, b, table, verified)).text), EMPTY)
            cells += [Cell(shown.text, shown.stars, span=2), COVERED]
        elif not any(spec.id in between.columns for between in table.differences):
            cells.append(EMPTY)
    return tuple(cells)


def _shown(key: str, between: Between, table: TableSettings, verified: Verified) -> Cell:
    _, quantity, permuted = ROWS[key]
    if permuted not in (None, verified.study.difference[between.difference].permute):
        return EMPTY
    value = verified.numbers(f"difference.{between.difference}").get((quantity, ""))
    draws = verified.study.difference[between.difference].draws if permuted else None
    if key == "difference":
        return Cell(decimals(value, table.digits))
    return Cell(probability(value, table.digits, draws), stars(value, table.stars))


def hold_differences(name: str, table: TableSettings, verified: Verified) -> None:
    """Raises `InputError` where a difference is not that of its columns: in the other order, or of other estimates.

    Columns and differences that are not verified are marked as such, and pass here.
    """
    for between in table.differences:
        groups, columns = _groups(between, verified), _columns(between, verified)
        if groups is None or columns is None or _same(groups, columns):
            continue
        term, (first, second) = _term(between, verified), between.columns
        settings = verified.study.difference[between.difference]
        of_groups = f"{_number(groups[0])} where {plainly(settings.group)}, {_number(groups[1])} in the others"
        is_of = f"`{between.difference}` is of `{term}` in `{settings.spec}`: {of_groups}"
        stand = f"under it stand `{first}` with {_number(columns[0])} and `{second}` with {_number(columns[1])}"
        other_way = f"; they stand the other way round, so put `{second}` before `{first}`"
        remedy = other_way if _same(groups, columns[::-1]) else ", which are other estimates"
        raise InputError.at(str(verified.study.file), f"table.{name}.differences", f"{is_of}; {stand}{remedy}")


Estimates = tuple[tuple[float | None, float, str], ...]


def _term(between: Between, verified: Verified) -> str:
    settings = verified.study.difference[between.difference]
    return tested(settings, verified.study.spec(settings.spec))


def _groups(between: Between, verified: Verified) -> Estimates | None:
    """Of the first group and the others: coefficient, its scale, accuracy. None where they are not verified."""
    name = f"difference.{between.difference}"
    found = verified.numbers(name)
    if not found or verified.analysis(name).trouble:
        return None
    return tuple((found.get((side, "")), 0.0, "exact") for side in ("first", "second"))


def _columns(between: Between, verified: Verified) -> Estimates | None:
    term, out = _term(between, verified), []
    for spec in between.columns:
        if verified.standing(verified.study.spec(spec)).trouble:
            return None
        values = verified.values(spec)
        out.append((values.get(("coef", term)), values.get(("se", term)) or 0.0, verified.accuracy(spec)))
    return tuple(out)


def _same(groups: Estimates, columns: Estimates) -> bool:
    for (a, _, one), (b, se, other) in zip(groups, columns, strict=True):
        if a is None or b is None:
            return False
        size = max(abs(a), abs(b), se)
        if not hold(a, b, allowed(one, other) * size, size).agree:
            return False
    return True


def _number(of: tuple[float | None, float, str]) -> str:
    return "no coefficient" if of[0] is None else f"{of[0]:.6g}"


def difference_notes(table: TableSettings, terms: Sequence[str], verified: Verified) -> list[str]:
    """What the rows don't say: of which term they are, if several are shown; what an interaction leaves in common."""
    about, alone, clusters = {}, {}, {}
    for between in table.differences:
        settings, term = verified.study.difference[between.difference], _term(between, verified)
        if [t for t in terms if t != INTERCEPT] != [term]:
            about[between.columns] = table.label(term)
        if settings.interact == "term" and "interaction" in settings.method:
            alone[between.columns] = table.label(term)
        cluster = verified.study.spec(settings.spec).vcov.cluster
        if any(verified.study.spec(c).vcov.cluster != cluster for c in between.columns):
            clusters[between.columns] = table.says("and").join(map(table.label, cluster))
    return [
        *_note("note.difference of", about, table),
        *_note("note.difference alone", alone, table),
        *_note("note.difference clusters", clusters, table),
    ]


def _note(key: str, said: dict[tuple[str, str], str], table: TableSettings) -> list[str]:
    """By pair of columns, unless all pairs of the table say the same."""
    if not said:
        return []
    pairs = {between.columns for between in table.differences}
    if set(said) == pairs and len(set(said.values())) == 1:
        return [table.says(key, next(iter(said.values())))]
    at = {pair: ranges([table.specs.index(c) + 1 for c in pair], table.language) for pair in said}
    return [table.says(key, listed([table.says("in", what, at[pair]) for pair, what in said.items()], table.language))]
