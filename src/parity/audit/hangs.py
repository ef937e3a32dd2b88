"""What a claim hangs on: the one thing to be named first.

First the choices that overturn it by themselves, all others left as audited: of these, the one under whose option it holds
in the smallest share of all specifications. Where none does, a group of rows whose removal from the audited specification
is enough. Where there is no such group either, whether the claim holds is a number of each specification, 1 or 0, and its
variance over all of them is shared among the choices as that of a coefficient is (`parity.audit.decomposition`). Where a
choice and a group both do, they are weighed by how far each, by itself, moves the evidence.

With few clusters t misleads: what overturns a claim by t's p alone, while a wild cluster bootstrap of the same specification
says that the claim holds, is not named first. A convention is judged by its own p, which is all that it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import special

from parity.audit.decomposition import decomposition
from parity.audit.outcomes import Outcomes
from parity.audit.overturned import distances
from parity.results.audit import Contradicted, Hangs, HoldsUnder
from parity.results.audit_sensitivity import FewestRemoved

#: Of the rows, what one group may have: more is no unit among many, and a claim may be lost for want of rows alone.
MOST_OF_ROWS = 0.1
#: Of the evidence, what may be left without a group that is named before a choice: near the line any group tips the claim.
MOST_LEFT = 0.5
#: Wild bootstraps that are made to find one that doesn't contradict t; what would be asked after them is not named.
MOST_ASKED = 100
Claim = Literal["star", "no star", "size"]


@dataclass(frozen=True)
class Wilds:
    """p by a wild cluster bootstrap of a specification by number, and of the audited one without a group; None: none."""

    of: Callable[[int], float | None] = lambda spec: None
    without: Callable[[FewestRemoved], float | None] = lambda removed: None


@dataclass(frozen=True)
class _Choice:
    axis: str
    option: str
    wild: float | None


def hangs(
    outcomes: Outcomes, level: float, removals: Sequence[FewestRemoved] = (), seed: int = 1, wilds: Wilds | None = None
) -> Hangs | None:
    """None where nothing could be estimated. removals: those of the audited specification."""
    good, wilds = outcomes.estimable, wilds or Wilds()
    if not good.any():
        return None
    base = outcomes.base
    claim, holds = _claim(outcomes, base, level)
    kept = int(np.count_nonzero(holds & good))
    varies = 0 < kept < int(good.sum())
    number = np.where(good, holds if varies else outcomes.coef, np.nan)
    moved = decomposition(replace(outcomes, coef=number), "coef", seed=seed)
    shares = {s.axis: s.shapley for s in moved.shares} if moved.variance else {}
    against: list[Contradicted] = []
    unasked: list[_Choice] = []
    single = None
    if base is not None and varies:
        single = _unless(_single(outcomes, base, holds, claim, level, wilds, unasked), against)
    alone = None
    if base is not None and claim != "size":
        alone = _unless(_alone(outcomes, base, claim, level, removals, wilds), against)
    first = single.axis if single else next(iter(shares), "")
    axis = next((j for j, a in enumerate(outcomes.axes) if a.name == first), None)
    same = alone is not None and f"leave_out.{alone[1].kind}" == first
    group = _group(alone) if alone is not None and not same else {}
    said = Hangs(claim=claim, kept=kept, contradicted=against[0] if against else None, unasked=len(unasked))
    if alone is not None and not same and (single is None or _further(outcomes, base, axis, alone)):
        return said.model_copy(update=group)
    if axis is None:
        return said
    options = tuple(_with_estimates(outcomes, axis, _options(outcomes, axis, holds, level)))
    others = [o for o in options if o.option != outcomes.axes[axis].options[outcomes.axes[axis].base]]
    worst = single.option if single else min(others or options, key=lambda o: o.kept / o.of).option
    update = {
        "axis": first,
        "share": shares.get(first, 0.0),
        "worst": worst,
        "options": options,
        "enough": single is not None,
    }
    return said.model_copy(update=group | update | {"wild": single.wild if single else None})


def _unless(candidates: Iterator, against: list[Contradicted]):
    """The first that the wild bootstrap doesn't contradict; those before it are added to the list."""
    for found, contradicted in candidates:
        if contradicted is None:
            return found
        against.append(contradicted)
    return None


def _group(alone: tuple[float, FewestRemoved, float | None]) -> dict:
    _, found, wild = alone
    assert found.after is not None
    return {
        "kind": found.kind, "group": found.removed[0], "groups": found.groups, "coef": found.after.coef, "p": found.after.p,
        "alone": found.alone, "wild": wild,
    }  # fmt: skip


def _further(outcomes: Outcomes, base: int, axis: int, alone: tuple[float, FewestRemoved, float | None]) -> bool:
    """Whether a group takes more of the evidence than the choice that overturns the claim, and most of it."""
    after = alone[1].after
    own, z = (float(_evidence(*pair)) for pair in ((outcomes.coef[base], outcomes.p[base]), (after.coef, after.p)))
    return alone[0] > _furthest(outcomes, base, axis) and z * own < MOST_LEFT * max(z * z, own * own)


def _holds_by(wild: float | None, claim: Claim, level: float) -> bool:
    """Whether a wild bootstrap says that the claim is as it was, the sign being the same."""
    return wild is not None and (wild < level if claim == "star" else wild >= level)


