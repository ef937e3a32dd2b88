"""Several data sets in memory: frame, frlink, frget, and the prefix `frame x:`. [D] frames, frlink, frget.

The link is the row of the other frame, and what it leads to is kept in its characteristic `frame`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.combine import keys_of
from parity.stata.commands.create import check_new
from parity.stata.mishaps import NotRun
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset
from parity.stata_language.values import stored

_TYPE = re.compile(r"(byte|int|long|float|double|str\d+|strL)\b\s*+")


@command("frame")
def frame(session: Session, given: Command) -> None:
    """`frame create|change|copy|put|drop|rename|post|reset|dir`. Raises `DataProblem`, `NotRun`."""
    verb, _, rest = given.about.strip().partition(" ")
    verbs: dict[str, tuple[int, Callable[[Session, Command, str], None]]] = {
        "create": (2, _create), "change": (2, _change), "copy": (4, _copy), "put": (3, _put), "drop": (4, _drop),
        "rename": (3, _rename), "post": (4, _post), "reset": (5, _reset), "dir": (3, _shown), "list": (4, _shown),
        "pwf": (3, _shown),
    }  # fmt: skip
    for name, (least, run) in verbs.items():
        if len(verb) >= least and name.startswith(verb):
            run(session, given, rest.strip())
            return
    if not verb:
        return
    raise NotRun(f"`frame {verb}` is not known here")


@command("cwf", "mkf")
def short(session: Session, given: Command) -> None:
    """`cwf name` changes the frame, `mkf name` makes one."""
    (_change if given.name == "cwf" else _create)(session, given, given.about.strip())


def within(session: Session, given: Command, run: Callable[[Command], None]) -> None:
    """`frame x: command`: in the frame x, and back again whatever comes of it."""
    prefix = given.prefix("frame")
    assert prefix is not None
    with inside(session, prefix.text.strip()):
        run(replace(given, prefixes=tuple(p for p in given.prefixes if p is not prefix)))


@contextmanager
def inside(session: Session, name: str) -> Iterator[None]:
    """In the frame of this name, and back again whatever comes of it. Raises `DataProblem` where there is none."""
    here = session.frame
    _go(session, name)
    try:
        yield
    except Exception:
        if session.data is not None:  # what it would have done to this frame is not known
            session.data = session.data.doubted(f"frame ({session.file}:{session.line})")
        raise
    finally:
        _go(session, here)
        session.baseline = session.data


def _held(session: Session, name: str) -> Dataset:
    """The data of a frame. Raises `DataProblem` 111, `Lost`."""
    if name == session.frame:
        return session.there
    if name not in session.frames:
        raise DataProblem(f"frame {name} not found", 111)
    data = session.frames[name]
    if data is None:
        raise Lost
    return data


def _new(session: Session, name: str, *, replacing: bool = False) -> str:
    if not re.fullmatch(r"[^\W\d]\w{0,31}", name):
        raise DataProblem(f"{name} invalid name", 198)
    if (name in session.frames or name == session.frame) and not (replacing and name != session.frame):
        raise DataProblem(f"frame {name} already exists", 110)
    return name


def _go(session: Session, name: str) -> None:
    if name == session.frame:
        return
    if name not in session.frames:
        raise DataProblem(f"frame {name} not found", 111)
    session.frames[session.frame] = session.data
    session.data = session.frames.pop(name)
    session.frame = name


def _create(session: Session, given: Command, rest: str) -> None:
    name, _, listed = rest.partition(" ")
    columns, kind = {}, session.settings.get("type", "float")
    _new(session, name)
    for piece in re.findall(r"(?:[a-zA-Z]+\d*\([^()]*\)|\S+)", listed):
        inside = re.fullmatch(r"(\w+)\(([^()]*)\)", piece)
        words, each = (inside.group(2).split(), inside.group(1)) if inside else ([piece], kind)
        if not inside and _TYPE.fullmatch(piece):
            kind = piece
            continue
        for word in words:
            columns[word] = Column(np.zeros(0, dtype=object if each.startswith("str") else float), each)
        kind = kind if inside else session.settings.get("type", "float")
    session.frames[name] = Dataset(columns, 0)


def _change(session: Session, given: Command, rest: str) -> None:
    _go(session, rest)


def _copy(session: Session, given: Command, rest: str) -> None:
    source, _, target = rest.partition(" ")
    data = _held(session, source)
    session.frames[_new(session, target.strip(), replacing=given.has("replace"))] = data


def _put(session: Session, given: Command, rest: str) -> None:
    """`frame put varlist, into(new)` and `frame put if exp, into(new)`."""
    option = given.option("into")
    if option is None or not option.value:
        raise DataProblem("option into() required", 198)
    name = _new(session, option.value.strip())
    data = session.there
    if rest:
        chosen = set(session.names(rest))
        data = data.without([n for n in data.columns if n not in chosen])
    if given.condition or given.rows:
        data = data.taken(session.used(given))
        data = replace(data, doubts=data.doubts | session.read)
    session.frames[name] = data


def _drop(session: Session, given: Command, rest: str) -> None:
    for name in rest.split():
        if name == session.frame:
            raise DataProblem("cannot drop the current frame", 110)
        if name not in session.frames:
            raise DataProblem(f"frame {name} not found", 111)
        del session.frames[name]


def _rename(session: Session, given: Command, rest: str) -> None:
    old, _, new = rest.partition(" ")
    _new(session, new.strip())
    if old == session.frame:
        session.frame = new.strip()
    elif old in session.frames:
        session.frames[new.strip()] = session.frames.pop(old)
    else:
        raise DataProblem(f"frame {old} not found", 111)


def _post(session: Session, given: Command, rest: str) -> None:
    """`frame post name (exp) (exp) ...`: one more row of another frame."""
    from parity.stata.commands.rows import lengthened

    name, _, listed = rest.partition(" ")
    data = _held(session, name)
    values = [session.value(text) for text in _parentheses(listed)]
    if len(values) != len(data.columns):
        raise DataProblem(f"{len(data.columns)} expressions are needed, {len(values)} are there", 198)
    longer, doubts = lengthened(data, data.rows + 1), frozenset(session.read)
    new = {}
    for (column, held), value in zip(longer.columns.items(), values, strict=True):
        if isinstance(value, str) is not held.text:
            raise DataProblem("type mismatch", 109)
        cells = held.values.copy()
        cells[-1] = value if held.text else stored(np.array([value], dtype=float), held.kind)[0]
        new[column] = replace(held, values=cells, doubts=held.doubts | doubts)
    made = longer.with_columns(new)
    if name == session.frame:
        session.data = made
    else:
        session.frames[name] = made


def _parentheses(text: str) -> list[str]:
    """What stands in each of `(a) (b) ...`."""
    found, depth, start = [], 0, 0
    for i, letter in enumerate(text):
        if letter == "(":
            depth += 1
            start = i + 1 if depth == 1 else start
        elif letter == ")":
            depth -= 1
            if depth == 0:
                found.append(text[start:i])
    return found


def _reset(session: Session, given: Command, rest: str) -> None:
    session.frames.clear()
    session.frame, session.data = "default", Dataset()


def _shown(session: Session, given: Command, rest: str) -> None:
    """What is only printed."""


# ---------------------------------------------------------------- links


@command("frlink")
def frlink(session: Session, given: Command) -> None:
    """`frlink 1:1|m:1 varlist, frame(name [varlist]) [generate(link)]`: the row of the other frame."""
    match = re.match(r"(1:1|m:1)\s+(.*)\Z", given.about.strip(), re.DOTALL)
    option, made = given.option("frame", least=2), given.option("generate", least=3)
    if match is None or option is None or not (option.value or "").split():
        raise NotRun(f"`frlink {given.about[:40]}` is not known here")
    other, *keys = (option.value or "").split()
    names, data, linked = session.names(match.group(2)), session.there, _held(session, other)
    keys = keys or list(names)
    if lacking := [k for k in keys if k not in linked.columns]:
        raise DataProblem(f"variable {lacking[0]} not found in frame {other}", 111)
    if len(keys) != len(names):
        raise DataProblem("as many variables are needed in either frame", 198)
    with_names = Dataset({n: linked[k] for n, k in zip(names, keys, strict=True)}, linked.rows)
    a, b = keys_of(data, with_names, names)
    for code, asked, where in ((a, match.group(1)[0], session.frame), (b, "1", other)):
        if asked == "1" and len(np.unique(code)) != len(code):
            raise DataProblem(f"variables {' '.join(names)} do not uniquely identify observations in frame {where}", 459)
    place = {code: row for row, code in enumerate(b.tolist(), 1)}
    rows = np.array([place.get(code, np.nan) for code in a.tolist()], dtype=float)
    name = made.value.strip() if made and made.value else other
    check_new(session, name)
    doubts = linked.doubts.union(*(with_names[n].doubts | data[n].doubts for n in names))
    session.set_columns({name: Column(rows, "long", doubts=doubts)})
    session.data = replace(session.there, characteristics={**session.there.characteristics, f"{name}[frame]": other})
    lost = int(np.isnan(rows).sum())
    said = f"{lost:,} observation{'' if lost == 1 else 's'} in frame {session.frame} unmatched"
    session.say(f"({said})" if lost else f"(all observations in frame {session.frame} matched)")


@command("frget")
def frget(session: Session, given: Command) -> None:
    """`frget varlist, from(link)` and `frget new = old ..., from(link)`, with prefix() and suffix()."""
    option = given.option("from")
    link = session.name((option.value if option else "") or "")
    data = session.there
    other = data.characteristics.get(f"{link}[frame]")
    if other is None:
        raise DataProblem(f"{link} is no link that frlink made", 459)
    linked, at = _held(session, other), data[link]
    before, behind = given.option("prefix"), given.option("suffix")
    pairs = [(new.strip(), old.strip()) for new, old in re.findall(r"(?<![^\s=])([^\s=]++)\s*+=\s*+([^\s=]++)", given.about)]
    if not pairs:
        from parity.stata_language.varlist import Resolver

        chosen = Resolver(linked, False, []).many(given.about)
        called = ((before.value if before else "") or "", (behind.value if behind else "") or "")
        pairs = [(f"{called[0]}{n}{called[1]}", n) for n in chosen if "*" not in given.about or f"{n}" not in data.columns]
    there, new = ~np.isnan(at.values), {}
    for name, old in pairs:
        check_new(session, name)
        if old not in linked.columns:
            raise DataProblem(f"variable {old} not found in frame {other}", 111)
        source = linked[old]
        values = np.full(data.rows, "" if source.text else np.nan, dtype=source.values.dtype)
        values[there] = source.values[at.values[there].astype(np.int64) - 1]
        new[name] = replace(source, values=values, doubts=source.doubts | at.doubts | linked.doubts)
    session.set_columns(new)
    labels = {source.value_label for source in new.values()} & linked.value_labels.keys()
    kept = {name: linked.value_labels[name] for name in labels if name not in session.there.value_labels}
    session.data = replace(session.there, value_labels={**session.there.value_labels, **kept})
    session.say(f"({len(new)} variable{'' if len(new) == 1 else 's'} copied from linked frame)")
