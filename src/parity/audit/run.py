"""An audit from its settings to the numbers of every specification, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.audit.block import Numbers, block
from parity.audit.outcomes import Axis, Outcomes, joined, option_type
from parity.audit.plan import Part, Plan
from parity.audit.space import Space

#: Kept of the columns that blocks evaluate: those that don't hang on the rows chosen.
LASTING = ("codes", "numeric", "time")

Reported = Callable[[int, int], None]


@dataclass(frozen=True)
class Audited:
    """A block's specifications in the order of its plan: choices (s, d), and the numbers (s,) of each. first_stage: F of the
    instruments, None where the audit has none."""

    choices: np.ndarray
    coef: np.ndarray
    se: np.ndarray
    p: np.ndarray
    df: np.ndarray
    nobs: np.ndarray
    notes: dict[int, str]
    alone: int
    first_stage: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.coef)


def run_part(space: Space, plan: Plan, part: Part, memo: dict[tuple, Any]) -> Audited:
    """The numbers of one part. memo: columns of the space's frame, kept from part to part."""
    used = range(len(plan.pairs)) if part.which is None else np.unique(part.which[:, 1]).tolist()
    sets = part.sets
    numbers = block(space, part.outer, sets, [plan.pairs[i] for i in used], memo)
    for key in [key for key in memo if key[0] not in LASTING]:
        del memo[key]
    return _audited(space, plan, part, sets, numbers, used)


def _audited(space: Space, plan: Plan, part: Part, sets: np.ndarray, numbers: Numbers, used: Sequence[int]) -> Audited:
    kind = option_type(space.sizes)
    pairs = np.array([plan.pairs[i] for i in used], dtype=kind).reshape(len(used), -1)
    if part.which is None:
        of_set, of_pair = (a.ravel() for a in np.indices(numbers.coef.shape))
    else:
        of_set, of_pair = part.which[:, 0], np.searchsorted(used, part.which[:, 1])
    outer = np.broadcast_to(np.array(part.outer, dtype=kind), (len(of_set), len(part.outer)))
    choices = np.hstack([outer, sets[of_set].astype(kind), pairs[of_pair]])
    notes: dict[int, str] = {}
    if numbers.notes:
        notes = {
            i: numbers.notes[place]
            for i, place in enumerate(zip(of_set.tolist(), of_pair.tolist(), strict=True))
            if place in numbers.notes
        }
    taken = (a[of_set, of_pair] for a in (numbers.coef, numbers.se, numbers.p, numbers.df, numbers.nobs))
    first = numbers.first_stage[of_set, of_pair] if space.spec.iv else None
    return Audited(choices, *taken, notes, numbers.alone, first)


def run_parts(space: Space, plan: Plan, told: Reported | None = None) -> Iterator[Audited]:
    """Part by part, in order. told: called with how many specifications are done, and of how many."""
    memo: dict[tuple, Any] = {}
    done = 0
    for part in plan.parts:
        found = run_part(space, plan, part, memo)
        done += len(found)
        yield found
        if told is not None:
            told(done, plan.count)


def outcomes(space: Space, plan: Plan, told: Reported | None = None) -> Outcomes:
    """Every specification of the plan, in this process. told: see `run_parts`."""
    return joined(axes(space), run_parts(space, plan, told), plan.count)


def axes(space: Space) -> tuple[Axis, ...]:
    return tuple(Axis(c.name, c.options, c.base) for c in space.choices)
