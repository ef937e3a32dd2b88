"""Group differences and bootstraps of a study, held against R's refits of the same draws: one record each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from parity.analyses.in_parts import Found, InParts, Nothing, refitted
from parity.analyses.resampling.sample import names_of, prepare
from parity.compare.lists import compare_numbers
from parity.results.record import Comparison, Kind
from parity.study.analyses.registry import called
from parity.study.study import Study
from parity.study.table import TableSettings

if TYPE_CHECKING:
    from parity.analyses.resampling.pairs import Pairs
    from parity.analyses.resampling.sample import Rows


class Resampling(InParts):
    name = "resampling"
    kinds = called("difference", "wild", "bootstrap")
    counted = "group differences and bootstraps"

    def asked(self, study: Study) -> bool:
        return bool(study.difference or study.wild or study.bootstrap)

    def names(self, study: Study) -> Sequence[str]:
        return names_of(study)

    def content(self, study: Study) -> str:
        settings = study.model_dump_json(include={"difference", "wild", "bootstrap"})
        analyses = (*study.difference.values(), *study.wild.values(), *study.bootstrap.values())
        used = dict.fromkeys(s.spec for s in analyses)
        specs = [f"{name} {study.spec_hash(study.spec(name))}" for name in used]
        return hashlib.sha256("\n".join([study.data_hash(), settings, *specs]).encode()).hexdigest()

    def in_tables(self, study: Study, tables: Sequence[TableSettings]) -> bool:
        return any(table.chosen_differences(study.difference) or table.chosen_wild(study.wild) for table in tables)

    def kind(self, name: str) -> Kind:
        return cast(Kind, name.split(".")[0])

    def parts(self, study: Study) -> Iterator[tuple[str, Rows | Pairs | Nothing]]:
        from parity.data.load import load_frame

        for name, part in prepare(study, load_frame(study)):
            yield name, Nothing(part) if isinstance(part, str) else part

    def find(self, part: Rows | Pairs) -> Found:
        """The whole, and what R's refits of fewer draws are compared with."""
        from parity.analyses.resampling.found import found_in
        from parity.analyses.resampling.page import detail_of

        refits = part.settings.refits
        whole, few = found_in(part), found_in(part, refits)
        about, histograms = detail_of(part, whole) or ({}, ())
        notes = (*whole.notes, *refitted(refits, whole.drawn))
        return Found((few, whole.scale), whole.printed, notes, tuple(whole.doubts), about, histograms)

    def ask_r(self, part: Rows | Pairs, folder: Path) -> dict[str, Any]:
        from parity.analyses.resampling.r import analyse

        return analyse(part, folder)

    def compare(self, part: Rows | Pairs, answer: Mapping[str, Any], found: Found) -> Comparison:
        from parity.analyses.resampling.found import by_term

        few, scale = found.own
        return compare_numbers(by_term(part, answer), few.numbers, scale)


ANALYSIS = Resampling()
