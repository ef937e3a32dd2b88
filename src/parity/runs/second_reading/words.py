"""Which words of study.toml a sample depends on, as they stand in the file: what a frozen reading is kept under."""

from __future__ import annotations

import hashlib
import json
import tomllib
from typing import Any

from parity.study.analyses.registry import SECTIONS
from parity.study.several import written_out
from parity.study.shared import extended, with_controls
from parity.study.spec import Spec
from parity.study.study import Study

#: Tables that every spec's sample may read, and keys of theirs, and of a spec, that no row and no number depends on.
_SHARED = ("study", "data", "derive", "index")
_BESIDE = ("title", "made", "language", "reference", "diagnostics")


def given_of(study: Study) -> dict[str, Any]:
    """What study.toml says, as TOML has it; of a part of a study with several data files, what it says of that part."""
    given, _ = written_out(extended(with_controls(tomllib.loads(study.text), study.file), study.file), study.file)
    for name, table in given.get("index", {}).items():  # a variant that can't be built is left out of the study, and said
        if "variants" in table and name in study.index:
            table["variants"] = {k: v for k, v in table["variants"].items() if k in study.index[name].variants}
    if not study.files:
        return given
    file = {k: v for k, v in given.pop("data").get(study.part, {}).items() if k != "file"}
    kept = {"derive": study.derive, "index": study.index, "spec": [s.id for s in study.specs]}
    kept |= {one.kind: getattr(study, one.kind) for one in SECTIONS}
    for key, names in kept.items():
        if key in given:
            given[key] = {name: table for name, table in given[key].items() if name in names}
    given["spec"] = {name: _without(table, ("data",)) for name, table in given["spec"].items()}
    return given | {"study": given["study"] | file | {"data": study.header.data}}


def shared_words(study: Study) -> dict[str, Any]:
    """What all samples depend on: the file, the panel, how columns are made."""
    given = given_of(study)
    return {key: _without(given[key], _BESIDE if key == "study" else ()) for key in _SHARED if key in given}


def spec_hash(study: Study, spec: Spec) -> str:
    """SHA-256 of the words of one spec."""
    return hash_of(_without(given_of(study)["spec"][spec.id], _BESIDE))


def hash_of(body: Any) -> str:
    """SHA-256 of values as TOML holds them."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def _without(table: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {k: v for k, v in table.items() if k not in keys}
