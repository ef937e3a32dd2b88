"""Derived columns and index scores that were made otherwise: the study's own lines with other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.base.errors import ColumnProblem, InputError
from parity.data.derive.study_columns import add_columns, needs, order, reads
from parity.data.evaluate import Panel, evaluate, periods_of
from parity.diagnose import cause
from parity.diagnose.catalogue.common import on_large_data
from parity.diagnose.cause import Cause
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.diagnose.substitute import found, with_items
from parity.study.derived import Lag, Lead, Standardise, Step, Trim, Winsorise
from parity.study.formula import Call, Column, columns_of
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

CUTS = ((1.0, 99.0), (5.0, 95.0), (0.5, 99.5), (10.0, 90.0), (2.5, 97.5), (2.0, 98.0))


@dataclass(frozen=True)
class MadeAnew:
    """One line of `[derive]`, or one index, replaced, and all that rests on it made again. `text` tells lines apart.

    wanted: columns that the spec reads; of an index's variants only these are made, the others are left out
    """

    name: str
    text: str
    line: Any = field(compare=False, repr=False)
    wanted: frozenset[str]
    index: bool = False

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        anew, old = self._resting(study, list(frame.columns))
        kind = "index" if self.index else "derive"
        changed = {k: {n: getattr(study, k)[n] for n in anew[k]} for k in anew}
        changed[kind][self.name] = self.line
        forms = [form for index in study.index.values() for form in (index, *index.variants.values())]
        read = self.wanted.union(
            *(reads(line) for line in study.derive.values()), (i.column for f in forms for i in f.indicators)
        )
        for name, index in changed["index"].items():
            variants = {v: form for v, form in index.variants.items() if f"{name}.{v}" in read}
            changed["index"][name] = index.model_copy(update={"variants": variants})
        try:
            return add_columns(study.model_copy(update=changed), frame.drop(columns=old)).frame
        except InputError as error:
            raise ColumnProblem(str(error)) from None

    def _resting(self, study: Study, columns: list[str]) -> tuple[dict[str, list[str]], list[str]]:
        """Names of derived columns and indices that rest on the replaced one, itself first; and all columns they make."""
        anew: dict[str, list[str]] = {"derive": [], "index": []}
        old: list[str] = []
        made = {*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))}
        for kind, name in order(study, [c for c in columns if c not in made]):
            mine = (kind == "index", name) == (self.index, self.name)
            if mine or not set(needs(study, kind, name)).isdisjoint(old):
                anew[kind].append(name)
                old += [name] if kind == "derive" else study.index[name].columns(name)
        return anew, old


@dataclass(frozen=True)
class MadeWithout:
    """One unit or period is left out before indices and derived columns are made, so that it has no say in any of them.

    names: indices that the spec rests on; the others are not made
    """

    column: str
    value: Any
    names: frozenset[str]

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        made = {*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))}
        left = frame[[c for c in frame.columns if c not in made]]
        left = left[evaluate(Column(self.column), frame, Panel()) != self.value].reset_index(drop=True)
        index = {name: study.index[name] for name in study.index if name in self.names}
        try:
            return add_columns(study.model_copy(update={"index": index}), left).frame
        except InputError as error:
            raise ColumnProblem(str(error)) from None


def _made(scenario: Scenario, fitter: Fitter) -> tuple[str, ...]:
    """Derived columns and indices on which the spec rests, those that other derived columns need included."""
    study, spec = fitter.study, scenario.spec
    owner = {c: name for name, index in study.index.items() for c in index.columns(name)}
    waiting, found = [*columns_of(spec.formula), *columns_of(spec.where)], []
    while waiting:
        name = waiting.pop()
        name = owner.get(name, name)
        if name in found:
            continue
        if name in study.derive:
            found.append(name)
            waiting += reads(study.derive[name])
        elif name in study.index:
            found.append(name)
            waiting += [i.column for form in study.index[name].forms().values() for i in form.indicators]
    return tuple(sorted(found))


def _lines(scenario: Scenario, fitter: Fitter, *kinds: type[Step]) -> Iterator[tuple[str, Any]]:
    for name in _made(scenario, fitter):
        line = fitter.study.derive.get(name)
        if isinstance(line, kinds):
            yield name, line


Variants = Callable[[Cause, Scenario, Fitter], Iterable[cause.Step]]


def _step(c: Cause, scenario: Scenario, name: str, line: Any, *parameters: tuple[str, Any]) -> cause.Step:
    return cause.Step(c, scenario.edited(MadeAnew(name, repr(line), line, _read(scenario))), (("column", name), *parameters))


def _read(scenario: Scenario) -> frozenset[str]:
    spec = scenario.spec
    weights = (spec.weights.column,) if spec.weights else ()
    return frozenset((*columns_of(spec.formula), *columns_of(spec.where), *spec.vcov.cluster, *weights))


def _other_cuts(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in _lines(scenario, fitter, Winsorise, Trim):
        for cuts in CUTS:
            if cuts != line.cuts:
                shown = ("cuts", f"{cuts[0]:g} and {cuts[1]:g}"), ("declared", f"{line.cuts[0]:g} and {line.cuts[1]:g}")
                yield _step(c, scenario, name, line.model_copy(update={"cuts": cuts}), *shown)


def _other_percentiles(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in _lines(scenario, fitter, Winsorise, Trim):
        other = "type7" if line.percentiles == "stata" else "stata"
        shown = {"stata": "Stata's (type 2)", "type7": "type 7"}[other]
        yield _step(
            c,
            scenario,
            name,
            line.model_copy(update={"percentiles": other}),
            ("rule", shown),
            ("type", {"stata": 2, "type7": 7}[other]),
        )


def _trimmed(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in _lines(scenario, fitter, Winsorise):
        same = line.model_dump(include={"cuts", "percentiles", "by"})
        yield _step(c, scenario, name, Trim(trim=line.winsorise, **same))


def _winsorised(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in _lines(scenario, fitter, Trim):
        same = line.model_dump(include={"cuts", "percentiles", "by"})
        yield _step(c, scenario, name, Winsorise(winsorise=line.trim, **same))


def _as_it_is(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """Each cut column uncut, then all of them where there are several."""
    cut = [(name, line.winsorise if isinstance(line, Winsorise) else line.trim)
           for name, line in _lines(scenario, fitter, Winsorise, Trim)]  # fmt: skip
    for chosen in [[one] for one in cut] + ([cut] if len(cut) > 1 else []):
        other = scenario
        for name, of in chosen:
            other = other.edited(MadeAnew(name, of, Column(of), _read(scenario)))
        names = ("column", "`, `".join(name for name, _ in chosen)), ("of", "`, `".join(of for _, of in chosen))
        yield cause.Step(c, other, names)


def _groups_ignored(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in _lines(scenario, fitter, Winsorise, Trim, Standardise):
        if line.by:
            yield _step(c, scenario, name, line.model_copy(update={"by": ()}), ("by", ", ".join(line.by)))


def _other_ddof(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in _lines(scenario, fitter, Standardise):
        ddof = 1 - line.ddof
        yield _step(c, scenario, name, line.model_copy(update={"ddof": ddof}), ("ddof", ddof))


def _other_periods(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in _lines(scenario, fitter, Lag, Lead):
        of = line.lag if isinstance(line, Lag) else line.lead
        yield _step(c, scenario, name, Column(of), ("of", of))


def _reversed(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """A lead for each lag and the reverse: of derived columns, and in the formula."""
    for name, line in _lines(scenario, fitter, Lag, Lead):
        of, k = line.lag if isinstance(line, Lag) else line.lead, line.periods
        other = Lead(lead=of, periods=k) if isinstance(line, Lag) else Lag(lag=of, periods=k)
        yield _step(c, scenario, name, other)
    for call in found(scenario, lambda n: isinstance(n, Call) and n.function in _REVERSE):
        other = Call(_REVERSE[call.function], call.args)
        changed = with_items(scenario, lambda n, call=call, other=other: other if n == call else n)
        if changed is not scenario:
            yield cause.Step(c, changed, (("column", str(call)),))


_REVERSE = {"l": "f", "f": "l"}


def _without(which: str) -> Variants:
    """Each unit or period left out before anything is made of all rows."""

    def variants(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
        column, names = getattr(fitter.study.header, which), _made(scenario, fitter)
        lines = [fitter.study.derive.get(name) for name in names]
        of_all_rows = any(n in fitter.study.index for n in names) or any(
            isinstance(line, Winsorise | Trim | Standardise) for line in lines
        )
        if column is not None and of_all_rows and not scenario.edits:
            for value in fitter.columns.levels(column):
                edit = MadeWithout(column, value, frozenset(names) & frozenset(fitter.study.index))
                shown = f"{value:.15g}" if isinstance(value, float) else str(value)
                yield cause.Step(c, scenario.edited(edit), ((which, f"{column} {shown}"),))

    return variants


def _index(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    from parity.data.derive.variants import single_changes

    first = float(np.nanmin(periods_of(fitter.original, fitter.panel))) if fitter.study.index and fitter.panel.time else 0.0
    for name in _made(scenario, fitter):
        if name not in fitter.study.index:
            continue
        index = fitter.study.index[name]
        for variant, settings in single_changes(index.forms()[""], first):
            line = index.model_copy(update=dict(settings))
            edit = MadeAnew(name, variant.id, line, _read(scenario), index=True)
            yield cause.Step(c, scenario.edited(edit), (("index", name), ("variant", variant.text)))


_WINSOR = "winsor2 (SSC); Cox (2006), Stata Journal 6(3)"
_RULES = "Hyndman and Fan (1996): Stata's percentiles are type 2, R's and numpy's default type 7"


def _cause(id: str, sentence: str, formula: str, source: str, how: dict[str, str], variants: Variants, **more) -> Cause:
    return Cause(id, "transformation", "design", "derived", sentence, formula, source, how, variants, **more)


CAUSES = (
    _cause("other-cuts", "`{column}` is cut at {cuts} per cent, not at {declared}.", "percentiles {cuts}", _WINSOR,
           {"Stata": "winsor2, cuts({cuts})"}, _other_cuts, parametrised=True,
        avoids={"Stata": "winsor2, cuts({declared})"}),
    _cause("other-percentile-rule", "`{column}` is cut at {rule} percentiles.", "{rule}", _RULES,
           {"R": "quantile(type = {type})"}, _other_percentiles),
    _cause("trimmed-for-winsorised", "`{column}` is trimmed, not winsorised: values beyond the cuts are missing.",
           "missing instead of the percentile", _WINSOR, {"Stata": "winsor2, trim"}, _trimmed,
        avoids={"Stata": "winsor2 without trim"}),
    _cause("winsorised-for-trimmed", "`{column}` is winsorised, not trimmed.", "the percentile instead of missing", _WINSOR,
           {"Stata": "winsor2 without trim"}, _winsorised,
        avoids={"Stata": "winsor2, trim"}),
    _cause("cuts-left-out", "`{column}` is `{of}` as it is, neither winsorised nor trimmed.", "no cut", _WINSOR,
           {}, _as_it_is,
        avoids={"Stata": "winsor2 {of}"}),
    _cause("groups-of-a-transformation-ignored", "`{column}` is made over all rows, not within {by}.", "no groups", _WINSOR,
           {}, _groups_ignored,
        avoids={"Stata": "winsor2, by({by}); egen, by({by})"}),
    _cause("standardised-with-other-ddof", "`{column}` is standardised with ddof {ddof}.", "sd over n - {ddof}",
           "numpy's std has ddof 0; R's sd and Stata's have 1", {"numpy": "std(ddof={ddof})"}, _other_ddof),
    _cause("derived-lag-left-out", "`{column}` is `{of}` of the same period.", "x_t instead of a shift of it",
           "the equation", {}, _other_periods,
        avoids={"Stata": "L.{of}"}),
    _cause("shift-reversed", "`{column}` is shifted the other way: a lead for a lag, or a lag for a lead.",
           "x_(t+1) and x_(t-1) exchanged", "Stata [U] 11.4.4: L. is the period before, F. the one after; pandas shift(-1) "
           "is a lead", {"Stata": "F.x", "pandas": "groupby(unit).shift(-1)"}, _reversed,
        avoids={"Stata": "L.x after xtset", "pandas": "groupby(unit).shift(1)"}),
    _cause("unit-missing-before-derived", "{unit} is left out before indices and derived columns are made.",
           "N = {N} instead of {N_before}; other minima, weights, percentiles", "the order of the steps", {},
           _without("unit"), parametrised=True, costly=on_large_data),
    _cause("period-missing-before-derived", "{time} is left out before indices and derived columns are made.",
           "N = {N} instead of {N_before}; other minima, weights, percentiles", "the order of the steps", {},
           _without("time"), parametrised=True, costly=on_large_data),
    _cause("index-made-otherwise", "The index `{index}` has {variant}.", "{variant}",
           "variants met in published code: parity.data.derive.variants", {},
           _index, parametrised=True, costly=on_large_data),
)  # fmt: skip
