"""Summaries of samples that tables show (`kind = "descriptive"`, ...), held against R's: one record a spec."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.in_parts import ForSpecs, Found, OfSpec
from parity.base.errors import Unestimable
from parity.base.tolerance import EXACT, NORMAL_EQUATIONS, P_SCALE
from parity.compare.agree import comparison, hold, known
from parity.results.record import Comparison
from parity.study.analyses.registry import called
from parity.study.spec import Spec
from parity.study.study import Study
from parity.study.table import TableSettings

if TYPE_CHECKING:
    import numpy as np


class Summaries(ForSpecs):
    name = "summary"
    kinds = called("summary")
    counted = "summaries of samples"

    def specs(self, study: Study) -> Sequence[Spec]:
        return [study.spec(id) for id in study.summed_up]

    def in_tables(self, study: Study, tables: Sequence[TableSettings]) -> bool:
        return any(table.of_sample for table in tables)

    def find(self, part: OfSpec) -> Found:
        from parity.analyses.summary.statistics import WITH, summarise

        found = summarise(*columns_of(part))
        pairs = {"correlation": found.correlations, "correlation p": found.p}
        shown = {q: dict(of) for q, of in found.columns.items()}
        shown |= {q: {WITH.join(pair): v for pair, v in of.items()} for q, of in pairs.items()}
        return Found(found, shown | {"vif": dict(found.vif)})

    def ask_r(self, part: OfSpec, folder: Path) -> dict[str, Any]:
        from parity.analyses.summary.r import summarise_in_r

        return summarise_in_r(*columns_of(part))

    def compare(self, part: OfSpec, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_summaries(answer, found.printed)


def columns_of(part: OfSpec) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """The outcome and the regressors of the sample, and which are regressors. Raises `Unestimable`."""
    design = part.design()
    design = design.levels or design
    regressors = dict(zip(design.x_names, design.x.T, strict=True))
    regressors |= dict(zip(design.endog_names, design.endog.T, strict=True))
    if design.nobs < 3:
        raise Unestimable("fewer than three rows have no summary")
    return {str(part.spec.formula.outcome): design.y} | regressors, tuple(regressors)


def compare_summaries(reference: Mapping[str, Any], found: Mapping[str, Mapping[str, float | None]]) -> Comparison:
    """Every number, R's against ours, on the scale of its column; what only one side has is a difference."""
    rows = []
    for quantity in dict.fromkeys([*found, *reference]):
        ours, theirs = found.get(quantity, {}), reference.get(quantity, {})
        for term in dict.fromkeys([*ours, *theirs]):
            a, b = known(theirs.get(term)), known(ours.get(term))
            if quantity == "vif":
                size = max(1.0, abs(b)) if b is not None and math.isfinite(b) else 1.0
                allowed = NORMAL_EQUATIONS * size * size  # what is left of a column is 1/VIF of it
            else:
                size = _scale(quantity, term, found)
                allowed = 0.0 if quantity == "nobs" else EXACT * size
            rows.append((quantity, term, a, b, hold(a, b, allowed, size)))
    return comparison(rows)


def _scale(quantity: str, term: str, found: Mapping[str, Mapping[str, float | None]]) -> float:
    """Of correlations one, and of their p what an error of that moves; of a column's statistics its largest value, so that
    a mean near zero has digits."""
    if quantity == "correlation":
        return 1.0
    if quantity == "correlation p":
        from parity.analyses.summary.statistics import WITH

        r, p = (found.get(q, {}).get(term) or 0.0 for q in ("correlation", quantity))
        left, df = 1.0 - r * r, max((found["nobs"].get(term.split(WITH)[0]) or 2.0) - 2.0, 0.0)
        return max(p * max(1.0, abs(r) * df / left**2), P_SCALE) if left > 0.0 else 1.0  # t dt/dr
    ends = [abs(found.get(q, {}).get(term) or 0.0) for q in ("min", "max")]
    return max(ends) or 1.0


ANALYSIS = Summaries()
