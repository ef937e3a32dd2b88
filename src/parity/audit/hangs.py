"""What a claim hangs on: the one thing to be named first.

Whether the claim holds is a number of each specification, 1 or 0, and its variance over all of them is shared among the
choices as that of a coefficient is (`parity.audit.decomposition`): a choice that overturns the claim wherever it is made has
most of it, one that does so once has little. A group of rows whose removal from the audited specification is enough is
weighed against that choice by how far each, by itself, moves the evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from scipy import special

from parity.audit.decomposition import decomposition
from parity.audit.outcomes import Outcomes
from parity.audit.overturned import distances
from parity.results.audit import FewestRemoved, Hangs, HoldsUnder


def hangs(outcomes: Outcomes, level: float, removals: Sequence[FewestRemoved] = (), seed: int = 1) -> Hangs | None:
    """None where nothing could be estimated. removals: those of the audited specification."""
    good = outcomes.estimable
    if not good.any():
        return None
    base = outcomes.base
    claim, holds = _claim(outcomes, base, level)
    kept = int(np.count_nonzero(holds & good))
    varies = 0 < kept < int(good.sum())
    number = np.where(good, holds if varies else outcomes.coef, np.nan)
    moved = decomposition(replace(outcomes, coef=number), "coef", seed=seed)
    first = moved.shares[0] if moved.shares and moved.variance else None
    axis = next((j for j, a in enumerate(outcomes.axes) if first and a.name == first.axis), None)
    own = 0.0 if axis is None or base is None or not varies else _furthest(outcomes, base, axis)
    alone = _alone(outcomes, base, claim, removals)
    if alone is not None and alone[0] > own and (axis is None or f"leave_out.{alone[1].kind}" != outcomes.axes[axis].name):
        _, found = alone
        after = found.after
        return Hangs(
            claim=claim, kept=kept, kind=found.kind, group=found.removed[0], groups=found.groups,
            coef=after.coef if after else None, p=after.p if after else None,
        )  # fmt: skip
    if first is None or axis is None:
        return Hangs(claim=claim, kept=kept)
    options = _options(outcomes, axis, holds)
    others = [o for o in options if o.option != outcomes.axes[axis].options[outcomes.axes[axis].base]]
    worst = min(others or options, key=lambda o: o.kept / o.of)
    return Hangs(claim=claim, kept=kept, axis=first.axis, share=first.shapley, worst=worst.option, options=options)


def _claim(outcomes: Outcomes, base: int | None, level: float) -> tuple[Literal["star", "no star", "size"], np.ndarray]:
    """The audited specification's, and (S,) where it holds."""
    if base is None or not outcomes.estimable[base] or outcomes.coef[base] == 0:
        return "size", np.ones(len(outcomes), dtype=bool)
    with np.errstate(invalid="ignore"):
        if outcomes.p[base] < level:
            return "star", (outcomes.p < level) & (np.sign(outcomes.coef) == np.sign(outcomes.coef[base]))
        return "no star", outcomes.p >= level


def _options(outcomes: Outcomes, axis: int, holds: np.ndarray) -> tuple[HoldsUnder, ...]:
    good, names = outcomes.estimable, outcomes.axes[axis].options
    taken = outcomes.choices[:, axis]
    of = np.bincount(taken[good], minlength=len(names))
    kept = np.bincount(taken[good & holds], minlength=len(names))
    return tuple(HoldsUnder(option=o, kept=int(k), of=int(n)) for o, k, n in zip(names, kept, of, strict=True) if n)


def _evidence(coef: np.ndarray | float, p: np.ndarray | float) -> np.ndarray:
    """z with the sign of the coefficient and the two-sided p; p below 1e-300 counts as that."""
    return -np.sign(coef) * special.ndtri(np.maximum(p, 1e-300) / 2)


def _furthest(outcomes: Outcomes, base: int, axis: int) -> float:
    """How far this choice alone moves the evidence of the audited specification."""
    good = outcomes.estimable
    only = good & (distances(outcomes) == 1) & (outcomes.choices[:, axis] != outcomes.axes[axis].base)
    if not only.any():
        return 0.0
    z = _evidence(outcomes.coef[only], outcomes.p[only])
    return float(np.max(np.abs(z - _evidence(outcomes.coef[base], outcomes.p[base]))))


def _alone(
    outcomes: Outcomes, base: int | None, claim: str, removals: Sequence[FewestRemoved]
) -> tuple[float, FewestRemoved] | None:
    """The one group or row that by itself moves the evidence furthest, of those that overturn the claim."""
    if base is None or claim == "size":
        return None
    own = float(_evidence(outcomes.coef[base], outcomes.p[base]))
    single = [r for r in removals if r.fewest == 1 and r.after is not None and np.isfinite(r.after.p)]
    far = [(abs(float(_evidence(r.after.coef, r.after.p) - own)), r) for r in single if r.after]
    return max(far, key=lambda pair: pair[0], default=None)
