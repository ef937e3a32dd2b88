"""pydantic's errors, as a person would say them: one `Problem` each, with the key as it stands in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from parity.base.errors import Problem, suggest
from parity.study import hints

#: Key of the file itself, of specs, or of several sections -> what stands there, as a message ends.
_FORMS = {
    "study": "a table, [study]",
    "spec": "a table, [spec.NAME]",
    "published": "a list of tables, [[published]]",
    "derive": 'a table, [derive], of lines column = "expression" or column = { lag = "column" }',
    "absorb": 'a list of columns in quotes, ["province", "year"]',
    "labels": 'a table of texts in quotes, column = "Label"',
    "translation": 'a table of tables, [translation.zh], with texts in quotes, "Label" = "标签"',
    "controls": 'a list of columns in quotes, ["gdp"]; in a table also label = [...]',
    "statistic": 'a table of quoted numbers, { f = "51.59" }',
    "vcov": 'a name such as "HC1", or a table such as { cluster = ["firm"] }',
    "weights": 'a table, { analytic = "column" } or { frequency = "column" }',
    "cluster": 'a column in quotes, or a list of them, ["firm", "year"]',
}
_TYPES = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
}


#: Key in the file, or SECTION.KEY of what only that section means by it -> the names that may stand below; "" for the file.
Known = Mapping[str, Sequence[str]]


def problems(where: str, error: ValidationError, known: Known, forms: Mapping[str, str]) -> list[Problem]:
    """One problem per place and message; the members of a union say theirs once.

    forms: the same as `_FORMS`, of what single sections declare
    """
    found = [_problem(where, e, known, {**_FORMS, **forms}) for e in error.errors(include_url=False)]
    return list(dict.fromkeys(found))


def names(model: type[BaseModel]) -> list[str]:
    """The keys that a model reads."""
    return [name for name in model.model_fields if name != "id"]


def below(model: type[BaseModel]) -> dict[str, list[str]]:
    """Key -> the keys of its table, for each that holds a model or tables of one by name."""
    held = {name: (field.annotation, *get_args(field.annotation)) for name, field in model.model_fields.items()}
    return {
        name: names(kind)
        for name, kinds in held.items()
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, BaseModel)
    }


def _problem(where: str, e: Any, known: Known, forms: Mapping[str, str]) -> Problem:
    key, message = _key(e["loc"]), _message(e, known, forms)
    if not key and (part := re.match(r"(\w+)\.[^:]*: ", message)) and part[1] in known[""]:
        key, message = message.split(": ", 1)  # said by the whole file about one of its parts
    return Problem(where, key, message)


def _key(loc: tuple) -> str:
    """Dotted path as in the file; names of the types that a value might have had are left out."""
    return ".".join(
        f"{part}" for part in loc if not (isinstance(part, str) and part.startswith(("function-", "is-instance")))
    )


def _message(e: Any, known: Known, forms: Mapping[str, str]) -> str:
    kind, loc = e["type"], e["loc"]
    last = next((str(part) for part in reversed(loc) if isinstance(part, str) and not part.startswith("is-instance")), "")
    if kind == "extra_forbidden":
        if len(loc) == 1 and loc[0] in known.get("study", ()):
            return f"`{loc[0]}` is a key of [study]: write it below that line"
        above = (name for part in reversed(loc[:-1]) for name in (f"{loc[0]}.{part}", str(part)))
        parent = next((name for name in above if name in known), "")
        habit = hints.in_key(str(loc[-1]), parent.removeprefix("derive."))
        near = f"; {habit}" if habit else suggest(str(loc[-1]), known[parent]) or "; known: " + ", ".join(known[parent])
        return f"there is no key `{loc[-1]}` here{near}"
    if kind == "missing":
        return f"is missing: {forms[last]}" if last in forms else "is missing"
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", e["ctx"]["expected"])
        return f"{shown(e['input'])} is none of {', '.join(choices)}{suggest(str(e['input']), choices)}"
    if kind == "value_error":
        return str(e["ctx"]["error"])
    if kind in _TYPES:
        return f"{_TYPES[kind]} is needed, not {shown(e['input'])}"
    if kind in _STRUCTURES and loc[0] == "data":
        named = f'`data = "{e["input"]}"`' if isinstance(e["input"], str) else '`data = "FILE"`'
        return f"{named} stands under [study]; another file of a study is [data.NAME] with `file`"
    if len(loc) == 2 and kind in _STRUCTURES and loc[0] in known[""] and last not in forms:
        return f"a table, [{loc[0]}.{loc[1]}], is needed, not {shown(e['input'])}"
    if last in forms and kind in _STRUCTURES:
        return f"{forms[last]} is needed, not {shown(e['input'])}"
    return f"{e['msg'][0].lower()}{e['msg'][1:]}, not {shown(e['input'])}"


_STRUCTURES = ("model_type", "dict_type", "tuple_type", "list_type", "model_attributes_type")


def shown(value: Any) -> str:
    text = str(value)
    return f"`{text if len(text) <= 60 else text[:59] + '…'}`"
