"""Tables that esttab or estout wrote of what `estpost` put into e(): descriptive statistics, tests of means, frequencies.

`cells("mean sd" count)`: each word is a line of a row, and what one word holds stands side by side; help of estout 3.3.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.package.calls import Written, labelled, rows_asked, stars_asked
from parity.package.estimates import plain
from parity.package.posted_rows import of_posted_rows
from parity.package.verdict import Judged, judged

if TYPE_CHECKING:
    from parity.package.printed import Printed, Row
    from parity.stata.do import TableColumn

#: A word of cells(): what is quoted or in parentheses, or a name with its own options.
_OWN = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_WORDS = re.compile(rf'"(?P<quoted>[^"]*)"|(?<![\w)])(?P<inside>{_OWN})|(?P<bare>[^\s"()]+(?:{_OWN})?)')
_NAMES = re.compile(rf"([A-Za-z_]\w{{0,31}})(?:\[[^\[\]]{{0,31}}\])?({_OWN})?")
#: Headings that name a statistic -> its name in e().
_HEADS = {
    "mean": "mean", "average": "mean", "sd": "sd", "stddev": "sd", "standarddeviation": "sd", "min": "min", "minimum": "min",
    "max": "max", "maximum": "max", "median": "p50", "p50": "p50", "p25": "p25", "p75": "p75", "p10": "p10", "p90": "p90",
    "n": "count", "obs": "count", "observations": "count", "count": "count", "sum": "sum", "variance": "Var", "p": "p",
    "pvalue": "p", "均值": "mean", "平均值": "mean", "标准差": "sd",
    "最小值": "min", "最大值": "max", "中位数": "p50", "样本量": "count",
    "观测值": "count",
}  # fmt: skip


def is_described(written: object) -> bool:
    """Whether all columns of a table are of what estpost put there."""
    return isinstance(written, Written) and bool(written.posted) and all(c.posted for c in written.posted)


def described(exhibit: Printed, written: Written) -> list[Judged]:
    """Every cell beside the number of e() that stands there; *not verified* where the layout or the row isn't known."""
    lines, starred = cells_asked(written.last.options), _starred(written.last.options)
    cuts = stars_asked(written.last.options) or (0.05, 0.01, 0.001)
    width = max((len(line) for line in lines), default=0)
    names = labelled(written.last.options)
    wide = width * len(written.posted)
    out: list[Judged] = []
    named: set[tuple[int, int]] = set()
    for i, column in enumerate(exhibit.columns):
        known = width and len(exhibit.columns) == wide
        model = written.posted[i // width] if known else None
        rows = _rows(column.rows, model, names) if model is not None else [""] * len(column.rows)
        named |= {(i // width, j) for j, r in enumerate(rows) if r and width}
        rows = [r if rows.count(r) == 1 and _is_asked(r, written) else "" for r in rows]
        headed = next((_HEADS[plain(h)] for h in reversed(column.heads) if plain(h) in _HEADS), "")
        for j, row in enumerate(column.rows):
            asked = [line[i % width] if known and i % width < len(line) else "" for line in lines]
            for k, cell in enumerate(row.cells):
                if cell.number is None:
                    continue
                name = _spelled(asked[k] if k < len(asked) else "", model)
                base = Judged(i, j, rows[j] or row.label, row.label, name or "value", cell, None, "not verified")
                if headed and len(lines) == 1 and name and headed != name:
                    out.append(base.because(f"its column is headed as e({headed}); the call asks for e({name}) there"))
                    continue
                found = _judged(base, model, name, rows[j])
                out.append(_with_stars(found, model, rows[j], cuts) if cell.stars or name in starred else found)
        for statistic in column.statistics:
            if statistic.cell.number is not None:
                base = Judged(
                    i, None, "", statistic.label, statistic.name or statistic.label, statistic.cell, None, "not verified"
                )
                out.append(base.because("what stands below the cells of estpost is not held against the data"))
    known = bool(width) and len(exhibit.columns) == wide and len(lines) == 1
    return of_posted_rows(out, written, width, named) if known else out


def _spelled(name: str, model: TableColumn | None) -> str:
    """The name in e() of what cells() asks for: `Mean` is e(mean) where there is no e(Mean)."""
    held = model.posted if model is not None else {}
    return name if name in held else next((n for n in held if n.lower() == name.lower()), name)


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


def _with_stars(found: Judged, model: TableColumn | None, row: str, cuts: tuple[float, ...]) -> Judged:
    """Stars of a test of means are of its p; of what has none they mean nothing that is known."""
    p = model.posted.get("p", {}).get(row) if model is not None else None
    if found.verdict != "reproduced":
        return found
    if p is None:
        return replace(found, verdict="not verified").because("its stars are of no p")
    due = sum(p < cut for cut in cuts)
    if due == found.cell.stars:
        return found
    return replace(found, verdict="differs").because(f"{found.cell.stars} stars stand there, {due} are due: p is {p:.3g}")


def _starred(options: Mapping[str, str | None]) -> frozenset[str]:
    """Names in e() whose cells are to have stars."""
    text = options.get("cells") or options.get("cell") or options.get("c") or ""
    return frozenset(name for name, own in _NAMES.findall(text) if re.search(r"\bstar\b", own))


def _is_asked(row: str, written: Written) -> bool:
    """Whether the call puts a row into its table: keep(), drop()."""
    return bool(row) and rows_asked(written.last.options).asks(row.rpartition(":")[2])


def cells_asked(options: Mapping[str, str | None]) -> tuple[tuple[str, ...], ...]:
    """Lines of a row, each with the names in e() that stand side by side: of cells(), or of main() and aux()."""
    text = options.get("cells") or options.get("cell") or options.get("c") or ""
    if not text:
        parts = [(options.get(o) or "").split() for o in ("main", "aux")]
        return tuple((p[0],) for p in parts if p)
    lines = []
    for quoted, inside, bare in _WORDS.findall(text):
        # what is transformed is no number of e()
        found = _NAMES.findall(quoted or inside[1:-1] or bare)
        lines.append(tuple("" if "transform" in own else name for name, own in found))
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
    found = list(dict.fromkeys(called.get(plain(of_group)) or ()))
    return found[0] if len(found) == 1 else ""
