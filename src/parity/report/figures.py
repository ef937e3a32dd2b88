"""Numbers as people read them: few digits in tables, ten where digits are compared, differing digits found."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Digits where numbers are read, and where they are compared by eye.
READ, COMPARED = 6, 10


def short(value: float | None, digits: int = READ) -> str:
    """`0.0632813`, `1.23e−05`, `∞`; an en dash where there is no number."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.{digits}g}".replace("-", "−")


def aligned(value: float | None, scale: float | None, digits: int = COMPARED) -> str:
    """A number to as many decimals as show `digits` significant ones of `scale`: two such texts compare by position."""
    if value is None or scale is None or not math.isfinite(value) or not math.isfinite(scale):
        return short(value)
    if value == int(value) and scale == int(scale) and abs(value) < 10**digits:
        return f"{int(value)}".replace("-", "−")
    power = math.floor(math.log10(abs(scale))) if scale else 0
    if not -4 <= power < digits:
        return f"{value:.{digits - 1}e}".replace("-", "−")
    return f"{value:.{digits - 1 - power}f}".replace("-", "−")


def split(text: str, reference: str) -> tuple[str, str]:
    """The leading characters two numbers share, and the rest of the first; the rest is empty where all are shared."""
    if text == reference:
        return text, ""
    if len(text) != len(reference):
        return "", text
    same = next(i for i, (a, b) in enumerate(zip(text, reference, strict=True)) if a != b)
    return text[:same], text[same:]


@dataclass(frozen=True)
class Number:
    """One number of a table: the digits it shares with the reference, and those it doesn't."""

    same: str
    differing: str
    outside: bool = False


def compared(value: float | None, reference: float | None, outside: bool = False) -> Number:
    """A number beside the reference's, to as many decimals; whole where the reference has none."""
    if value is None or reference is None:
        return Number(aligned(value, value), "", outside)
    return Number(*split(aligned(value, reference), aligned(reference, reference)), outside)
