"""Logs, zeros and divisors: what is taken of a column of the data, in the formula and in the lines of `[derive]`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.base.errors import ColumnProblem
from parity.data.derive.problem import DeriveProblem
from parity.data.derive.shifts import shifted
from parity.data.evaluate import Panel, codes, periods_of
from parity.diagnose import cause
from parity.diagnose.catalogue.remade import Over, ZerosAs, anew, data_behind, made_of, read_by
from parity.diagnose.cause import Cause
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.diagnose.substitute import exchanged, found, found_in, with_items
from parity.study.derived import Log, Log1p, PerHead, Step
from parity.study.formula import Call, Column, Constant, Operation, columns_of
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

#: What zeros are set to before a log is taken of them.
SMALL = (0.01, 0.001, 0.0001, 0.1, 1.0)
#: Base years that are tried, the first ones where there are more.
MOST_YEARS = 15
#: Names of price indices.
_PRICES = re.compile(r"deflat|(^|_)(cpi|ppi|rpi)(_|$)|price|平减|价格|物价", re.IGNORECASE)


# ---------------------------------------------------------------- logs


def derived_logs(function: str, new: str) -> Callable[[Cause, Scenario, Fitter], Iterable[cause.Step]]:
    """Logs of the lines of `[derive]`, all at once, then each alone. new: another function, "" for none."""

    def variants(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
        lines = [
            (name, other) for name, line in _derived(scenario, fitter) if (other := _log_of(line, function, new)) is not None
        ]
        for chosen in ([lines] if lines else []) + ([[one] for one in lines] if len(lines) > 1 else []):
            yield cause.Step(c, anew(scenario, chosen), (("columns", ", ".join(name for name, _ in chosen)),))

    return variants


def _derived(scenario: Scenario, fitter: Fitter) -> Iterator[tuple[str, Any]]:
    """All lines of `[derive]` behind the spec, expressions among them."""
    for name in made_of(scenario, fitter):
        if name in fitter.study.derive:
            yield name, fitter.study.derive[name]


def _log_of(line: Any, function: str, new: str) -> Any:
    """The line with other logs; None where it has none of this function. "log1p" is log(x + c) too, as it may be written."""
    if isinstance(line, Step):
        of = line.reads()[0] if isinstance(line, {"log": Log, "log1p": Log1p}[function]) else ""
        return (Call(new, (Column(of),)) if new else Column(of)) if of else None

    def change(node: Any) -> Any:
        inner = _of_one_plus(node) if function == "log1p" else node.args[0] if _is(node, function) else None
        if inner is None:
            return node
        return Call(new, (inner,)) if new else inner

    other = exchanged(line, change)
    return other if other != line else None


def _is(node: Any, function: str) -> bool:
    return isinstance(node, Call) and node.function == function


def _of_one_plus(node: Any) -> Any:
    """x of log1p(x), log(x + c) and log(c + x); None of anything else."""
    match node:
        case Call("log1p", (x,)) | Call("log", (Operation("+", (x, Constant())),)):
            return x
        case Call("log", (Operation("+", (Constant(), x)),)):
            return x
    return None


def _of_value(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """log x for log(1 + x): of the formula's logs and of derived ones."""
    logs = found(scenario, lambda n: _of_one_plus(n) is not None)
    for chosen in ([logs] if logs else []) + ([(one,) for one in logs] if len(logs) > 1 else []):
        yield cause.Step(c, _logged(scenario, chosen), (("columns", ", ".join(map(str, chosen))),))
    yield from derived_logs("log1p", "log")(c, scenario, fitter)


def _logged(scenario: Scenario, calls: tuple[Any, ...]) -> Scenario:
    def change(node: Any) -> Any:
        inner = _of_one_plus(node) if node in calls else None
        return node if inner is None else Call("log", (inner,))

    return with_items(scenario, change)


def _logs_of(scenario: Scenario, column: str) -> tuple[Any, ...]:
    return found(scenario, lambda n: isinstance(n, Call) and n.function in ("log", "log1p") and column in columns_of(n))


# ---------------------------------------------------------------- zeros


def _zeros(c: Cause, scenario: Scenario, fitter: Fitter, missing: bool) -> Iterable[cause.Step]:
    """Zeros of a column as a small number before its log is taken, or as missing."""
    wanted = read_by(scenario)
    for column in data_behind(scenario, fitter):
        if column not in fitter.columns.holding_zeros:
            continue
        for value in (math.nan,) if missing else SMALL:
            edited = scenario.edited(ZerosAs(column, value, wanted))
            changed = edited if missing else _with_plain_logs(edited, fitter, column)
            if changed is not None:
                yield cause.Step(c, changed, (("column", column), *(() if missing else (("small", f"{value:g}"),))))


