"""A spec that is several: outcomes, steps of regressors and of fixed effects, and samples by the values of a column.

    [spec.wage]
    formula = "c(lwage, hours) ~ educ + csw0(exper, tenure) | sw(region, region + year)"
    split   = { by = "sector", values = ["public", "private"], all = true }

Each is a spec of its own by the time anything is validated or hashed, named in fixest's order, sample, outcome, regressors,
effects: `wage.public.lwage.1.2`. So no engine, no second reading and no kept answer knows of them.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from parity.base.errors import InputError, Problem, some_of, suggest
from parity.base.values import Value
from parity.study.formula import Column, Constant

#: fixest's functions of steps; mvsw is every set of its terms.
STEPS = ("sw", "sw0", "csw", "csw0", "mvsw")
#: Most specs that one may be.
MOST = 200
_CALL = re.compile(rf"({'|'.join(STEPS)})\s*\(")
#: What a name may not hold (`parity.study.spec`).
_STRAY = re.compile(r"[^\w.+()-]+")
_NUMBERED = re.compile(r"_\d+$")


class Several(Value):
    """A spec of study.toml that is several. by, values: of a split, every value that some sample of it has."""

    name: str
    ids: tuple[str, ...]
    by: str = ""
    values: tuple[float | str, ...] = ()

    @property
    def said(self) -> str:
        return f"`{self.name}` is several specs: name one of them, {some_of(self.ids)}"


@dataclass(frozen=True)
class _Way:
    """One way along one dimension: what it puts into names ("": nothing) and titles, and the text that it is."""

    name: str
    title: str
    text: str


class _Wrong(ValueError):
    """What is wrong, and at which key of the spec."""

    def __init__(self, key: str, message: str):
        self.key = key
        super().__init__(message)


def written_out(raw: dict[str, Any], file: Path | str) -> tuple[dict[str, Any], tuple[Several, ...]]:
    """The content of a study.toml with a spec for each of several, and which were. In the columns of tables the name of all
    stands for each of them. Raises `InputError` with every problem."""
    specs = raw.get("spec")
    if not isinstance(specs, dict):
        return raw, ()
    out: dict[str, Any] = {}
    found: list[Several] = []
    problems: list[Problem] = []
    for name, given in specs.items():
        try:
            made, several = _specs_of(name, given) if isinstance(given, dict) else ({name: given}, None)
        except _Wrong as error:
            problems.append(Problem(str(file), f"spec.{name}.{error.key}", str(error)))
            continue
        if several:
            found.append(several)
            if double := next((one for one in made if one in out or (one in specs and one != name)), None):
                key = "split" if several.by else "formula"
                problems.append(Problem(str(file), f"spec.{name}.{key}", f"the spec `{double}` is made twice"))
        out |= made
    if problems:
        raise InputError(problems)
    return _in_tables(raw | {"spec": out}, found), tuple(found)


def _specs_of(name: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], Several | None]:
    samples = _samples(given["split"]) if "split" in given else [_Way("", "", "")]
    formula = given.get("formula")
    texts = _ways(formula) if isinstance(formula, str) else [(_Way("", "", ""),)]
    if "split" not in given and len(texts) == 1 and texts[0][0].text in ("", formula):
        return {name: given}, None
    if len(samples) * len(texts) > MOST:
        raise _Wrong("formula", _too_many(len(samples) * len(texts)))
    made: dict[str, Any] = {}
    base = given.get("title")
    for sample, ways in itertools.product(samples, texts):
        own = {k: v for k, v in given.items() if k != "split"}
        if ways[0].text:
            own["formula"] = ways[0].text
        if sample.text:
            own["where"] = _both(given.get("where"), sample.text)
        titles = [w.title for w in (sample, *ways) if w.title]
        if titles:
            own["title"] = (f"{base}: " if isinstance(base, str) and base else "") + ", ".join(titles)
        one = ".".join([name, *(w.name for w in (sample, *ways) if w.name)])
        if one in made:
            raise _Wrong("formula" if "split" not in given else "split", f"the spec `{one}` is made twice")
        made[one] = own
    if [*made] == [name]:
        return made, None
    split = given.get("split")
    values = tuple(v for value in split["values"] for v in (value if isinstance(value, list) else [value])) if split else ()
    return made, Several(name=name, ids=tuple(made), by=split["by"].strip().strip("`") if split else "", values=values)


def _too_many(n: int) -> str:
    return f"it is {n:,} specs, and {MOST} at most can be written as one: an [audit.NAME] runs more"


def _both(where: Any, more: str) -> Any:
    if where is None or where == "":
        return more
    return f"({where}) and {more}" if isinstance(where, str) else where


# ---------------------------------------------------------------- samples

_KEYS = ("by", "values", "all")
_SPLIT = 'split = { by = "region", values = ["east", "west"] }, with all = true for all rows too'


def _samples(split: Any) -> list[_Way]:
    """One for each value, or group of values; all rows first."""
    by = split.get("by") if isinstance(split, dict) else None
    if isinstance(split, dict) and (odd := next((key for key in split if key not in _KEYS), None)):
        near = suggest(odd, _KEYS) or f"; known: {', '.join(_KEYS)}"
        raise _Wrong("split", f"there is no key `{odd}` here{near}")
    if not isinstance(by, str) or not by.strip("` "):
        raise _Wrong("split", f"it is written {_SPLIT}")
    column = Column(by.strip().strip("`"))
    values, whole = split.get("values"), split.get("all", False)
    if not isinstance(values, list) or not values:
        lacking = f"values = [...] is missing, those of `{column.name}`: a study is read without its data"
        raise _Wrong("split", f"{lacking}; {_SPLIT}")
    if not isinstance(whole, bool):
        raise _Wrong("split", "all is true or false")
    ways = [_Way("all", "", "")] if whole else []
    for value in values:
        group = value if isinstance(value, list) else [value]
        if not group or not all(_is_value(v) for v in group):
            raise _Wrong("split", "a value is a number or a text in quotes, or a list of them that go together")
        constants = ", ".join(str(Constant(v)) for v in group)
        said = _said(group)
        ways.append(_Way(_named(said), f"{column.name} = {said}", f"{column} in [{constants}]"))
    return _distinct(ways)


def _distinct(ways: Sequence[_Way]) -> list[_Way]:
    """Of values or outcomes whose names are alike, `<30` and `>30`, the second has `_2`; what stands twice stays alike."""
    out: list[_Way] = []
    for way in ways:
        alike = {w.text for w in out if _NUMBERED.sub("", w.name) == way.name} - {way.text}
        out.append(replace(way, name=f"{way.name}_{len(alike) + 1}") if alike else way)
    return out


def _said(group: Sequence[Any]) -> str:
    """A group of values in few words: `1935-1942` of neighbouring whole numbers, else `east+west`."""
    whole = all(isinstance(v, int) for v in group)
    if whole and len(group) > 2 and list(group) == list(range(group[0], group[0] + len(group))):
        return f"{group[0]}-{group[-1]}"
    return "+".join(map(str, group))


def _is_value(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return number or (isinstance(value, str) and bool(value.strip()))


def _named(text: str) -> str:
    """A value or an outcome as part of a name."""
    return _STRAY.sub("_", text.strip().replace("`", "").replace(" ", "")).strip("_") or "_"


# ---------------------------------------------------------------- formulas


def _ways(formula: str) -> list[tuple[_Way, ...]]:
    """Every formula that it is: the first of each has its text, and those behind it the names of its steps."""
    sides = _split(formula, "|")
    left, tilde, right = _at_first(sides[0], "~")
    if not tilde:
        return [(_Way("", "", formula),)]
    outcomes = _outcomes(left)
    regressors = _steps(right, "1")
    effects = _steps(sides[1], "0") if len(sides) > 1 and "~" not in sides[1] else None
    if not (outcomes or regressors or effects):
        return [(_Way("", "", formula),)]
    behind = sides[2:] if effects else sides[1:]
    out = []
    for y, x, fe in itertools.product(
        outcomes or [_Way("", "", left)], regressors or [_Way("", "", right)], effects or [_Way("", "", "")]
    ):
        parts = (f"{y.text.strip()} ~ {x.text.strip()}", fe.text, *behind)
        text = " | ".join(part.strip() for part in parts if part.strip())
        added = (_Way(x.name, f"+ {x.title}" if x.title else "", ""), _Way(fe.name, f"| {fe.text}" if fe.name else "", ""))
        out.append((_Way(y.name, y.title, text), *added))
    return out


def _outcomes(left: str) -> list[_Way]:
    """`c(y1, y2)`, and `y1 + y2` of outcomes that need no arithmetic; none where it is one."""
    text = left.strip()
    called = re.match(r"c(?:bind)?\(", text)
    if called and _closing(text, called.end() - 1) == len(text) - 1:
        given = [one.strip() for one in _split(text[called.end() : -1], ",")]
        if not all(given):
            raise _Wrong("formula", "an outcome is missing: c(y1, y2) ~ x")
    else:
        given = [one.strip() for one in _split(text, "+")]
        if len(given) < 2 or not all(re.fullmatch(r"`[^`]+`|[^\W\d][\w.]*(?:\([^()+-]*\))?", one) for one in given):
            return []
    if len(given) == 1:
        return [_Way("", "", given[0])]
    return _distinct([_Way(_named(one), one, one) for one in given])


def _steps(part: str, nothing: str) -> list[_Way]:
    """The ways of a list of terms with one of fixest's functions in it; none where it has none."""
    items = [item.strip() for item in _split(part, "+")]
    calls = [(at, found) for at, item in enumerate(items) if (found := _CALL.match(item))]
    if not calls:
        return []
    if len(calls) > 1:
        raise _Wrong("formula", f"one of {', '.join(f'{name}()' for name in STEPS)} may stand among the regressors, and one "
                                f"among the fixed effects")  # fmt: skip
    at, found = calls[0]
    item = items[at]
    end = _closing(item, found.end() - 1)
    rest = item[end + 1 :].strip()
    if end == len(item) or (rest and not rest.startswith("-")):
        raise _Wrong("formula", f"{found[1]}() is a term of its own: `y ~ x + {found[1]}(a, b)`")
    terms = [term.strip() for term in _split(item[found.end() : end], ",")]
    if nothing == "1" and "0" in terms:  # no intercept, or none of the terms
        raise _Wrong(
            "formula", f"{found[1]}(0, ...) may be a step of no term or one without an intercept: write sw0() or csw0()"
        )
    if not all(terms):
        raise _Wrong("formula", f"{found[1]}() has an empty term; with sw0 and csw0 the first spec has none of them")
    ways = []
    sets = list(_sets(found[1], terms))
    for number, chosen in enumerate(sets, start=1):
        own = " + ".join(chosen)
        if rest:  # `- 1` behind it
            own = f"{own} {rest}" if own else ("0" if rest.replace(" ", "") == "-1" else f"1 {rest}")
        text = " + ".join([*items[:at], *([own] if own else []), *items[at + 1 :]])
        ways.append(_Way(str(number) if len(sets) > 1 else "", " + ".join(chosen), text or nothing))
    return ways


