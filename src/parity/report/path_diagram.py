"""A mediation as the diagram that papers print: paths with their coefficients, products with their tests and intervals.

Every number is one of the record. Boxes stand in three columns: treatment, mediators one above the other, outcome; the lines
are drawn at right angles, so that no number stands on one however many mediators there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, tostring

import wcwidth

from parity.results.analysis_page import AnalysisDetail
from parity.results.record import Record

#: Lengths in units of the drawing: as wide as a phone, so that its text is read there unscaled.
WIDTH, BOX, TALL, LINE, EDGE = 360.0, 104.0, 38.0, 15.0, 14.0
LEFT, MIDDLE, RIGHT = BOX / 2, WIDTH / 2, WIDTH - BOX / 2
#: Columns of text that a line of a box holds, a Chinese character being two.
HELD = 15
#: Intervals that are written beside a product, where they were computed.
METHODS = {"percentile": "percentile", "bca": "BCa"}
_LEVELS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
Numbers = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Path:
    """A coefficient on its line. weak: whether its p is 0.1 or more."""

    letter: str
    value: str
    se: str = ""
    weak: bool = False


@dataclass(frozen=True)
class Middle:
    """A mediator, its two paths, and what is said below it. moved: the path on which the moderator acts, "a" or "b"."""

    name: str
    into: Path
    out: Path
    said: tuple[str, ...]
    moved: str = ""


@dataclass(frozen=True)
class Diagram:
    """below: the paths between treatment and outcome, the first above their line; said: what stands under all."""

    treatment: str
    outcome: str
    middle: tuple[Middle, ...]
    below: tuple[Path, ...]
    said: tuple[str, ...] = ()
    moderator: str = ""
    moves: Path | None = None
    id: str = field(default="path", kw_only=True)


def path_svg(detail: AnalysisDetail, records: Sequence[Record]) -> str:
    """Of a mediation or a moderated effect whose page says its path; "" of anything else."""
    record = next((r for r in records if r.kind in ("mediation", "moderation") and r.numbers), None)
    ends = detail.about.get("Path", "").split(" → ")
    if record is None or len(ends) < 2:
        return ""
    numbers: dict[str, dict[str, float]] = {}
    for n in record.numbers:
        numbers.setdefault(n.quantity, {})[n.term] = n.value
    made = (_mediated if record.kind == "mediation" else _moderated)(numbers, ends, detail.about, mark_of(detail))
    return _svg(made)


def mark_of(detail: AnalysisDetail) -> str:
    """What ids in a drawing of it begin with."""
    return "drawn-" + re.sub(r"[^A-Za-z0-9]+", "-", f"{detail.study}-{detail.spec}".encode("punycode").decode())


def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}".replace("-", "−")


def _stars(p: float | None) -> str:
    return next((stars for level, stars in _LEVELS if p is not None and p < level), "")


def _path(letter: str, numbers: Numbers, term: str, of: str = "effect") -> Path:
    p = numbers.get("p", {}).get(term)
    value, se = numbers[of].get(term), numbers.get("se", {}).get(term)
    return Path(letter, figure(value) + _stars(p), f"({figure(se)})" if se is not None else "", p is not None and p >= 0.1)


# ---------------------------------------------------------------- what is drawn


def _mediated(numbers: Numbers, ends: Sequence[str], about: Mapping[str, str], mark: str) -> Diagram:
    names = [term.removeprefix("first ") for term in numbers["effect"] if term.startswith("first ")]
    level, middle = about.get("Intervals", ""), []
    for i, name in enumerate(names, 1):
        sub = str(i).translate(_SUBSCRIPTS) if len(names) > 1 else ""
        said = [f"a{sub} × b{sub} = {figure(numbers['effect'].get(f'indirect {name}'))}"]
        z, p = (numbers.get(f"{q} by sobel", {}).get(name) for q in ("z", "p"))
        said += [f"Sobel z = {figure(z)}, p = {figure(p)}"] if z is not None else []
        said += _intervals(numbers, f"indirect {name}", level)
        into, out = _path(f"a{sub}", numbers, f"first {name}"), _path(f"b{sub}", numbers, f"second {name}")
        middle.append(Middle(name, into, out, tuple(said)))
    below = (_path("c′", numbers, "direct"), _path("c", numbers, "total"))
    said = []
    if len(names) > 1:
        said = [f"all mediators: {figure(numbers['effect'].get('indirect'))}", *_intervals(numbers, "indirect", level)]
    return Diagram(ends[0], ends[-1], tuple(middle), below, tuple(said), id=mark)


def _intervals(numbers: Numbers, term: str, level: str) -> Iterator[str]:
    for method, called in METHODS.items():
        low, high = (numbers.get(f"{method} {end}", {}).get(term) for end in ("low", "high"))
        if low is not None and high is not None:
            yield f"{called} interval, {level.replace(' ', '')}: {figure(low)} to {figure(high)}"


def _moderated(numbers: Numbers, ends: Sequence[str], about: Mapping[str, str], mark: str) -> Diagram:
    """The product's coefficient stands where the moderator acts; below, what it comes to at each value of the moderator."""
    product = "product with the moderator"
    of, moves = "indirect" if "indirect" in numbers else "effect", _path("", numbers, product)
    low, high = (numbers.get(f"{'indirect ' if of == 'indirect' else ''}ci_{end}", {}) for end in ("low", "high"))
    said = []
    for name, value in numbers[of].items():
        ends_of = f"({figure(low.get(name))} to {figure(high.get(name))})"
        if name == "index of moderated mediation":  # too long for one line of a phone
            said += [f"{name}: {figure(value)}", ends_of]
        elif name != product:
            said.append(f"{name}: {figure(value)} {ends_of}")
    moderator = about.get("Moderating", "")
    if len(ends) == 2:
        return Diagram(
            ends[0], ends[1], (), (Path("", ""),), ("effect, with its interval:", *said), moderator, moves, id=mark
        )
    first = about.get("Moderated path", "").startswith(f"{ends[0]} → ")
    path = next(iter(numbers["path"]))
    other = Path("b" if first else "a", figure(numbers["path"][path]), f"({figure(numbers['path se'].get(path))})")
    hangs = Path("a" if first else "b", "")
    head = "indirect effect, with its interval:"
    one = Middle(ends[1], hangs if first else other, other if first else hangs, (head, *said), "a" if first else "b")
    return Diagram(ends[0], ends[2], (one,), (), (), moderator, moves, id=mark)


