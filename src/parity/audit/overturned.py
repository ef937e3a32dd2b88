"""The fewest choices that overturn a claim: its sign, or its significance.

Distance of a specification from the audited one: how many of its choices differ. For each claim, all specifications at the
least distance at which it no longer holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from parity.audit.outcomes import Outcomes
from parity.results.audit import AtDistance, AuditChange, ChangedSet, Overturn

#: sign: the coefficient has the other sign, or is zero; ends: p was below the level and no longer is; creates: the reverse.
Claim = Literal["sign", "ends", "creates"]
#: Sets of choices that are listed for each claim.
MOST_LISTED = 20


def overturned(outcomes: Outcomes, levels: Sequence[float] = (0.05,), most: int = MOST_LISTED) -> tuple[Overturn, ...]:
    """The sign, and at each level that it ends or (where there is none) that it is created.

    Empty where the audited specification isn't among those estimated, or its coefficient is exactly zero.
    """
    base = outcomes.base
    if base is None or not outcomes.estimable[base] or outcomes.coef[base] == 0:
        return ()
    far = distances(outcomes)
    sign = np.sign(outcomes.coef[base])
    found = [_overturned(outcomes, far, "sign", None, outcomes.coef * sign <= 0, -outcomes.coef * sign, most)]
    for level in levels:
        if outcomes.p[base] < level:
            found.append(_overturned(outcomes, far, "ends", level, outcomes.p >= level, outcomes.p, most))
        else:
            found.append(_overturned(outcomes, far, "creates", level, outcomes.p < level, -outcomes.p, most))
    return tuple(found)


def distances(outcomes: Outcomes) -> np.ndarray:
    """(S,) how many choices differ from the audited specification's, axis by axis so that memory stays flat."""
    far = np.zeros(len(outcomes), dtype=np.int16)
    for j, option in enumerate(outcomes.base_options):
        far += outcomes.choices[:, j] != option
    return far


def changes(outcomes: Outcomes, spec: int) -> tuple[AuditChange, ...]:
    """In what one specification differs from the audited one."""
    return tuple(
        AuditChange(axis=axis.name, before=axis.options[axis.base], after=axis.options[int(option)])
        for axis, option in zip(outcomes.axes, outcomes.choices[spec], strict=True)
        if option != axis.base
    )


def _overturned(
    outcomes: Outcomes, far: np.ndarray, claim: Claim, level: float | None, fails: np.ndarray, beyond: np.ndarray, most: int
) -> Overturn:
    """beyond: (S,) how far a specification lies on the other side of the line, to list the clearest first.

    count   specifications that overturn it at the least distance, `fewest`; sets: the first of them, with their changes
    total   those that do so at any distance, of `of` that are estimable
    """
    good = outcomes.estimable
    fails = fails & good
    length = len(outcomes.axes) + 1
    specs, failing = np.bincount(far[good], minlength=length), np.bincount(far[fails], minlength=length)
    counted = tuple(
        AtDistance(changes=k, specs=int(specs[k]), overturned=int(failing[k])) for k in range(length) if specs[k]
    )
    if not fails.any():
        return Overturn(claim=claim, level=level, of=int(good.sum()), distances=counted)
    fewest = int(np.argmax(failing > 0))
    at = np.flatnonzero(fails & (far == fewest))
    listed = at[np.argsort(-beyond[at], kind="stable")[:most]]
    sets = tuple(
        ChangedSet(spec=int(s), changes=changes(outcomes, s), coef=float(outcomes.coef[s]), se=float(outcomes.se[s]),
                   p=float(outcomes.p[s]), first_stage=_first_stage(outcomes, s))
        for s in listed
    )  # fmt: skip
    return Overturn(
        claim=claim, level=level, fewest=fewest, count=len(at), sets=sets, total=int(fails.sum()), of=int(good.sum()),
        distances=counted,
    )  # fmt: skip


def _first_stage(outcomes: Outcomes, spec: int) -> float | None:
    first = outcomes.first_stage
    return None if first is None or not np.isfinite(first[spec]) else float(first[spec])