def _with_plain_logs(scenario: Scenario, fitter: Fitter, column: str) -> Scenario | None:
    """The scenario that takes log x of this column where it takes log(1 + x); None where it takes no log of it."""

    def of_it(node: Any) -> bool:
        return isinstance(node, Call) and node.function in ("log", "log1p") and column in columns_of(node)

    logs = _logs_of(scenario, column)
    lines = [(name, line) for name, line in _derived(scenario, fitter) if _has_log(line, of_it, column)]
    if not logs and not lines:
        return None
    plain = [(name, other) for name, line in lines if (other := _log_of(line, "log1p", "log")) is not None]
    return anew(_logged(scenario, logs), plain)


def _has_log(line: Any, of_it: Callable[[Any], bool], column: str) -> bool:
    if isinstance(line, Step):
        return isinstance(line, Log | Log1p) and line.reads() == (column,)
    return any(of_it(node) for node in (line, *found_in(line)))


# ---------------------------------------------------------------- divisors


@dataclass(frozen=True)
class OfAnotherYear:
    """One more column: another one's value of the unit's year before, or of one year for all."""

    name: str
    of: str
    base: float | None

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        panel = Panel.of(study)
        values = frame[self.of].to_numpy(dtype=float, na_value=np.nan)
        unit = codes(frame, (panel.unit,)) if panel.unit else np.zeros(len(frame), dtype=int)
        when = periods_of(frame, panel)
        if self.base is None:
            try:
                return frame.assign(**{self.name: shifted(values, unit, when, 1)})
            except DeriveProblem as problem:
                raise ColumnProblem(str(problem)) from None
        at = {u: v for u, t, v in zip(unit.tolist(), when.tolist(), values.tolist(), strict=True) if t == self.base}
        return frame.assign(**{self.name: np.array([at.get(u, np.nan) for u in unit.tolist()])})


def _divisors(scenario: Scenario, fitter: Fitter) -> dict[str, list[str]]:
    """Column that something is divided by -> the lines of `[derive]` that do so; "" for the formula."""
    out: dict[str, list[str]] = {}

    def look(place: str, node: Any) -> None:
        for n in (node, *found_in(node)):
            for column in _divisor(n):
                out.setdefault(column, [])
                out[column] += [place] if place not in out[column] else []

    f = scenario.spec.formula
    for item in (f.outcome, *f.exog, *f.endog, *f.instruments):
        look("", item)
    for name, line in _derived(scenario, fitter):
        if isinstance(line, PerHead):
            out.setdefault(line.population, []).append(name)
        elif not isinstance(line, Step):
            look(name, line)
    return out


def _divisor(node: Any) -> tuple[str, ...]:
    match node:
        case Operation("/", (_, Column(name))):
            return (name,)
        case Operation("/", (_, Operation("/" | "*", (Column(name), Constant())))):
            return (name,)
    return ()


def _choices(places: list[str]) -> list[list[str]]:
    """All lines that divide by a column at once, then each alone."""
    return [places] + ([[one] for one in places] if len(places) > 1 else [])


def _rewritten(
    scenario: Scenario, fitter: Fitter, places: list[str], change: Callable[[Any], Any], per_head: Callable
) -> Scenario:
    """The formula ("") and lines of `[derive]` with a change of every node; per_head: of a line that is no expression."""
    if "" in places:
        scenario = with_items(scenario, change)
    lines = []
    for name in (p for p in places if p):
        line = fitter.study.derive[name]
        lines.append((name, per_head(line) if isinstance(line, PerHead) else _unmarked(exchanged(line, change))))
    return anew(scenario, lines)


def _unmarked(line: Any) -> Any:
    """A line whose division by a price index was its last step."""
    return line.args[0] if isinstance(line, Operation) and line.op == "undivided" else line


