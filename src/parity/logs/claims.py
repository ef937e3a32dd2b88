"""What the notes of a table claim: what stands in brackets, what stars mean, what standard errors are clustered by."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.logs.exhibit import Notes, Place, Stars
from parity.logs.sheet import Item
from parity.printed.cells import plain
from parity.printed.notes import announced, star_cuts

_MARKED = re.compile(r"(?<![*+†\w])(?P<mark>\*{1,4}|[+†‡#^]|[a-d](?= ?(?:p|=|:|"
                     r"sig)))(?![*+†])\s*+(?:[:=]\s*+)?+\(?p ?-?(?:value)?\s*+"
                     r"(?:<=?|≤|=)\s*+(?P<level>\d{0,2}\.?\d++ ?%?)", re.IGNORECASE)  # fmt: skip
#: `Signif. Codes: ***: 0.01, **: 0.05`.
_CODED = re.compile(r"(?<![*\w])(?P<mark>\*{1,4}|[+.†])\s*:\s*(?P<level>0?\.\d+)")
#: Other marks than stars: `a significant at 1%`, `c: 10%`; `a, b and c denote significance at the 1%, 5% and 10% level`.
_OTHER = r"(?:[+†‡#]|(?-i:\b[a-d]\b))"
_LEVEL = r"(?:\d{1,2}(?:\.\d)? ?%|0?\.\d{1,4})"
_AND = r"(?:,? and |, ?|/| ?& ?)"
_SAYS = re.compile(
    rf"(?P<mark>{_OTHER})(?: ?[:=] ?| )(?:(?:is |are |denotes? |indicates? )?(?:statistically )?significan(?:t|ce) "
    rf"(?:at|below)(?: the)? )?(?P<level>{_LEVEL})",
    re.IGNORECASE,
)
_EACH_OF = re.compile(
    rf"(?P<marks>{_OTHER}(?:{_AND}(?:{_OTHER}|\*{{1,4}})){{1,3}})[ :][^.;%]{{0,60}}?"
    rf"(?P<levels>{_LEVEL}(?:{_AND}{_LEVEL}){{1,3}})"
)
_PERCENTS = re.compile(
    rf"(?<![\d.])\d{{1,2}}(?:\.\d)?(?:{_AND}\d{{1,2}}(?:\.\d)?){{0,3}} ?-?(?:per ?cent\b|%)", re.IGNORECASE
)
_FORMAT = re.compile(
    r"(?:\bcoef\w*+|estimates?)[^\w(]*+"
    r"\((?P<kind>std\.? ?err\w*|standard errors?|s\.?e\.?|[tz][- ]?\w*|p[- ]?\w*)\)",
    re.IGNORECASE,
)
_CLUSTERED = re.compile(
    r"\bcluster(?:ed|ing|s)?(?: standard[ -]errors?)?(?:,? robust)?\s*(?:(?:at|by|on|for|in|to|within)\b(?: the)?|\(|:)\s*"
    r"(?P<by>[^.;()\[\]]{1,80}?)\s*(?:[- ]levels?\b|\)|[.;]|,(?! and)|$|\bin (?:parenthes|bracket)|\bare (?:in|reported|"
    r"shown))",
    re.IGNORECASE,
)
#: `标准误聚类到省份层面`, `在省份层面聚类`.
_CLUSTERED_ZH = re.compile(
    r"聚类(?:稳健)?(?:标准误)?(?:到|于|在|至|为)(?P<by>[^。；，,;()（）]{1,20}?)(?:层面|水平|层级|层)|"
    r"(?:在|按|以)(?P<before>[^。；，,;()（）]{1,20}?)(?:层面|水平|层级|层)?(?:上)?(?:进行)?聚类"
)
_ROBUST = re.compile(r"\brobust\b|heterosk|heteroscedastic|\bHC[0-3]\b|huber|稳健", re.IGNORECASE)
_INTERVAL = re.compile(r"confidence intervals?|\bCIs?\b|置信区间", re.IGNORECASE)


def claims(items: Sequence[Item]) -> Notes:
    """The notes as lines, and what they say."""
    lines = tuple(dict.fromkeys(plain(item.text) for item in items if item.text.strip()))
    words = "; ".join(_ready(line) for line in lines)
    brackets = announced(words)
    for part in re.split(r"[;.](?!\d)|,(?= )| and ", words):
        if _INTERVAL.search(part):
            for bracket, name in (("[", r"bracket"), ("(", r"parenthes")):
                if re.search(name, part, re.IGNORECASE):
                    brackets[bracket] = "ci"
    if not brackets and (format_of := _FORMAT.search(words)):  # pyfixest: `Coefficient (Std. Error)`
        word = format_of["kind"].lower()
        brackets["("] = "p" if word.startswith("p") else "t" if word.startswith(("t", "z")) else "se"
    named = [found["by"] for found in _CLUSTERED.finditer(words)]
    named += [found["by"] or found["before"] for found in _CLUSTERED_ZH.finditer(words)]
    by = tuple(dict.fromkeys(map(_names, named)))
    place: Place | None = next((item.place for item in items if item.text.strip()), None)
    return Notes(
        lines, place, tuple(sorted(brackets.items())), _stars(words), tuple(b for b in by if b), bool(_ROBUST.search(words))
    )


def _ready(line: str) -> str:
    """A note in the words that `parity.printed.notes` reads: `standard-errors` as two words, `$p<0.1$` without signs."""
    line = re.sub(r"\bstandard-error", "standard error", line, flags=re.IGNORECASE)
    line = re.sub(r"(?<![\w\d])\^ ?\{?([a-d+†‡#]|\*{1,4})\}?", r"\1", line.replace("$", "").replace("\\", ""))
    line = _PERCENTS.sub(_each_percent, line)
    line = re.sub(r"(?<=p)\s*(?:&lt;|\{<\})\s*", "<", line)
    return re.sub(r"<sup>\s*(\*+)\s*</sup>", r"\1", line)


def _each_percent(found: re.Match) -> str:
    """`1, 5 and 10 percent` -> `1%, 5% and 10%`."""
    bare = re.sub(r" ?-?(?:per ?cent|%)$", "", found[0], flags=re.IGNORECASE)
    return re.sub(r"\d{1,2}(?:\.\d)?", lambda number: f"{number[0]}%", bare)


def _stars(words: str) -> Stars | None:
    """Marks and levels from the least on: stars first; other marks (`+`, `a`) where they are announced so."""
    found = {m["mark"]: _share(m["level"]) for m in _MARKED.finditer(words)}
    if not found and re.search(r"signif", words, re.IGNORECASE):
        found = {m["mark"]: _share(m["level"]) for m in _CODED.finditer(words)}
    if not found:
        found = _said_of_others(words)
    cuts = star_cuts(words)
    if cuts and not any("*" in mark for mark in found):
        found |= {"*" * (i + 1): cut for i, cut in enumerate(cuts)}
    levels = sorted(((mark, cut) for mark, cut in found.items() if 0 < cut < 1), key=lambda pair: (-pair[1], pair[0]))
    return Stars(tuple(levels)) if levels else None


def _said_of_others(words: str) -> dict[str, float]:
    """Levels of letters and other marks, where two or more are announced: an `a` alone is a word."""
    if not re.search(r"signif|level|\bp ?[<=-]", words, re.IGNORECASE):
        return {}  # a legend: `Panels A, B and C trim 10%, 5% and 1%`
    found = {m["mark"]: _share(m["level"]) for m in _SAYS.finditer(words)}
    if len(found) < 2 and (listed := _EACH_OF.search(words)):
        marks = re.findall(rf"{_OTHER}|\*+", listed["marks"])
        levels = re.findall(_LEVEL, listed["levels"])
        found = {m: _share(level) for m, level in zip(marks, levels, strict=False)} if len(marks) == len(levels) else {}
    return found if len(found) > 1 else {}


def _share(level: str) -> float:
    number = float(level.strip(" %"))
    return number / 100 if level.endswith("%") else number


def _names(text: str) -> str:
    return " ".join(text.split()).strip(" ,:;")
