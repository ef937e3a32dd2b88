"""Causes for printed numbers that a run found to differ: the column they stand in is diagnosed once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from parity.compare.other_statistics import ID, STATISTIC
from parity.compare.printed import PrintedNumber, stated
from parity.diagnose.explanation import verdict_of
from parity.printed.terms import as_estimated
from parity.results.record import Cause, Difference, Record
from parity.study.published import Published
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.diagnose.questions.published import Column
    from parity.diagnose.questions.typed import Declared

#: A run looks for single causes, which takes seconds; `parity explain` looks for several at once.
MOST_CAUSES = 1
#: Numbers of a column that may be misprinted one by one, row by row; more of them have one cause, or none.
MOST_SLIPS = 3
#: Quantities that the diagnosis computes; others are only compared with slips of their own digits.
DIAGNOSED = ("coef", "se", "t", "vcov", "stars", "nobs", "f")


def with_causes(study: Study, records: Sequence[Record]) -> tuple[Record, ...]:
    """The records of a study; a printed one that disagrees gets the causes that reproduce what it prints, and is *explained*
    where they are certain. Else it still disagrees.

    Raises `InputError` where the data can't be read; a spec that can't be estimated keeps its verdicts.
    """
    causes: dict[int, tuple[Cause, ...]] = {}
    for spec_id in dict.fromkeys(r.spec for r in records if _is_off(r)):
        mine = [i for i, r in enumerate(records) if r.spec == spec_id and r.kind == "printed"]
        entries = [e for e in study.published if e.spec == spec_id]
        if len(mine) == len(entries):  # one record for each entry, in their order
            causes |= _of_spec(study, spec_id, {i: (records[i], e) for i, e in zip(mine, entries, strict=True)})
    return tuple(
        r.model_copy(update={"verdict": verdict_of(causes[i]), "causes": causes[i]}) if causes.get(i) else r
        for i, r in enumerate(records)
    )


def _is_off(record: Record) -> bool:
    return record.kind == "printed" and record.verdict == "disagree"


def _of_spec(study: Study, spec_id: str, given: dict[int, tuple[Record, Published]]) -> dict[int, tuple[Cause, ...]]:
    from parity.base.errors import InputError
    from parity.diagnose.questions.published import columns
    from parity.diagnose.questions.typed import declared

    try:
        known = declared(study, spec_id)
    except InputError:
        return {}
    out: dict[int, tuple[Cause, ...]] = {}
    given = {i: (record, as_estimated(entry, known.terms)) for i, (record, entry) in given.items()}
    for column in columns([e for _, e in given.values()]):
        mine = {i: (r, e) for i, (r, e) in given.items() if any(e is x for x in column.entries)}
        off = {i: (r, e) for i, (r, e) in mine.items() if _is_off(r)}
        if not off:
            continue
        together = _explained(known, column, list(mine.values()))
        slips_apart = sum(len(r.differences) for r, _ in off.values()) <= MOST_SLIPS
        for i, (record, entry) in off.items():
            if any(d.candidate is None for d in record.differences):
                continue  # the spec has no such number
            others = [(r, e) for r, e in mine.values() if not _is_off(r)]
            found = together or _explained(known, column, [*others, (record, entry)], of_page=True, slips=slips_apart)
            named = _of_other_names(record)
            slips = [
                named.get(d.quantity) or list(_slips(d, stated(entry).get((d.quantity, d.term))))
                for d in _statistics(record, entry)
            ]
            if all(slips) and (found or len(slips) == len(record.differences)):
                out[i] = _numbered([*(found or [()])], slips)
            elif named.keys() >= {d.quantity for d in record.differences}:
                out[i] = _numbered([()], list(named.values()))
    return out


def _of_other_names(record: Record) -> dict[str, list[Cause]]:
    """Statistic -> what it is, where another of the estimate has its digits."""
    given = [(c.parameters[STATISTIC], c) for c in record.causes if c.id == ID]
    return {name: [c for other, c in given if other == name] for name, _ in given}


def _statistics(record: Record, entry: Published) -> list[Difference]:
    """What the diagnosis doesn't compute; stars that stand on a statistic are none of a term."""
    return [d for d in record.differences if d.quantity not in DIAGNOSED or (d.quantity == "stars" and d.term != entry.term)]


def _numbered(solutions: Sequence[tuple[Cause, ...]], slips: Sequence[Sequence[Cause]]) -> tuple[Cause, ...]:
    """Causes of every alternative; each needs one slip of every statistic that is off."""
    ways = [(*causes, *some) for causes in solutions for some in itertools.product(*slips)]
    return tuple(c.model_copy(update={"alternative": i}) for i, causes in enumerate(ways) for c in causes)


def _explained(
    known: Declared, column: Column, rows: Iterable[tuple[Record, Published]], of_page: bool = False, slips: bool = True,
) -> list[tuple[Cause, ...]]:  # fmt: skip
    """Alternatives that each reproduce every number of these rows of a column; none if nothing does.

    of_page: whether only the page may be at fault, since what moves the model would move other rows as well
    slips: whether a single number may be misprinted; where many of a column are off, that is no explanation
    """
    from parity.diagnose import explain_targets
    from parity.diagnose.catalogue import CAUSES
    from parity.diagnose.numbers import STARS
    from parity.diagnose.questions.published import targets_of

    targets = [t for _, entry in rows for t in targets_of(entry) if not t.term or t.term in known.terms]
    if not targets:
        return []
    found = explain_targets(
        known.study, known.spec, known.fitter.original, targets, fitter=known.fitter, stars=column.stars or STARS,
        most=MOST_CAUSES, printed_by=column.entries[0].engine, ratios=column.entries[0].printed != "coefficient",
        catalogue=tuple(c for c in CAUSES if (slips or not c.one_number) and (c.layer == "printing" or not of_page)),
    )  # fmt: skip
    return [s.as_causes() for s in found.causes]


#: Cause -> kind of slip, and how it is said of a statistic of the whole model.
_SLIPS = {
    "digits-transposed": ("swap", "Two neighbouring digits of {} are transposed."),
    "decimal-point-moved": ("point", "The decimal point of {} is moved."),
    "digit-misprinted": ("digit", "One digit of {} is misprinted."),
}


def _slips(difference: Difference, printed: PrintedNumber | None) -> Iterator[Cause]:
    """Slips of its digits that turn the right statistic into the printed one."""
    from parity.diagnose.catalogue.printing import slips

    if printed is None or difference.candidate is None or difference.quantity == "stars":
        return
    for id, (kind, sentence) in _SLIPS.items():
        given = (s.slipped(difference.candidate) for s in slips(kind, difference.quantity, "", printed.decimals))
        if any(abs(value - printed.value) <= printed.rounding for value in given):
            yield Cause(id=id, text=sentence.format(difference.quantity), residual=0.0, source="the table")
