"""Workbooks that `putexcel` filled: each number beside what the command puts into its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.package.calls import same_file
from parity.package.verdict import Judged, judged

if TYPE_CHECKING:
    from parity.stata.do import DoResult, Printed

#: Sheet, in small letters ("" for the first), and address -> what was put there last.
Put = Mapping[tuple[str, str], "Printed"]


def put_into(file: str, runs: Sequence[tuple[DoResult, object]]) -> Put:
    """What the do-files put into a file; of a cell that is filled anew the last."""
    return {
        (str(p.values["sheet"]).lower(), str(p.values["cell"])): p
        for done, _ in runs for p in done.printed
        if p.kind == "putexcel" and same_file(file, _spelled(str(p.values["book"])))
    }  # fmt: skip


def of_put(cells: Sequence[Judged], put: Put) -> list[Judged]:
    """Cells that aren't verified, held against what is put at their address; a number at an address without one stays."""
    return [_judged(c, put) if c.verdict == "not verified" else c for c in cells]


def _judged(cell: Judged, put: Put) -> Judged:
    sheet, _, address = cell.cell.place.cell.rpartition("!")
    said = put.get((sheet.lower(), address)) or put.get(("", address))
    if said is None:
        return cell
    value = float(said.values["value"])
    found = judged(replace(cell, reason=""), value)
    if found.verdict != "differs":
        return found
    if said.doubts:
        return cell.because(f"its data are in doubt: {said.doubts[0]}")
    return found.because(f"`putexcel` puts {value:.9g} into {address} ({said.file}:{said.line})")


def _spelled(book: str) -> str:
    name = book.replace("\\", "/").lower()
    return name if name.rpartition("/")[2].count(".") else f"{name}.xlsx"
