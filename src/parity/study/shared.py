"""What a study says once: lists of controls by name (`$main`), a spec that is another one with a key changed, and a step of
`[derive]` for several columns.

    [controls]
    main = ["ln_gdp", "openness"]

    [spec.base]
    formula = "y ~ x + $main | unit + year"

    [spec.late]
    extends = "base"
    where = "year >= 2015"

    [derive]
    "*_w" = { winsorise = ["res", "dt"], cuts = [1, 99] }

All are words for what could be written out, and are written out before anything is validated or hashed; so no engine, no
second reading and no kept answer knows of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from parity.base.errors import InputError, Problem, suggest
from parity.study.analyses.registry import SECTIONS
from parity.study.derived import KEYS

_NAMED = re.compile(r"\$([^\W\d]\w*)")
#: The same in a formula, where a column between backticks may have any name.
_IN_TEXT = re.compile(rf"`[^`]*`|{_NAMED.pattern}")
#: Places where a list of terms may hold the name of a list of controls.
_LISTS = {
    **{one.kind: one.controls for one in SECTIONS if one.controls}, "table": ("rows", "controls"), "audit": ("controls",),
}  # fmt: skip
#: Keys of steps that are of one column.
OF_ONE_COLUMN = frozenset(key for step, key in KEYS.items() if step.model_fields[key].annotation is str)
#: What a spec doesn't take over from the one that it extends.
_OWN = ("title", "extends")


def with_controls(raw: dict[str, Any], file: Path | str) -> dict[str, Any]:
    """The content of a study.toml with what names of controls name. Raises `InputError` with every problem."""
    problems: list[Problem] = []
    out = _with_controls(raw, str(file), problems)
    if problems:
        raise InputError(problems)
    return out


def extended(raw: dict[str, Any], file: Path | str) -> dict[str, Any]:
    """The same with each spec that extends another one in full, and each step of several columns as one of each. Raises
    `InputError` with every problem."""
    problems: list[Problem] = []
    out = _by_column(_with_offsets(_extended(raw, str(file), problems), str(file), problems), str(file), problems)
    if problems:
        raise InputError(problems)
    return out


# ---------------------------------------------------------------- controls


def _with_controls(raw: dict[str, Any], file: str, problems: list[Problem]) -> dict[str, Any]:
    if "controls" not in raw and not any("$" in text for text in _texts(raw)):
        return raw
    lists = _Lists(raw.get("controls", {}), file, problems)
    out = {key: value for key, value in raw.items() if key != "controls"}
    for key, specs in _tables(raw, ("spec",)):
        changed = {}
        for name, given in specs.items():
            changed[name] = given
            for text, joint in (("formula", " + "), ("stata", " ")):
                if isinstance(given, dict) and isinstance(given.get(text), str):
                    place = f"spec.{name}.{text}"
                    changed[name] = changed[name] | {text: lists.in_text(given[text], joint, place)}
        out[key] = changed
    for key, tables in _tables(raw, tuple(_LISTS)):
        out[key] = {
            name: {k: lists.in_value(v, f"{key}.{name}.{k}") if k in _LISTS[key] else v for k, v in given.items()}
            if isinstance(given, dict)
            else given
            for name, given in tables.items()
        }
    return out


def _tables(raw: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((key, raw[key]) for key in keys if isinstance(raw.get(key), dict))


def _texts(raw: Mapping[str, Any]) -> Iterator[str]:
    """All texts in which a name of controls may stand."""
    for _, specs in _tables(raw, ("spec",)):
        yield from (v for given in specs.values() if isinstance(given, dict) for k, v in given.items()
                    if k in ("formula", "stata") and isinstance(v, str))  # fmt: skip
    for key, tables in _tables(raw, tuple(_LISTS)):
        for given in tables.values():
            for k in _LISTS[key] if isinstance(given, dict) else ():
                yield from _strings(given.get(k))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


class _Lists:
    """The lists of `[controls]`, name -> terms; one may hold the name of one that stands above it."""

    def __init__(self, given: Any, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems
        self.terms: dict[str, tuple[str, ...]] = {}
        if not isinstance(given, dict):
            self._wrong("controls", 'lists by name, such as main = ["ln_gdp", "openness"]')
            return
        for name, terms in given.items():
            place = f"controls.{name}"
            if not _NAMED.fullmatch(f"${name}"):
                self._wrong(place, "a name is letters, digits and _, a letter first")
            elif not isinstance(terms, list) or not terms or not all(isinstance(t, str) and t.strip() for t in terms):
                self._wrong(place, 'a list of terms, such as ["ln_gdp", "log(population)"]')
            else:
                self.terms[name] = tuple(self._in_list(terms, place))

    def in_text(self, text: str, joint: str, place: str) -> str:
        """A formula, or a line of Stata, with the terms that its names of lists stand for."""

        def terms(match: re.Match[str]) -> str:
            found = self._of_name(match[1], place) if match[1] else ()
            return joint.join(found) if found else match[0]

        return _IN_TEXT.sub(terms, text)

    def in_value(self, value: Any, place: str) -> Any:
        """The same of names in a list, in a table of lists, or alone."""
        if isinstance(value, dict):
            return {k: self.in_value(v, f"{place}.{k}") for k, v in value.items()}
        if isinstance(value, str) and _NAMED.fullmatch(value.strip()):
            return self._in_list([value], place)
        return self._in_list(value, place) if isinstance(value, list) else value

    def _in_list(self, terms: list, place: str) -> list:
        out: list[Any] = []
        for term in terms:
            match = _NAMED.fullmatch(term.strip()) if isinstance(term, str) else None
            out += list(self._of_name(match[1], place)) if match else [term]
        return out

    def _of_name(self, name: str, place: str) -> tuple[str, ...]:
        if name not in self.terms:
            known = suggest(name, self.terms) or f"; known: {', '.join(self.terms) or 'none'}"
            self._wrong(place, f"there is no `{name}` in [controls]{known}")
        return self.terms.get(name, ())

    def _wrong(self, place: str, what: str) -> None:
        self.problems.append(Problem(self.file, place, what))


# ---------------------------------------------------------------- extends


def _extended(raw: dict[str, Any], file: str, problems: list[Problem]) -> dict[str, Any]:
    specs = raw.get("spec")
    if not isinstance(specs, dict) or not any(isinstance(s, dict) and "extends" in s for s in specs.values()):
        return raw
    return raw | {"spec": {name: _whole(name, specs, file, problems, ()) for name in specs}}


def _whole(name: str, specs: dict[str, Any], file: str, problems: list[Problem], seen: tuple[str, ...]) -> Any:
    """A spec with the keys of the one that it extends; its own stand, and an empty text takes a key away."""
    given = specs[name]
    if not isinstance(given, dict) or "extends" not in given:
        return given
    base, place = given["extends"], f"spec.{name}.extends"
    own = {k: v for k, v in given.items() if k != "extends"}
    if not isinstance(base, str) or base not in specs:
        problems.append(Problem(file, place, f"there is no spec `{base}`{suggest(str(base), specs)}"))
    elif base in (*seen, name):
        problems.append(Problem(file, place, f"`{name}` and `{base}` extend each other"))
    else:
        of = _whole(base, specs, file, problems, (*seen, name))
        taken = {k: v for k, v in of.items() if k not in _OWN} if isinstance(of, dict) else {}
        if own.keys() & {"offset", "exposure"}:  # one in place of the other
            taken = {k: v for k, v in taken.items() if k not in ("offset", "exposure") or k in own}
        return {k: v for k, v in (taken | own).items() if not (k in taken and v == "")}
    return own


def _with_offsets(raw: dict[str, Any], file: str, problems: list[Problem]) -> dict[str, Any]:
    """`exposure = "pop"`, Stata's, as the offset that it is: its logarithm."""
    specs = raw.get("spec")
    if not isinstance(specs, dict) or not any(isinstance(s, dict) and "exposure" in s for s in specs.values()):
        return raw
    out = {}
    for name, given in specs.items():
        out[name] = given
        if isinstance(given, dict) and "exposure" in given:
            exposure = given["exposure"]
            if not isinstance(exposure, str) or not exposure.strip() or given.get("offset", "") != "":
                said = 'a column or an expression in quotes, exposure = "pop", and no offset beside it'
                problems.append(Problem(file, f"spec.{name}.exposure", said))
            out[name] = {k: v for k, v in given.items() if k != "exposure"} | {"offset": f"log({exposure})"}
    return raw | {"spec": out}


