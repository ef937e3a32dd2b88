"""An audit from its settings to the numbers of every specification, block by block."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.audit.block import Numbers, block
from parity.audit.outcomes import Axis, Outcomes
from parity.audit.space import Choice, Space
from parity.base.errors import InputError

#: Controls beyond which subsets are drawn and never listed.
MOST_LISTED = 22
#: Random sets tried for one that the limits on controls allow.
TRIES = 200
#: Kept of the columns that blocks evaluate: those that don't hang on the rows chosen.
LASTING = ("codes", "numeric", "time")

Reported = Callable[[int, int], None]


@dataclass(frozen=True)
class Part:
    """Specifications of one block: outer options, and the sets and pairs that are wanted of it; all of them if `which` is
    None, else (s, 2) a row a specification, the numbers of its set and its pair."""

    outer: tuple[int, ...]
    sets: np.ndarray
    which: np.ndarray | None = None


@dataclass(frozen=True)
class Plan:
    """What is estimated: parts in C order, how many specifications, and of how many they are a draw (None: they are all)."""

    parts: Sequence[Part]
    pairs: tuple[tuple[int, ...], ...]
    count: int
    drawn_of: int | None = None


def plan_of(space: Space) -> Plan:
    """Every specification, or `most` of them drawn. Raises `InputError` where the limits on controls leave none."""
    pairs = tuple(itertools.product(*(range(len(c.options)) for c in _inner(space))))
    outers, q = list(space.outers()), len(space.controls)
    listed = _sets(space) if q <= MOST_LISTED else None
    allowed = _allowed_count(space) if listed is None else len(listed)
    if not allowed:
        raise InputError.at(str(space.study.file), f"audit.{space.name}.controls", "the limits leave no set of controls")
    total = len(outers) * allowed * len(pairs)
    if total <= space.settings.most and listed is not None:
        return Plan([Part(outer, listed) for outer in outers], pairs, total)
    return _drawn(space, outers, listed, pairs, total)


def _inner(space: Space) -> tuple[Choice, ...]:
    return space.choices[space.outer + len(space.controls) :]


def _limits(space: Space) -> tuple[int, int]:
    wanted = space.settings.controls
    q = len(space.controls)
    return (0, q) if wanted is None else (wanted.at_least, q if wanted.at_most is None else wanted.at_most)


def _weights(space: Space) -> np.ndarray:
    """(q,) how many controls each choice has in."""
    return np.array([len(space.choices[i].of) for i in space.controls], dtype=np.int64)


def _sets(space: Space) -> np.ndarray:
    """(c, q) booleans: every set that the limits allow, and the audited one, in C order."""
    q, (least, most) = len(space.controls), _limits(space)
    every = (np.arange(2**q)[:, None] >> np.arange(q - 1, -1, -1) & 1).astype(bool)
    count = every @ _weights(space)
    return every[((count >= least) & (count <= most)) | (every == _own(space)).all(axis=1)]


def _own(space: Space) -> np.ndarray:
    """(q,) the controls that are in the audited spec."""
    return np.array([space.choices[i].base for i in space.controls], dtype=bool)


def _allowed_count(space: Space) -> int:
    """How many sets the limits allow, and the audited one, counted and not listed."""
    least, most = _limits(space)
    ways = [1]
    for weight in _weights(space).tolist():
        longer = ways + [0] * weight
        for size, count in enumerate(ways):
            longer[size + weight] += count
        ways = longer
    own = int(_own(space) @ _weights(space))
    return sum(count for size, count in enumerate(ways) if least <= size <= most) + (not least <= own <= most)


def _drawn(
    space: Space, outers: Sequence[tuple[int, ...]], listed: np.ndarray | None, pairs: Sequence[tuple[int, ...]], total: int
) -> Plan:
    """`most` specifications without repetition, the audited one among them."""
    random, most = np.random.default_rng(space.settings.seed), min(space.settings.most, total)
    found: dict[tuple[int, ...], dict[tuple[bytes, int], None]] = {}
    base, q = space.base, len(space.controls)
    count = 0

    def add(outer: tuple[int, ...], chosen: np.ndarray, pair: int) -> int:
        of = found.setdefault(outer, {})
        before = len(of)
        of[chosen.tobytes(), pair] = None
        return len(of) - before

    count += add(base[: space.outer], _own(space), pairs.index(base[space.outer + q :]))
    while count < most:
        n = min(most - count, 65_536)
        places, of_pair = random.integers(len(outers), size=n), random.integers(len(pairs), size=n)
        chosen = listed[random.integers(len(listed), size=n)] if listed is not None else _random_sets(space, random, n)
        for at, one, pair in zip(places.tolist(), chosen, of_pair.tolist(), strict=True):
            count += add(outers[at], one, pair)
    parts = []
    for outer in sorted(found):
        sets = np.array([np.frombuffer(b, dtype=bool) for b, _ in found[outer]]).reshape(-1, q)
        unique, of_set = np.unique(sets, axis=0, return_inverse=True)
        which = np.column_stack([of_set.ravel(), [pair for _, pair in found[outer]]])
        parts.append(Part(outer, unique, which[np.lexsort((which[:, 1], which[:, 0]))]))
    return Plan(parts, tuple(pairs), count, total)


def _random_sets(space: Space, random: np.random.Generator, n: int) -> np.ndarray:
    """(n, q): uniform among the sets that the limits allow, each weight drawn by how many sets have it."""
    least, most = _limits(space)
    weights = _weights(space)
    found = np.empty((0, len(weights)), dtype=bool)
    for _ in range(TRIES):
        if (weights == 1).all():
            sizes = np.arange(least, min(most, len(weights)) + 1)
            logs = np.array([math.log(math.comb(len(weights), int(k))) for k in sizes])
            chance = np.exp(logs - logs.max())
            size = random.choice(sizes, size=n, p=chance / chance.sum())
            return np.argsort(np.argsort(random.random((n, len(weights))), axis=1), axis=1) < size[:, None]
        tried = random.random((n, len(weights))) < 0.5
        count = tried @ weights
        found = np.vstack([found, tried[(count >= least) & (count <= most)]])
        if len(found) >= n:
            return found[:n]
    raise InputError.at(
        str(space.study.file), f"audit.{space.name}.controls", "the limits leave too few of so many sets to draw from"
    )


@dataclass(frozen=True)
class Audited:
    """A block's specifications in the order of its plan: choices (s, d), and the numbers (s,) of each."""

    choices: np.ndarray
    coef: np.ndarray
    se: np.ndarray
    p: np.ndarray
    df: np.ndarray
    nobs: np.ndarray
    notes: dict[int, str]
    alone: int

    def __len__(self) -> int:
        return len(self.coef)


