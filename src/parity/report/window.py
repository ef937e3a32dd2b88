"""Estimates as a window of Stata: 78 columns, numbers of seven digits without their zero."""

from __future__ import annotations

import math
from itertools import zip_longest

import wcwidth

from parity.report.shown import Shown, about, named_rows, pad, wrapped
from parity.sample.design import INTERCEPT
from parity.study.formula import FormulaError
from parity.study.grammar import parse_formula

RULE, LEFT, NAME = 78, 46, 12
#: The longest name of a number that stands beside what is said of the model; longer ones have lines of their own.
BESIDE = 17
CONSTANT = "_cons"
#: Names over the standard errors, where the covariance has one in Stata.
ROBUST = ("HC1", "CR1")


def window(shown: Shown) -> str:
    """Header, table of coefficients with their 95 % intervals, and for instruments what they stand for."""
    said = [line for text in about(shown) for line in wcwidth.wrap(text, LEFT, subsequent_indent="  ")]
    short = [(name, value) for name, value in shown.of_model if len(name) <= BESIDE]
    numbers = [f"{name:<{BESIDE}} = {_count(value):>11}" for name, value in short]
    below = [f"{name:<{RULE - 13}} = {_count(value):>11}" for name, value in shown.of_model if len(name) > BESIDE]
    # N stands beside the first line, as in every window
    head = [f"{pad(left, LEFT)}  {right}".rstrip() for left, right in zip_longest(said, numbers, fillvalue="")]
    statistic, tail = ("z", "P>|z|") if shown.normal else ("t", "P>|t|")
    over = "Robust" if shown.detail.vcov.split()[0] in ROBUST else "" if shown.detail.vcov == "iid" else _kind(shown)
    table = ["-" * RULE]
    table += [f"{'':>{NAME}} | {'':>13}{over:^9}".rstrip()] if over else []
    dep = shown.outcome
    table += [] if wcwidth.width(dep) <= NAME else wrapped(dep)
    dep = pad(dep if wcwidth.width(dep) <= NAME else "", NAME, right=True)
    table += [f"{dep} | Coefficient  std. err.{statistic:>7}{tail:>9}     [95% conf. interval]"]
    table += [f"{'-' * (NAME + 1)}+{'-' * (RULE - NAME - 2)}"]
    table += named_rows(_ordered(shown), NAME, _row(shown), constant=CONSTANT, right=True)
    table += ["-" * RULE]
    return "\n".join([*head, *below, *table, *_instruments(shown)])


def _ordered(shown: Shown) -> list[str]:
    """Endogenous variables first, then the constant; what is no coefficient, as `/sigma`, last."""
    endogenous = {str(item) for item in _formula(shown).endog} if _formula(shown) else set()
    return sorted(shown.detail.terms, key=lambda t: (t.startswith("/"), t == INTERCEPT, t not in endogenous))


def _row(shown: Shown):
    def line(term: str, name: str) -> str:
        coef, se, t, p, low, high = shown.row(term)
        cells = f"{nine(coef):>11}{nine(se):>11}{_fixed(t, 2):>9}{_fixed(p, 3):>8}{nine(low):>13}{nine(high):>12}"
        return f"{name} |{cells}"

    return line


def nine(value: float | None) -> str:
    """As `%9.0g`: up to seven digits, at most seven of them decimals, in nine columns."""
    if value is None or not math.isfinite(value):
        return "."
    size = abs(value)
    if value and (size < 0.00001 or size >= 1e9):
        return f"{value:.2e}"
    whole = len(str(int(size)))
    decimals = 7 if size < 1 else max(0, 7 - whole)
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _fixed(value: float | None, decimals: int) -> str:
    if value is None or not math.isfinite(value):
        return "."
    text = f"{value:.{decimals}f}"
    return text if len(text) < 9 else f"{value:.2e}"


def _count(value: float) -> str:
    if not math.isfinite(value):
        return "infinite"
    return (
        f"{value:,.0f}"
        if value == int(value) and abs(value) < 1e9
        else f"{value:.4f}"
        if 0.001 < abs(value) < 1e5
        else nine(value)
    )


def _kind(shown: Shown) -> str:
    return shown.detail.vcov.split(" by ")[0].split("(")[0].replace("_", " ")[:11]


def _formula(shown: Shown):
    try:
        return parse_formula(shown.detail.formula)
    except FormulaError:
        return None


def _instruments(shown: Shown) -> list[str]:
    formula = _formula(shown)
    if not formula or not formula.endog:
        return []
    named = {"Endogenous": formula.endog, "Excluded instruments": formula.instruments}
    return [line for name, items in named.items() for line in wrapped(f"{name}: {' '.join(map(str, items))}")]
