"""What a page shows of an index or a resampling: weights and ranks side by side, and how draws are distributed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parity.report.effects import effects_svg
from parity.report.figures import COMPARED, Number, compared, short
from parity.report.histogram import histogram_svg
from parity.report.path_diagram import mark_of, path_svg
from parity.report.score_plot import Scores, scores_by_period
from parity.results.analysis_page import AnalysisDetail, Ends, Histogram, IndexDetail, Rank, Weight
from parity.results.record import Record

#: How the quantities that are words begin.
_WORDS = ("indirect effect", "direct effect", "difference of ")
#: Units whose ranks stand in one table; of more, those at the top and at the bottom, and all on demand.
SHOWN, EDGE = 40, 10


@dataclass(frozen=True)
class WeightLine:
    """One indicator: its weight in the latest period that fixes weights, and 6 digits of every period's."""

    indicator: str
    direction: str
    dimension: str
    reference: Number
    candidate: Number
    digits: str
    periods: tuple[str, ...]


@dataclass(frozen=True)
class RankLine:
    unit: str
    reference: str
    candidate: str

    @property
    def same(self) -> bool:
        return self.reference == self.candidate


@dataclass(frozen=True)
class RanksView:
    """Ranks of one period. said: whether they are the same; left_out: what is not kept of them, "" if nothing."""

    period: str
    lines: tuple[RankLine, ...]
    said: str
    left_out: str

    @property
    def many(self) -> bool:
        return len(self.lines) > SHOWN

    @property
    def parts(self) -> tuple[tuple[RankLine, ...], ...]:
        """Those shown at once."""
        return (self.lines[:EDGE], self.lines[-EDGE:]) if self.many else (self.lines,)


@dataclass(frozen=True)
class IndexView:
    """labels: periods that fix weights, where they are several. periods: with ranks, the latest first; data: those ranks."""

    label: str
    labels: tuple[str, ...]
    weights: tuple[WeightLine, ...]
    ranks: RanksView
    periods: tuple[str, ...]
    loadings: bool
    by_scores: bool
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plot:
    """ends: method, then both ends as text."""

    title: str
    svg: str
    estimate: str
    said: str
    ends: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class AnalysisView:
    reference: str
    candidate: str
    index: IndexView | None
    plots: tuple[Plot, ...]
    effects: str = ""
    paths: str = ""
    scores: Scores | None = None
    dimensions: tuple[tuple[str, int, str], ...] = ()


def analysis_view(detail: AnalysisDetail, records: Sequence[Record] = ()) -> AnalysisView:
    return AnalysisView(
        effects=effects_svg(records), paths=path_svg(detail, records),
        scores=scores_by_period(detail.index, mark_of(detail)) if detail.index else None,
        dimensions=_dimensions(detail.index) if detail.index else (),
        reference=detail.reference, candidate=detail.candidate,
        index=_index(detail.index) if detail.index else None, plots=tuple(map(_plot, detail.histograms)),
    )  # fmt: skip


def _dimensions(index: IndexDetail) -> tuple[tuple[str, int, str], ...]:
    """Dimension, how many indicators it has, and the sum of their weights in the latest period; none where there is one."""
    of: dict[str, list[float]] = {}
    for w in index.weights:
        if w.dimension and w.candidate and w.candidate[-1] is not None:
            of.setdefault(w.dimension, []).append(w.candidate[-1])
    if len(of) < 2 or index.loadings:
        return ()
    return tuple((name, len(weights), short(math.fsum(weights))) for name, weights in of.items())


def _index(index: IndexDetail) -> IndexView:
    latest = _ranks(index.period, index.ranks, index.units)
    earlier = [_ranks(period, *_of_period(index, i)) for i, period in enumerate(index.periods) if period != index.period]
    views = (latest, *reversed(earlier)) if index.periods else ()
    names = {unit: i for i, unit in enumerate(dict.fromkeys(line.unit for view in views for line in view.lines))}
    data = [{"rows": [[names[r.unit], r.candidate, r.reference] for r in view.lines], "said": view.said,
             "left": view.left_out} for view in views]  # fmt: skip
    return IndexView(
        label=index.labels[-1] if index.labels else "", labels=index.labels if len(index.labels) > 1 else (),
        weights=tuple(_weight(w) for w in index.weights if w.reference),
        ranks=latest, periods=tuple(view.period for view in views), loadings=index.loadings, by_scores=index.by_scores,
        data={"units": list(names), "periods": data, "shown": SHOWN, "edge": EDGE} if views else {},
    )  # fmt: skip


def _of_period(index: IndexDetail, i: int) -> tuple[list[Rank], int]:
    """The ranks that are kept of one of its periods, the candidate's first place first, and how many units have one."""
    lines = [Rank(unit=u.unit, reference=u.reference[i], candidate=(u.candidate or u.reference)[i]) for u in index.over]
    lines = [r for r in lines if r.reference is not None or r.candidate is not None]
    return sorted(lines, key=lambda r: (r.candidate is None, r.candidate)), index.ranked[i]


def _ranks(period: str, ranks: Sequence[Rank], units: int) -> RanksView:
    lines = tuple(RankLine(r.unit, _place(r.reference), _place(r.candidate)) for r in ranks)
    moved, rest = sum(not r.same for r in lines), units - len(lines)
    said = f"{moved:,} units have another rank." if moved else "Every rank is the same on both sides."
    said = "1 unit has another rank." if moved == 1 else said
    return RanksView(period, lines, said, f"{rest:,} units in the middle are not kept in the report." if rest else "")


def _weight(w: Weight) -> WeightLine:
    ours, theirs = w.candidate[-1], w.reference[-1]
    several = len(w.reference) > 1
    return WeightLine(
        indicator=w.indicator, direction="−" if w.direction == "-" else w.direction, dimension=w.dimension,
        reference=compared(theirs, theirs), candidate=compared(ours, theirs), digits=f"{w.digits:.1f}",
        periods=tuple(_both(a, b) for a, b in zip(w.candidate, w.reference, strict=True)) if several else (),
    )  # fmt: skip


def _both(ours: float | None, theirs: float | None) -> str:
    """One number where both sides print alike, else both."""
    a, b = short(ours), short(theirs)
    return a if a == b else f"{a} ({b})"


def _place(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def _plot(h: Histogram) -> Plot:
    total = sum(h.counts) + h.below + h.above
    said = [f"{total:,} draws in {len(h.counts)} bins"]
    said += [f"{n:,} of them {where} than the bins show" for n, where in ((h.below, "lower"), (h.above, "higher")) if n]
    said += [f"{h.undefined:,} more leave it undetermined"] if h.undefined else []
    what = "what to expect under the null" if h.null else "how the estimate varies"
    ends = tuple((i.method, short(i.low, COMPARED), short(i.high, COMPARED)) for i in h.intervals)
    return Plot(
        title=_title(h.quantity),
        svg=histogram_svg(h, _description(h, total, h.intervals)),
        estimate=short(h.estimate, COMPARED), said=f"{'; '.join(said)}: {what}", ends=ends,
    )  # fmt: skip


def _title(quantity: str) -> str:
    """Words with a capital; the name of a term, and t, as they are."""
    return quantity[:1].upper() + quantity[1:] if quantity.startswith(_WORDS) else quantity


def _description(h: Histogram, total: int, intervals: Sequence[Ends]) -> str:
    ends = "".join(f"; {i.method} interval from {short(i.low)} to {short(i.high)}" for i in intervals)
    return f"Histogram of {total:,} draws of the {h.quantity}: estimate {short(h.estimate)}{ends}"
