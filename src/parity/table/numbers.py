"""Numbers as a paper prints them: decimals, stars, and what stands in parentheses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from parity.study.table import Parentheses
from parity.table.grid import EMPTY, Cell

#: Decimals of a p-value, however few the other numbers have: levels of stars are told apart by three.
LEAST_OF_P = 3


def decimals(value: float | None, digits: int) -> str:
    """Fixed decimals. A number that would round to zero and isn't keeps two significant digits, `2.3e-05`."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = f"{value:.{digits}f}"
    return f"{value:.1e}" if value and not float(text) else text


def probability(value: float | None, digits: int) -> str:
    """A p-value, of three decimals at least; below the last decimal it is `<0.001`."""
    if value is None or math.isnan(value):
        return ""
    digits = max(digits, LEAST_OF_P)
    text = f"{value:.{digits}f}"
    return text if float(text) or not value else f"<{10.0**-digits:.{digits}f}"


def whole(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:,.0f}"


def stars(p: float | None, cuts: Sequence[float]) -> str:
    """One star for p below the first level, two below the second ..."""
    return "" if p is None or math.isnan(p) else "*" * sum(p < cut for cut in cuts)


def ranges(numbers: Sequence[int]) -> str:
    """`(1)-(3), (5)`."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return ", ".join(f"({r[0]})" if len(r) == 1 else f"({r[0]})-({r[-1]})" for r in runs)


def by_column(texts: Sequence[str]) -> str:
    """One text if all are the same, else each with its columns, `a (1)-(3); b (4)`."""
    if len(set(texts)) == 1:
        return texts[0]
    at = {text: [i for i, t in enumerate(texts, 1) if t == text] for text in dict.fromkeys(texts)}
    return "; ".join(f"{ranges(numbers)} {text}" for text, numbers in at.items())


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
