"""`jive` and `xtivreg` -> requests: two-stage least squares, on columns that the command makes of the data.

jive.ado 1.0.2 (Poi, 2006): the instruments of UJIVE1 are the first stage's predictions without the row itself. [XT] xtivreg:
the fixed-effects estimator, and G2SLS of Balestra and Varadharajan-Krishnakumar (1987), on quasi-demeaned columns.
"""

from __future__ import annotations

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.shared_parts import split_instruments, split_outcome
from parity.stata_language.varlist import Resolver, terms

#: N - K and the normal distribution.
_SMALL_NORMAL = {"small": True, "t_iid": "normal"}


def why_made(request: Request) -> str:
    """What columns a request is estimated on that are no columns of the data; "" where there are none."""
    if request.command == "jive":
        return "jive's instruments are predictions without the row itself, which are columns to make"
    if request.command == "xtivreg" and not request.absorb:
        return "G2SLS is two-stage least squares on quasi-demeaned columns, which are to be made"
    return ""


def jackknifed(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """jive. Raises `Declined`, `DataProblem`."""
    if command.weight is not None:
        raise DataProblem("weights not allowed", 101)
    said = [name for name in ("ujive1", "ujive2", "jive1", "jive2") if command.has(name)]
    if len(said) > 1:
        raise DataProblem("only one of ujive1, ujive2, jive1 and jive2 may be specified", 198)
    if said and said[0] != "ujive1":
        raise Declined(f"{said[0]} has no engine here: ujive1 has")
    about, endogenous, z = split_instruments(command.about, resolver)
    if not endogenous:
        raise DataProblem("no endogenous regressors", 198)
    outcome, x = split_outcome(about, resolver)
    if any(f.kind == "factor" for t in (*x, *endogenous, *z) for f in t.factors):
        raise DataProblem("factor variables not allowed", 101)
    kind = "HC0" if command.has("robust", least=1) else "iid"
    return Request(command.name, outcome, x, (), endogenous, z, kind=kind, profile="ivregress", settings={"small": True})


def panel_instruments(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """xtivreg, re and fe. Raises `Declined`, `DataProblem`."""
    if command.weight is not None:
        raise DataProblem("weights not allowed", 101)
    for name in ("be", "fd", "ec2sls", "nosa", "regress"):
        if command.has(name):
            raise Declined(f"the option {name} of xtivreg has no engine here")
    if any(command.option(name) is not None or command.has(name) for name in ("vce", "robust", "cluster")):
        raise Declined("other standard errors of xtivreg than its own have no engine here")
    if command.has("fe") and command.has("re"):
        raise DataProblem("options fe and re may not be combined", 198)
    option = command.option("i", least=1)
    unit = resolver.one(option.value) if option and option.value else panel.unit
    if not unit:
        raise DataProblem("panel variable not set: xtset first", 459)
    about, endogenous, z = split_instruments(command.about, resolver)
    outcome, x = split_outcome(about, resolver)
    settings = {"small": True} if command.has("small") else dict(_SMALL_NORMAL)
    asked = Request(command.name, outcome, x, (), endogenous, z, profile="ivregress", settings=settings)
    if not endogenous:
        raise Declined("xtivreg without (endogenous = instruments) is xtreg")
    if command.has("fe"):
        return Request(
            command.name, outcome, x, terms(unit, resolver), endogenous, z, profile="ivregress", settings=settings
        )
    if unit != panel.unit:
        raise Declined("i() of another variable than the panel's has no engine here: xtset it")
    return asked
