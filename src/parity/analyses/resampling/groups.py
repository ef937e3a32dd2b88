"""How far out the difference of two groups lies among those of random groups: Fisher's permutation test."""

from __future__ import annotations

import numpy as np

from parity.analyses.resampling.wild import TIE


def p_values(difference: float, replicates: np.ndarray) -> tuple[float, float]:
    """One-sided on the side of the difference, and two-sided; ties but for rounding count as at least as large."""
    known = replicates[~np.isnan(replicates)]
    slack = TIE * max(abs(difference), float(known.std()) if len(known) else 0.0)
    side = 1.0 if difference >= 0 else -1.0
    one = np.mean(side * known >= abs(difference) - slack)
    return float(one), float(np.mean(np.abs(known) >= abs(difference) - slack))
