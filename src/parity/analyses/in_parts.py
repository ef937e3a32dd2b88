"""Analyses that fall into parts, each with a record of its own: found here, asked of R, compared."""

from __future__ import annotations

import hashlib
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.contract import CANDIDATE, R_FAILED, REFERENCE
from parity.analyses.conventions import Convention
from parity.analyses.frozen import FORMAT, Held
from parity.base.errors import Unestimable, some_of, suggest
from parity.results.analysis_page import AnalysisDetail, Histogram
from parity.results.record import Analysed, Comparison, Kind, Record, Verdict, named
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.sample.design import Design


@dataclass(frozen=True)
class Nothing:
    """Why a part is not analysed, on either side."""

    note: str
    verdict: Verdict = "vacuous"


@dataclass(frozen=True)
class Found:
    """Our side of a part.

    own        whatever `compare` needs
    printed    quantity -> term -> number: what tables and pages show of it
    doubts     why it is not to be relied on, whatever R says
    about, histograms   what a page shows; no page where both are empty
    """

    own: Any
    printed: Mapping[str, Mapping[str, float | None]]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    histograms: tuple[Histogram, ...] = ()


class InParts(ABC):
    """See `parity.analyses.contract.Analysis`, which it fulfils but for `asked`, `names`, `content` and `in_tables`."""

    name: str
    kinds: Mapping[Kind, str]
    counted: str
    schema = FORMAT
    #: quantity -> head of its column, of a table of `kind = "analysis"`
    columns: Mapping[str, str] = {}
    #: whether R is asked only what has a value on our side, which is found first
    found_first = False

    @abstractmethod
    def parts(self, study: Study) -> Iterable[tuple[str, Any | Nothing]]:
        """Each part under the name of its question to R."""

    @abstractmethod
    def find(self, part: Any) -> Found:
        """Our side. Raises `Unestimable`."""

    @abstractmethod
    def ask_r(self, part: Any, folder: Path) -> dict[str, Any]:
        """R's side, in a worker; draws are written to `folder`. Raises `Unestimable` where there is nothing to ask."""

    @abstractmethod
    def compare(self, part: Any, answer: Mapping[str, Any], found: Found) -> Comparison: ...

    @abstractmethod
    def kind(self, name: str) -> Kind: ...

    def spec(self, name: str) -> str:
        """What a record calls the part."""
        return name

    def conventions(self, study: Study, name: str) -> Iterable[Convention]:
        """Those of its settings; none where an analysis says none."""
        return ()

    def found(self, study: Study, name: str) -> Iterable[tuple[str, Mapping[str, float | None]]]:
        known = {self.spec(part_name): part for part_name, part in self.parts(study)}
        if name not in known:
            raise LookupError(f"there is no analysis `{name}`{suggest(name, known) or f'; known: {some_of(known)}'}")
        part = known[name]
        if isinstance(part, Nothing):
            raise LookupError(part.note)
        return self.find(part).printed.items()

    def to_freeze(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return dict(answers)

    def in_r(self, study: Study) -> dict[str, Any]:
        """What our side can't analyse is no question."""
        from parity.engines.mishaps import in_words

        out: dict[str, Any] = {}
        with tempfile.TemporaryDirectory(prefix="parity-draws-") as folder:
            for name, part in self.parts(study):
                if isinstance(part, Nothing):
                    continue
                try:
                    if self.found_first:
                        self.find(part)
                    out[name] = self.ask_r(part, Path(folder))
                except Unestimable:
                    continue
                except RuntimeError as error:
                    known = in_words("base-r", error, None)
                    out[name] = {"failed": known.reason if known else str(error)}
        return out

    def judged(self, study: Study, held: Held) -> Analysed:
        made = list(self._judged(study, held))
        return Analysed(records=tuple(r for r, _ in made), details=tuple(d for _, d in made if d is not None))

    def _judged(self, study: Study, held: Held) -> Iterator[tuple[Record, AnalysisDetail | None]]:
        for name, part in self.parts(study):
            if isinstance(part, Nothing):
                yield self._record(study, name, part.verdict, part.note), None
                continue
            try:
                found = self.find(part)
            except Unestimable as error:
                yield self._record(study, name, "vacuous", str(error)), None
                continue
            yield self._against(study, name, part, found, held), self._page(study, name, found)

    def _against(self, study: Study, name: str, part: Any, found: Found, held: Held) -> Record:
        answer = held.answers.get(name, {"failed": "R gave no answer"})
        if held.verdict:
            return self._record(study, name, held.verdict, held.note, held.how)
        if found.doubts:  # both sides agreeing on what the draws don't determine would be a green run of no meaning
            return self._record(study, name, "failed", "not to be relied on: " + "; ".join(found.doubts), held.how)
        if "failed" in answer:
            return self._record(study, name, "failed", answer["failed"], held.how).model_copy(update=R_FAILED)
        result = self.compare(part, answer, found)
        return self._record(
            study, name, result.verdict, "; ".join(found.notes), held.how, checked=result.checked, digits=result.digits,
            differences=result.differences, numbers=named(found.printed),
        )  # fmt: skip

    def _page(self, study: Study, name: str, found: Found) -> AnalysisDetail | None:
        if not (found.about or found.histograms):
            return None
        return AnalysisDetail(study=study.id, spec=self.spec(name), reference=REFERENCE, candidate=CANDIDATE,
                              about=dict(found.about), histograms=found.histograms)  # fmt: skip

    def _record(self, study: Study, name: str, verdict: Any, note: str, transport: Any = "", **found: Any) -> Record:
        return Record(study=study.id, spec=self.spec(name), kind=self.kind(name), reference=REFERENCE, candidate=CANDIDATE,
                      verdict=verdict, note=note, transport=transport, **found)  # fmt: skip


@dataclass(frozen=True)
class OfSpec:
    """A spec that is asked about, and the study's data."""

    study: Study
    spec: Spec
    frame: Any

    def design(self) -> Design:
        """Raises `Unestimable`."""
        from parity.sample.build import build_design

        return build_design(self.study, self.spec, self.frame)


class ForSpecs(InParts):
    """One part a spec; its records are `<kind>.<spec>`. See `InParts`; `specs` stands for `asked`, `names` and `content`."""

    @abstractmethod
    def specs(self, study: Study) -> Sequence[Spec]:
        """Those that are asked about."""

    def why_not(self, spec: Spec) -> str:
        """Why a spec never has a part, or ""."""
        return ""

    def asked(self, study: Study) -> bool:
        return bool(self.specs(study))

    def names(self, study: Study) -> Sequence[str]:
        return [spec.id for spec in self.specs(study)]

    def content(self, study: Study) -> str:
        hashes = [f"{spec.id} {study.spec_hash(spec)}" for spec in self.specs(study)]
        return hashlib.sha256("\n".join([study.data_hash(), *hashes]).encode()).hexdigest()

    def kind(self, name: str) -> Kind:
        (kind,) = self.kinds
        return kind

    def spec(self, name: str) -> str:
        return f"{self.kind(name)}.{name}"

    def parts(self, study: Study) -> Iterator[tuple[str, OfSpec | Nothing]]:
        from parity.data.load import load_frame

        frame = load_frame(study)
        for spec in self.specs(study):
            why = self.why_not(spec)
            yield spec.id, Nothing(f"never: {why}", "declined") if why else OfSpec(study, spec, frame)


def refitted(refits: int, drawn: int) -> tuple[str, ...]:
    """How many of the draws R refitted; nothing where nothing was drawn."""
    if not drawn:
        return ()
    return (f"R refitted {'the first ' if refits < drawn else 'all '}{min(refits, drawn):,} of {drawn:,} draws",)
