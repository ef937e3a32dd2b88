"""The specification curve of an audit: all that have an estimate, or evenly many of them with those that are spoken of."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import special

from parity.audit.outcomes import Outcomes
from parity.results.audit import Audit
from parity.results.audit_curve import Curve

#: Specifications that a page draws: a finger or a key can reach each.
MOST_DRAWN = 10_000


def curve(outcomes: Outcomes, level: float, always: Iterable[int] = (), most: int = MOST_DRAWN) -> Curve:
    """always: specifications that are never left out, where there are more than `most`; the others at even ranks."""
    good = np.flatnonzero(outcomes.estimable)
    order = good[np.lexsort((outcomes.p[good], outcomes.coef[good]))]
    total = len(order)
    if total > most:
        even = np.unique(np.linspace(0, total - 1, most).round().astype(np.intp))
        order = order[np.union1d(even, np.flatnonzero(np.isin(order, list(always))))]
    df = outcomes.df[order]
    infinite = ~np.isfinite(df)
    half = np.where(infinite, special.ndtri(1 - level / 2), special.stdtrit(np.where(infinite, 1.0, df), 1 - level / 2))
    coef, se = outcomes.coef[order], outcomes.se[order]
    return Curve(
        total, level, order, outcomes.choices[order], coef, coef - half * se, coef + half * se, se, outcomes.p[order],
        outcomes.nobs[order], None if outcomes.first_stage is None else outcomes.first_stage[order],
    )  # fmt: skip


def spoken_of(audit: Audit) -> set[int]:
    """The specifications that sentences and tables name."""
    base = {audit.summary.base.spec} if audit.summary.base else set()
    return base | {s.spec for o in audit.overturned for s in o.sets} | {e.spec for e in audit.extremes}