# ---------------------------------------------------------------- drawing


def _svg(d: Diagram) -> str:
    out = Element("svg", {"class": "paths", "role": "img", "aria-labelledby": f"{d.id}-t {d.id}-d"})
    _said(out, "title", {"id": f"{d.id}-t"}, f"Path diagram: {' → '.join(_names(d))}")
    _said(out, "desc", {"id": f"{d.id}-d"}, f"Paths: {'; '.join(_spoken(d))}")
    _marker(out, d.id)
    y = EDGE
    if d.moderator:
        y = _moderator(out, d, y)
    top = None
    for m in d.middle:
        centre = y + TALL / 2
        top = centre if top is None else top
        _line(out, f"M{EDGE:g} {centre:g}H{MIDDLE - BOX / 2 - 1:g}", d.id, m.into.weak)
        _line(out, f"M{MIDDLE + BOX / 2:g} {centre:g}H{WIDTH - EDGE:g}", "", m.out.weak)
        into, out_of = (
            (LEFT, MIDDLE - BOX / 2),
            (RIGHT, MIDDLE + BOX / 2),
        )  # beside the moderator's line
        _coefficient(out, sum(into if m.moved == "a" else (EDGE, into[1])) / 2, centre, m.into)
        _coefficient(out, sum(out_of if m.moved == "b" else (WIDTH - EDGE, out_of[1])) / 2, centre, m.out)
        _box(out, MIDDLE, centre, m.name, "mediator")
        y = _lines(out, m.said, y + TALL + 4) + EDGE
    y += 0 if d.middle else EDGE
    centre = y + TALL / 2
    if top is not None:
        _line(out, f"M{EDGE:g} {y:g}V{top:g}", "")
        _line(out, f"M{WIDTH - EDGE:g} {top:g}V{y - 1:g}", d.id)
    if d.below or not d.middle:
        _line(out, f"M{BOX:g} {centre:g}H{WIDTH - BOX - 1:g}", d.id, d.below[0].weak)
    for place, path in zip((centre - 6, centre + LINE), d.below, strict=False):
        if path.value:
            _text(out, MIDDLE, place, f"{path.letter} = {path.value} {path.se}".strip())
    _box(out, LEFT, centre, d.treatment, "treatment")
    _box(out, RIGHT, centre, d.outcome, "outcome")
    y = _lines(out, d.said, y + TALL + 4) + EDGE / 2
    out.set("viewBox", f"0 0 {WIDTH:g} {y:g}")
    return tostring(out, encoding="unicode")


