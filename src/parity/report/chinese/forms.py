"""Sentences by their form: `{n:n} rows` is `279 rows`, and its Chinese has the same holes.

A form takes a text if its literal parts stand in it in this order, each at its first place after the one before, or
each at its last before the one after: no other going back, so the time is linear. What a hole takes is said after its name:

nothing  any text, as it is          `n`  a number, or its word      `t`  a text that has a form itself
`m`      a text, told where it can be  `l`  names, after commas      `s`  texts with forms, after commas
`k`      texts after commas, told where they can be                  `c`  texts with forms, after semicolons
`o`      names with "or" between    `a`  with "and"                  `w`  a text without a blank
`v`      a value, of five words at most                              `p`  nothing, or a text that has a form itself
`e`      several texts with forms, with commas and the last "and" between
`f`      a formula, which may have backticks of its own
`b`      a sentence behind "because", without its capital and its point, told where it can be
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from string import Formatter

from parity.study.analyses.registry import CHINESE
from parity.study.words_of_tables import LABELS_ZH

_FOLDER = Path(__file__).parent
_COUNTS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORDS = {word: str(i) for i, word in enumerate(_COUNTS)}
#: Sentences inside one another.
DEEPEST = 6


@dataclass(frozen=True)
class Form:
    """literals: one more than holes; holes: name and what it takes; chinese: with the same names in braces."""

    literals: tuple[str, ...]
    holes: tuple[tuple[str, str], ...]
    chinese: str

    @property
    def weight(self) -> int:
        return sum(map(len, self.literals))


def form(english: str, chinese: str) -> Form:
    literals, holes = [], []
    for text, name, kind, _ in Formatter().parse(english):
        literals.append(text)
        if name is not None:
            holes.append((name, kind or ""))
    return Form((*literals, "") if len(literals) == len(holes) else tuple(literals), tuple(holes), chinese)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """File -> English form -> Chinese."""
    return {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(_FOLDER.glob("*.toml"))}


@cache
def _forms() -> tuple[dict[str, str], tuple[Form, ...]]:
    """Texts without a hole, heads of analyses among them; and forms with holes, that with most of its own first."""
    whole = {k: v for k, v in (*CHINESE.items(), *LABELS_ZH.items()) if "{" not in k}
    holed = []
    for texts in catalogue().values():
        for english, chinese in texts.items():
            made = form(english, chinese)
            if made.holes:
                holed.append(made)
            else:
                whole[made.literals[0]] = chinese.replace("{{", "{").replace("}}", "}")
    return whole, tuple(sorted(holed, key=lambda f: -f.weight))


@lru_cache(maxsize=20_000)
def in_chinese(text: str) -> str:
    """The text in Chinese, or the text itself."""
    return _told(text, DEEPEST) or text


def has_chinese(text: str) -> bool:
    return _told(text, DEEPEST) is not None


def _told(text: str, deepest: int) -> str | None:
    whole, holed = _forms()
    if text in whole:
        return whole[text]
    if not deepest or not text.strip():
        return None
    return next((said for one in holed if (said := _filled(one, text, deepest - 1)) is not None), None)


def _filled(one: Form, text: str, deepest: int) -> str | None:
    for find in (str.find, str.rfind):  # a name may hold the words after it: then those farthest right may fit
        parts = _parts(one.literals, text, find)
        said = parts and _with(one, parts, deepest)
        if said or len(one.literals) < 3:
            return said or None
    return None


def _with(one: Form, parts: list[str], deepest: int) -> str | None:
    taken: dict[str, str] = {}
    quoted = (a.endswith("`") and b.startswith("`") for a, b in pairwise(one.literals))
    for (name, kind), part, whole in zip(one.holes, parts, quoted, strict=True):
        if whole and kind != "f" and "`" in part:  # what stands between backticks is one name
            return None
        said = _taken(kind, part, deepest)
        if said is None:
            return None
        taken[name] = said
    return one.chinese.format(**taken)


def _parts(literals: tuple[str, ...], text: str, find: Callable[..., int]) -> list[str] | None:
    """What stands between the literals, each found in what the one before left; None where they don't stand in the text."""
    first, *middle, last = literals
    end = len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last) or end < len(first):
        return None
    at, parts = len(first), list[str]()
    if find is str.find:
        for literal in middle:
            found = text.find(literal, at, end)
            if found < 0:
                return None
            parts.append(text[at:found])
            at = found + len(literal)
        parts.append(text[at:end])
    else:
        for literal in reversed(middle):
            found = text.rfind(literal, at, end)
            if found < 0:
                return None
            parts.append(text[found + len(literal) : end])
            end = found
        parts = [text[at:end], *reversed(parts)]
    return parts


def _taken(kind: str, part: str, deepest: int) -> str | None:
    if not part:
        return "" if kind == "p" else None
    if kind in ("", "f"):
        return part
    if kind == "n":
        return _WORDS.get(part.lower()) or (part if part[:1].isdigit() and " " not in part else None)
    if kind == "m":
        return _told(part, deepest) or part
    if kind == "b":
        said = _told(part, deepest) or _told(f"{part}.", deepest) or _told(f"{part[0].upper()}{part[1:]}.", deepest)
        return part if said is None else said.rstrip("。")
    if kind in "tp":
        return _told(part, deepest)
    if kind == "l":
        names, more = _and_more(part)
        return names.replace(", ", "、") + more
    if kind in "oa":
        return part.replace(" or ", " 或 ").replace(" and ", " 和 ")
    if kind in "wv":
        return None if part.count(" ") > (4 if kind == "v" else 0) else part
    if kind == "e":
        return _enumerated(part, deepest)
    separator, joint = ("; ", "；") if kind == "c" else (", ", "，" if kind == "s" else "、")
    names, more = _and_more(part)
    said = list(_each(names.split(separator), separator, deepest, kind == "k"))
    return joint.join(one for one in said if one) + more if all(said) else None


def _enumerated(part: str, deepest: int) -> str | None:
    """`a, b and c`, each told: an "and" may stand in one of them, too."""
    ends = [found.start() for found in re.finditer(" and ", part)]
    for at in (*reversed(ends), None):
        text = part if at is None else f"{part[:at]}, {part[at + 5 :]}"
        said = list(_each(text.split(", "), ", ", deepest, False))
        if all(said):
            return "，".join(one for one in said if one)
    return None


def _and_more(part: str) -> tuple[str, str]:
    """`a, b and 3 more`: the names, and how many more there are."""
    names, _, count = part.removesuffix(" more").rpartition(" and ") if part.endswith(" more") else ("", "", "")
    return (names, f" 等，另有 {count} 个") if count.isdigit() and names else (part, "")


def _each(items: list[str], separator: str, deepest: int, some: bool) -> Iterator[str | None]:
    """Each item told, or several that make one sentence: the separator may stand inside. some: others stay as they are."""
    while items:
        runs = range(1, min(len(items), 3) + 1)
        told = ((n, _told(separator.join(items[:n]), deepest)) for n in runs)
        n, said = next(((n, said) for n, said in told if said), (1, None))
        yield said or (items[0] if some else None)
        items = items[n:]
