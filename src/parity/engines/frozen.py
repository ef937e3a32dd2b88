"""Frozen answers of an engine: `references/<engine>.json` beside the study. Numbers are text of 17 significant digits.

A frozen answer is used only while the data and the spec it was made from are unchanged; else it is *stale*.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from parity.base.errors import InputError, Problem
from parity.base.values import Value
from parity.base.writing import write_whole
from parity.engines.shipped import BASIS
from parity.results.estimate import Declined, Estimate
from parity.study.study import Study


class FrozenAnswer(Value):
    """One spec's answer and the hash of the spec it answers."""

    spec_hash: str
    answer: Estimate | Declined = Field(discriminator="kind")


class FrozenReference(Value):
    """One engine's answers for one study, with all that is needed to make them again."""

    format: Literal["parity-reference/1"] = Field(default="parity-reference/1", alias="schema")
    study: str
    engine: str
    command: str
    recorded: str
    versions: dict[str, str]
    data_hash: str
    answers: dict[str, FrozenAnswer]

    model_config = Value.model_config | {"populate_by_name": True}


#: Ending of the name under which an engine's answers as shipped are kept: `references/<engine>.shipped.json`.
SHIPPED = ".shipped"


def reference_path(study: Study, engine: str, *, shipped: bool = False) -> Path:
    """`references/<engine>.json`; the engine's own defaults are another file."""
    return study.folder / "references" / f"{engine}{SHIPPED if shipped else ''}.json"


def read_reference(path: Path) -> FrozenReference | None:
    """The frozen answers in a file, or None if there is no such file.

    Raises `InputError` where it can't be read, or where it is another engine's or another study's file: one engine's
    answers under a second name would agree with themselves.
    """
    if not path.is_file():
        return None
    try:
        held = FrozenReference.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError([Problem(str(path), place, f"not a frozen reference: {first['msg'].lower()}")]) from None
    engine, study = path.stem.removesuffix(SHIPPED), path.parent.parent.resolve().name
    others = {held.engine, *(a.answer.engine for a in held.answers.values())} - {engine}
    if others:
        raise InputError.at(str(path), "engine", f"these are the answers of `{min(others)}`, not of `{engine}`")
    as_shipped = path.stem.endswith(SHIPPED)
    if any((a.answer.basis == BASIS) != as_shipped for a in held.answers.values() if isinstance(a.answer, Estimate)):
        raise InputError.at(str(path), "answers", "answers as shipped and under a declared convention are kept apart")
    if held.study != study:
        message = (
            f"recorded for the study `{held.study}`, and this folder is `{study}`: a copy? Delete its `references/` to "
            f"go on without them, name the folder `{held.study}`, or run parity freeze where R is"
        )
        raise InputError.at(str(path), "study", message)
    return held


def write_reference(path: Path, reference: FrozenReference) -> None:
    """Write atomically: a reader sees the old file or the new one, never half of one. The date stays where nothing else
    has changed, so that freezing again leaves a repository as it is."""
    body = _text_numbers(reference.model_dump(by_alias=True))
    write_atomically(path, json.dumps(dated(body, path), ensure_ascii=False, indent=1) + "\n")


def dated(body: dict[str, Any], path: Path) -> dict[str, Any]:
    """The body of a file of answers, with the date of the file on disk if that holds the same."""
    try:
        before = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return body
    same = isinstance(before, dict) and before | {"recorded": ""} == json.loads(json.dumps(body | {"recorded": ""}))
    return body | {"recorded": before["recorded"]} if same and "recorded" in before else body


def write_atomically(path: Path, text: str) -> None:
    """See `parity.base.writing.write_whole`."""
    write_whole(path, text)


def _text_numbers(node: Any) -> Any:
    """Floats as text of 17 significant digits, which reads back to the same double."""
    match node:
        case dict():
            return {k: _text_numbers(v) for k, v in node.items()}
        case list() | tuple():
            return [_text_numbers(v) for v in node]
        case float():
            return f"{node:.17g}"
    return node
