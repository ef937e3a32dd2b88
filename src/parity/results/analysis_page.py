"""What a report knows of an index or a resampling beside its verdict: the optional section `analyses` of `parity-report/1`.

Of an index: weights and ranks on both sides. Of replicates: how many fall into each bin, never the replicates themselves.
"""

from __future__ import annotations

from pydantic import Field

from parity.base.values import Value


class Weight(Value):
    """The weight of one indicator: a number for each of `IndexDetail.labels`; null where a side has none.

    digits   least agreement over the labels, on the scale on which weights are compared
    """

    indicator: str
    direction: str
    dimension: str = ""
    reference: tuple[float | None, ...]
    candidate: tuple[float | None, ...]
    digits: float


class Rank(Value):
    """The place of one unit among all units of a period, 1 for the largest score; null where it has no score.

    scores   the reference's and the candidate's; kept of the latest period only
    """

    unit: str
    reference: int | None
    candidate: int | None
    scores: tuple[float | None, float | None] | None = None


class UnitRanks(Value):
    """The places of one unit: one for each of `IndexDetail.periods`. candidate: null where it is the reference in all."""

    unit: str
    reference: tuple[int | None, ...]
    candidate: tuple[int | None, ...] | None = None


class IndexDetail(Value):
    """One form of an index.

    labels     periods that fix weights, or "" where all rows do together
    period     of the ranks, the latest with a score; "" where the study has no time
    ranks      the candidate's first place first; of very many units the first and the last
    units      units that have a rank
    periods    those with a score, in order, where they are several; `over` has the ranks in each of them
    over       of very many units those in `ranks`, and the first and the last of every period
    scores     the candidate's of each of `over`, to six digits; none of variants of an index, which are many
    ranked     how many units have a rank in each of `periods`
    loadings   whether weights are coefficients of standardised indicators (pca), rather than shares of one
    by_scores  whether the reference's ranks were made here, from the scores that were recorded of it
    """

    labels: tuple[str, ...]
    weights: tuple[Weight, ...]
    period: str
    ranks: tuple[Rank, ...]
    units: int
    loadings: bool = False
    by_scores: bool = False
    periods: tuple[str, ...] = ()
    over: tuple[UnitRanks, ...] = ()
    scores: tuple[tuple[float | None, ...], ...] = ()
    ranked: tuple[int, ...] = ()


class Ends(Value):
    """An interval, and how it was made; an end is null where it isn't determined."""

    method: str
    low: float | None
    high: float | None


class Histogram(Value):
    """Replicates of one number, counted in bins of equal width from `low` to `high`.

    below, above   replicates outside the bins: a few lie so far out that bins for all of them would show nothing
    undefined      draws in which the number isn't determined
    null           whether the replicates show what to expect were there no effect, rather than how the estimate varies
    """

    quantity: str
    estimate: float
    low: float
    high: float
    counts: tuple[int, ...]
    below: int = 0
    above: int = 0
    undefined: int = 0
    null: bool = False
    intervals: tuple[Ends, ...] = ()


class AnalysisDetail(Value):
    """One analysis that is no spec, named as its record."""

    study: str
    spec: str
    reference: str
    candidate: str
    about: dict[str, str] = Field(default={}, description="what was asked, in words: name -> text")
    index: IndexDetail | None = None
    histograms: tuple[Histogram, ...] = ()
