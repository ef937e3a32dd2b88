"""xtabond, xtdpdsys and xtdpd -> requests: lags of the outcome beside the regressors, and lags that are instruments.

[XT] xtabond, xtdpdsys, xtdpd: Options, Remarks. Regressors of the first two are instruments of themselves; `pre()` and
`endogenous()` are declined, and xtdpd's `fodeviation` and `nodifference`.
"""

from __future__ import annotations

from dataclasses import replace

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Instrument, Request
from parity.stata_language.varlist import Factor, Resolver, Term, terms

#: Commands -> models here.
DYNAMIC = {"xtabond": "difference_gmm", "xtdpdsys": "system_gmm"}


def dynamic_panel(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """Raises `Declined`, `DataProblem`."""
    outcome, x = _terms(command, resolver, panel)
    name = outcome.factors[0].name
    if any(f.name == name for term in x for f in term.factors):
        raise Declined(f"lags of {name} among the regressors of {command.name} are instruments of themselves: write lags()")
    lags = _count(command, "lags") or 1
    most = _count(command, "maxldep")
    robust = _robust(command)
    keys = {"gmm": {name: [2] if most is None else [2, 1 + most]}, **({"steps": 2} if command.has("twostep") else {})}
    lagged = tuple(Term((Factor(name, operator="L" if k == 1 else f"L{k}"),)) for k in range(1, lags + 1))
    return Request(
        command.name, outcome, (*lagged, *x), model=DYNAMIC[command.name],
        intercept=not command.has("noconstant", "nocons", least=3), kind="CR1" if robust else "iid",
        cluster=(panel.unit,) if robust else (), profile="xtabond", keys={"dynamic": keys},
    )  # fmt: skip


def levels_and_differences(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """xtdpd: which variables are instruments of which equation, one by one. Raises `Declined`, `DataProblem`."""
    outcome, x = _terms(command, resolver, panel)
    found: dict[Term, Instrument] = {}
    backs: dict[Term, int] = {}
    for option in command.options:
        text, _, more = (option.value or "").partition(",")
        if option.name == "dgmmiv":
            lags = _lagged(more, "lagrange", 2)
            for term in _bare(text, resolver):
                if term in found:
                    raise DataProblem("a variable stands in dgmmiv() twice", 198)
                found[term] = Instrument(term, lags, equation="difference")
        elif option.name == "lgmmiv":
            backs |= dict.fromkeys(_bare(text, resolver), _lagged(more, "lag", 1)[0])
        elif option.name in ("div", "liv", "iv"):
            if more.strip():
                raise Declined(f"{more.strip()} inside xtdpd's {option.name}() has no engine here")
            equation = {"div": "difference", "liv": "level", "iv": "both"}[option.name]
            for term in terms(text, resolver):
                if found.setdefault(term, Instrument(term, (), equation=equation)).equation != equation:
                    raise Declined("a variable in two of div(), liv() and iv() of xtdpd has no engine here")
    for term, back in backs.items():
        lagged = found.get(term)
        if lagged is None:
            found[term] = Instrument(term, (back, back), equation="level")
        elif lagged.lags[:1] == (back + 1,):
            found[term] = replace(lagged, equation="both")
        else:
            raise Declined("differences of lgmmiv() that begin elsewhere than lags of dgmmiv() less one have no engine here")
    if not any(one.lags for one in found.values()):
        raise DataProblem("dgmmiv() or lgmmiv() required", 198)
    robust, system = _robust(command), any(one.equation != "difference" for one in found.values())
    dynamic = {"levels": "both"} if system else {}
    return Request(
        command.name, outcome, x, model="system_gmm" if system else "difference_gmm", profile="xtabond",
        intercept=not command.has("noconstant", "nocons", least=3), kind="CR1" if robust else "iid",
        cluster=(panel.unit,) if robust else (), moments=tuple(found.values()),
        keys={"dynamic": dynamic | ({"steps": 2} if command.has("twostep") else {})},
    )  # fmt: skip


def _terms(command: Command, resolver: Resolver, panel: Panel) -> tuple[Term, tuple[Term, ...]]:
    """Outcome, a plain variable, and regressors."""
    found = terms(command.about, resolver)
    if not found:
        raise DataProblem("varlist required", 100)
    if not panel.unit or not panel.time:
        raise DataProblem("panel variable and time variable must be set: xtset first", 459)
    if command.condition is not None or command.rows is not None:
        raise Declined(f"which rows {command.name} reads lags from under `if` and `in` isn't known here")
    if command.weight is not None:
        raise DataProblem("weights not allowed", 101)
    factor = found[0].factors[0]
    if len(found[0].factors) > 1 or factor.kind != "plain" or factor.operator not in ("", "L0"):
        raise Declined(f"{command.name}'s outcome is no plain variable: generate it first")
    return Term((Factor(factor.name),)), found[1:]


def _robust(command: Command) -> bool:
    option = command.option("vce")
    said = (option.value or "").strip() if option is not None else "robust" if command.has("robust") else "gmm"
    if not said or not any(full.startswith(said) for full in ("robust", "gmm")):
        raise DataProblem(f"vcetype {said} not allowed", 198)
    return "robust".startswith(said)


def _bare(text: str, resolver: Resolver) -> tuple[Term, ...]:
    found = terms(text, resolver)
    if any(len(t.factors) > 1 or t.factors[0].kind != "plain" or t.factors[0].operator for t in found):
        raise Declined("lags of anything but variables as instruments of xtdpd have no engine here")
    return found


def _lagged(text: str, name: str, first: int) -> tuple[int, ...]:
    """(first, last) of `lagrange(2 4)` or `lag(1)`; (first,) where there is no last."""
    if not text.strip():
        return (first,)
    option, _, value = text.strip().partition("(")
    words = value.rstrip(") ").split()
    if not (len(option.strip()) >= 3 and name.startswith(option.strip().lower())) or not 1 <= len(words) <= 2:
        raise DataProblem(f"option {text.strip()} not allowed", 198)
    if not words[0].isdigit() or not all(word == "." or word.isdigit() for word in words):
        raise DataProblem(f"{text.strip()} is no range of lags", 198)
    if int(words[0]) < 1:
        raise Declined(f"{text.strip()}: instruments of the same period have no engine here")
    return tuple(int(word) for word in words if word != ".")


def _count(command: Command, option: str) -> int | None:
    found = command.option(option)
    if found is None:
        return None
    said = (found.value or "").strip()
    if not (said.isascii() and said.isdigit() and int(said) > 0):
        raise DataProblem(f"{option}({said}) is no number of lags", 198)
    return int(said)
