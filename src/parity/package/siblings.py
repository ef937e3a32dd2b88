"""What else of a package's own commands a column may be: the same regression with another's sample, covariance, weights.

An author who prints yesterday's table has changed an option since; the other commands of the do-files hold likely ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from parity.base.quantities import OF_TERMS
from parity.base.watching import Stopped
from parity.package.estimates import Estimated, _statistics
from parity.package.fit import Fit, fit
from parity.package.printed import Column
from parity.package.verdict import Cause
from parity.package.work import OF_ESTIMATE, Search

if TYPE_CHECKING:
    from parity.stata_language.request import Request

#: Covariances that every command knows: what is tried beside those of the package.
_KINDS = (("iid", "classical standard errors"), ("HC1", "robust standard errors, not clustered"))
#: Most other requests that are estimated for one column.
MOST = 40


def explained_by(column: Column, e: Estimated, others: Sequence[Estimated], search: Search) -> tuple[Fit, Cause, int] | None:
    """The first change of one part of the command after which every number fits, and the how manieth it was; None where
    none does."""
    if e.source is None or e.source.request is None:
        return None
    seen = set()
    for request, used, cause in _variants(e, others):
        key = repr(request)
        if key in seen or len(seen) > MOST:
            continue
        seen.add(key)
        try:
            search.step(OF_ESTIMATE)
        except Stopped:
            return None
        other = estimated_as(e, request, used)
        if other is not None and (found := fit(column, other)).perfect and found.of_coefs:
            return found, cause, len(seen)
    return None


def _variants(e: Estimated, others: Sequence[Estimated]) -> Iterator[tuple[Request, Any, Cause]]:
    request: Request = e.source.request
    for kind, said in _KINDS:
        if request.kind != kind:
            what = "clustered" if request.cluster else "robust" if request.kind.startswith("HC") else request.kind
            text = f"these are {said}; the command asks for {what} ones"
            yield replace(request, kind=kind, cluster=(), lags=None), None, Cause("other-covariance", text)
    data = e.source.data
    for o in others:
        if o.source is None or o.source.request is None or o.index == e.index:
            continue
        theirs: Request = o.source.request
        if theirs.cluster and theirs.cluster != request.cluster and all(
            part in data.columns for c in theirs.cluster for part in c.split("#")
        ):  # fmt: skip
            said = f"the standard errors are clustered by {', '.join(theirs.cluster)}, as at {o.place}"
            yield replace(request, kind="CR1", cluster=theirs.cluster, lags=None), None, Cause("other-cluster", said)
        if o.source.data.rows == data.rows and theirs.condition != request.condition:
            said = f"`if {theirs.condition}`" if theirs.condition else "no `if`"
            yield (
                replace(request, condition=theirs.condition, rows=theirs.rows), o.source.fit.used,
                Cause("other-sample", f"the sample is that of {o.place}: {said}"),
            )  # fmt: skip
    if request.condition or request.rows:
        import numpy as np

        every = np.ones(data.rows, dtype=bool)
        text = f"all rows are used; the command says `if {request.condition}`" if request.condition else "all rows are used"
        yield replace(request, condition=None, rows=None), every, Cause("other-sample", text)
    if request.weight is not None:
        yield replace(request, weight=None), None, Cause("no-weights", f"without the weight `{request.weight.expression}`")


def estimated_as(e: Estimated, request: Request, used=None, data=None, weights=None) -> Estimated | None:
    """The command's estimate under another request, on other rows, data or weights; None where there is none."""
    from parity.stata.estimates.by_model import estimate
    from parity.stata.estimates.inference import coefficients
    from parity.stata_language.dataset import DataProblem
    from parity.stata_language.request import Declined

    source = e.source
    if weights is None and request.weight is not None:
        weights = source.fit.weights
    try:
        found = estimate(request, source.data if data is None else data, source.fit.used if used is None else used, weights)
    except (Declined, DataProblem, KeyError):
        return None
    rows = coefficients(found.names, found.b, found.V, found.df)
    terms = {r[0]: dict(zip(OF_TERMS, r[1:], strict=True)) for r in rows}
    return replace(e, terms=terms, statistics=_statistics(found.numbers), df=float(found.df))
