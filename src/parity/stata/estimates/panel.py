"""What xtreg and areg print beside coefficients: three R-squared, the spread of the effects, the test that all are zero.

Definitions: [XT] xtreg, Methods and formulas (Assessing goodness of fit; Fixed-effects model); [R] areg.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from parity.sample.design import INTERCEPT
from parity.stata_language.dataset import DataProblem, Dataset
from parity.stata_language.request import Declined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parity.engines.own.least_squares import Fit
    from parity.sample.design import Design


def sizes(unit: NDArray[np.int64]) -> dict[str, float]:
    """e(N_g), e(g_min), e(g_avg), e(g_max)."""
    counts = np.bincount(np.asarray(unit))
    counts = counts[counts > 0]
    return {
        "N_g": float(len(counts)), "g_min": float(counts.min()), "g_max": float(counts.max()), "g_avg": float(counts.mean()),
    }  # fmt: skip


def fixed(solved: Fit, numbers: Mapping[str, float]) -> dict[str, float]:
    """Of xtreg, fe. solved: with the effects absorbed; numbers: e() so far, with rmse, N and rank."""
    design = solved.design
    (unit,) = design.effects.values()
    y, fitted = design.y, _fitted(design, solved)
    out = _between_and_overall(y, fitted, unit) if design.weights is None else {}
    if design.weights is None:
        code = np.unique(unit, return_inverse=True)[1]
        n = np.bincount(code)
        effect = np.bincount(code, y - fitted) / n
        effect -= (n @ effect) / n.sum()  # the constant shown is their mean over rows
        u, e = float(np.std(effect, ddof=1)) if len(n) > 1 else math.nan, numbers["rmse"]
        out |= {"sigma_u": u, "corr": _correlation(effect[code], fitted)}
        out["rho"] = u * u / (u * u + e * e) if u or e else math.nan
    return out | joint(solved, numbers)


def instrumented(solved: Fit, numbers: Mapping[str, float]) -> dict[str, float]:
    """Of xtivreg, fe: R-squared are squared correlations, within units too. solved, numbers: as `fixed` has them."""
    design = solved.design
    (unit,) = design.effects.values()
    code = np.unique(unit, return_inverse=True)[1]
    within = _correlation(_net(design.y, code), _net(_fitted(design, solved), code)) ** 2
    return {"r2_w": within, "sigma_e": numbers["rmse"], **sizes(unit), **fixed(solved, numbers)}


def joint(solved: Fit, numbers: Mapping[str, float]) -> dict[str, float]:
    """F that all effects are zero, from the sum of squares without them; of one absorbed effect, no robust covariance."""
    from dataclasses import replace

    from scipy import special

    from parity.base.errors import Unestimable
    from parity.engines.own.least_squares import least_squares

    design = solved.design
    if len(design.effects) != 1 or design.weights is not None or design.endog.shape[1]:
        return {}
    (unit,) = design.effects.values()
    levels = len(np.unique(unit))
    try:
        pooled = least_squares(replace(design, effects={}, intercept=True))
    except Unestimable:
        return {}
    lost, free = levels - 1, numbers["N"] - numbers["rank"]
    if lost < 1 or free < 1 or solved.ssr <= 0:
        return {}
    f = (pooled.ssr - solved.ssr) / lost / (solved.ssr / free)
    return {"F_f": f, "p_f": float(special.fdtrc(lost, free, max(f, 0.0))), "levels": float(levels)}


def random(design: Design, names: tuple[str, ...], coef: NDArray[np.float64]) -> dict[str, float]:
    """Of xtreg, re. design: as it was before its means were taken out; names, coef: of its columns."""
    if design.weights is not None or design.unit is None:
        return {}
    place = {name: i for i, name in enumerate(design.x_names)}
    fitted = np.zeros(design.nobs)
    for name, b in zip(names, coef, strict=True):
        if name in place:
            fitted += b * design.x[:, place[name]]
    code = np.unique(design.unit, return_inverse=True)[1]
    within = _correlation(_net(design.y, code), _net(fitted, code)) ** 2
    return {"r2_w": within, **_between_and_overall(design.y, fitted, code)}


def varying(design: Design) -> int:
    """Rank of the regressors about their units' means: e(df_m) of a regression within units."""
    code = np.unique(design.unit, return_inverse=True)[1]
    spread = design.x.std(axis=0)
    moved = np.column_stack([_net(column, code) for column in design.x.T])
    return int(np.linalg.matrix_rank(moved / np.where(spread > 0, spread, 1.0), tol=ABSENT * math.sqrt(design.nobs)))


#: Of a column's standard deviation: less within units is rounding.
ABSENT = 1e-10


def _fitted(design: Design, solved: Fit) -> NDArray[np.float64]:
    """xb of every row, the constant left out."""
    place = {t: i for i, t in enumerate(solved.terms) if t != INTERCEPT}
    out = np.zeros(design.nobs)
    for columns, names in ((design.x, design.x_names), (design.endog, design.endog_names)):
        for j, name in enumerate(names):
            out += solved.coef[place[name]] * columns[:, j]
    return out


def _between_and_overall(y: NDArray, fitted: NDArray, unit: NDArray) -> dict[str, float]:
    """Squared correlations of xb with y: of the units' means, each once, and of all rows."""
    code = np.unique(unit, return_inverse=True)[1]
    n = np.bincount(code)
    between = _correlation(np.bincount(code, y) / n, np.bincount(code, fitted) / n)
    return {"r2_b": between**2, "r2_o": _correlation(y, fitted) ** 2}


def _net(values: NDArray, code: NDArray) -> NDArray[np.float64]:
    return values - (np.bincount(code, values) / np.bincount(code))[code]


def _correlation(a: NDArray, b: NDArray) -> float:
    """NaN where one of them doesn't vary."""
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale > 0 else math.nan


def check_spacing(data: Dataset, kept: NDArray[np.bool_], *, lagged: bool, forced: bool) -> None:
    """What newey asks of its periods. newey.ado 1.6.0 (`Checkt`): their steps from row to row, in order of time alone.

    Rows of several units share periods, so they are no regular series either. Raises `DataProblem` 198 as Stata does, and
    `Declined` for a forced series with gaps and without units: its lags are of periods, here they are of rows.
    """
    time = data.panel.time
    steps = np.diff(np.sort(data[time].numbers[kept])) / data.panel.delta
    steps = steps[~np.isnan(steps)]
    if not len(steps):
        return
    if steps.min() == steps.max():
        if steps[0] > 1:
            raise DataProblem(f"{time} is regularly spaced, but does not have intervals of 1", 198)
        return
    if lagged and not forced:
        raise DataProblem(f"{time} is not regularly spaced", 198)
    if lagged and not data.panel.unit:
        raise Declined("newey, force over gaps in a series without units has lags by periods, which no engine here has")
