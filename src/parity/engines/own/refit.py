"""One fit with all candidate regressors, and from it the fit of any subset of them, without touching the rows again.

The regressors are X~ = Q T with Q orthonormal, so a subset S is Q T_S, and everything about it happens in k dimensions:
b = argmin |q - T_S b| with q = Q'y, and its residuals are those of the full fit plus Q d, d = q - T_S b. A cluster's
score is c_g + A_g d with A_g = Q_g'Q_g and c_g = Q_g'e_g. These cross-products are formed once for a cluster variable;
no condition number is squared, as cross-products of the regressors themselves would do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from parity.algebra.absorb import sums
from parity.algebra.covariance import hc0, iid
from parity.conventions.facts import subsets
from parity.engines.own.least_squares import Fit, joint_code
from parity.study.spec import Vcov


@dataclass(frozen=True)
class Moments:
    """Cross-products of one cluster variable's G clusters: gram (G, k, k) and score (G, k)."""

    gram: np.ndarray
    score: np.ndarray


@dataclass(frozen=True)
class Subset:
    """The fit of some of the regressors.

    terms, coef, ssr   as in `Fit`
    pull               (k, s): the subset's `pull` is Q times this
    shift              (k,): the residuals are the full fit's plus Q times this
    """

    terms: tuple[str, ...]
    coef: np.ndarray
    ssr: float
    pull: np.ndarray
    shift: np.ndarray


class Refit:
    """Subsets of the regressors of one OLS fit, and their iid, HC0 and clustered covariances."""

    def __init__(self, fit: Fit):
        if fit.design.endog.shape[1]:
            raise ValueError("subsets of regressors are found from OLS fits: a first stage would change with them")
        self.fit = fit
        self._triangle = np.linalg.inv(fit.half)
        self._outcome = self._triangle @ fit.coef
        self._moments: dict[bytes, Moments] = {}

    def subset(self, terms: Iterable[str]) -> Subset:
        """The fit of `terms` (names of the full fit's; the intercept is one of them), in the full fit's order."""
        chosen = set(terms)
        unknown = chosen - set(self.fit.terms)
        if unknown or not chosen:
            raise ValueError(f"no term `{sorted(unknown)[0]}` in the full fit" if unknown else "no term is left")
        at = [i for i, term in enumerate(self.fit.terms) if term in chosen]
        q, r = np.linalg.qr(self._triangle[:, at])
        inverse = np.linalg.solve(r, np.eye(len(at)))
        coef = inverse @ (q.T @ self._outcome)
        shift = self._outcome - q @ (q.T @ self._outcome)
        ssr = self.fit.ssr + float(shift @ shift)
        return Subset(tuple(self.fit.terms[i] for i in at), coef, ssr, q @ inverse.T, shift)

    def covariances(
        self, subset: Subset, vcov: Vcov, clusters: Mapping[str, np.ndarray] | None = None
    ) -> dict[tuple[str, ...], np.ndarray]:
        """As `parity.engines.own.fit.covariances`, for iid, HC0/HC1 (which reads the rows) and CR0/CR1."""
        fit, frequency = self.fit, self.fit.design.weight_kind == "frequency"
        match vcov.kind:
            case "iid":
                return {(): iid(subset.pull.T @ subset.pull, subset.ssr, fit.nobs)}
            case "HC0" | "HC1":
                resid = fit.resid + fit.basis @ subset.shift
                return {(): hc0(fit.basis @ subset.pull, resid / np.sqrt(fit.design.weights) if frequency else resid)}
            case "CR0" | "CR1":
                codes = fit.design.clusters if clusters is None else clusters
                return {s: self._clustered(subset, joint_code([codes[c] for c in s])) for s in subsets(vcov.cluster)}
        raise ValueError(f"{vcov.kind} needs the rows: use parity.engines.own.fit")

    def _clustered(self, subset: Subset, code: np.ndarray) -> np.ndarray:
        moments = self.moments(code)
        scores = (moments.score + moments.gram @ subset.shift) @ subset.pull
        return scores.T @ scores

    def moments(self, code: np.ndarray) -> Moments:
        """Cross-products by cluster; kept, so a code vector is read once."""
        key = code.tobytes()
        if key not in self._moments:
            q, levels = np.asfortranarray(self.fit.basis), int(code.max(initial=-1)) + 1
            gram = np.stack([sums(q * column[:, None], code, levels) for column in q.T], axis=2)
            self._moments[key] = Moments(gram, sums(q * self.fit.resid[:, None], code, levels))
        return self._moments[key]
