r"""LaTeX columns that a decimal point joins, `r@{.}l`: two cells in the source are one number in print.

The point stands in the specification of the columns alone, `&0&352***&`, and a heading goes over both by `\multicolumn{2}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from parity.logs.sheet import MOST_COLUMNS, Item

_LAID_OUT = str.maketrans("", "", "{}$ \t\n")
#: What one letter of a specification takes behind it, in braces: p{2cm}, D{.}{.}{3}.
_TAKES = {"p": 1, "m": 1, "b": 1, "w": 2, "W": 2, "D": 3}
#: Copies of a `*{n}{...}`, and how deep they may stand in each other.
MOST_DEPTH = 2
#: Characters of a specification that are read.
MOST_LONG = 5000


def specification(arguments: str) -> str:
    """The last of an environment's arguments, without its braces: `[t]{\\linewidth}{lcc}` is `lcc`."""
    at, spec = max(arguments.find("{"), 0), ""
    arguments = arguments[: MOST_LONG + at].rstrip()
    while at < len(arguments) and arguments[at] == "{":
        spec, at = _braces(arguments, at)
        at += len(arguments[at:]) - len(arguments[at:].lstrip())
    return spec


def joints(spec: str) -> tuple[str, ...]:
    """What a specification prints between each two columns: "." or "," where it is a decimal sign, else ""."""
    out: list[str] = []
    sign, columns = "", 0
    for token, inside in _tokens(spec, 0):
        if token in "@!":
            said = inside.translate(_LAID_OUT)
            sign = said if said in (".", ",") else ""
        elif token not in "<>|":
            if columns:
                out.append(sign)
            sign, columns = "", columns + 1
        if columns > MOST_COLUMNS:
            break
    return tuple(out)


def _tokens(spec: str, depth: int) -> Iterator[tuple[str, str]]:
    """Letters of columns, and `@`, `!`, `>`, `<` with what stands in their braces."""
    at = 0
    while at < len(spec):
        char = spec[at]
        at += 1
        if char == "*" and depth < MOST_DEPTH:
            count, at = _braces(spec, at)
            inner, at = _braces(spec, at)
            for _ in range(min(int(count), 100) if count.strip().isdecimal() else 0):
                yield from _tokens(inner, depth + 1)
        elif char in "@!<>":
            inner, at = _braces(spec, at)
            yield char, inner
        elif char.isalpha():
            for _ in range(_TAKES.get(char, 0)):
                _, at = _braces(spec, at)
            if spec[at : at + 1] == "[":  # siunitx: S[table-format=1.3]
                end = spec.find("]", at)
                at = end + 1 if end >= 0 else len(spec)
            yield char, ""


def _braces(spec: str, at: int) -> tuple[str, int]:
    """What stands in the braces that open here, and where they end; a single sign where none do."""
    while at < len(spec) and spec[at].isspace():
        at += 1
    if at >= len(spec) or spec[at] != "{":
        return spec[at : at + 1], at + 1
    depth = 0
    for i in range(at, len(spec)):
        depth += (spec[i] == "{") - (spec[i] == "}")
        if depth == 0:
            return spec[at + 1 : i], i + 1
    return spec[at + 1 :], len(spec)


def joined(items: Iterable[Item], signs: Sequence[str]) -> Iterator[Item]:
    """The cells of a row, the halves of numbers put together."""
    held, j = list(items), 0
    starts = []
    for item in held:
        starts.append(j)
        j += item.span
    i = 0
    while i < len(held):
        item, at = held[i], starts[i]
        sign = signs[at] if item.span == 1 and at < len(signs) else ""
        if sign and i + 1 < len(held) and held[i + 1].span == 1:
            whole, part = item.text, held[i + 1].text
            yield replace(item, text=f"{whole}{sign}{part}" if part else whole)
            i += 2
            continue
        ends = sum(bool(s) for s in signs[at : at + item.span - 1])
        yield replace(item, span=item.span - ends)
        i += 1
