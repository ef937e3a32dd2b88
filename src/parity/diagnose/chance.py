"""How likely is it that a random number fits some world of the catalogue? The guard against naming noise.

The numbers that are explained are thought to be drawn anew, log-uniformly within a factor of two of what they are.
A world hits one with the share of that range which its rounding interval covers; many worlds have many chances.
"""

from __future__ import annotations

import math

import numpy as np

from parity.diagnose.observed import Observed
from parity.tolerance import EXACT

#: Families with free parameters, and combinations, are offered only below this expected number of chance hits.
LIMIT = 0.01
_RANGE = math.log(4.0)


def of_one_world(observed: Observed, failing: np.ndarray) -> float:
    """Probability that one world hits all numbers that the declared world misses, if these were random.

    Numbers that follow from others are counted once: of a column of standard errors only the most precise one, because
    one wrong scalar moves them all together; t, p and intervals only where no standard error is given.
    """
    chosen = [t for t, bad in zip(observed.targets, failing, strict=True) if bad]
    log = 0.0
    for t in chosen:
        if t.quantity == "coef":
            log += _log_share(t.allowed / t.scale)
    for quantities in (("se", "vcov"), ("t",), ("p", "ci_low", "ci_high"), ("stars",)):
        widths = [t.allowed / t.scale for t in chosen if t.quantity in quantities]
        if widths:
            log += _log_share(min(widths))
            break
    log += sum(math.log(0.1) for t in chosen if t.quantity in ("nobs", "df_t"))
    return math.exp(log)


def _log_share(relative: float) -> float:
    return math.log(min(1.0, 2 * max(relative, EXACT / 10) / _RANGE))
