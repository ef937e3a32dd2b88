"""xtabond and xtdpdsys -> requests: lags of the outcome beside the regressors, and lags that are instruments.

[XT] xtabond, xtdpdsys: Options, Remarks. Regressors are instruments of themselves; `pre()` and `endogenous()` are declined.
"""

from __future__ import annotations

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.varlist import Factor, Resolver, Term, terms

#: Commands -> models here.
DYNAMIC = {"xtabond": "difference_gmm", "xtdpdsys": "system_gmm"}


def dynamic_panel(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """Raises `Declined`, `DataProblem`."""
    found = terms(command.about, resolver)
    if not found:
        raise DataProblem("varlist required", 100)
    if not panel.unit or not panel.time:
        raise DataProblem("panel variable and time variable must be set: xtset first", 459)
    if command.condition is not None or command.rows is not None:
        raise Declined(f"which rows {command.name} reads lags from under `if` and `in` isn't known here")
    if command.weight is not None:
        raise DataProblem("weights not allowed", 101)
    outcome, x = found[0], found[1:]
    factor = outcome.factors[0]
    if len(outcome.factors) > 1 or factor.kind != "plain" or factor.operator:
        raise Declined(f"{command.name}'s outcome is no plain variable: generate it first")
    name = factor.name
    if any(f.name == name for term in x for f in term.factors):
        raise Declined(f"lags of {name} among the regressors of {command.name} are instruments of themselves: write lags()")
    lags = _count(command, "lags") or 1
    most = _count(command, "maxldep")
    option = command.option("vce")
    said = (option.value or "").strip() if option is not None else "robust" if command.has("robust") else "gmm"
    if not said or not any(full.startswith(said) for full in ("robust", "gmm")):
        raise DataProblem(f"vcetype {said} not allowed", 198)
    robust = "robust".startswith(said)
    keys = {"gmm": {name: [2] if most is None else [2, 1 + most]}, **({"steps": 2} if command.has("twostep") else {})}
    lagged = tuple(Term((Factor(name, operator="L" if k == 1 else f"L{k}"),)) for k in range(1, lags + 1))
    return Request(
        command.name, outcome, (*lagged, *x), model=DYNAMIC[command.name],
        intercept=not command.has("noconstant", "nocons", least=3), kind="CR1" if robust else "iid",
        cluster=(panel.unit,) if robust else (), profile="xtabond", keys={"dynamic": keys},
    )  # fmt: skip


def _count(command: Command, option: str) -> int | None:
    found = command.option(option)
    if found is None:
        return None
    said = (found.value or "").strip()
    if not (said.isascii() and said.isdigit() and int(said) > 0):
        raise DataProblem(f"{option}({said}) is no number of lags", 198)
    return int(said)
