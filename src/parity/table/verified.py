"""What a run verified, as tables read it: an estimate's numbers, an analysis's numbers, and how each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from parity.data.derive.study_columns import reads
from parity.results.record import OF_DATA, VERDICTS, Record
from parity.results.spec_page import SpecDetail
from parity.study.spec import Spec
from parity.study.study import Study
from parity.study.words_of_tables import Language
from parity.table.troubles import trouble_of, unverified


@dataclass(frozen=True)
class Standing:
    """How a column stands: engines that agree on it, whether something is wrong with it, and the record that says what."""

    engines: tuple[str, ...]
    trouble: bool = False
    record: Record | None = None
    verified: bool = True

    def why(self, language: Language | None) -> str:
        """What is wrong, in a sentence without its full stop; "" if nothing is."""
        if not self.trouble:
            return ""
        if self.verified and self.record is not None:
            return trouble_of(self.record, language).rstrip(".。")
        return unverified(self.record, language).rstrip(".。")


@dataclass(frozen=True)
class Verified:
    """details: of specs, under their declared convention; records: of specs and of analyses."""

    study: Study
    details: tuple[SpecDetail, ...]
    records: tuple[Record, ...]

    @cached_property
    def _details(self) -> Mapping[str, SpecDetail]:
        return {d.spec: d for d in self.details}

    def values(self, spec: str) -> dict[tuple[str, str], float | None]:
        """(quantity, term) -> the reference's number; empty where no engine has an estimate."""
        detail = self._details.get(spec)
        if detail is None or not detail.engines:
            return {}
        return dict(zip(detail.quantities, detail.engines[0].values, strict=True))

    def terms(self, spec: str) -> tuple[str, ...]:
        detail = self._details.get(spec)
        return detail.terms if detail else ()

    def accuracy(self, spec: str) -> str:
        """Of the engine whose numbers `values` gives."""
        return self._details[spec].engines[0].accuracy

    def dropped(self, spec: str) -> tuple[str, ...]:
        """Regressors left out as absorbed by fixed effects or collinear with others."""
        detail = self._details.get(spec)
        return detail.sample.dropped if detail and detail.sample else ()

    def of(self, name: str) -> list[Record]:
        return [r for r in self.records if r.spec == name]

    def numbers(self, name: str) -> dict[tuple[str, str], float]:
        """(quantity, term) -> what an analysis found; empty where it was not compared with anything."""
        return {(n.quantity, n.term): n.value for r in self.of(name) if r.checked for n in r.numbers}

    def standing(self, spec: Spec, analyses: Iterable[str] = ()) -> Standing:
        """Of a spec with the analyses shown below it, and with the indices and derived columns that it is made of."""
        found = self._standing(spec.id)
        below = [self._standing(name) for name in analyses]
        made = [
            Standing((), True, r) for r in self.records if r.kind == "index" and not r.harmless and self._concerns(r, spec)
        ]
        wrong = next((s for s in (found, *below, *made) if s.trouble), found)
        return replace(wrong, engines=found.engines)

    def analysis(self, name: str) -> Standing:
        return self._standing(name)

    def _standing(self, name: str) -> Standing:
        records = self.of(name)
        agreeing = [r for r in records if r.checked and r.harmless and r.kind not in ("printed", "recorded", *OF_DATA)]
        engines = tuple(dict.fromkeys(e for r in agreeing for e in (r.reference, r.candidate)))
        wrong = sorted((r for r in records if not r.harmless), key=lambda r: VERDICTS.index(r.verdict))
        if wrong:
            return Standing(engines, True, wrong[0])
        if not agreeing:
            return Standing(engines, True, next((r for r in records if r.note), None), verified=False)
        return Standing(engines)

    def _concerns(self, record: Record, spec: Spec) -> bool:
        """Whether a record of an index, or of the derived columns, is about a column that the spec rests on."""
        names = rests_on(self.study, spec.columns())
        name = record.spec.removeprefix("index.")
        if name == record.spec:
            return bool(names & set(self.study.derive))
        index = next((i for i in self.study.index if name == i or name.startswith(f"{i}.")), name)
        variant = name.removeprefix(index).lstrip(".")
        made = set(self.study.index[index].columns(index)) if index in self.study.index else {name}
        others = {f"{index}.{v}" for v in self.study.index[index].variants} if index in self.study.index else set()
        return bool(names & ({name} if variant else made - others))


def rests_on(study: Study, columns: Iterable[str]) -> set[str]:
    """The columns, and those that they are derived from, to the end."""
    found, left = set(), list(columns)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += reads(study.derive[name]) if name in study.derive else ()
    return found
