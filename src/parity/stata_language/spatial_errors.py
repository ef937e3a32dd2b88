"""Commands with Conley's spatial standard errors -> requests. From their own files:

x_ols            Dube, 1999, of Conley's page: no constant but a column, cutoffs that are columns, each row of the data
ols_spatial_HAC  Hsiang, 2018: no constant but a column, kilometres, pairs of one period, a unit's own lags
reg2hdfespatial  Fetzer, 2015: the same net of the unit's and the period's effects, always by Bartlett's kernel
acreg            Colella, Lalive, Sakalli and Thoenig (2019), with a constant; its help file
"""

from __future__ import annotations

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.shared_parts import has_constant, split_instruments, split_outcome
from parity.stata_language.varlist import Resolver, terms, words

#: What its commands print: no factor, and z where they print a test.
_KILOMETRES = {"conley_distance": "own_latitude", "t_robust": "normal"}
_OLD = "ols_spatial_HAC weighs lags as Newey and West do since June 2018 alone: an older copy prints other numbers"


def x_ols(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """`x_ols COORDINATES CUTOFFS y X, coord(#) xreg(#)`; names beyond these counts are not read, as there."""
    if command.condition or command.rows or command.weight is not None:
        raise DataProblem("x_ols takes neither if nor in nor weights", 101)
    axes, regressors = _whole(command, "coord", 2), _whole(command, "xreg", 4)
    names = [name for word in words(command.about) for name in resolver.many(word)]  # some stand twice
    if len(names) < 2 * axes + 1 + regressors:
        said = f"x_ols needs {axes} coordinates, {axes} cutoffs, an outcome and {regressors} regressors"
        raise DataProblem(f"{said}, and there are {len(names)} names", 198)
    at, reach, rest = names[:axes], names[axes : 2 * axes], names[2 * axes : 2 * axes + 1 + regressors]
    outcome, x = split_outcome(" ".join(rest), resolver)
    return Request(command.name, outcome, x, intercept=False, kind="conley", places=tuple(at), cutoffs=tuple(reach),
                   settings={"t_robust": "normal"})  # fmt: skip


def _whole(command: Command, name: str, least: int) -> int:
    option = command.option(name, least=least)
    value = (option.value or "").strip() if option is not None else ""
    if not value.isdigit() or int(value) < 1:
        raise DataProblem(f"option {name}() required, a whole number", 198)
    return int(value)


def spatial_hac(command: Command, resolver: Resolver, panel: Panel) -> Request:
    unit, time = (_variable(command, resolver, name, 1) for name in ("panelvar", "timevar"))
    at = tuple(_variable(command, resolver, name, 3) for name in ("lat", "lon"))
    about, endog, z = split_instruments(command.about, resolver)
    if len(endog) != len(z):
        raise Declined(f"{command.name} inverts Z'X, which takes as many instruments as endogenous columns")
    outcome, x = split_outcome(about, resolver)
    lags = int(_number(command, "lagcutoff", 3, 0))
    effects, settings = (), dict[str, object](_KILOMETRES)
    if command.name == "reg2hdfespatial":
        other = {name: command.option(name) for name in ("altfepanel", "altfetime")}
        by = [o.value if o and o.value else own for o, own in zip(other.values(), (unit, time), strict=True)]
        effects = terms(" ".join(by), resolver)
    elif not command.has("bartlett"):
        settings["conley_kernel"] = "uniform"
    return Request(command.name, outcome, x, effects, endog, z, intercept=False, kind="conley", lags=lags, places=at,
                   cutoffs=(_number(command, "distcutoff", 4, 1),), settings=settings, unit=unit, time=time,
                   traps=(_OLD,) if lags else ())  # fmt: skip


def acreg(command: Command, resolver: Resolver, panel: Panel) -> Request:
    if not command.has("spatial"):
        raise Declined("acreg without `spatial` has errors of a network or of clusters: no engine here has that")
    about, endog, _ = split_instruments(command.about, resolver)
    if endog:
        raise Declined("acreg's instruments have no engine here")
    if _number(command, "lagdist", 7, 0):
        raise Declined("acreg's lagdist() weighs other units' lags: no engine here has that")
    at = tuple(_variable(command, resolver, name, 3) for name in ("latitude", "longitude"))
    by = [command.option(name) for name in ("id", "time")]
    unit, time = (resolver.one(o.value) if o and o.value else "" for o in by)
    lags = int(_number(command, "lag", 3, 0)) if time else None
    if lags and not command.has("hac"):
        raise Declined("acreg weighs all lags alike without `hac`: no engine here has that")
    settings = dict[str, object](_KILOMETRES)
    if not command.has("bartlett"):
        settings["conley_kernel"] = "uniform"
    if command.has("dropsingletons"):
        settings["singletons"] = "drop"
    effects = [o.value for o in (command.option("pfe1"), command.option("pfe2")) if o and o.value]
    outcome, x = split_outcome(about, resolver)
    return Request(command.name, outcome, x, terms(" ".join(effects), resolver) if effects else (),
                   intercept=has_constant(command), kind="conley", lags=lags, places=at,
                   cutoffs=(_number(command, "dist", 4, None),), settings=settings, unit=unit, time=time)  # fmt: skip


def _variable(command: Command, resolver: Resolver, name: str, least: int) -> str:
    option = command.option(name, least=least)
    if option is None or not option.value:
        raise DataProblem(f"option {name}() required", 198)
    return resolver.one(option.value)


def _number(command: Command, name: str, least: int, default: float | None) -> float:
    option = command.option(name, least=least)
    if option is None or not option.value:
        if default is None:
            raise DataProblem(f"option {name}() required", 198)
        return default
    try:
        return float(option.value)
    except ValueError:
        raise DataProblem(f"option {name}() takes a number", 198) from None


READERS = {"x_ols": x_ols, "ols_spatial_HAC": spatial_hac, "reg2hdfespatial": spatial_hac, "acreg": acreg}
