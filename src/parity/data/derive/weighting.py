"""Weights of indicators from a matrix of scaled values: one function per method. Columns without variation are not in it."""

from __future__ import annotations

import numpy as np

from parity.data.derive.problem import DeriveProblem


def entropies(z: np.ndarray, k: float, add_in_log: float, share_floor: float) -> np.ndarray:
    """e_j = -k sum_i p ln p with p = z / column sum and 0 ln 0 = 0 (Shannon 1948). z: (rows, columns), not negative.

    k: one over the log of a number of rows. share_floor: shares below it are raised to it. add_in_log: p ln(p + this).
    """
    p = np.maximum(z / z.sum(axis=0), share_floor)
    inside = p + add_in_log
    logs = np.log(inside, out=np.zeros_like(p), where=inside > 0)
    return -k * (p * logs).sum(axis=0)


def from_entropies(e: np.ndarray, least: float) -> np.ndarray:
    """w_j = (1 - e_j) / sum (1 - e). Raises `DeriveProblem` where dispersions cancel to less than `least`."""
    dispersion = 1 - e
    if abs(dispersion.sum()) < least:
        raise DeriveProblem("the dispersions 1 - e of the indicators sum to zero: the weights are not determined")
    return dispersion / dispersion.sum()


def variation(values: np.ndarray, ddof: int) -> np.ndarray:
    """w_j proportional to sd over mean. Raises `DeriveProblem` where a mean is not positive."""
    mean = values.mean(axis=0)
    if (mean <= 0).any():
        raise DeriveProblem("a coefficient of variation needs a positive mean")
    ratio = values.std(axis=0, ddof=ddof) / mean
    return ratio / ratio.sum()


def critic(z: np.ndarray, ddof: int, absolute: bool, least: float) -> np.ndarray:
    """w_j proportional to sd_j sum_k (1 - r_jk) (Diakoulaki, Mavrotas and Papayannakis 1995); or of 1 - |r|.

    One column alone has weight 1. Raises `DeriveProblem` where all columns are perfectly correlated.
    """
    if z.shape[1] == 1:
        return np.ones(1)
    centred = z - z.mean(axis=0)
    unit = centred / np.sqrt((centred**2).sum(axis=0))
    r = unit.T @ unit
    conflict = (1 - (np.abs(r) if absolute else r)).sum(axis=1)
    information = z.std(axis=0, ddof=ddof) * conflict
    if information.sum() < least * z.std(axis=0, ddof=ddof).sum():
        raise DeriveProblem("the indicators are perfectly correlated: CRITIC's conflicts are all zero")
    return information / information.sum()
