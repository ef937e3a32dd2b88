"""A made panel of 31 regions and 9 years with a treatment, two mediators, controls, and an outcome."""

from __future__ import annotations

import numpy as np

from parity.analyses.mediation.effects import Model

MODEL = Model("y", "x", ("m1",), ("c1", "c2", "c3", "c4", "c5", "c6"))
BOTH = Model("y", "x", ("m1", "m2"), ("c1", "c2"))


def panel(units: int = 31, periods: int = 9, seed: int = 1, missing: float = 0.0):
    """Columns and codes of a panel; `missing` is the share of rows left out at random."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    n = len(unit)
    level, trend = rng.normal(size=units)[unit], 0.2 * time
    x = rng.normal(size=n) + level + trend
    m1 = 0.6 * x + rng.normal(size=n) + level
    m2 = -0.3 * x + rng.normal(size=n) * 0.5 + trend
    controls = rng.normal(size=(n, 6)) + level[:, None]
    y = 0.5 * x + 0.4 * m1 + 0.7 * m2 + controls @ np.full(6, 0.1) + rng.normal(size=n) + 2 * level + trend
    keep = rng.random(n) >= missing
    columns = {"y": y, "x": x, "m1": m1, "m2": m2} | {f"c{i + 1}": c for i, c in enumerate(controls.T)}
    codes = {name: np.unique(code[keep], return_inverse=True)[1] for name, code in (("unit", unit), ("time", time))}
    return {name: column[keep] for name, column in columns.items()}, codes
