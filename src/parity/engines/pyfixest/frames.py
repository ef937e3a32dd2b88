"""Design -> the frame and the formula that `feols`, `feglm` and `fepois` read; what they print, in canonical names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parity.engines import safe
from parity.sample.design import INTERCEPT, Design

if TYPE_CHECKING:
    import pandas as pd


def formula(design: Design, regressors: str = "", plus: str = " + ") -> str:
    """regressors: in place of x1 + x2 ... plus: between fixed effects."""
    parts = [regressors or " + ".join(safe.numbered("x", len(design.x_names))) or "1"]
    if design.effects:
        parts.append(plus.join(safe.effect_names(design)))
    if design.endog_names:
        parts.append(f"d1 ~ {' + '.join(safe.numbered('z', len(design.z_names)))}")
    return f"y ~ {' | '.join(parts)}"


def with_clusters(
    design: Design, codes: dict[tuple[str, ...], np.ndarray]
) -> tuple[pd.DataFrame, dict[tuple[str, ...], str]]:
    """The data under safe names, a column per subset of the cluster variables, and the names of these."""
    frame = safe.frame(design)
    single = {(name,): short for short, name in safe.cluster_names(design).items()}
    columns = {s: single.get(s) or "g" + "_".join(single[name,] for name in s) for s in codes}
    for subset, column in columns.items():
        frame[column] = codes[subset]
    return frame, columns


def terms_of(fit: Any, design: Design) -> tuple[list[str], tuple[str, ...]]:
    """Canonical names of its coefficients in its order, and of the columns that it left out."""
    names = safe.canonical_names(design) | {"Intercept": INTERCEPT}
    return [names[n] for n in fit._coefnames], tuple(names[n] for n in getattr(fit, "_collin_vars", None) or ())


def table(fit: Any) -> dict[str, np.ndarray]:
    low, high = fit.confint().to_numpy().T
    return {"se": fit.se().to_numpy(), "t": fit.tstat().to_numpy(), "p": fit.pvalue().to_numpy(), "low": low, "high": high}
