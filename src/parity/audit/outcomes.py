"""The results of an audit as values: one entry a specification, and which option of each axis it takes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

#: Specifications that are written at once: some MB.
BATCH = 65_536
#: What is decomposed and summarised of each specification.
Number = Literal["coef", "se", "p"]


@dataclass(frozen=True)
class Axis:
    """One choice. options: its names, in order; base: the option of the specification that is audited.

    A control that may be left out is an axis of its own with the options "out" and "in".
    """

    name: str
    options: tuple[str, ...]
    base: int

    def __post_init__(self) -> None:
        if not 0 <= self.base < len(self.options):
            raise ValueError(f"axis {self.name}: base {self.base} is none of its {len(self.options)} options")


def option_type(sizes: Sequence[int]) -> np.dtype:
    """The smallest unsigned integers that hold the options of axes of these sizes."""
    return np.min_scalar_type(max(sizes, default=1) - 1)


@dataclass(frozen=True)
class Outcomes:
    """S specifications over d axes.

    choices               (S, d) small integers, the option of each axis: a whole product in C order (the last axis
                          fastest), or part of one in any order
    coef, se, p, df, nobs (S,), NaN where it can't be estimated; p two-sided; df infinite for the normal
    notes                 specification -> why it can't be estimated
    first_stage           (S,) F of the instruments' first stage, NaN where it has none; None where there are no instruments
    """

    axes: tuple[Axis, ...]
    choices: np.ndarray
    coef: np.ndarray
    se: np.ndarray
    p: np.ndarray
    df: np.ndarray
    nobs: np.ndarray
    notes: Mapping[int, str] = field(default_factory=dict)
    first_stage: np.ndarray | None = None

    def __post_init__(self) -> None:
        rows = len(self.coef)
        if self.choices.shape != (rows, len(self.axes)):
            raise ValueError(f"choices are {self.choices.shape}, not {rows} specifications x {len(self.axes)} axes")
        for name in ("se", "p", "df", "nobs"):
            if getattr(self, name).shape != (rows,):
                raise ValueError(f"{name} is {getattr(self, name).shape}, not ({rows},)")
        for j, axis in enumerate(self.axes):
            if rows and not 0 <= self.choices[:, j].min() <= self.choices[:, j].max() < len(axis.options):
                raise ValueError(f"axis {axis.name} has {len(axis.options)} options, and a choice that is none of them")

    def __len__(self) -> int:
        return len(self.coef)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Options of each axis."""
        return tuple(len(a.options) for a in self.axes)

    @property
    def base_options(self) -> np.ndarray:
        """(d,): the option of each axis that the audited specification takes."""
        return np.array([a.base for a in self.axes], dtype=np.intp)

    @cached_property
    def estimable(self) -> np.ndarray:
        """(S,) whether coefficient, standard error and p are all finite."""
        return np.isfinite(self.coef) & np.isfinite(self.se) & np.isfinite(self.p)

    @cached_property
    def base(self) -> int | None:
        """The audited specification's place; None where it isn't among them."""
        same = np.ones(len(self), dtype=bool)
        for j, option in enumerate(self.base_options):
            same &= self.choices[:, j] == option
        return int(np.argmax(same)) if same.any() else None

    @cached_property
    def whole(self) -> bool:
        """Whether these are all combinations of all options, in C order."""
        if len(self) != int(np.prod([float(n) for n in self.sizes])):
            return False
        fast = 1
        order = np.arange(len(self))
        for j in range(len(self.axes) - 1, -1, -1):
            if not np.array_equal(self.choices[:, j], (order // fast) % self.sizes[j]):
                return False
            fast *= self.sizes[j]
        return True

    def values(self, what: Number) -> np.ndarray:
        """(S,): the coefficients, standard errors or p-values."""
        return {"coef": self.coef, "se": self.se, "p": self.p}[what]

    def chosen(self, spec: int) -> dict[str, str]:
        """Axis -> option of one specification."""
        return {a.name: a.options[int(o)] for a, o in zip(self.axes, self.choices[spec], strict=True)}

    def batches(self, size: int = BATCH) -> Iterator[Outcomes]:
        """All of it in order, at most `size` specifications at a time."""
        names = ("choices", "coef", "se", "p", "df", "nobs")
        noted = sorted(self.notes)
        for first in range(0, len(self), size):
            end = min(first + size, len(self))
            at = noted[bisect_left(noted, first) : bisect_left(noted, end)]
            notes = {spec - first: self.notes[spec] for spec in at}
            strength = None if self.first_stage is None else self.first_stage[first:end]
            yield Outcomes(self.axes, *(getattr(self, name)[first:end] for name in names), notes, strength)


def joined(axes: tuple[Axis, ...], parts: Iterable[Any], count: int) -> Outcomes:
    """Parts in order as one value of `count` specifications; each has the arrays and notes of `Outcomes`.

    A part is let go when it has been copied, so that memory is that of the whole and one part. Raises `ValueError` where the
    parts have another count.
    """
    choices = np.empty((count, len(axes)), dtype=option_type([len(a.options) for a in axes]))
    numbers = {name: np.empty(count) for name in ("coef", "se", "p", "df", "nobs")}
    first, notes, strength = 0, {}, None
    for part in parts:
        there = slice(first, first + len(part))
        choices[there] = part.choices
        if part.first_stage is not None:
            strength = np.full(count, np.nan) if strength is None else strength
            strength[there] = part.first_stage
        for name, column in numbers.items():
            column[there] = getattr(part, name)
        notes |= {first + i: text for i, text in part.notes.items()}
        first += len(part)
    if first != count:
        raise ValueError(f"parts of {first} specifications, not {count}")
    return Outcomes(axes, choices, **numbers, notes=notes, first_stage=strength)
