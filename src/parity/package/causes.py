"""Causes that a package itself shows: another estimate's column, labels swapped, a note that is wrong, digits cut, a slip.

Pure over judged cells. They are asked before the diagnosis, which knows conventions, samples and models.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from parity.base.tolerance import NO_VARIANCE, NOT_OF_FLOATS, OFF_BY_A_UNIT, RIGHT_NUMBERS, SLIP, TYPED, ZERO_OF_FLOATS
from parity.compare.printed import read_number
from parity.package.estimates import Estimated, plain
from parity.package.fit import Fit, holds
from parity.package.mapping import Match
from parity.package.notes import other_variable
from parity.package.printed import Column
from parity.package.verdict import Cause, Judged
from parity.results.cause import certain

#: What is printed for another statistic of the same name: R-squared has several.
_KIN = {
    "r2": ("r2_a", "r2_within", "r2_overall", "r2_between", "r2_a_within", "r2_pseudo"),
    "r2_a": ("r2", "r2_a_within", "r2_within"), "r2_within": ("r2", "r2_a_within", "r2_a"),
    "r2_overall": ("r2", "r2_within"), "r2_between": ("r2", "r2_within"), "r2_pseudo": ("r2", "r2_a"),
    "nobs": ("N_full", "clusters", "groups"),
    "f": ("chi2",), "clusters": ("groups", "nobs"), "groups": ("clusters",), "chi2": ("f",),
}  # fmt: skip
_SAID = {
    "r2": "R-squared", "r2_a": "adjusted R-squared", "r2_within": "within R-squared", "r2_overall": "overall R-squared",
    "r2_between": "between R-squared", "r2_a_within": "adjusted within R-squared", "r2_pseudo": "pseudo R-squared",
    "N_full": "observations before singletons are dropped", "clusters": "the number of clusters", "f": "F",
    "chi2": "chi-squared", "groups": "the number of groups", "nobs": "the number of observations",
    "coef": "a coefficient", "se": "a standard error",
    "t": "a t statistic", "p": "a p-value",
}  # fmt: skip


def by_itself(cells: Sequence[Judged], found: Fit) -> list[Judged]:
    """Cells that differ, explained where a number alone shows how: rounding at its edge, another statistic."""
    out = [_alone(c, found.estimate, cells) if c.verdict == "differs" and c.estimated is not None else c for c in cells]
    lost = [c.verdict == "not verified" and c.row is None and c.estimated is None and found.estimate.known for c in out]
    return [_of_kin(c, found.estimate) if none else c for c, none in zip(out, lost, strict=True)]


def _alone(cell: Judged, e: Estimated, cells: Sequence[Judged]) -> Judged:
    if cell.distance == 0.0:  # the number is right: its stars or degrees of freedom aren't
        return cell
    value, number = cell.estimated, cell.cell.number
    assert value is not None and number is not None
    zero = _zero(e, cell)
    if zero:
        said = f"the {zero} of {cell.term} is zero but for rounding: no digit of it is determined"
        return replace(cell, verdict="not verified", distance=0.0).because(said)
    if cell.distance <= SLIP * abs(value) and not _finer(cells, cell.distance / _made_of(cell, e, value)):
        return cell.explained(
            Cause("float-storage", f"{value:.9g} lies within a millionth of the edge of what {cell.cell.text} stands for: "
                  "a float keeps 24 bits, so the last digit printed may be the next one")
        )  # fmt: skip
    return _of_kin(cell, e) if cell.row is None else cell


def _made_of(cell: Judged, e: Estimated, value: float) -> float:
    """The size of what a number is the sum of: an end of an interval is a coefficient less or more than its margin."""
    b = e.number("coef", cell.term) if cell.quantity in ("ci_low", "ci_high") and cell.row is not None else None
    return abs(value) if b is None else abs(b) + abs(value - b)


def _of_kin(cell: Judged, e: Estimated) -> Judged:
    """A statistic of the column that is another one of its kind."""
    for kin in _KIN.get(cell.quantity, ()):
        if holds(cell.cell, e.number(kin)):
            cause = Cause("another-statistic", f"it is {_SAID[kin]}, printed as {_SAID[cell.quantity]}")
            return replace(cell, estimated=cell.estimated if cell.estimated is not None else e.number(kin)).explained(cause)
    return cell


def _zero(e: Estimated, cell: Judged) -> str:
    """Which of a term's numbers has nothing left but rounding, where the cell is of it and prints no more than that."""
    b, se = e.number("coef", cell.term), e.number("se", cell.term)
    if b is None or se is None or cell.row is None or cell.cell.number is None:
        return ""
    printed = abs(cell.cell.number.value)
    if se <= NO_VARIANCE * abs(b):
        noise = {"se": printed <= ZERO_OF_FLOATS * abs(b), "t": printed == 0.0 or printed * ZERO_OF_FLOATS >= 1.0}
        return "standard error" if noise.get(cell.quantity, False) else ""
    if abs(b) > ZERO_OF_FLOATS * se:
        return ""
    noise = {"coef": printed <= ZERO_OF_FLOATS * se, "t": printed <= ZERO_OF_FLOATS}
    return "coefficient" if noise.get(cell.quantity, False) else ""


