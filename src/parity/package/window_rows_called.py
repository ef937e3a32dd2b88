"""Rows of windows called by labels that Stata prints of none of their terms, and rows of what their command hasn't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.base.tolerance import RIGHT_NUMBERS
from parity.package.estimates import VARIANCE
from parity.package.two_equations import CORRELATION, DEVIATION
from parity.package.verdict import Cause, Judged
from parity.package.window_labels import is_of
from parity.stata_language.vce import CENSORED

if TYPE_CHECKING:
    from parity.package.fit import Fit
    from parity.package.printed import Column


#: Begins what stands beside the coefficients.
_BESIDE = ("/", VARIANCE, CORRELATION, DEVIATION)


def rows_called_otherwise(cells: Sequence[Judged], found: Fit, column: Column) -> list[Judged]:
    """Numbers of a term in a row that is printed as none of its own, and rows of what their command hasn't, where all others
    of the window are right."""
    e = found.estimate
    wrong, unsure = {}, {}
    for i, (row, term) in enumerate(zip(column.rows, found.terms, strict=True)):
        held = is_of(row, term, e) if term else True
        shown = f"{row.equation}: {row.label}".removeprefix(": ")
        if held is False:
            wrong[i] = Cause("label-of-another", f"the row is printed `{shown}`; its numbers are of `{term}`")
        elif held is None:
            unsure[i] = f"its row is printed `{shown}`, which is no label of `{term}` in the data"
    out = []
    for c in cells:
        if c.row in wrong and c.verdict == "reproduced":
            c = c.explained(wrong[c.row])
        elif c.row in unsure and c.verdict == "reproduced":
            c = replace(c, verdict="not verified", estimated=None, reason=unsure[c.row])
        out.append(c)
    return _of_none(out, found)


def _of_none(cells: Sequence[Judged], found: Fit) -> list[Judged]:
    """A row of no term beside a term without a row, where every other number of the window is right."""
    e = found.estimate
    placed = [c for c in cells if c.row is not None and found.terms[c.row] and c.verdict != "not verified"]
    if not e.known or len(placed) < RIGHT_NUMBERS or any(c.verdict == "differs" for c in placed):
        return list(cells)
    left = [t for t in e.terms if t not in found.terms and not t.startswith(_BESIDE)]
    # a deviation, its square and its logarithm are one parameter, and windows have one of them
    beside = any(t.startswith("/") and t not in found.terms for t in e.terms) and e.name not in CENSORED

    def lost(c: Judged) -> bool:
        alone = c.verdict == "not verified" and c.row is not None and not found.terms[c.row]
        return alone and (beside if c.label.startswith("/") else bool(left) and not c.label.startswith(_BESIDE))

    return [
        replace(c, verdict="differs").because(f"its command has no `{c.label}` ({e.place})") if lost(c) else c for c in cells
    ]
