"""docs/floors.svg, the floors of src/parity as a drawing: `PYTHONPATH=tests python docs/build_floors.py`.

Drawn from the one table of `tests/test_architecture.py`. A folder imports what lies below it; an arrow is an import on its
own floor.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from structure import Floors

PAGE = Path(__file__).resolve().parent / "floors.svg"

#: Pixels: a box's height, the gap between boxes, between floors, the margin with the floor's number, one letter, and how
#: much deeper an arrow hangs for each box that it passes.
BOX, GAP, BETWEEN, MARGIN, LETTER, DEEPER = 28, 14, 7, 36, 8, 6
STYLE = """
    text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #16191d; }
    text.number { fill: #565d66; }
    rect.page { fill: #fdfdfb; } rect.floor { fill: #f0f2ee; } rect.folder { fill: #ffffff; stroke: #14603f; }
    path { fill: none; stroke: #0b5a86; stroke-width: 1.2; marker-end: url(#tip); }
    marker path { fill: #0b5a86; stroke: none; }
"""


def in_order(beside: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Folders of a floor such that each stands right of those it imports."""
    placed: list[str] = []
    while len(placed) < len(beside):
        placed.append(next(name for name in beside if name not in placed and set(beside[name]) <= set(placed)))
    return placed


def drawing(floors: Floors) -> str:
    """The SVG: the highest floor on top, as one goes down."""
    widths = {name: round(LETTER * len(name) + 22) for floor in floors for name in floor}
    inner = max(sum(widths[n] for n in floor) + GAP * (len(floor) + 1) for floor in floors)
    lines, top = [], BETWEEN
    for number, floor in reversed([*enumerate(floors, start=1)]):
        order = in_order(floor)
        passed = [order.index(name) - order.index(other) for name, others in floor.items() for other in others]
        height = BOX + 12 + (DEEPER * max(passed) + 4 if passed else 0)
        lines.append(f'  <rect class="floor" x="{MARGIN}" y="{top}" width="{inner}" height="{height}" rx="4"/>')
        lines.append(f'  <text class="number" x="14" y="{top + BOX // 2 + 11}">{number}</text>')
        x = MARGIN + (inner - sum(widths[n] for n in floor) - GAP * (len(floor) - 1)) // 2
        middles: dict[str, int] = {}
        for name in order:
            lines.append(f'  <rect class="folder" x="{x}" y="{top + 6}" '
                         f'width="{widths[name]}" height="{BOX}" rx="4"/>'
                         f'<text x="{x + 11}" y="{top + BOX // 2 + 11}">{name}</text>')  # fmt: skip
            middles[name] = x + widths[name] // 2
            x += widths[name] + GAP
        for name, others in floor.items():
            for k, other in enumerate(others):
                start, end, low = middles[name] - 8 * k, middles[other] + 6, top + BOX + 6
                deep = low + round(DEEPER * (order.index(name) - order.index(other)) * 4 / 3) + 4
                lines.append(f'  <path d="M{start} {low} C{start} {deep} {end} {deep} {end} {low + 1}"/>')
        top += height + BETWEEN
    width = MARGIN + inner + 10
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" role="img" width="{width}" height="{top}">',
        "  <title>The floors of src/parity: a folder imports what lies below it; an arrow is an import on one floor</title>",
        f"  <style>{STYLE}  </style>",
        '  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
        f'  <rect class="page" width="{width}" height="{top}"/>',
    ]
    return "\n".join([*head, *lines, "</svg>"]) + "\n"


if __name__ == "__main__":
    from test_architecture import FLOORS

    PAGE.write_text(drawing(FLOORS), encoding="utf-8")