def _finer(cells: Sequence[Judged], moved: float) -> bool:
    """Whether numbers of the column that came out right would hardly all have, had floats moved them by such a share."""
    stayed = 1.0
    for c in cells:
        if c.verdict == "reproduced" and c.estimated and c.cell.number is not None and c.cell.number.half_unit > 0:
            stayed *= max(0.0, 1.0 - moved * abs(c.estimated) / (2 * c.cell.number.half_unit))
    return stayed < NOT_OF_FLOATS


def cut_digits(cells: Sequence[Judged]) -> list[Judged]:
    """Numbers of an exhibit whose digits are cut off where rounding would give others: all of them are, and so many that an
    exhibit which is off by a unit here and there doesn't look like it."""
    off = [c for c in cells if c.verdict == "differs" and _cut(c)]
    rounded = any(c.verdict == "reproduced" and _cuttable(c) and not _cut(c) for c in cells)
    if rounded or not certain(OFF_BY_A_UNIT ** len(off)):
        return list(cells)
    return [
        c.explained(Cause("digits-cut", f"digits are cut off, not rounded: {c.estimated:.9g} printed as {c.cell.text}"))
        if c.verdict == "differs" and _cut(c)
        else c
        for c in cells
    ]


def _cuttable(cell: Judged) -> bool:
    """Whether a number is an estimate printed with two digits at least, and no count."""
    number = cell.cell.number
    if number is None or cell.estimated is None or cell.quantity == "nobs":
        return False
    return abs(number.value) >= 20 * number.half_unit and number.value * cell.estimated > 0


def _cut(cell: Judged) -> bool:
    """Whether the estimate, cut at the printed digits, is the printed number."""
    if not _cuttable(cell):
        return False
    number, value = cell.cell.number, cell.estimated
    assert number is not None and value is not None
    unit = 2 * number.half_unit
    return math.isclose(math.trunc(value / unit) * unit, number.value, rel_tol=SLIP)


def other_estimate(cells: Sequence[Judged], match: Match) -> list[Judged]:
    """A column whose place says one estimate and whose numbers are all another's."""
    if match.meant is None or match.fit is None:
        return list(cells)
    other, meant = match.fit.estimate, match.meant
    cause = Cause(
        "another-estimate",
        f"these are the numbers of {other.place} `{other.command[:70]}`; {meant.place} `{meant.command[:70]}` belongs here",
    )
    return [c.explained(cause) if c.verdict == "reproduced" else c for c in cells]


def of_another(match: Match) -> tuple[Cause, ...]:
    """What is said of a column whose own data are in doubt, and whose numbers are all another estimate's."""
    if match.alike is None or match.fit is None:
        return ()
    other, mine = match.alike.estimate, match.fit.estimate
    return (
        Cause(
            "another-estimate",
            f"these are the numbers of {other.place} `{other.command[:70]}`; those of {mine.place} `{mine.command[:70]}`, "
            "which belongs here, are in doubt",
        ),
    )


def in_runs(cells: Sequence[Judged], other: Fit, why: str) -> list[Judged]:
    """A first stage whose clusters were counted as runs of rows, where that gives every number of its rows."""
    if not other.perfect:
        return list(cells)
    cause = Cause("clusters-in-runs", why)

    def gives(c: Judged) -> bool:
        e = other.estimate
        return holds(c.cell, e.number(c.quantity, c.term if c.row is not None else ""), c.quantity)

    return [c.explained(cause) if c.verdict == "differs" and gives(c) else c for c in cells]


