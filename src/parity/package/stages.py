"""First stages that a log shows below the command of the second: each endogenous variable on all instruments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parity.package.estimates import Estimated, aliases_with, plain
from parity.package.fit import fit
from parity.package.printed import Printed
from parity.package.siblings import estimated_as

if TYPE_CHECKING:
    from parity.stata_language.request import Request
    from parity.stata_language.varlist import Term

#: Commands whose first stage is regress's own, t with N - k degrees of freedom whatever the covariance. [R] ivregress
AS_REGRESS = ("ivregress",)


def is_outcome(printed: str, e: Estimated) -> bool:
    """Whether an outcome in print, perhaps shortened, may be the estimate's; one that isn't printed may be any."""
    if not printed or plain(printed) in e.outcome_aliases:
        return True
    return spelled(printed, e.outcome)


def spelled(printed: str, name: str) -> bool:
    """A name as windows print it: whole, or `abc~xyz`."""
    if "~" in printed:
        head, _, tail = printed.partition("~")
        return name.startswith(head) and name.endswith(tail)
    return printed == name


@dataclass(frozen=True)
class Stage:
    """A first stage, and what its numbers are if the clusters were taken as runs of rows; why says so. None: not asked."""

    estimate: Estimated
    in_runs: Estimated | None = None
    why: str = ""


def first_stage(window: Printed, said: Sequence[Estimated]) -> Stage | None:
    """The first stage that a window is, by its outcome; None where it is none of these estimates'."""
    column = window.columns[0]
    found: dict[tuple, Stage] = {}
    for e in said:
        request = e.source.request if e.source is not None else None
        if request is None or is_outcome(column.outcome, e):
            continue
        term = next((t for t in request.endogenous if spelled(column.outcome, t.factors[0].name)), None)
        if term is None:
            continue
        stage = _stage(e, request, term)
        found.setdefault(tuple(q["coef"] for q in stage.estimate.terms.values()), stage)
    ranked = sorted(found.values(), key=lambda s: fit(column, s.estimate).share, reverse=True)
    return ranked[0] if ranked else None


def _stage(e: Estimated, request: Request, term: Term) -> Stage:
    name = term.factors[0].name
    none = replace(
        e, terms={}, statistics={}, aliases={}, omitted=(), outcome=name, outcome_aliases=(plain(name),), source=None,
        why_not=f"the first stage that {e.name} shows is not computed here",
    )  # fmt: skip
    if request.command not in AS_REGRESS:
        return Stage(none)
    asked = replace(
        request, command="regress", outcome=term, regressors=(*request.regressors, *request.instruments), endogenous=(),
        instruments=(), profile="regress", settings={"t_cluster": "resid"} if request.cluster else {},
    )  # fmt: skip
    made = estimated_as(e, asked)
    if made is None:
        return Stage(none)
    aliases = aliases_with(made.terms, e.source.data)

    def of(found: Estimated) -> Estimated:
        return replace(none, terms=found.terms, statistics=found.statistics, df=found.df, aliases=aliases, why_not="")

    runs = _in_runs(e, asked) if len(request.cluster) == 1 and request.kind == "CR1" else None
    return Stage(of(made)) if runs is None else Stage(of(made), of(runs), _why(request.cluster[0], made, runs))


def _in_runs(e: Estimated, asked: Request) -> Estimated | None:
    """The same with a cluster for every run of rows that are alike, N / (N - k) in place of G / (G - 1) (N - 1) / (N - k):
    what a recorded log of ivregress, first shows of data that aren't sorted by cluster."""
    from parity.stata_language.dataset import Column

    data, rows = e.source.data, np.flatnonzero(e.source.fit.sample)
    (cluster,) = asked.cluster
    if cluster not in data.columns or not len(rows):
        return None
    values = data[cluster].values[rows]
    run = np.full(data.rows, np.nan)
    run[rows] = np.cumsum(np.r_[0, values[1:] != values[:-1]])
    name = f"runs of {cluster}"
    settings = {"t_cluster": "resid", "cluster_scale": "n/(n-k)", "cluster_groups": "none"}
    other = replace(asked, cluster=(name,), settings=settings)
    return estimated_as(e, other, data=data.with_columns({name: Column(run, "double")}))


def _why(cluster: str, made: Estimated, runs: Estimated) -> str:
    there, counted = made.statistics.get("clusters", 0.0), runs.statistics.get("clusters", 0.0)
    return (
        f"the data aren't sorted by {cluster}, and the first stage shown by ivregress takes each run of rows for a cluster: "
        f"{counted:.0f} for {there:.0f}"
    )
