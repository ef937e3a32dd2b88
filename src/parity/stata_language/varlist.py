"""Lists of variables: wildcards, ranges, abbreviations, and terms with factor and time-series operators. [U] 11.4."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate

from parity.base.patterns import BLANKS
from parity.stata_language.dataset import DataProblem, Dataset, NotFound, misplaced


@dataclass
class Resolver:
    """Names as typed -> variables. abbreviated: (typed, variable) of every name that stood for a longer one."""

    data: Dataset
    abbreviate: bool = True
    abbreviated: list[tuple[str, str]] | None = None

    def one(self, name: str) -> str:
        """Raises `DataProblem` 111 where there is none, or several."""
        if name in self.data.columns:
            return name
        matching = [n for n in self.data.columns if n.startswith(name)] if self.abbreviate and name else []
        if len(matching) == 1:
            if self.abbreviated is not None:
                self.abbreviated.append((name, matching[0]))
            return matching[0]
        if matching:
            raise DataProblem(f"{name} ambiguous abbreviation: {', '.join(matching[:4])}", 111)
        raise NotFound(name, self.data.columns)

    def many(self, text: str, *, new: bool = False) -> tuple[str, ...]:
        """A varlist: names, `x*`, `x?`, `a-b`, `_all`. new: names that don't exist stay as they are."""
        found: list[str] = []
        for word in words(text):
            found += self._word(word, new)
        return tuple(dict.fromkeys(found)) if not new else tuple(found)

    def _word(self, word: str, new: bool) -> list[str]:
        names = list(self.data.columns)
        if word in ("_all", "*"):
            return names
        if "*" in word or "?" in word or "~" in word:
            matching = [n for n in names if re.match(translate(word.replace("~", "*")), n)]
            if not matching:
                raise NotFound(word, names)
            return matching
        if "-" in word:
            first, _, last = word.partition("-")
            if new and first not in names:
                return _numbered(first, last)
            begin, end = names.index(self.one(first.strip())), names.index(self.one(last.strip()))
            if end < begin:
                raise DataProblem(f"{word}: the last stands before the first", 101)
            return names[begin : end + 1]
        return [word] if new and word not in names else [self.one(word)]


class Unresolved(Resolver):
    """Names as they are written, where there are no data. Raises `DataProblem` for what only data can say."""

    def __init__(self) -> None:
        super().__init__(Dataset())

    def one(self, name: str) -> str:
        if wrong := misplaced(name):
            raise DataProblem(f"variable {name} not found{wrong}", 111)
        return name

    def many(self, text: str, *, new: bool = False) -> tuple[str, ...]:
        found = tuple(words(text))
        for word in found:
            if any(c in word for c in "*?~-") or word == "_all":
                raise DataProblem(f"`{word}` stands for columns that only the data know: write them out", 111)
        return found


def words(text: str) -> list[str]:
    """Words of a varlist: blanks around a `-` belong to its range, what is in parentheses to its word."""
    tight = re.sub(r"(?<=[\w*?])\s*-\s*(?=[^\W\d])", "-", text)
    return _outside_parentheses(tight)


def _outside_parentheses(text: str) -> list[str]:
    found, held, depth = [], "", 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char.isspace() and depth <= 0:
            if held:
                found.append(held)
            held = ""
        else:
            held += char
    return [*found, held] if held else found


def _numbered(first: str, last: str) -> list[str]:
    """x1-x3 of variables that are yet to be made."""
    a, b = (re.fullmatch(r"(.*?)((?<!\d)\d++)", n) for n in (first, last))
    if not (a and b and a.group(1) == b.group(1)):
        raise DataProblem(f"{first}-{last} invalid name", 198)
    return [f"{a.group(1)}{i}" for i in range(int(a.group(2)), int(b.group(2)) + 1)]


# ---------------------------------------------------------------- terms of models


@dataclass(frozen=True)
class Factor:
    """One variable in a term: `i.x`, `ib3.x`, `ibn.x`, `i(1 2).x`, `3.x`, `c.x`, `L2.x`, plain `x`.

    kind: "plain", "continuous", "factor", or "omitted" of `o.x`, which no model has a term of
    base: a value, "first", "last", "freq", "none"; levels: those asked for
    operator: time-series operators before the name, such as "L2" or "LD"
    """

    name: str
    kind: str = "plain"
    base: str = ""
    levels: tuple[float, ...] = ()
    omit: tuple[float, ...] = ()
    operator: str = ""


@dataclass(frozen=True)
class Term:
    """Factors joined by `#`."""

    factors: tuple[Factor, ...]


_OPERATORS = re.compile(r"((?:[LFDSlfds](?:\d+|\(-?\d+\))?)+|i?bn?|i?b(?:\d+|\((?:#?\d+|first|last|freq|none|n)\))|"
                        r"i(?:\d+|\([^)]*\))?|"
                        r"o\d*|c|co|\d+(?:b|bn|o)?|i?o\d+)\.")  # fmt: skip
_SPAN = re.compile(r"([LFDSlfds])\(([^()/]*+/[^()]*+|-?\d++(?:\s++-?\d++)++)\)\.")


def terms(text: str, resolver: Resolver) -> tuple[Term, ...]:
    """Terms of a model's varlist; `##` becomes all that it stands for, `L(0/2).x` three terms. Raises `DataProblem`."""
    found: list[Term] = []
    for word in _joined(words(text)):
        for single in _spans(word):
            found += _expanded(single, resolver)
    return tuple(t for t in dict.fromkeys(found) if not any(f.kind == "omitted" for f in t.factors))


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """A `#` that stands alone, or ends or begins a word, joins its neighbours."""
    held = ""
    for part in parts:
        if held and (held.endswith("#") or part.startswith("#")):
            held += part
            continue
        if held:
            yield held
        held = part
    if held:
        yield held


