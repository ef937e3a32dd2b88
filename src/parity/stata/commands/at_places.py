"""What at() of margins says: values of covariates, lists of them, statistics, expressions, in every combination."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem
from parity.stata_language.varlist import numbers

#: A variable's value, or a list of them in parentheses, in which steps have their own.
_VALUES = re.compile(r"(?:[ci]\.)?([^\W\d][\w.]*+)\s*+=\s*+(\((?:[^()]|\([^()]*+\))*+\)|[-+]?[\d.][\w.+-]*+)")
#: The same by an expression.
_GENERATED = re.compile(r"(?:c\.)?([^\W\d]\w*+)\s*+=\s*+g(?:e(?:n(?:e(?:r(?:a(?:te?)?)?)?)?)?)?\s*+\(")
#: A statistic, and the variables behind it.
_STATISTIC = re.compile(r"\((\w+)\)\s*+((?:(?:[ci]\.)?[^\W\d]\w*+(?!\s*=)\s*+|\*\s*+)++)")
#: Groups of covariates that stand for names.
GROUPS = ("_all", "_factor", "_continuous", "*")
_KNOWN = re.compile(r"mean|median|min|max|zero|p(?:[1-9]\d?)|asobserved")


@dataclass(frozen=True)
class Place:
    """One point of at().

    label: `2._at`, "" for the only one; fixed: variable -> its value, or one of every row; statistics: (statistic,
    names or groups of covariates) in their order, the later ones before earlier ones
    """

    label: str = ""
    fixed: Mapping[str, float | np.ndarray] = field(default_factory=dict)
    statistics: tuple[tuple[str, tuple[str, ...]], ...] = ()


def places(session: Session, given: Command) -> list[Place]:
    """Those of all options at(), one without any. Raises `DataProblem` for what is not computed here."""
    found = [place for o in given.options if o.name == "at" for place in _of(session, o.value or "")]
    if len(found) > 1:
        found = [Place(f"{i}._at", place.fixed, place.statistics) for i, place in enumerate(found, 1)]
    return found or [Place()]


def _of(session: Session, text: str) -> Iterator[Place]:
    """Every combination of the values that one at() lists."""
    lists: dict[str, list[float] | list[np.ndarray]] = {}
    statistics: list[tuple[str, tuple[str, ...]]] = []
    rest = text.strip()
    while rest:
        if found := _GENERATED.match(rest):
            end = _closing(rest, found.end() - 1)
            lists[found[1]] = [_every_row(session, rest[found.end() : end])]
            rest = rest[end + 1 :].strip()
            continue
        if found := _VALUES.match(rest):
            lists[found[1]] = numbers(found[2][1:-1] if found[2].startswith("(") else found[2])
        elif (found := _STATISTIC.match(rest)) and _KNOWN.fullmatch(found[1]):
            statistics.append((found[1], tuple(re.sub(r"\b[ci]\.", "", found[2]).split())))
        else:
            raise DataProblem(f"margins, at({text}) is not computed here", 198)
        rest = rest[found.end() :].strip()
    for point in product(*lists.values()):
        yield Place("", dict(zip(lists, point, strict=True)), tuple(statistics))


def _closing(text: str, opened: int) -> int:
    """The place of the parenthesis that ends what the one at `opened` begins."""
    depth = 0
    for at in range(opened, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at
    raise DataProblem("too few )", 132)


def _every_row(session: Session, text: str) -> np.ndarray:
    from parity.stata.evaluate import rows
    from parity.stata_language.expression import parse

    return np.asarray(rows(parse(text), session.context()), dtype=float)
