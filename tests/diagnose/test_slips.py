"""Slips of digits found from two texts are those that trying every slip finds."""

from __future__ import annotations

import random

from parity.diagnose.catalogue.printing import slips
from parity.diagnose.slips import slips_between


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
