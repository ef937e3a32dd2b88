"""Scores of an index by unit and period: a table whose cells are darker the higher, and a line for every unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from parity.report.figures import short
from parity.results.analysis_page import IndexDetail

#: Units of one table and one drawing; of more, those at the top and at the bottom of the latest period.
MOST, EDGE = 40, 10
#: Shades of the table.
SHADES = 5
WIDTH, TALL, TOP, LEFT, RIGHT, FOOT = 480.0, 250.0, 10.0, 34.0, 92.0, 22.0


@dataclass(frozen=True)
class Unit:
    unit: str
    scores: tuple[float | None, ...]


@dataclass(frozen=True)
class Heat:
    """One unit: each period's score as text, and its shade, 0 where there is none."""

    unit: str
    cells: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Scores:
    """rows: the first of the latest period first. lines: the drawing. left_out: units in the middle that aren't shown."""

    periods: tuple[str, ...]
    rows: tuple[Heat, ...]
    lines: str
    left_out: int


def scores_by_period(index: IndexDetail, mark: str) -> Scores | None:
    """None where the report has scores of one period alone, or from before they were kept. mark: an id of the page's."""
    units = [Unit(u.unit, scores) for u, scores in zip(index.over, index.scores, strict=False)]
    units = [u for u in units if any(v is not None for v in u.scores)]
    if len(index.periods) < 2 or not units:
        return None
    units.sort(key=lambda u: (u.scores[-1] is None, -(u.scores[-1] or 0.0)))
    shown = units if len(units) <= MOST else units[:EDGE] + units[-EDGE:]
    known = [v for u in units for v in u.scores if v is not None]
    low, high = min(known), max(known)
    rows = tuple(Heat(u.unit, tuple(_cell(v, low, high) for v in u.scores)) for u in shown)
    return Scores(index.periods, rows, _lines(index.periods, shown, low, high, mark), len(units) - len(shown))


def _cell(value: float | None, low: float, high: float) -> tuple[str, int]:
    if value is None:
        return "–", 0
    share = (value - low) / (high - low) if high > low else 0.0
    return short(value, 3), 1 + min(int(share * SHADES), SHADES - 1)


def _lines(periods: Sequence[str], units: Sequence[Unit], low: float, high: float, mark: str) -> str:
    """A line a unit; the first, the last and the mean of those shown stand out, with their names behind them."""
    mean = tuple(_mean([u.scores[i] for u in units]) for i in range(len(periods)))
    out = Element(
        "svg", {"class": "lines", "role": "img", "aria-labelledby": f"{mark}-t", "viewBox": f"0 0 {WIDTH:g} {TALL:g}"}
    )
    first, last = units[0], units[-1]
    said = (
        f"Scores from {periods[0]} to {periods[-1]}: {first.unit} from {short(first.scores[0], 3)} to "
        f"{short(first.scores[-1], 3)}; {last.unit} from {short(last.scores[0], 3)} to {short(last.scores[-1], 3)}; mean "
        f"from {short(mean[0], 3)} to {short(mean[-1], 3)}"
    )
    SubElement(out, "title", {"data-told": "", "id": f"{mark}-t"}).text = said
    span, wide = (high - low) or 1.0, WIDTH - LEFT - RIGHT
    foot = TALL - FOOT

    def at(i: int, value: float) -> str:
        return f"{LEFT + wide * i / (len(periods) - 1):.1f} {foot - (foot - TOP) * (value - low) / span:.1f}"

    for y, text in ((foot, short(low, 3)), (TOP, short(high, 3))):
        SubElement(out, "text", {"class": "axis", "x": f"{LEFT - 5:g}", "y": f"{y + 4:g}", "text-anchor": "end"}).text = text
    step = max(1, -(-len(periods) // 6))
    for i in range(0, len(periods), step):
        place = {"class": "axis", "x": at(i, low).split()[0], "y": f"{TALL - 5:g}", "text-anchor": "middle"}
        SubElement(out, "text", place).text = periods[i]
    kinds = [("one", u.unit, u.scores) for u in units[1:-1]]
    kinds += [("end", u.unit, u.scores) for u in dict.fromkeys((first, last))] + [("mean", "mean", mean)]
    for css, name, values in kinds:
        points = [(i, v) for i, v in enumerate(values) if v is not None]
        path = SubElement(out, "path", {"class": css, "d": "M" + "L".join(at(i, v) for i, v in points)})
        if css == "one":
            SubElement(path, "title").text = name
    behind = [(values[-1], css, name) for css, name, values in kinds if css != "one" and values[-1] is not None]
    above = -TALL
    for value, css, name in sorted(behind, reverse=True):  # from the top, no two on one another
        x, y = at(len(periods) - 1, value).split()
        above = max(float(y) + 4, above + 14)
        told = {"data-told": ""} if css == "mean" else {}
        SubElement(out, "text", {"class": css, "x": f"{float(x) + 6:g}", "y": f"{above:.1f}"} | told).text = name
    return tostring(out, encoding="unicode")


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None
