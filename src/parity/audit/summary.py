"""All specifications of an audit in a few numbers, and the place of the audited one among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parity.audit.outcomes import Outcomes

LEVELS = (0.01, 0.05, 0.1)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Of a specification without an estimate of which nothing is known.
NO_REASON = "no finite estimate"


@dataclass(frozen=True)
class Significant:
    """Specifications whose p is below `level`, by the sign of the coefficient."""

    level: float
    negative: int
    positive: int


@dataclass(frozen=True)
class Place:
    """The audited specification among all that can be estimated.

    rank          1 for the smallest coefficient, ties sharing the lowest place
    above, below  specifications with a larger and with a smaller coefficient
    """

    spec: int
    coef: float
    se: float
    p: float
    rank: int
    above: int
    below: int
    share_above: float


@dataclass(frozen=True)
class Summary:
    """specs, estimable      how many, and how many have an estimate
    reasons                why the rest has none, the commonest first, with their numbers
    median, least, largest, quantiles   of the coefficient: NaN where none is estimable
    negative, zero, positive   specifications by sign
    significant            at each level asked for
    base                   None where the audited specification isn't among those estimated
    """

    specs: int
    estimable: int
    reasons: tuple[tuple[str, int], ...]
    median: float
    least: float
    largest: float
    quantiles: tuple[tuple[float, float], ...]
    negative: int
    zero: int
    positive: int
    significant: tuple[Significant, ...]
    base: Place | None


def summary(
    outcomes: Outcomes, levels: Sequence[float] = LEVELS, quantiles: Sequence[float] = QUANTILES
) -> Summary:  # fmt: skip
    """Median, signs, significance (p below a level), range, quantiles (Hyndman and Fan's type 7), place and reasons."""
    good = outcomes.estimable
    coef, p = outcomes.coef[good], outcomes.p[good]
    some = len(coef) > 0
    at = np.quantile(coef, [0.5, 0.0, 1.0, *quantiles]) if some else np.full(3 + len(quantiles), np.nan)
    negative, positive = coef < 0, coef > 0
    return Summary(
        specs=len(outcomes),
        estimable=len(coef),
        reasons=_reasons(outcomes),
        median=float(at[0]),
        least=float(at[1]),
        largest=float(at[2]),
        quantiles=tuple(zip(map(float, quantiles), map(float, at[3:]), strict=True)),
        negative=int(negative.sum()),
        zero=len(coef) - int(negative.sum()) - int(positive.sum()),
        positive=int(positive.sum()),
        significant=tuple(
            Significant(float(level), int((negative & (p < level)).sum()), int((positive & (p < level)).sum()))
            for level in levels
        ),
        base=_place(outcomes, coef),
    )


def _place(outcomes: Outcomes, coef: np.ndarray) -> Place | None:
    base = outcomes.base
    if base is None or not outcomes.estimable[base]:
        return None
    own = outcomes.coef[base]
    above, below = int((coef > own).sum()), int((coef < own).sum())
    return Place(
        base, float(own), float(outcomes.se[base]), float(outcomes.p[base]), below + 1, above, below, above / len(coef)
    )  # fmt: skip


def _reasons(outcomes: Outcomes) -> tuple[tuple[str, int], ...]:
    """By text; a note on a specification that has an estimate is no reason."""
    missing = ~outcomes.estimable
    counts = Counter(note for spec, note in outcomes.notes.items() if missing[spec])
    unsaid = int(missing.sum()) - counts.total()
    if unsaid:
        counts[NO_REASON] += unsaid
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