def _single(
    outcomes: Outcomes, base: int, holds: np.ndarray, claim: Claim, level: float, wilds: Wilds, unasked: list[_Choice]
) -> Iterator[tuple[_Choice, Contradicted | None]]:
    """Choices that overturn the claim by themselves, that under which it holds in the smallest share of all first. Those
    that would be asked after `MOST_ASKED` others are added to `unasked`, and passed over."""
    at = np.flatnonzero(outcomes.estimable & ~holds & (distances(outcomes) == 1))
    own = _evidence(outcomes.coef[base], outcomes.p[base])
    far = np.abs(_evidence(outcomes.coef[at], outcomes.p[at]) - own)
    shares: dict[int, dict[str, float]] = {}
    found = []
    for spec, moved in zip(at.tolist(), far.tolist(), strict=True):
        j = int(np.flatnonzero(outcomes.choices[spec] != outcomes.base_options)[0])
        if j not in shares:
            shares[j] = {o.option: o.kept / o.of for o in _options(outcomes, j, holds, level)}
        axis = outcomes.axes[j]
        option = axis.options[int(outcomes.choices[spec, j])]
        found.append((shares[j][option], -moved, axis.name, option, spec))
    asked = 0
    for *_, name, option, spec in sorted(found):
        p, same = float(outcomes.p[spec]), np.sign(outcomes.coef[spec]) == np.sign(outcomes.coef[base])
        wild = None
        if name != "convention" and (same or claim == "no star"):
            if asked == MOST_ASKED:
                unasked.append(_Choice(name, option, None))
                continue
            wild = wilds.of(spec)
            asked += wild is not None
        coef, against = float(outcomes.coef[spec]), None
        if _holds_by(wild, claim, level):
            against = Contradicted(axis=name, option=option, coef=coef, p=p, wild=wild)
        yield _Choice(name, option, wild), against


def _claim(outcomes: Outcomes, base: int | None, level: float) -> tuple[Claim, np.ndarray]:
    """The audited specification's, and (S,) where it holds."""
    if base is None or not outcomes.estimable[base] or outcomes.coef[base] == 0:
        return "size", np.ones(len(outcomes), dtype=bool)
    with np.errstate(invalid="ignore"):
        if outcomes.p[base] < level:
            return "star", (outcomes.p < level) & (np.sign(outcomes.coef) == np.sign(outcomes.coef[base]))
        return "no star", outcomes.p >= level


def _options(outcomes: Outcomes, axis: int, holds: np.ndarray, level: float) -> tuple[HoldsUnder, ...]:
    good, names = outcomes.estimable, outcomes.axes[axis].options
    taken, base = outcomes.choices[:, axis], outcomes.base
    of = np.bincount(taken[good], minlength=len(names))
    kept = np.bincount(taken[good & holds], minlength=len(names))
    turned = np.zeros_like(of)
    if base is not None and outcomes.estimable[base]:
        other = good & (outcomes.coef * np.sign(outcomes.coef[base]) < 0) & (outcomes.p < level)
        turned = np.bincount(taken[other], minlength=len(names))
    each = zip(names, kept.tolist(), of.tolist(), turned.tolist(), strict=True)
    return tuple(HoldsUnder(option=o, kept=k, of=n, reversed=r) for o, k, n, r in each if n)


def _with_estimates(outcomes: Outcomes, axis: int, options: Sequence[HoldsUnder]) -> Iterator[HoldsUnder]:
    """Each with the estimate that has all other choices as audited."""
    taken, base = outcomes.choices[:, axis], outcomes.axes[axis].base
    rest = np.flatnonzero(outcomes.estimable & (distances(outcomes) - (taken != base) == 0))
    at = {outcomes.axes[axis].options[int(taken[spec])]: spec for spec in rest}
    for one in options:
        spec = at.get(one.option)
        own = {} if spec is None else {"coef": float(outcomes.coef[spec]), "p": float(outcomes.p[spec])}
        yield one.model_copy(update=own)


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
    outcomes: Outcomes, base: int, claim: Claim, level: float, removals: Sequence[FewestRemoved], wilds: Wilds
) -> Iterator[tuple[tuple[float, FewestRemoved, float | None], Contradicted | None]]:
    """Groups and rows that by themselves overturn the claim, the one that moves the evidence furthest first."""
    own = float(_evidence(outcomes.coef[base], outcomes.p[base]))
    found = []
    for r in removals:
        if r.fewest != 1 or r.after is None or not np.isfinite(r.after.p) or r.rows > MOST_OF_ROWS * (r.rows + r.after.nobs):
            continue
        same = np.sign(r.after.coef) == np.sign(outcomes.coef[base])
        if (r.after.p >= level or not same) if claim == "star" else r.after.p < level:
            found.append((abs(float(_evidence(r.after.coef, r.after.p)) - own), same, r))
    for far, same, r in sorted(found, key=lambda one: -one[0]):
        wild = wilds.without(r) if same or claim == "no star" else None
        against = None
        if _holds_by(wild, claim, level):
            against = Contradicted(axis=r.kind, option=r.removed[0], coef=r.after.coef, p=r.after.p, wild=wild)
        yield (far, r, wild), against
