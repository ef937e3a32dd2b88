"""What a page shows of an analysis by resampling: what was asked, in words, and how its draws are distributed."""

from __future__ import annotations

from typing import Any

from parity.analyses.replicates.histogram import histogram, middle
from parity.analyses.resampling.found import Found
from parity.analyses.resampling.pairs import Pairs
from parity.analyses.resampling.sample import Rows
from parity.results.analysis_page import Histogram
from parity.study.analyses.resampling import DifferenceSettings, plainly

Shown = tuple[dict[str, str], tuple[Histogram, ...]]
#: Histograms of one bootstrap: a spec may have dummies by the dozen.
MOST_SHOWN = 8


def detail_of(part: Rows | Pairs, found: Found) -> Shown | None:
    """Name -> text, and histograms; None without draws."""
    if isinstance(part, Pairs):
        return _of_pairs(part, found)
    return _of_rows(part, found.raw) if found.drawn else None


def _of_pairs(pairs: Pairs, found: Found) -> Shown:
    s, raw = pairs.settings, found.raw
    shown = [
        histogram(term, raw.replicates[term], raw.estimates[term],
                  [(i.method, i.low, i.high) for i in raw.summaries[term].intervals])
        for term in (*pairs.endog, *pairs.exog)[:MOST_SHOWN]
    ]  # fmt: skip
    how = "two-stage least squares" if pairs.endog else "least squares"
    drawn = f"{found.drawn:,} of whole clusters ({pairs.cluster}) with replacement, seed {s.seed}"
    about = {"Spec": f"{s.spec}, by {how}", "Draws": drawn, "Copies of a cluster": "share their fixed effects",
             "Intervals": f"{100 * s.level:g} %"}  # fmt: skip
    return about, tuple(h for h in shown if h is not None)


def _of_rows(rows: Rows, found: dict[str, Any]) -> Shown:
    drawn, s = found.get("replicate"), rows.settings
    if isinstance(s, DifferenceSettings):
        what, estimate, p = f"difference of {rows.term} between groups", found["difference"], found["p permutation"]
        how = f"{'rows' if s.permute == 'rows' else 'whole clusters'} dealt out to the groups at random"
        asked = {"Difference": f"{rows.term} in spec {s.spec}: where {plainly(s.group)}, less the others"}
    else:
        what, estimate, p = f"t statistic of {rows.term}", found["t"], found["p"]
        how = f"residuals of whole clusters times {'random signs' if s.points == 'rademacher' else 'one of six numbers'}"
        asked = {"Test": f"{rows.term} = {s.null:g} in spec {s.spec}",
                 "Residuals": "of the model with the null imposed" if s.restricted else "of the full model",
                 f"{100 * s.level:g} % interval": _interval(found["low"], found["high"])}  # fmt: skip
    shown, most = histogram(what, drawn, estimate, filter(None, [middle(drawn)]), null=True), f"{len(drawn):,}"
    about = asked | {"Draws": f"{most}: {how}, seed {s.seed}", "p": f"{p:.6g}" if p else "0: no draw lies as far out"}
    return about, () if shown is None else (shown,)


def _interval(low: float | None, high: float | None) -> str:
    ends = ["none" if end is None else f"{end:.6g}" for end in (low, high)]
    return f"nulls that the test doesn't reject: lower end {ends[0]}, upper end {ends[1]}"
