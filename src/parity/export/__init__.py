"""Standalone scripts: what a careful person would write by hand for one spec. Text out, nothing is run or read here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from parity.derive.steps import Step
from parity.errors import InputError, suggest
from parity.export.py_script import py_script
from parity.export.r_script import script
from parity.export.stata_script import do_file
from parity.formula import columns_of
from parity.study import Spec, Study


def _r(study: Study, spec: Spec, engine: str | None) -> str:
    return script(study, spec)


#: Language -> what writes one script, and the extension of its file.
LANGUAGES: Mapping[str, tuple[Callable[[Study, Spec, str | None], str], str]] = {
    "r": (_r, ".R"),
    "python": (py_script, ".py"),
    "stata": (do_file, ".do"),
}


def export_study(study: Study, specs: Sequence[Spec], to: str, engine: str | None = None) -> dict[str, str]:
    """File name -> text of one script per spec. engine: the package of a Python script, by default a sensible one.

    Raises `InputError` for a language that isn't there, and for a spec that has no script in it.
    """
    if to not in LANGUAGES:
        message = f"there is no export to `{to}`{suggest(to, LANGUAGES)}; known: {', '.join(LANGUAGES)}"
        raise InputError.at("--to", "", message)
    if engine is not None and to != "python":
        raise InputError.at("--engine", "", "only scripts in Python have a choice of package")
    for spec in specs:
        _check_made(study, spec)
    write, extension = LANGUAGES[to]
    return {f"{spec.id}{extension}": write(study, spec, engine) for spec in specs}


def scripts_of(study: Study, spec: Spec) -> dict[str, str]:
    """Language -> script, for every language that has one for this spec."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with suppress(InputError):
            found[language] = "".join(export_study(study, [spec], language).values())
    return found


def _check_made(study: Study, spec: Spec) -> None:
    """Columns that tables make, `[derive]` steps and `[index]` scores, have no script yet. Raises `InputError`."""
    scores = {column: f"[index.{name}]" for name, index in study.index.items() for column in index.columns(name)}
    steps = {name: f"the table [derive] {name}" for name, step in study.derive.items() if isinstance(step, Step)}
    wanted = [*spec.columns()]
    for name in wanted:
        made = (scores | steps).get(name)
        if made:
            message = f"`{name}` is made by {made}, which has no script yet: save the column in the data file"
            raise InputError.at(str(study.file), f"spec.{spec.id}", message)
        if name in study.derive:
            wanted += [c for c in columns_of(study.derive[name]) if c not in wanted]
