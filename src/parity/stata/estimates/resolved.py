"""A fit of a do-file as what parity estimates: a validated spec, and the data frame that it is of.

What the grammar of formulas lacks (levels of factors, interactions, chained lags) is a column of the frame, under the name
that Stata gives the coefficient; so the spec is exact whatever the command says, and no condition is read twice.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.stata.estimates import descriptive, equations, transformed
from parity.stata.estimates.columns import checked_offset, complete, expanded, joined, present
from parity.stata_language.dataset import DataProblem, Dataset
from parity.stata_language.request import EACH_ROW, Declined, Request
from parity.stata_language.spec import beside, beyond_terms, column, conley, instruments_of
from parity.stata_language.systems import SYSTEMS
from parity.stata_language.transformed import why_made
from parity.stata_language.varlist import Term
from parity.study.models import OF_DYNAMIC, SERIES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parity.study.spec import Spec
    from parity.study.study import Study


@dataclass(frozen=True)
class Resolved:
    """spec, frame: what is estimated; the frame has the rows that `if` and `in` leave, its index their places in the data.

    study: the two in one, for `parity.sample.build.build_design`. names: parity's term -> Stata's; hidden: terms that the
    command doesn't show (partial()); numbers: of e() that came before.
    rows: where each row of the frame stands in the data set.
    """

    spec: Spec
    study: Study
    frame: pd.DataFrame
    names: Mapping[str, str]
    hidden: frozenset[str] = frozenset()
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def rows(self) -> NDArray[np.int64]:
        return self.frame.index.to_numpy()


def sample(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None) -> NDArray[np.bool_]:
    """Rows of e(sample) before singletons go: complete ones with a positive weight. Raises `DataProblem`."""
    kept = complete(request, data, used)
    return kept if weights is None else kept & (np.nan_to_num(weights) > 0)


def one_row_each(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None) -> NDArray[np.bool_]:
    """The first complete row of each value of `request.group`, whose rows must be alike in all that the model reads.

    Raises `DataProblem` 498 for a variable that is not constant within the group, `Declined` for an absorbed one: which row
    then stands for the group hangs on an order that Stata draws anew.
    """
    kept = sample(replace(request, absorb=()), data, used & present(data[request.group]), weights)
    at = np.flatnonzero(kept)
    _, first, group = np.unique(data[request.group].values[at], return_index=True, return_inverse=True)

    def varies(values: NDArray) -> bool:
        one = values[at]
        other = one[first][group]
        return bool(np.any(one != other) if one.dtype == object else not np.array_equal(one, other, equal_nan=True))

    terms = (request.outcome, *request.regressors)
    named = [*(f.name for t in terms for f in t.factors), *(part for c in request.cluster for part in c.split("#"))]
    for name in named:
        if varies(data[name].values):
            raise DataProblem(f"variable {name} is not constant within {request.group}", 498)
    if weights is not None and varies(weights):
        raise DataProblem(f"the weights are not constant within {request.group}", 498)
    for name in (f.name for t in request.absorb for f in t.factors):
        if varies(data[name].values):
            raise Declined(f"{name} is absorbed and not constant within {request.group}: which of its rows counts is drawn")
    out = np.zeros(data.rows, dtype=bool)
    out[at[first]] = True
    return out


def resolve(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None = None) -> Resolved:
    """used: rows that `if` and `in` leave; weights: a value a row. Raises `Declined`, `DataProblem`."""
    import pandas as pd
    from pydantic import ValidationError

    from parity.study.header import Header
    from parity.study.spec import Spec
    from parity.study.study import Study

    held = told(request, data, used, weights)
    at = np.flatnonzero(np.tile(used, held.blocks))
    frame = pd.DataFrame({n: v[at] for n, v in held.columns.items()}, index=at % data.rows)
    try:
        spec = Spec.model_validate({"id": "command", **held.keys})
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise Declined(said) from None
    header = Header(title="a command", **held.header)
    study = Study(folder=Path(tempfile.gettempdir()), header=header, derive={}, specs=(spec,), published=())
    names = {column(n): n for n in held.columns} | {"(Intercept)": "_cons"}
    return Resolved(spec, study, frame, names, held.hidden, held.numbers)


@dataclass(frozen=True)
class Told:
    """A request in columns: keys of a spec, its columns (a value a row of the data set), unit and time where it needs them;
    made: columns that the data set has not, new name -> Stata's name of the coefficient. blocks: how often the rows of the
    data set stand one below the other."""

    keys: dict[str, Any]
    columns: dict[str, Any]
    header: dict[str, Any]
    hidden: frozenset[str]
    made: dict[str, str]
    blocks: int = 1
    numbers: Mapping[str, float] = field(default_factory=dict)


def told(
    request: Request,
    data: Dataset,
    used: NDArray[np.bool_],
    weights: NDArray | None = None,
    name: Callable[[str], str] = lambda stata: stata,
) -> Told:
    """name: what a column that must be made is called. Raises `Declined`, `DataProblem`."""
    rows = sample(request, data, used, weights)
    if not rows.any():
        raise DataProblem("no observations", 2000)
    columns: dict[str, Any] = {}
    new: dict[str, str] = {}

    def made(stata: str) -> str:
        if stata in data.columns:
            return stata
        called = name(stata)
        new[called] = stata
        return called

    def parts(terms) -> list[str]:
        found = []
        for part in expanded(tuple(terms), data, rows):
            called = made(part.name)
            columns[called] = part.values
            found.append(called)
        return found

    outcome, regressors = parts((request.outcome,)), parts(request.regressors)
    blocks = 1 + len(request.outcomes)
    if request.command in SYSTEMS:
        return _system(request, data, rows, columns, outcome, regressors, made, new)
    if request.command == "total" or request.outcomes:
        values = [columns.pop(outcome[0]), *(part.values for part in expanded(request.outcomes, data, rows))]
        of = descriptive.one_below_the_other(request, values, rows, weights) if request.outcomes else None
        of = of or descriptive.total(request, values[0], rows, weights)
        weights, outcome, regressors = of.weights, [made(of.outcome[0])], [made(name) for name in of.regressors]
        columns |= {outcome[0]: of.outcome[1], **dict(zip(regressors, of.regressors.values(), strict=True))}
    endog, z = parts(request.endogenous), parts(request.instruments)
    numbers: dict[str, float] = {}
    if why_made(request):
        of, numbers = _transformed(request, data, rows, columns, (outcome, regressors, endog, z))
        outcome, regressors, endog, z = ([made(name) for name in part] for part in of)
        columns |= {made(name): values for part in of for name, values in part.items()}
    effects = []
    slopes = [t for t in request.absorb if any(f.kind == "continuous" for f in t.factors)]
    shown, hidden = list(regressors), set()
    for term in slopes:
        regressors += [n for n in parts((_by_all_levels(term),)) if n not in regressors]
        _check_slopes(term, request, data, rows, len(regressors))
    hidden |= set(regressors) - set(shown)
    for term in request.absorb:
        if term in slopes:
            continue
        effects.append("^".join(column(f.name) for f in term.factors))
        columns |= {f.name: _cells(data, f.name) for f in term.factors}
    clusters = []
    for cluster in request.cluster:
        called = made(cluster)
        if cluster == EACH_ROW:
            columns[called] = np.arange(1.0, data.rows + 1)
        else:
            columns[called] = joined(cluster.split("#"), data) if "#" in cluster else _cells(data, cluster)
        columns[called] = np.tile(columns[called], blocks)
        clusters.append(called)
    if request.command == "cluster2":
        _check_cells(request, data, used)
    if request.command == "ivreghdfe" and request.kind == "DK":
        _check_apart_from_periods(request, data, rows)
    header: dict[str, Any] = {"unit": data.panel.unit} if numbers else {}
    ordered = request.kind in ("NW", "DK") or request.model in SERIES
    if request.kind == "conley":
        header |= _located(request, data, rows, columns)
    if request.model in ("random_effects", "between", *OF_DYNAMIC) or ordered:
        header |= {"unit": data.panel.unit or None, "time": data.panel.time or None}
        columns |= {n: data[n].values for n in (data.panel.unit, data.panel.time) if n}
        if (ordered or request.model in OF_DYNAMIC) and data.panel.delta != 1:
            header["time_step"] = data.panel.delta
    keys: dict[str, Any] = {"formula": _formula(request, outcome, regressors, effects, endog, z)}
    if request.model != "ols":
        keys["model"] = request.model
    keys |= request.keys | beside(request)
    if request.moments:
        held = [(part, m) for m in request.moments for part in parts((m.term,))]
        named = [(column(part), m) for part, m in held]
        keys["dynamic"] = {**keys["dynamic"], **instruments_of(named, [column(n) for n in regressors])}
    elif request.model in OF_DYNAMIC:  # lags of the outcome are columns of their own here
        own = set(parts(t for t in request.regressors if t.factors[0].name == request.outcome.factors[0].name))
        keys["dynamic"] = {**keys["dynamic"], "standard": [column(n) for n in regressors if n not in own]}
    if request.offset:
        columns[request.offset] = checked_offset(request, data, rows)
    if weights is not None and request.weight is not None:
        expression = request.weight.expression
        called = expression if expression in data.columns else made("[weight]")
        columns[called] = weights
        kind = {"pweight": "pweight", "aweight": "analytic", "fweight": "frequency"}[request.weight.kind]
        keys["weights"] = {kind: called}
    keys["vcov"] = _vcov(request, clusters)
    keys["convention"] = {"profile": request.profile, **request.settings} if request.settings else request.profile
    hidden |= {m.name for m in expanded(request.partialled, data, rows)} if request.partialled else set()
    return Told(keys, columns, header, frozenset(hidden), new, blocks, numbers)


def _transformed(
    request: Request, data: Dataset, rows: NDArray, held: dict[str, Any], of: tuple[list[str], ...]
) -> tuple[tuple[dict[str, Any], ...], dict[str, float]]:
    """Columns of outcome, regressors, endogenous ones and instruments, as the command makes them, and components.

    Raises `Declined`.
    """
    y, x, endog, z = ({name: held[name] for name in part} for part in of)
    if request.command == "jive":
        return (y, x, endog, transformed.jackknifed(endog, list(x.values()), list(z.values()), rows)), {}
    unit = data[data.panel.unit].values
    if np.isnan(unit[rows]).any():
        raise Declined("rows without a unit have no place in a panel")
    e2, u2, theta = transformed.components(held[of[0][0]], *(list(part.values()) for part in (x, endog, z)), unit, rows)
    held[data.panel.unit] = unit
    gls = partial(transformed.less_means, unit=unit, rows=rows, theta=theta)
    numbers = {"sigma_e": math.sqrt(e2), "sigma_u": math.sqrt(u2), "rho": float(u2 / (u2 + e2)), "theta": theta}
    return (gls(y), gls(x), gls(endog), gls(z)), numbers


def _system(
    request: Request, data: Dataset, rows: NDArray, held: dict[str, Any], y: list[str], x: list[str],
    made: Callable[[str], str], new: dict[str, str],
) -> Told:  # fmt: skip
    """Equations one below the other; held: columns of the first outcome and the regressors. Raises `Declined`."""
    outcomes = [held[y[0]], *(part.values for part in expanded(request.outcomes, data, rows))]
    regressors = {name: held[name] for name in x} | ({"_cons": np.ones(data.rows)} if request.intercept else {})
    of = equations.one_below_the_other(descriptive.names_of(replace(request, regressors=())), outcomes, regressors, rows)
    new.clear()
    columns = {made(name): values for name, values in of.items()}
    called = list(columns)
    keys = {
        "formula": f"{column(called[0])} ~ 0 + {' + '.join(map(column, called[2:]))}", "weights": {"analytic": called[1]},
        "vcov": "iid", "convention": {"profile": request.profile, **request.settings},
    }  # fmt: skip
    return Told(keys, columns, {}, frozenset(), new, len(outcomes))


def _located(request: Request, data: Dataset, rows: NDArray[np.bool_], columns: dict[str, Any]) -> dict[str, Any]:
    """Columns of Conley's covariance go to `columns`; unit and time of the panel that the command names, if any.

    Raises `Declined` where a row has no place: the commands keep it in the estimate and out of its covariance.
    """
    for name in (*beyond_terms(request), *filter(None, (request.unit, request.time))):
        values = data[name].values
        if np.any(np.isnan(values[rows])) if not data[name].text else name != request.unit:
            raise Declined(f"`{name}` is missing in a row that {request.command} keeps: leave it out first")
        columns[name] = values
    if request.command == "x_ols" and not rows.all():
        raise Declined("x_ols goes through all rows of the data, and some lack a value: leave them out first")
    return {key: name for key, name in (("unit", request.unit), ("time", request.time)) if name}


#: Columns that slopes by group may become.
MOST_SLOPES = 400


def _by_all_levels(term: Term) -> Term:
    """Slopes of every level, the base too."""
    return Term(tuple(f if f.kind == "continuous" else replace(f, kind="factor", base="none") for f in term.factors))


def _check_slopes(term: Term, request: Request, data: Dataset, rows: NDArray, n: int) -> None:
    """Raises `Declined` where slopes are too many for columns, or where a cluster holds them: what reghdfe then counts isn't
    what a column counts."""
    from parity.conventions.facts import is_nested

    if n > MOST_SLOPES:
        raise Declined(f"{n} slopes by group are more than is estimated here")
    group = joined([f.name for f in term.factors if f.kind != "continuous"], data)[rows]
    for name in request.cluster:
        if is_nested(group.astype(np.int64), joined(name.split("#"), data)[rows].astype(np.int64)):
            raise Declined(f"slopes of groups that lie within the clusters of {name} have no engine here")


def _check_apart_from_periods(request: Request, data: Dataset, rows: NDArray) -> None:
    """Raises `Declined` where an effect lies within the periods: dkraay() clusters by them, and ivreghdfe then counts 1."""
    from parity.conventions.facts import is_nested

    periods = data[data.panel.time].values[rows].astype(np.int64)
    for term in request.absorb:
        names = [f.name for f in term.factors]
        if is_nested(joined(names, data)[rows].astype(np.int64), periods):
            raise Declined(f"the effect {'#'.join(names)} lies within the periods of dkraay(): no engine here counts it so")


def _check_cells(request: Request, data: Dataset, used: NDArray[np.bool_]) -> None:
    """Raises `Declined` where cluster2 takes rows without a cluster into other parts, or counts cells of several rows."""
    if len(request.cluster) != 2:  # asked with other errors than the command's
        return
    at = complete(replace(request, cluster=()), data, used)
    first, second = request.cluster
    if not all(present(data[name])[at].all() for name in request.cluster):
        raise Declined("cluster2 takes rows without a cluster into its other parts: no engine here has that")
    if len(np.unique(joined([first, second], data))) < data.rows:
        raise Declined(f"{first} and {second} have cells of several rows, which cluster2 counts t by: no engine has that")


def _cells(data: Dataset, name: str):
    """A column that only tells rows apart; an empty text is missing."""
    held = data[name]
    if not held.text:
        return held.values
    return np.where(held.values == "", None, held.values)


def _formula(
    request: Request, outcome: list[str], regressors: list[str], effects: list[str], endog: list[str], z: list[str]
) -> str:
    right = [column(name) for name in regressors]
    if not right:
        right = ["1" if request.intercept or effects else "0"]
    elif not request.intercept and not effects:
        right.insert(0, "0")
    formula = f"{column(outcome[0])} ~ {' + '.join(right)}"
    formula += f" | {' + '.join(effects)}" if effects else ""
    if endog:
        formula += f" | {' + '.join(map(column, endog))} ~ {' + '.join(map(column, z))}"
    return formula


def _vcov(request: Request, clusters: list[str]) -> Any:
    if clusters:
        return {"cluster": clusters, "type": request.kind}
    if request.kind in ("NW", "DK"):
        return {"newey_west" if request.kind == "NW" else "driscoll_kraay": request.lags}
    return conley(request) if request.kind == "conley" else request.kind
