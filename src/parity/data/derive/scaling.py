"""Indicators brought to one scale, more being better."""

from __future__ import annotations

import numpy as np

from parity.data.derive.problem import DeriveProblem


def scaled(x: np.ndarray, down: bool, base: np.ndarray, rule: str, ends: tuple[float, float], ddof: int) -> np.ndarray:
    """One indicator on one scale. x: the rows to scale (n,); base: the rows that fix the scale.

    down: less is better. Min-max: low + (high - low) u with u = (x - min)/(max - min), or (max - x)/(max - min).
    ratio: x/max, or min/x. vector: x over the root of the sum of squares. zscore: (x - mean)/sd. For vector and none a
    column that is better when small enters as max - x. Raises `DeriveProblem` where ratios need positive numbers.
    """
    least, most = base.min(), base.max()
    if rule == "minmax":
        share = (most - x if down else x - least) / (most - least)
        return ends[0] + (ends[1] - ends[0]) * share
    if rule == "ratio":
        if (base.min() <= 0 if down else base.min() < 0) or (down and x.min() <= 0):
            raise DeriveProblem('scaling = "ratio" needs positive numbers; take scaling = "minmax"')
        return least / x if down else x / most
    if rule == "zscore":
        z = (x - base.mean()) / base.std(ddof=ddof)
        return -z if down else z
    turned, of = (most - x, most - base) if down else (x, base)
    return turned / np.sqrt((of**2).sum()) if rule == "vector" else turned
