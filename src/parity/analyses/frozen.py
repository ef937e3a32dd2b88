"""R's answers about a study that are no estimates of a spec (mediation, diagnostics): asked live, or kept in
`references/<name>.json` with versions and a hash of all they depend on."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from parity.base.errors import InputError
from parity.engines.frozen import dated, write_atomically
from parity.r.session import missing_r
from parity.study.study import Study

FORMAT = "parity-answers/1"


@dataclass(frozen=True)
class Held:
    """Answers by name, and how they were had; or why there are none.

    how: "live", "frozen", or "" with a verdict (unavailable, stale) and a note
    """

    answers: dict[str, Any] = field(default_factory=dict)
    how: Literal["live", "frozen", ""] = ""
    verdict: Literal["unavailable", "stale", ""] = ""
    note: str = ""


def asks_r(transport: str) -> bool:
    """Whether R is there and may be asked."""
    return transport != "frozen" and missing_r() is None


def answers_of(
    study: Study, name: str, content: str, transport: str, ask: Callable[[], dict[str, Any]], schema: str = FORMAT
) -> Held:
    """Ask where R is and may be asked, else read the file. content: hash of what the answers depend on.

    Raises `InputError` where the file can't be read.
    """
    return Held(ask(), "live") if asks_r(transport) else kept_answers(study, name, content, transport, schema)


def kept_answers(study: Study, name: str, content: str, transport: str, schema: str = FORMAT) -> Held:
    """Of the file, where R can't or may not be asked. Raises `InputError` where it can't be read."""
    missing = missing_r()
    kept = None if transport == "live" else _read(study, name, schema)
    if kept is None:
        return Held(verdict="unavailable", note="; ".join(missing) if missing else "not frozen")
    if kept["hash"] != content:
        note = "the data or settings have changed since it was recorded; run parity freeze where R is"
        return Held(how="frozen", verdict="stale", note=note)
    return Held(kept["answers"], "frozen")


def answers_path(study: Study, name: str) -> Path:
    return study.kept_as(name)


def freeze_answers(
    study: Study, name: str, content: str, answers: dict[str, Any], schema: str = FORMAT,
    keep: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> Path:  # fmt: skip
    """Write the file. keep: what of the answers.

    Raises `InputError` where R refused one: a reference with holes is not written.
    """
    from parity.r.probe import probe

    for key, answer in answers.items():
        if "failed" in answer:
            raise InputError.at(str(study.folder), key, f"R failed and nothing was recorded: {answer['failed']}")
    r = probe()
    head = {
        "schema": schema, "study": study.id, "command": f"parity freeze {study.id}",
        "recorded": datetime.date.today().isoformat(), "versions": {"R": r.version if r else ""}, "hash": content,
    }  # fmt: skip
    path, answers = answers_path(study, name), keep(answers)
    head["recorded"] = dated(head | {"answers": answers}, path)["recorded"]
    # a line per answer: short, and a change shows where it is
    lines = [f"{json.dumps(key, ensure_ascii=False)}: {json.dumps(a, ensure_ascii=False)}" for key, a in answers.items()]
    text = json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "answers": {\n' + ",\n".join(lines) + "\n}}\n"
    write_atomically(path, text)
    return path


def _read(study: Study, name: str, schema: str) -> dict[str, Any] | None:
    path = answers_path(study, name)
    if not path.is_file():
        return None
    try:
        held = json.loads(path.read_bytes())
        if held["schema"] != schema or held["study"] != study.id or not isinstance(held["answers"], dict):
            raise KeyError("it is another study's, or of another schema")
        return {"hash": str(held["hash"]), "answers": held["answers"]}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError.at(str(path), "", f"can't be read as frozen answers: {error}") from None
