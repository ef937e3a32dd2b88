"""The numbers of an analysis as a grid: a row for each period, or whatever they are of, and a column a quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parity.base.errors import InputError, suggest
from parity.study.analyses.registry import BY_KIND
from parity.study.table import Parentheses, TableSettings
from parity.table.grid import EMPTY, Cell, Grid, Row
from parity.table.noted import noted
from parity.table.notes import MARK, kept, made, said, starred, trouble
from parity.table.numbers import decimals, probability, stars, whole
from parity.table.verified import Verified

#: Heads of columns that any analysis may have, and a table only where it names them: quantity -> head.
HEADS = {"se": "Standard error", "z": "z", "p": "p", "likelihood": "Log likelihood", "rows": "Observations"}
#: What stands in parentheses -> the quantities that may; an interval has columns of its own.
_INSIDE: Mapping[Parentheses, tuple[str, ...]] = {"se": ("se",), "t": ("t", "z"), "p": ("p",), "ci": ()}


def analysis_grid(name: str, table: TableSettings, verified: Verified) -> Grid:
    """Without numbers where it was not verified. Raises `InputError` where it has no such quantity, or no such row."""
    standing = verified.analysis(table.analysis)
    found = {} if standing.trouble else verified.numbers(table.analysis)
    kind = BY_KIND.get(table.analysis.partition(".")[0])
    labels: Mapping[str, str] = kind.heads if kind else {}
    called = {**HEADS, **kind.named, **labels} if kind else HEADS
    there = list(dict.fromkeys(quantity for quantity, _ in found))
    of_itself = [q for q in there if _is_number(q)] if kind and kind.numbered else []
    columns = list(table.quantities) or [*(q for q in labels if q in there), *of_itself]
    terms = list(dict.fromkeys(term for quantity, term in found if quantity in columns))
    if found:
        for key, named, known in (("quantities", columns, there), ("rows", table.rows, terms)):
            wrong = next((n for n in named if n not in known), None)
            if wrong is not None:
                where = f"table.{name}.{key}"
                raise InputError.at(str(verified.study.file), where, f"it has no `{wrong}`{suggest(wrong, known)}")

    def cell(quantity: str, term: str) -> Cell:
        value = found.get((quantity, term))
        if value is None:
            return EMPTY
        if quantity in ("nobs", "rows") or (quantity in ("df", "df_r") and value == round(value)):
            return Cell(whole(value))
        if _of_p(quantity):
            return Cell(probability(value, table.digits))
        p = found.get((of_estimate(quantity, "p"), term)) if of_estimate(quantity, "p") not in columns else None
        return Cell(decimals(value, table.digits), stars(p, table.stars), below(quantity, term))

    def below(quantity: str, term: str) -> str:
        """In parentheses what says how sure the estimate is, unless its standard error has a column of its own."""
        if of_estimate(quantity, "se") in columns:
            return ""
        named = ((of_estimate(quantity, name), term) for name in _INSIDE[table.parentheses])
        inside = next((found[key] for key in named if key in found), None)
        text = (probability if table.parentheses == "p" else decimals)(inside, table.digits)
        return f"({text})" if text else ""

    own = table.analysis.partition(".")[2]
    body = [Row(_called(table, term or own), tuple(cell(q, term) for q in columns)) for term in table.rows or terms]
    body += _foot(table, columns, found)
    heads = Row("", tuple(Cell(_head(table, q, called)) for q in columns or ("",)))
    notes = said(table)
    if any(c.below for row in body for c in row.cells):
        notes.append(f"{table.says(table.parentheses)}{'。' if table.language == 'zh' else '.'}")
    notes += starred(table) if any(c.stars for row in body for c in row.cells) else []
    notes.append(trouble(table, standing) if standing.trouble else table.says("note.both"))
    about = (
        []
        if standing.trouble
        else [noted(r.note, table.language, table.label) for r in verified.of(table.analysis) if r.note]
    )
    notes += [f"{text[0].upper()}{text[1:].rstrip('.。')}{'。' if table.language == 'zh' else '.'}" for text in about]
    title = f"{table.title or name}{MARK if standing.trouble else ''}"
    return Grid(name, title, (heads,), tuple(body), kept([*notes, *made(table, verified)]), not standing.trouble)


def _is_number(quantity: str) -> bool:
    try:
        float(quantity)
    except ValueError:
        return False
    return True


def of_estimate(quantity: str, what: str) -> str:
    """The name of the standard error, z or p of an estimate: of coefficients and effects at the means plainly `se`."""
    return what if quantity in ("coef", "effect", "estimate") else f"{quantity} {what}"


def _of_p(quantity: str) -> bool:
    return quantity == "p" or quantity.startswith("p ") or quantity.endswith(" p")


def _head(table: TableSettings, quantity: str, labels: Mapping[str, str]) -> str:
    """Of a column; Gini's of a group, or between two, by what the groups are called."""
    if quantity.startswith("gini of ") and quantity not in table.labels:
        groups = (table.label(g) for g in quantity.removeprefix("gini of ").split(" and "))
        return table.says("gini of", table.says("and").join(groups))
    return table.label(quantity, labels.get(quantity))


def _called(table: TableSettings, term: str) -> str:
    """What a row is called; the spatial lag of a column, or a column in a regime, by what the column is."""
    if term in table.labels:
        return table.labels[term]
    if term.startswith("W "):
        return f"W × {table.label(term[2:])}"
    column, regime, number = term.rpartition(", regime ")
    return table.says("regime", table.label(column), number) if regime else table.label(term, term)


def _foot(table: TableSettings, columns: Sequence[str], found: Mapping[tuple[str, str], float]) -> list[Row]:
    """Under coefficients of a model with a likelihood, its rows and that."""
    if "coef" not in columns or ("likelihood", "") not in found:
        return []
    shown = {
        "Observations": whole(found.get(("rows", "rows"))),
        "Log likelihood": decimals(found["likelihood", ""], table.digits),
    }
    rest = (EMPTY,) * (len(columns) - 1)
    at = columns.index("coef")
    rows = [(*rest[:at], Cell(text), *rest[at:]) for text in shown.values()]
    return [
        Row(table.label(name, name), cells, rule=i == 0) for i, (name, cells) in enumerate(zip(shown, rows, strict=True))
    ]
