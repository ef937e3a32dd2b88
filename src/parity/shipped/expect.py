"""What a study expects of engines as shipped: an expected cause does no harm, one that doesn't occur is reported."""

from __future__ import annotations

from collections.abc import Sequence

from parity.record import Record
from parity.study import Study


def with_expectations(study: Study, records: Sequence[Record], complete: bool) -> tuple[Record, ...]:
    """The records of one study, explained ones marked where every cause of one explanation is expected.

    What is missing stands under the key that says it, `expect.py-pyfixest`: it is no single spec's.
    complete: all specs of the study were run, so that a cause which is missing doesn't occur. A defect that comes and goes
    from run to run may be missing; where it occurs or is expected, so may causes of its group: each takes the other's place.
    """
    marked = [r.model_copy(update={"expected": _is_expected(study, r)}) for r in records]
    return (*marked, *(_absent(study, marked) if complete else ()))


def _is_expected(study: Study, record: Record) -> bool:
    expected = set(study.expect.get(record.candidate, ()))
    solutions: dict[int, set[str]] = {}
    for cause in record.causes:
        solutions.setdefault(cause.alternative, set()).add(cause.id)
    return record.verdict == "explained" and any(ids <= expected for ids in solutions.values())


def _absent(study: Study, records: Sequence[Record]) -> list[Record]:
    from parity.diagnose.catalogue import BY_ID

    out = []
    for engine, causes in study.expect.items():
        answered = [r for r in records if r.candidate == engine and r.checked]
        found = {cause.id for r in answered for cause in r.causes}
        masked = {BY_ID[cause].group for cause in found.union(causes) if BY_ID[cause].unstable}
        if not answered:
            continue  # unavailable or declined: nothing is known of it
        out += [
            Record(
                study=study.id, spec=f"expect.{engine}", kind="expectation", reference="", candidate=engine,
                mode="as-shipped", verdict="stale", note=f"the study expects the cause {cause} of it, and it doesn't occur",
            )
            for cause in causes
            if cause not in found and not BY_ID[cause].unstable and BY_ID[cause].group not in masked
        ]  # fmt: skip
    return out
