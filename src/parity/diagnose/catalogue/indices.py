"""Indices made of other indicators or other rows than the study says, and what a filter comes before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.data.derive.changes import CUTS, MOST_ADDED, directed, tails_cut
from parity.data.derive.study_columns import add_columns, behind, indicator_columns
from parity.diagnose import cause
from parity.diagnose.catalogue.common import on_large_data
from parity.diagnose.catalogue.remade import (
    SHIFTED,
    FilteredFirst,
    MadeAnew,
    lines_of,
    made_of,
    read_by,
    remade,
)
from parity.diagnose.catalogue.sample import by_rows, parts_of
from parity.diagnose.cause import Cause
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.diagnose.substitute import found
from parity.study.derived import Interpolate, MedianSplit, Standardise, Trim, Winsorise
from parity.study.formula import SHIFTS, Call, columns_of
from parity.study.index import Index, Indicator
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class IndicatorsCut:
    """The tails of an index's indicators are pulled to a percentile before it is made; nothing else is."""

    name: str
    cuts: tuple[float, float]
    percentiles: str
    wanted: frozenset[str]

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        index = study.index[self.name]
        values = indicator_columns(index.forms()[""], frame)
        cut = frame.assign(**tails_cut(values, self.cuts, self.percentiles))
        cut = cut.drop(columns=[c for c in index.columns(self.name) if c in cut.columns])
        read = behind(study, self.wanted)
        variants = {v: form for v, form in index.variants.items() if f"{self.name}.{v}" in read}
        alone = {self.name: index.model_copy(update={"variants": variants})}
        scores = add_columns(study.model_copy(update={"derive": {}, "index": alone}), cut).frame
        new = {c: scores[c] for c in index.columns(self.name) if c in scores.columns}
        return remade(frame.assign(**new), study, self.wanted, raw=tuple(new))


def _indices(scenario: Scenario, fitter: Fitter) -> Iterator[tuple[str, Index]]:
    for name in made_of(scenario, fitter):
        if name in fitter.study.index:
            yield name, fitter.study.index[name]


def _of(
    c: Cause, scenario: Scenario, name: str, index: Index, indicators: tuple[Indicator, ...], text: str, *more
) -> cause.Step:
    """The index, and each of its variants, of other indicators."""
    given = index.weights is not None and {i.column for i in indicators} != set(index.weights)
    if given or not indicators:
        return cause.Step(c, scenario, more)
    change = {"indicators": indicators}
    forms = {v: form.model_copy(update=change) for v, form in index.variants.items()}
    line = index.model_copy(update=change | {"variants": forms})
    return cause.Step(
        c, scenario.edited(MadeAnew(name, text, line, read_by(scenario), index=True)), (("index", name), *more)
    )


