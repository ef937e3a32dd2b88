"""The indices and derived columns of a study, held against R's: one record per form of an index, one for the columns.

They are computed by two programs written apart (`parity.data.derive`, and `r_scripts/lib/indices.R` and `derive.R`). Where R
isn't here its frozen numbers stand in, and if none were frozen the records say `unavailable`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from parity.analyses.analysed import kept
from parity.analyses.run import R_FAILED, answers_key, ask_r
from parity.base.cache import AnswerCache
from parity.base.errors import InputError
from parity.r.session import missing_r
from parity.results.analysis_page import AnalysisDetail
from parity.results.record import Analysed, Record
from parity.study.study import Study

REFERENCE, CANDIDATE = "base-r", "python"
#: What is frozen of an index: the rest follows from these.
FROZEN = ("score", "weight", "entropy", "between", "column")
#: The record that holds all derived columns of a study.
DERIVED = "derived columns"

_READS = {"unit", "time", "encoding", "layout", "time_order", "time_step", "missing", "storage"}
Held = Literal["auto", "frozen", "live"]


def index_records(
    study: Study, transport: Held = "auto", timeout: float = 120.0, cache: AnswerCache | None = None
) -> tuple[Record, ...]:
    """Every form of every index, and the tables of `[derive]`, Python against R. Empty where the study has neither.

    Raises `InputError` where a frozen file can't be read.
    """
    return index_analysed(study, transport, timeout, cache).records


def index_analysed(
    study: Study, transport: Held = "auto", timeout: float = 120.0, cache: AnswerCache | None = None
) -> Analysed:
    """The records, and weights and ranks of every form on both sides. Raises `InputError` as `index_records` does."""
    if not has_columns(study):
        return Analysed()
    key = answers_key(study, "columns", columns_hash(study), transport)
    return kept(cache, key, lambda: _made(study, transport, timeout))


def _made(study: Study, transport: Held, timeout: float) -> Analysed:
    missing = missing_r()
    held = _read_frozen(study)
    stale = held is not None and held["hash"] != columns_hash(study)
    if transport != "frozen" and missing is None:
        return judged(study, _ask(study, timeout), "live")
    if held is not None and transport != "live":
        if stale:
            note = "the data or settings of indices have changed since they were recorded; run parity freeze where R is"
            return Analysed(records=(_record(study, DERIVED, "stale", note, transport="frozen"),))
        return judged(study, held["answers"], "frozen")
    reason = "; ".join(missing) if missing else "not frozen"
    return Analysed(records=tuple(_record(study, spec, "unavailable", reason) for spec in _wanted(study)))


def has_columns(study: Study) -> bool:
    """Whether anything is compared here. Expressions are left to the specs that read them."""
    return bool(study.index or _steps(study))


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


def _ask(study: Study, timeout: float) -> dict[str, Any]:
    return ask_r(answer_in_r, study, timeout, lambda: _wanted(study))


def answer_in_r(study: Study) -> bytes:
    """JSON: name of the record -> {"numbers": quantity -> term -> values}, or {"failed": why}. Runs in a worker."""
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
    return json.dumps(out).encode()


def _plain(values: Any) -> list[float | None]:
    return [None if v != v else float(v) for v in values.tolist()]


# ---------------------------------------------------------------- judging


def judge_columns(study: Study, answers: Mapping[str, Any], how: Literal["live", "frozen"]) -> tuple[Record, ...]:
    """Python's numbers against the answers of the other side."""
    return judged(study, answers, how).records


def judged(study: Study, answers: Mapping[str, Any], how: Literal["live", "frozen"]) -> Analysed:
    """The same, with what pages show of every form."""
    from parity.analyses.index.numbers import compare_numbers, index_numbers
    from parity.analyses.index.page import index_detail
    from parity.data.derive.study_columns import add_columns, rows_of_indices
    from parity.data.load import read_study_frame

    made = add_columns(study, read_study_frame(study))
    rows = rows_of_indices(study, made.frame)
    own: dict[str, Any] = {}
    notes: dict[str, str] = {}
    forms = {spec_name(n, v): (form, sorted(made.indices[n, v].weights))
             for n, index in study.index.items() for v, form in index.forms().items()}  # fmt: skip
    unit = study.header.unit
    units = [str(u) for u in made.frame[unit].tolist()] if unit else list(rows.names)
    if _steps(study):
        own[DERIVED] = {"column": {n: made.frame[n].to_numpy(dtype=float) for n in _steps(study)}}
    for (name, variant), scores in made.indices.items():
        spec = spec_name(name, variant)
        own[spec] = index_numbers(scores, rows)
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
            transport=how,
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


# ---------------------------------------------------------------- frozen


def frozen_path(study: Study) -> Path:
    return study.kept_as("columns")


def freeze_columns(study: Study) -> tuple[Path, int] | None:
    """Record R's numbers. Returns the file and how many forms it holds; None where there is nothing to record.

    Raises `InputError` where R refused one: a reference with holes is not written.
    """
    import datetime

    from parity.engines.frozen import write_atomically
    from parity.r.probe import probe

    if not has_columns(study):
        return None
    answers = _ask(study, 600.0)
    for spec, answer in answers.items():
        if "failed" in answer:
            raise InputError.at(str(study.folder), spec, f"R failed and nothing was recorded: {answer['failed']}")
    r = probe()
    body = {
        "schema": "parity-columns/1", "study": study.id, "command": f"parity freeze {study.id}",
        "recorded": datetime.date.today().isoformat(), "versions": {"R": r.version if r else ""},
        "hash": columns_hash(study),
        "answers": {
            spec: {"numbers": {q: t for q, t in a["numbers"].items() if q in FROZEN}} for spec, a in answers.items()
        },
    }  # fmt: skip
    # a line per answer: short, and a change shows where it is
    lines = [f"{json.dumps(spec, ensure_ascii=False)}: {json.dumps(a, ensure_ascii=False, separators=(',', ':'))}"
             for spec, a in body.pop("answers").items()]  # fmt: skip
    head = json.dumps(body, ensure_ascii=False, indent=1)[:-2]
    path = frozen_path(study)
    write_atomically(path, f'{head},\n "answers": {{\n' + ",\n".join(lines) + "\n}}\n")
    return path, len(answers)


def _read_frozen(study: Study) -> dict[str, Any] | None:
    path = frozen_path(study)
    if not path.is_file():
        return None
    try:
        held = json.loads(path.read_bytes())
        if held["schema"] != "parity-columns/1" or held["study"] != study.id or not isinstance(held["answers"], dict):
            raise KeyError("it is another study's, or of another schema")
        return {"hash": str(held["hash"]), "answers": held["answers"]}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError.at(str(path), "", f"can't be read as frozen columns: {error}") from None
