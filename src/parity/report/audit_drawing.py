"""The specification curve as SVG: what paper shows, and a reader without scripts."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from parity.report.figures import short
from parity.results.audit import Audit, AuditAxis
from parity.results.audit_curve import Curve

#: Units of the drawing: its width, where names of lines end, the curve's height, and a line's.
WIDTH, LEFT, HEIGHT, LINE = 720.0, 190.0, 220.0, 13.0
#: Columns in which specifications are put together, and shades of a line below the curve.
COLUMNS, SHADES = 265, 4
#: Of the intervals, what the drawing has room for at either end: those of single ones may be a hundred times wider.
CUT = 0.02

#: Options of a choice that have a line of their own below the curve; the others share one.
LINES = 8


@dataclass(frozen=True)
class Line:
    """A line below the curve: a choice, an option, and the numbers of the options that it stands for."""

    axis: int
    label: str
    options: tuple[int, ...]
    base: bool


def lines_of(axes: Sequence[AuditAxis], curve: Curve, spoken: Collection[tuple[str, str]] = ()) -> tuple[Line, ...]:
    """Of a choice with many options those with a line of their own are the audited one, and those that are spoken of: pairs
    of a choice and an option."""
    found: list[Line] = []
    for j, axis in enumerate(axes):
        numbers = np.bincount(curve.choices[:, j].astype(np.intp), minlength=len(axis.options)) if len(curve) else []
        there = [i for i in range(len(axis.options)) if len(curve) and numbers[i]]
        if len(there) < 2:
            continue
        if set(axis.options) <= {"in", "out"}:
            found.append(Line(j, axis.name, (axis.options.index("in"),), axis.options[axis.base] == "in"))
            continue
        own = there if len(there) <= LINES else [
            i for i in there if i == axis.base or (axis.name, axis.options[i]) in spoken
        ]  # fmt: skip
        found += [Line(j, axis.options[i], (i,), i == axis.base) for i in own]
        if rest := tuple(i for i in there if i not in own):
            found.append(Line(j, f"{len(rest):,} others", rest, False))
    return tuple(found)


def window(curve: Curve) -> tuple[float, float]:
    """The coefficients, and intervals but for the widest; zero where it is near."""
    low, high = float(np.quantile(curve.low, CUT)), float(np.quantile(curve.high, 1 - CUT))
    least, most = min(low, float(curve.coef.min())), max(high, float(curve.coef.max()))
    span = (most - least) or abs(most) or 1.0
    least = min(least, 0.0) if least < span else least
    most = max(most, 0.0) if most > -span else most
    return least - 0.03 * span, most + 0.03 * span


def ticks(least: float, most: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    return [float(t) for t in MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(least, most) if least <= t <= most]


def drawing(audit: Audit, curve: Curve, lines: Sequence[Line]) -> str:
    """Empty where no specification has an estimate."""
    if not len(curve):
        return ""
    least, most = window(curve)
    count = min(COLUMNS, len(curve))
    edges = np.linspace(0, len(curve), count + 1).round().astype(int)
    step = (WIDTH - LEFT - 2) / count

    def y(value: float) -> float:
        return 6 + (HEIGHT - 12) * (1 - (min(max(value, least), most) - least) / (most - least))

    heads = {line.axis for line in lines if line.label != audit.axes[line.axis].name}
    tall = HEIGHT + 10 + LINE * (len(lines) + len(heads))
    ends = f"{short(float(curve.coef[0]))} to {short(float(curve.coef[-1]))}"
    said = f"Specification curve: {len(curve):,} coefficients from {ends}"
    svg = ElementTree.Element(
        "svg", {"class": "curve", "viewBox": f"0 0 {WIDTH:g} {tall:g}", "role": "img", "aria-label": said}
    )
    for tick in ticks(least, most):
        _text(svg, LEFT - 6, y(tick) + 4, f"{tick:.10g}".replace("-", "−"), "tick")
        _path(svg, f"M{LEFT:g} {y(tick):.1f}H{WIDTH:g}", "zero" if tick == 0 else "rule")
    kinds, bars, points = _kinds(audit, curve), [], {"none": [], "star": [], "other": []}
    for i, (a, b) in enumerate(itertools.pairwise(edges)):
        x = LEFT + (i + 0.5) * step
        bars.append(f"M{x:.1f} {y(float(curve.low[a:b].min())):.1f}V{y(float(curve.high[a:b].max())):.1f}")
        for kind, held in points.items():
            if (mine := curve.coef[a:b][kinds[a:b] == kind]).size:
                held.append(f"M{x - step / 2:.1f} {y(float(mine.mean())):.1f}h{max(step, 1):.1f}")
    wide = ElementTree.SubElement(svg, "g", {"class": "bars", "style": f"stroke-width:{max(0.6, 0.6 * step):.1f}"})
    _path(wide, "".join(bars))
    for kind, held in points.items():
        _path(svg, "".join(held), f"points {kind}")
    base = audit.summary.base
    at = np.flatnonzero(curve.number == base.spec) if base else []
    if base and len(at):
        x = LEFT + (int(at[0]) + 0.5) * count * step / len(curve)
        ElementTree.SubElement(svg, "circle", {"class": "base", "cx": f"{x:.1f}", "cy": f"{y(base.coef):.1f}", "r": "4"})
        _path(svg, f"M{x:.1f} {HEIGHT:g}V{tall - 2:.1f}", "base")
    _matrix(svg, audit, curve, lines, edges, step)
    return ElementTree.tostring(svg, encoding="unicode")


def _kinds(audit: Audit, curve: Curve) -> np.ndarray:
    """(n,) "star": significant with the audited sign, else the sign of most; "other": with the other; "none"."""
    sign = np.sign(audit.summary.base.coef if audit.summary.base else np.median(curve.coef))
    return np.where(curve.p >= audit.level, "none", np.where(curve.coef * sign > 0, "star", "other"))


def _matrix(
    svg: ElementTree.Element, audit: Audit, curve: Curve, lines: Sequence[Line], edges: np.ndarray, step: float
) -> None:
    """Of each line the share of a column's specifications that take it, in shades."""
    top, last = HEIGHT + 6, -1
    for line in lines:
        if line.axis != last:
            top, last = top + LINE, line.axis
            name = audit.axes[line.axis].name
            if name != line.label:
                _text(svg, 0, top - 2, _cut(name, 34), "axis")
            else:
                top -= LINE
        taken = np.isin(curve.choices[:, line.axis], line.options)
        shares = np.add.reduceat(taken, edges[:-1]) / np.diff(edges)
        levels = np.ceil(shares * SHADES).astype(int)
        for level, run in itertools.groupby(range(len(levels)), key=lambda i: levels[i]):
            held = list(run)
            if level:
                box = {"x": f"{LEFT + held[0] * step:.1f}", "y": f"{top + 2:.1f}", "width": f"{len(held) * step:.1f}",
                       "height": f"{LINE - 4:g}", "class": f"s{level}"}  # fmt: skip
                ElementTree.SubElement(svg, "rect", box)
        _text(svg, 8, top + LINE - 3, ("◯ " if line.base else "") + _cut(line.label, 30), "line")
        top += LINE


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _text(parent: ElementTree.Element, x: float, y: float, text: str, css: str) -> None:
    made = ElementTree.SubElement(parent, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": css})
    made.text = "".join(c for c in text if c.isprintable())


def _path(parent: ElementTree.Element, d: str, css: str = "") -> None:
    ElementTree.SubElement(parent, "path", {"d": d} | ({"class": css} if css else {}))
