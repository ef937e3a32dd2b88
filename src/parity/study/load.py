"""Read `study.toml` into a `Study`, with every problem found, each with its file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from parity.base.errors import InputError, Problem, suggest
from parity.conventions.kinds import KERNELS
from parity.study import hints
from parity.study.audit import Controls
from parity.study.command import with_commands
from parity.study.derived import KEYS
from parity.study.index import IndexSettings, Indicator
from parity.study.moments import Moments
from parity.study.parts import check_files
from parity.study.problems import below, names, problems
from parity.study.shared import extended, with_controls
from parity.study.spec import Published, Spec
from parity.study.study import Study, StudyFile
from parity.study.table import Between, Columns
from parity.study.vcov import STATA_WEIGHTS

#: What may stand below each key: of the file's sections as their types have it, and of what has a form of its own.
_KNOWN = {
    **below(StudyFile),
    "": [*names(StudyFile), "controls"],
    "spec": [*names(Spec), "stata", "extends"],
    "published": names(Published),
    "vcov": ["cluster", "type", *KERNELS],
    "weights": ["analytic", "frequency", *STATA_WEIGHTS],
    "moments": names(Moments),
    "controls": names(Controls),
    "columns": names(Columns),
    "differences": names(Between),
    "variants": names(IndexSettings),
    "indicators": names(Indicator),
    **{f"derive.{key}": names(step) for step, key in KEYS.items()},
}


def load_study(path: str | Path) -> Study:
    """Read `study.toml` of a folder (or the file itself). Raises `InputError` with every problem found."""
    study, wrong = load_readable(path)
    if wrong:
        raise InputError([problem for found in wrong.values() for problem in found])
    return study


def load_readable(path: str | Path) -> tuple[Study, dict[str, tuple[Problem, ...]]]:
    """As `load_study`, without specs of which alone something is wrong; each of these and its problems.

    Raises `InputError` where no spec would be left, or where anything else is wrong.
    """
    path = Path(path)
    file = path / "study.toml" if path.is_dir() else path
    if not file.is_file():
        what = "there is no study.toml in it" if path.is_dir() else f"there is no such folder{_near(path)}"
        raise InputError.at(str(path), "", what)
    if file.name != "study.toml":
        raise InputError.at(str(file), "", "a study is a folder with a study.toml; give the folder")
    try:
        study, wrong = parse_readable(file.read_bytes().decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        raise InputError.at(str(file), "", f"not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    try:
        check_files(study)
    except InputError as error:
        raise InputError([*(p for found in wrong.values() for p in found), *error.problems]) from None
    return study, wrong


def _near(path: Path) -> str:
    """The study beside a folder that isn't there whose name is near, as a half-sentence."""
    return suggest(path.name, [found.parent.name for found in path.parent.glob("*/study.toml")])


def parse_study(text: str, file: Path) -> Study:
    """The study that the text of a `study.toml` declares; `file` is where it lay. Raises `InputError` with every problem."""
    study, wrong = parse_readable(text, file)
    if wrong:
        raise InputError([problem for found in wrong.values() for problem in found])
    return study


def parse_readable(text: str, file: Path) -> tuple[Study, dict[str, tuple[Problem, ...]]]:
    """As `load_readable`, of the text of a `study.toml`; `file` is where it lay."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = hints.in_toml(text, str(error))
        raise InputError.at(str(file), "", f"not valid TOML: {error}" + (f"; {hint}" if hint else "")) from None
    except RecursionError:
        raise InputError.at(str(file), "", "not valid TOML: too deeply nested") from None
    except ValueError as error:  # tomllib lets some of int() through
        raise InputError.at(str(file), "", f"not valid TOML: {error}") from None
    if not raw:
        raise InputError.at(str(file), "", "the file is empty")
    content, wrong = _content(raw, file)
    study = Study(
        folder=file.parent,
        header=content.study,
        data=content.data,
        derive=content.derive,
        index=content.index,
        mediation=content.mediation,
        difference=content.difference,
        wild=content.wild,
        bootstrap=content.bootstrap,
        distribution=content.distribution,
        coupling=content.coupling,
        threshold=content.threshold,
        margins=content.margins,
        spatial=content.spatial,
        audits=content.audit,
        tables={name: table.labelled(content.labels, content.study.language) for name, table in content.table.items()},
        labels=content.labels,
        specs=tuple(content.spec.values()),
        published=content.published,
        expect=content.expect,
        text=text,
    )
    return study, wrong


def _content(raw: dict, file: Path) -> tuple[StudyFile, dict[str, tuple[Problem, ...]]]:
    """The file's sections, without specs of which alone something is wrong and what is printed of them."""
    try:
        return _declared(raw, file), {}
    except InputError as error:
        found = error
    specs = raw["spec"] if isinstance(raw.get("spec"), dict) else {}
    named = [_spec_of(problem, specs) for problem in found.problems]
    kept = {name: table for name, table in specs.items() if name not in named}
    if None in named or not kept:
        raise found
    wrong = {
        name: tuple(p for p, of in zip(found.problems, named, strict=True) if of == name)
        for name in specs
        if name not in kept
    }
    printed = raw.get("published", [])
    if isinstance(printed, list):
        printed = [p for p in printed if not (isinstance(p, dict) and p.get("spec") in named)]
    try:
        return _declared({**raw, "spec": kept, "published": printed}, file), wrong
    except InputError:  # something else rests on them
        raise found from None


def _declared(raw: dict, file: Path) -> StudyFile:
    """The sections with all that is written once written out. Raises `InputError` with every problem found."""
    raw = extended(with_commands(with_controls(raw, file), file), file)
    try:
        return StudyFile.model_validate(raw)
    except ValidationError as error:
        raise InputError(problems(str(file), error, _KNOWN)) from None


def _spec_of(problem: Problem, specs: Collection[str]) -> str | None:
    """The spec whose key a problem names, the longest where one name begins with another; None if it is no spec's."""
    return max((name for name in specs if f"{problem.key}.".startswith(f"spec.{name}.")), key=len, default=None)
