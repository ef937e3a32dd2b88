"""A note that is wrong about its numbers, told from the numbers alone: t where standard errors are announced, stars at other
levels.

An estimate and its bracket say what the bracket is: |b / se| is a t, and the stars beside it say how large that t is. Under
the normal distribution (the largest df a t can have) a coefficient with k stars has p below the k-th level; small samples
move p a little, so a row counts against a reading only where it is off by more than rounding and ten degrees of freedom
explain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from parity.logs.exhibit import Cell, Exhibit, Place

Reading = Literal["se", "t", "p"]
READINGS: tuple[Reading, ...] = ("se", "t", "p")
_WORDS = {"se": "standard errors", "t": "t statistics", "p": "p-values", "ci": "confidence intervals"}
#: Degrees of freedom that a test in print has at least; fewer are rare, and widen what stars allow.
_LEAST_DF = 10
#: Estimates that a reading must be decided by.
_LEAST = 3
#: What is usual where the notes announce no levels.
_USUAL = ((0.1, 0.05, 0.01), (0.05, 0.01, 0.001))


@dataclass(frozen=True)
class NoteFinding:
    """What a table's notes say and its numbers deny.

    id      "note-brackets" (t where standard errors are announced), "note-stars" (stars at other levels than announced),
            "row-stars" (one row's stars deny its own numbers), "note-missing"
    said    what stands in the note; found: what the numbers are; evidence: counts, and the first cell that shows it
    """

    id: str
    said: str
    found: str
    evidence: str
    place: Place
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class _Pair:
    """An estimate and the number in brackets below it."""

    coefficient: Cell
    inside: Cell
    label: str
    tested: bool  # whether its column has stars at all; a column of means has none


def note_findings(exhibit: Exhibit) -> tuple[NoteFinding, ...]:
    """What the notes of a table of estimates say and its numbers deny; () where they agree or can't tell."""
    if exhibit.kind != "estimates":
        return ()
    place = exhibit.notes.place or exhibit.place
    cuts = exhibit.notes.stars.cuts if exhibit.notes.stars else ()
    found: list[NoteFinding] = []
    read: dict[str, Reading] = {}
    for bracket in ("(", "["):
        pairs = list(_pairs(exhibit, bracket))
        if denied := _brackets(exhibit, bracket, pairs, cuts, place):
            found.append(denied[0])
            read[bracket] = denied[1]
    if cuts:
        found += _stars(exhibit, cuts, place, read)
    return tuple(found)


def _pairs(exhibit: Exhibit, bracket: str) -> Iterator[_Pair]:
    tested = {j for row in exhibit.rows for j, cells in enumerate(row.cells) if any(c.stars for c in cells)}
    for row in exhibit.rows:
        for j, cells in enumerate(row.cells):
            coefficient = next((c for c in cells if c.kind == "coef" and c.number), None)
            in_it = [c for c in cells if c.bracket == bracket and c.number]
            inside = next((c for c in in_it if c.kind in ("se", "t", "p", "(", "[")), None)
            if coefficient is not None and inside is not None:
                yield _Pair(coefficient, inside, row.label, j in tested)


# ---------------------------------------------------------------- what stands in brackets


def _brackets(
    exhibit: Exhibit, bracket: str, pairs: Sequence[_Pair], cuts: Sequence[float], place: Place
) -> tuple[NoteFinding, Reading] | None:
    """That a bracket holds something else than its note says, and what; None if it may hold that."""
    said = exhibit.notes.inside(bracket)
    if said not in READINGS or len(pairs) < _LEAST:
        return None
    against = {kind: [pair for pair in pairs if _impossible(kind, pair) or _off(kind, pair, cuts)] for kind in READINGS}
    wrong = against[said]
    fits = [kind for kind in READINGS if not against[kind]] or [min(READINGS, key=lambda k: len(against[k]))]
    if not wrong or said in fits:
        return None
    better = fits[0]
    if len(wrong) < max(2, 0.2 * len(pairs)) or len(against[better]) > 0.25 * len(wrong):
        return None
    text = _evidence(wrong, len(pairs))
    name = "parentheses" if bracket == "(" else "brackets"
    cells = tuple(cell for pair in wrong for cell in (pair.coefficient, pair.inside))
    return NoteFinding("note-brackets", f"{_WORDS[said]} in {name}", _WORDS[better], text, place, cells), better


def _impossible(kind: Reading, pair: _Pair) -> bool:
    """Whether a number can't be of this kind: a standard error or p below zero, a p above one, a t of another sign."""
    number, coefficient = pair.inside.number, pair.coefficient.number
    assert number is not None and coefficient is not None
    if kind == "t":
        opposed = number.value * coefficient.value < 0 and min(abs(number.value), abs(coefficient.value)) > 0
        return opposed and number.value < 0
    return number.value < 0 or (kind == "p" and number.value > 1)


def _off(kind: Reading, pair: _Pair, cuts: Sequence[float]) -> bool:
    """Whether the stars of an estimate can't follow from its bracket, read so."""
    levels = [tuple(cuts)] if cuts else list(_USUAL)
    return pair.tested and not any(_follows(kind, pair, level) for level in levels)


def _follows(kind: Reading, pair: _Pair, cuts: Sequence[float]) -> bool:
    low, high = p_range(kind, pair.coefficient, pair.inside)
    stars = min(pair.coefficient.stars, len(cuts))
    upper = cuts[stars - 1] if stars else 1.0
    lower = cuts[stars] if stars < len(cuts) else 0.0
    return low <= upper and high >= lower


def p_range(kind: Reading, coefficient: Cell, inside: Cell) -> tuple[float, float]:
    """The least and largest two-sided p that the printed digits allow, under the normal and under t with ten degrees."""
    from scipy.special import ndtr, stdtr

    if kind == "p":
        return max(0.0, inside.low), min(1.0, inside.high)
    if kind == "t":
        least, most = _least_most(inside)
    else:
        b_low, b_high = _least_most(coefficient)
        s_low, s_high = _least_most(inside)
        least = b_low / s_high if s_high else 0.0
        most = b_high / s_low if s_low > 0 else float("inf")
    return float(2 * ndtr(-most)), float(2 * stdtr(_LEAST_DF, -least))


def _least_most(cell: Cell) -> tuple[float, float]:
    """The least and largest absolute value that the printed digits allow."""
    assert cell.number is not None
    value, half = abs(cell.number.value), cell.number.half_unit
    return max(0.0, value - half), value + half


# ---------------------------------------------------------------- stars


def _stars(exhibit: Exhibit, cuts: Sequence[float], place: Place, read: Mapping[str, Reading]) -> Iterator[NoteFinding]:
    """Stars at other levels than announced, of the table or of single estimates. read: brackets whose note is denied."""
    both = [
        (pair, read.get(bracket) or _kind(exhibit, pair, bracket))
        for bracket in ("(", "[")
        for pair in _pairs(exhibit, bracket)
    ]
    pairs = [(pair, kind) for pair, kind in both if kind is not None and pair.tested]
    wrong = [(pair, kind) for pair, kind in pairs if not _follows(kind, pair, cuts)]
    if not wrong:
        return
    others = [c for c in _USUAL if c != tuple(cuts)]
    other = next((c for c in others if all(_follows(kind, pair, c) for pair, kind in pairs)), None)
    text = _evidence([pair for pair, _ in wrong], len(pairs))
    cells = tuple(cell for pair, _ in wrong for cell in (pair.coefficient, pair.inside))
    said = ", ".join(f"{mark} p < {cut:g}" for mark, cut in (exhibit.notes.stars.levels if exhibit.notes.stars else ()))
    if other is not None and len(wrong) >= 2:
        found = ", ".join(f"{'*' * (i + 1)} p < {cut:g}" for i, cut in enumerate(other))
        yield NoteFinding("note-stars", said, found, text, place, cells)
    elif len(wrong) * 2 > len(pairs):
        yield NoteFinding("note-stars", said, "levels that no usual ones fit", text, place, cells)
    else:
        for pair, kind in wrong:
            low, high = p_range(kind, pair.coefficient, pair.inside)
            found = f"p between {low:.4f} and {high:.4f}"
            yield NoteFinding(
                "row-stars", f"{pair.label}: {pair.coefficient.text}", found, f"{pair.coefficient.text} {pair.inside.text}",
                pair.coefficient.place, (pair.coefficient, pair.inside),
            )  # fmt: skip


def _evidence(wrong: Sequence[_Pair], all_pairs: int) -> str:
    first = wrong[0]
    shown = f"{first.label}: {first.coefficient.text} {first.inside.text}"
    return f"{len(wrong)} of {all_pairs} estimates deny it, such as {shown}"


def _kind(exhibit: Exhibit, pair: _Pair, bracket: str) -> Reading | None:
    """What a bracket holds as it is announced, or as its row says."""
    said = exhibit.notes.inside(bracket) or pair.inside.kind
    return said if said in READINGS else None  # type: ignore[return-value]