def _moderator(out: Element, d: Diagram, y: float) -> float:
    """Its box, and a line down to the path that it acts on; where the rest begins."""
    side = next((-1 if m.moved == "a" else 1 for m in d.middle), 0)  # of the middle
    x, foot = MIDDLE + side * (MIDDLE - LEFT), y + TALL + 2 * LINE
    _box(out, x, y + TALL / 2, d.moderator, "moderator")
    moves = d.moves or Path("", "")
    _line(out, f"M{x:g} {y + TALL:g}V{foot + TALL / 2 - 2 + (0 if side else EDGE):g}", d.id, moves.weak)
    beside = ("end", x - 7) if side > 0 else ("start", x + 7)
    _text(out, beside[1], y + TALL + LINE, f"× {moves.value} {moves.se}", beside[0])
    return foot


def _names(d: Diagram) -> list[str]:
    return [d.treatment, ", ".join(m.name for m in d.middle), d.outcome] if d.middle else [d.treatment, d.outcome]


def _spoken(d: Diagram) -> Iterator[str]:
    """What the drawing says, in an order in which it can be read out."""
    for m in d.middle:
        for a, b, path in ((d.treatment, m.name, m.into), (m.name, d.outcome, m.out)):
            yield f"{a} → {b}: {f'{path.letter} = {path.value} {path.se}' if path.value else path.letter}".rstrip()
        yield from m.said
    if d.moderator and d.moves is not None:
        yield f"{d.moderator}: × {d.moves.value} {d.moves.se}"
    yield from (f"{d.treatment} → {d.outcome}: {p.letter} = {p.value} {p.se}" for p in d.below if p.value)
    yield from d.said


def _marker(out: Element, mark: str) -> None:
    size = {"viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "7", "markerHeight": "7", "orient": "auto"}
    marker = SubElement(SubElement(out, "defs"), "marker", {"id": f"{mark}-h"} | size)
    SubElement(marker, "path", {"d": "M0 0L8 4L0 8z"})


def _line(out: Element, d: str, mark: str, weak: bool = False) -> None:
    """With a head where `mark` names one."""
    head = {"marker-end": f"url(#{mark}-h)"} if mark else {}
    SubElement(out, "path", {"class": "weak" if weak else "line", "d": d} | head)


def _coefficient(out: Element, x: float, y: float, path: Path) -> None:
    """Above its line, and its standard error below."""
    _text(out, x, y - 6, f"{path.letter} = {path.value}" if path.value else path.letter)
    if path.se:
        _text(out, x, y + LINE, path.se)


def _box(out: Element, x: float, y: float, name: str, css: str) -> None:
    made = SubElement(out, "g", {"class": f"box {css}"})
    SubElement(made, "title").text = name
    place = {"x": f"{x - BOX / 2:g}", "y": f"{y - TALL / 2:g}", "width": f"{BOX:g}", "height": f"{TALL:g}", "rx": "4"}
    SubElement(made, "rect", place)
    lines = in_lines(name)
    for i, line in enumerate(lines):
        _text(made, x, y + 4 + (i - (len(lines) - 1) / 2) * LINE, line)


def _lines(out: Element, said: Sequence[str], y: float) -> float:
    """Lines below one another; where they end."""
    for line in said:
        y += LINE
        _said(out, "text", {"x": f"{MIDDLE:g}", "y": f"{y:g}", "text-anchor": "middle", "class": "said"}, line)
    return y


def _said(out: Element, tag: str, attributes: Mapping[str, str], text: str) -> None:
    """A sentence, which goes through the catalogue when the drawing is put into a page."""
    SubElement(out, tag, {"data-told": ""} | dict(attributes)).text = text


def _text(out: Element, x: float, y: float, text: str, anchor: str = "middle") -> None:
    SubElement(out, "text", {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": anchor}).text = text


def in_lines(name: str) -> list[str]:
    """A name in at most two lines of a box, broken after a sign where there is one."""
    if wcwidth.width(name) <= HELD:
        return [name]
    fits = wcwidth.clip(name, 0, HELD).rstrip()  # half of a wide sign is a blank
    at = max(fits.rfind(sign) for sign in "._ ,:(") + 1
    first = fits[:at] if at > len(fits) // 2 else fits
    rest = name[len(first) :].strip()
    return [first, rest if wcwidth.width(rest) <= HELD else wcwidth.clip(rest, 0, HELD - 1).rstrip() + "…"]
