"""Tables that esttab or estout wrote of what `estpost` put into e(): descriptive statistics, tests of means, frequencies.

`cells("mean sd" count)`: each word is a line of a row, and what one word holds stands side by side; help of estout 3.3.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.package.calls import Written, labelled
from parity.package.estimates import plain
from parity.package.verdict import Judged, judged

if TYPE_CHECKING:
    from parity.package.printed import Printed, Row
    from parity.stata.do import TableColumn

#: A word of cells(): what is quoted or in parentheses, or a name with its own options.
_OWN = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_WORDS = re.compile(rf'"(?P<quoted>[^"]*)"|(?<![\w)])(?P<inside>{_OWN})|(?P<bare>[^\s"()]+(?:{_OWN})?)')
_NAMES = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?(\((?:[^()]|\([^()]*\))*\))?")


def is_described(written: object) -> bool:
    """Whether all columns of a table are of what estpost put there."""
    return isinstance(written, Written) and bool(written.posted) and all(c.posted for c in written.posted)


def described(exhibit: Printed, written: Written) -> list[Judged]:
    """Every cell beside the number of e() that stands there; *not verified* where the layout or the row isn't known."""
    lines = cells_asked(written.last.options)
    width = max((len(line) for line in lines), default=0)
    names = labelled(written.last.options)
    wide = width * len(written.posted)
    out: list[Judged] = []
    for i, column in enumerate(exhibit.columns):
        known = width and len(exhibit.columns) == wide
        model = written.posted[i // width] if known else None
        rows = _rows(column.rows, model, names) if model is not None else [""] * len(column.rows)
        for j, row in enumerate(column.rows):
            asked = [line[i % width] if known and i % width < len(line) else "" for line in lines]
            for k, cell in enumerate(row.cells):
                if cell.number is None:
                    continue
                name = asked[k] if k < len(asked) else ""
                base = Judged(i, j, rows[j] or row.label, row.label, name or "value", cell, None, "not verified")
                out.append(_judged(base, model, name, rows[j]))
        for statistic in column.statistics:
            if statistic.cell.number is not None:
                base = Judged(
                    i, None, "", statistic.label, statistic.name or statistic.label, statistic.cell, None, "not verified"
                )
                out.append(base.because("what stands below the cells of estpost is not held against the data"))
    return out


def _judged(base: Judged, model: TableColumn | None, name: str, row: str) -> Judged:
    if model is None or not name:
        return base.because("its columns aren't those that the call asks for")
    value = model.posted.get(name, {}).get(row) if row else None
    if not row:
        return base.because(f"`{base.label}` is no row of what `estpost` gives")
    if value is None or not math.isfinite(value):
        return base.because(f"e({name}) of `estpost` is not computed here")
    found = judged(base, value)
    if model.doubts and found.verdict == "differs":
        return replace(base, estimated=None).because(f"its data are in doubt: {model.doubts[0]}")
    return found


def cells_asked(options: Mapping[str, str | None]) -> tuple[tuple[str, ...], ...]:
    """Lines of a row, each with the names in e() that stand side by side: of cells(), or of main() and aux()."""
    text = options.get("cells") or options.get("cell") or options.get("c") or ""
    if not text:
        parts = [(options.get(o) or "").split() for o in ("main", "aux")]
        return tuple((p[0],) for p in parts if p)
    lines = []
    for quoted, inside, bare in _WORDS.findall(text):
        lines.append(tuple(name for name, _ in _NAMES.findall(quoted or inside[1:-1] or bare)))
    return tuple(line for line in lines if line)


def _rows(rows: Sequence[Row], model: TableColumn, names: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The row of e() that each printed row is: by name, by label, or as the call calls it; "" where that isn't certain."""
    every = list(dict.fromkeys(r for held in model.posted.values() for r in held))
    called: dict[str, list[str]] = {}
    for row in every:
        group, _, variable = row.rpartition(":")
        for label in (variable, model.labels.get(variable, "")):
            for spelled in {plain(label), plain(f"{group}:{label}")} if label else ():
                called.setdefault(spelled, []).append(row)
    for label, terms in names.items():
        called[label] = [r for r in every if r.rpartition(":")[2] in terms]
    return [_of(row, called) for row in rows]


def _of(row: Row, called: Mapping[str, list[str]]) -> str:
    of_group = f"{row.equation}:{row.label}" if row.equation else row.label
    found = list(dict.fromkeys(called.get(plain(of_group)) or called.get(plain(row.label)) or ()))
    return found[0] if len(found) == 1 else ""
