"""A histogram of replicates with the estimate and each interval below it, drawn by matplotlib; CSS colours it."""

from __future__ import annotations

from functools import cache
from typing import Any
from xml.etree import ElementTree

from parity.report import svg
from parity.report.figures import short
from parity.report.svg import LABELS, RIGHT, WIDTH
from parity.results.analysis_page import Histogram

HEAD, BARS, GAP, ROW, FOOT = 20.0, 120.0, 8.0, 19.0, 30.0
#: Share of the axis left free on either side.
MARGIN = 0.02


def histogram_svg(h: Histogram, description: str) -> str:
    """The estimate is a line through bars and intervals; a dashed line is zero. description: for who doesn't see it."""
    shown = [(i.method, i.low, i.high) for i in h.intervals if i.low is not None and i.high is not None]
    below = GAP + ROW * len(shown)
    height = HEAD + BARS + below + FOOT
    low, high = min([h.low, h.estimate, *(a for _, a, _ in shown)]), max([h.high, h.estimate, *(b for *_, b in shown)])
    pad = MARGIN * (high - low)
    low, high = low - pad, high + pad
    canvas, axes = _sheet(height)
    for artist in [*axes.lines, *axes.collections, *axes.patches]:
        artist.remove()
    axes.set_xlim(low, high)
    axes.set_ylim(-below, BARS)
    step = (h.high - h.low) / len(h.counts)
    most = max(h.counts) or 1
    axes.stairs(
        [BARS * n / most for n in h.counts], [h.low + step * i for i in range(len(h.counts) + 1)], fill=True, gid="bars"
    )
    if low < 0 < high:
        axes.axvline(0, gid="zero")
    axes.axvline(h.estimate, gid="estimate")
    places = [-GAP - ROW * (i + 0.5) for i in range(len(shown))]
    if shown:
        axes.hlines(places, [a for _, a, _ in shown], [b for *_, b in shown], gid="intervals")
    drawing, out = svg.drawn(canvas), svg.root("forest histogram", height, description)
    for name in ("bars", "zero", "intervals", "estimate"):
        found = svg.group(drawing, name)
        if found is not None:
            put = svg.area if name == "bars" else svg.marks
            put(found, ElementTree.SubElement(out, "g", {"class": name}))
    svg.axis(drawing, out, HEAD + BARS + below)
    svg.names([(HEAD + BARS - y + 4, method) for (method, *_), y in zip(shown, places, strict=True)], out, told=True)
    _said(out, h.estimate, (h.estimate - low) / (high - low))
    return svg.text(out)


@cache
def _sheet(height: float) -> tuple[Any, Any]:
    """Made once for each height: making one takes longer than drawing on it."""
    return svg.sheet(height, HEAD, FOOT)


def _said(out: ElementTree.Element, estimate: float, share: float) -> None:
    """The estimate in numbers, above its line, on the side where there is room."""
    x = LABELS + share * (WIDTH - LABELS - RIGHT)
    side = "start" if share < 0.2 else "end" if share > 0.8 else "middle"
    label = ElementTree.SubElement(out, "text", {"class": "said", "x": f"{x:.1f}", "y": "13", "text-anchor": side})
    label.text = short(estimate)
