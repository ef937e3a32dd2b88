"""Two samples of one spec, or two readings of one file, held against each other: what differs, and a sentence on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from parity.base.tolerance import COUNT, MADE, MADE_ROUNDINGS, MOST_DIGITS
from parity.compare.agree import alike, digits
from parity.results.record import Comparison, Difference
from parity.runs.second_reading.sample import PARTS, Sample, SampleColumn

#: Rows of one column that a sentence names, and that a record keeps as differences.
MOST_ROWS = 3

#: How a row of the file is called, from its number from 0.
RowName = Callable[[int], str]


@dataclass
class Found:
    """What a comparison comes to: a quantity is N, the rows, one column, one grouping or the periods."""

    checked: int = 0
    digits: float = MOST_DIGITS
    differences: list[Difference] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def comparison(self) -> Comparison:
        return Comparison(
            checked=self.checked, digits=self.digits if self.checked else 0.0, differences=tuple(self.differences)
        )

    def differs(self, quantity: str, term: str, theirs: float | None, ours: float | None, allowed: float = COUNT) -> None:
        self.digits = 0.0 if theirs is None or ours is None else self.digits
        shared = 0.0 if theirs is None or ours is None or np.isnan(theirs) or np.isnan(ours) else _digits(theirs, ours)
        self.differences.append(
            Difference(quantity=quantity, term=term, reference=theirs, candidate=ours, digits=shared, allowed=allowed)
        )


def _digits(a: float, b: float) -> float:
    return MOST_DIGITS if a == b else digits(abs(a - b), max(abs(a), abs(b)))


def compare_samples(theirs: Sample, ours: Sample, row: RowName) -> Found:
    """R's sample and ours: rows, then everything on the rows that both have."""
    found = Found(checked=2)
    if len(theirs.rows) != len(ours.rows):
        found.differs("nobs", "", float(len(theirs.rows)), float(len(ours.rows)))
        found.sentences.append(f"R's reading has {len(theirs.rows)} rows, parity's sample {len(ours.rows)}")
    left, right = np.isin(theirs.rows, ours.rows), np.isin(ours.rows, theirs.rows)
    _alone("R's reading", theirs.rows[~left], row, found, theirs=True)
    _alone("parity's sample", ours.rows[~right], row, found, theirs=False)
    rows = ours.rows[right]
    _columns(theirs, ours, left, right, rows, row, found)
    for name in dict.fromkeys([*theirs.groups, *ours.groups]):
        a, b = theirs.groups.get(name), ours.groups.get(name)
        found.checked += 1
        if a is None or b is None:
            _one_side(found, name, a is not None)
        else:
            _partition(name, a[left], b[right], rows, row, found)
    _periods(theirs.periods, ours.periods, left, right, rows, row, found)
    return found


def _alone(whose: str, lost: np.ndarray, row: RowName, found: Found, *, theirs: bool) -> None:
    """Rows that one side alone has."""
    if len(lost):
        named = ", ".join(row(int(r)) for r in lost[:MOST_ROWS])
        found.sentences.append(f"only {whose} has {_several(len(lost), 'row')}{', first' if len(lost) > 1 else ':'} {named}")
    for number in lost[:MOST_ROWS].tolist():
        found.differs("row", row(number), float(number) if theirs else None, None if theirs else float(number))


def _columns(
    theirs: Sample, ours: Sample, left: np.ndarray, right: np.ndarray, rows: np.ndarray, row: RowName, found: Found
) -> None:
    """Columns by their part and name; those that we left out as absorbed or collinear are R's alone."""
    for part, name in dict.fromkeys([*theirs.columns, *ours.columns]):
        a, b = theirs.columns.get((part, name)), ours.columns.get((part, name))
        if b is None and name in ours.dropped and part in ("x", "z"):
            continue
        found.checked += 1
        shown = f"the {PARTS[part]} `{name}`" if name else f"the {PARTS[part]}"
        if a is None or b is None:
            _one_side(found, shown, a is not None)
        else:
            taken = SampleColumn(a.values[left], a.loss)
            compare_values(shown, taken, b.values[right], rows, row, found)


