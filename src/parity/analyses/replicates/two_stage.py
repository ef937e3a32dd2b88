"""Two-stage least squares under many weights of the clusters at once, on cross-products."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parity.algebra.absorb import norms
from parity.algebra.collinear import independent
from parity.algebra.moments import Products, coordinates, orthonormal
from parity.analyses.replicates.eliminate import NULL, crossed, eliminate, nets
from parity.analyses.replicates.replicate import VANISHED, back_substituted


def replicate_two_stage(
    of: Products, weights: np.ndarray, outcome: str, exog: Sequence[str], endog: Sequence[str], z: Sequence[str],
    least: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """(B, s) coefficients of `exog` and `endog`, the latter instrumented by `z`, for each of weights (B, G).

    Exogenous columns and instruments are eliminated; what the instruments then say of endogenous columns and outcome is a
    small least-squares problem for each draw, which is solved by QR, so that a weak first stage is not squared.
    least: (B,) is filled with the smallest pivot, as in `parity.analyses.replicates.replicate.replicate`. An instrument that
    others determine in a draw takes no part there. NaN in a draw in which a coefficient is undetermined. Raises
    `Undetermined` where one is in the whole sample.
    """
    r, w, e = of.nuisance, len(exog), len(endog)
    terms = (*exog, *endog)
    free, size = coordinates(of, (*terms, *z, outcome))
    q, inverse = orthonormal(free[:, : w + e], free[:, : w + e], size[: w + e], terms)
    first = free[:, [*range(w), *range(w + e, free.shape[1] - 1)]]
    instruments = np.linalg.qr(first[:, independent(first, norms(first))])[0][:, w:]
    length = float(np.linalg.norm(free[:, -1])) or 1.0
    m = w + instruments.shape[1]
    way = np.zeros((r + len(free), r + m + e + 1))
    way[:r, :r] = np.eye(r)
    way[r:, r:] = np.column_stack([q[:, :w], instruments, q[:, w:], free[:, -1] / length])
    between = crossed(way.T @ of.gram @ way, r)
    out = np.empty((len(weights), w + e))
    for rows, net, largest in nets(between, weights):
        upper, pivots = eliminate(net, m + e + 1, m, largest)
        said = np.array([upper[i][-e - 1 :] for i in range(w, m)])  # (instruments, e + 1, b)
        said *= np.sqrt(np.where(pivots[w:] > NULL, pivots[w:], 0.0))[:, None]
        base, root = np.linalg.qr(said[:, :e].transpose(2, 0, 1))
        strength = np.abs(np.diagonal(root, axis1=1, axis2=2))  # (b, e)
        known = (pivots[:w] > NULL).all(axis=0) & (strength > NULL).all(axis=1)
        root = np.where(known[:, None, None], root, np.eye(e))
        slopes = np.linalg.solve(root, np.einsum("ble,lb->be", base, said[:, e])[..., None])[..., 0]
        both = np.empty((w + e, len(slopes)))
        if w:
            beta = back_substituted(upper, w)[:, -e - 1 :]
            both[:w] = beta[:, e] - np.einsum("web,be->wb", beta[:, :e], slopes)
        both[w:] = slopes.T
        out[rows] = np.where(known, inverse @ both * length, np.nan).T
        if least is not None:
            alive = np.where(pivots[w:] > VANISHED, pivots[w:], 1.0)
            least[rows] = np.concatenate([pivots[:w], alive, strength.T]).min(axis=0)
    return out
