"""A request as the keys of `[spec.NAME]`: formula, where, weights, vcov, convention, in parity's grammar."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from parity.stata_language.conditions import column, series, where
from parity.stata_language.expression import parse
from parity.stata_language.request import EACH_ROW, Declined, Instrument, Request
from parity.stata_language.systems import SYSTEMS
from parity.stata_language.transformed import why_made
from parity.stata_language.varlist import Factor, Term

#: What to do about rows that no condition on values names.
_OWN_ROWS = "mark those rows in a column of the data, 1 and 0, and say if that column == 1"


@dataclass(frozen=True)
class Written:
    """The spec's keys, and how each of its coefficients is called in Stata: parity's term -> Stata's."""

    keys: dict[str, Any]
    columns: tuple[str, ...]


def written(request: Request) -> Written:
    """Raises `Declined` for terms that the grammar lacks."""
    if why := why_made(request):
        raise Declined(why)
    if request.command in SYSTEMS:
        raise Declined('equations are a spec each: write y1 ~ x and y2 ~ x with convention = "ivregress"')
    if request.outcomes:
        raise Declined("several variables one below the other are no columns of these rows: write a command for each")
    if request.command == "total":
        name = column(request.outcome.factors[0].name)
        raise Declined(f"1/N is no column: {name} ~ 1 is a mean with the same t, and N times it is the total")
    margins = margins_of(request.regressors)
    parts = [" + ".join(_item(t, margins) for t in request.regressors) or "1"]
    if not request.intercept and not request.absorb:
        single = (t.factors[0] for t in request.regressors if len(t.factors) == 1)
        if any(f.kind == "factor" and f.base in ("", "first") for f in single):
            raise Declined("levels without a constant need columns of their own")
        parts[0] = f"0 + {parts[0]}" if parts[0] != "1" else "0"
    formula = f"{_item(request.outcome)} ~ {parts[0]}"
    if any(f.kind == "continuous" for t in request.absorb for f in t.factors):
        raise Declined("slopes that differ by group need columns of their own")
    if request.absorb:
        formula += " | " + " + ".join("^".join(column(f.name) for f in t.factors) for t in request.absorb)
    if request.endogenous:
        formula += f" | {' + '.join(map(_item, request.endogenous))} ~ {' + '.join(map(_item, request.instruments))}"
    keys: dict[str, Any] = {"formula": formula}
    if request.model != "ols":
        keys["model"] = request.model
    keys |= request.keys | beside(request)
    if request.moments:
        regressors = frozenset(_item(t, margins) for t in request.regressors)
        named = [(_item(m.term), m) for m in request.moments]
        keys["dynamic"] = {**keys["dynamic"], **instruments_of(named, regressors)}
    where = _where(request)
    if where:
        keys["where"] = where
    if request.weight is not None:
        keys["weights"] = _weights(request)
    keys["vcov"] = _vcov(request)
    keys["convention"] = {"profile": request.profile, **request.settings} if request.settings else request.profile
    return Written(keys, _columns(request))


def beside(request: Request) -> dict[str, str]:
    """The key of its offset, if it has one."""
    name = column(request.offset) if request.offset else ""
    return {"offset": f"log({name})" if request.exposure else name} if name else {}


def instruments_of(named: Sequence[tuple[str, Instrument]], regressors: Collection[str]) -> dict[str, Any]:
    """Keys of `dynamic`. named: terms as the spec has them; regressors: those that a coefficient has. Raises `Declined`."""
    lagged = {name: m for name, m in named if m.lags}
    own = {name: m for name, m in named if not m.lags}
    for name in lagged.keys() & own.keys():
        if lagged[name].equation != own[name].equation:
            raise Declined(f"{name} is an instrument of other equations by its lags than as it is: no engine here has that")
    collapsed = [name for name, m in lagged.items() if m.collapsed]
    out: dict[str, Any] = {"gmm": {name: list(m.lags) for name, m in lagged.items()}}
    if collapsed:
        out["collapse"] = True if len(collapsed) == len(lagged) else collapsed
    out["standard"] = [name for name in own if name in regressors and not name.startswith("i(")]
    if others := [name for name in own if name not in out["standard"]]:
        out["instruments"] = others
    if equation := {name: m.equation for name, m in named if m.equation != "both"}:
        out["equation"] = equation
    return out


def margins_of(terms: Sequence[Term]) -> frozenset[frozenset[Factor]]:
    """What each term is of, levels and bases aside."""
    return frozenset(_bare(t.factors) for t in terms)


def _bare(factors: Iterable[Factor]) -> frozenset[Factor]:
    return frozenset(Factor(f.name, operator=f.operator) for f in factors)


