"""Numbers as a paper prints them: decimals, stars, and what stands in parentheses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from parity.table.grid import EMPTY, Cell
from parity.table.settings import Parentheses


def decimals(value: float | None, digits: int) -> str:
    """Fixed decimals. A number that would round to zero and isn't keeps two significant digits, `2.3e-05`."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = f"{value:.{digits}f}"
    return f"{value:.1e}" if value and not float(text) else text


def probability(value: float | None, digits: int) -> str:
    """A p-value; below the last decimal it is `<0.001`."""
    if value is None or math.isnan(value):
        return ""
    text = f"{value:.{digits}f}"
    return text if float(text) or not value or not digits else f"<{10.0**-digits:.{digits}f}"


def whole(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:,.0f}"


def stars(p: float | None, cuts: Sequence[float]) -> str:
    """One star for p below the first level, two below the second ..."""
    return "" if p is None or math.isnan(p) else "*" * sum(p < cut for cut in cuts)


def coefficient(of: Mapping[str, float | None], kind: Parentheses, digits: int, cuts: Sequence[float]) -> Cell:
    """of: coef, se, t, p, ci_low, ci_high of one term; empty where it has no coefficient."""
    if of.get("coef") is None:
        return EMPTY
    if kind == "ci":
        ends = [decimals(of.get(end), digits) for end in ("ci_low", "ci_high")]
        below = f"[{', '.join(ends)}]" if all(ends) else ""
    else:
        inside = probability(of.get("p"), digits) if kind == "p" else decimals(of.get(kind), digits)
        below = f"({inside})" if inside else ""
    return Cell(decimals(of["coef"], digits), stars(of.get("p"), cuts), below)
