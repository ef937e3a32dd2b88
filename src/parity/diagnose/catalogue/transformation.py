"""Transformation: logs, tails, scales and storage of a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.data.evaluate import Panel, evaluate
from parity.diagnose.catalogue.common import on_large_data
from parity.diagnose.catalogue.edits import Rescaled
from parity.diagnose.catalogue.quotients import derived_logs
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.diagnose.substitute import found, found_in, with_items
from parity.sample.design import Design
from parity.study.formula import Call, Column, columns_of
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

#: What people multiply a column by: per cent, thousands, ten thousands (the unit of Chinese yearbooks), millions, 10^8.
UNITS = (100.0, 1e3, 1e4, 1e6, 1e8)
#: Percentile rules: Stata's (Hyndman and Fan 1996, type 2) and numpy's and R's default (type 7).
PERCENTILES = {"Stata's percentiles": "averaged_inverted_cdf", "type 7 percentiles": "linear"}
#: Of so many columns every choice is tried.
FEW = 4
CUTS = ((1, 99), (5, 95), (0.5, 99.5), (10, 90), (2.5, 97.5))


@dataclass(frozen=True)
class Tails:
    """Both tails of columns pulled to a percentile, or cut off."""

    columns: tuple[str, ...]
    cuts: tuple[float, float]
    method: str
    trim: bool

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        new = {}
        for name in self.columns:
            values = frame[name].to_numpy(dtype=float, na_value=np.nan)
            low, high = np.nanpercentile(values, self.cuts, method=self.method)
            outside = (values < low) | (values > high)
            new[name] = np.where(outside, np.nan, values) if self.trim else np.clip(values, low, high)
        return frame.assign(**new)


@dataclass(frozen=True)
class SinglePrecision:
    """Columns as 4-byte floats, Stata's default storage."""

    columns: tuple[str, ...]

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        return frame.assign(**{c: frame[c].astype(np.float32).astype(float) for c in self.columns})


@dataclass(frozen=True)
class Standardised:
    """Columns of the estimation sample less their mean, over their standard deviation; "" is the outcome."""

    names: tuple[str, ...]
    ddof: int

    def design(self, design: Design, frame: pd.DataFrame) -> Design:
        def scores(column: np.ndarray) -> np.ndarray:
            return (column - column.mean()) / column.std(ddof=self.ddof)

        def each(block: np.ndarray, names: Sequence[str]) -> np.ndarray:
            columns = [scores(c) if n in self.names else c for n, c in zip(names, block.T, strict=True)]
            return np.column_stack(columns) if columns else block

        y = scores(design.y) if "" in self.names else design.y
        return replace(
            design, y=y, x=each(design.x, design.x_names), endog=each(design.endog, design.endog_names),
        )  # fmt: skip


@dataclass(frozen=True)
class Computed:
    """A column that holds what a formula computes, kept as a 4-byte float as Stata's `generate` keeps it."""

    name: str
    item: Call

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        values = evaluate(self.item, frame, Panel.of(study)).astype(float)
        return frame.assign(**{self.name: values.astype(np.float32).astype(float)})


def _used(scenario: Scenario) -> tuple[str, ...]:
    f = scenario.spec.formula
    return tuple(dict.fromkeys(c for i in (f.outcome, *f.exog, *f.endog, *f.instruments) for c in columns_of(i)))


def _continuous(scenario: Scenario, fitter: Fitter) -> tuple[str, ...]:
    panel = (fitter.study.header.unit, fitter.study.header.time)
    return tuple(c for c in _used(scenario) if c in fitter.columns.many_valued and c not in panel)


def _logs(new: str):
    """Every log at once, then each alone where there are several; those of the formula, then those of derived columns."""

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        logs = found(scenario, lambda n: isinstance(n, Call) and n.function == "log")
        for chosen in ([logs] if logs else []) + ([(c,) for c in logs] if len(logs) > 1 else []):
            changed = with_items(scenario, _replacing(chosen, new))
            if changed is not scenario:
                yield Step(cause, changed, (("columns", ", ".join(map(str, chosen))),))
        yield from derived_logs("log", new)(cause, scenario, fitter)

    return variants