def _spans(word: str) -> Iterator[str]:
    """`L(0/2).x` -> `L0.x`, `L1.x`, `L2.x`."""
    match = _SPAN.search(word)
    if match is None:
        yield word
        return
    for n in numbers(match.group(2)):
        yield from _spans(f"{word[: match.start()]}{match.group(1)}{int(n)}.{word[match.end() :]}")


def _expanded(word: str, resolver: Resolver, crossed: bool = False) -> list[Term]:
    """crossed: whether it is a part of an interaction, whose variables are factors unless `c.` says otherwise. [U] 11.4.3"""
    if "##" in word:
        left, _, right = word.rpartition("##")
        before, after = _expanded(left, resolver, True), _expanded(right, resolver, True)
        return [*before, *after, *(Term((*a.factors, *b.factors)) for a in before for b in after)]
    joined: list[tuple[Factor, ...]] = [()]
    crossed = crossed or "#" in word
    for piece in _pieces(word):
        options = _factors(piece, resolver, crossed)
        joined = [(*held, *option) for held in joined for option in options]
    return [Term(factors) for factors in joined]


def _pieces(word: str) -> list[str]:
    """At each `#` but one inside brackets: the next bracket behind it closes."""
    pieces, end, inside = [], len(word), False
    for at in reversed(range(len(word))):
        if word[at] in "()":
            inside = word[at] == ")"
        elif word[at] == "#" and not inside:
            pieces.append(word[at + 1 : end])
            end = at
    return [p for p in (word[:end], *reversed(pieces)) if p]


def _factors(piece: str, resolver: Resolver, crossed: bool) -> list[tuple[Factor, ...]]:
    """Choices that one piece stands for: `(a b)` and wildcards stand for several."""
    operators, rest = "", piece
    while match := _OPERATORS.match(rest):
        operators, rest = f"{operators}{match.group(1)}.", rest[match.end() :]
    if rest.startswith("(") and rest.endswith(")"):
        out = []
        for inner in _joined(words(rest[1:-1])):
            out += [tuple(f for f in term.factors) for term in _expanded(f"{operators}{inner}", resolver, crossed)]
        return out
    names = resolver.many(rest) if re.search(r"[*?~]|^\S+-\S+$|^_all$", rest) else (resolver.one(rest),)
    return [(_factor(operators, name, crossed),) for name in names]


def _factor(operators: str, name: str, crossed: bool) -> Factor:
    kind, base, levels, omit, series = ("factor" if crossed else "plain"), "", (), (), ""
    omitted = False
    for operator in filter(None, operators.split(".")):
        low = operator.lower()
        if re.fullmatch(r"(?:[lfds](?:\d+|\(-?\d+\))?)+", low):
            series += operator.upper()
            kind = "continuous" if crossed and kind == "factor" and not levels else kind
        elif low in ("o", "co"):
            omitted = True
        elif low == "c":
            kind = "continuous"
        elif low.startswith(("ib", "b")):
            kind, base = "factor", _base(low.lstrip("i")[1:])
        elif low == "i":
            kind = "factor"
        elif low.startswith("i("):
            kind, levels = "factor", tuple(numbers(low[2:-1]))
        elif re.fullmatch(r"i?\d+", low):
            kind, levels = "factor", (float(low.lstrip("i")),)
        elif re.fullmatch(r"\d+(b|bn)", low):
            kind, base = "factor", "none" if low.endswith("n") else low[:-1]
        elif re.fullmatch(r"i?o\d+|\d+o", low):
            kind, omit = "factor", (*omit, float(low.strip("io")))
    return Factor(name, "omitted" if omitted else kind, base, levels, omit, series)


def _base(text: str) -> str:
    text = text.strip("()")
    return {"n": "none", "": ""}.get(text, text)


def numbers(text: str) -> list[float]:
    """A numlist: `1 2 3`, `1/3`, `1(2)9`, `1 2 to 10`, `5 4:1`. [U] 11.1.8. Raises `DataProblem`."""
    found: list[float] = []
    flat = re.sub(BLANKS + r"(to|:)\s*", ":", text.replace(",", " ").strip())
    number = r"-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
    for word in re.findall(r"[^\s()]+(?:\s*\([^()]*\)\s*[^\s()]*)?", flat):
        if re.fullmatch(number, word, re.IGNORECASE):
            found.append(float(word))
        elif match := re.fullmatch(rf"({number})/({number})", word):
            found += _steps(float(match.group(1)), float(match.group(2)), 1.0)
        elif match := re.fullmatch(rf"({number})\s*[(\[]\s*({number})\s*[)\]]\s*({number})", word):
            found += _steps(float(match.group(1)), float(match.group(3)), float(match.group(2)))
        elif (match := re.fullmatch(rf"({number}):({number})", word)) and found:
            step = float(match.group(1)) - found[-1]
            found += _steps(found[-1], float(match.group(2)), step)[1:]
        elif re.fullmatch(r"\.[a-z]?", word):
            found.append(float("nan"))
        else:
            raise DataProblem(f"`{text[:40]}` is no list of numbers", 121)
    return found


def _steps(first: float, last: float, step: float) -> list[float]:
    """Raises `DataProblem` for a step of zero or more than a million numbers."""
    if step == 0 or (last - first) * step < 0:
        if step and first != last and abs(step) == 1:
            step = -step
        else:
            return [first] if first == last else _refuse(first, last)
    if abs((last - first) / step) > 1e6:
        _refuse(first, last)
    n = int((last - first) / step + 1e-9)
    return [first + i * step for i in range(n + 1)]


def _refuse(first: float, last: float):
    raise DataProblem(f"{first:g} to {last:g} is no list of numbers", 121)
