"""The rows of a Stata window: a label, which may belong to a group of rows, and numbers in the columns of the heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parity.printed.cells import Number
from parity.printed.window_head import SWAPPED, Columns

_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})++(?:\.\d*+)?+|\d++\.?+\d*+|\.\d++)(?:[eE][-+]?\d{1,3})?")
#: What stands in place of numbers, or behind one: `(omitted)`, `(base)`, `(fraction of variance due to u_i)`.
_NOTE = re.compile(r"\(([^()]*)\)\s*$")
#: A zero that Stata prints before these is no estimate.
_NO_ESTIMATE = ("omitted", "base", "empty", "dropped", "constrained", "offset", "exposure", "not estimable")
#: `L2.`, `D.`, `--.`: the row below `x |` is the lag of x.
_OPERATOR = re.compile(r"(?:--|(?:[LFDSo]\d*)+)\.")
#: Below the last rule of xtreg, areg, mixed.
_OF_PANEL = re.compile(r"sigma(_[uev])?|rho|theta|lambda|F test.*", re.IGNORECASE)
#: Levels that are numbers, of one factor or of several.
_LEVELS = re.compile(r"-?\d[\d.]*(?:[ #]+-?\d[\d.]*)*")
_ROW = re.compile(r"[^|]*\|[^|]*\|?")


class RowProblem(ValueError):
    """A row whose numbers don't fit the heading."""


def split_row(line: str, blank: bool = False) -> tuple[str, str] | None:
    """Label and the rest of a row, parted at the bar; None for other lines. blank: also where it has no number."""
    if not _ROW.fullmatch(line):
        return None
    label, _, rest = line.partition("|")
    rest = rest.rstrip().removesuffix("|")
    return (label, rest) if blank or re.search(r"\d", rest) else None


def numbers_of(rest: str, columns: Columns, decimal_comma: bool = False) -> tuple[tuple[Number, ...], str]:
    """The numbers of a row, each with the kind of its column, and a note such as "omitted". Raises `RowProblem`."""
    if decimal_comma:
        rest = rest.translate(SWAPPED)
    note = found[1].strip() if (found := _NOTE.search(rest)) else ""
    bare = rest[: found.start()] if found else rest
    tokens = [(m.start(), m.end(), m[0]) for m in re.finditer(r"\S+", bare)]
    if note.startswith(_NO_ESTIMATE):
        if all(text in ("0", "1", ".") for _, _, text in tokens):
            return (), note
        note = ""
    wrong = next((text for _, _, text in tokens if text != "." and not _NUMBER.fullmatch(text)), "")
    if re.fullmatch(r"[-+]?\d*,\d+", wrong):
        raise RowProblem(f"`{wrong}` seems to have a decimal comma; say so with --decimal-comma")
    if wrong:
        raise RowProblem(f"`{wrong}` is no number")
    if len(tokens) > len(columns.kinds):
        raise RowProblem(f"{len(tokens)} numbers below a heading of {len(columns.kinds)}")
    places = range(len(tokens)) if len(tokens) == len(columns.kinds) else _places(tokens, columns)
    if sorted(set(places)) != list(places):
        raise RowProblem("its numbers don't stand below the heading")
    numbers = [
        Number(columns.kinds[place], text.replace(",", ""))
        for place, (_, _, text) in zip(places, tokens, strict=True)
        if text != "."
    ]
    return tuple(numbers), note


def _places(tokens: list[tuple[int, int, str]], columns: Columns) -> list[int]:
    """Column of each number of a row that lacks some: the one whose end, or whose heading, is nearest."""
    return [
        min(range(len(columns.spans)), key=lambda i: min(abs(columns.spans[i][1] - end), abs(columns.spans[i][0] - start)))
        for start, end, _ in tokens
    ]


def panel_statistic(raw: str, numbers: tuple[Number, ...]) -> str:
    """The name of a row below the last rule that is about the whole model, `sigma_u`; "" for a term."""
    label = raw.strip()
    return label if len(numbers) == 1 and _OF_PANEL.fullmatch(label) else ""


@dataclass
class Labels:
    """Names of terms from labels: rows of a group belong to the label above them.

    Below `year |` a row `1936 |` is the level 1936.year, `L1. |` is L1.year. Stata sets levels one blank further from the
    bar than names, and names of equations to the left. A header that no row of a group follows is the name of an equation.
    begun: what a level begins with that two lines share, `High price #`
    """

    equation: str = ""
    group: str = ""
    pending: list[str] = field(default_factory=list)
    right: bool = False
    indented: bool = False
    begun: str = ""

    def rule(self) -> None:
        """A rule ends groups, and an equation where another follows."""
        self.group, self.pending, self.equation = "", [], ""

    def of(self, raw: str, filled: bool) -> str:
        """Name of the term of a row, "" for a header or a blank. raw: the label up to the bar, blanks and all."""
        label = raw.strip()
        if not label:
            if not filled:
                self._settle()
                self.group, self.begun = "", ""
            return self.group if filled else ""
        if not filled:
            self._header(raw)
            return ""
        self.indented = self.indented or raw.endswith("  ")
        label, self.begun = self.begun + label, ""
        if self.pending and (self._level(raw) or _OPERATOR.fullmatch(label) or _goes_on(self.pending[-1])):
            self.group, self.pending = "".join(self.pending), []
        self._settle()
        if self.group and _OPERATOR.fullmatch(label):
            return self.group if label == "--." else f"{label}{self.group}"
        if self.group and _goes_on(self.group):
            name, self.group = self.group + label, ""
            return name
        if self.group and self._level(raw):
            self.right = self.right and not _LEVELS.fullmatch(label)
            return of_levels(label, self.group)
        self.group = ""
        return label

    def _header(self, raw: str) -> None:
        """A label without numbers: of a group, or of an equation, which what follows tells; `a#` goes on below. Behind the
        whole name of a product it is the level of its first factor, which the next line goes on with."""
        whole = self.group or "".join(self.pending)
        if raw.rstrip().endswith("#") and "#" in whole[:-1] and not _goes_on(whole):
            self.begun += raw.strip()
            return
        if self.pending and not _goes_on(self.pending[-1]):
            self._settle()
        self.pending.append(raw.strip())
        self.right = raw.startswith(" ")

    def _level(self, raw: str) -> bool:
        """Whether a row is a level of a group: set apart from the bar, or a number, or below a header set to the right."""
        if raw.endswith("  "):
            return True
        return bool(_LEVELS.fullmatch(raw.strip())) or (self.right and not self.indented)

    def _settle(self) -> None:
        """A header that no row of a group follows is the name of an equation."""
        if self.pending:
            self.equation, self.pending, self.group = "".join(self.pending), [], ""


def _goes_on(name: str) -> bool:
    """Whether the next line goes on with a name: `a#`, `c.`, `c.a#c.`."""
    return name.endswith("#") or name == "c." or name.endswith("#c.")


def of_levels(levels: str, group: str) -> str:
    """`1936` of `year` -> `1936.year`; `1 2` or `1#2` of `a#b` -> `1.a#2.b`; `1` of `a#c.x` -> `1.a#c.x`."""
    factors = group.split("#")
    discrete = [f for f in factors if not f.startswith("c.")]
    if len(discrete) == 1:
        given = [levels]
    else:
        given = [part.strip() for part in (levels.split("#") if "#" in levels else re.split(r" {2,}", levels))]
        given = levels.split() if len(given) != len(discrete) else given
    if len(given) != len(discrete):
        return f"{levels} of {group}"
    at = iter(given)
    return "#".join(f if f.startswith("c.") else f"{next(at)}.{f}" for f in factors)
