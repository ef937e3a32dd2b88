"""The old prefix `for`, which Stata still runs: a command repeated with words of lists for X, Y, Z. Stata 7, [R] for.

`for num 1/3 \\ any a b c: gen vX = Y`; `for var price weight: replace X = . if X < 0 \\ label var X "X"`.
"""

from __future__ import annotations

import re

from parity.stata.formats import macro_text
from parity.stata.lists import split_words
from parity.stata.session import Session
from parity.stata_language.command import SyntaxProblem
from parity.stata_language.varlist import numbers

_HEAD = re.compile(
    r"\s*+(?P<before>(?:(?:qui|cap|noi)\w*+(?:\s++|\s*+:\s++))*)for\s++"
    r"(?P<lists>(?:\w++\s++in\s++)?(?:var|any|num|new)\w*+\s.*)",
    re.DOTALL,
)
_LIST = re.compile(r"(?:(?P<name>\w+)\s+in\s+)?(?P<kind>var|any|num|new)\w*\s+(?P<words>.*)", re.DOTALL)
NAMES = ("X", "Y", "Z", "A", "B", "C", "D", "E", "F")


def commands(text: str, session: Session) -> list[str] | None:
    """The commands that a `for` stands for, in order; None for text that is none.

    Raises `SyntaxProblem`, `DataProblem`.
    """
    head = _HEAD.fullmatch(text)
    if head is None:
        return None
    listed, colon, body = _divided(head["lists"])
    if not colon:
        raise SyntaxProblem("`for` has no colon before its command")
    lists: dict[str, list[str]] = {}
    for i, part in enumerate(listed.partition(", ")[0].split("\\")):
        found = _LIST.fullmatch(part.strip())
        if found is None:
            raise SyntaxProblem(f"`{part.strip()[:40]}` is no list that for knows")
        lists[found["name"] or NAMES[i]] = _words(found["kind"], found["words"], session)
    if len({len(words) for words in lists.values()}) != 1:
        raise SyntaxProblem("the lists of `for` have different lengths")
    out = []
    names = re.compile("|".join(re.escape(name) for name in sorted(lists, key=len, reverse=True)))
    for words in zip(*lists.values(), strict=True):
        meant = dict(zip(lists, words, strict=True))
        filled = names.sub(lambda found, meant=meant: meant[found[0]], body)  # in one go: a word may hold a Y of its own
        out += [head["before"] + command.strip() for command in filled.split("\\") if command.strip()]
    return out


def _divided(text: str) -> tuple[str, str, str]:
    """At the first colon outside quotes."""
    quoted = False
    for i, char in enumerate(text):
        quoted ^= char == '"'
        if char == ":" and not quoted:
            return text[:i], ":", text[i + 1 :]
    return text, "", ""


def _words(kind: str, text: str, session: Session) -> list[str]:
    if kind == "var":
        return list(session.names(text))
    if kind == "num":
        return [macro_text(v) for v in numbers(text)]
    if kind == "new":
        return list(session.names(text, new=True))
    return split_words(text)
