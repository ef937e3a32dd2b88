"""reghdfe's table of absorbed degrees of freedom, which stands below the window of its estimates.

Levels of each effect, how many of them say nothing new, and the rest. An effect that clusters don't split is redundant as a
whole. Of the others the first has none; the second has as many as its graph with the first has parts, a later one as many as
the one of its graphs that has most. Beside an effect within clusters the first of the others has one, or none in reghdfe 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.package.verdict import Judged, judged

if TYPE_CHECKING:
    from parity.conventions.facts import Facts
    from parity.package.estimates import Estimated
    from parity.package.printed import Printed

_HEADS = {"categories": 0, "- redundant": 1, "= num. coefs": 2}
#: What each effect has: its levels, and the redundant ones among them as versions count them.
Counts = list[tuple[int, tuple[int, ...]]]


def absorbed_cells(exhibit: Printed, e: Estimated) -> list[Judged]:
    """Every cell beside the effects of the estimate above; not verified where they aren't known."""
    counts = _counts(e)
    (column,) = exhibit.columns
    rows = [row for row in column.rows if any(c.number is not None for c in row.cells)]
    return [c for i, row in enumerate(column.rows) for c in _judged(i, row, counts if len(counts) == len(rows) else [], e)]


def _judged(i: int, row, counts: Counts, e: Estimated) -> Iterator[Judged]:
    for cell in row.cells:
        if cell.number is None:
            continue
        base = Judged(0, i, row.label, row.label, cell.name, cell, None, "not verified")
        which = _HEADS.get(cell.name.lower())
        if which is None or i >= len(counts):
            yield base.because(e.why_not or f"`{cell.name}` of absorbed effects is not computed here")
            continue
        levels, redundant = counts[i]
        due = [levels] if which == 0 else [r if which == 1 else levels - r for r in redundant]
        found = [judged(base, float(value)) for value in due]
        if not found:
            yield base.because("how many of its levels are redundant isn't computed here")
            continue
        best = next((f for f in found if f.verdict == "reproduced"), found[0])
        doubted = best.verdict == "differs" and e.doubts
        yield replace(base, reason=f"its data are in doubt: {e.doubts[0]}") if doubted else best


def _counts(e: Estimated) -> Counts:
    """Of the effects in their order; empty where the estimate has none that are known."""
    asked = e.source.request if e.source is not None else None
    if not e.known or asked is None or asked.command not in ("reghdfe", "ivreghdfe", "ppmlhdfe"):
        return []
    facts: Facts = e.source.estimated.solved.design.facts
    nested = [bool(set(a.nested_in) & set(asked.cluster)) for a in facts.absorbed]
    told = "dof" not in e.command
    free: list[int] = []
    out: Counts = []
    for j, effect in enumerate(facts.absorbed):
        if nested[j]:
            out.append((effect.levels, (effect.levels,) if told else ()))
            continue
        alone = (0, 1) if any(nested) else (0,)
        beside = (max(1, *(facts.components[i, j] for i in free)),) if free else alone
        out.append((effect.levels, beside if told else ()))
        free.append(j)
    return out
