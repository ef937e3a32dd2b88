"""What the notes of a printed table announce: what stands in parentheses, and what the stars mean."""

from __future__ import annotations

import re
from itertools import pairwise

_KINDS = (
    ("se", r"standard errors?|\bs\.?e\.?s?\b|标准误"),
    ("t", r"\b[tz][- ]?(?:statistics?|stats?|values?|ratios?|scores?)|[tz] ?值|[tz] ?统计量"),
    ("p", r"\bp[- ]?values?|p ?值"),
)
#: What each repetition took it keeps (`*+`), and levels are short: time grows with the text alone.
_AND = r"[,、 ]*+(?:and|和|&)?+ ?+"
_LEVEL = r"(?:\d{1,3}(?:\.\d{1,9})? ?%|0?\.\d{1,9})"
_EACH = re.compile(rf"(?<!\*)(\*{{1,4}}) ?[:=]? ?\(?p ?-?(?:value)? ?(?:<=?|≤) ?({_LEVEL})", re.IGNORECASE)
_PERCENT = re.compile(
    r"(?<!\*)(\*{1,4}) ?[:=]? ?(?:significant|sign?\.?)? ?(?:at)?(?: the)? ?(\d+(?:\.\d+)? ?%)", re.IGNORECASE
)
_GROUP = r"\*{1,4}+(?!\*)"
_LISTED = re.compile(rf"(?<!\*)({_GROUP}(?:{_AND}{_GROUP}){{1,3}}).{{0,60}}?({_LEVEL}(?:{_AND}{_LEVEL}){{1,3}})")


def announced(words: str) -> dict[str, str]:
    """`Standard errors in parentheses, t statistics in brackets` -> {"(": "se", "[": "t"}."""
    found: dict[str, str] = {}
    words = re.sub(r"\bstd\.? ?err(ors?)?\.?", "standard errors", words, flags=re.IGNORECASE)
    for part in re.split(r"[.;。；，](?!\d)|,(?= )| and ", words):
        kind = next((k for k, pattern in _KINDS if re.search(pattern, part, re.IGNORECASE)), "")
        square = re.search(r"\bbrackets?|方括号|中括号|\[ ?\]", part, re.IGNORECASE)
        if kind and square:
            found.setdefault("[", kind)
        elif kind and re.search(r"parenthes|括号|\( ?\)", part, re.IGNORECASE):
            found.setdefault("(", kind)
    return found


def star_cuts(words: str) -> tuple[float, ...] | None:
    """`* p < 0.1, ** p < 0.05` or `***, ** and * at the 1%, 5% and 10% level` -> cuts from one star up, else None."""
    levels = star_levels(words)
    return levels if falling(levels) else None


def falling(levels: tuple[float, ...]) -> bool:
    """Whether more stars stand for smaller p; False for no levels."""
    return bool(levels) and all(a > b for a, b in pairwise(levels))


def star_levels(words: str) -> tuple[float, ...]:
    """The levels of one star, two and so on as they are announced, in whatever order; () for none, or one that lacks."""
    cuts = {len(stars): _share(level) for pattern in (_EACH, _PERCENT) for stars, level in pattern.findall(words)}
    if len(cuts) < 2 and (listed := _LISTED.search(words)):
        stars, levels = re.findall(r"\*+", listed[1]), re.findall(_LEVEL, listed[2])
        paired = zip(stars, levels, strict=True) if len(stars) == len(levels) else ()
        cuts = {len(s): _share(level) for s, level in paired}
    ordered = tuple(cuts[n] for n in sorted(cuts))
    whole = sorted(cuts) == list(range(1, len(cuts) + 1))
    return ordered if whole else ()


def _share(level: str) -> float:
    return float(level.rstrip(" %")) / 100 if level.endswith("%") else float(level)