def crossed(term: Term, margins: frozenset[frozenset[Factor]]) -> str:
    """How an interaction with factors is coded: "contrasts" where every factor leaves its base out, because the model has
    the margin without it; "levels" where a single factor has all its levels. Raises `Declined` for what lies between.
    """
    groups = [f for f in term.factors if f.kind == "factor"]
    if any(g.levels or g.omit or not re.fullmatch(r"|first|none|-?\d+", g.base) for g in groups):
        raise Declined(f"chosen levels in an interaction ({groups[0].name}) need columns of their own")
    without = [_bare(f for f in term.factors if f is not g) in margins and g.base != "none" for g in groups]
    if all(without):
        return "contrasts"
    if len(groups) == 1 and len(term.factors) == 2:
        return "levels"
    raise Declined("this interaction of factors needs columns of its own")


def _item(term: Term, margins: frozenset[frozenset[Factor]] = frozenset()) -> str:
    """One term of the formula."""
    factors = term.factors
    if len(factors) == 1:
        return _single(factors[0])
    groups = [f for f in factors if f.kind == "factor"]
    if not groups:
        return ":".join(series(f) for f in factors)
    if crossed(term, margins) == "contrasts":
        numbers = [series(f) for f in factors if f.kind != "factor"]
        return ":".join([*numbers, *(_single(g) for g in groups)])
    group, other = groups[0], next(f for f in factors if f.kind != "factor")
    return f"i({column(group.name)}, {series(other)})"


def _single(factor: Factor) -> str:
    if factor.kind != "factor":
        return series(factor)
    if factor.levels or factor.omit:
        raise Declined(f"chosen levels of {factor.name} need columns of their own")
    if factor.base in ("", "first"):
        return f"i({column(factor.name)})"
    if re.fullmatch(r"-?\d+", factor.base):
        return f"i({column(factor.name)}, ref = {factor.base})"
    raise Declined(f"the base `{factor.base}` of {factor.name} depends on the data")


def _weights(request: Request) -> dict[str, str]:
    assert request.weight is not None
    name = request.weight.expression
    if not re.fullmatch(r"[^\W\d]\w*", name):
        raise Declined(f"the weight `{name}` is no column")
    if request.weight.kind == "pweight":
        return {"pweight": name}
    return {"analytic" if request.weight.kind == "aweight" else "frequency": name}


def _vcov(request: Request) -> Any:
    if request.cluster:
        if EACH_ROW in request.cluster:
            raise Declined("each row as a cluster needs a column of their numbers: generate row = _n")
        if any("#" in name for name in request.cluster):
            raise Declined("clusters of an interaction a#b need a column of their own")
        return {"cluster": list(request.cluster)} | ({"type": request.kind} if request.kind != "CR1" else {})
    if request.kind in ("NW", "DK"):
        if request.lags is None:
            raise Declined(f"{request.command} takes its lags from the number of periods: say lag()")
        return {"newey_west" if request.kind == "NW" else "driscoll_kraay": request.lags}
    return conley(request) if request.kind == "conley" else request.kind


def conley(request: Request) -> dict[str, Any]:
    """Conley's covariance as a spec has it."""
    cutoffs = [column(c) if isinstance(c, str) else int(c) if c == int(c) else c for c in request.cutoffs]
    lags = {} if request.lags is None else {"lags": request.lags}
    return {"conley": cutoffs if len(set(cutoffs)) > 1 else cutoffs[0], "coordinates": list(request.places), **lags}


def _where(request: Request) -> str:
    if request.group:
        raise Declined(f"the option group({request.group}) takes one row of each group: {_OWN_ROWS}")
    if request.rows:
        raise Declined(f"`in {request.rows}` takes rows by their place: {_OWN_ROWS}")
    if not request.condition:
        return ""
    present = {f.name for t in _terms(request) for f in t.factors if not f.operator}  # L.x is there where x may not be
    return where(parse(request.condition), frozenset(present))


def _terms(request: Request) -> tuple[Term, ...]:
    return (
        request.outcome,
        *request.outcomes,
        *request.regressors,
        *request.absorb,
        *request.endogenous,
        *request.instruments,
        *(m.term for m in request.moments),
    )


def _columns(request: Request) -> tuple[str, ...]:
    names = [f.name for t in _terms(request) for f in t.factors]
    names += list(request.cluster)
    names += [request.weight.expression] if request.weight else []
    names += [request.offset] if request.offset else []
    names += beyond_terms(request)
    return tuple(dict.fromkeys(names))


def beyond_terms(request: Request) -> list[str]:
    """Columns of Conley's covariance."""
    return [*request.places, *(c for c in request.cutoffs if isinstance(c, str))]
