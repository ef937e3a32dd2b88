"""Whether a planted case can be told from the numbers it shows, by a count that asks no search.

The digits by which the shown numbers differ from those of the declared spec are all that a diagnosis has. As many causes of
the catalogue as apply to the spec, or pairs of them, are rivals: where so many random numbers would be expected to hit
these digits `DOUBT` times, no honest answer is certain of one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from parity.diagnose.catalogue import BY_ID, CAUSES
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import Observed

if TYPE_CHECKING:
    from planted import Case

#: Expected number of rivals that hit by chance: from here on a case is one that these numbers don't decide.
DOUBT = 0.01


def decidable(case: Case, fitter: Fitter) -> bool:
    """Whether rivals of as many causes as were planted are too few to hit by chance; slips count where one was planted."""
    slips = any(BY_ID[c].one_number for c in case.planted)
    applying = (c for c in CAUSES if slips or not c.one_number)
    rivals = sum(1 for cause in applying for _ in cause.steps(case.base, fitter))
    if len(case.planted) > 1:
        rivals = rivals**2 / 2
    declared = fitter.numbers(case.base)
    return rivals / 10 ** changed_digits(case.observed, declared) < DOUBT


def changed_digits(observed: Observed, declared: Numbers) -> float:
    """Digits of the shown numbers that are not the declared ones. Standard errors that one factor moves are one number."""
    gaps = np.abs(observed.predicted(declared) - observed.values)
    failing, out, ses = observed.failing(declared), 0.0, []
    for target, gap, bad in zip(observed.targets, gaps, failing, strict=True):
        unit = 2 * target.allowed or 1.0  # of a count, which is right or wrong
        digits = math.log10(max(1.0, min(gap, abs(target.value)) / unit)) if bad and math.isfinite(gap) else 0.0
        if bad and target.quantity == "se" and target.value > 0:
            i = declared.terms.index(target.term) if target.term in declared.terms else -1
            at = math.log(target.value / declared.se[i]) if i >= 0 else 0.0
            ses.append((at, target.allowed / target.scale, digits))
        elif target.quantity in ("coef", "nobs", "stars"):
            out += max(digits, math.log10(4) if bad and target.quantity == "stars" else 0.0)
    if ses:
        one_factor = max(a - w for a, w, _ in ses) <= min(a + w for a, w, _ in ses)
        of_ses = [d for _, _, d in ses]
        out += max(of_ses) if one_factor else sum(of_ses)
    return out
