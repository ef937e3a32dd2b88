"""Study: what a user writes in `study.toml`, as a frozen value, validated in one go."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from parity.base.errors import InputError, some_of, suggest
from parity.base.values import Value
from parity.study.analyses.registry import KINDS, SECTIONS, with_sections
from parity.study.audit import AuditSettings
from parity.study.audit import problem_of as audit_problem
from parity.study.data_formats import parquet_files
from parity.study.derived import KEYS, Derived, Step
from parity.study.formula import shifts
from parity.study.header import DataFile, Header
from parity.study.index import Index
from parity.study.published import Published
from parity.study.several import Several
from parity.study.spec import Spec
from parity.study.table import TableSettings
from parity.study.words_of_tables import Language


class Estimated(Value):
    """The sections of `study.toml` that come before those of analyses."""

    study: Header
    data: dict[str, DataFile] = {}
    derive: dict[str, Derived] = {}
    index: dict[str, Index] = {}
    spec: dict[str, Spec] = {}


class StudyFile(with_sections(Estimated)):
    """The whole of `study.toml`."""

    audit: dict[str, AuditSettings] = {}
    table: dict[str, TableSettings] = {}
    labels: dict[str, str] = Field(default={}, description="what every table calls a column, a statistic or a word")
    translation: dict[Language, dict[str, str]] = Field(
        default={}, description='of what the study itself writes in tables: [translation.zh] "Digital trade" = "数字贸易"'
    )
    published: tuple[Published, ...] = ()
    expect: dict[str, tuple[str, ...]] = Field(
        default={},
        description='causes expected of engines as shipped: { "ENGINE" = ["CAUSE", "CAUSE(PARAMETER=VALUE)"] }',
    )

    @model_validator(mode="before")
    @classmethod
    def _ids(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("spec"), dict):
            return value
        specs = value["spec"]
        for name, given in specs.items():
            if isinstance(given, dict) and "id" in given:
                raise ValueError(f"spec.{name}.id: there is no key `id` here; the id is the name in [spec.{name}]")
        return {**value, "spec": {k: {**v, "id": k} if isinstance(v, dict) else v for k, v in specs.items()}}

    @model_validator(mode="after")
    def _references(self) -> StudyFile:
        for i, entry in enumerate(self.published):
            if entry.analysis:
                problem = self._no_analysis(entry.analysis)
                if problem:
                    raise ValueError(f"published.{i}.analysis: {problem}")
            elif entry.spec not in self.spec:
                raise ValueError(f"published.{i}.spec: there is no spec `{entry.spec}`{suggest(entry.spec, self.spec)}")
            if problem := entry.wrong_form(self.spec.get(entry.spec)):
                raise ValueError(f"published.{i}.printed: {problem}")
        alone = [one.kind for one in KINDS if one.alone]
        if not (self.spec or any(getattr(self, kind) for kind in alone)):
            held = " or ".join(f"[{kind}.NAME]" for kind in alone)
            raise ValueError(f"no [spec.NAME] in the file; without one it must hold {held}")
        for spec in self.spec.values():
            for key in spec.panel_columns():
                own = self.data.get(spec.data or "")
                if getattr(self.study, key) is None and getattr(own, key, None) is None:
                    what = f'model = "{spec.model}"' if spec.model != "ols" else f"vcov = {spec.vcov}"
                    raise ValueError(f'spec.{spec.id}: {what} needs {key} = "column" under [study]')
        return self

    def _no_analysis(self, wanted: str) -> str:
        """Why there is no analysis of this name; empty if there is one. Only the data know the groups of a mediation."""
        known = [f"index.{name}" for name in self.index]
        known += [f"{one.kind}.{name}" for one in SECTIONS for name in one.asked(self)]
        known += [f"index.{name}.{variant}" for name, index in self.index.items() for variant in index.variants]
        known += [f"diagnostics.{name}" for name, spec in self.spec.items() if spec.iv]
        known += [
            f"summary.{name}" for name in dict.fromkeys(table.sample for table in self.table.values() if table.of_sample)
        ]
        grouped = [f"mediation.{name}." for name, settings in self.mediation.items() if settings.by is not None]
        if wanted in known or wanted.startswith(tuple(grouped)):
            return ""
        return f"there is no analysis `{wanted}`{suggest(wanted, known) or '; known: ' + (', '.join(known) or 'none')}"

    @model_validator(mode="after")
    def _files(self) -> StudyFile:
        for spec in self.spec.values():
            if spec.data is not None and spec.data not in self.data:
                known = suggest(spec.data, self.data) or f"; known: {', '.join(self.data) or 'none'}"
                raise ValueError(f"spec.{spec.id}.data: there is no [data.{spec.data}]{known}")
        for name, file in self.data.items():
            try:
                file.header(self.study)
            except ValidationError as error:
                raise ValueError(f"data.{name}: {error.errors()[0]['ctx']['error']}") from None
        return self

    @model_validator(mode="after")
    def _analysed(self) -> StudyFile:
        for one in SECTIONS:
            for name, settings in getattr(self, one.kind).items():
                if problem := one.problem_in(settings, self.spec, self.study):
                    raise ValueError(f"{one.kind}.{name}.{problem}")
        return self

    @model_validator(mode="after")
    def _audited(self) -> StudyFile:
        for name, audit in self.audit.items():
            problem = audit_problem(audit, self.spec, self.index)
            if problem:
                raise ValueError(f"audit.{name}.{problem}")
        return self

    @model_validator(mode="after")
    def _tables(self) -> StudyFile:
        for name, table in self.table.items():
            if table.analysis and (problem := self._no_analysis(table.analysis)):
                raise ValueError(f"table.{name}.analysis: {problem}")
            for problem in table.problems(self.spec, self.mediation, self.difference, self.wild, self.index, self.test):
                raise ValueError(f"table.{name}.{problem}")
        return self

    @model_validator(mode="after")
    def _made_columns(self) -> StudyFile:
        for name, step in self.derive.items():
            for key in step.panel() if isinstance(step, Step) else ():
                if getattr(self.study, key) is None:
                    raise ValueError(f'derive.{name}: {KEYS[type(step)]} needs {key} = "column" under [study]')
        for name, index in self.index.items():
            for form in index.forms().values():
                by_time = form.missing == "interpolate" or {"year", "base"} & {form.over, form.weigh_over}
                if by_time and self.study.time is None:
                    raise ValueError(f'index.{name}: it needs time = "column" under [study]')
        made = [*self.derive, *(c for name, index in self.index.items() for c in index.columns(name))]
        double = sorted({c for c in made if made.count(c) > 1})
        if double:
            raise ValueError(f"derive.{double[0]}: the column `{double[0]}` is made twice")
        return self


class Placed(Value):
    """What a study has before its analyses: where it lies, its data and the columns that it makes."""

    folder: Path
    header: Header
    data: dict[str, DataFile] = {}
    part: str = ""
    files: tuple[str, ...] = ()
    derive: dict[str, Derived]
    index: dict[str, Index] = {}


class Study(with_sections(Placed)):
    """A study as loaded: the file's content, and where it lies. text: the file as it was read, which is no setting.

    data   its other data files by name; a study that has any is run in parts (`parity.study.parts`)
    part   of a part: the name of its data file, empty for that of `[study]`; files: those of all parts

    several  which specs were written as one; `specs` holds each

    The settings of its analyses are a field for each kind that has a section, such as `mediation`, by name.
    """

    audits: dict[str, AuditSettings] = {}
    tables: dict[str, TableSettings] = {}
    labels: dict[str, str] = {}
    translation: dict[Language, dict[str, str]] = {}
    specs: tuple[Spec, ...]
    published: tuple[Published, ...]
    expect: dict[str, tuple[str, ...]] = {}
    several: tuple[Several, ...] = Field(default=(), exclude=True)
    text: str = Field(default="", exclude=True, repr=False)

    @property
    def id(self) -> str:
        """Name of the folder, also where it is given as `.`"""
        return Path(os.path.abspath(self.folder)).name

    @property
    def file(self) -> Path:
        return self.folder / "study.toml"

    @property
    def data_path(self) -> Path:
        return self.folder / self.header.data

    @property
    def analyses(self) -> tuple[str, ...]:
        """What Python and R compute beside specs, by the names of their records: `derived columns`, `index.NAME`, ...

        A record of a variant or a group has the name and more, `index.NAME.shift_01`.
        """
        tables = any(isinstance(line, Step) for line in self.derive.values())
        named = (f"{one.kind}.{name}" for one in KINDS for name in one.asked(self))
        return (*(("derived columns",) if tables else ()), *named)

    @property
    def summed_up(self) -> tuple[str, ...]:
        """Ids of specs whose samples tables sum up (`kind = "descriptive"`)."""
        wanted = {table.sample for table in self.tables.values() if table.of_sample}
        return tuple(s.id for s in self.specs if s.id in wanted)

    @property
    def reads_order(self) -> bool:
        """Whether anything reads which period follows which."""
        trees: list[Any] = [*self.derive.values(), *(t for s in self.specs for t in (s.formula, s.where, s.offset))]
        trees += [t for one in SECTIONS for asked in getattr(self, one.kind).values() for t in asked.expressions()]
        steps = any(isinstance(line, Step) and "time" in line.panel() for line in self.derive.values())
        return steps or any(s.needs_order for s in self.specs) or any(map(shifts, trees))

    def spec(self, spec_id: str) -> Spec:
        for spec in self.specs:
            if spec.id == spec_id:
                return spec
        known = [s.id for s in self.specs]
        if several := next((one for one in self.several if one.name == spec_id), None):
            raise InputError.at(str(self.file), "spec", several.said)
        raise InputError.at(
            str(self.file), "spec", f"there is no spec `{spec_id}`{suggest(spec_id, known) or '; known: ' + some_of(known)}"
        )

    def data_hash(self) -> str:
        """SHA-256 of the data file's bytes; of several files, and of those of a folder of Parquet, of their hashes."""
        if self.files:
            held = [self.folder / file for file in self.files]
        else:
            held = parquet_files(self.data_path) if self.data_path.is_dir() else []
        if not held:
            return _digest(self.data_path)
        each = [_digest(file) for file in held]
        return hashlib.sha256("\n".join(each).encode()).hexdigest()

    def kept_as(self, name: str) -> Path:
        """The file of frozen answers of a name; each part of a study has its own."""
        return self.folder / "references" / f"{name}{f'.{self.part}' if self.part else ''}.json"

    def spec_hash(self, spec: Spec) -> str:
        """SHA-256 of all that the file says about one spec's numbers: title and choice of reference are left out."""
        used = {
            name: step.model_dump(mode="json") if isinstance(step, Step) else str(step) for name, step in self.derive.items()
        }
        header = self.header.model_dump(include={"unit", "time", "encoding"})
        more = {"layout", "time_order", "time_step", "missing", "storage"}
        header |= self.header.model_dump(include=more, exclude_defaults=True, mode="json")
        body = spec.of_numbers()
        index = [{name: i.model_dump(mode="json") for name, i in self.index.items()}] if self.index else []
        text = json.dumps([header, used, body, *index], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
