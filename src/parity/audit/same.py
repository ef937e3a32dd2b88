"""Combinations that are one and the same specification, so that none is counted twice.

Two options of a choice may be one: the same set in another order, a column with the same values, a condition that keeps the
same rows. Two combinations may be one though their options differ: a firm left out that the sample hasn't got, a year left
out by two choices, a control that enters otherwise where it is out. Of such combinations the one with the fewest changes is
estimated, the first among equals.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from parity.base.errors import ColumnProblem
from parity.data.evaluate import Panel, codes, condition, item_columns
from parity.study.formula import Column, Effect, Expr, Item
from parity.study.spec import Vcov, Weights

if TYPE_CHECKING:
    import pandas as pd

    from parity.audit.outcomes import Outcomes

#: Options that a sentence names.
MOST_NAMED = 5
#: Of a specification whose rows are those of another one.
TWIN = "the same rows as another specification, which is counted"

Role = Literal[
    "outcome", "treatment", "column", "where", "weights", "absorb", "instruments", "control", "vcov", "convention"
]


@dataclass(frozen=True)
class Choice:
    """One choice. values: what each option stands for; of: the column that is exchanged, or controls that go together."""

    name: str
    role: Role
    options: tuple[str, ...]
    values: tuple[Any, ...]
    base: int = 0
    of: Any = None


def in_any_order(value: Any) -> Any:
    """What a set of effects, instruments or cluster variables is, however it is ordered."""
    if isinstance(value, Weights):
        return value.analytic, value.frequency
    if isinstance(value, Vcov):
        return value.kind, frozenset(value.cluster), value.lags
    return frozenset(map(str, value)) if isinstance(value, tuple) else value


# ---------------------------------------------------------------- options of one choice


def told_apart(choices: Sequence[Choice], rows: Rows) -> tuple[tuple[Choice, ...], tuple[str, ...]]:
    """The choices without options that are another of theirs on these data, and a sentence of each such option."""
    kept, said = [], []
    for choice in choices:
        seen: dict[Any, str] = {}
        first: list[int] = []
        again: dict[str, list[str]] = {}
        for i, (option, value) in enumerate(zip(choice.options, choice.values, strict=True)):
            key = rows.identity(choice, value)
            if key is not None and key in seen:
                again.setdefault(seen[key], []).append(option)
                continue
            seen[key] = option
            first.append(i)
        some = tuple(choice.options[i] for i in first), tuple(choice.values[i] for i in first)
        kept.append(replace(choice, options=some[0], values=some[1]))
        said += [_again(choice.name, option, others) for option, others in again.items()]
    return tuple(kept), tuple(said)


def _again(name: str, option: str, others: Sequence[str]) -> str:
    named = ", ".join(f"`{o}`" for o in others[:MOST_NAMED]) + (", ..." if len(others) > MOST_NAMED else "")
    if len(others) == 1:
        return f"`{name}`: {named} is the same as `{option}` on these data, and is not counted beside it."
    many = f"`{name}`: {len(others):,} options ({named})"
    return f"{many} are the same as `{option}` on these data, and aren't counted beside it."


# ---------------------------------------------------------------- rows


@dataclass(frozen=True)
class Rows:
    """Which rows of a frame conditions keep. always: the audited spec's own condition."""

    frame: pd.DataFrame
    panel: Panel
    always: Expr | None

    @cached_property
    def own(self) -> np.ndarray:
        """(n,) rows that the audited spec's condition keeps."""
        found = self._mask(self.always)
        return np.ones(len(self.frame), dtype=bool) if found is None else found

    def _mask(self, expr: Expr | None) -> np.ndarray | None:
        """None where the condition can't be evaluated: what is wrong with it is said of its specifications."""
        if expr is None:
            return np.ones(len(self.frame), dtype=bool)
        try:
            return condition(expr, self.frame, self.panel)
        except ColumnProblem:
            return None

    def identity(self, choice: Choice, value: Any) -> Any:
        """What tells a value of a choice apart from the others; None where it is like no other."""
        if choice.role == "where":
            mask = self._mask(value)
            return None if mask is None else digest(mask & self.own)
        if choice.role in ("column", "outcome", "treatment"):
            columns = self._columns(Column(value) if choice.role == "column" else value)
            return None if columns is None else tuple(map(digest, columns))
        return in_any_order(value) if choice.role != "control" else None

    def _columns(self, item: Item | Expr) -> list[np.ndarray] | None:
        try:
            return list(item_columns(item, self.frame, self.panel, self.own).values())
        except ColumnProblem:
            return None

    def complete(self, items: Sequence[Item | Expr], effects: Sequence[Effect], weights: Weights | None) -> np.ndarray:
        """(n,) rows of the audited spec's condition that miss none of these."""
        found = self.own.copy()
        for item in items:
            for column in self._columns(item) or ():
                found &= ~np.isnan(column)
        for effect in effects:
            found &= codes(self.frame, effect.columns) >= 0
        if weights is not None:
            for column in self._columns(Column(weights.column)) or ():
                found &= column > 0
        return found

    def repeated(self, wheres: Sequence[Choice], complete: np.ndarray) -> frozenset[tuple[int, ...]]:
        """Combinations of the options of `wheres` that keep the same rows as one with fewer changes, or one before it."""
        masks = [[_bits(self._mask(value)) for value in choice.values] for choice in wheres]
        kept = np.packbits(complete)
        best: dict[Any, tuple[int, tuple[int, ...]]] = {}
        every = []
        for at in itertools.product(*(range(len(c.values)) for c in wheres)):
            held = [of[i] for of, i in zip(masks, at, strict=True)]
            if any(mask is None for mask in held):
                continue
            key = _digest(np.bitwise_and.reduce([kept, *held]))
            mine = sum(i != c.base for c, i in zip(wheres, at, strict=True)), at
            best[key] = min(best.get(key, mine), mine)
            every.append((key, mine))
        return frozenset(mine[1] for key, mine in every if best[key] != mine)