# ---------------------------------------------------------------- a step of several columns


def _by_column(raw: dict[str, Any], file: str, problems: list[Problem]) -> dict[str, Any]:
    """`"*_w" = { winsorise = ["a", "b"] }` as `a_w = { winsorise = "a" }`, `b_w = ...`, in their order."""
    given = raw.get("derive")
    if not isinstance(given, dict) or not any("*" in name for name in given):
        return raw
    out: dict[str, Any] = {}
    for name, step in given.items():
        made = _steps(name, step) if "*" in name else {name: step}
        if made is None:
            problems.append(Problem(file, f"derive.{name}", 'a name with * is of a step of several columns, such as "*_w" = '
                                    '{ winsorise = ["a", "b"] }'))  # fmt: skip
            continue
        double = next((n for n in made if n in out or ("*" in name and n in given)), None)
        if double is not None:
            problems.append(Problem(file, f"derive.{name}", f"`{double}` is made twice"))
        out |= made
    return raw | {"derive": out}


def _steps(name: str, step: Any) -> dict[str, Any] | None:
    """A step for each column of its list, by the names that they get; None where it has no list."""
    if not isinstance(step, dict) or name.count("*") != 1:
        return None
    for key in OF_ONE_COLUMN & set(step):
        columns = step[key]
        if isinstance(columns, list) and columns and all(isinstance(c, str) for c in columns):
            return {name.replace("*", column): step | {key: column} for column in columns}
    return None
