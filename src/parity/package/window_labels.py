"""Whose row of a window it is by what stands before its bar: equation, header of its block and label, as Stata prints them.

One rule for all windows: a label is that of a term where every piece of it is, operators, levels and names alike. Where a
row stands decides nothing. [U] 11.4.3 for levels, 11.4.4 for operators; [R] abbreviations of names, `abc~xyz`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.base.terms import SIGMA
from parity.package.estimates import VARIANCE, Estimated, plain
from parity.package.row_labels import part_of
from parity.package.two_equations import CORRELATION, DEVIATION, names_of

if TYPE_CHECKING:
    from parity.package.printed import Row

#: No operator of series; before a name that is continuous, or left out.
_NONE, _UNSAID = (0, 0, ()), ("", "c", "o", "co")
_SERIES = re.compile(r"c?o?((?:[LFDS]\d{0,4})+)", re.IGNORECASE)
_EACH = re.compile(r"([LFDS])(\d*)", re.IGNORECASE)
_LEVEL = re.compile(r"(-?\d[\d.]{0,20})[bno]{0,2}")
_OF_GROUP = re.compile(r"(?P<level>.{1,80}) of c\.(?P<name>[\w~.]{1,40})@(?P<group>[\w~.]{1,40})")
_OF_ERRORS = re.compile(r"corr\(e\.(?P<one>[\w~.]{1,40}),e\.(?P<other>[\w~.]{1,40})\)")
_OF_ERROR = re.compile(r"(?P<kind>var|sd)\(e\.(?P<name>[\w~.]{1,40})\)")
#: What heads a block of rows that is no equation.
_NO_EQUATION = ("", "/", "model", "main")
#: What gmm has in braces: a name, and a colon where a list of variables follows.
_BRACED = re.compile(r"\{\s*(\w+)\s*(:?)")


@dataclass(frozen=True)
class Piece:
    """One factor of a label or term. before: what stands before the last point, a level or its label; series: its operators,
    as leads less lags, differences, and each seasonal one; name: of the variable"""

    before: str
    series: tuple[int, int, tuple[int, ...]]
    name: str

    @property
    def level(self) -> float | None:
        found = _LEVEL.fullmatch(self.before)
        try:
            return float(found[1]) if found else None
        except ValueError:
            return None


def pieces_of(label: str) -> tuple[Piece, ...]:
    """`L2D.x#1b.g` -> x lagged twice and differenced, level 1 of g."""
    return tuple(_piece(part.strip()) for part in re.sub(r"#+", "#", label).split("#"))


def _piece(text: str) -> Piece:
    before, _, name = text.rpartition(".")
    if not name and before.endswith("."):  # a name cut off, `abc..`
        return Piece("", _NONE, text)
    found = _SERIES.fullmatch(before)
    leads, differences, seasons = 0, 0, []
    for letter, digits in _EACH.findall(found[1]) if found else ():
        n = int(digits or 1)
        if letter in "Ll":
            leads -= n
        elif letter in "Ff":
            leads += n
        elif letter in "Dd":
            differences += n
        else:
            seasons.append(n)
    return Piece(before, (leads, differences, tuple(sorted(seasons))), name)


def is_of(row: Row, term: str, e: Estimated) -> bool | None:
    """Whether Stata prints a term of an estimate so; None where a level is called by a label that the data don't have."""
    equation, several, name = term.rpartition(":")
    if name.startswith("/") or term.startswith((VARIANCE, CORRELATION, DEVIATION)) or name == SIGMA:
        return _is_parameter(row, term, e)
    if e.name == "gmm" and (braced := _BRACED.findall(e.command)):
        return _of_braces(row, name, braced)
    if not _below(row.equation, equation if several else None, e):
        return False
    if "@" in name:
        return _is_mean(row.label, name, e)
    if name == "_cons" or row.label == "_cons":
        return row.label == name
    return _same(pieces_of(row.label), pieces_of(name), e) if "~" not in row.label else _shortened(row.label, name, e)


def _of_braces(row: Row, name: str, braced: Sequence[tuple[str, str]]) -> bool:
    """`{xb: x w}` heads rows `x` and `w` of gmm, or they are `/xb_x`; `{b0}` is the constant. [R] gmm"""
    label = row.label.removeprefix("/")
    group, alone = (next((n for n, colon in braced if bool(colon) == want), "") for want in (True, False))
    if name == "_cons" and alone:
        return alone in (label, row.equation if label == "_cons" else "")
    return label in (name, f"{group}_{name}") and row.equation in ("", group)


def _below(printed: str, equation: str | None, e: Estimated) -> bool:
    """Whether the header of an equation is that of a term. equation: its name, None where a model has one equation"""
    if equation is None:
        return printed.lower() in _NO_EQUATION or _titled(printed, e.outcome) or _is_outcome(printed, e)
    return _titled(printed, equation) or (not printed and len(e.equations) == 1)


def _is_outcome(printed: str, e: Estimated) -> bool:
    """`D.y` heads the equation of a series in differences, or `y` does."""
    if e.source is None or e.source.request is None:
        return False
    name = e.source.request.outcome.factors[0]
    own = _piece(f"{name.operator}.{name.name}" if name.operator else name.name)
    return _is_piece(_piece(printed), own, e) is True


