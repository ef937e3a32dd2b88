"""arima -> a request: [TS] arima. A regression whose errors are an ARMA process, perhaps of a series in differences."""

from __future__ import annotations

import re
from dataclasses import replace

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.shared_parts import has_constant, split_outcome
from parity.stata_language.varlist import Resolver, Term

_THREE = re.compile(r"\s*+(\d{1,3})\s*+,\s*+(\d{1,3})\s*+,\s*+(\d{1,3})\s*+")
_OTHER = {
    "condition": "the conditional likelihood", "sarima": "a seasonal process", "mar": "a seasonal process",
    "mma": "a seasonal process", "diffuse": "a diffuse start", "p0": "a start that is given",
    "state0": "a start that is given",
}  # fmt: skip


def series(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """Raises `Declined`, `DataProblem`."""
    if not panel.time:
        raise DataProblem("time variable not set, use tsset varname ...", 111)
    for option, what in _OTHER.items():
        if command.has(option):
            raise Declined(f"{what} of arima has no engine here: its likelihood is exact, of a stationary process")
    if command.weight is not None:
        raise Declined("weights of arima have no engine here")
    outcome, x = split_outcome(command.about, resolver)
    ar, d, ma = _process(command)
    if d > 1:
        raise Declined(f"a series differenced {d} times has no engine here: difference it in a column of its own")
    if d:
        outcome, x = _differenced(outcome), tuple(map(_differenced, x))
    kind, settings = _covariance(command)
    return Request(command.name, outcome, x, model=command.name, intercept=has_constant(command), kind=kind, profile="ml",
                   settings=settings, keys={"arma": [ar, ma]})  # fmt: skip


def _process(command: Command) -> tuple[int, int, int]:
    whole = command.option("arima")
    if whole is not None:
        found = _THREE.fullmatch(whole.value or "")
        if found is None:
            raise DataProblem("option arima() takes three numbers", 198)
        if command.option("ar") or command.option("ma"):
            raise DataProblem("option arima() may not be combined with ar() or ma()", 198)
        return int(found[1]), int(found[2]), int(found[3])
    return _lags(command, "ar"), 0, _lags(command, "ma")


def _lags(command: Command, name: str) -> int:
    """How many lags: from the first on, without one left out. Raises `Declined` for others."""
    option = command.option(name)
    if option is None:
        return 0
    said = (option.value or "").replace(",", " ").split()
    found: set[int] = set()
    for word in said:
        first, _, last = word.partition("/")
        if not (first.isdigit() and (last or first).isdigit() and len(word) < 8):
            raise Declined(f"{name}({option.value}) is no list of lags that is read here")
        found |= set(range(int(first), int(last or first) + 1))
    if not found or found != set(range(1, len(found) + 1)):
        raise Declined(f"{name}({option.value}) leaves out lags: no engine here has that")
    return len(found)


def _differenced(term: Term) -> Term:
    factors = term.factors
    if len(factors) != 1 or factors[0].kind == "factor" or factors[0].operator:
        raise Declined("differences of lags, factors and products have no engine here: make them columns")
    return Term((replace(factors[0], operator="D"),))


def _covariance(command: Command) -> tuple[str, dict[str, object]]:
    """Kind, and the information: products of scores where nothing else is said. [TS] arima: vce()"""
    option = command.option("vce")
    word = (option.value or "").strip().lower() if option is not None else ""
    if command.has("robust", least=1) or (word and "robust".startswith(word)):
        return "HC1", {}
    if word in ("", "opg"):
        return "iid", {"information": "outer"}
    if word == "oim":
        return "iid", {}
    raise Declined(f"vce({word}) is not known of {command.name}")
