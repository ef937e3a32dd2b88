"""Sample: which rows enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from typing import Any

from parity.data.provinces import province
from parity.diagnose.catalogue.rows import (
    BalancedOnly,
    MissingAsMean,
    MissingAsZero,
    RowLost,
    RowsTwice,
    ShiftedByRows,
    SingletonsByRows,
)
from parity.diagnose.cause import Cause, Step
from parity.diagnose.data_columns import shown
from parity.diagnose.fitter import Fitter
from parity.diagnose.left_out import MOST_AGAIN
from parity.diagnose.scenario import LevelAgain, RowAgain, Scenario, WithoutLevel
from parity.diagnose.substitute import found, with_items
from parity.study.derived import Change, Lag, Lead
from parity.study.formula import SHIFTS, Call, Column, Constant, Dummies, Expr, Member, Operation, columns_of
from parity.study.models import OF_DYNAMIC, SERIES

#: Cities of the rank of a province, which papers on China's provinces often leave out.
MUNICIPALITIES = ("北京", "天津", "上海", "重庆")
#: Of so many values that a filter names each is tried.
MOST_NAMED = 12
#: Rows times fits of a model that isn't least squares, whose sample without a unit has no formula and is fitted: a logit of
#: as many takes some seconds.
MOST_REFITTED = 5_000_000


def _singletons(value: str):
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        if scenario.spec.formula.effects and scenario.spec.convention.singletons != value:
            yield Step(cause, scenario.with_convention(singletons=value))

    return variants


def _singletons_by_rows(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    weights = scenario.spec.weights
    if scenario.spec.formula.effects and weights and weights.frequency and SingletonsByRows() not in scenario.edits:
        yield Step(cause, scenario.edited(SingletonsByRows()), (("weights", weights.column),))


def _filter_ignored(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """The whole filter, then each part of an `and`."""
    for part, rest in parts_of(scenario.spec.where):
        yield Step(cause, scenario.with_spec(where=rest), (("filter", str(part)),))


def _value_kept(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """One of the values that the filter names is not met by it: spelled otherwise in the data, or forgotten."""
    for part, rest in parts_of(scenario.spec.where):
        if not isinstance(part, Member) or not 1 < len(part.values) <= MOST_NAMED:
            continue
        for i, value in enumerate(part.values):
            fewer = Member(part.arg, (*part.values[:i], *part.values[i + 1 :]), part.negated)
            changed = scenario.with_spec(where=_both(rest, fewer))
            yield Step(cause, changed, (("filter", str(part)), ("value", str(value.value))))


def parts_of(where: Expr | None) -> list[tuple[Expr, Expr | None]]:
    """(a filter, what is left of `where` without it): the whole of it, and each part of an `and`."""
    if where is None:
        return []
    out: list[tuple[Expr, Expr | None]] = [(where, None)]
    if isinstance(where, Operation) and where.op == "and":
        parts = where.args
        out += [(part, reduce(_both, (*parts[:i], *parts[i + 1 :]))) for i, part in enumerate(parts)]
    return out


def _both(where: Expr | None, other: Expr) -> Expr:
    return other if where is None else Operation("and", (where, other))


def _municipalities(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    unit = fitter.study.header.unit
    if unit is None or not fitter.columns.is_text(unit):
        return
    here = tuple(v for v in fitter.columns.levels(unit) if province(str(v)) in MUNICIPALITIES)
    if len(here) > 1:
        left_out = Member(Column(unit), tuple(Constant(v) for v in here), negated=True)
        changed = scenario.with_spec(where=_both(scenario.spec.where, left_out))
        yield Step(cause, changed, (("units", ", ".join(map(str, here))),))


def _filter_reversed(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if scenario.spec.where is not None:
        reverse = Operation("not", (scenario.spec.where,))
        yield Step(cause, scenario.with_spec(where=reverse), (("filter", str(scenario.spec.where)),))


def _without(column: str, value: Any, scenario: Scenario) -> Scenario:
    left_out = Member(Column(column), (Constant(value),), negated=True)
    return scenario.with_spec(where=_both(scenario.spec.where, left_out))


def _refits(which: str) -> Callable[[Scenario, Fitter], bool]:
    """Whether as many levels are too many fits of a model that has no shorter way."""

    def costly(scenario: Scenario, fitter: Fitter) -> bool:
        column = None if scenario.spec.additive else getattr(fitter.study.header, which)
        return column is not None and len(fitter.original) * len(fitter.columns.levels(column)) > MOST_REFITTED

    return costly


def _one_missing(which: str) -> Callable:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        column = getattr(fitter.study.header, which)
        if column is None:
            return
        dummies = any(isinstance(i, Dummies) for i in scenario.spec.formula.exog)  # which would lose a column
        for value in fitter.columns.levels(column):
            if scenario.spec.model != "ols" or dummies:
                changed = _without(column, value, scenario)
            else:  # the same rows, without building the design anew
                changed = scenario.edited(WithoutLevel(column, value, scenario.spec.convention.singletons == "drop"))
            yield Step(cause, changed, ((which, f"{column} {shown(value)}"),))

    return variants


def _once_a_period(scenario: Scenario) -> bool:
    """Whether its model has no estimate of two rows of one period: every package refuses those."""
    return scenario.spec.model in (*OF_DYNAMIC, *SERIES)


def _twice(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if RowsTwice() not in scenario.edits and not _once_a_period(scenario):
        yield Step(cause, scenario.edited(RowsTwice()))


def _row_again(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    again = any(isinstance(e, RowAgain) for e in scenario.edits) or _once_a_period(scenario)
    design = None if again else fitter.design(scenario)
    if design is None or design.nobs > MOST_AGAIN:
        return
    names = fitter.columns.names_of_rows
    for place, row in enumerate(design.rows.tolist()):
        named = f"row {row + 1} of the data" + (f" ({names[row]})" if names[row] else "")
        yield Step(cause, scenario.edited(RowAgain(place)), (("row", named),))


def _again(which: str) -> Callable:
    """All rows of each unit or period twice."""

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        column = getattr(fitter.study.header, which)
        again = any(isinstance(e, LevelAgain) for e in scenario.edits) or _once_a_period(scenario)
        if column is not None and not again:
            for value in fitter.columns.levels(column):
                yield Step(cause, scenario.edited(LevelAgain(column, value)), ((which, f"{column} {shown(value)}"),))

    return variants


def _row_lost(last: bool) -> Callable:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        yield Step(cause, scenario.edited(RowLost(last)))

    return variants


def _filled(edit: Callable) -> Callable:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        f = scenario.spec.formula
        used = dict.fromkeys(c for item in (f.outcome, *f.exog, *f.endog, *f.instruments) for c in columns_of(item))
        holed = tuple(c for c in used if c in fitter.columns.numeric and fitter.original[c].isna().any())
        if holed:
            yield Step(cause, scenario.edited(edit(holed)), (("columns", ", ".join(holed)),))

    return variants


def _filter_added(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    where = scenario.spec.where
    for other in dict.fromkeys(s.where for s in fitter.study.specs if s.where is not None and s.where != where):
        yield Step(cause, scenario.with_spec(where=_both(where, other)), (("filter", str(other)),))


def _balanced(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    header = fitter.study.header
    if header.unit and header.time:
        sizes = fitter.original.groupby(header.unit).size()
        if sizes.min() < fitter.original[header.time].nunique() <= sizes.max():
            yield Step(cause, scenario.edited(BalancedOnly()))


def _by_rows(within_units: bool) -> Callable:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        for changed, lags in by_rows(scenario, fitter, within_units):
            yield Step(cause, changed, (("lags", lags),))

    return variants


def by_rows(scenario: Scenario, fitter: Fitter, within_units: bool) -> Iterator[tuple[Scenario, str]]:
    """The scenario whose lags, those of the formula and derived columns in it, are shifts of rows; and which they are."""
    if fitter.study.header.time is None or (not within_units and fitter.study.header.unit is None):
        return
    shifts = found(scenario, lambda n: isinstance(n, Call) and n.function in SHIFTS)
    read = columns_of(scenario.spec.formula)
    lines = {n: line for n, line in fitter.study.derive.items() if n in read and isinstance(line, Lag | Lead | Change)}
    if not shifts and not lines:
        return
    names = {call: f"{call} by rows" for call in shifts}
    changed = with_items(scenario, lambda n: Column(names[n]) if n in names else n) if shifts else scenario
    for call, name in names.items():
        periods = int(call.args[1].value) * (-1 if call.function == "f" else 1)
        changed = changed.edited(ShiftedByRows(name, call.args[0], periods, within_units, call.function == "d"))
    for name, line in lines.items():
        periods = -line.periods if isinstance(line, Lead) else line.periods
        edit = ShiftedByRows(name, Column(line.reads()[0]), periods, within_units, isinstance(line, Change))
        changed = changed.edited(edit)
    yield changed, ", ".join([*map(str, shifts), *lines])


_PANEL = "Stata [TS] tsset: L. follows the time variable, a shift of rows does not"

CAUSES = (
    Cause(
        "singletons-kept", "sample", "design", "singletons",
        "It keeps observations that are alone in a level of a fixed effect.", "N = {N} instead of {N_before}",
        "Correia (2015), Singletons and fixed effects; areg, xtreg, plm and linearmodels keep them",
        {"fixest": 'fixef.rm = "none"', "pyfixest": 'fixef_rm="none"', "Stata": "reghdfe ..., keepsingletons"},
        _singletons("keep"), keeps_coefficients=True,
        avoids={"fixest": 'fixef.rm = "singletons"', "Stata": "reghdfe"},
    ),
    Cause(
        "singletons-dropped", "sample", "design", "singletons",
        "It drops observations that are alone in a level of a fixed effect, again and again until none is.",
        "N = {N} instead of {N_before}", "Correia (2015); reghdfe, pyfixest, fixest since 0.13",
        {"fixest": 'fixef.rm = "singletons"', "Stata": "reghdfe"}, _singletons("drop"), keeps_coefficients=True,
        avoids={"fixest": 'fixef.rm = "none"', "pyfixest": 'fixef_rm="none"', "Stata": "reghdfe ..., keepsingletons"},
    ),
    Cause(
        "singletons-by-rows", "sample", "design", "singletons",
        "It drops rows that are alone in a level of a fixed effect, although their weight `{weights}` says that they stand "
        "for several observations.",
        "N = {N} instead of {N_before}", "pyfixest 0.60, feols with weights_type=\"fweights\": singletons are rows",
        {"pyfixest": 'feols(weights_type="fweights"), the default fixef_rm'}, _singletons_by_rows,
        avoids={"pyfixest": 'fixef_rm="none"'},
    ),
    Cause(
        "filter-ignored", "sample", "design", "where", "The filter `{filter}` is not applied.",
        "N = {N} instead of {N_before}", "the spec", {},
        _filter_ignored,
        avoids={"Stata": "... if {filter}", "fixest": "subset = ~{filter}"},
    ),
    Cause(
        "filter-reversed", "sample", "design", "where", "The filter `{filter}` keeps the other rows.",
        "N = {N} instead of {N_before}", "the spec", {}, _filter_reversed,
    ),
    Cause(
        "filter-misses-a-value", "sample", "design", "where", "The filter `{filter}` doesn't meet `{value}`.",
        "N = {N} instead of {N_before}", "names that the data spell otherwise", {}, _value_kept, parametrised=True,
    ),
    Cause(
        "municipalities-left-out", "sample", "design", "where", "The municipalities are left out: {units}.",
        "N = {N} instead of {N_before}", "the sample", {}, _municipalities,
    ),
    Cause(
        "rows-duplicated", "sample", "design", "rows", "Every row enters twice.", "N = {N} instead of {N_before}",
        "a merge with repeated keys", {"Stata": "merge m:m or joinby on keys that stand twice"},
        _twice, keeps_coefficients=True,
        avoids={"Stata": "merge 1:1, or duplicates report", "pandas": 'merge(validate="1:1")'},
    ),
    Cause(
        "row-twice", "sample", "design", "where", "One row enters twice: {row}.", "N = {N} instead of {N_before}",
        "Stata [D] expand, append", {"Stata": "expand 2 in, or append of a file that is in memory already"}, _row_again,
        parametrised=True, many=True,
        avoids={"Stata": "duplicates report", "pandas": 'duplicated().any()'},
    ),
    Cause(
        "unit-twice", "sample", "design", "where", "The rows of {unit} enter twice.", "N = {N} instead of {N_before}",
        "Stata [D] append, joinby", {"Stata": "append of a file that is in memory already, joinby"}, _again("unit"),
        parametrised=True, costly=_refits("unit"),
        avoids={"Stata": "merge 1:1, or duplicates report", "pandas": 'merge(validate="1:1")'},
    ),
    Cause(
        "period-twice", "sample", "design", "where", "The rows of {time} enter twice.", "N = {N} instead of {N_before}",
        "Stata [D] append", {"Stata": "append of a file that is in memory already"}, _again("time"), parametrised=True,
        costly=_refits("time"),
        avoids={"Stata": "duplicates report", "pandas": 'duplicated().any()'},
    ),
    Cause(
        "lag-across-gaps", "sample", "design", "lags", "Its lags are shifts of rows, also across gaps in time: {lags}.",
        "N = {N} instead of {N_before}", _PANEL, {"Stata": "by unit (year): x[_n-1]", "pandas": "groupby(unit).shift()"},
        _by_rows(True),
        avoids={"Stata": "L.x after xtset", "pandas": "reindex by time before shift()"},
    ),
    Cause(
        "lag-across-units", "sample", "design", "lags",
        "Its lags are shifts of rows over the whole file, from one unit to the next: {lags}.",
        "N = {N} instead of {N_before}", _PANEL, {"Stata": "x[_n-1] without by", "pandas": "shift() without groupby"},
        _by_rows(False),
        avoids={"Stata": "L.x after xtset", "pandas": "groupby(unit).shift()"},
    ),
    Cause(
        "missing-as-zero", "sample", "design", "missing", "Missing values of {columns} enter as zero.",
        "N = {N} instead of {N_before}", "a spreadsheet's empty cells", {}, _filled(MissingAsZero),
    ),
    Cause(
        "missing-as-mean", "sample", "design", "missing", "Missing values of {columns} enter as the mean of the others.",
        "N = {N} instead of {N_before}", "mean imputation: Little and Rubin (2019), section 4.2",
        {"scikit-learn": "SimpleImputer"}, _filled(MissingAsMean),
        avoids={"scikit-learn": "leave out SimpleImputer"},
    ),
    Cause(
        "filter-added", "sample", "design", "where", "The filter `{filter}` of another specification is applied.",
        "N = {N} instead of {N_before}", "the table", {}, _filter_added, parametrised=True,
    ),
    Cause(
        "balanced-panel-only", "sample", "design", "rows", "Only units with every period enter.",
        "N = {N} instead of {N_before}",
        "Stata xtbalance", {"Stata": "xtbalance"}, _balanced,
        avoids={"Stata": "leave out xtbalance"},
    ),
    Cause(
        "first-row-missing", "sample", "design", "rows", "The first row of the file is missing.",
        "N = {N} instead of {N_before}",
        "a header read as data, or the reverse", {}, _row_lost(False),
        avoids={"Stata": "import delimited, varnames(1)"},
    ),
    Cause(
        "last-row-missing", "sample", "design", "rows", "The last row of the file is missing.",
        "N = {N} instead of {N_before}",
        "a file cut short", {}, _row_lost(True),
    ),
    Cause(
        "period-missing", "sample", "design", "where", "{time} is left out.", "N = {N} instead of {N_before}", "the sample",
        {},
        _one_missing("time"), parametrised=True, costly=_refits("time"),
    ),
    Cause(
        "unit-missing", "sample", "design", "where", "{unit} is left out.", "N = {N} instead of {N_before}", "the sample",
        {},
        _one_missing("unit"), parametrised=True, costly=_refits("unit"),
    ),
)  # fmt: skip
