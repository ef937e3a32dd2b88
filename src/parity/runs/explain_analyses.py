"""Why printed numbers of an analysis are not its own: each other convention that the analysis knows is computed in turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from parity.analyses.contract import Analysis
from parity.analyses.conventions import Convention, Shown
from parity.base.errors import Unestimable
from parity.base.tolerance import CROWDING, LIKELY_CHANCE, NO_DENSER
from parity.results.cause import Cause
from parity.results.record import Difference
from parity.study.study import Study

#: Numbers of the analysis -> what differs of all that is printed of it.
Differing = Callable[[Shown], Sequence[Difference]]
#: A factor of two up or down, on the logarithm's scale: see `parity.diagnose.chance`.
_RANGE = math.log(4.0)


def causes_of(study: Study, one: Analysis, name: str, numbers: Shown, differing: Differing) -> tuple[Cause, ...]:
    """Every convention under which nothing differs any more, as alternatives; none where chance does as much.

    numbers: under the settings of the study, with which something differs.
    """
    off = differing(numbers)
    if not off or any(d.reference is None or d.candidate is None for d in off):
        return ()
    found, tried = [], 0
    for convention in one.conventions(study, name):
        made = _made(study, one, name, numbers, convention)
        if made is None or any(made.get((d.quantity, d.term)) == d.candidate for d in off):
            continue  # what leaves a number as it is can't hit it by chance either
        tried += 1
        if not differing(made):
            found.append((convention, made))
    chance = tried * _of_one(off)
    if chance >= LIKELY_CHANCE:
        return ()
    return tuple(
        Cause(id=c.id, text=c.text, residual=max(abs((d.reference or 0.0) - made[d.quantity, d.term]) for d in off),
              formula=c.formula, source=c.source, alternative=i, chance=chance)
        for i, (c, made) in enumerate(found)
    )  # fmt: skip


def _made(study: Study, one: Analysis, name: str, numbers: Shown, convention: Convention) -> Shown | None:
    """The numbers under a convention; None where there are none."""
    if convention.edit is not None:
        return convention.edit(numbers)
    section, key = name.split(".", 1)
    settings: Mapping = {**getattr(study, section), key: convention.settings}
    try:
        made = one.found(study.model_copy(update={section: settings}), name)
        return {(q, t): float(v) for q, of in made for t, v in of.items() if v is not None and not math.isnan(v)}
    except (Unestimable, LookupError):
        return None


def _of_one(off: Sequence[Difference]) -> float:
    """Probability that one convention hits the most precise of the numbers that differ, if that were random.

    One scalar may move all of them, so the others count for nothing. Conventions crowd about the declared one: the nearer
    a number is to what is declared, the narrower the range from which it is drawn.
    """
    shares = []
    for d in off:
        if not d.reference or not d.candidate:
            shares.append(1.0)
            continue
        away = abs(math.log(abs(d.reference / d.candidate)))  # a sign that is turned leaves the number its digits
        wide = min(_RANGE, CROWDING * max(away, NO_DENSER))
        shares.append(min(1.0, 2.0 * d.allowed / abs(d.reference) / wide))
    return min(shares)
