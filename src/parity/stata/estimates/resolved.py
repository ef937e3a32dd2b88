"""A fit of a do-file as what parity estimates: a validated spec, and the data frame that it is of.

What the grammar of formulas lacks (levels of factors, interactions, chained lags) is a column of the frame, under the name
that Stata gives the coefficient; so the spec is exact whatever the command says, and no condition is read twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.stata.dataset import DataProblem, Dataset
from parity.stata.estimates.columns import Made, complete, expanded, joined
from parity.stata.estimates.request import Declined, Request
from parity.stata.estimates.spec import column

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parity.spec import Spec
    from parity.study import Study


@dataclass(frozen=True)
class Resolved:
    """spec, frame: what is estimated; the frame has the rows that `if` and `in` leave, its index their places in the data.

    study: the two in one, for `parity.design.build_design`. names: parity's term -> Stata's; hidden: terms that the
    command doesn't show (partial()). rows: where each row of the frame stands in the data set.
    """

    spec: Spec
    study: Study
    frame: pd.DataFrame
    names: Mapping[str, str]
    hidden: frozenset[str] = frozenset()

    @property
    def rows(self) -> NDArray[np.int64]:
        return self.frame.index.to_numpy()


def sample(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None) -> NDArray[np.bool_]:
    """Rows of e(sample) before singletons go: complete ones with a positive weight. Raises `DataProblem`."""
    kept = complete(request, data, used)
    return kept if weights is None else kept & (np.nan_to_num(weights) > 0)


def resolve(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None = None) -> Resolved:
    """used: rows that `if` and `in` leave; weights: a value a row. Raises `Declined`, `DataProblem`."""
    import pandas as pd
    from pydantic import ValidationError

    from parity.header import Header
    from parity.spec import Spec
    from parity.study import Study

    rows = sample(request, data, used, weights)
    if not rows.any():
        raise DataProblem("no observations", 2000)
    regressors = expanded(request.regressors, data, rows)
    parts = {
        "endog": expanded(request.endogenous, data, rows), "z": expanded(request.instruments, data, rows),
        "y": expanded((request.outcome,), data, rows),
    }  # fmt: skip
    columns: dict[str, Any] = {}
    for made in (*parts["y"], *regressors, *parts["endog"], *parts["z"]):
        columns[made.name] = made.values
    effects = []
    for term in request.absorb:
        names = [f.name for f in term.factors]
        effects.append("^".join(column(n) for n in names))
        columns |= {n: _cells(data, n) for n in names}
    clusters = []
    for name in request.cluster:
        columns[name] = joined(name.split("#"), data) if "#" in name else _cells(data, name)
        clusters.append(name)
    header: dict[str, Any] = {"title": "a command"}
    ordered = request.kind in ("NW", "DK")
    if request.model == "random_effects" or ordered:
        header |= {"unit": data.panel.unit or None, "time": data.panel.time or None}
        columns |= {n: data[n].values for n in (data.panel.unit, data.panel.time) if n}
        if ordered and data.panel.delta != 1:
            header["time_step"] = data.panel.delta
    keys: dict[str, Any] = {
        "id": "command", "formula": _formula(request, parts["y"], regressors, effects, parts["endog"], parts["z"]),
        "model": request.model, "vcov": _vcov(request, clusters),
        "convention": {"profile": request.profile, **request.settings} if request.settings else request.profile,
    }  # fmt: skip
    if weights is not None and request.weight is not None:
        columns["[weight]"] = weights
        kind = {"pweight": "pweight", "aweight": "analytic", "fweight": "frequency"}[request.weight.kind]
        keys["weights"] = {kind: "[weight]"}
    at = np.flatnonzero(used)
    frame = pd.DataFrame({n: v[at] for n, v in columns.items()}, index=at)
    try:
        spec = Spec.model_validate(keys)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise Declined(said) from None
    study = Study(folder=Path(tempfile.gettempdir()), header=Header(**header), derive={}, specs=(spec,), published=())
    hidden = frozenset(m.name for m in expanded(request.partialled, data, rows)) if request.partialled else frozenset()
    names = {column(n): n for n in columns} | {"(Intercept)": "_cons"}
    return Resolved(spec, study, frame, names, hidden)


def _cells(data: Dataset, name: str):
    """A column that only tells rows apart; an empty text is missing."""
    held = data[name]
    if not held.text:
        return held.values
    return np.where(held.values == "", None, held.values)


def _formula(request: Request, outcome, regressors, effects: list[str], endog, z) -> str:
    right = [column(m.name) for m in regressors]
    if not right:
        right = ["1" if request.intercept or effects else "0"]
    elif not request.intercept and not effects:
        right.insert(0, "0")
    formula = f"{column(outcome[0].name)} ~ {' + '.join(right)}"
    formula += f" | {' + '.join(effects)}" if effects else ""
    if endog:
        formula += f" | {_sum(endog)} ~ {_sum(z)}"
    return formula


def _sum(made: tuple[Made, ...]) -> str:
    return " + ".join(column(m.name) for m in made)


def _vcov(request: Request, clusters: list[str]) -> Any:
    if clusters:
        return {"cluster": clusters, "type": request.kind}
    if request.kind in ("NW", "DK"):
        return {"newey_west" if request.kind == "NW" else "driscoll_kraay": request.lags}
    return request.kind