def swapped_labels(cells: Sequence[Judged], found: Fit) -> list[Judged]:
    """Two rows of a column, each with the other's numbers."""
    rows: dict[int, list[int]] = {}
    for i, c in enumerate(cells):
        if c.row is not None and c.estimated is not None:
            rows.setdefault(c.row, []).append(i)
    off = [r for r, places in rows.items() if any(cells[i].verdict == "differs" for i in places)]
    out = list(cells)
    for a in off:
        for b in off:
            if a < b and _gives(cells, rows[a], found, cells[rows[b][0]].term) and _gives(
                cells, rows[b], found, cells[rows[a][0]].term
            ):  # fmt: skip
                one, other = cells[rows[a][0]], cells[rows[b][0]]
                cause = Cause("labels-swapped", f"the rows `{one.label}` and `{other.label}` have each other's numbers")
                for i in (*rows[a], *rows[b]):
                    out[i] = out[i].explained(cause)
    return out


def called_otherwise(cells: Sequence[Judged], found: Fit, column: Column) -> list[Judged]:
    """Rows called after a variable whose numbers they don't have: the numbers alone say whose they are."""
    named = {i: other_variable(column.rows[i].label, found.terms[i], found.estimate) for i in found.by_numbers}
    causes = {
        i: Cause("label-of-another", f"the row is called `{name}`, another variable; its numbers are of `{found.terms[i]}`")
        for i, name in named.items() if name
    }  # fmt: skip
    return [c.explained(causes[c.row]) if c.row in causes and c.verdict == "reproduced" else c for c in cells]


def without_term(cells: Sequence[Judged], found: Fit, column: Column, elsewhere: Collection[str]) -> list[Judged]:
    """Numbers of a row that the command has no term for, or whose label another row has: where all its others are right, the
    command is the right one, and it doesn't print these.

    elsewhere: labels, spelled plainly, that are terms of other columns of the exhibit
    """
    e = found.estimate
    placed = [c for c in cells if c.row is not None and found.terms[c.row]]
    if len(placed) < RIGHT_NUMBERS or any(c.verdict != "reproduced" for c in placed):
        return list(cells)
    labels = Counter(plain(row.label) for row in column.rows)
    variables = e.source.data.columns if e.source is not None else {}

    def said(c: Judged) -> str:
        label = plain(c.label)
        if "~" in c.label:  # cut, and of whatever begins and ends so
            return ""
        if c.row in _one_too_many(found, column):
            return f"each term of its command has its own row: it has no `{c.label}` ({e.place})"
        if label in e.aliases:
            sole = sum(n > 1 for n in labels.values()) == 1  # several that stand twice are of panels
            return f"`{c.label}` stands twice, and these are none of its numbers" if sole else ""
        return f"its command has no `{c.label}` ({e.place})" if label in elsewhere or c.label in variables else ""

    return [
        replace(c, verdict="differs").because(text)
        if c.verdict == "not verified" and c.row is not None and not found.terms[c.row] and e.known and (text := said(c))
        else c
        for c in cells
    ]


#: Words of rows that hold what is computed of several coefficients.
_COMPUTED = re.compile(
    r"\b(?:sum|total|diff\w*|effects?|lincom|test|mean|ratio|elasticit\w*|combin\w*|net|joint|long[ -]run|average|"
    r"p-?val\w*)\b|[+=−]|\s-\s",
    re.IGNORECASE,
)


def _one_too_many(found: Fit, column: Column) -> frozenset[int]:
    """Rows with a coefficient and what belongs to it, among the rows of a command whose every term has its own."""
    terms, e = found.terms, found.estimate
    if found.nobs is False or set(found.expected) - set(terms):
        return frozenset()
    last = max(i for i, t in enumerate(terms) if t)
    own = {label for label, named in e.aliases.items() if any(t in e.terms for t in named)}
    return frozenset(
        i for i, (row, t) in enumerate(zip(column.rows, terms, strict=True))
        if not t and i < last and plain(row.label) not in own and not _COMPUTED.search(row.label)
        and [c.kind == "coef" for c in row.cells if c.number is not None][:1] == [True]
        and sum(c.number is not None for c in row.cells) >= 2
    )  # fmt: skip


def _gives(cells: Sequence[Judged], places: Sequence[int], found: Fit, term: str) -> bool:
    """Whether the numbers of a row are those of a term."""
    return all(holds(cells[i].cell, found.estimate.number(cells[i].quantity, term), cells[i].quantity) for i in places)


