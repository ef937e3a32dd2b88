"""A slice of the planted cases of docs/planted.md, with seeds that page doesn't use."""

from __future__ import annotations

import planted

FIRST = 7_000_000


def some(make: str, n: int) -> list[planted.Outcome]:
    found: list[planted.Outcome] = []
    seed = FIRST
    while len(found) < n:
        outcome = planted.judged(seed, make)
        found += [outcome] if outcome is not None else []
        seed += 1
    return found


def test_planted_causes_are_named():
    found = some("case", 12)
    missed = [str(o) for o in found if o.result not in planted.FOUND]
    assert len(missed) <= 1, missed
    assert not [m for m in missed if m.startswith("wrong")]


def test_noise_and_nonsense_are_not_named():
    assert [str(o) for o in some("noise", 4) if o.result != "not named"] == []
