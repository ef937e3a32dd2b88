"""What changed between two runs: versions, verdicts, digits and numbers. Pure: two reports in, one value out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from parity.base.values import Value
from parity.compare.changed_numbers import NumberChange, moved_numbers
from parity.results.record import HARMLESS, VERDICTS, Record, Report

#: Digits of agreement that must be lost or won to be worth a line.
DIGITS = 1.0


class VersionChange(Value):
    """A package, R or Python at another version; null where one run hadn't it. Also what became live, frozen or missing."""

    name: str
    old: str | None
    new: str | None


class RecordChange(Value):
    """One comparison with another verdict, or with other digits; a null verdict where one run hasn't the comparison."""

    study: str
    spec: str
    mode: str
    kind: str
    candidate: str
    reference: str
    old: str | None
    new: str | None
    old_digits: float | None = None
    new_digits: float | None = None
    worse: bool = False
    note: str = ""


class ReportDiff(Value):
    """`parity-diff/1`."""

    format: Literal["parity-diff/1"] = Field(default="parity-diff/1", alias="schema")
    versions: tuple[VersionChange, ...] = ()
    transports: tuple[VersionChange, ...] = ()
    verdicts: tuple[RecordChange, ...] = ()
    digits: tuple[RecordChange, ...] = ()
    numbers: tuple[NumberChange, ...] = ()
    numbers_compared: int | None = Field(description="null where one of the reports holds no numbers")
    not_compared: tuple[str, ...] = Field(default=(), description="what one of the reports holds no numbers of")
    unchanged: int
    worse: int

    model_config = Value.model_config | {"populate_by_name": True}

    @property
    def exit_code(self) -> int:
        """1 where a verdict got worse: a comparison that is gone counts, and so does a new one that harms."""
        return 1 if self.worse else 0


def compare_reports(old: Report, new: Report) -> ReportDiff:
    """Records are paired by study, spec, mode, kind and engine (printed ones by their source)."""
    before, after = _keyed(old.records), _keyed(new.records)
    verdicts, moved, unchanged = [], [], 0
    for key in dict.fromkeys([*before, *after]):
        change = _change(before.get(key), after.get(key))
        if change.old != change.new or change.worse or change.note:
            verdicts.append(change)
        elif None not in (change.old_digits, change.new_digits) and abs(change.old_digits - change.new_digits) >= DIGITS:
            moved.append(change)
        else:
            unchanged += 1
    numbers, compared, lacking = moved_numbers(old, new, [(r, after[key]) for key, r in before.items() if key in after])
    verdicts.sort(key=lambda c: (not c.worse, VERDICTS.index(c.new or "agree")))
    return ReportDiff(
        versions=_named(old.versions, new.versions), transports=_named(old.transports, new.transports),
        verdicts=tuple(verdicts), digits=tuple(moved), numbers=numbers, numbers_compared=compared,
        not_compared=lacking, unchanged=unchanged, worse=sum(c.worse for c in verdicts),
    )  # fmt: skip


def _keyed(records: tuple[Record, ...]) -> dict[tuple, Record]:
    """A record's key; several alike (two printed entries of one source) are told apart by their order."""
    seen: Counter[tuple] = Counter()
    keyed = {}
    for r in records:
        who = (r.note,) if r.kind == "printed" else (r.candidate,)
        key = (r.study, r.spec, r.mode, r.kind, *who)
        keyed[(*key, seen[key])] = r
        seen[key] += 1
    return keyed


def _change(old: Record | None, new: Record | None) -> RecordChange:
    one = new or old
    assert one is not None
    note = _otherwise(old, new) if old and new and old.verdict == new.verdict else new.note if new else ""
    return RecordChange(
        study=one.study, spec=one.spec, mode=one.mode, kind=one.kind, candidate=one.candidate, reference=one.reference,
        old=old.verdict if old else None, new=new.verdict if new else None,
        old_digits=old.digits if old and old.checked else None, new_digits=new.digits if new and new.checked else None,
        worse=_worse(old, new), note=note,
    )  # fmt: skip


def _worse(old: Record | None, new: Record | None) -> bool:
    if new is None:
        return bool(old and old.checked)
    if old is None:
        return new.verdict not in HARMLESS
    if new.verdict == old.verdict:
        return (old.harmless and not new.harmless) or new.checked < old.checked
    return VERDICTS.index(new.verdict) < VERDICTS.index(old.verdict)


def _otherwise(old: Record, new: Record) -> str:
    """What changed under one and the same verdict: whether it is expected, its causes, how much was compared."""
    said = []
    if old.harmless != new.harmless:
        said.append("the study expects it no longer" if old.harmless else "the study expects it now")
    if _causes(old) != _causes(new):
        said.append(f"the causes were {_causes(old) or 'none'}, and are {_causes(new) or 'none'}")
    if new.checked != old.checked:
        said.append(f"{old.checked} quantities were compared, and {new.checked} are")
    return "; ".join(said)


def _causes(record: Record) -> str:
    return ", ".join(dict.fromkeys(c.id for c in record.causes))


def _named(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[VersionChange, ...]:
    names = sorted({*old, *new})
    return tuple(VersionChange(name=n, old=old.get(n), new=new.get(n)) for n in names if old.get(n) != new.get(n))