_PLURAL = {"se": "standard errors", "t": "t statistics", "p": "p-values"}


def wrong_note(cells: Sequence[Judged], bracket: str, said: str, found: str) -> list[Judged]:
    """Numbers in a bracket that hold something else than the note says."""
    cause = Cause("note-brackets", f"the note announces {_PLURAL[said]} here; the numbers are {_PLURAL[found]}")
    return [c.explained(cause) if c.cell.bracket == bracket and c.verdict == "reproduced" else c for c in cells]


def slips(cells: Sequence[Judged], found: Fit) -> list[Judged]:
    """The last resort: single numbers that differ where the others of their column are reproduced. Still *differs*, but the
    likely slip of the pen is said."""
    return [
        c.because(f"printed {c.cell.text}, estimated {c.estimated:.9g}; {text}", Cause("misprint", text))
        if c.verdict == "differs" and not c.causes and c.estimated is not None and (text := _slip(c, found))
        else c
        for c in cells
    ]  # fmt: skip


def _slip(cell: Judged, found: Fit) -> str:
    number, value = cell.cell.number, cell.estimated
    assert number is not None and value is not None
    if holds(cell.cell, -value):
        return "its sign is turned"
    for power in (-3, -2, -1, 1, 2, 3):
        if abs(value * 10.0**power - number.value) <= number.allowed:
            way = "right" if power > 0 else "left"
            return f"its decimal point stands {abs(power)} place{'s' * (abs(power) > 1)} too far {way}"
    for other in ("se", "t", "p", "coef"):
        if (
            cell.row is not None
            and other != cell.quantity
            and holds(cell.cell, found.estimate.number(other, cell.term), other)
        ):
            return f"it is {_SAID[other]} of the same term"
    for term in found.estimate.terms:
        if cell.row is not None and term != cell.term and holds(cell.cell, found.estimate.number(cell.quantity, term)):
            return f"it is the number of `{term}`"
    if cell.distance <= 2 * number.half_unit:
        return ""  # a unit of its last digit: no slip of the pen by itself
    return _digits(number.text, value, number.decimals)


def _digits(text: str, value: float, decimals: int) -> str:
    """One digit other, or two exchanged."""
    due = f"{value:.{decimals}f}"
    printed = f"{read_number(text).value:.{decimals}f}"
    if len(due) != len(printed):
        return ""
    off = [i for i, (a, b) in enumerate(zip(due, printed, strict=True)) if a != b]
    if len(off) == 1:
        return f"one digit is another: {due} is due"
    if len(off) == 2 and due[off[0]] == printed[off[1]] and due[off[1]] == printed[off[0]]:
        return f"two digits are exchanged: {due} is due"
    return ""


def due(cell: Judged) -> str:
    """The number of as many decimals that the estimate would be printed as; empty where none is, or two are as near."""
    number, value = cell.cell.number, cell.estimated
    if number is None or value is None or not math.isfinite(value) or "e" in number.text.lower():
        return ""
    unit = 2 * number.half_unit
    if not 0.0 < unit < 2.0 or abs(abs(value) / unit % 1 - 0.5) <= TYPED * abs(value) / unit:
        return ""
    given = abs(value) if cell.quantity == "t" and number.value >= 0 else value
    text = f"{given:.{number.decimals}f}"
    if float(text) == number.value:
        return ""
    bare = re.search(r"[\d.]", number.text)
    return re.sub(r"^(-?)0(?=\.)", r"\1", text) if bare is not None and bare[0] == "." else text


def wrong_sample(cells: Sequence[Judged], found: Fit) -> list[Judged]:
    """Where N is off, the sample is another: said once, at N; the others of the column refer to it."""
    n = next((c for c in cells if c.row is None and c.quantity == "nobs" and c.verdict == "differs"), None)
    others = [c for c in cells if c.verdict == "differs" and c is not n]
    compared = [c for c in cells if c.verdict != "not verified" and c is not n]
    if n is None or len(others) * 2 <= len(compared):
        return list(cells)
    said = f"another sample: {n.cell.text} observations printed, {n.estimated:.0f} in the data"
    cause = Cause("another-sample", said)
    return [
        replace(c, causes=(cause,), reason=said if c is n else "the sample is another, see N")
        if c.verdict == "differs"
        else c
        for c in cells
    ]