def spelled(printed: str, name: str) -> bool:
    """Whether a name is printed so: whole, or shortened."""
    head, cut, tail = printed.partition("~")
    if cut:
        return name.startswith(head) and name.endswith(tail) and len(name) >= len(head) + len(tail)
    if printed.endswith(".."):
        return name.startswith(printed.rstrip("."))
    return printed == name


def _titled(printed: str, name: str) -> bool:
    """Whether a text with blanks, as of a label or an equation called after one, is printed so."""
    return spelled(printed, name) or (bool(printed) and plain(printed) == plain(name))


def _shortened(label: str, name: str, e: Estimated) -> bool | None:
    """`abc~xyz` may leave out a `#` or a point too."""
    found = _same(pieces_of(label), pieces_of(name), e)
    return True if found or spelled(label, name) else found


def _same(printed: Sequence[Piece], due: Sequence[Piece], e: Estimated) -> bool | None:
    """Whether two labels have the same pieces, in any order: `c.x#1.g` is `1.g#c.x`."""
    if len(printed) != len(due):
        return False
    left, unsure = list(due), False
    for piece in printed:
        held = [(_is_piece(piece, d, e), i) for i, d in enumerate(left)]
        best = next(((h, i) for h, i in held if h), None) or next(((h, i) for h, i in held if h is None), None)
        if best is None:
            return False
        unsure = unsure or best[0] is None
        del left[best[1]]
    return None if unsure else True


def _is_piece(printed: Piece, due: Piece, e: Estimated) -> bool | None:
    if not spelled(printed.name, due.name):
        return False
    if due.level is None:
        plainly = printed.series != _NONE or printed.before in _UNSAID
        return printed.series == due.series and plainly
    return _is_level(printed.before, due.level, due.name, e)


def _is_level(printed: str, level: float, name: str, e: Estimated) -> bool | None:
    """A level is printed as its number or its label, which is wrapped or cut where it is long."""
    data = e.source.data if e.source is not None else None
    labels = data.labels_of(name) if data is not None and name in data.columns else {}
    own = str(labels.get(level, "")).strip()
    said = _LEVEL.fullmatch(printed)
    others = [str(text) for other, text in labels.items() if other != level]
    if own and (printed == own or part_of(printed, own, others) or _titled(printed, own)):
        return True
    if said is not None:
        return float(said[1]) == level
    return False if own or not printed else None


def _is_mean(label: str, term: str, e: Estimated) -> bool | None:
    """`c.wage@1.union` below `c.wage@union`, or below `wage` before Stata 16."""
    variable, _, of = term.removeprefix("c.").partition("@")
    due = _piece(of)
    found = _OF_GROUP.fullmatch(label)
    level, name, group = (found["level"], found["name"], found["group"]) if found else ("", variable, due.name)
    if found is None:
        level, _, name = label.rpartition(".") if "." in label else (label, "", variable)
    if not spelled(name, variable) or not spelled(group, due.name):
        return False
    return _is_level(level, due.level, due.name, e) if due.level is not None else level == due.before


def _is_parameter(row: Row, term: str, e: Estimated) -> bool:
    """Cuts, sigma and what stands beside them: below no header, or as the header of a `_cons`."""
    label = row.equation.removeprefix("/") if row.label == "_cons" and row.equation else row.label.removeprefix("/")
    if term.startswith(CORRELATION):
        whole = row.label if "(" in row.label else row.equation + row.label
        due, found = _OF_ERRORS.fullmatch(term), _OF_ERRORS.fullmatch(whole.replace(" ", ""))
        if due is None or found is None:
            return label == "rho"
        return all(spelled(found[k], due[k]) for k in ("one", "other"))
    if term.startswith((VARIANCE, DEVIATION)):
        due, found = _OF_ERROR.fullmatch(term), _OF_ERROR.fullmatch(label)
        if due is None or found is None:
            return label == "sigma" and term.startswith(DEVIATION)
        return due["kind"] == found["kind"] and spelled(found["name"], due["name"])
    own = [n.removeprefix("/") for n in names_of(term)] or [term.removeprefix("/"), f"_{term.removeprefix('/')}"]
    return label in own


def spelled_like(row: Row, e: Estimated, free: Callable[[str], bool]) -> tuple[str, ...]:
    """Terms that a label with operators is of, by the same rule: `L1.x` is L.x."""
    if not any(p.series != _NONE for p in pieces_of(row.label)):
        return ()
    return tuple(t for t in e.terms if free(t) and is_of(row, t, e))


def is_group(label: str, name: str, text: str, group: str, e: Estimated) -> bool:
    """Whether a legend, `Domestic: foreign = 0`, is of a group `0.foreign`. A subpopulation has a number instead."""
    due = _piece(group)
    if due.level is None or not spelled(name, due.name):
        return False
    return bool(_is_level(text, due.level, due.name, e)) and (
        label.startswith("_subpop") or _is_level(label, due.level, due.name, e) is not False
    )
