"""A reading as few numbers, for `references/second-reading.json`: what is kept where R is, and held against where it isn't.

Whole things (rows, groups) are kept as digests, which must be the same; numbers as their sum, sum of squares and a sum by
place, so that a value that moved, or moved to another row, shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.base.tolerance import MADE, MADE_ROUNDINGS
from parity.compare.agree import hold
from parity.runs.second_reading.asking import ReadColumn
from parity.runs.second_reading.columns import values_of
from parity.runs.second_reading.compare import Found, first_seen
from parity.runs.second_reading.sample import PARTS, Sample

if TYPE_CHECKING:
    import pandas as pd

#: The golden ratio: its multiples less their whole part lie evenly, and no two rows have nearly the same one.
_GOLDEN = 0.6180339887498949


def digest_of_sample(sample: Sample) -> dict[str, Any]:
    """Plain values, as JSON has them."""
    return {
        "n": len(sample.rows),
        "rows": _hash(sample.rows.astype(np.int64).tobytes()),
        "columns": [[part, name, *_sums(c.values), c.loss] for (part, name), c in sample.columns.items()],
        "groups": {name: _hash(first_seen(code).astype(np.int64).tobytes()) for name, code in sample.groups.items()},
        "periods": None if sample.periods is None else _sums(_since_first(sample.periods)),
    }


def digest_of_columns(columns: Sequence[ReadColumn], n: int) -> dict[str, Any]:
    """Of R's columns of the whole file."""
    kept = []
    for c in columns:
        text = c.keys if c.keys is not None else c.values if c.text else None
        kept.append([c.name, c.made, c.keys is not None, _texts(text) if text is not None else _sums(c.values), c.loss])
    return {"n": n, "columns": kept}


def compare_sample_digest(kept: Mapping[str, Any], ours: Sample) -> Found:
    """What was kept of R's sample, and ours."""
    found = Found(checked=2)
    if kept["n"] != len(ours.rows):
        found.differs("nobs", "", float(kept["n"]), float(len(ours.rows)))
        found.sentences.append(f"R's reading had {kept['n']} rows, parity's sample has {len(ours.rows)}")
        return found
    now = digest_of_sample(ours)
    _same(found, "the rows", kept["rows"], now["rows"])
    theirs = {(part, name): rest for part, name, *rest in kept["columns"]}
    for part, name in dict.fromkeys([*theirs, *ours.columns]):
        if (part, name) not in ours.columns and name in ours.dropped and part in ("x", "z"):
            continue
        found.checked += 1
        shown = f"the {PARTS[part]} `{name}`" if name else f"the {PARTS[part]}"
        if (part, name) not in theirs or (part, name) not in ours.columns:
            _same(found, shown, (part, name) in theirs, (part, name) in ours.columns)
        else:
            *sums, loss = theirs[part, name]
            _near(found, shown, sums, ours.columns[part, name].values, loss)
    for name in dict.fromkeys([*kept["groups"], *now["groups"]]):
        found.checked += 1
        _same(found, name, kept["groups"].get(name), now["groups"].get(name))
    found.checked += 1
    if (kept["periods"] is None) != (ours.periods is None):
        _same(found, "the periods", kept["periods"], now["periods"])
    elif ours.periods is not None:
        _near(found, "the periods", kept["periods"], _since_first(ours.periods), 1.0)
    return found


def compare_columns_digest(kept: Mapping[str, Any], frame: pd.DataFrame) -> Found:
    """What was kept of R's reading of the file, and ours."""
    found = Found(checked=1)
    if kept["n"] != len(frame):
        found.differs("rows", "", float(kept["n"]), float(len(frame)))
        found.sentences.append(f"the file had {kept['n']} rows by R's reading, {len(frame)} here")
        return found
    for name, made, long, numbers, loss in kept["columns"]:
        found.checked += 1
        shown = f"the {'derived ' if made else ''}column `{name}`"
        if name not in frame:
            _same(found, shown, True, False)
            continue
        ours = values_of(frame, name, long=long)
        if isinstance(numbers, str):
            texts = [None if v is None or v != v else str(v) for v in ours.tolist()]
            _same(found, shown, numbers, _texts(texts))
        elif ours.dtype == object:
            if numbers[0] or any(v is not None for v in ours):  # an empty column has no type
                _same(found, shown, "numbers", "text")
        else:
            _near(found, shown, numbers, ours, loss)
    return found


def _since_first(periods: np.ndarray) -> np.ndarray:
    known = ~np.isnan(periods) & (periods >= 0)
    return np.where(known, periods - periods[known].min(), np.nan) if known.any() else np.full(len(periods), np.nan)


def _sums(values: np.ndarray) -> list[float]:
    """How many are known; sum, sum of squares, sum by place, and the largest of absolute values."""
    known = ~np.isnan(values)
    v = values[known]
    place = (np.flatnonzero(known) + 1) * _GOLDEN % 1.0
    largest = float(np.abs(v).max(initial=0.0))
    return [int(known.sum()), float(v.sum()), float(np.square(v).sum()), float(v @ place), largest]


def _near(found: Found, name: str, kept: Sequence[float], values: np.ndarray, loss: float) -> None:
    """Sums of n values are off by no more than n times what each may be off."""
    now = _sums(values)
    if kept[0] != now[0]:
        _same(found, name, kept[0], now[0], f"{kept[0]} values are known by R's reading, {now[0]} here")
        return
    n, _, _, _, largest = now
    each = (MADE + MADE_ROUNDINGS * loss) * largest
    for quantity, a, b, unit in zip(
        ("sum", "squares", "by place"), kept[1:4], now[1:4], (1.0, 2.0 * largest, 1.0), strict=True
    ):
        allowed = max(n, 1) * each * unit
        if not hold(a, b, allowed, 1.0, infinite=False).agree:
            found.digits = 0.0
            found.differs(quantity, name, a, b, allowed)
            found.sentences.append(f"{name} is another by R's reading than here: its {quantity} is {a:.15g} and {b:.15g}")
            return


def _same(found: Found, name: str, theirs: Any, ours: Any, why: str = "") -> None:
    if theirs == ours:
        return
    found.digits = 0.0
    found.differs("identity", name, 0.0, 1.0)
    found.sentences.append(f"{name}: {why}" if why else f"{name} is not what R read when the answers were frozen")


def _texts(values: Sequence[str | None]) -> str:
    return _hash("".join("\0" if v is None else f"{v}\1" for v in values).encode())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
