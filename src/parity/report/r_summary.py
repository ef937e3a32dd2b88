"""Estimates as the summary of a model in R: a matrix of coefficients with stars, then what is known of the whole model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import wcwidth

from parity.report.shown import Shown, about, named_rows, wrapped
from parity.sample.design import INTERCEPT

#: Digits of the smallest number of a column, and the widest name beside the numbers.
DIGITS, NAME = 5, 26
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "."))
LEGEND = "Signif. codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1"


def r_summary(shown: Shown) -> str:
    terms = sorted(shown.detail.terms, key=lambda t: t != INTERCEPT)
    rows = {term: shown.row(term) for term in terms}
    statistic = "z" if shown.normal else "t"
    heads = ("Estimate", "Std. Error", f"{statistic} value", f"Pr(>|{statistic}|)")
    values = list(zip(*rows.values(), strict=True))
    cells = [_column(values[0]), _column(values[1]), [_fixed(v) for v in values[2]], [_p(v) for v in values[3]]]
    widths = [max(len(head), *map(len, column)) for head, column in zip(heads, cells, strict=True)]
    name = min(NAME, max(wcwidth.width(term) for term in terms))
    at = {term: i for i, term in enumerate(terms)}

    def row(term: str, label: str) -> str:
        numbers = " ".join(f"{column[at[term]]:>{w}}" for column, w in zip(cells, widths, strict=True))
        return f"{label} {numbers} {_stars(rows[term][3])}".rstrip()

    head = " ".join(f"{text:>{w}}" for text, w in zip(heads, widths, strict=True))
    table = [f"{'':>{name}} {head}", *named_rows(terms, name, row, constant=INTERCEPT), "---", LEGEND]
    said = [line for text in about(shown) for line in wrapped(text)]
    whole = ", ".join(f"{label}: {_number(value)}" for label, value in shown.of_model)
    return "\n".join([*said, "", "Coefficients:", *table, "", *wrapped(whole)])


def _column(values: Sequence[float | None]) -> list[str]:
    """Numbers of one column with as many decimals as its smallest needs; each by itself where that is too many."""
    sizes = [abs(v) for v in values if v is not None and math.isfinite(v) and v]
    decimals = DIGITS - 1 - math.floor(math.log10(min(sizes))) if sizes else 0
    if sizes and (decimals > 8 or max(sizes) >= 1e8):
        return [_number(v) for v in values]
    return ["NA" if v is None or not math.isfinite(v) else f"{v:.{max(0, decimals)}f}" for v in values]


def _fixed(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "NA"
    return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3e}"


def _p(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "NA"
    return "< 2.2e-16" if value < 2.2e-16 else f"{value:.4g}" if value < 1e-4 else f"{value:.6f}"


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "NA"
    return (
        f"{value:,.0f}"
        if math.isfinite(value) and value == int(value) and abs(value) < 1e15
        else f"{value:.6g}".replace("inf", "Inf")
    )


def _stars(p: float | None) -> str:
    return next((stars for level, stars in STARS if p is not None and p < level), "")