def _reversed(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, index in _indices(scenario, fitter):
        for i in index.indicators:
            other = directed(index.indicators, i.column)
            yield _of(c, scenario, name, index, other, f"reversed {i.column}", ("indicator", i.column))


def _left_out(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, index in _indices(scenario, fitter):
        for i in index.indicators if len(index.indicators) > 1 and index.weights is None else ():
            others = tuple(j for j in index.indicators if j != i)
            yield _of(c, scenario, name, index, others, f"without {i.column}", ("indicator", i.column))


def _with(c: Cause, scenario: Scenario, name: str, index: Index, column: str) -> Iterator[cause.Step]:
    dimension = index.dimensions[0] if index.dimensions else None
    for direction in "+-":
        more = (*index.indicators, Indicator(column=column, direction=direction, dimension=dimension))
        shown = {"+": "more is better", "-": "less is better"}[direction]
        yield _of(c, scenario, name, index, more, f"with {column} {direction}", ("indicator", column), ("direction", shown))


def _of_the_outcome(scenario: Scenario, fitter: Fitter) -> tuple[str, ...]:
    """The outcome and all that it rests on; not the scores of an index, which are made of the rest."""
    scores = {c for name, index in fitter.study.index.items() for c in index.columns(name)}
    rest = behind(fitter.study, columns_of(scenario.spec.formula.outcome)) - scores
    return tuple(sorted(c for c in rest if c in fitter.columns.many_valued))


def _outcome_inside(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    inside = behind(fitter.study, columns_of(scenario.spec.formula.outcome))
    for name, index in _indices(scenario, fitter):
        if index.weights is None and inside.isdisjoint(index.columns(name)):
            for column in _of_the_outcome(scenario, fitter):
                if column not in {i.column for i in index.indicators}:
                    yield from _with(c, scenario, name, index, column)


def _added(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    study = fitter.study
    header = (study.header.unit, study.header.time)
    made = {*study.derive, *(m for name, index in study.index.items() for m in index.columns(name))}
    inside = behind(study, columns_of(scenario.spec.formula.outcome))
    for name, index in _indices(scenario, fitter):
        own = inside.isdisjoint(index.columns(name))  # else what is behind the outcome is this index itself
        said = {i.column for i in index.indicators} | (set(_of_the_outcome(scenario, fitter)) if own else set())
        others = [x for x in fitter.columns.many_valued if x not in said and x not in made and x not in header]
        for column in others[:MOST_ADDED] if index.weights is None else ():
            yield from _with(c, scenario, name, index, column)


def _cut_first(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, _ in _indices(scenario, fitter):
        for cuts in CUTS:
            for rule, shown in (("stata", "Stata's (type 2)"), ("type7", "type 7")):
                edit = IndicatorsCut(name, cuts, rule, read_by(scenario))
                said = ("index", name), ("cuts", f"{cuts[0]:g} and {cuts[1]:g}"), ("rule", shown)
                yield cause.Step(c, scenario.edited(edit), said)


def _filtered_first(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """Indices and columns that are made of all rows, of the rows that the filter keeps."""
    names = made_of(scenario, fitter)
    indices = frozenset(n for n in names if n in fitter.study.index)
    of_all_rows = (Winsorise, Trim, Standardise, MedianSplit, Interpolate)
    if scenario.edits or not (indices or any(True for _ in lines_of(scenario, fitter, *of_all_rows))):
        return
    for part, rest in parts_of(scenario.spec.where):
        edited = scenario.with_spec(where=rest).edited(FilteredFirst(part, indices, read_by(scenario), shifts=False))
        yield cause.Step(c, edited, (("filter", str(part)),))


def _shifted_after(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """Lags of the rows that the filter keeps: by time, then by rows."""
    in_formula = found(scenario, lambda n: isinstance(n, Call) and n.function in SHIFTS)
    if scenario.edits or not (in_formula or any(True for _ in lines_of(scenario, fitter, *SHIFTED))):
        return
    for part, rest in parts_of(scenario.spec.where):
        edited = scenario.with_spec(where=rest).edited(FilteredFirst(part, frozenset(), read_by(scenario), shifts=True))
        yield cause.Step(c, edited, (("filter", str(part)),))
        for moved, _ in by_rows(edited, fitter, within_units=True):
            yield cause.Step(c, moved, (("filter", str(part)),))


_INDEX = "the table of indicators"
_ORDER = "the order of the steps"


def _of_large_indices(scenario: Scenario, fitter: Fitter) -> bool:
    return on_large_data(scenario, fitter) and bool(fitter.study.index)


def _cause(id: str, sentence: str, formula: str, source: str, variants, parametrised: bool = True) -> Cause:
    return Cause(
        id, "transformation", "design", "derived", sentence, formula, source, {}, variants, parametrised=parametrised,
        costly=_of_large_indices,
    )  # fmt: skip


CAUSES = (
    _cause("indicator-reversed", "The index `{index}` has `{indicator}` in the other direction.",
           "(max - x)/(max - min) and (x - min)/(max - min) exchanged", _INDEX, _reversed),
    _cause("indicator-left-out", "The index `{index}` is made without `{indicator}`.", "one indicator less", _INDEX,
           _left_out),
    _cause("outcome-in-index", "The index `{index}` has `{indicator}` as one more indicator ({direction}), and the outcome "
           "is made of it.", "one indicator more", _INDEX, _outcome_inside),
    _cause("indicator-added", "The index `{index}` has `{indicator}` as one more indicator ({direction}).",
           "one indicator more", _INDEX, _added),
    _cause("indicators-winsorised", "The indicators of the index `{index}` are winsorised at {cuts} per cent by {rule} "
           "percentiles before it is made.", "percentiles {cuts} of every indicator",
           "winsor2 (SSC); Cox (2006), Stata Journal 6(3)", _cut_first),
    _cause("filtered-before-derived", "The rows are filtered by `{filter}` before indices and derived columns are made.",
           "N = {N} instead of {N_before}; other minima, weights, percentiles", _ORDER, _filtered_first, parametrised=False),
    _cause("lag-after-filter", "Its lags are made of the rows that `{filter}` keeps.", "N = {N} instead of {N_before}",
           "Stata [TS] tsset: L. of a period that was dropped is missing", _shifted_after, parametrised=False),
)  # fmt: skip
