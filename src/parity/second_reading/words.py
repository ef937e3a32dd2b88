"""Which words of study.toml a sample depends on, as they stand in the file: what a frozen reading is kept under."""

from __future__ import annotations

import hashlib
import json
import tomllib
from typing import Any

from parity.study import Spec, Study

#: Tables that every spec's sample may read, and keys of theirs, and of a spec, that no row and no number depends on.
_SHARED = ("study", "data", "derive", "index")
_BESIDE = ("title", "made", "reference", "diagnostics")


def shared_words(study: Study) -> dict[str, Any]:
    """What all samples depend on: the file, the panel, how columns are made."""
    given = tomllib.loads(study.text)
    return {key: _without(given[key], _BESIDE if key == "study" else ()) for key in _SHARED if key in given}


def spec_hash(study: Study, spec: Spec) -> str:
    """SHA-256 of the words of one spec."""
    return hash_of(_without(tomllib.loads(study.text)["spec"][spec.id], _BESIDE))


def hash_of(body: Any) -> str:
    """SHA-256 of values as TOML holds them."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def _without(table: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {k: v for k, v in table.items() if k not in keys}
