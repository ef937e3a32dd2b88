"""All specifications of an audit in a few numbers, and the place of the audited one among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from parity.audit.outcomes import Outcomes
from parity.base.tolerance import EXACT
from parity.results.audit import AuditSummary, Barren, Significance, Standing
from parity.results.audit_first_stage import FirstStages, FirstStageUnder

LEVELS = (0.01, 0.05, 0.1)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: First-stage F below which instruments are called weak (Staiger and Stock 1997, Econometrica 65).
WEAK = 10.0
#: Of a specification without an estimate of which nothing is known.
NO_REASON = "no finite estimate"


def summary(
    outcomes: Outcomes, levels: Sequence[float] = LEVELS, quantiles: Sequence[float] = QUANTILES
) -> AuditSummary:  # fmt: skip
    """Median, signs, significance (p below a level), range, quantiles (Hyndman and Fan's type 7), place and reasons.

    Numbers of the coefficient are NaN where none is estimable. Of reasons why there is no estimate the commonest is first.
    """
    good = outcomes.estimable
    coef, p = outcomes.coef[good], outcomes.p[good]
    some = len(coef) > 0
    at = np.quantile(coef, [0.5, 0.0, 1.0, *quantiles]) if some else np.full(3 + len(quantiles), np.nan)
    negative, positive = coef < 0, coef > 0
    return AuditSummary(
        specs=len(outcomes),
        estimable=len(coef),
        reasons=_reasons(outcomes),
        barren=tuple(_barren(outcomes)) if some else (),
        median=float(at[0]),
        least=float(at[1]),
        largest=float(at[2]),
        quantiles=tuple(zip(map(float, quantiles), map(float, at[3:]), strict=True)),
        negative=int(negative.sum()),
        zero=len(coef) - int(negative.sum()) - int(positive.sum()),
        positive=int(positive.sum()),
        rows=(float(outcomes.nobs[good].min()), float(outcomes.nobs[good].max())) if some else None,
        significant=tuple(
            Significance(level=float(level), negative=int((negative & below).sum()), positive=int((positive & below).sum()))
            for level, below in ((level, p < level) for level in levels)
        ),
        base=_place(outcomes, coef),
        first_stage=_first_stages(outcomes),
    )


def _first_stages(outcomes: Outcomes) -> FirstStages | None:
    """None where no specification with an estimate has one."""
    first = outcomes.first_stage
    if first is None:
        return None
    known = outcomes.estimable & np.isfinite(first)
    if not known.any():
        return None
    base, options = outcomes.base, []
    for j, axis in enumerate(outcomes.axes):
        if axis.name == "instruments" and len(axis.options) > 1:
            taken = [(option, known & (outcomes.choices[:, j] == i)) for i, option in enumerate(axis.options)]
            options += [FirstStageUnder(option=o, specs=int(w.sum()), **_of(first[w])) for o, w in taken if w.any()]
    return FirstStages(
        limit=WEAK, specs=int(known.sum()), without=int(outcomes.estimable.sum() - known.sum()), **_of(first[known]),
        base=float(first[base]) if base is not None and known[base] else None, options=tuple(options),
    )  # fmt: skip


def _of(first: np.ndarray) -> dict[str, Any]:
    median = float(np.median(first))
    return {"below": int((first < WEAK).sum()), "least": float(first.min()), "median": median, "largest": float(first.max())}


def _place(outcomes: Outcomes, coef: np.ndarray) -> Standing | None:
    """Of the audited specification; ties share the lowest place. None where it isn't among those estimated."""
    base = outcomes.base
    if base is None or not outcomes.estimable[base]:
        return None
    own = outcomes.coef[base]
    apart = np.abs(coef - own) > EXACT * abs(own)  # a covariance is no other coefficient, though rounding makes it one
    above, below = int((apart & (coef > own)).sum()), int((apart & (coef < own)).sum())
    return Standing(
        spec=base, coef=float(own), se=float(outcomes.se[base]), p=float(outcomes.p[base]), rank=below + 1, above=above,
        below=below, share_above=above / len(coef),
    )  # fmt: skip


def _barren(outcomes: Outcomes) -> Iterator[Barren]:
    """Options that yield nothing, with the commonest reason."""
    good = outcomes.estimable
    for j, axis in enumerate(outcomes.axes):
        for i, option in enumerate(axis.options):
            taken = outcomes.choices[:, j] == i
            if taken.any() and not good[taken].any():
                counts = Counter(outcomes.notes.get(int(s), NO_REASON) for s in np.flatnonzero(taken))
                yield Barren(axis=axis.name, option=option, specs=int(taken.sum()), reason=counts.most_common(1)[0][0])


def _reasons(outcomes: Outcomes) -> tuple[tuple[str, int], ...]:
    """By text; a note on a specification that has an estimate is no reason."""
    missing = ~outcomes.estimable
    counts = Counter(note for spec, note in outcomes.notes.items() if missing[spec])
    unsaid = int(missing.sum()) - counts.total()
    if unsaid:
        counts[NO_REASON] += unsaid
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
