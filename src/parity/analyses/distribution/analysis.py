"""Distributions of a study (`[distribution.NAME]`), held against R's: one record each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from parity.analyses.distribution.statistics import bandwidth, dagum, density, grid, spread
from parity.analyses.in_parts import Found
from parity.analyses.of_columns import Chosen, Numbers, OfColumns, compare_scaled, largest
from parity.base.errors import Unestimable
from parity.results.record import Comparison
from parity.study.panel_methods import DistributionSettings


class Distributions(OfColumns):
    name = "distribution"
    section = "distribution"
    kinds = {"distribution": "distributions by period"}
    counted = "distributions by period"
    columns = {
        "nobs": "N", "mean": "Mean", "sd": "SD", "cv": "CV", "sd of log": "SD of logs", "gini": "Gini",
        "gini within": "Within", "gini between": "Net between", "gini transvariation": "Transvariation",
    }  # fmt: skip

    def expressions(self, settings: DistributionSettings) -> Sequence[Any]:
        return (settings.of,)

    def find(self, part: Chosen) -> Found:
        found, curves = distribution(part)
        return Found((found, curves), found, part.notes)

    def ask_r(self, part: Chosen, folder: Path) -> dict[str, Any]:
        from parity.analyses.distribution.r import distribution_in_r

        distribution(part)  # what has no value is no question: `Unestimable`
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
    """Parts of a Gini on the scale of the whole: one that is zero has no digits of its own."""

    def scale(quantity: str) -> float:
        return largest(found, "gini") if quantity.startswith("gini") else largest(found, quantity)

    return compare_scaled(answer, found, scale)


ANALYSIS = Distributions()
