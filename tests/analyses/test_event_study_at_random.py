"""Event studies on random panels: Python and R find the same, or both nothing, of every method and setting."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from parity.analyses.event_study.analysis import compare_effects
from parity.analyses.event_study.methods import METHODS
from parity.analyses.event_study.sample import Panel
from parity.base.errors import Unestimable
from parity.r.session import missing_r
from parity.study.analyses.event_study import OF_METHODS, EventStudySettings

pytestmark = pytest.mark.skipif(missing_r() is not None, reason="needs R")
PANELS = 25
AGGREGATIONS = {
    "twfe": ("dynamic", "simple"), "did2s": ("dynamic", "simple"), "local_projections": ("dynamic",), "bacon": ("simple",),
}  # fmt: skip


def settings(rng: np.random.Generator, method: str) -> EventStudySettings:
    """Every key that the method reads, drawn from its values."""
    drawn: dict[str, object] = {}
    for key, methods in OF_METHODS.items():
        values = [v for v in _values(key) if v is not None]
        if method in methods and values and rng.integers(2):
            drawn[key] = values[int(rng.integers(len(values)))]
    if drawn.get("cohort_weights") == "equal":
        drawn.pop("shares", None)
    if method in OF_METHODS["reference"] and rng.integers(3) == 0:
        drawn["reference"] = (-1, -2)
    if rng.integers(2) and method != "bacon":
        drawn["leads"], drawn["lags"] = int(rng.integers(1, 4)), int(rng.integers(0, 4))
    elif drawn.get("endpoints") not in (None, "own"):
        drawn["leads"] = 2
    kinds = AGGREGATIONS.get(method, ("dynamic", "group", "calendar", "simple"))
    return EventStudySettings(
        outcome="y", first_treated="g", method=method, aggregation=str(rng.choice(kinds)),
        anticipation=int(rng.choice([0, 0, 1])), **drawn,
    ).full()  # fmt: skip


def _values(key: str) -> tuple:
    """Those of a `Literal` key."""
    out: list = []
    for part in get_args(EventStudySettings.model_fields[key].annotation):
        out += [part] if isinstance(part, str) else [v for v in get_args(part) if isinstance(v, str)]
    return tuple(out)


def panel(rng: np.random.Generator, method: str) -> Panel:
    """Any scale; gaps in the rows, gaps in time, always and never treated units, weights, controls, clusters of units."""
    s = settings(rng, method)
    n, periods = int(rng.integers(8, 30)), np.sort(rng.permutation(14)[: int(rng.integers(4, 9))]) + 2000.0
    if rng.integers(2):
        periods = np.arange(len(periods)) + 2000.0
    start = rng.choice(np.append(periods, [np.inf, np.inf]), n)
    unit, time = np.repeat(np.arange(n), len(periods)), np.tile(periods, n)
    keep = np.ones(len(unit), dtype=bool)
    if method != "bacon" and rng.integers(3) == 0:
        keep = rng.uniform(size=len(unit)) < 0.9
    unit, time = np.unique(unit[keep], return_inverse=True)[1], time[keep]
    first = start[np.unique(np.repeat(np.arange(n), len(periods))[keep])][unit]
    units = int(unit.max()) + 1
    scale = 10.0 ** rng.integers(-3, 5)
    k = 0 if method == "bacon" else int(rng.integers(0, 3))
    x = rng.normal(size=(len(unit), k)) * 10.0 ** rng.integers(-2, 3)
    y = rng.normal(size=units)[unit] + 0.2 * (time - 2000) + (time >= first) * (1 + 0.3 * np.where(
        np.isfinite(first), time - first, 0.0)) + rng.normal(0, 0.5, len(unit))  # fmt: skip
    weights = np.ones(len(unit))
    if method != "bacon" and rng.integers(2):
        weights = rng.uniform(0.5, 3.0, units)[unit]
        if method != "callaway_santanna" and rng.integers(2):
            weights = rng.uniform(0.5, 3.0, len(unit))
    cluster = unit if rng.integers(2) else np.unique(unit // 2, return_inverse=True)[1]
    return Panel(s, y * scale, time, unit, cluster, first, x, weights, tuple(f"x{j}" for j in range(k)),
                 tuple(f"u{i}" for i in range(units)), True)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_random_panels(method):
    """Prints, with `-s`, how many there were and the fewest digits that two numbers share."""
    from parity.analyses.event_study.r import event_study_in_r

    rng, digits, tried = np.random.default_rng(sorted(METHODS).index(method)), [], 0
    while len(digits) < PANELS:
        tried += 1
        assert tried < 8 * PANELS
        try:
            part = panel(rng, method)
            found = METHODS[method](part)
        except Unestimable:
            continue
        result = compare_effects(event_study_in_r(part, found), found.shown())
        assert result.verdict == "agree", (tried, part.settings, [d.model_dump() for d in result.differences[:5]])
        digits.append(result.digits)
    print(f"{method}: {len(digits)} panels, {tried - len(digits)} without an answer, at least {min(digits):.1f} digits")
