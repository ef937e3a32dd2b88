"""What pages show of one form of an index: weights and ranks, ours beside those of the other side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from parity.analyses.index.numbers import Numbers
from parity.base.tolerance import MOST_DIGITS, TIE
from parity.base.values import name_of
from parity.compare.agree import digits
from parity.data.derive.index import Rows
from parity.data.derive.ranks import ranks
from parity.data.derive.variants import METHODS, VARIANTS
from parity.results.analysis_page import AnalysisDetail, IndexDetail, Rank, UnitRanks, Weight
from parity.study.index import IndexSettings

#: Units that are kept where there are more: as many from the top as from the bottom.
MOST_UNITS = 400
#: Of more, the first and the last so many of every earlier period.
EDGE = 10


def index_detail(
    study: str, spec: str, form: IndexSettings, sides: tuple[str, str], ours: Numbers, theirs: Numbers,
    labels: Sequence[str], rows: Rows, units: Sequence[str],
) -> AnalysisDetail:  # fmt: skip
    """sides: names of the other and of our side. labels: sorted, of the rows that fix weights. units: each row's name."""
    weights = tuple(_weight(form, name, ours, theirs, len(labels)) for name in [i.column for i in form.indicators])
    own, other = _both(ours, theirs, rows)
    at = _places(own, other, rows)
    latest = max(at, default=None)
    kept = _outer(at[latest], MOST_UNITS // 2) if at else []
    periods = sorted(at) if len(at) > 1 else []
    over = _over(own, other, [at[p] for p in periods], [units[i] for i in kept], units)
    return AnalysisDetail(
        study=study, spec=spec, reference=sides[0], candidate=sides[1], about=_about(form),
        index=IndexDetail(
            labels=tuple(labels), weights=weights,
            period=_name(latest, rows) if at else "", units=len(at[latest]) if at else 0,
            ranks=tuple(
                Rank(unit=units[i], reference=_place(other[i]), candidate=_place(own[i]), scores=_scores(theirs, ours, i))
                for i in kept
            ),
            loadings=form.method == "pca" and form.pca_form == "scores", by_scores="rank" not in theirs,
            periods=tuple(_name(p, rows) for p in periods), ranked=tuple(len(at[p]) for p in periods),
            over=over, scores=_over_time(ours, spec, [at[p] for p in periods], [u.unit for u in over], units),
        ),
    )  # fmt: skip


def _about(form: IndexSettings) -> dict[str, str]:
    """How it is made, in the words in which variants are named; a setting without such words stands as it is written."""
    fields = IndexSettings.model_fields
    changed = form.model_dump(mode="json", exclude={"indicators", "method", "variants"}, exclude_defaults=True)
    said = [v for v in VARIANTS if v.settings.items() <= {k: getattr(form, k) for k in v.settings}.items()]
    said = [v for v in said if any(value != fields[k].default for k, value in v.settings.items())]
    said = [v for v in said if not any(v.settings.items() < w.settings.items() for w in said)]
    method = [v.text for v in said if v in METHODS] or ["entropy weights" if form.method == "entropy" else form.method]
    known = {k for v in said for k in v.settings}
    rest = [v.text for v in said if v not in METHODS] + [f"{k} = {v}" for k, v in changed.items() if k not in known]
    return {k: "; ".join(v) for k, v in {"Method": method, "Settings": rest}.items() if v}


def _weight(form: IndexSettings, name: str, ours: Numbers, theirs: Numbers, n: int) -> Weight:
    indicator = next(i for i in form.indicators if i.column == name)
    both = [_padded(side.get("weight", {}), name, n) for side in (theirs, ours)]
    scale, least = max([1.0, *(abs(v) for side in both for v in side if v is not None)]), MOST_DIGITS
    for a, b in zip(*both, strict=True):
        known = a is not None and b is not None
        least = min(least, digits(abs(a - b), scale)) if known else least if a is b else 0.0
    return Weight(indicator=name, direction=indicator.direction, dimension=indicator.dimension or "",
                  reference=both[0], candidate=both[1], digits=least)  # fmt: skip


def _padded(weights: Mapping[str, np.ndarray], name: str, n: int) -> tuple[float | None, ...]:
    """One number per label, none where a side has another count of them."""
    values = weights.get(name)
    if values is None or len(values) != n:
        return (None,) * n
    return tuple(None if np.isnan(v) else float(v) for v in values)


def _both(ours: Numbers, theirs: Numbers, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Ranks of every row on our side and on the other, NaN where there is none."""
    own, other = ours["rank"][""], theirs.get("rank", {}).get("")
    if other is None:  # recorded answers hold scores, which rank
        scores = theirs.get("score", {}).get("")
        whole = scores is not None and len(scores) == len(own)
        other = ranks(scores, rows.time, TIE) if whole else np.full(len(own), np.nan)
    return own, other


def _places(own: np.ndarray, other: np.ndarray, rows: Rows) -> dict[float, list[int]]:
    """Period with a score of ours -> its rows that either side ranks, our first place first."""
    found = {}
    for period in np.unique(rows.time[~np.isnan(own)]).tolist():
        at = [i for i in np.flatnonzero(rows.time == period).tolist() if not (np.isnan(own[i]) and np.isnan(other[i]))]
        found[period] = sorted(at, key=lambda i: (np.isnan(own[i]), own[i]))
    return found


def _outer(at: list[int], edge: int) -> list[int]:
    return at if len(at) <= MOST_UNITS else [*at[:edge], *at[-edge:]]


def _over(
    own: np.ndarray, other: np.ndarray, periods: list[list[int]], latest: list[str], units: Sequence[str]
) -> tuple[UnitRanks, ...]:
    """periods: rows of each. latest: units that are kept of the latest, which come first."""
    if not periods:
        return ()
    names = dict.fromkeys([*latest, *(units[i] for at in periods for i in _outer(at, EDGE))])
    where = [{units[i]: i for i in at} for at in periods]
    found = []
    for name in names:
        at = [rows.get(name) for rows in where]
        theirs, mine = (tuple(None if i is None else _place(side[i]) for i in at) for side in (other, own))
        found.append(UnitRanks(unit=name, reference=theirs, candidate=None if mine == theirs else mine))
    return tuple(found)


def _over_time(
    ours: Numbers, spec: str, periods: list[list[int]], names: Sequence[str], units: Sequence[str]
) -> tuple[tuple[float | None, ...], ...]:
    """Our scores of some units in each period, to six digits. Of variants, which are many, none are kept."""
    scores = ours.get("score", {}).get("")
    if scores is None or spec.count(".") > 1:
        return ()
    made = [{units[i]: float(f"{scores[i]:.6g}") for i in at if not np.isnan(scores[i])} for at in periods]
    return tuple(tuple(of.get(name) for of in made) for name in names)


def _name(period: float, rows: Rows) -> str:
    return name_of(float(period)) if rows.time.any() else ""


def _scores(theirs: Numbers, ours: Numbers, i: int) -> tuple[float | None, float | None]:
    """The scores of a row on the other side and on ours."""
    both = [side.get("score", {}).get("") for side in (theirs, ours)]
    return tuple(None if v is None or i >= len(v) or np.isnan(v[i]) else float(v[i]) for v in both)  # type: ignore[return-value]


def _place(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
