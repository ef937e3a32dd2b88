"""One command in Stata's standard syntax as a frozen value. [U] 11.1: prefixes, name, what it is about, if, in, weight,
using, options.

`read` splits text whose macros are expanded. What stands between the name and the first qualifier is kept as text: what it
means is the command's to know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from parity.stata_language.names import PREFIXES, canonical


class SyntaxProblem(Exception):
    """A command that breaks Stata's syntax; the message says how."""


@dataclass(frozen=True)
class Option:
    """`vce(cluster firm)`: a name in small letters, and the text in its parentheses; None where there are none."""

    name: str
    value: str | None = None


@dataclass(frozen=True)
class Weight:
    """`[aw=pop]`: fweight, aweight, pweight, iweight, or "weight" where the kind is left to the command."""

    kind: str
    expression: str


@dataclass(frozen=True)
class Prefix:
    """What stands before a colon: `bysort a (b):`, `eststo m1:`; also `quietly`, `capture`, `noisily` without one."""

    name: str
    text: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Command:
    """name: in full where it is an abbreviation of one that is known; typed: as it was typed.

    about: text before the first of = if in weight using comma; assigned: text behind `=`, None where there is none
    """

    typed: str
    name: str
    about: str = ""
    assigned: str | None = None
    condition: str | None = None
    rows: str | None = None
    weight: Weight | None = None
    using: str | None = None
    options: tuple[Option, ...] = ()
    prefixes: tuple[Prefix, ...] = ()
    text: str = ""

    def option(self, *names: str, least: int = 0) -> Option | None:
        """The first option of any of these names; least: letters that an abbreviation of the first one needs."""
        for option in self.options:
            if option.name in names or (least and len(option.name) >= least and names[0].startswith(option.name)):
                return option
        return None

    def has(self, *names: str, least: int = 0) -> bool:
        return self.option(*names, least=least) is not None

    def prefix(self, *names: str) -> Prefix | None:
        return next((p for p in self.prefixes if p.name in names), None)


_WORD = re.compile(r"[^\W\d][\w.]*|[#!?]|\d+")
_SHORT = re.compile(r"(?:qui|quie|quiet|quietl|quietly|cap|capt|captu|captur|capture|n|no|noi|nois|noisi|noisil|noisily)"
                    r"(?=\s|:|$)")  # fmt: skip
_WEIGHT = re.compile(r"\[\s*((?:fw|aw|pw|iw)(?:eight|eigh|eig|ei|e)?|weight|w|weigh)\s*+=\s*+(.*)\]\s*+$", re.DOTALL)
#: Commands whose text is their own business: no comma, if or weight is looked for.
WHOLE = frozenset({"local", "global", "display", "scalar", "matrix", "args", "tempvar", "tempfile", "tempname", "exit",
"else",
                   "program", "mata", "!", "shell", "#", "macro", "syntax", "gettoken", "tokenize", "file", "version", "set",
                   "assert", "while", "foreach", "forvalues", "if", "input", "end", "continue", "error", "pause",
                   "more"})  # fmt: skip


#: Commands in which a `=` outside parentheses assigns; elsewhere it stands inside what the command is about.
ASSIGNING = frozenset({"generate", "replace", "egen", "gegen", "ereplace", "predictnl"})


@lru_cache(maxsize=20_000)  # loops run the same texts again and again
def read(text: str) -> Command:
    """Text -> command. Raises `SyntaxProblem`."""
    whole, prefixes = text.strip(), []
    rest = whole
    while True:
        found = _prefix(rest)
        if found is None:
            break
        prefix, rest = found
        prefixes.append(prefix)
    word = _WORD.match(rest)
    if word is None:
        raise SyntaxProblem(f"`{rest[:40]}` names no command")
    typed = word.group()
    name = canonical(typed)
    body = rest[word.end() :].strip()
    if name in WHOLE:
        return Command(typed, name, body, prefixes=tuple(prefixes), text=whole)
    before, options = _at_comma(body)
    parts = _qualified(before, name in ASSIGNING)
    return Command(typed, name, prefixes=tuple(prefixes), options=tuple(_options(options)), text=whole, **parts)


def _prefix(text: str) -> tuple[Prefix, str] | None:
    if short := _SHORT.match(text):
        rest = text[short.end() :].lstrip()
        rest = rest[1:].lstrip() if rest.startswith(":") else rest
        return (Prefix(canonical(short.group())), rest) if rest else None
    word = _WORD.match(text)
    if word is None or canonical(word.group()) not in PREFIXES:
        return None
    name = canonical(word.group())
    if name == "version":
        number = re.match(r"version\s+[\d.]+\s*:", text)
        return (Prefix(name, number.group()[7:-1].strip()), text[number.end() :].lstrip()) if number else None
    if name == "xi" and not re.match(r"xi\s*(:|,)", text):
        return None
    cut = next((i for i in outside(text) if text[i] == ":"), None)
    if cut is None:
        return None
    about, options = _at_comma(text[word.end() : cut].strip())
    return Prefix(name, about.strip(), tuple(_options(options))), text[cut + 1 :].lstrip()


