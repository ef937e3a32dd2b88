"""How well one printed column fits one estimate: which row is which term, and which of its numbers the estimate gives."""

from __future__ import annotations

import bisect
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from parity.base.tolerance import ROUNDING
from parity.logs.exhibit import Cell
from parity.package.estimates import VARIANCE, Estimated, at_level, constant, plain
from parity.package.printed import Column, Row
from parity.package.window_labels import spelled_like

#: What may stand in a bracket of which nothing says what it holds.
IN_BRACKETS = ("se", "t", "p")


@dataclass(frozen=True)
class Fit:
    """A column beside an estimate.

    terms       a term for each row, "" where none is known
    by_label    how many rows were told by their labels
    hits        printed numbers of rows that the estimate gives, of `of`; coefs: of the coefficients alone, of `of_coefs`
    nobs        whether the printed N is the estimate's; None where none is printed or known
    by_numbers  places of rows whose labels name no term that is free, and whose numbers only one term has
    """

    estimate: Estimated
    terms: tuple[str, ...]
    by_label: int
    hits: int
    of: int
    coefs: int
    of_coefs: int
    nobs: bool | None
    by_numbers: frozenset[int] = frozenset()

    @property
    def share(self) -> float:
        """Share of the numbers that fit, N counted as one."""
        return (self.hits + bool(self.nobs)) / (self.of + (self.nobs is not None)) if self.of else 0.0

    @property
    def perfect(self) -> bool:
        """Every coefficient and every number in brackets is the estimate's, and so is N where it is printed."""
        return self.of > 0 and self.hits == self.of and self.nobs is not False

    @property
    def expected(self) -> tuple[str, ...]:
        """The slopes that a column should have: of its equations, where its command has several."""
        equations = {t.partition(":")[0] for t in self.terms if ":" in t} if self.estimate.equations else {}
        return tuple(
            t for t in self.estimate.terms if not constant(t) and (not equations or t.partition(":")[0] in equations)
        )

    @property
    def rank(self) -> tuple:
        return (self.share, self.coefs, self.by_label)


def holds(cell: Cell, value: float | None, kind: str = "") -> bool:
    """Whether a value would be printed as this cell; t and z also without their sign."""
    if value is None or cell.number is None:
        return False
    return cell.holds(value, unsigned=(kind or cell.kind) == "t" and cell.number.value >= 0)


def fit(column: Column, e: Estimated, given: Mapping[str, str] | None = None) -> Fit:
    """given: label -> term, from a map."""
    e = at_level(e, column.level)
    equations = e.equations
    if equations and not given:
        heads = {plain(h) for h in (column.panel, *column.heads) if not _NUMBERED.fullmatch(h.strip())}
        named = [q for q in equations if plain(q) in heads]
        tried = named if len(named) == 1 else _alone(column, equations)
        if tried:
            return max((_fit(column, e, {}, q) for q in tried), key=lambda f: f.rank)
    return _fit(column, e, given or {}, "")


#: `(1)`: the number of a model, and no outcome.
_NUMBERED = re.compile(r"[(\[]\d{1,3}[)\]]")


def _alone(column: Column, equations: Sequence[str]) -> Sequence[str]:
    """The equations of which a column may be, where nothing in it names one and no label comes again; else none."""
    labels = [plain(row.label) for row in column.rows]
    headed = {plain(row.equation or row.heading) for row in column.rows} & {plain(q) for q in equations}
    return () if headed or len(set(labels)) < len(labels) or any(":" in row.label for row in column.rows) else equations


def _fit(column: Column, e: Estimated, given: Mapping[str, str], equation: str) -> Fit:
    """equation: of which all rows are, "" where rows say it or there is one."""
    terms, by_numbers = row_terms(column.rows, e, given, equation)
    hits = of = coefs = of_coefs = 0
    for row, term in zip(column.rows, terms, strict=True):
        for cell in row.cells:
            if cell.number is None or cell.kind == "value" or (not term and left_out(row, e)):
                continue
            of += 1
            fits = bool(term) and _fits(cell, e, term)
            hits += fits
            if cell.kind == "coef":
                of_coefs += 1
                coefs += fits
    labelled = sum(1 for row, term in zip(column.rows, terms, strict=True) if term and plain(row.label) in e.aliases)
    cell = column.statistic("nobs")
    n = e.number("nobs")
    nobs = cell.holds(n) if cell is not None and n is not None else None
    return Fit(e, terms, labelled, hits, of, coefs, of_coefs, nobs, by_numbers)


def missed(column: Column, found: Fit) -> list[tuple[int, int]]:
    """Row and place in it of the numbers that an estimate doesn't give; (-1, 0) for N."""
    e = at_level(found.estimate, column.level)
    out = [(-1, 0)] * (found.nobs is False)
    for i, (row, term) in enumerate(zip(column.rows, found.terms, strict=True)):
        for j, cell in enumerate(row.cells):
            counts = cell.number is not None and cell.kind != "value" and (term or not left_out(row, e))
            out += [(i, j)] * bool(counts and not (term and _fits(cell, e, term)))
    return out