def _sets(function: str, terms: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The terms of each step."""
    if function in ("sw0", "csw0"):
        yield ()
    if function.startswith("sw"):
        yield from ((term,) for term in terms)
    elif function.startswith("csw"):
        yield from (tuple(terms[:n]) for n in range(1, len(terms) + 1))
    else:
        if 2 ** len(terms) > MOST:
            raise _Wrong("formula", _too_many(2 ** len(terms)))
        for n in range(len(terms) + 1):
            yield from itertools.combinations(terms, n)


# ---------------------------------------------------------------- text


def _split(text: str, mark: str) -> list[str]:
    """At every mark that stands in no parentheses, brackets or quotes."""
    out, start = [], 0
    for at in _places(text, mark):
        out.append(text[start:at])
        start = at + 1
    return [*out, text[start:]]


def _at_first(text: str, mark: str) -> tuple[str, str, str]:
    at = next(_places(text, mark), None)
    return (text, "", "") if at is None else (text[:at], mark, text[at + 1 :])


def _places(text: str, mark: str) -> Iterator[int]:
    depth, quote = 0, ""
    for at, c in enumerate(text):
        if quote:
            quote = "" if c == quote else quote
        elif c in "'\"`":
            quote = c
        elif c == mark and depth == 0:
            yield at
        else:
            depth += (c in "([") - (c in ")]")


def _closing(text: str, opening: int) -> int:
    """Where the parenthesis closes that opens there; behind the text if it doesn't."""
    return opening + 1 + next(_places(text[opening + 1 :], ")"), len(text) - opening - 1)


# ---------------------------------------------------------------- tables


def _in_tables(raw: dict[str, Any], found: Sequence[Several]) -> dict[str, Any]:
    tables = raw.get("table")
    if not found or not isinstance(tables, dict):
        return raw
    ids = {several.name: several.ids for several in found}

    def each(names: list) -> list:
        return [one for name in names for one in (ids.get(name, (name,)) if isinstance(name, str) else (name,))]

    def columns(given: Any) -> Any:
        if not isinstance(given, list):
            return given
        inner = [c | {"specs": each(c["specs"])} if isinstance(c, dict) and isinstance(c.get("specs"), list) else c
                 for c in given]  # fmt: skip
        return each(inner)

    changed = {
        name: table | {"columns": columns(table["columns"])} if isinstance(table, dict) and "columns" in table else table
        for name, table in tables.items()
    }
    return raw | {"table": changed}
