"""What Python's side finds in one analysis by resampling, in the form in which it is compared and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from parity.analyses.resampling.bootstrap import Bootstrap, bootstrap, numbers
from parity.analyses.resampling.find import find
from parity.analyses.resampling.pairs import Pairs
from parity.analyses.resampling.sample import Rows
from parity.base.tolerance import P_SCALE


@dataclass(frozen=True)
class Found:
    """One analysis.

    numbers  quantity -> term -> number, or list of replicates: all that is compared
    printed  the same as a record keeps it, without replicates
    scale    term -> what its numbers are judged on where they lie near zero
    drawn    how many draws there were
    raw      as `find` or `bootstrap` returned it
    doubts   why the draws don't determine what is reported
    """

    numbers: Mapping[str, Mapping[str, Any]]
    printed: Mapping[str, Mapping[str, float | None]]
    scale: Mapping[str, float]
    drawn: int
    notes: tuple[str, ...]
    raw: Any
    doubts: tuple[str, ...] = ()


def found_in(part: Rows | Pairs, first_draws: int | None = None) -> Found:
    """With the first so many draws only, where that is asked. Raises `Unestimable`."""
    return _of_pairs(part, first_draws) if isinstance(part, Pairs) else _of_rows(part, first_draws)


def by_term(part: Rows | Pairs, answer: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """R's answer as `Found.numbers` has ours: what is no bootstrap is about one term, and its scales go by quantity."""
    return answer if isinstance(part, Pairs) else {quantity: {quantity: value} for quantity, value in answer.items()}


def _of_rows(rows: Rows, first_draws: int | None) -> Found:
    raw = find(rows, first_draws)
    drawn = len(raw.get("replicate", ()))
    printed = {q: {"": v} for q, v in raw.items() if q != "replicate"} | {"draws": {"": float(drawn)}}
    return Found(by_term(rows, raw), printed, _scales(raw), drawn, rows.notes, raw)


def _of_pairs(pairs: Pairs, first_draws: int | None) -> Found:
    draws = pairs.draws()
    raw: Bootstrap = bootstrap(pairs, replace(draws, values=draws.values[:first_draws]))
    found = numbers(raw)
    counts = {"nobs": len(pairs.y), "clusters": len(pairs.labels), "draws": raw.used}
    printed: Any = {q: v for q, v in found.items() if q != "replicate"} | {q: {"": float(n)} for q, n in counts.items()}
    scale = {term: s.se for term, s in raw.summaries.items()}
    return Found(found, printed, scale, len(draws.values[:first_draws]), raw.notes, raw, raw.doubts)


def _scales(found: dict[str, Any]) -> dict[str, float]:
    """On what a number is judged that may lie near zero by itself: a standard error, one for t, the spread of replicates."""
    spread = float(np.nanstd(found["replicate"])) if found.get("replicate") else 0.0
    se = max((v for q, v in found.items() if q.startswith("se ")), default=spread)
    low, high = found.get("low"), found.get("high")
    width = 0.0 if low is None or high is None else high - low
    out = {"replicate": spread, "low": width, "high": width}
    out |= dict.fromkeys(("difference", "difference interaction", "first", "second"), se)
    for q, v in found.items():
        method = q.partition(" ")[2]
        if q == "t" or q.startswith(("t ", "z ")):  # a relative error e of t moves p by about t^2 e of itself
            p = found.get(f"p {method}", 0.0)
            out |= {q: max(1.0, abs(v)), f"p {method}": max(p * max(1.0, v * v), P_SCALE)}
    return out