def run_part(space: Space, plan: Plan, part: Part, memo: dict[tuple, Any]) -> Audited:
    """The numbers of one part. memo: columns of the space's frame, kept from part to part."""
    used = range(len(plan.pairs)) if part.which is None else np.unique(part.which[:, 1]).tolist()
    numbers = block(space, part.outer, part.sets, [plan.pairs[i] for i in used], memo)
    for key in [key for key in memo if key[0] not in LASTING]:
        del memo[key]
    return _audited(space, plan, part, numbers, used)


def _audited(space: Space, plan: Plan, part: Part, numbers: Numbers, used: Sequence[int]) -> Audited:
    pairs = np.array([plan.pairs[i] for i in used], dtype=np.int32).reshape(len(used), -1)
    if part.which is None:
        of_set, of_pair = (a.ravel() for a in np.indices(numbers.coef.shape))
    else:
        of_set, of_pair = part.which[:, 0], np.searchsorted(used, part.which[:, 1])
    outer = np.broadcast_to(np.array(part.outer, dtype=np.int32), (len(of_set), len(part.outer)))
    choices = np.hstack([outer, part.sets[of_set].astype(np.int32), pairs[of_pair]])
    notes: dict[int, str] = {}
    if numbers.notes:
        notes = {
            i: numbers.notes[place]
            for i, place in enumerate(zip(of_set.tolist(), of_pair.tolist(), strict=True))
            if place in numbers.notes
        }
    taken = (a[of_set, of_pair] for a in (numbers.coef, numbers.se, numbers.p, numbers.df, numbers.nobs))
    return Audited(choices, *taken, notes, numbers.alone)


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


def outcomes(space: Space, parts: Iterable[Audited]) -> Outcomes:
    """All parts as one value."""
    every, first, notes = list(parts), 0, {}
    for part in every:
        notes |= {first + i: text for i, text in part.notes.items()}
        first += len(part)
    names = ("choices", "coef", "se", "p", "df", "nobs")
    arrays = [np.concatenate([getattr(part, name) for part in every]) for name in names]
    return Outcomes(axes(space), *arrays, notes)


def axes(space: Space) -> tuple[Axis, ...]:
    return tuple(Axis(c.name, c.options, c.base) for c in space.choices)