def _bare(text: str, start: int = 0) -> Iterator[int]:
    """Positions outside quotes."""
    quoted, compound, i = False, 0, start
    while i < len(text):
        char, pair = text[i], text[i : i + 2]
        if pair == '`"' and not quoted:
            compound, i = compound + 1, i + 2
            continue
        if pair == "\"'" and compound:
            compound, i = compound - 1, i + 2
            continue
        if char == '"' and not compound:
            quoted = not quoted
        elif not quoted and not compound:
            yield i
        i += 1


def outside(text: str, *, brackets: bool = True) -> Iterator[int]:
    """Positions outside quotes, parentheses and (by default) brackets."""
    depth = 0
    opening, closing = ("([", ")]") if brackets else ("(", ")")
    for i in _bare(text):
        if text[i] in opening:
            depth += 1
        elif text[i] in closing:
            depth -= 1
        elif depth <= 0:
            yield i


def _at_comma(text: str) -> tuple[str, str]:
    cut = next((i for i in outside(text) if text[i] == ","), None)
    return (text, "") if cut is None else (text[:cut], text[cut + 1 :])


_QUALIFIERS = re.compile(r"(if|in|using)(?=[\s(!~\"`]|$)|=(?!=)")


def _qualified(text: str, assigning: bool) -> dict:
    """Cut at `=`, `if`, `in`, the weight and `using`, wherever they stand."""
    weight = None
    for i in _brackets(text):
        if match := _WEIGHT.match(text[i : _bracket_end(text, i) + 1]):
            kind = match.group(1)
            kinds = {"f": "fweight", "a": "aweight", "p": "pweight", "i": "iweight"}
            weight = Weight("weight" if kind.startswith("w") else kinds[kind[0]], match.group(2).strip())
            end = _bracket_end(text, i) + 1
            text = f"{text[:i]} {text[end:]}"
            if any(_WEIGHT.match(text[j : _bracket_end(text, j) + 1]) for j in _brackets(text)):
                raise SyntaxProblem("weights are given twice")
            break
    marks: list[tuple[int, int, str]] = []
    positions = set(outside(text))
    for i in sorted(positions):
        match = _QUALIFIERS.match(text, i)
        if match is None or any(i < end for _, end, _ in marks):
            continue
        if match.group(1) is None:
            if not assigning or text[i - 1 : i] in ("=", "!", "~", "<", ">") or marks:
                continue  # a comparison
        elif i and not text[i - 1].isspace() and text[i - 1] not in ")]\"'":
            continue
        marks.append((i, match.end(), match.group(1) or "="))
    twice = next((name for i, (_, _, name) in enumerate(marks) if name in [m[2] for m in marks[:i]]), None)
    if twice is not None:
        raise SyntaxProblem(f"`{twice}` is given twice")
    ends = [start for start, _, _ in marks[1:]] + [len(text)] * bool(marks)
    found = {name: text[start:end].strip() for (_, start, name), end in zip(marks, ends, strict=True)}
    empty = next((name for name, held in found.items() if not held and name != "using"), None)
    if empty is not None:
        raise SyntaxProblem(f"nothing stands behind `{empty}`")
    about = text[: marks[0][0]].strip() if marks else text.strip()
    return {
        "about": about, "assigned": found.get("="), "condition": found.get("if"), "rows": found.get("in"),
        "using": found.get("using"), "weight": weight,
    }  # fmt: skip


def _brackets(text: str) -> Iterator[int]:
    """Opening brackets outside quotes and parentheses."""
    return (i for i in outside(text, brackets=False) if text[i] == "[")


def _bracket_end(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "[") - (text[i] == "]")
        if depth == 0:
            return i
    raise SyntaxProblem(f"a bracket is never closed: `{text[start : start + 40]}`")


def _options(text: str) -> Iterator[Option]:
    """`a b(c d) e`: names with what stands in parentheses right behind them, or after a blank."""
    i = 0
    while i < len(text):
        if text[i].isspace() or text[i] == ",":
            i += 1
            continue
        word = re.compile(r"[^\s(),]+").match(text, i)
        if word is None:
            raise SyntaxProblem(f"`{text[i : i + 30]}` is no option")
        name, i = word.group().lower(), word.end()
        behind = re.compile(r"\s*\(").match(text, i)
        if behind is None:
            yield Option(name)
            continue
        end = _parenthesis_end(text, behind.end() - 1)
        yield Option(name, text[behind.end() : end].strip())
        i = end + 1


def _parenthesis_end(text: str, start: int) -> int:
    depth = 0
    for i in _bare(text, start):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    raise SyntaxProblem(f"a parenthesis is never closed: `{text[start : start + 40]}`")
