"""Read `study.toml` into a `Study`, with every problem found, each with its file and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from parity.base.errors import InputError, Problem, suggest
from parity.conventions.kinds import CONLEY, KERNELS
from parity.study import audit, hints, index, table
from parity.study.analyses.registry import SECTIONS
from parity.study.audit import Controls
from parity.study.command import with_commands
from parity.study.derived import KEYS
from parity.study.dynamic import Dynamic
from parity.study.index import IndexSettings, Indicator
from parity.study.moments import Moments
from parity.study.parts import SEPARATE, WITHOUT_SPECS, check_files
from parity.study.problems import below, names, problems
from parity.study.published import Published
from parity.study.several import Several, written_out
from parity.study.shared import extended, with_controls
from parity.study.spec import Spec
from parity.study.study import Study, StudyFile
from parity.study.table import Between, Columns
from parity.study.vcov import STATA_WEIGHTS

#: Sections whose entries stop no other where they are wrong.
ALONE = ("spec", *SEPARATE, "audit", "table")
_MISSING = re.compile(r"there is no ([a-z ]{1,40}) `([^`]+)`")

#: What may stand below each key: of the file's sections as their types have it, and of what has a form of its own.
_KNOWN = {
    **below(StudyFile),
    "": [*names(StudyFile), "controls"],
    "spec": [*names(Spec), "stata", "extends", "split", "exposure"],
    "published": names(Published),
    "vcov": ["cluster", "type", *KERNELS, CONLEY, "coordinates", "lags"],
    "weights": ["analytic", "frequency", *STATA_WEIGHTS],
    "moments": names(Moments),
    "dynamic": names(Dynamic),
    "controls": names(Controls),
    "columns": names(Columns),
    "differences": names(Between),
    "variants": names(IndexSettings),
    "indicators": names(Indicator),
    **{f"derive.{key}": names(step) for step, key in KEYS.items()},
}

#: Key that single sections declare -> what stands there, as a message ends.
_FORMS = {
    **index.FORMS,
    **audit.FORMS,
    **table.FORMS,
    **{one.kind: f"a table, [{one.kind}.NAME], with {one.needs}" for one in SECTIONS},
    **{key: form for one in SECTIONS for key, form in one.forms.items()},
}


def load_study(path: str | Path) -> Study:
    """Read `study.toml` of a folder (or the file itself). Raises `InputError` with every problem found."""
    study, wrong = load_readable(path)
    if wrong:
        raise InputError([problem for found in wrong.values() for problem in found])
    return study


def load_readable(path: str | Path) -> tuple[Study, dict[str, tuple[Problem, ...]]]:
    """As `load_study`, without specs, analyses, tables and audits of which alone something is wrong, and their problems.

    They are named as records are: `SPEC`, `wild.NAME`, `table.NAME`. Raises `InputError` where nothing would be left, or
    where anything else is wrong.
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
    content, several, wrong = _content(raw, file)
    study = Study(
        folder=file.parent,
        header=content.study,
        data=content.data,
        derive=content.derive,
        index=content.index,
        **{one.kind: getattr(content, one.kind) for one in SECTIONS},
        audits=content.audit,
        tables={name: one.labelled(content.labels, content.study.language) for name, one in content.table.items()},
        labels=content.labels,
        translation=content.translation,
        specs=tuple(content.spec.values()),
        several=several,
        published=content.published,
        expect=content.expect,
        text=text,
    )
    return study, wrong


def _content(raw: dict, file: Path) -> tuple[StudyFile, tuple[Several, ...], dict[str, tuple[Problem, ...]]]:
    """The file's sections, without entries of which alone something is wrong, what rests on them and is printed of them;
    which specs are several; and what is wrong."""
    left, wrong = raw, dict[str, tuple[Problem, ...]]()
    while True:
        try:
            return *_declared(left, file), wrong
        except InputError as error:
            found = error.problems
        entries = [f"{kind}.{name}" for kind in ALONE if isinstance(left.get(kind), dict) for name in left[kind]]
        places = [_entry(problem, entries) for problem in found]
        gone = {entry.removeprefix("spec.") for entry in places if entry}
        left = _without(left, {entry for entry in places if entry})
        if None in places or not any(left.get(kind) for kind in ("spec", *WITHOUT_SPECS)):
            raise InputError([*(p for known in wrong.values() for p in known), *found])
        resting = [_resting(problem, wrong) for problem in found]
        wrong |= {
            name: tuple(p for p, at in zip(resting, places, strict=True) if at and at.removeprefix("spec.") == name)
            for name in (entry.removeprefix("spec.") for entry in entries)
            if name in gone
        }


def _without(raw: dict, entries: Collection[str]) -> dict:
    """The file's content without some entries of its sections, and without what is printed of them."""
    left = {
        key: {name: one for name, one in value.items() if f"{key}.{name}" not in entries} if key in ALONE else value
        for key, value in raw.items()
        if isinstance(value, dict) or key not in ALONE
    }
    if isinstance(printed := raw.get("published"), list):
        kept = {f"spec.{name}" for name in left.get("spec", ())}  # beside `base`, `base.1` may be a spec of its own
        left["published"] = [p for p in printed if not (isinstance(p, dict) and _printed_of(p, entries, kept))]
    return left


def _printed_of(printed: dict, entries: Collection[str], kept: Collection[str]) -> bool:
    """Whether a number in print is of one of these: of a spec or one of several, of an analysis or a part of it."""
    of, spec = f"{printed.get('analysis', '')}.", f"spec.{printed.get('spec')}"
    return any(of.startswith(f"{entry}.") or (spec not in kept and f"{spec}.".startswith(f"{entry}.")) for entry in entries)


def _resting(problem: Problem, wrong: Mapping[str, tuple[Problem, ...]]) -> Problem:
    """The problem, or where it is that something is not there, that this can't be read as it is written."""
    missing = _MISSING.search(problem.message)
    lost = missing and next(
        (name for name in wrong if missing[2] in (name, name.partition(".")[2]) or missing[2].startswith(f"{name}.")), None
    )
    if not lost or (missing[1] == "spec") == ("." in lost):
        return problem
    why = f"it rests on `{lost}`, which can't be read as it is written ({wrong[lost][0].key}: {wrong[lost][0].message})"
    return Problem(problem.where, problem.key, why, problem.places)


def _declared(raw: dict, file: Path) -> tuple[StudyFile, tuple[Several, ...]]:
    """The sections with all that is written once written out, and which specs are several. Raises `InputError` with every
    problem found."""
    raw, several = written_out(extended(with_commands(with_controls(raw, file), file), file), file)
    try:
        return StudyFile.model_validate(raw), several
    except ValidationError as error:
        found = problems(str(file), error, _KNOWN, _FORMS)
    said = {one.name: one.said for one in several}
    wanted = [found_name[2] if (found_name := _MISSING.search(p.message)) and found_name[1] == "spec" else "" for p in found]
    raise InputError(replace(p, message=said[name]) if name in said else p for p, name in zip(found, wanted, strict=True))


def _entry(problem: Problem, entries: Collection[str]) -> str | None:
    """The entry whose key a problem names, the longest where one name begins with another; None if it is none's."""
    return max((entry for entry in entries if f"{problem.key}.".startswith(f"{entry}.")), key=len, default=None)
