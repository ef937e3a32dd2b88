"""Standalone scripts: what a careful person would write by hand for one spec. Text out, nothing is run or read here.

Imports `study`, `conventions`, `sample` and below. What runs such a script, and a report that shows it, stand above.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from parity.base.errors import InputError, suggest
from parity.conventions.kinds import CONLEY
from parity.conventions.settings import unknown_outside
from parity.export.py_script import py_script
from parity.export.r_instruments import why_none
from parity.export.r_script import script
from parity.export.stata_script import do_file
from parity.study.derived import Step
from parity.study.formula import columns_of
from parity.study.models import CENSORED, JOINT, OF_DYNAMIC, OF_INSTRUMENTS, SERIES
from parity.study.parts import part_of
from parity.study.spec import Spec
from parity.study.study import Study

#: The file with the columns that specs read, beside the study.
DERIVED_FILE = "derived.csv"


#: Language -> what writes one script, and the extension of its file.
LANGUAGES: Mapping[str, tuple[Callable[[Study, Spec, str | None], str], str]] = {
    "r": (lambda study, spec, engine: script(study, spec), ".R"),
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
    write, extension = LANGUAGES[to]
    for spec in specs:
        if spec.likelihood and spec.convention.newton != "maximum" and to != "stata":
            message = (
                f'spec {spec.id}: no script in this language ends its steps early (newton = "ltolerance"); use --to stata'
            )
            raise InputError.at("--to", to, message)
        if spec.model in OF_DYNAMIC:
            raise InputError.at("--to", to, f'spec {spec.id}: model = "{spec.model}" has no script yet')
        if spec.vcov.kind == CONLEY and to != "r":
            raise InputError.at(
                "--to", to, f"spec {spec.id}: Conley's covariance has no script in this language yet; use --to r"
            )
        if spec.model in (*CENSORED, *JOINT, *SERIES) and to != "stata":
            message = f'spec {spec.id}: no script in this language has model = "{spec.model}" yet; use --to stata'
            raise InputError.at("--to", to, message)
        if spec.model in OF_INSTRUMENTS and to != "stata" and (why := why_none(spec)):
            raise InputError.at("--to", to, f"spec {spec.id}: {why}")
        beyond = unknown_outside(spec.convention)
        if beyond and to != "stata":
            message = f"spec {spec.id}: no script in this language has the setting {', '.join(beyond)} yet; use --to stata"
            raise InputError.at("--to", to, message)
    parts = {spec.id: part_of(study, spec.id) for spec in specs}
    return {f"{spec.id}{extension}": write(_as_written(parts[spec.id], spec), spec, engine) for spec in specs}


def scripts_of(study: Study, spec: Spec) -> dict[str, str]:
    """Language -> script, for every language that has one for this spec."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with suppress(InputError):
            found[language] = "".join(export_study(study, [spec], language).values())
    return found


def reads_made_columns(study: Study, spec: Spec) -> bool:
    """Whether the spec reads, directly or through expressions, a score, a table of `[derive]`, or a workbook of sheets."""
    scores = {column for name, index in study.index.items() for column in index.columns(name)}
    wanted = [*spec.columns()]
    for name in wanted:
        line = study.derive.get(name)
        if name in scores or isinstance(line, Step):
            return True
        wanted += [c for c in columns_of(line) if c not in wanted]
    return study.header.layout != "rows" or study.header.storage != "double"


def _as_written(study: Study, spec: Spec) -> Study:
    """The study as the spec's script sees it: made columns are read from `derived.csv` (`parity data STUDY --csv`).

    A script that made three indices first would be no script of one spec; R makes them again in `r_scripts/lib`.
    """
    if study.header.time_order or study.header.time_step:
        message = "a script has no time_order and no time_step; make a column of whole numbers of the periods"
        raise InputError.at(str(study.file), f"spec.{spec.id}", message)
    if study.part and reads_made_columns(study, spec):
        message = f"{DERIVED_FILE} holds columns of the file of [study], and its data are of [data.{study.part}]"
        raise InputError.at(str(study.file), f"spec.{spec.id}", message)
    if not reads_made_columns(study, spec):
        return study.model_copy(update={"index": {}})
    plain = {"data": DERIVED_FILE, "encoding": "utf-8", "layout": "rows", "storage": "double"}
    header = study.header.model_copy(update=plain)
    return study.model_copy(update={"header": header, "derive": {}, "index": {}})
