"""Records of a second reading: one for the study's data file, one for each spec's sample."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter

from parity.base.errors import Unestimable
from parity.base.values import EXACT_JSON
from parity.data.places import row_namer
from parity.results.record import Record
from parity.runs.second_reading.compare import Found
from parity.runs.second_reading.sample import Sample, of_design
from parity.runs.second_reading.words import given_of, spec_hash
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

REFERENCE, CANDIDATE = "r-reading", "python"
#: The name under which the record of the data file stands beside the specs.
DATA_FILE = "data file"
#: Sentences that a record says; the rest are counted.
MOST_SAID = 3
RECORDS: TypeAdapter = TypeAdapter(tuple[Record, ...], config=EXACT_JSON)

How = Literal["live", "frozen"]


def read_again(study: Study, data_hash: str, kept: str) -> bytes:
    """All records of a study as JSON; runs in a worker. kept: R's frozen answers as JSON, or "" to ask R.

    Raises `InputError` where the data can't be read now.
    """
    from parity.runs.worker import design_of, frame_of

    frame = frame_of(study, data_hash)[1]

    def design(spec: Spec) -> Sample:
        return of_design(design_of(study, spec, data_hash))

    found = _frozen(study, frame, design, json.loads(kept)) if kept else second_reading(study, frame, design)
    return RECORDS.dump_json(tuple(found))


def second_reading(study: Study, frame: pd.DataFrame, sample: Callable[[Spec], Sample]) -> Iterator[Record]:
    """R's reading of the file and of every spec, live, against ours. sample: ours, of a spec; raises `Unestimable`."""
    from parity.runs.second_reading.asking import NotRead, open_study, read_columns, read_sample
    from parity.runs.second_reading.columns import compare_columns
    from parity.runs.second_reading.compare import compare_samples

    row = row_namer(frame)
    try:
        n = open_study(study.data_path.resolve(), given_of(study))
    except NotRead as gap:
        yield ended(study, DATA_FILE, "declined", f"not read a second time: {gap}")
        return
    except RuntimeError as error:
        yield ended(study, DATA_FILE, "failed", str(error), "live")
        return

    def compared(name: str, compare: Callable[[], Found]) -> Record:
        try:
            return _compared(study, name, compare(), "live")
        except NotRead as gap:
            return ended(study, name, "declined", f"not read a second time: {gap}")
        except RuntimeError as error:
            return ended(study, name, "failed", str(error), "live")

    for spec in study.specs:
        try:
            record = compared(spec.id, lambda spec=spec: compare_samples(read_sample(spec.id), sample(spec), row))
            if record.verdict == "failed":
                sample(spec)  # where it can't be estimated, R's refusing it as well is no failure
        except Unestimable:
            continue  # nothing of it is estimated, which its own records say
        yield record
    # last: by now R knows which columns of the file the specs read
    yield compared(DATA_FILE, lambda: compare_columns(read_columns(), n, frame, row))


def _frozen(
    study: Study, frame: pd.DataFrame, sample: Callable[[Spec], Sample], kept: Mapping[str, Any]
) -> Iterator[Record]:
    """What was kept of R's reading, against ours."""
    from parity.runs.second_reading.digests import compare_columns_digest, compare_sample_digest

    whole = kept[DATA_FILE]
    if "gap" in whole:
        yield ended(study, DATA_FILE, "declined", f"not read a second time: {whole['gap']}")
        return
    for spec in study.specs:
        answer = kept.get(f"spec {spec.id}")
        if answer is None:
            try:
                sample(spec)
            except Unestimable:
                continue
            yield ended(study, spec.id, "unavailable", "not read a second time: not frozen for this spec")
            continue
        if answer["hash"] != spec_hash(study, spec):
            note = "the spec has changed since R read it; run parity freeze where R is"
            yield ended(study, spec.id, "stale", note, "frozen")
            continue
        if "gap" in answer:
            yield ended(study, spec.id, "declined", f"not read a second time: {answer['gap']}")
            continue
        try:
            yield _compared(study, spec.id, compare_sample_digest(answer, sample(spec)), "frozen")
        except Unestimable:
            continue
    yield _compared(study, DATA_FILE, compare_columns_digest(whole, frame), "frozen")


def _compared(study: Study, spec: str, found: Found, how: How) -> Record:
    result, said = found.comparison(), found.sentences[:MOST_SAID]
    more = len(found.sentences) - len(said)
    note = "; ".join(said) + (f"; and {more} more" if more > 0 else "")
    return Record(
        study=study.id, spec=spec, kind=_kind(spec), reference=REFERENCE, candidate=CANDIDATE, verdict=result.verdict,
        checked=result.checked, digits=result.digits, differences=result.differences, note=note, transport=how,
    )  # fmt: skip


def ended(study: Study, spec: str, verdict: Any, note: str, how: How | Literal[""] = "") -> Record:
    """A record without a comparison."""
    return Record(
        study=study.id, spec=spec, kind=_kind(spec), reference=REFERENCE, candidate=CANDIDATE, verdict=verdict, note=note,
        transport=how,
    )  # fmt: skip


def _kind(spec: str) -> Literal["reading", "sample"]:
    return "reading" if spec == DATA_FILE else "sample"
