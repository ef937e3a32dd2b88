"""What a claim hangs on: the one thing to be named first.

First the choices that overturn it by themselves, all others left as audited: of these, the one under whose option it holds
in the smallest share of all specifications. Where none does, whether the claim holds is a number of each specification, 1
or 0, and its variance over all of them is shared among the choices as that of a coefficient is
(`parity.audit.decomposition`). A group of rows whose removal from the audited specification is enough is weighed against
that choice by how far each, by itself, moves the evidence.
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

#: Of the rows, what one group may have: more is no unit among many, and a claim may be lost for want of rows alone.
MOST_OF_ROWS = 0.1
#: Of the evidence, what may be left without a group that carries the claim: near the line any group tips it.
MOST_LEFT = 0.5


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
    shares = {s.axis: s.shapley for s in moved.shares} if moved.variance else {}
    single = _single(outcomes, base, holds) if base is not None and varies else None
    first = single[0] if single else next(iter(shares), "")
    axis = next((j for j, a in enumerate(outcomes.axes) if a.name == first), None)
    own = _furthest(outcomes, base, axis) if single and base is not None and axis is not None else 0.0
    alone = _alone(outcomes, base, claim, removals)
    if alone is not None and alone[0] > own and f"leave_out.{alone[1].kind}" != first:
        found = alone[1]
        after = found.after
        return Hangs(
            claim=claim, kept=kept, kind=found.kind, group=found.removed[0], groups=found.groups,
            coef=after.coef if after else None, p=after.p if after else None,
        )  # fmt: skip
    if axis is None:
        return Hangs(claim=claim, kept=kept)
    options = _options(outcomes, axis, holds)
    others = [o for o in options if o.option != outcomes.axes[axis].options[outcomes.axes[axis].base]]
    worst = single[1] if single else min(others or options, key=lambda o: o.kept / o.of).option
    return Hangs(claim=claim, kept=kept, axis=first, share=shares.get(first, 0.0), worst=worst, options=options)


def _single(outcomes: Outcomes, base: int, holds: np.ndarray) -> tuple[str, str] | None:
    """Axis and option that overturn the claim by themselves, and under which it holds in the smallest share of all."""
    at = np.flatnonzero(outcomes.estimable & ~holds & (distances(outcomes) == 1))
    own = _evidence(outcomes.coef[base], outcomes.p[base])
    far = np.abs(_evidence(outcomes.coef[at], outcomes.p[at]) - own)
    shares: dict[int, dict[str, float]] = {}
    found = []
    for spec, moved in zip(at.tolist(), far.tolist(), strict=True):
        j = int(np.flatnonzero(outcomes.choices[spec] != outcomes.base_options)[0])
        if j not in shares:
            shares[j] = {o.option: o.kept / o.of for o in _options(outcomes, j, holds)}
        axis = outcomes.axes[j]
        option = axis.options[int(outcomes.choices[spec, j])]
        found.append((shares[j][option], -moved, axis.name, option))
    return min(found)[2:] if found else None


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
    single = [r for r in single if r.after and r.rows <= MOST_OF_ROWS * (r.rows + r.after.nobs)]
    after = [(float(_evidence(r.after.coef, r.after.p)), r) for r in single if r.after]
    far = [(abs(z - own), r) for z, r in after if z * own < MOST_LEFT * max(z * z, own * own)]
    return max(far, key=lambda pair: pair[0], default=None)