def left_out(row: Row, e: Estimated) -> bool:
    """Whether a row is of a level or column that the command leaves out, and says so by a zero without standard error."""
    numbers = [c for c in row.cells if c.number is not None]
    if len(numbers) != 1 or numbers[0].number is None or numbers[0].number.value:
        return False
    return any(t in e.omitted for t in e.aliases.get(plain(row.label), ()))


def _fits(cell: Cell, e: Estimated, term: str) -> bool:
    kinds = IN_BRACKETS if cell.kind in ("(", "[") else (cell.kind,)
    return any(holds(cell, e.number(kind, term), kind) for kind in kinds)


def row_terms(
    rows: Sequence[Row], e: Estimated, given: Mapping[str, str], equation: str = ""
) -> tuple[tuple[str, ...], frozenset[int]]:
    """The term that each row is about: by the map, by its label, else by numbers that only one term has; and which are by
    their numbers. A label that comes again says nothing by itself; a row below an equation's name is of that equation."""
    equations = {plain(q): q for q in e.equations}
    out: list[str] = [""] * len(rows)
    taken: set[str] = set()
    waiting = []
    for i, row in enumerate(rows):
        if row.label in given:
            out[i] = given[row.label] if given[row.label] in e.terms else ""
            taken.add(out[i])
            continue
        below = (plain(f"{row.equation} {row.label}"), plain(f"{row.equation}={row.label}"))
        spelled = (*below, plain(row.label)) if row.equation else (plain(row.label),)
        of = equation or _equation_of(row, equations)
        if of:
            spelled = (plain(f"{of}: {row.label}"), *spelled)
        means = next((e.aliases[s] for s in spelled if s in e.aliases), ()) or _shortened(row.label, e)
        means = tuple(t for t in means if t.startswith(f"{of}:")) if of else means
        means = means or spelled_like(row, e, lambda t: t not in taken)
        named = [t for t in means if t in e.terms and t not in taken]
        if len(named) > 1:
            named = [t for t in named if _some_fit(row, e, t)] or named
        if named:
            out[i] = named[0]
            taken.add(named[0])
        elif (not means or taken & set(means)) and not row.label.removeprefix("/").startswith(VARIANCE):
            waiting.append(i)  # of another outcome's variance no number is its own
    told = set()
    for i in waiting:
        of = equation or _equation_of(rows[i], equations)
        near = [t for t in e.terms if t not in taken and t.startswith(f"{of}:" if of else "") and _row_fits(rows[i], e, t)]
        if len(near) == 1:
            out[i] = near[0]
            taken.add(near[0])
            told.add(i)
    return tuple(out), frozenset(told)


def _equation_of(row: Row, equations: Mapping[str, str]) -> str:
    """The equation that a row stands below, which windows shorten to `very_~d`; "" where it is none of these."""
    name = row.equation or row.heading
    if not name or not equations:
        return ""
    head, cut, tail = name.partition("~")
    long = [q for q in equations.values() if q.startswith(head) and q.endswith(tail)] if cut else []
    return equations.get(plain(name), long[0] if len(long) == 1 else "")


def _shortened(label: str, e: Estimated) -> tuple[str, ...]:
    """`abc~xyz`, as windows shorten names."""
    if "~" not in label:
        return ()
    head, _, tail = label.partition("~")
    near = [t for t in e.terms if t.startswith(head) and t.endswith(tail) and len(t) > len(label) - 1]
    return tuple(near) if len(near) == 1 else ()


def _some_fit(row: Row, e: Estimated, term: str) -> bool:
    return any(c.kind == "coef" and _fits(c, e, term) for c in row.cells)


def _row_fits(row: Row, e: Estimated, term: str) -> bool:
    """Whether every number of a row fits a term, and they have digits enough to say so."""
    cells = [c for c in row.cells if c.number is not None and c.kind != "value"]
    digits = sum(significant(c) for c in cells)
    return bool(cells) and digits >= 5 and all(_fits(c, e, term) for c in cells)


def significant(cell: Cell) -> int:
    """Significant digits that a cell prints."""
    if cell.number is None or not cell.number.value:
        return 0
    return max(0, math.floor(math.log10(abs(cell.number.value) / (2 * cell.number.half_unit)) + ROUNDING) + 1)


class Index:
    """Which estimates have a coefficient in a printed interval: all of a package's coefficients, sorted once."""

    def __init__(self, estimates: Iterable[Estimated]):
        pairs = sorted((q["coef"], e.index) for e in estimates for q in e.terms.values() if math.isfinite(q["coef"]))
        self._values = [v for v, _ in pairs]
        self._of = [i for _, i in pairs]

    def near(self, column: Column, most: int = 12) -> list[int]:
        """Estimates that share most coefficients with a column, the nearest first."""
        counted: Counter[int] = Counter()
        for row in column.rows:
            for cell in row.cells:
                if cell.kind != "coef" or cell.number is None or significant(cell) < 2:
                    continue
                low = bisect.bisect_left(self._values, cell.number.value - cell.number.allowed)
                high = bisect.bisect_right(self._values, cell.number.value + cell.number.allowed)
                counted.update(set(self._of[low:high]))
        return [i for i, _ in counted.most_common(most)]
