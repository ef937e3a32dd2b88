"""Slips of digits found from two texts are those that trying every slip finds."""

from __future__ import annotations

import math
import random

import numpy as np

from parity.diagnose import TargetNumber
from parity.diagnose.catalogue.edits import SignFlipped
from parity.diagnose.catalogue.printing import slips
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import from_text
from parity.diagnose.slips import Slips, slips_between


def test_slips_are_found_as_by_trying_all():
    rng, found = random.Random(1), 0
    for _ in range(400):
        decimals = rng.choice([0, 1, 3, 6])
        value = rng.choice([-1, 1]) * 10.0 ** rng.uniform(-3, 4)
        all_slips = [s for kind in ("digit", "swap") for s in slips(kind, "coef", "x", decimals)]
        printed = float(f"{value:.{decimals}f}")
        for shown in (rng.choice(all_slips).slipped(value), printed, -printed, value * 1.3, 0.0):
            shown = float(f"{shown:.{decimals}f}") if shown == shown else printed
            trying = {
                (s.kind, s.position, s.digit) for s in all_slips if abs(s.slipped(value) - shown) < 0.6 * 10.0**-decimals
            }
            quick = slips_between(value, shown, decimals)
            assert trying == {w for w in quick if w[1] < decimals + 5}, (value, shown, decimals)
            found += len(trying)
    assert found > 200
    assert slips_between(float("nan"), 1.0, 2) == []


def test_slips_of_more_digits_than_arithmetic_gives_are_found_as_by_trying_all():
    rng, found, both = random.Random(2), 0, set()
    for _ in range(300):
        value = rng.choice([-1, 1]) * 10.0 ** rng.uniform(-3, 4)
        decimals = 13 - math.floor(math.log10(abs(value))) - rng.choice([0, 0, 1])
        all_slips = [s for kind in ("digit", "swap") for s in slips(kind, "coef", "x", decimals)]
        moved = 1 + rng.choice([0.0, 4e-10, -4e-10, 1e-8])  # as arithmetic does, or more
        slipped = rng.choice([s.slipped(value) for s in all_slips if not math.isnan(s.slipped(value))])
        shown = rng.choice([slipped * moved, slipped, value * moved, -value, value * 1.3])
        observed = from_text([TargetNumber("coef", "x", f"{shown:.{decimals}f}")])
        (target,) = observed.targets
        assert target.allowed > 0.75 * 10.0**-decimals
        numbers = Numbers(("x",), np.array([value]), np.eye(1), 10.0, 20.0)
        tried = np.array([abs(s.slipped(value) - target.value) <= target.allowed for s in all_slips])
        fits = Slips([*all_slips, SignFlipped("x")], observed).fit(numbers)
        assert (fits[:-1] == tried).all(), (value, target.text)
        assert fits[-1]  # of other edits it says nothing
        found, both = found + int(tried.sum()), both | {s.kind for s, t in zip(all_slips, tried, strict=True) if t}
    assert found > 100 and both == {"digit", "swap"}
