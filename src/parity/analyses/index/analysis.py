"""The indices and derived columns of a study, held against R's: one record per form of an index, one for the columns.

They are computed by two programs written apart (`parity.data.derive`, and `r_scripts/lib/indices.R` and `derive.R`). Where R
isn't here its frozen numbers stand in, and if none were frozen the records say `unavailable`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from parity.analyses.contract import CANDIDATE, R_FAILED, REFERENCE
from parity.analyses.frozen import Held
from parity.results.analysis_page import AnalysisDetail
from parity.results.record import Analysed, Record, named
from parity.study.analyses.registry import called
from parity.study.study import Study
from parity.study.table import TableSettings

#: What is frozen of an index: the rest follows from these.
FROZEN = ("score", "weight", "entropy", "between", "column")
#: The record that holds all derived columns of a study.
DERIVED = "derived columns"

_READS = {"unit", "time", "encoding", "layout", "time_order", "time_step", "missing", "storage"}


class Columns:
    """See `parity.analyses.contract.Analysis`. All are found at once, for columns of one study build on each other."""

    name = "columns"
    kinds = called("index")
    counted = "forms of indices and derived columns"
    schema = "parity-columns/1"
    columns: Mapping[str, str] = {}

    def asked(self, study: Study) -> bool:
        """Expressions are left to the specs that read them."""
        return bool(study.index or _steps(study))

    def names(self, study: Study) -> Sequence[str]:
        return _wanted(study)

    def content(self, study: Study) -> str:
        return columns_hash(study)

    def in_tables(self, study: Study, tables: Sequence[TableSettings]) -> bool:
        return bool(study.index or study.derive)

    def in_r(self, study: Study) -> dict[str, Any]:
        return numbers_in_r(study)

    def to_freeze(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {spec: {"numbers": {q: t for q, t in a["numbers"].items() if q in FROZEN}} for spec, a in answers.items()}

    def judged(self, study: Study, held: Held) -> Analysed:
        if held.verdict == "stale":
            return Analysed(records=(_record(study, DERIVED, "stale", held.note, transport=held.how),))
        if held.verdict:
            return Analysed(records=tuple(_record(study, spec, held.verdict, held.note) for spec in _wanted(study)))
        return judged(study, held.answers, held.how)

    def conventions(self, study: Study, name: str) -> tuple[()]:
        """`parity explain` searches those of an index."""
        return ()

    def found(self, study: Study, name: str) -> Iterator[tuple[str, Mapping[str, float | None]]]:
        """Scores and ranks by UNIT:TIME; weights by indicator, and the year where each has its own."""
        from parity.analyses.index.numbers import weights_of
        from parity.base.tolerance import TIE
        from parity.data.derive.ranks import ranks
        from parity.data.derive.study_columns import add_columns, row_names, rows_of_indices
        from parity.data.load import read_study_frame

        made = add_columns(study, read_study_frame(study))
        _, index, *variant = name.split(".", 2)
        scores, rows = made.indices[index, variant[0] if variant else ""], row_names(study, made.frame)
        order = rows_of_indices(study, made.frame).time
        yield "score", {row: float(scores.scores[i]) for row, i in rows.items()}
        yield "rank", {row: float(value) for row, value in zip(rows, ranks(scores.scores, order, TIE), strict=True)}
        yield from weights_of(scores).items()


def _steps(study: Study) -> dict[str, Any]:
    from parity.study.derived import Step

    return {name: line for name, line in study.derive.items() if isinstance(line, Step)}


def _wanted(study: Study) -> list[str]:
    """Names of the records, the derived columns first."""
    forms = [spec_name(name, variant) for name, index in study.index.items() for variant in ("", *index.variants)]
    return ([DERIVED] if _steps(study) else []) + forms


def spec_name(index: str, variant: str) -> str:
    return f"index.{index}.{variant}" if variant else f"index.{index}"


def columns_hash(study: Study) -> str:
    """SHA-256 of the data and of all that says how columns are made from them."""
    body = json.dumps([
        study.data_hash(), study.header.model_dump(include=_READS, exclude_defaults=True, mode="json"),
        {n: str(line) if n not in _steps(study) else line.model_dump(mode="json") for n, line in study.derive.items()},
        {n: index.model_dump(mode="json") for n, index in study.index.items()},
    ], sort_keys=True, ensure_ascii=False)  # fmt: skip
    return hashlib.sha256(body.encode()).hexdigest()


# ---------------------------------------------------------------- R's side


def numbers_in_r(study: Study) -> dict[str, Any]:
    """Name of the record -> {"numbers": quantity -> term -> values}, or {"failed": why}. Runs in a worker."""
    from parity.analyses.index.r import r_derived, r_index
    from parity.data.derive.index import rows_of
    from parity.data.derive.study_columns import add_columns, indicator_columns, rows_of_indices
    from parity.data.evaluate import Panel, as_float
    from parity.data.load import read_study_frame
    from parity.data.storage import is_float

    frame = add_columns(study, read_study_frame(study)).frame
    steps, panel = _steps(study), Panel.of(study)
    timed = any("time" in step.panel() for step in steps.values())
    out: dict[str, Any] = {}

    def kept(name: str, values: Any) -> Any:
        return as_float(values) if is_float(study.header, name) else values

    def ask(name: str, call) -> None:
        try:
            out[name] = {"numbers": {q: {t: _plain(v) for t, v in terms.items()} for q, terms in call().items()}}
        except RuntimeError as error:
            out[name] = {"failed": str(error)}

    if steps:
        keys = rows_of(frame, panel, timed=timed)
        ask(DERIVED, lambda: {"column": {n: kept(n, r_derived(s, frame, keys)) for n, s in steps.items()}})
    rows = rows_of_indices(study, frame)
    for name, index in study.index.items():
        for variant, form in index.forms().items():
            columns = indicator_columns(form, frame)
            ask(spec_name(name, variant), lambda form=form, columns=columns: r_index(form, columns, rows))
    return out


def _plain(values: Any) -> list[float | None]:
    return [None if v != v else float(v) for v in values.tolist()]


# ---------------------------------------------------------------- judging


def judged(study: Study, answers: Mapping[str, Any], how: str) -> Analysed:
    """Python's numbers against the answers of the other side, and what pages show of every form."""
    from parity.analyses.index.numbers import compare_numbers, index_numbers, weights_of
    from parity.analyses.index.page import index_detail
    from parity.data.derive.study_columns import add_columns, rows_of_indices
    from parity.data.load import read_study_frame

    made = add_columns(study, read_study_frame(study))
    rows = rows_of_indices(study, made.frame)
    own: dict[str, Any] = {}
    notes: dict[str, str] = {}
    weights: dict[str, Any] = {}
    forms = {spec_name(n, v): (form, sorted(made.indices[n, v].weights))
             for n, index in study.index.items() for v, form in index.forms().items()}  # fmt: skip
    unit = study.header.unit
    units = [str(u) for u in made.frame[unit].tolist()] if unit else list(rows.names)
    if _steps(study):
        own[DERIVED] = {"column": {n: made.frame[n].to_numpy(dtype=float) for n in _steps(study)}}
    for (name, variant), scores in made.indices.items():
        spec = spec_name(name, variant)
        own[spec] = index_numbers(scores, rows)
        weights[spec] = weights_of(scores)
        notes[spec] = "; ".join(scores.notes)
    records: list[Record] = []
    details: list[AnalysisDetail] = []
    for spec in _wanted(study):
        other = answers.get(spec, {"failed": "no answer"})
        if "failed" in other:
            records.append(_record(study, spec, "failed", other["failed"], transport=how).model_copy(update=R_FAILED))
            continue
        theirs = _numbers(other["numbers"])
        ours = own[spec] if how == "live" else {q: terms for q, terms in own[spec].items() if q in FROZEN}
        result = compare_numbers(theirs, ours, rows.names)
        records.append(Record(
            study=study.id, spec=spec, kind="index", reference=REFERENCE, candidate=CANDIDATE, verdict=result.verdict,
            checked=result.checked, digits=result.digits, differences=result.differences, note=notes.get(spec, ""),
            transport=how, numbers=named(weights.get(spec, {})),
        ))  # fmt: skip
        if spec in forms:
            form, labels = forms[spec]
            sides = (REFERENCE, CANDIDATE)
            details.append(index_detail(study.id, spec, form, sides, own[spec], theirs, labels, rows, units))
    return Analysed(records=tuple(records), details=tuple(details))


def _numbers(plain: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    import numpy as np

    return {q: {t: np.array([np.nan if v is None else v for v in values]) for t, values in terms.items()}
            for q, terms in plain.items()}  # fmt: skip


def _record(study: Study, spec: str, verdict: Any, note: str, transport: Any = "") -> Record:
    return Record(study=study.id, spec=spec, kind="index", reference=REFERENCE, candidate=CANDIDATE, verdict=verdict,
                  note=note, transport=transport)  # fmt: skip


ANALYSIS = Columns()
