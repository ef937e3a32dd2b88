"""Which specifications an audit estimates, and in what parts: all combinations of its choices, or `most` of them drawn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from parity.audit.same import Choice, unions
from parity.audit.space import Space
from parity.base.errors import InputError

#: Controls beyond which subsets are drawn and never listed.
MOST_LISTED = 22
#: Random sets tried for one that the limits on controls allow.
TRIES = 200
#: Specifications of a part, and of parts that are handed over together: some seconds of work, a few MB of numbers.
MOST_OF_PART = 16_384
#: Parts that are handed over together: each absorbs its effects once more.
MOST_PARTS = 32
#: Sets listed, or drawn, at once.
SLAB = 65_536
#: Sets of controls of each of which one at least must be in (`Space.needs`).
Needs = tuple[frozenset[int], ...]


@dataclass(frozen=True)
class Part:
    """Specifications of one block: outer options, and the sets and pairs that are wanted of it.

    packed    (c, .) the sets of controls, eight to a byte (`numpy.packbits`); controls: how many there are
    which     all pairs of every set if None, else (s, 2) a row a specification, the numbers of its set and its pair
    """

    outer: tuple[int, ...]
    packed: np.ndarray
    controls: int
    which: np.ndarray | None = None

    @property
    def sets(self) -> np.ndarray:
        """(c, q) booleans, the controls that are in."""
        return np.unpackbits(self.packed, axis=1, count=self.controls).astype(bool)

    def size(self, pairs: int) -> int:
        """How many specifications it has, of so many pairs."""
        return len(self.packed) * pairs if self.which is None else len(self.which)


@dataclass(frozen=True)
class Plan:
    """What is estimated: parts in C order, how many specifications, and of how many they are a draw (None: they are all).

    same: combinations beside these that are the same specification as one of them (see `parity.audit.same`).
    """

    parts: Sequence[Part]
    pairs: tuple[tuple[int, ...], ...]
    count: int
    drawn_of: int | None = None
    same: int = 0

    def bundles(self) -> list[tuple[Part, ...]]:
        """The parts in order, together as long as they are few and small: what is worth a task or a file of its own."""
        found: list[list[Part]] = []
        size = 0
        for part in self.parts:
            more = part.size(len(self.pairs))
            if not found or len(found[-1]) == MOST_PARTS or size + more > MOST_OF_PART:
                found.append([])
                size = 0
            found[-1].append(part)
            size += more
        return [tuple(parts) for parts in found]


def plan_of(space: Space) -> Plan:
    """Every specification, or `most` of them drawn. Raises `InputError` where the limits on controls leave none."""
    pairs = tuple(itertools.product(*(range(len(c.options)) for c in _inner(space))))
    outers, q = list(space.outers()), len(space.controls)
    listed = _sets(space) if q <= MOST_LISTED else None
    allowed = _allowed_count(space) if listed is None else len(listed)
    if not allowed:
        raise InputError.at(str(space.study.file), f"audit.{space.name}.controls", "the limits leave no set of controls")
    needs = [space.needs(outer) or () for outer in outers]
    counts = {some: _count(space, listed, some) for some in set(needs)}
    total = sum(counts[some] for some in needs) * len(pairs)
    same = math.prod(space.sizes[: space.outer]) * allowed * len(pairs) - total
    if total > space.settings.most or listed is None:
        return _drawn(space, outers, needs, listed, pairs, total, same)
    step = max(1, MOST_OF_PART // len(pairs))
    sets = {some: listed[_meet(listed, q, some)] for some in counts}
    parts = [
        Part(outer, sets[some][i : i + step], q)
        for outer, some in zip(outers, needs, strict=True)
        for i in range(0, len(sets[some]), step)
    ]
    return Plan(parts, pairs, total, same=same)


def _meet(packed: np.ndarray, controls: int, needs: Needs) -> np.ndarray:
    """(c,) which of the sets have one control at least of each need."""
    met = np.ones(len(packed), dtype=bool)
    if needs:
        sets = np.unpackbits(packed, axis=1, count=controls).astype(bool)
        for some in needs:
            met &= sets[:, sorted(some)].any(axis=1)
    return met


def _count(space: Space, listed: np.ndarray | None, needs: Needs) -> int:
    """How many sets meet the needs, by inclusion and exclusion where they are too many to list."""
    if listed is not None:
        return int(_meet(listed, len(space.controls), needs).sum())
    return sum(sign * _allowed_count(space, without) for sign, without in unions(needs))


def _inner(space: Space) -> tuple[Choice, ...]:
    return space.choices[space.outer + len(space.controls) :]


def _limits(space: Space) -> tuple[int, int]:
    wanted, every = space.settings.controls, int(_weights(space).sum())
    return (0, every) if wanted is None else (wanted.at_least, every if wanted.at_most is None else wanted.at_most)


def _weights(space: Space) -> np.ndarray:
    """(q,) how many controls each choice has in."""
    return np.array([len(space.choices[i].of) for i in space.controls], dtype=np.int64)


def _sets(space: Space) -> np.ndarray:
    """Every set that the limits allow, and the audited one, packed, in C order."""
    q, (least, most) = len(space.controls), _limits(space)
    found = []
    for start in range(0, 2**q, SLAB):
        numbers = np.arange(start, min(start + SLAB, 2**q))
        every = (numbers[:, None] >> np.arange(q - 1, -1, -1) & 1).astype(bool)
        count = every @ _weights(space)
        found.append(_packed(every[((count >= least) & (count <= most)) | (every == _own(space)).all(axis=1)]))
    return np.concatenate(found)


def _packed(sets: np.ndarray) -> np.ndarray:
    return np.packbits(sets, axis=1)


def _own(space: Space) -> np.ndarray:
    """(q,) the controls that are in the audited spec."""
    return np.array([space.choices[i].base for i in space.controls], dtype=bool)


def _allowed_count(space: Space, without: frozenset[int] = frozenset()) -> int:
    """How many sets the limits allow, and the audited one, counted and not listed; without some controls, that are out."""
    least, most = _limits(space)
    ways = [1]
    for j, weight in enumerate(_weights(space).tolist()):
        if j in without:
            continue
        longer = ways + [0] * weight
        for size, count in enumerate(ways):
            longer[size + weight] += count
        ways = longer
    own, there = int(_own(space) @ _weights(space)), not any(_own(space)[sorted(without)])
    return sum(count for size, count in enumerate(ways) if least <= size <= most) + (there and not least <= own <= most)


def _drawn(
    space: Space, outers: Sequence[tuple[int, ...]], needs: Sequence[Needs], listed: np.ndarray | None,
    pairs: Sequence[tuple[int, ...]], total: int, same: int,
) -> Plan:  # fmt: skip
    """`most` specifications without repetition, the audited one among them: drawn with repetition until there are enough
    different ones, of which chance leaves out what is too many."""
    random, most = np.random.default_rng(space.settings.seed), min(space.settings.most, total)
    base, q = space.base, len(space.controls)
    own = _rows(
        np.array([outers.index(base[: space.outer])]), _packed(_own(space)[None]),
        np.array([pairs.index(base[space.outer + q :])]),
    )  # fmt: skip
    found = own
    while len(found) < most:
        n = SLAB
        places, of_pair = random.integers(len(outers), size=n), random.integers(len(pairs), size=n)
        chosen = _packed(_random_sets(space, random, n)) if listed is None else listed[random.integers(len(listed), size=n)]
        rows = _rows(places, chosen, of_pair)
        for place in [i for i, some in enumerate(needs) if some]:
            mine = np.flatnonzero(places == place)
            rows[mine[~_meet(chosen[mine], q, needs[place])]] = own[0]
        found = np.unique(np.concatenate([found, rows]))
    others = np.flatnonzero(found != own[0])
    kept = np.append(random.permutation(others)[: most - 1], np.flatnonzero(found == own[0]))
    return Plan(list(_parts(found[np.sort(kept)], outers, q)), tuple(pairs), most, total, same)


def _rows(places: np.ndarray, packed: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """A specification as bytes whose order is C order: number of the outer options, set of controls, number of the pair."""
    ends = (np.ascontiguousarray(a, dtype=">u4").view(np.uint8).reshape(len(a), 4) for a in (places, pairs))
    first, last = ends
    rows = np.ascontiguousarray(np.hstack([first, packed, last]))
    return rows.view(f"V{rows.shape[1]}").ravel()


def _parts(rows: np.ndarray, outers: Sequence[tuple[int, ...]], q: int) -> Iterator[Part]:
    """Parts of specifications in order."""
    octets = rows.view(np.uint8).reshape(len(rows), -1)
    places, of_pair = (np.ascontiguousarray(part).view(">u4").ravel() for part in (octets[:, :4], octets[:, -4:]))
    starts = np.flatnonzero(np.diff(places, prepend=-1) if len(places) else places)
    for start, stop in itertools.pairwise([*starts.tolist(), len(rows)]):
        for i in range(start, stop, MOST_OF_PART):
            to = min(i + MOST_OF_PART, stop)
            packed = np.ascontiguousarray(octets[i:to, 4:-4])
            new = np.append(True, (packed[1:] != packed[:-1]).any(axis=1))
            which = np.column_stack([np.cumsum(new) - 1, of_pair[i:to].astype(np.int64)])
            yield Part(outers[int(places[i])], packed[new], q, which)


def _random_sets(space: Space, random: np.random.Generator, n: int) -> np.ndarray:
    """(n, q): uniform among the sets that the limits allow and the audited one, as `_allowed_count` counts them."""
    sets, own, (least, most) = _within_limits(space, random, n), _own(space), _limits(space)
    if not least <= own @ _weights(space) <= most:
        sets[random.random(n) * _allowed_count(space) < 1] = own
    return sets


def _within_limits(space: Space, random: np.random.Generator, n: int) -> np.ndarray:
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
