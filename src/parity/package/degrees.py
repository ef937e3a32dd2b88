"""Degrees of freedom in the names of tests: `F(5, 4354)`, `Wald chi2(3)`, held against those of the command."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.package.estimates import Estimated, constant
from parity.package.judged import Judged
from parity.package.two_equations import TEST_OF_ERRORS

if TYPE_CHECKING:
    from parity.package.fit import Fit


def tested(e: Estimated) -> float | None:
    """How many coefficients the test of a model is of; xtabond2 without a constant leaves no e(df_m)."""
    df, rank = e.statistics.get("df_m"), e.statistics.get("rank")
    if df is not None or rank is None or "chi2" not in e.statistics:
        return df
    return rank - sum(constant(term) for term in e.terms)


def of_effects(cell: Judged, found: Fit | None, printed: str) -> Judged:
    """The test below a window, `F(9, 188)`: of all effects but one, and of the correlation of two equations."""
    if found is None or not printed:
        return cell
    held = found.estimate.statistics
    if cell.label == TEST_OF_ERRORS:
        return of_degrees(cell, 1.0, None, printed)
    levels, free = held.get("levels"), (held["N"] - held["rank"] if {"N", "rank"} <= set(held) else None)
    return of_degrees(cell, None if levels is None else levels - 1, free, printed)


_DEGREES = re.compile(
    r"(?:[Ff]|(?:(?:Wald|LR|Pearson|Durbin \(score\)|Sargan \(score\)|Basmann|Score) )?chi-?2)"
    r"\( {0,5}([\d,]{1,15})(?:, {0,5}([\d,]{1,15}))? {0,5}\)"
)


def of_degrees(cell: Judged, above: float | None, below: float | None, printed: str = "") -> Judged:
    """`F(5, 4354)` whose number is right and whose degrees of freedom, of the hypothesis and the residuals, are others."""
    printed = printed or cell.label
    found = _DEGREES.fullmatch(printed)
    if found is None or cell.verdict not in ("reproduced", "explained"):
        return cell
    said = [int(g.replace(",", "")) for g in found.groups() if g]
    due = [above, below][: len(said)]
    if None in due or all(n == d for n, d in zip(said, due, strict=True)):
        return cell
    shown = ", ".join(f"{d:.6g}" for d in due)
    return replace(cell, verdict="differs", causes=()).because(
        f"its degrees of freedom are {shown}, not those of `{printed}`"
    )