def _bits(mask: np.ndarray | None) -> np.ndarray | None:
    return None if mask is None else np.packbits(mask)


def digest(values: np.ndarray) -> bytes:
    """Equal for arrays with the same values in the same rows, missing ones alike."""
    return _digest(np.packbits(values) if values.dtype == bool else np.where(np.isnan(values), np.nan, values) + 0.0)


def _digest(values: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(values), digest_size=16).digest()


# ---------------------------------------------------------------- controls that are out


def moot(
    changed: Sequence[str], always: frozenset[str], controls: Sequence[Sequence[str]]
) -> tuple[frozenset[int], ...] | None:
    """Controls of which one at least must be in for a column's change to be one: a set for each such column.

    changed: columns that are exchanged, none twice; always: columns that are read whichever controls are in; controls:
    columns that each control reads. None where a changed column is read by nothing.
    """
    found = []
    for column in changed:
        if column in always:
            continue
        some = frozenset(j for j, columns in enumerate(controls) if column in columns)
        if not some:
            return None
        found.append(some)
    return tuple(found)


def unions(needs: Sequence[frozenset[int]]) -> Iterator[tuple[int, frozenset[int]]]:
    """Sign and union of every subset of the needs: inclusion and exclusion."""
    for k in range(len(needs) + 1):
        for some in itertools.combinations(needs, k):
            yield (-1) ** k, frozenset().union(*some)


# ---------------------------------------------------------------- rows that no condition shows


def counted_once(outcomes: Outcomes, wheres: Sequence[int]) -> Outcomes:
    """Without the estimates of specifications that are another one but for the axes `wheres`, to the digits that rounding
    leaves: what a condition takes away was left out anyway, as a singleton or for a missing value of a control.

    Of such specifications that with the fewest changes keeps its estimate; the others have a note.
    """
    good = np.flatnonzero(outcomes.estimable)
    if not wheres or not len(good):
        return outcomes
    numbers = (outcomes.coef, outcomes.se, outcomes.p, outcomes.df, outcomes.nobs)
    rest = [j for j in range(outcomes.choices.shape[1]) if j not in wheres]

    def columns(which: np.ndarray) -> Iterator[np.ndarray]:
        """What makes specifications one, a column of integers at a time: together they would outweigh all numbers."""
        yield from (outcomes.choices[which, j].astype(np.uint64) for j in rest)
        yield from (_significant(values[which]).view(np.uint64) for values in numbers)

    of = np.zeros(len(good), dtype=np.uint64)
    for column in columns(good):
        of = _mixed(of, column)
    changes = (outcomes.choices[good] != outcomes.base_options).sum(axis=1)
    order = np.lexsort((good, changes, of))
    first = np.append(True, np.diff(of[order]) != 0)
    kept = good[order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]]
    twins, theirs = good[order[~first]], kept[~first]
    alike = np.ones(len(twins), dtype=bool)
    for mine, own in zip(columns(twins), columns(theirs), strict=True):  # two that differ may have one key
        alike &= mine == own
    twins = twins[alike]
    if not len(twins):
        return outcomes
    coef, se, p = (values.copy() for values in numbers[:3])
    coef[twins] = se[twins] = p[twins] = np.nan
    notes = {**outcomes.notes, **dict.fromkeys(twins.tolist(), TWIN)}
    return replace(outcomes, coef=coef, se=se, p=p, notes=notes)


def _mixed(key: np.ndarray, column: np.ndarray) -> np.ndarray:
    """(n,) keys of 64 bits that depend on all that went into them (Vigna's mixing of splitmix64)."""
    z = (key ^ column) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _significant(values: np.ndarray, digits: int = 10) -> np.ndarray:
    """Rounded to so many significant digits; infinite and zero as they are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.abs(values))))
        return np.where(np.isfinite(scale) & (scale > 0), np.round(values * scale) / scale, values) + 0.0
