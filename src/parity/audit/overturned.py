"""The fewest choices that overturn a claim: its sign, or its significance.

Distance of a specification from the audited one: how many of its choices differ. For each claim, all specifications at the
least distance at which it no longer holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from parity.audit.outcomes import Outcomes

#: sign: the coefficient has the other sign, or is zero; ends: p was below the level and no longer is; creates: the reverse.
Claim = Literal["sign", "ends", "creates"]
#: Sets of choices that are listed for each claim.
MOST_LISTED = 20


@dataclass(frozen=True)
class Change:
    """One choice that differs from the audited specification's."""

    axis: str
    before: str
    after: str


@dataclass(frozen=True)
class Overturning:
    """A specification at the least distance, with all in which it differs."""

    spec: int
    changes: tuple[Change, ...]
    coef: float
    se: float
    p: float


@dataclass(frozen=True)
class Distance:
    """Specifications that differ in so many choices, and how many of them overturn the claim."""

    changes: int
    specs: int
    overturned: int


@dataclass(frozen=True)
class Overturned:
    """One claim.

    level      of significance; None for the sign
    fewest     choices to change; None where no specification overturns it
    count      specifications that do so at that distance; sets: the first `MOST_LISTED` of them, the one furthest beyond
               the line first
    total      specifications that overturn it at any distance, of `of` that are estimable
    distances  by the number of choices changed
    """

    claim: Claim
    level: float | None
    fewest: int | None
    count: int
    sets: tuple[Overturning, ...]
    total: int
    of: int
    distances: tuple[Distance, ...]


def overturned(outcomes: Outcomes, levels: Sequence[float] = (0.05,), most: int = MOST_LISTED) -> tuple[Overturned, ...]:
    """The sign, and at each level that it ends or (where there is none) that it is created.

    Empty where the audited specification isn't among those estimated, or its coefficient is exactly zero.
    """
    base = outcomes.base
    if base is None or not outcomes.estimable[base] or outcomes.coef[base] == 0:
        return ()
    far = distances(outcomes)
    sign = np.sign(outcomes.coef[base])
    found = [_overturned(outcomes, far, "sign", None, outcomes.coef * sign <= 0, -outcomes.coef * sign, most)]
    for level in levels:
        if outcomes.p[base] < level:
            found.append(_overturned(outcomes, far, "ends", level, outcomes.p >= level, outcomes.p, most))
        else:
            found.append(_overturned(outcomes, far, "creates", level, outcomes.p < level, -outcomes.p, most))
    return tuple(found)


def distances(outcomes: Outcomes) -> np.ndarray:
    """(S,) how many choices differ from the audited specification's, axis by axis so that memory stays flat."""
    far = np.zeros(len(outcomes), dtype=np.int16)
    for j, option in enumerate(outcomes.base_options):
        far += outcomes.choices[:, j] != option
    return far


def changes(outcomes: Outcomes, spec: int) -> tuple[Change, ...]:
    """In what one specification differs from the audited one."""
    return tuple(
        Change(axis.name, axis.options[axis.base], axis.options[int(option)])
        for axis, option in zip(outcomes.axes, outcomes.choices[spec], strict=True)
        if option != axis.base
    )


def _overturned(
    outcomes: Outcomes, far: np.ndarray, claim: Claim, level: float | None, fails: np.ndarray, beyond: np.ndarray, most: int
) -> Overturned:
    """beyond: (S,) how far a specification lies on the other side of the line, to list the clearest first."""
    good = outcomes.estimable
    fails = fails & good
    length = len(outcomes.axes) + 1
    specs, failing = np.bincount(far[good], minlength=length), np.bincount(far[fails], minlength=length)
    counted = tuple(Distance(k, int(specs[k]), int(failing[k])) for k in range(length) if specs[k])
    if not fails.any():
        return Overturned(claim, level, None, 0, (), 0, int(good.sum()), counted)
    fewest = int(np.argmax(failing > 0))
    at = np.flatnonzero(fails & (far == fewest))
    listed = at[np.argsort(-beyond[at], kind="stable")[:most]]
    sets = tuple(
        Overturning(int(s), changes(outcomes, s), float(outcomes.coef[s]), float(outcomes.se[s]), float(outcomes.p[s]))
        for s in listed
    )
    return Overturned(claim, level, fewest, len(at), sets, int(fails.sum()), int(good.sum()), counted)
