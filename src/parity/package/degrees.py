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


def of_the_model(cell: Judged, e: Estimated) -> Judged:
    """The test of a model. xtabond2 without a constant leaves no e(df_m), and versions of it count what is left out."""
    df, rank = e.statistics.get("df_m"), e.statistics.get("rank")
    due = [df]
    if df is None and rank is not None and "chi2" in e.statistics:
        slopes = rank - sum(constant(term) for term in e.terms)
        due = [slopes, slopes + len(e.source.estimated.omitted)]
    held = [of_degrees(cell, value, e.statistics.get("df_r")) for value in due]
    return next((one for one in held if one.verdict == cell.verdict), held[0])


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
