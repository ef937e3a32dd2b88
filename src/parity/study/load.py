"""Read `study.toml` into a `Study`, with every problem found, each with its file and key."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from parity.base.errors import InputError, suggest
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
    path = Path(path)
    file = path / "study.toml" if path.is_dir() else path
    if not file.is_file():
        what = "there is no study.toml in it" if path.is_dir() else f"there is no such folder{_near(path)}"
        raise InputError.at(str(path), "", what)
    if file.name != "study.toml":
        raise InputError.at(str(file), "", "a study is a folder with a study.toml; give the folder")
    try:
        study = parse_study(file.read_bytes().decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        raise InputError.at(str(file), "", f"not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    check_files(study)
    return study


def _near(path: Path) -> str:
    """The study beside a folder that isn't there whose name is near, as a half-sentence."""
    return suggest(path.name, [found.parent.name for found in path.parent.glob("*/study.toml")])


def parse_study(text: str, file: Path) -> Study:
    """The study that the text of a `study.toml` declares; `file` is where it lay. Raises `InputError` with every problem."""
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
    raw = extended(with_commands(with_controls(raw, file), file), file)
    try:
        content = StudyFile.model_validate(raw)
    except ValidationError as error:
        raise InputError(problems(str(file), error, _KNOWN)) from None
    return Study(
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
        audits=content.audit,
        tables={name: table.labelled(content.labels, content.study.language) for name, table in content.table.items()},
        labels=content.labels,
        specs=tuple(content.spec.values()),
        published=content.published,
        expect=content.expect,
        text=text,
    )
