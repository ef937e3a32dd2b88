"""Analyses of a section of their own, `[KIND.NAME]`: one part for each, under the name of its record."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parity.analyses.in_parts import InParts, Nothing
from parity.base.errors import ColumnProblem, Unestimable
from parity.results.record import Kind
from parity.study.analyses.contract import Asked
from parity.study.analyses.registry import BY_KIND, called
from parity.study.study import Study
from parity.study.table import TableSettings

if TYPE_CHECKING:
    import pandas as pd


class OfSection(InParts):
    """See `InParts`; `section` is the kind that `parity.study.analyses` declares, and the name of the frozen answers."""

    section: Kind
    found_first = True

    @abstractmethod
    def part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Any:
        """What is analysed under some settings. Raises `Unestimable`, `ColumnProblem`."""

    @property
    def declared(self) -> Asked:
        return BY_KIND[self.section]

    @property
    def name(self) -> str:
        return self.section

    @property
    def kinds(self) -> Mapping[Kind, str]:
        return called(self.section)

    @property
    def counted(self) -> str:
        return self.declared.called

    @property
    def columns(self) -> Mapping[str, str]:
        return self.declared.heads

    def settings(self, study: Study, name: str) -> Any:
        """Those of a record, by its name."""
        return getattr(study, self.section)[name.split(".", 1)[1]]

    def asked(self, study: Study) -> bool:
        return bool(self.declared.asked(study))

    def names(self, study: Study) -> Sequence[str]:
        return [f"{self.section}.{name}" for name in self.declared.asked(study)]

    def content(self, study: Study) -> str:
        asked = getattr(study, self.section).values()
        specs = [f"{name} {study.spec_hash(study.spec(name))}" for s in asked for name in self.declared.specs_of(s)]
        files = [study.folder / getattr(s, key) for s in asked for key in self.declared.files]
        hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
        given = [study.data_hash(), study.model_dump_json(include={self.section}), *specs, *hashes]
        return hashlib.sha256("\n".join(given).encode()).hexdigest()

    def in_tables(self, study: Study, tables: Sequence[TableSettings]) -> bool:
        return any(table.analysis.startswith(f"{self.section}.") for table in tables)

    def kind(self, name: str) -> Kind:
        return self.section

    def parts(self, study: Study) -> Iterator[tuple[str, Any | Nothing]]:
        from parity.data.load import load_frame

        frame = load_frame(study)
        for name, settings in getattr(study, self.section).items():
            yield f"{self.section}.{name}", self._part(study, frame, settings)

    def found(self, study: Study, name: str) -> Iterable[tuple[str, Mapping[str, float | None]]]:
        """Of the one that is named alone: whoever looks for a convention behind a number asks many times."""
        from parity.data.load import load_frame

        section, _, key = name.partition(".")
        settings = getattr(study, self.section)
        if section != self.section or key not in settings:
            return super().found(study, name)
        part = self._part(study, load_frame(study), settings[key])
        if isinstance(part, Nothing):
            raise LookupError(part.note)
        return self.find(part).printed.items()

    def _part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Any | Nothing:
        try:
            return self.part(study, frame, settings)
        except (Unestimable, ColumnProblem) as error:
            return Nothing(str(error))
