"""Drawings by matplotlib as SVG that CSS can colour: marks under classes of our own, no colours, ids or metadata."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree import ElementTree

from parity.base.patterns import BLANKS

WIDTH, LABELS, RIGHT = 480.0, 118.0, 14.0
SVG = "{http://www.w3.org/2000/svg}"


def sheet(height: float, top: float, foot: float) -> tuple[Any, Any]:
    """Canvas and axes: names of rows stand left of the axes, numbers below. Lengths in points."""
    import matplotlib

    # text as text, and the same ids every time
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "parity", "path.simplify": False})
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(WIDTH / 72, height / 72))
    canvas = FigureCanvasSVG(figure)
    inside = (LABELS / WIDTH, foot / height, (WIDTH - LABELS - RIGHT) / WIDTH, (height - top - foot) / height)
    axes = figure.add_axes(inside)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    return canvas, axes


def drawn(canvas: Any) -> ElementTree.Element:
    """What matplotlib makes of it."""
    out = io.StringIO()
    canvas.print_svg(out, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return ElementTree.fromstring(out.getvalue())


def root(css: str, height: float, description: str) -> ElementTree.Element:
    size = {"class": css, "viewBox": f"0 0 {WIDTH:g} {height:g}", "role": "img", "aria-label": description}
    return ElementTree.Element("svg", size)


def group(drawing: ElementTree.Element, name: str) -> ElementTree.Element | None:
    """The marks that were drawn under a gid."""
    return drawing.find(f".//{SVG}g[@id='{name}']")


def marks(found: ElementTree.Element, out: ElementTree.Element) -> None:
    """Lines as paths, points as circles."""
    inside = set(found.iterfind(f".//{SVG}defs/{SVG}path"))
    for path in found.iter(f"{SVG}path"):
        if path not in inside:
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d", ""))]
            if len(numbers) == 4:
                x, y, to, end = numbers
                ElementTree.SubElement(out, "path", {"d": f"M{x:.1f} {y:.1f}L{to:.1f} {end:.1f}"})
    for use in found.iter(f"{SVG}use"):
        place = {"cx": f"{float(use.get('x', 0)):.1f}", "cy": f"{float(use.get('y', 0)):.1f}", "r": "3.6"}
        ElementTree.SubElement(out, "circle", place)


def area(found: ElementTree.Element, out: ElementTree.Element) -> None:
    """A filled outline, to a tenth of a point."""
    for path in found.iter(f"{SVG}path"):
        text = re.sub(r"-?\d+(?:\.\d+)?", lambda n: f"{float(n[0]):.1f}".removesuffix(".0"), path.get("d", ""))
        ElementTree.SubElement(out, "path", {"d": re.sub(BLANKS + r"([A-Za-z])\s*", r"\1", text)})


def axis(drawing: ElementTree.Element, out: ElementTree.Element, baseline: float) -> None:
    """The horizontal axis with its numbers."""
    made = ElementTree.SubElement(out, "g", {"class": "axis"})
    for tick in drawing.iterfind(f".//{SVG}g[@id='matplotlib.axis_1']/{SVG}g"):
        use, text = tick.find(f".//{SVG}use"), tick.find(f".//{SVG}text")
        if use is not None:
            x, y = float(use.get("x", 0)), float(use.get("y", 0))
            ElementTree.SubElement(made, "path", {"d": f"M{x:.1f} {y:.1f}v5"})
            label = ElementTree.SubElement(made, "text", {"x": f"{x:.1f}", "y": f"{y + 19:.1f}"})
            label.text = "".join(text.itertext()) if text is not None else ""
    ElementTree.SubElement(made, "path", {"d": f"M{LABELS:g} {baseline:g}H{WIDTH - RIGHT:g}"})


def names(labels: list[tuple[float, str]], out: ElementTree.Element, *, told: bool = False) -> None:
    """Names of rows, at their heights. told: whether they are the project's words, which a page has in its language."""
    made = ElementTree.SubElement(out, "g", {"class": "names"})
    for y, text in labels:
        marked = {"data-told": ""} if told else {}
        ElementTree.SubElement(made, "text", {"x": "0", "y": f"{y:.1f}"} | marked).text = text


def text(made: ElementTree.Element) -> str:
    return ElementTree.tostring(made, encoding="unicode")
