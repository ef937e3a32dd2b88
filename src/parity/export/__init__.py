"""Standalone scripts: what a careful person would write by hand for one spec. Text out, nothing is run or read here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from parity.errors import InputError, suggest
from parity.export.r_script import script
from parity.study import Spec, Study

#: Language -> what writes one script, and the extension of its file.
LANGUAGES: Mapping[str, tuple[Callable[[Study, Spec], str], str]] = {"r": (script, ".R")}


def export_study(study: Study, specs: Sequence[Spec], to: str) -> dict[str, str]:
    """File name -> text of one script per spec. Raises `InputError` for a language that isn't there."""
    if to not in LANGUAGES:
        message = f"there is no export to `{to}`{suggest(to, LANGUAGES)}; known: {', '.join(LANGUAGES)}"
        raise InputError.at("--to", "", message)
    write, extension = LANGUAGES[to]
    return {f"{spec.id}{extension}": write(study, spec) for spec in specs}