def _replacing(chosen: tuple[Any, ...], new: str):
    def change(node: Any) -> Any:
        if isinstance(node, Call) and node in chosen:
            return Call(new, node.args) if new else node.args[0]
        return node

    return change


def _log_added(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    positive = [c for c in _continuous(scenario, fitter) if c in fitter.columns.positive]
    inside = {c for call in found(scenario, lambda n: isinstance(n, Call)) for c in columns_of(call)}
    for name in positive:
        if name not in inside:
            column = Column(name)

            def change(node: Any, column: Column = column) -> Any:
                return Call("log", (column,)) if node == column else node

            changed = with_items(scenario, change)
            if changed is not scenario:
                yield Step(cause, changed, (("column", name),))


def _tails(trim: bool):
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        columns = _continuous(scenario, fitter)
        several = len(columns) > 2 and not on_large_data(scenario, fitter)
        pairs = [(columns[0], c) for c in columns[1:]] if several else []  # `winsor2 y x`
        groups = ([columns] if len(columns) > 1 else []) + pairs + [(c,) for c in columns]
        for chosen in groups:
            for cuts in CUTS if len(chosen) > 1 else CUTS[:2]:
                for name, method in PERCENTILES.items():
                    parameters = (("columns", ", ".join(chosen)), ("cuts", f"{cuts[0]:g} and {cuts[1]:g}"), ("rule", name))
                    yield Step(cause, scenario.edited(Tails(chosen, cuts, method, trim)), parameters)

    return variants


def _some_of(columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """All columns first; every choice of few, of many those without the outcome (the first one) and each alone."""
    n = len(columns)
    if n <= FEW:
        return [chosen for size in range(n, 0, -1) for chosen in combinations(columns, size)]
    return [columns, columns[1:], *((c,) for c in columns)]


def _float(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """All columns, some of them, and what the formula computes of them."""
    for chosen in _some_of(tuple(c for c in _used(scenario) if c in fitter.columns.numeric)):
        yield Step(cause, scenario.edited(SinglePrecision(chosen)), (("columns", ", ".join(chosen)),))
    calls = found(scenario, lambda n: isinstance(n, Call))
    outer = [c for c in calls if not any(c in found_in(other) for other in calls if other != c)]
    if outer:
        names = {call: f"{call} as float" for call in outer}
        changed = with_items(scenario, lambda n: Column(names[n]) if n in names else n)
        for call, name in names.items():
            changed = changed.edited(Computed(name, call))
        yield Step(cause, changed, (("columns", ", ".join(map(str, outer))),))


def _standardised(which: str):
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        core = fitter.core(scenario)
        if core is None or scenario.spec.model != "ols":
            return
        items = {str(i) for i in (*scenario.spec.formula.exog, *scenario.spec.formula.endog)}
        slopes = tuple(t for t in core.terms if t in items)
        chosen = {"one": [(t,) for t in slopes], "outcome": [("",)], "all": [("", *slopes), slopes]}[which]
        for names in chosen:
            for ddof in (1, 0):
                shown = ", ".join(n or str(scenario.spec.formula.outcome) for n in names)
                yield Step(cause, scenario.edited(Standardised(names, ddof)), (("columns", shown), ("ddof", ddof)))

    return variants


def _units(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    core = fitter.core(scenario)
    if core is None:
        return
    names = dict(scenario.renames)
    for term in core.terms:
        if term != "(Intercept)":
            term = names.get(term, term)
            for factor in (*UNITS, *(1 / u for u in UNITS)):
                yield Step(
                    cause, scenario.printed(Rescaled(term, 1 / factor)), (("column", term), ("factor", f"{factor:g}"))
                )


def _outcome_units(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    for factor in (*UNITS, *(1 / u for u in UNITS)):
        outcome = str(scenario.spec.formula.outcome)
        yield Step(cause, scenario.printed(Rescaled("", factor)), (("column", outcome), ("factor", f"{factor:g}")))


_TAILS = "Cox (2006), winsor; winsor2 (SSC); Hyndman and Fan (1996) on percentile rules"

CAUSES = (
    Cause(
        "log-base-10", "transformation", "design", "logs", "The logarithm is to base 10: {columns}.",
        "log10 x = ln x / 2.302585",
        "spreadsheets: LOG is to base 10, LN is natural", {"Excel": "LOG()", "Stata": "log10()", "R": "log10()"},
        _logs("log10"),
        avoids={"Excel": "LN()", "Stata": "ln() or log()", "R": "log()"},
    ),
    Cause(
        "log-of-one-plus", "transformation", "design", "logs", "The logarithm is of one plus the value: {columns}.",
        "ln(1 + x)",
        "Chen and Roth (2024), Logs with zeros?", {"R": "log1p()", "Stata": "ln(1 + x)"}, _logs("log1p"),
        avoids={"R": "log()", "Stata": "ln(x)"},
    ),
    Cause(
        "log-left-out", "transformation", "design", "logs", "No logarithm is taken: {columns}.", "x instead of ln x",
        "the equation", {},
        _logs(""),
    ),
    Cause(
        "log-added", "transformation", "design", "logs", "The logarithm is taken of `{column}`.", "ln x instead of x",
        "the equation", {},
        _log_added, parametrised=True,
    ),
    Cause(
        "winsorised", "transformation", "design", "tails", "It is winsorised at {cuts} per cent by {rule}: {columns}.",
        "values beyond a percentile are set to it", _TAILS, {"Stata": "winsor2, cuts(1 99)"}, _tails(False),
        parametrised=True,
    ),
    Cause(
        "trimmed", "transformation", "design", "tails", "It is trimmed at {cuts} per cent by {rule}: {columns}.",
        "values beyond a percentile are left out", _TAILS, {"Stata": "winsor2, cuts(1 99) trim"}, _tails(True),
        parametrised=True,
    ),
    Cause(
        "single-precision-data", "transformation", "design", "storage", "The data are stored as 4-byte floats: {columns}.",
        "24 bits, 7 digits", "Stata [U] 12.2.2; the default type of generate",
        {"Stata": "generate, whose default type is float"},
        _float,
        avoids={"Stata": "set type double", "pandas": "astype(float)"},
    ),
    Cause(
        "standardised-all", "transformation", "design", "standardised", "It is standardised (ddof {ddof}): {columns}.",
        "(x - mean)/sd", "Stata regress, beta; Wooldridge (2019), section 6.1", {"Stata": "regress, beta"},
        _standardised("all"),
        avoids={"Stata": "leave out beta"},
    ),
    Cause(
        "standardised", "transformation", "design", "standardised", "`{columns}` is standardised (ddof {ddof}).",
        "(x - mean)/sd", "numpy's std has ddof 0; R's sd and Stata's have 1", {"numpy": "std(ddof={ddof})"},
        _standardised("one"),
        parametrised=True,
    ),
    Cause(
        "outcome-standardised", "transformation", "design", "standardised",
        "The outcome `{columns}` is standardised (ddof {ddof}).",
        "(y - mean)/sd", "numpy's std has ddof 0; R's sd and Stata's have 1", {"numpy": "std(ddof={ddof})"},
        _standardised("outcome"),
    ),
    Cause(
        "units", "transformation", "printing", "units", "`{column}` is in other units: multiplied by {factor}.",
        "b / {factor}",
        "the units of the data", {}, _units, parametrised=True,
    ),
    Cause(
        "outcome-units", "transformation", "printing", "outcome-units",
        "The outcome `{column}` is in other units: multiplied by {factor}.",
        "{factor} b", "the units of the data", {}, _outcome_units, parametrised=True,
    ),
)  # fmt: skip
