"""One term under the names that programs give it: `year::80` is `80.year`, `C(year)[T.80]`, `factor(year)80`.

A name is read as factors, each a column, a level of a column, or a lag; two names are alike where their factors are. A name
that is the term's own always wins: a column may be called `cyl_6`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: Level before its column: Stata's `80.year`, `80b.year`, `80bn.year`, `1.treat`.
_BEFORE = re.compile(r"(-?\d[\d.]*)(?:b|bn|o|n)?\.([^\W\d].*)")
#: A label before its column, as windows show value labels: `East.region`.
_LABEL = re.compile(r"([^.()\[\]]+)\.([^\W\d][^.]*)")
_LABELLED = re.compile(r"(.+)\.([^\W\d]\w*)")
#: `C(cyl)[T.6]`, `C(cyl, Treatment(4))[T.6]`, `cyl[T.6]`, `factor(cyl)6`, `i(cyl)6`, `as.factor(cyl)::6`, `C(cyl)6`.
_WRAPPED = re.compile(r"(?:C|i|I|factor|as\.factor|as_factor|ordered)\(([^(),]+)(?:,[^\[\]]*)?\)")
_BRACKET = re.compile(r"\[(?:T\.|S\.)?([^\[\]]+)\]")
#: `cyl::6`, `i.cyl 6`, `i.cyl::6`, `cyl == 6`, `cyl=6`; `_Icyl_6` is what xi makes.
_AFTER = re.compile(r"(?:i\.)?([^\W\d][^:=]*?) ?(?:::|==?) ?(.+)")
_SPACED = re.compile(r"i\.([^\W\d]\w*)[ .](.+)")
_XI = re.compile(r"_I(\w+)_(\d+)")
#: `L2.x`, `L.x`; `l(x, 2)`, `lag(x, 2)`, `L(x, 2)`. Stata's D2.x is a difference of differences, its S2.x is `d(x, 2)`.
_STATA_LAG = re.compile(r"([LFDS])(\d{0,3})\.([^\W\d].*)", re.IGNORECASE)
_CALLED_LAG = re.compile(r"(l|lag|f|lead|d|diff)\(([^(),]+)(?:, ?(?:k ?= ?)?(-?\d{1,3}))?\)", re.IGNORECASE)
#: What R and Python name a power or a product: `I(x^2)`, `I(a * b)`, `I(x ** 2)`, `poly(x, 2, raw = TRUE)2`.
_PRODUCT = re.compile(r"I\(([^()]+)\)")
_POLY = re.compile(r"poly\(([^(),]+),([^()]*)\)([1-9])")
_RAW = re.compile(r"raw ?= ?(?:T|TRUE)\b", re.IGNORECASE)
_POWER = re.compile(r"([^\^]+)\^([1-9])")
#: Between factors, but not in `::`.
_BETWEEN = re.compile(r" ?(?<!:):(?!:) ?| ?# ?| ?[×*] ?| x ")
_MOST = 200


@dataclass(frozen=True)
class Factor:
    """A column, one of its levels as text, or its lag (positive), lead (negative) or difference."""

    column: str
    level: str = ""
    operator: str = ""
    steps: int = 0


def factors(name: str) -> tuple[Factor, ...]:
    """A term as its factors, in an order of their own; a name longer than any term is one column."""
    if len(name) > _MOST:
        return (Factor(name),)
    return tuple(sorted(map(_factor, _pieces(name.strip())), key=lambda f: (f.column, f.level, f.operator, f.steps)))


def _pieces(name: str) -> list[str]:
    """The texts of the factors, a power as often as it says."""
    if (found := _POLY.fullmatch(name)) and _RAW.search(found[2]):  # else an orthogonal polynomial, of other numbers
        return [found[1].strip()] * int(found[3])
    inner = _PRODUCT.fullmatch(name)
    if inner is None or not set(inner[1]) & set("*^"):
        return _BETWEEN.split(name)
    pieces = inner[1].replace(" ", "").replace("**", "^").split("*")
    powers = [(found[1], int(found[2])) if (found := _POWER.fullmatch(p)) else (p, 1) for p in pieces]
    return [piece for piece, times in powers for _ in range(times)]


def _factor(text: str) -> Factor:
    text = text.strip().removeprefix("c.").replace("`", "")
    if found := _WRAPPED.match(text):
        rest = text[found.end() :].strip()
        bracket = _BRACKET.fullmatch(rest)
        return Factor(found[1].strip(), _level(bracket[1] if bracket else rest.removeprefix("::").removeprefix("T.")))
    if (bracket := _BRACKET.search(text)) and bracket.end() == len(text) and bracket.start():
        return Factor(text[: bracket.start()].strip(), _level(bracket[1]))
    if found := _BEFORE.fullmatch(text):
        return Factor(found[2], _level(found[1]))
    if found := _STATA_LAG.fullmatch(text):
        operator, steps = found[1].upper(), int(found[2] or 1)
        named = "D2" if operator == "D" and steps > 1 else "D" if operator == "S" else operator
        return Factor(found[3].strip(), operator=named, steps=steps)
    if found := _CALLED_LAG.fullmatch(text):
        operator = "F" if found[1].lower() == "lead" else found[1][0].upper()
        return Factor(found[2].strip(), operator=operator, steps=int(found[3] or 1))
    if (found := _XI.fullmatch(text)) or (found := _SPACED.fullmatch(text)):
        return Factor(found[1].strip(), _level(found[2]))
    if (found := _AFTER.fullmatch(text)) and "(" not in found[1]:
        return Factor(found[1].strip(), _level(found[2]))
    if found := _LABEL.fullmatch(text):
        return Factor(found[2], _level(found[1]))
    return Factor(re.sub(r"\s", "", text))


def _level(text: str) -> str:
    """A level that is a number by its value: 80 and 80.0 are one."""
    text = text.strip().strip("\"'")
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{number:g}" if abs(number) < 1e15 and number == float(f"{number:.6g}") else text


def alike(name: str, terms: Sequence[str]) -> list[str]:
    """The terms that a name may stand for: those of the same factors, else those that an abbreviation `abc~xyz` fits."""
    labelled = _LABELLED.fullmatch(name[:_MOST])
    if labelled and f"{labelled[2]}::{labelled[1]}" in terms:  # a value label may hold any sign
        return [f"{labelled[2]}::{labelled[1]}"]
    wanted = factors(name)
    same = [term for term in terms if factors(term) == wanted]
    return same or ([term for term in terms if _fits(wanted, factors(term))] if "~" in name else [])


def _fits(short: tuple[Factor, ...], whole: tuple[Factor, ...]) -> bool:
    """Whether abbreviated names are those of a term, factor by factor in some order."""
    if len(short) != len(whole):
        return False
    left = list(whole)
    for one in short:
        found = next((w for w in left if _abbreviates(one, w)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _abbreviates(short: Factor, whole: Factor) -> bool:
    if (short.level, short.operator, short.steps) != (whole.level, whole.operator, whole.steps):
        return False
    start, tilde, end = short.column.partition("~")
    name = whole.column
    return name == short.column or (
        bool(tilde) and len(name) > len(start) + len(end) and name.startswith(start) and name.endswith(end)
    )
