"""Rows of windows as Stata prints them, from the numbers of a command."""

from __future__ import annotations

RULE, CROSS, BLANK = "-" * 78, "-" * 13 + "+" + "-" * 64, " " * 13 + "|"


def digits(value: float) -> str:
    text = f"{value:.7g}"
    return text.replace("0.", ".", 1) if abs(value) < 1 and "e" not in text else text


def row(label: str, c) -> str:
    ends = f"{digits(c.low):>9}   {digits(c.high):>9}"
    return f"{label:>12} | {digits(c.b):>10} {digits(c.se):>10} {c.b / c.se:>8.2f} {c.p:>7.3f}    {ends}"
