"""Long texts made from a regular expression to be hard for it, and every such pattern of the package with how it is used.

Python's engine tries again wherever a repeat may give back what it took, and from each place where a search may begin.
What is long in the text is therefore what the pattern itself repeats, and the end is one that it can't match.
"""

from __future__ import annotations

import ast
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from re import _parser as sre  # what `re` itself parses with

from structure import module, nodes, sources, walked

MODES = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
#: Those that try from every place of the text.
FROM_EVERYWHERE = {"search", "sub", "subn", "split", "findall", "finditer"}
#: Characters of every kind that a class may hold; those that a pattern names come before them.
POOL = " 0a.-*|,_(A\t\n=/~资"
#: Repeats of no more than this are no matter.
SHORT = 64


@dataclass(frozen=True)
class Used:
    """A pattern and the ways in which the package applies it; place: module, and name or line."""

    place: str
    pattern: str | bytes
    flags: int
    modes: frozenset[str]


# ---------------------------------------------------------------- texts


def texts(pattern: str | bytes, flags: int, length: int, everywhere: bool) -> Iterator[str]:
    """Texts of about this length, hard for the pattern. everywhere: also those that are hard to search in."""
    made: dict[str, None] = {}
    for before, unit, after in _long_repeats(pattern, flags):
        for piece in (
            unit,
            unit + after[:1],
            after[:1] + unit,
            *((before, before + unit, before + unit + after[:-1]) if everywhere else ()),
        ):
            if not piece:
                continue
            body = piece * (length // len(piece))
            for start in dict.fromkeys(("", before)):
                for end in dict.fromkeys(("\x01", after[:-1] + "\x01", after + "\x01")):
                    made[start + body + end] = None
    yield from made


@cache
def _long_repeats(pattern: str | bytes, flags: int) -> tuple[tuple[str, str, str], ...]:
    """Those of a whole pattern, which are the same for texts of every length."""
    written = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    named = "".join(dict.fromkeys(c for c in written if not c.isalnum() and c not in "\\"))
    return tuple(dict.fromkeys(_repeats(sre.parse(written, flags), "", "", named + POOL)))


def _repeats(nodes, before: str, after: str, pool: str) -> Iterator[tuple[str, str, str]]:
    """(what stands before, one piece, what stands after) of every long repeat, with several pieces each."""
    items = list(nodes)
    for i, (op, value) in enumerate(items):
        left = before + _sample(items[:i], pool)
        right = _sample(items[i + 1 :], pool) + after
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, high, body = value
            if int(high) > SHORT:
                for unit in _units(body, pool):
                    yield left, unit, right
            yield from _repeats(body, left, right, pool)
        elif name == "SUBPATTERN":
            yield from _repeats(value[3], left, right, pool)
        elif name == "ATOMIC_GROUP":
            yield from _repeats(value, left, right, pool)
        elif name == "BRANCH":
            for branch in value[1]:
                yield from _repeats(branch, left, right, pool)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _repeats(value[1], left, "", pool)


def _units(body, pool: str) -> list[str]:
    """Some texts that one pass of a repeat takes."""
    items = list(body)
    if len(items) == 1 and str(items[0][0]) in ("IN", "ANY", "NOT_LITERAL", "LITERAL", "CATEGORY"):
        return [c for c in dict.fromkeys(pool) if _takes(items[0], c)][:5] or [_one(items[0], pool)]
    found = [_sample(items, pool), _sample(items, pool, most=True)]
    if len(items) == 1 and str(items[0][0]) in ("SUBPATTERN", "BRANCH"):
        value = items[0][1]
        inner = value[3] if str(items[0][0]) == "SUBPATTERN" else [items[0]]
        for op, branches in inner:
            if str(op) == "BRANCH":
                found += [_sample(branch, pool) for branch in branches[1]]
    return [text for text in dict.fromkeys(found) if text]


def _sample(nodes, pool: str, most: bool = False) -> str:
    """A text that some nodes take, the shortest or one with each optional part once."""
    return "".join(_one(node, pool, most) for node in nodes)


def _one(node, pool: str, most: bool = False) -> str:
    op, value = str(node[0]), node[1]
    if op == "LITERAL":
        return chr(value)
    if op in ("IN", "ANY", "NOT_LITERAL", "CATEGORY"):
        return next((c for c in pool + "bBxX19Z" if _takes(node, c)), _any_of(value) if op == "IN" else "x")
    if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, _, body = value
        return _sample(body, pool, most) * max(min(int(low), SHORT), 1 if most else 0)
    if op == "SUBPATTERN":
        return _sample(value[3], pool, most)
    if op == "ATOMIC_GROUP":
        return _sample(value, pool, most)
    if op == "BRANCH":
        return _sample(value[1][0], pool, most)
    return ""


def _any_of(items) -> str:
    for op, value in items:
        if str(op) == "LITERAL":
            return chr(value)
        if str(op) == "RANGE":
            return chr(value[0])
    return "x"


@cache
def _category(name: str) -> re.Pattern:
    kind = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[
        name.removeprefix("CATEGORY_").removeprefix("UNI_").removeprefix("NOT_")
    ]
    return re.compile("\\" + (kind.upper() if "NOT_" in name else kind))


def _takes(node, c: str) -> bool:
    """Whether a node of one character takes this one."""
    op, value = str(node[0]), node[1]
    if op == "LITERAL":
        return ord(c) == value
    if op == "NOT_LITERAL":
        return ord(c) != value
    if op == "ANY":
        return c != "\n"
    if op == "CATEGORY":
        return bool(_category(str(value)).match(c))
    if op == "IN":
        negated = bool(value) and str(value[0][0]) == "NEGATE"
        inside = any(
            _takes(one, c) if str(one[0]) in ("LITERAL", "CATEGORY") else one[1][0] <= ord(c) <= one[1][1]
            for one in value if str(one[0]) != "NEGATE"
        )  # fmt: skip
        return inside != negated
    return False


# ---------------------------------------------------------------- the package's patterns


def used() -> tuple[list[Used], list[str]]:
    """Every regular expression of the package, and the places of those whose text can't be told without running it."""
    found: dict[tuple[str, str | bytes, int], set[str]] = {}
    untold: list[str] = []
    for path in sources():
        if not _imports_re(path):
            continue
        name = module(path)
        held = _globals(name)
        loose = _loose_modes(path, held)
        for where, pattern, flags in _compiled(held, name, path):
            modes = _modes_of(where.partition("[")[0].rpartition(".")[2], name) if "[" not in where else loose
            found.setdefault((where, pattern, flags), set()).update(modes or loose or {"search"})
        for line, mode, texts_ in _inline(path, held):
            if not texts_:
                untold.append(f"{name}:{line}")
            for i, (pattern, flags) in enumerate(texts_):
                own = loose if mode == "compile" else {mode}
                found.setdefault((f"{name}:{line}" + (f"[{i}]" if i else ""), pattern, flags), set()).update(
                    own or {"search"}
                )
    return [Used(*key, frozenset(modes)) for key, modes in found.items()], untold


@cache
def _applying() -> list[Path]:
    """Files in which a pattern may be applied: the others, two thirds of the package, needn't be parsed."""
    word = re.compile(rf"\.(?:{'|'.join(MODES)})\b")
    return [path for path in sources() if word.search(path.read_text(encoding="utf-8"))]


def _imports_re(path: Path) -> bool:
    if not re.search(r"\bimport\b.*\bre\b", path.read_text(encoding="utf-8")):
        return False
    return any(isinstance(n, ast.Import) and any(a.name == "re" for a in n.names) for n in nodes(path))


def _globals(name: str) -> dict:
    __import__(name)
    return vars(sys.modules[name])


def _compiled(held: dict, name: str, path: Path) -> Iterator[tuple[str, str | bytes, int]]:
    """Compiled patterns that a module's own names hold, in whatever they are kept."""
    imported = {
        n for node in nodes(path) if isinstance(node, ast.ImportFrom) for n in (a.asname or a.name for a in node.names)
    }
    for key, value in list(held.items()):
        if not key.startswith("__") and key not in imported:
            for at, one in _inside(value, 0):
                yield f"{name}.{key}{at}", one.pattern, one.flags


def _inside(value: object, depth: int) -> Iterator[tuple[str, re.Pattern]]:
    if isinstance(value, re.Pattern):
        yield "", value
    elif depth < 4 and isinstance(value, dict):
        for key, one in value.items():
            for at, pattern in (*_inside(key, depth + 1), *_inside(one, depth + 1)):
                yield f"[{key if isinstance(key, str) else ''}]{at}", pattern
    elif depth < 4 and isinstance(value, tuple | list | set | frozenset):
        for i, one in enumerate(value):
            for at, pattern in _inside(one, depth + 1):
                yield f"[{i}]{at}", pattern
    elif depth < 4 and is_dataclass(value) and not isinstance(value, type):
        for key in (field.name for field in fields(value)):
            for at, pattern in _inside(getattr(value, key, None), depth + 1):
                yield f"[{key}]{at}", pattern


@cache
def _uses() -> dict[tuple[str, str], set[str]]:
    """(module, name there) -> the ways in which it is applied."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in _applying():
        for node in nodes(path):
            if isinstance(node, ast.Attribute) and node.attr in MODES:
                at = node.value
                key = at.id if isinstance(at, ast.Name) else at.attr if isinstance(at, ast.Attribute) else ""
                if key:
                    found.setdefault((module(path), key), set()).add(node.attr)
    return found


@cache
def _importers() -> dict[tuple[str, str], list[tuple[str, str]]]:
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for path in _applying():
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    found.setdefault((node.module or "", alias.name), []).append((module(path), alias.asname or alias.name))
    return found


def _modes_of(key: str, name: str) -> set[str]:
    places = [(name, key), *_importers().get((name, key), [])]
    return {mode for place in places for mode in _uses().get(place, ())}


def _loose_modes(path: Path, held: dict) -> set[str]:
    """Ways in which a module applies patterns that have no name of its own: those out of a table, say."""
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Attribute) and node.attr in MODES:
            at = node.value
            own = isinstance(at, ast.Name) and (isinstance(held.get(at.id), re.Pattern) or at.id == "re")
            text = isinstance(at, ast.Constant | ast.JoinedStr)
            if not own and not text and node.attr not in ("split",):
                found.add(node.attr)
    return found


def _inline(path: Path, held: dict) -> Iterator[tuple[int, str, list[tuple[str | bytes, int]]]]:
    """`re.sub(pattern, ...)` and the like inside functions: line, way, and what the pattern may be."""
    for function in nodes(path):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        inside = walked(function)
        loops = [n for n in inside if isinstance(n, ast.For | ast.comprehension)]
        for node in inside:
            called = getattr(node, "func", None)
            if not (isinstance(node, ast.Call) and isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name)):
                continue
            if called.value.id != "re" or called.attr not in (*MODES, "compile") or not node.args:
                continue
            flags = _flags(node, called.attr, held)
            yield node.lineno, called.attr, [(text, flags) for text in _told(node.args[0], held, loops)]


def _flags(node: ast.Call, mode: str, held: dict) -> int:
    place = {
        "compile": 1,
        "match": 2,
        "fullmatch": 2,
        "search": 2,
        "findall": 2,
        "finditer": 2,
        "split": 3,
        "sub": 4,
        "subn": 4,
    }[mode]
    given = next((k.value for k in node.keywords if k.arg == "flags"), node.args[place] if len(node.args) > place else None)
    try:
        return int(eval(compile(ast.Expression(given), "flags", "eval"), dict(held))) if given is not None else 0
    except Exception:
        return 0


class _Stand(ast.NodeTransformer):
    """What only a run can tell stands as a plain letter in a text that is put together."""

    def __init__(self, held: dict):
        self.held = held

    def visit_FormattedValue(self, node):
        try:
            eval(compile(ast.Expression(ast.JoinedStr([node])), "part", "eval"), dict(self.held))
            return node
        except Exception:
            return ast.Constant("x")


def _told(node: ast.expr, held: dict, loops: list) -> list[str | bytes]:
    if isinstance(node, ast.JoinedStr):
        node = ast.fix_missing_locations(_Stand(held).visit(ast.parse(ast.unparse(node), mode="eval").body))
    try:
        value = eval(compile(ast.Expression(node), "pattern", "eval"), dict(held))
    except Exception:
        value = _looped(node, held, loops)
    if isinstance(value, re.Pattern):
        return []  # counted where it is made
    values = value if isinstance(value, list) else [value]
    return [v for v in values if isinstance(v, str | bytes)]


def _looped(node: ast.expr, held: dict, loops: list) -> list:
    """What a name stands for that a loop over a module's table gives."""
    out = []
    for loop in loops:
        names = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
        at = next(
            (i for i, n in enumerate(names) if isinstance(n, ast.Name) and isinstance(node, ast.Name) and n.id == node.id),
            None,
        )
        if at is None:
            continue
        try:
            rows = list(eval(compile(ast.Expression(loop.iter), "rows", "eval"), dict(held)))
        except Exception:
            continue
        out += [row[at] if isinstance(loop.target, ast.Tuple) else row for row in rows]
    return out


# ---------------------------------------------------------------- time

#: Lengths of the texts: at the first even exponential time ends.
LENGTHS = (24, 100, 400, 3200)
#: Seconds of the processor that no linear pattern takes for the longest, and how much more than in proportion is too much.
LITTLE, GROWTH = 0.003, 3.0


def seconds(
    pattern: re.Pattern, mode: str, text: str, times: int = 1, clock: Callable[[], float] = time.process_time
) -> float:  # fmt: skip
    """The least time of several tries."""
    given = text.encode("utf-8") if isinstance(pattern.pattern, bytes) else text
    apply = getattr(pattern, mode)
    least = float("inf")
    for _ in range(times):
        start = clock()
        if mode in ("sub", "subn"):
            apply(given[:0], given)
        elif mode == "finditer":
            for _match in apply(given):
                pass
        else:
            apply(given)
        least = min(least, clock() - start)
    return least


def slow(one: Used) -> str:
    """What a pattern takes too long for; empty where its time grows with the length of the text alone.

    First by the clock on the wall: by the processor's, which takes longer to read than most patterns do, it is no longer.
    """
    pattern = re.compile(one.pattern, one.flags)
    everywhere = sorted(one.modes & FROM_EVERYWHERE)[:1]  # they search alike
    for mode in (*sorted(one.modes - FROM_EVERYWHERE), *everywhere):
        made = [list(texts(one.pattern, one.flags, n, mode in FROM_EVERYWHERE)) for n in LENGTHS]
        for shorter, longer in zip([[""] * len(made[0]), *made], made, strict=False):
            for small, text in zip(shorter, longer, strict=False):
                slow_at_sight = seconds(pattern, mode, text, clock=time.perf_counter) > LITTLE
                if slow_at_sight and (long := seconds(pattern, mode, text, 3)) > LITTLE:
                    short = seconds(pattern, mode, small, 5)
                    if long > GROWTH * max(short, 1e-6) * len(text) / max(len(small), 1):
                        return f"{mode} of {text[:24]!r}..., {long:.3f} s for {len(text)}, {short:.4f} s for {len(small)}"
    return ""
