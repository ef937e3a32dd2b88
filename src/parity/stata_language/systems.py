"""`var`, and `sureg` of equations with the same regressors -> requests: least squares, equation by equation.

With the same regressors in every equation feasible GLS is least squares (Kruskal, 1968), and the covariance of all
coefficients the Kronecker product of E'E/T and (X'X)^-1. [TS] var, [R] sureg: Methods and formulas.
"""

from __future__ import annotations

import re

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.shared_parts import has_constant
from parity.stata_language.varlist import Resolver, Term, numbers, terms

#: Commands of several equations.
SYSTEMS = ("var", "sureg")
#: E'E over T less the coefficients of an equation, of dfk, in place of T; z all the same.
_DFK = {"small": True, "t_iid": "normal"}
_EQUATION = re.compile(r"\(\s*+(?:(?P<name>[^\W\d]\w*+)\s*+:)?(?P<text>[^()]*+(?:\([^()]*+\)[^()]*+)*+)\)\s*+")


def several_equations(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """Raises `Declined`, `DataProblem`."""
    if command.weight is not None:
        raise Declined(f"weights of {command.name} have no engine here")
    for name in ("constraints", "small"):
        if command.option(name, least=5) is not None or command.has(name):
            raise Declined(f"the option {name} of {command.name} has no engine here")
    outcomes, x = _var(command, resolver, panel) if command.name == "var" else _sureg(command.about, resolver)
    if any(len(t.factors) > 1 or t.factors[0].kind == "factor" for t in outcomes):
        raise DataProblem("depvar may not be a factor variable", 198)
    if len(set(outcomes)) < len(outcomes):
        raise Declined("two equations of one outcome have one name")
    return Request(command.name, outcomes[0], x, outcomes=outcomes[1:], intercept=has_constant(command),
                   profile="ivregress", settings=dict(_DFK) if command.has("dfk") else {})  # fmt: skip


def _var(command: Command, resolver: Resolver, panel: Panel) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Outcomes, and each one's lags in turn, then what exog() names."""
    if not panel.time:
        raise DataProblem("time variable not set: tsset first", 111)
    option = command.option("lags", least=3)
    lags = [int(v) for v in numbers(option.value)] if option is not None and option.value else [1, 2]
    if any(lag < 1 for lag in lags):
        raise DataProblem("lags() takes whole numbers from 1 on", 198)
    outcomes = terms(command.about, resolver)
    if not outcomes:
        raise DataProblem("varlist required", 100)
    if any(t.factors[0].operator for t in outcomes):
        raise Declined("lags of a lag or a difference need columns of their own: generate them before var")
    own = [terms(f"L{lag}.{t.factors[0].name}", resolver)[0] for t in outcomes for lag in lags]
    exog = command.option("exog", least=2)
    return outcomes, (*own, *(terms(exog.value, resolver) if exog is not None and exog.value else ()))


def _sureg(text: str, resolver: Resolver) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """`(y1 y2 = x z)`, or `(y1 x z) (y2 x z)`. Raises `Declined` where regressors differ."""
    outcomes: list[Term] = []
    regressors: list[tuple[Term, ...]] = []
    end = 0
    for match in _EQUATION.finditer(text.strip()):
        if match.start() != end:
            break
        end = match.end()
        if match["name"]:
            raise Declined("names of equations are not read here: leave them out")
        if "," in match["text"]:
            raise Declined("options of one equation have no engine here")
        left, equal, right = match["text"].partition("=")
        found = terms(left, resolver)
        outcomes += found if equal else found[:1]
        regressors += [terms(right, resolver)] * len(found) if equal else [found[1:]]
    if end != len(text.strip()) or not outcomes:
        raise DataProblem("equations stand in parentheses: (y1 y2 = x), or (y1 x) (y2 x)", 198)
    if any(set(x) != set(regressors[0]) for x in regressors):
        said = "are estimated by feasible generalised least squares: no engine here has that"
        raise Declined(f"equations with regressors of their own {said}")
    return tuple(outcomes), regressors[0]
