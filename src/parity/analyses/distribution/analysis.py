"""Distributions of a study (`[distribution.NAME]`), held against R's: one record each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from parity.analyses.conventions import Convention, other_values, scaled
from parity.analyses.distribution.statistics import bandwidth, dagum, density, grid, spread
from parity.analyses.in_parts import Found
from parity.analyses.of_columns import Chosen, Numbers, OfColumns, compare_scaled, largest
from parity.base.errors import Unestimable
from parity.base.tolerance import EXACT, ROUNDING_MARGIN, UNIT_ROUNDOFF
from parity.results.record import Comparison
from parity.study.analyses.panel_methods import DistributionSettings
from parity.study.study import Study

#: Rule of bandwidth -> who has it.
_RULES = {
    "nrd0": ("The bandwidth is Silverman's rule of thumb, 0.9 min(sd, IQR/1.34) n^(-1/5).", "R, bw.nrd0, density's default"),
    "nrd": ("The bandwidth is Scott's variation of the rule of thumb, with 1.06.", "R, bw.nrd"),
    "stata": ("The bandwidth is kdensity's, 0.9 min(sd, IQR/1.349) n^(-1/5).", "Stata, [R] kdensity, Methods and formulas"),
    "scott": ("The bandwidth is sd n^(-1/5), without quartiles.", "scipy, gaussian_kde's default"),
    "silverman": ("The bandwidth is sd (3n/4)^(-1/5), without quartiles.", 'scipy, gaussian_kde(bw_method="silverman")'),
    "matlab": ("The bandwidth follows the median absolute deviation.", "MATLAB, ksdensity"),
}  # fmt: skip
_OVER = {
    0: ("Standard deviations divide by n.", "numpy.std, and papers on sigma convergence"),
    1: ("Standard deviations divide by n - 1.", "Stata and R"),
}
_KERNELS = {
    "gaussian": ("The kernel is Gaussian.", "R and scipy"),
    "epanechnikov": ("The kernel is Epanechnikov's.", "Stata, kdensity's default"),
}
#: What is made of the numbers.
_EDITS = (
    Convention("gini-of-other-pairs", "Gini's coefficient is over n(n - 1) pairs, without those of a value with itself.",
               "gini n/(n - 1)", "R, DescTools::Gini(unbiased = TRUE)",
               edit=scaled(("gini",), lambda of, t: of["nobs", t] / (of["nobs", t] - 1))),
    Convention("in-percent", "Coefficients of variation and shares are in percent.", "times 100",
               edit=scaled(("cv", "share within", "share between", "share transvariation"), lambda of, t: 100.0)),
    Convention("sigma-of-logs", "Sigma is the standard deviation of logs.", "sd of ln x", "Barro and Sala-i-Martin (1992)",
               edit=lambda of: {**of, **{("sd", t): v for (q, t), v in of.items() if q == "sd of log"}}),
    Convention("sigma-of-levels", "Sigma is the standard deviation of the values, not of their logs.", "sd of x",
               edit=lambda of: {**of, **{("sd of log", t): v for (q, t), v in of.items() if q == "sd"}}),
)  # fmt: skip


class Distributions(OfColumns):
    section = "distribution"

    def expressions(self, settings: DistributionSettings) -> Sequence[Any]:
        return (settings.of,)

    def conventions(self, study: Study, name: str) -> Iterator[Convention]:
        s = self.settings(study, name)
        for key, said in (("ddof", _OVER), ("bandwidth", _RULES), ("kernel", _KERNELS)):
            yield from other_values(s, key, said)
        yield from _EDITS

    def find(self, part: Chosen) -> Found:
        found, curves = distribution(part)
        return Found((found, curves), found, part.notes)

    def ask_r(self, part: Chosen, folder: Path) -> dict[str, Any]:
        from parity.analyses.distribution.r import distribution_in_r

        return distribution_in_r(part)

    def compare(self, part: Chosen, answer: Mapping[str, Any], found: Found) -> Comparison:
        own, curves = found.own
        return compare_distributions(answer, own | curves)


def distribution(part: Chosen) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """quantity -> period -> number, and the densities by `PERIOD point I`. Raises `Unestimable`."""
    s, (values,) = part.settings, part.columns.values()
    by_period = {period: values[rows] for period, rows in part.by_period().items()}
    out: dict[str, dict[str, float]] = {}
    for period, rows in part.by_period().items():
        groups = [part.groups[i] for i in rows] if part.groups else []
        found = spread(values[rows], s.ddof)
        if values.min() >= 0 and values[rows].max() > 0:
            found |= dagum(values[rows], groups)
        elif part.groups:
            raise Unestimable(f"{period}: Gini's coefficient is of values that are not negative, and not all zero")
        for quantity, value in found.items():
            out.setdefault(quantity, {})[period] = value
    widths = {p: bandwidth(v, s.bandwidth) for p, v in by_period.items() if len(v) > 1 and v.max() > v.min()}
    if not widths:
        return out, {}
    at = grid(by_period, widths, s.points)
    curves = {p: density(by_period[p], at, h, s.kernel) for p, h in widths.items()}
    out["bandwidth"] = widths
    out["peak density"] = {p: float(curve.max()) for p, curve in curves.items()}
    named = {f"{p} point {i + 1}": float(y) for p, curve in curves.items() for i, y in enumerate(np.asarray(curve))}
    return out, {"density": named}


def compare_distributions(answer: Numbers, found: Numbers) -> Comparison:
    """Parts of a Gini on the scale of the whole: one that is zero has no digits of its own. Far from zero what is left of
    values less their mean or quartile has the rounding of the values, and a place among bandwidths has it, too.
    """
    far = ROUNDING_MARGIN * UNIT_ROUNDOFF / EXACT
    width = min(found.get("bandwidth", {}).values(), default=1.0) or 1.0
    lost = max(1.0, far * largest(found, "mean") / width)

    def scale(quantity: str) -> float:
        if quantity in ("sd", "bandwidth"):
            return max(largest(found, quantity), far * largest(found, "mean"))
        if quantity in ("cv", "sd of log"):
            return max(largest(found, quantity), far)
        if quantity.startswith("share"):
            return 1.0
        if quantity.endswith("density"):
            return largest(found, quantity) * lost
        return largest(found, "gini") if quantity.startswith("gini") else largest(found, quantity)

    return compare_scaled(answer, found, scale)


ANALYSIS = Distributions()
