"""What windows print beside what their commands leave in e(): clusters by their names, cluster2's F, acreg's cutoffs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from parity.logs.conley_table import WHITE

if TYPE_CHECKING:
    from parity.stata_language.request import Request


def shown(request: Request, found: Any) -> dict[str, float]:
    """found: the estimate, `Estimated` of `parity.stata.estimates.own` or of a likelihood."""
    design = getattr(getattr(found, "solved", None), "design", None)
    if design is None:
        return {}
    out = {}
    counts = [float(g) for subset, g in design.facts.clusters.items() if len(subset) == 1]
    if len(counts) == len(request.cluster):  # reghdfe, ivreg2, cluster2: a line for each
        out = {f"Number of clusters ({name})": g for name, g in zip(request.cluster, counts, strict=True)}
    if request.command == "cluster2":
        out |= _of_cells(found)
    if request.command == "acreg":
        out |= {"DistCutoff": float(request.cutoffs[0]), "LagCutoff": float(request.lags or 0)}
    if request.command == "reghdfe" and not request.absorb:  # a constant is one group of effects
        out |= {"HDFE groups": 1.0, "r2_within": float(found.numbers["r2"])}
    return out


def _of_cells(found: Any) -> dict[str, float]:
    """F and its p of the last part, whose clusters are cells of one row: of robust errors, N/(N - K). cluster2.ado"""
    from scipy import special

    from parity.stata.estimates.inference import wald

    n, k = found.numbers["N"], len(found.names)
    slopes = [i for i, name in enumerate(found.names) if name != "_cons"]
    scores = found.scores[:, slopes]
    chi2, q = wald(found.b[slopes], scores.T @ scores * n / (n - k))
    f = chi2 / q if q else math.nan
    return {"f": f, "p": float(special.fdtrc(q, n - k, f))} if q == len(slopes) else {}


def beside(request: Request, found: Any) -> dict[str, dict[str, float]]:
    """Further numbers of each term: x_ols' second column, which is White's error of one regressor, and of several the usual
    one, as its regression isn't robust there. x_ols.ado (Dube, 1999)"""
    import numpy as np

    if request.command != "x_ols":
        return {}
    n, k, solved = found.numbers["N"], len(found.names), found.solved
    pull = solved.pull * solved.resid[:, None] if k == 1 else solved.pull
    scale = n if k == 1 else found.numbers["rss"]
    errors = np.sqrt(np.sum(pull**2, axis=0) * scale / (n - k))
    return {found.resolved.names.get(t, t): {WHITE: float(se)} for t, se in zip(solved.terms, errors, strict=True)}