def _of_another_year(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """Divided by the value of the year before, or of one year for all."""
    header = fitter.study.header
    if header.time is None or header.unit is None:
        return
    try:
        years = np.unique(periods_of(fitter.original, fitter.panel))
    except ColumnProblem:
        return
    named = fitter.columns.levels(header.time)
    years = years[~np.isnan(years)]
    bases = [(float(t), f"{v:.15g}" if isinstance(v, float) else str(v)) for t, v in zip(years, named, strict=False)]
    when = [(None, "the year before"), *bases[:MOST_YEARS]] if len(years) == len(named) else [(None, "the year before")]
    for column, places in _divisors(scenario, fitter).items():
        for base, shown in when:
            other = f"{column} of {shown}"
            edited = scenario.edited(OfAnotherYear(other, column, base))
            for chosen in _choices(places):
                changed = _rewritten(
                    edited, fitter, chosen,
                    lambda n, column=column, other=other: _divided_by(n, column, other),
                    lambda line, other=other: line.model_copy(update={"population": other}),
                )  # fmt: skip
                said = ("columns", _named(chosen)), ("divisor", column), ("year", shown)
                yield cause.Step(c, changed, said)


def _named(places: list[str]) -> str:
    return ", ".join(p or "the formula" for p in places)


def _divided_by(node: Any, column: str, other: str) -> Any:
    match node:
        case Operation("/", (x, Column(name))) if name == column:
            return Operation("/", (x, Column(other)))
        case Operation("/", (x, Operation(op, (Column(name), Constant() as by)))) if name == column and op in "/*":
            return Operation("/", (x, Operation(op, (Column(other), by))))
    return node


def _undivided(c: Cause, scenario: Scenario, fitter: Fitter, prices: bool) -> Iterable[cause.Step]:
    """The divisor left out; of a price index also the 100 that goes with it."""
    for column, places in _divisors(scenario, fitter).items():
        if bool(_PRICES.search(column)) != prices:
            continue
        for chosen in _choices(places):
            for hundred in (True, False) if prices else (False,):
                changed = _rewritten(
                    scenario, fitter, chosen, partial(_without, column=column, hundred=hundred),
                    lambda line: Column(line.per_head),
                )  # fmt: skip
                yield cause.Step(c, changed, (("columns", _named(chosen)), ("divisor", column)))


_HUNDRED = (Constant(100), Constant(100.0))


def _without(node: Any, column: str, hundred: bool) -> Any:
    """A node without its division by the column; hundred: without 100 times the quotient either."""
    match node:
        case Operation("/", (x, Column(name))) if name == column:
            if hundred and isinstance(x, Operation) and x.op == "*" and x.args[1] in _HUNDRED:
                return x.args[0]
            return Operation("undivided", (x,)) if hundred else x
        case Operation("/", (x, Operation(op, (Column(name), Constant())))) if name == column and op in "/*":
            return x
        case Operation("*", (Operation("undivided", (x,)), by)) if by in _HUNDRED:
            return x
    if isinstance(node, Operation | Call):  # an `undivided` that no 100 follows is what it holds
        held = tuple(a.args[0] if isinstance(a, Operation) and a.op == "undivided" else a for a in node.args)
        if held != node.args:
            return Operation(node.op, held) if isinstance(node, Operation) else Call(node.function, held)
    return node


def _deflated(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """A column of the data over a price index of the data, where the study takes it as it is."""
    used = data_behind(scenario, fitter)
    prices = [p for p in fitter.columns.positive if _PRICES.search(p) and p not in used and p in fitter.original.columns]
    for price in prices:
        scale = 100.0 if np.nanmedian(fitter.original[price].to_numpy(dtype=float, na_value=np.nan)) > 10 else 1.0
        for column in used:
            if column in fitter.columns.many_valued and column not in (fitter.study.header.time, fitter.study.header.unit):
                edit = Over(column, price, scale, read_by(scenario))
                yield cause.Step(c, scenario.edited(edit), (("column", column), ("divisor", price)))


def _cause(id: str, sentence: str, formula: str, source: str, variants, parametrised: bool = True) -> Cause:
    return Cause(
        id, "transformation", "design", "derived", sentence, formula, source, {}, variants, parametrised=parametrised
    )


_ZEROS = "Chen and Roth (2024), Logs with zeros?"
_UNITS = "the definition of the variable"

CAUSES = (
    _cause("log-of-value", "The logarithm is of the value itself, not of one plus it: {columns}.", "ln x, missing at zero",
           _ZEROS, _of_value, parametrised=False),
    _cause("zeros-as-small", "Zeros of `{column}` are set to {small} before its logarithm is taken.", "ln {small} at zero",
           _ZEROS, partial(_zeros, missing=False)),
    _cause("zeros-as-missing", "Zeros of `{column}` are taken for missing.", "N = {N} instead of {N_before}",
           _ZEROS, partial(_zeros, missing=True)),
    _cause("divisor-of-another-year", "It is divided by `{divisor}` of {year}, not of the same year: {columns}.",
           "x_t over another year's count", _UNITS, _of_another_year),
    _cause("current-prices", "It is in current prices, not divided by `{divisor}`: {columns}.", "x in place of x/p",
           _UNITS, partial(_undivided, prices=True), parametrised=False),
    _cause("divisor-left-out", "It is not divided by `{divisor}`: {columns}.", "x in place of x/n", _UNITS,
           partial(_undivided, prices=False), parametrised=False),
    _cause("constant-prices", "`{column}` is divided by `{divisor}`, in constant prices.", "x/p in place of x", _UNITS,
           _deflated),
)  # fmt: skip
