"""Tables of numbers that a command writes beside estimates: `esttab matrix(A) using f`, `asdoc summarize x z`.

Each number is held against the row and column that its labels name, or whose place it has where the command gives as many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.package.calls import same_file
from parity.package.estimates import plain
from parity.package.verdict import Judged, judged

if TYPE_CHECKING:
    from parity.package.printed import Printed
    from parity.stata.do import DoResult
    from parity.stata.do import Printed as Said


def grids_of(file: str, runs: Sequence[tuple[DoResult, object]]) -> list[Said]:
    """What the do-files write into a file, in order."""
    return [
        p for done, _ in runs for p in done.printed
        if p.kind == "written" and same_file(file, str(p.values["target"]).replace("\\", "/").lower())
    ]  # fmt: skip


def of_grid(cells: Sequence[Judged], exhibit: Printed, grids: Sequence[Said]) -> list[Judged]:
    """Cells that aren't verified beside the grid that gives most of them; as they are where none has their rows."""
    tried = [(said, _beside(cells, exhibit, said)) for said in grids]
    tried = [(said, found) for said, found in tried if any(c.estimated is not None for c in found)]
    if not tried:
        return list(cells)
    said, best = max(tried, key=lambda t: sum(c.verdict == "reproduced" for c in t[1]))
    doubt = f"its data are in doubt: {said.doubts[0]}" if said.doubts else ""
    if not doubt and len(tried) > 1 and any(c.verdict == "differs" for c in best):
        doubt = "several commands write this file, and none of them all of its numbers"
    if not doubt:
        return best
    unsure = {"verdict": "not verified", "estimated": None, "distance": 0.0, "reason": doubt}
    return [replace(c, **unsure) if c.verdict == "differs" else c for c in best]


def _beside(cells: Sequence[Judged], exhibit: Printed, said: Said) -> list[Judged]:
    held: Mapping[str, Mapping[str, float]] = said.values["rows"]
    labels: Mapping[str, str] = said.values["labels"]
    named = {plain(text): name for name in held for text in (labels.get(name, ""), name) if text}
    rows = [r for r in exhibit.columns[0].rows] if exhibit.columns else []
    places = [named.get(plain(row.label), "") for row in rows]
    if len(set(places)) < len(places) or "" in places:
        places = list(held) if len(rows) == len(held) and not any(places) else []
    heads = list(next(iter(held.values()), {}))
    wide = len(exhibit.columns) == len(heads)

    def of(c: Judged) -> Judged:
        if c.verdict != "not verified" or c.row is None or c.row >= len(places):
            return c
        column = exhibit.columns[c.column]
        head = next((h for h in map(plain, reversed(column.heads)) if h in heads), heads[c.column] if wide else "")
        value = held[places[c.row]].get(head)
        return c if value is None else judged(replace(c, reason="", term=places[c.row]), value)

    return [of(c) for c in cells]
