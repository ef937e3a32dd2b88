"""Several equations with the same regressors, as var and sureg have them: a weighted regression of one below the other.

Weighted by 1/s_j^2, s_j^2 = e_j'e_j/T, the regression of all rows has a residual variance of one, and so the covariance
s_j^2 (X'X)^-1 for each equation. Between equations it is s_ij (X'X)^-1. [TS] var, [R] sureg: Methods and formulas.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.stata.estimates.resolved import Resolved, resolve
from parity.stata_language.dataset import Dataset
from parity.stata_language.request import Declined, Request

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class System:
    """names: `y1:x`, equation by equation, each one's constant last; b (p,), V (p, p). rows: places of the rows used."""

    names: tuple[str, ...]
    b: NDArray[np.float64]
    V: NDArray[np.float64]
    omitted: tuple[str, ...]
    rows: NDArray[np.int64]
    numbers: Mapping[str, float]
    texts: Mapping[str, str]
    resolved: Resolved
    df: float = math.inf


def estimate(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None = None) -> System:
    """Raises `Declined`, `DataProblem`."""
    from parity.base.errors import Unestimable
    from parity.compare.harmonise import combined
    from parity.engines.own import fit as own
    from parity.results.estimate import Estimate
    from parity.sample.build import build_design

    if request.command == "var" and data.panel.unit:
        raise Declined("var is of one series, and these are several units")
    resolved = resolve(request, data, used, weights)
    spec = resolved.spec
    try:
        design = build_design(resolved.study, spec, resolved.frame)
        solved = own.solve(design, spec)
    except Unestimable as error:
        raise Declined(str(error)) from None
    m = 1 + len(request.outcomes)
    names = tuple(resolved.names.get(t, t) for t in solved.terms)
    if len(names) % m:
        raise Declined("a regressor is left out of one equation and not of another")
    found = Estimate(
        engine="parity", terms=solved.terms, coef=tuple(solved.coef.tolist()),
        parts=own.uncorrected(solved, spec.vcov, convention=spec.convention), basis="uncorrected",
    )  # fmt: skip
    of_each = combined(found, design.facts, spec)
    k = len(names) // m
    both = np.full((2, len(resolved.frame)), np.nan)
    both[:, design.rows] = solved.resid / np.sqrt(design.weights), design.y
    e, y = both.reshape(2, m, -1).swapaxes(1, 2)
    e, y = (each[~np.isnan(e).any(axis=1)] for each in (e, y))
    sigma = e.T @ e / len(e)
    scale = of_each[:k, :k] / sigma[0, 0]  # (X'X)^-1, with the factor of dfk
    dropped = tuple(resolved.names.get(t, t) for t in design.facts.dropped)
    numbers = {"N": float(len(e)), "k": float(len(names)), "k_eq": float(m), "k_dv": float(m)}
    texts = {"cmd": request.command, "properties": "b V", "eqnames": " ".join(dict.fromkeys(n.split(":")[0] for n in names))}
    rows = np.unique(resolved.rows[design.rows])
    V = np.kron(sigma, scale)
    numbers |= _of_each(request, e, y, solved.coef.reshape(m, k), V.reshape(m, k, m, k))
    if request.command == "var" and not request.settings:
        numbers |= _of_all(len(e), k, sigma)
    return System(names, solved.coef, V, dropped, rows, numbers, texts, resolved)


def _of_all(t: int, k: int, sigma: NDArray) -> dict[str, float]:
    """The likelihood of all equations, its criteria by row, and the error of a forecast, whose covariance has T below it.
    [TS] var, Methods and formulas; under dfk which of two likelihoods is printed isn't known here."""
    m, det = len(sigma), float(np.linalg.det(sigma))
    if det <= 0 or t <= k:
        return {}
    ll = -t / 2 * (math.log(det) + m * math.log(2 * math.pi) + m)
    weights = {"aic": 2.0, "hqic": 2 * math.log(math.log(t)), "sbic": math.log(t)}
    criteria = {name: (-2 * ll + weight * m * k) / t for name, weight in weights.items()}
    return {"ll": ll, "detsig_ml": det, "fpe": det * ((t + k) / (t - k)) ** m, **criteria}


def _of_each(request: Request, e: NDArray, y: NDArray, b: NDArray, V: NDArray) -> dict[str, float]:
    """Of each equation what stands in the table above the coefficients: [TS] var and [R] sureg, Stored results.

    e, y (T, m); b (m, k), V (m, k, m, k), constants last. Without constants R-squared is another, and left out; sureg's RMSE
    has T below it, and under dfk perhaps another number; chi-squared is of all slopes.
    """
    from scipy.stats import chi2

    t, k, slopes = len(e), b.shape[1], b.shape[1] - request.intercept
    series, out = request.command == "var", {}
    for i, (errors, own) in enumerate(zip(e.T, y.T, strict=True)):
        place, rss = f"{i + 1}", float(errors @ errors)
        out[f"k_{place}" if series else f"df_m{place}"] = float(k if series else slopes)
        if series or not request.settings:
            out[f"rmse_{place}"] = math.sqrt(rss / (t - k if series else t)) if t > k else math.nan
        if request.intercept and slopes:
            wald = float(b[i, :slopes] @ np.linalg.solve(V[i, :slopes, i, :slopes], b[i, :slopes]))
            out[f"r2_{place}"] = 1 - rss / float(((own - own.mean()) ** 2).sum())
            out |= {f"chi2_{place}": wald, f"p_{place}": float(chi2.sf(wald, slopes))}
    return out
