"""What a study expects of engines as shipped: an expected cause does no harm, one that doesn't occur is reported.

An entry of `[expect]` is a cause, with parameters in parentheses where it has free ones: `unit-missing(unit=firm 2)`.
Without them it would excuse the loss of any unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parity.results.record import Cause, Record
from parity.study.study import Study

_ENTRY = re.compile(r"(?P<id>[^(]*)(?:\((?P<parameters>.*)\))?")
_PARAMETER = re.compile(r"(?<!\w)(\w++)=((?:(?!, \w+=).)*)")


@dataclass(frozen=True)
class Expected:
    """A cause that may occur, with the parameters that it must have."""

    written: str
    id: str
    parameters: tuple[tuple[str, str], ...] = ()

    def is_met_by(self, cause: Cause) -> bool:
        return cause.id == self.id and set(self.parameters) <= set(cause.parameters.items())


def expected(written: str) -> Expected:
    """An entry as it is written; what can't be read is the name of a cause that doesn't exist."""
    found = _ENTRY.fullmatch(written.strip())
    if found is None:
        return Expected(written, written)
    return Expected(written, found["id"].strip(), tuple(_PARAMETER.findall(found["parameters"] or "")))


def with_expectations(study: Study, records: Sequence[Record], complete: bool) -> tuple[Record, ...]:
    """The records of one study, explained ones marked where every cause of one explanation is expected.

    What is missing stands under the key that says it, `expect.py-pyfixest`: it is no single spec's.
    complete: all specs of the study were run, so that a cause which is missing doesn't occur. A defect that comes and goes
    from run to run may be missing; where it occurs or is expected, so may causes of its group: each takes the other's place.
    """
    marked = [r.model_copy(update={"expected": _is_expected(study, r)}) for r in records]
    return (*marked, *(_absent(study, marked) if complete else ()))


def _is_expected(study: Study, record: Record) -> bool:
    entries = [expected(text) for text in study.expect.get(record.candidate, ())]
    solutions: dict[int, bool] = {}
    for cause in record.causes:
        met = any(entry.is_met_by(cause) for entry in entries)
        solutions[cause.alternative] = solutions.get(cause.alternative, True) and met
    return record.verdict == "explained" and any(solutions.values())


def _absent(study: Study, records: Sequence[Record]) -> list[Record]:
    from parity.diagnose.catalogue import BY_ID

    out = []
    for engine, written in study.expect.items():
        answered = [r for r in records if r.candidate == engine and r.checked]
        entries = [expected(text) for text in written]
        found = [cause for r in answered for cause in r.causes]
        named = {c.id for c in found} | {e.id for e in entries}
        masked = {BY_ID[id].group for id in named if BY_ID[id].unstable}
        if not answered:
            continue  # unavailable or declined: nothing is known of it
        out += [
            Record(
                study=study.id, spec=f"expect.{engine}", kind="expectation", reference="", candidate=engine,
                mode="as-shipped", verdict="stale",
                note=f"the study expects the cause {entry.written} of it, and it doesn't occur",
            )
            for entry in entries
            if not any(map(entry.is_met_by, found)) and not BY_ID[entry.id].unstable and BY_ID[entry.id].group not in masked
        ]  # fmt: skip
    return out
