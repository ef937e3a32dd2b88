"""A forest plot of one coefficient: each engine's interval, drawn by matplotlib, as an SVG that CSS can colour.

The figure carries classes instead of colours, and the places of every interval a reader may switch to are computed
here, so the page moves marks without knowing a formula.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree

WIDTH, ROW, HEAD, FOOT = 480.0, 24.0, 6.0, 34.0
LABELS = 118.0
#: Share of the axis left free on either side.
MARGIN = 0.04
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"


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
        self.svg = _compact(self._drawn(points, intervals), key, labels, description, self.height)

    def place(self, value: float | None) -> float | None:
        if value is None or not math.isfinite(value):
            return None
        share = (value - self.low) / (self.high - self.low)
        return round(LABELS + share * (WIDTH - LABELS - 14), 1)

    def _drawn(self, points: Sequence[float | None], intervals: Sequence[tuple[float, float] | None]) -> str:
        """matplotlib's SVG."""
        sheet = _sheet(len(points))
        sheet.axes.set_xlim(self.low, self.high)
        sheet.zero.set_visible(self.low < 0 < self.high)
        sheet.intervals.set_segments([[(a, i), (b, i)] for i, (a, b) in _known(intervals)])
        sheet.points.set_offsets([(p, i) for i, p in _known(points)] or [(math.nan, math.nan)])
        out = io.StringIO()
        sheet.canvas.print_svg(out, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        return out.getvalue()


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
    import matplotlib

    # text as text, and the same ids every time
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "parity", "path.simplify": False})
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    height = HEAD + ROW * rows + FOOT
    figure = Figure(figsize=(WIDTH / 72, height / 72))
    canvas = FigureCanvasSVG(figure)
    axes = figure.add_axes((LABELS / WIDTH, FOOT / height, (WIDTH - LABELS - 14) / WIDTH, ROW * rows / height))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    zero = axes.axvline(0, gid="zero")
    intervals = axes.hlines([0.0], [0.0], [1.0], gid="intervals")
    return Sheet(canvas, axes, zero, intervals, axes.scatter([0.0], [0.0], s=30, gid="points"))


def _compact(drawn: str, key: str, labels: Sequence[str], description: str, height: float) -> str:
    """The marks of matplotlib's SVG under classes of our own: no colours, no ids, no metadata."""
    root = ElementTree.fromstring(drawn)
    out = ElementTree.Element(
        "svg", {"class": "forest", "viewBox": f"0 0 {WIDTH:g} {height:g}", "role": "img", "aria-label": description}
    )
    for name, css in (("intervals", "was"), ("zero", "zero"), ("intervals", "intervals"), ("points", "points")):
        found = root.find(f".//{_SVG}g[@id='{name}']")
        if found is not None:
            group = ElementTree.SubElement(out, "g", {"class": css})
            _marks(found, group)
    axis = ElementTree.SubElement(out, "g", {"class": "axis"})
    for tick in root.iterfind(f".//{_SVG}g[@id='matplotlib.axis_1']/{_SVG}g"):
        use, text = tick.find(f".//{_SVG}use"), tick.find(f".//{_SVG}text")
        if use is not None:
            x, y = float(use.get("x", 0)), float(use.get("y", 0))
            ElementTree.SubElement(axis, "path", {"d": f"M{x:.1f} {y:.1f}v5"})
            label = ElementTree.SubElement(axis, "text", {"x": f"{x:.1f}", "y": f"{y + 19:.1f}"})
            label.text = "".join(text.itertext()) if text is not None else ""
    baseline = HEAD + ROW * len(labels)
    ElementTree.SubElement(axis, "path", {"d": f"M{LABELS:g} {baseline:g}H{WIDTH - 14:g}"})
    names = ElementTree.SubElement(out, "g", {"class": "names"})
    for i, text in enumerate(labels):
        label = ElementTree.SubElement(names, "text", {"x": "0", "y": f"{HEAD + ROW * (i + 0.5) + 4:.1f}"})
        label.text = text
    return ElementTree.tostring(out, encoding="unicode")


def _marks(found: ElementTree.Element, group: ElementTree.Element) -> None:
    """Lines as paths, points as circles."""
    inside = set(found.iterfind(f".//{_SVG}defs/{_SVG}path"))
    for path in found.iter(f"{_SVG}path"):
        if path not in inside:
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d", ""))]
            if len(numbers) == 4:
                x, y, to, end = numbers
                ElementTree.SubElement(group, "path", {"d": f"M{x:.1f} {y:.1f}L{to:.1f} {end:.1f}"})
    for use in found.iter(f"{_SVG}use"):
        place = {"cx": f"{float(use.get('x', 0)):.1f}", "cy": f"{float(use.get('y', 0)):.1f}", "r": "3.6"}
        ElementTree.SubElement(group, "circle", place)