def compare_values(
    name: str, theirs: SampleColumn, ours: np.ndarray, rows: np.ndarray, row: RowName, found: Found, *, each: float = MADE
) -> None:
    """Two columns of numbers row by row; missing equals missing. each: relative difference allowed of a value."""
    a, b = theirs.values, ours
    with np.errstate(invalid="ignore"):
        size = np.maximum(np.abs(a), np.abs(b))
        known = size[np.isfinite(size)]
        allowed = each * size + MADE_ROUNDINGS * theirs.loss * (float(known.max()) if len(known) else 0.0)
        same = alike(a, b, allowed) | (np.isnan(a) & np.isnan(b))
    wrong = np.flatnonzero(~same)
    if not len(wrong):
        with np.errstate(invalid="ignore"):
            apart = np.abs(a - b)[np.isfinite(a) & np.isfinite(b)]
        if len(apart) and apart.max() > 0 and len(known):
            found.digits = min(found.digits, digits(float(apart.max()), float(known.max())))
        return
    found.digits = 0.0
    for i in wrong[:MOST_ROWS]:
        found.differs("value", f"{name}, {row(int(rows[i]))}", float(a[i]), float(b[i]), float(np.nan_to_num(allowed[i])))
    first = wrong[0]
    found.sentences.append(
        f"{name}: {len(wrong)} of {_several(len(a), 'value')} differ, first in {row(int(rows[first]))}: "
        f"{shown(a[first])} by R's reading, {shown(b[first])} here"
    )


def compare_texts(name: str, theirs: list, ours: list, rows: np.ndarray, row: RowName, found: Found) -> None:
    """Two columns of text, None where missing."""
    wrong = [i for i, (a, b) in enumerate(zip(theirs, ours, strict=True)) if a != b]
    if not wrong:
        return
    found.digits = 0.0
    for i in wrong[:MOST_ROWS]:
        found.differs("text", f"{name}, {row(int(rows[i]))}", float("nan"), float("nan"))
    a, b = (f"`{v[:40]}`" if v is not None else "missing" for v in (theirs[wrong[0]], ours[wrong[0]]))
    found.sentences.append(
        f"{name}: {len(wrong)} of {_several(len(theirs), 'text')} differ, first in {row(int(rows[wrong[0]]))}: "
        f"{a} by R's reading, {b} here"
    )


def _partition(name: str, a: np.ndarray, b: np.ndarray, rows: np.ndarray, row: RowName, found: Found) -> None:
    """Whether two codings group the rows alike; else two rows that are together on one side only."""
    one, other = first_seen(a), first_seen(b)
    wrong = np.flatnonzero(one != other)
    if not len(wrong):
        return
    found.digits = 0.0
    i = int(wrong[0])
    j, together = (int(one[i]), "R's reading") if one[i] < i else (int(other[i]), "parity's sample")
    here, there, by_r = row(int(rows[j])), row(int(rows[i])), together.startswith("R")
    found.differs("group", f"{name}, {here} and {there}", float(by_r), float(not by_r))
    found.sentences.append(f"{name}: {here} and {there} are in one group by {together} alone")


def first_seen(codes: np.ndarray) -> np.ndarray:
    """(n,) place of the first row of each row's group: alike for codings that group the rows alike."""
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return first[inverse]


def _periods(
    a: np.ndarray | None,
    b: np.ndarray | None,
    left: np.ndarray,
    right: np.ndarray,
    rows: np.ndarray,
    row: RowName,
    found: Found,
) -> None:
    """Distances of periods; where the scale begins is nobody's matter."""
    if a is None and b is None:
        return
    found.checked += 1
    if a is None or b is None:
        _one_side(found, "periods", a is not None)
        return
    a, b = a[left], b[right]
    known = ~np.isnan(a) & (b >= 0) if len(a) else np.zeros(0, dtype=bool)
    if not known.any():
        return
    since = SampleColumn(np.where(known, a - a[known].min(), np.nan))
    compare_values("the period, from the first one", since, np.where(known, b - b[known].min(), np.nan), rows, row, found)


def _one_side(found: Found, name: str, theirs: bool) -> None:
    found.differs("column", name, 1.0 if theirs else None, None if theirs else 1.0)
    found.sentences.append(f"only {'R' if theirs else 'parity'}'s side has {name}")


def _several(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def shown(value: float) -> str:
    return "missing" if np.isnan(value) else f"{value:.15g}"
