"""What an analysis that is no spec found, as tables of a page: coefficients with their errors, tests, statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parity.base.quantities import BY_NAME
from parity.report.analyses import EDGE, SHOWN
from parity.report.figures import COMPARED, short
from parity.report.found_spatial import spatial_tables
from parity.report.found_table import FoundTable
from parity.results.analysis_page import AnalysisDetail
from parity.results.record import Record
from parity.study.analyses.registry import BY_KIND

#: Columns of a table; with more of them each quantity is a row.
ABREAST = 5
_WHOLE = {"total": "total (c)", "direct": "direct (c')", "lower": "lower bound", "upper": "upper bound"}
_LETTER = {"first": " (a)", "second": " (b)"}
_OF_INDEX = {"weight": "Weight", "entropy": "Entropy", "between": "Weight of the dimension"}
#: What several quantities of one name stand for.
_TITLES = ((" by sobel", "Tests of the indirect effects"), ("delta method", "Total effect by the delta method"))


def found_tables(records: Sequence[Record]) -> tuple[FoundTable, ...]:
    """Of the record that holds numbers; none where none does."""
    record = next((r for r in records if r.numbers), None)
    if record is None:
        return ()
    numbers: dict[str, dict[str, float]] = {}
    for n in record.numbers:
        numbers.setdefault(n.quantity, {})[n.term] = n.value
    if record.kind == "diagnostics":
        return (_with_p(numbers),)
    if record.kind == "spatial":
        return tuple(spatial_tables(numbers))
    kind = BY_KIND.get(record.kind)
    heads = _OF_INDEX if record.kind == "index" else {**kind.named, **kind.heads} if kind else {}
    return tuple(_tables(numbers, heads))


def score_table(detail: AnalysisDetail | None) -> tuple[FoundTable, ...]:
    """Scores of an index in its latest period, in the order of our ranks; none where none were kept."""
    if detail is None or detail.index is None or not any(r.scores for r in detail.index.ranks):
        return ()
    rows = [(r.unit, tuple(short(v, COMPARED) for v in reversed(r.scores))) for r in detail.index.ranks if r.scores]
    title = f"Scores{f' in {detail.index.period}' if detail.index.period else ''}"
    if len(rows) > SHOWN:  # as of ranks
        rows, title = rows[:EDGE] + rows[-EDGE:], f"{title}, the first and the last {EDGE}"
    return (FoundTable(title, (detail.candidate, detail.reference), tuple(rows)),)


def _with_p(numbers: dict[str, dict[str, float]]) -> FoundTable:
    """A statistic a row, its p beside it."""
    stated = [(q, t, v) for q, terms in numbers.items() if not q.endswith(" p") for t, v in terms.items()]
    rows = []
    for quantity, term, value in stated:
        name = BY_NAME[quantity].label if quantity in BY_NAME else quantity.replace("_", " ")
        rows.append((f"{name} {term}".strip(), (short(value), short(numbers.get(f"{quantity} p", {}).get(term)))))
    return FoundTable("Statistics", ("Value", "p"), tuple(rows))


def _tables(numbers: dict[str, dict[str, float]], heads: Mapping[str, str]):
    """Quantities of the same terms stand in one table, the effect itself before its errors; single numbers come last.

    heads: quantity -> what its kind calls it.
    """
    effect = numbers.pop("effect", {})
    groups: dict[tuple[str, ...], list[str]] = {}
    for quantity, terms in numbers.items():
        groups.setdefault(tuple(terms), []).append(quantity)
    alone = groups.pop(("",), [])
    for terms, quantities in groups.items():
        beside = [numbers[q] for q in quantities]
        names = quantities
        if effect and set(terms) <= set(effect):
            names, beside = ["effect", *quantities], [effect, *beside]
        title = next((said for key, said in _TITLES if any(key in q for q in quantities)), "")
        title = (
            title
            or ("Entropies and weights" if {"Entropy", "Weight"} <= {heads.get(n) for n in names} else "")
            or ("Coefficients" if {"se", "t"} <= set(names) else "Bootstrap" if "bootstrap se" in names else "Numbers")
        )
        yield _table(title, terms, [heads.get(name, name) for name in names], beside)
    if effect and not any(set(terms) <= set(effect) for terms in groups):
        yield _table("Effects", tuple(effect), ["effect"], [effect])
    if alone:
        yield FoundTable("Counts and single numbers", ("Value",), tuple((q, (short(numbers[q][""]),)) for q in alone))


def _table(title: str, terms: Sequence[str], names: Sequence[str], values: Sequence[dict[str, float]]) -> FoundTable:
    if len(names) > ABREAST:
        rows = tuple((n, tuple(short(found[t]) for t in terms)) for n, found in zip(names, values, strict=True))
        return FoundTable(title, tuple(map(_label, terms)), rows)
    return FoundTable(title, tuple(names), tuple((_label(t), tuple(short(found[t]) for found in values)) for t in terms))


def _label(term: str) -> str:
    return _WHOLE.get(term, term + _LETTER.get(term.split(" ")[0], ""))
