"""Values and rows of the data that a do-file changes by hand: `replace y = 4 in 3`, `drop in 17`. Nothing of the data gives
them, so each is said; whether it is a correction or not only its author knows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from parity.package.document import FindingOf
from parity.stata.do import DoResult

_TARGET = re.compile(r"\s*+(?P<name>[A-Za-z_]\w*+)\s*+=(?!=)")
_BEHIND = re.compile(r"\b(?:if|in)\b|,\s*+nop")
_NUMBER = re.compile(r"(?<![\w.])(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?+\d++)?+(?![\w.])")
_PLACE = re.compile(r"(?<![\w.])in\s++-?+[\dfFlL]|(?<!\w)_n\s*+==\s*+\d")
#: What arithmetic of numbers may hold beside them: `cond(_n == 3, 4, y)`, `max(y, 9)`.
_AROUND = re.compile(r"\b(?:_n|_N|cond|max|min|round|float)\b")
_TEXTS = re.compile(r'"[^"]*+"')
_WORDS = re.compile(r"\s*+(?:(?:qui\w*+|cap\w*+|noi\w*+)\s++)*+(?P<verb>replace|drop|keep|recode)\b(?P<rest>.*)", re.DOTALL)
_VERBS = ("replace", "drop", "keep", "recode")
ONE = "(1 real change made)"
#: Lines that are named of one do-file; more are counted.
MOST = 5


def typed_data(do_files: Collection[str], done: DoResult) -> Iterator[FindingOf]:
    """A finding a line: one row's value that is typed, or rows chosen by their place."""
    once = {(s.file, s.line) for s in done.said if s.values.get("text") == ONE}
    lines: dict[str, dict[int, str]] = {}
    for statement in done.statements:
        if statement.status != "run" or statement.name not in _VERBS or statement.file not in do_files:
            continue
        said = _said(statement.text, one=(statement.file, statement.line) in once)
        if said:
            lines.setdefault(statement.file, {}).setdefault(statement.line, said)
    for file, held in lines.items():
        for i, (line, said) in enumerate(held.items(), 1):
            more = len(held) - MOST
            if i == MOST and more > 0:
                said += f" (and {more} more such lines of this do-file)"
            if i <= MOST:
                yield FindingOf(id="typed-data", file=file, line=line, text=said)


def _said(text: str, *, one: bool) -> str:
    found = _WORDS.match(text)
    if found is None:
        return ""
    rest, shown = found["rest"], " ".join(text.split())[:60]
    by_place = _PLACE.search(_TEXTS.sub("", rest)) is not None
    if found["verb"] == "recode":
        return f"`{shown}` recodes rows by their place: no value of the data says which" if by_place else ""
    if found["verb"] != "replace":
        return f"`{shown}` takes rows by their place: no value of the data says which" if by_place else ""
    target = _TARGET.match(rest)
    if target is None or not (by_place or one) or not _typed(target["name"], rest[target.end() :].strip()):
        return ""
    return f"`{shown}` gives a row a value that is typed here: nothing of the data gives it"


def _typed(name: str, value: str) -> bool:
    """Whether a value with what stands behind it is a text, a number, or arithmetic of numbers and the variable itself."""
    if value.startswith('"'):
        return not value.startswith('""')
    left = re.sub(rf"\b{re.escape(name)}\b", "1", _BEHIND.split(value, maxsplit=1)[0])
    bare = _NUMBER.sub("", _AROUND.sub("", left))
    return _NUMBER.search(left) is not None and re.fullmatch(r"[-+*/^(),=<>!&| ]*+", bare) is not None
