"""Which numbers moved between two runs: of estimates, of analyses, of indices. Pure, as all of `parity.compare.changes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from parity.base import tolerance
from parity.base.quantities import declared, scale_of, share_of
from parity.base.values import Value
from parity.compare.agree import hold
from parity.results.analysis_page import AnalysisDetail
from parity.results.record import Record, Report
from parity.results.spec_page import SpecDetail

#: Of an analysis, with the group after it; and an index's ranks.
ALSO_COUNTS = ("nobs", "draws", "clusters", "groups", "rank")

Numbers = Mapping[tuple[str, str], float]


class NumberChange(Value):
    """One number of one engine that moved by more than its accuracy allows; null where one run has none."""

    study: str
    spec: str
    mode: str
    engine: str
    quantity: str
    term: str
    old: float | None
    new: float | None
    digits: float = Field(description="digits of agreement of the old and the new number")


def moved_numbers(
    old: Report, new: Report, pairs: Sequence[tuple[Record, Record]]
) -> tuple[tuple[NumberChange, ...], int | None, tuple[str, ...]]:
    """What moved, how many were compared, and what couldn't be. pairs: the old and the new record of each comparison.

    Only what both reports hold numbers of is compared: estimates and indices have theirs in `details` and `analyses`.
    """
    compared = [*_estimates(old, new), *_analyses(pairs), *_indices(old, new)]
    kinds = {a.kind for a, _ in pairs}
    held = {"estimates": ("estimate", "details"), "indices": ("index", "analyses")}
    lacking = tuple(
        name for name, (kind, where) in held.items()
        if kind in kinds and (getattr(old, where) is None or getattr(new, where) is None)
    )  # fmt: skip
    found = tuple(change for change in compared if change is not None)
    return found, None if lacking and not compared else len(compared), lacking


# ---------------------------------------------------------------- each yields a change or None for every number compared


def _estimates(old: Report, new: Report) -> Iterator[NumberChange | None]:
    """Engine by engine."""
    before = {(d.study, d.spec, d.mode): d for d in old.details or ()}
    for detail in new.details or ():
        earlier = before.get((detail.study, detail.spec, detail.mode))
        if earlier is None:
            continue
        ours, theirs = _by_engine(earlier), _by_engine(detail)
        for engine in (e for e in theirs if e in ours):
            a, b = ours[engine], theirs[engine]
            accuracy = next(e.accuracy for e in detail.engines if e.engine == engine)
            floor = max(_floor(report, detail, engine) for report in (old, new))
            for key in dict.fromkeys([*a, *b]):
                shared = _shared(a.get(key), b.get(key), *_judged(key, a, b, accuracy, floor))
                yield _change((detail.study, detail.spec, detail.mode, engine), key, a, b, shared)


def _floor(report: Report, detail: SpecDetail, engine: str) -> float:
    """What rounding leaves an engine on the columns of a spec: no more than the least that it was compared with."""
    of_spec = (r for r in report.records if (r.study, r.spec, r.mode) == (detail.study, detail.spec, detail.mode))
    return min((r.floor for r in of_spec if r.checked and engine in (r.reference, r.candidate)), default=0.0)


def _by_engine(detail: SpecDetail) -> dict[str, Numbers]:
    return {
        e.engine: {k: v for k, v in zip(detail.quantities, e.values, strict=True) if v is not None} for e in detail.engines
    }


def _analyses(pairs: Sequence[tuple[Record, Record]]) -> Iterator[NumberChange | None]:
    """What the candidate found of everything that is no spec: mediation, group differences, bootstraps, diagnostics."""
    for earlier, later in pairs:
        a, b = ({(n.quantity, n.term): n.value for n in r.numbers} for r in (earlier, later))
        for key in dict.fromkeys([*a, *b]) if a and b else ():
            shared = _shared(a.get(key), b.get(key), *_judged_beside(key, a, b))
            yield _change((later.study, later.spec, later.mode, later.candidate), key, a, b, shared)


def _indices(old: Report, new: Report) -> Iterator[NumberChange | None]:
    """Weights and ranks of either side."""
    before = {(d.study, d.spec): d for d in old.analyses or () if d.index}
    for detail in new.analyses or ():
        earlier = before.get((detail.study, detail.spec))
        if earlier is None or detail.index is None:
            continue
        for side in ("reference", "candidate"):
            a, b = _of_index(earlier, side), _of_index(detail, side)
            for key in dict.fromkeys([*a, *b]):
                limit = tolerance.COUNT if key[0] == "rank" else tolerance.INDEX
                shared = _shared(a.get(key), b.get(key), max(1.0, abs(b.get(key, 0.0))), limit)
                yield _change((detail.study, detail.spec, "harmonised", getattr(detail, side)), key, a, b, shared)


def _of_index(detail: AnalysisDetail, side: str) -> Numbers:
    index = detail.index
    assert index is not None
    found: dict[tuple[str, str], float] = {}
    for weight in index.weights:
        for label, value in zip(index.labels, getattr(weight, side), strict=True):
            if value is not None:
                found["weight", f"{weight.indicator} {label}".strip()] = value
    for rank in index.ranks:
        if getattr(rank, side) is not None:
            found["rank", f"{rank.unit} {index.period}".strip()] = getattr(rank, side)
    for unit in index.over:
        places = unit.reference if side == "reference" or unit.candidate is None else unit.candidate
        for period, place in zip(index.periods, places, strict=True):
            if place is not None:
                found["rank", f"{unit.unit} {period}"] = place
    return found


# ---------------------------------------------------------------- one number


def _change(
    where: tuple[str, str, str, str], key: tuple[str, str], a: Numbers, b: Numbers, shared: float | None
) -> NumberChange | None:
    if shared is None:
        return None
    study, spec, mode, engine = where
    return NumberChange(study=study, spec=spec, mode=mode, engine=engine, quantity=key[0], term=key[1],
                        old=a.get(key), new=b.get(key), digits=shared)  # fmt: skip


def _judged(key: tuple[str, str], a: Numbers, b: Numbers, accuracy: str, floor: float) -> tuple[float, float]:
    """The scale of a number of an estimate, and the share of it that is allowed."""
    quantity, term = key
    scale = _size(key, a, b)
    if declared(quantity).scale in ("estimate", "probability"):  # of an engine and itself all others on their own
        scale = scale_of(quantity, term, scale, se=b.get(("se", term), 0.0), t=b.get(("t", term), 0.0))
    return scale, share_of(quantity, term, max(floor, tolerance.allowed(accuracy)))


def _judged_beside(key: tuple[str, str], a: Numbers, b: Numbers) -> tuple[float, float]:
    """The same of an analysis. What it draws is kept, so its numbers move by no more than rounding does."""
    first, term = key[0].split(" ")[0], key[1]
    if first in ALSO_COUNTS:
        return 1.0, tolerance.COUNT
    errors = [v for (quantity, t), v in b.items() if t == term and "se" in quantity.split(" ")]
    floor = tolerance.P_SCALE if first == "p" else 0.0 if first in ("se", "t", "z") else max(errors, default=0.0)
    return max(_size(key, a, b), floor), tolerance.EXACT


def _size(key: tuple[str, str], a: Numbers, b: Numbers) -> float:
    return max(abs(a.get(key, 0.0)), abs(b.get(key, 0.0)))


def _shared(a: float | None, b: float | None, scale: float, allowed: float) -> float | None:
    """Digits the two numbers share where they differ by more than is allowed; None where they agree."""
    held = hold(a, b, allowed * scale, scale)
    return None if held.agree else held.digits + 0.0  # no -0.0
