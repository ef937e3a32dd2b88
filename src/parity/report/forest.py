"""A forest plot of one coefficient: each engine's interval, drawn by matplotlib, as an SVG that CSS can colour.

The figure carries classes instead of colours, and the places of every interval a reader may switch to are computed
here, so the page moves marks without knowing a formula.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree

from parity.report import svg
from parity.report.svg import LABELS, RIGHT, WIDTH

ROW, HEAD, FOOT = 24.0, 6.0, 34.0
#: Share of the axis left free on either side.
MARGIN = 0.04


class Forest:
    """One plot: `svg`, and `place(value)`, the horizontal position of a value in its coordinates."""

    def __init__(
        self, key: str, labels: Sequence[str], points: Sequence[float | None],
        intervals: Sequence[tuple[float, float] | None], extremes: Sequence[float], description: str,
    ):  # fmt: skip
        """key: prefix of ids, unique in the page. intervals: drawn at first; extremes: all numbers that may be shown."""
        finite = [v for v in extremes if math.isfinite(v)]
        low, high = (min(finite), max(finite)) if finite else (-1.0, 1.0)
        pad = MARGIN * ((high - low) or abs(high) or 1.0)
        self.low, self.high = low - pad, high + pad
        self.height = HEAD + ROW * len(labels) + FOOT
        self.svg = _compact(self._drawn(points, intervals), labels, description, self.height)

    def place(self, value: float | None) -> float | None:
        if value is None or not math.isfinite(value):
            return None
        share = (value - self.low) / (self.high - self.low)
        return round(LABELS + share * (WIDTH - LABELS - RIGHT), 1)

    def _drawn(self, points: Sequence[float | None], intervals: Sequence[tuple[float, float] | None]) -> ElementTree.Element:
        sheet = _sheet(len(points))
        sheet.axes.set_xlim(self.low, self.high)
        sheet.zero.set_visible(self.low < 0 < self.high)
        sheet.intervals.set_segments([[(a, i), (b, i)] for i, (a, b) in _known(intervals)])
        sheet.points.set_offsets([(p, i) for i, p in _known(points)] or [(math.nan, math.nan)])
        return svg.drawn(sheet.canvas)


def _known(values: Sequence[Any]) -> list[tuple[int, Any]]:
    return [(i, value) for i, value in enumerate(values) if value is not None]


@dataclass(frozen=True)
class Sheet:
    """A figure with one row per engine, drawn on again and again: making one takes longer than drawing it."""

    canvas: Any
    axes: Any
    zero: Any
    intervals: Any
    points: Any


@cache
def _sheet(rows: int) -> Sheet:
    canvas, axes = svg.sheet(HEAD + ROW * rows + FOOT, HEAD, FOOT)
    axes.set_ylim(rows - 0.5, -0.5)
    zero = axes.axvline(0, gid="zero")
    intervals = axes.hlines([0.0], [0.0], [1.0], gid="intervals")
    return Sheet(canvas, axes, zero, intervals, axes.scatter([0.0], [0.0], s=30, gid="points"))


def _compact(drawn: ElementTree.Element, labels: Sequence[str], description: str, height: float) -> str:
    out = svg.root("forest", height, description)
    for name, css in (("intervals", "was"), ("zero", "zero"), ("intervals", "intervals"), ("points", "points")):
        found = svg.group(drawn, name)
        if found is not None:
            svg.marks(found, ElementTree.SubElement(out, "g", {"class": css}))
    svg.axis(drawn, out, HEAD + ROW * len(labels))
    svg.names([(HEAD + ROW * (i + 0.5) + 4, text) for i, text in enumerate(labels)], out)
    return svg.text(out)
