"""The specifications that an audit's sentences rest on, estimated again by every engine as a run does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from parity.audit.kept import as_study
from parity.audit.outcomes import Outcomes
from parity.audit.space import Space
from parity.base.cache import AnswerCache
from parity.base.tolerance import BY_ACCURACY, EXACT, P_SCALE
from parity.engines.base import Engine
from parity.results.record import HARMLESS, VERDICTS, Report, Verdict
from parity.results.spec_page import SpecDetail
from parity.runs.runner import run

#: Quantities of the audited term that are held against each engine's own.
HELD = ("coef", "se", "p")


@dataclass(frozen=True)
class Verified:
    """A specification as the engines have it.

    name      what it is among all: "largest", "median" ...
    verdict   the worst of its records; engines: those that agree
    distance  of the audit's coefficient, standard error and p from the engine that is furthest, see `_distance`
    reason    of a verdict that isn't agreement
    """

    name: str
    spec: int
    verdict: Verdict
    engines: tuple[str, ...]
    distance: float
    reason: str = ""

    @property
    def holds(self) -> bool:
        return self.verdict == "agree" and self.distance <= EXACT


def verified(
    space: Space,
    outcomes: Outcomes,
    picked: Mapping[str, int],
    *,
    engines: Sequence[Engine] | None = None,
    cache: AnswerCache | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Verified, ...]:
    """Each specification of `picked` once, in its order, under the first of its names.

    Raises `InputError` where nothing of it can run.
    """
    distinct: dict[int, str] = {}
    for name, spec in picked.items():
        distinct.setdefault(spec, name)
    places = {f"audit-{spec}": tuple(int(c) for c in outcomes.choices[spec]) for spec in distinct}
    study = as_study(space, places)
    report = run([study], engines=engines, specs=list(places), details=True, cache=cache, progress=progress)
    terms = {name: space.term_in(at) for name, at in places.items()}
    return tuple(
        _verified(name, spec, outcomes, report, f"audit-{spec}", terms[f"audit-{spec}"]) for spec, name in distinct.items()
    )


def _verified(name: str, spec: int, outcomes: Outcomes, report: Report, spec_id: str, term: str) -> Verified:
    records = [r for r in report.records if r.spec == spec_id]
    red = [r.verdict for r in records if r.verdict not in HARMLESS]
    worst: Verdict = min(red, key=VERDICTS.index) if red else "agree"
    agree = tuple(r.candidate for r in records if r.kind == "estimate" and r.verdict == "agree")
    worst = worst if red or agree else "vacuous"
    reason = next((r.note for r in records if r.verdict == worst and red), "")
    detail = next((d for d in report.details or () if d.spec == spec_id), None)
    mine = {"coef": outcomes.coef[spec], "se": outcomes.se[spec], "p": outcomes.p[spec]}
    return Verified(name, spec, worst, agree, _distance(mine, detail, term), reason)


def _distance(mine: Mapping[str, float], detail: SpecDetail | None, term: str) -> float:
    """Of our numbers from the furthest engine, in shares of what its accuracy allows times `EXACT`; infinite where no engine
    has one of them. p is judged on no smaller scale than what a distribution function leaves of 1.
    """
    held: dict[str, list[float]] = {quantity: [] for quantity in HELD}
    for i, (quantity, of) in enumerate(detail.quantities if detail else ()):
        if of == term and quantity in held:
            least = P_SCALE if quantity == "p" else np.finfo(float).tiny
            for engine in detail.engines:
                if (value := engine.values[i]) is not None and engine.accuracy in BY_ACCURACY:
                    far = abs(mine[quantity] - value) / max(abs(value), least)
                    held[quantity].append(far * EXACT / BY_ACCURACY[engine.accuracy])
    return float(max(max(found, default=np.inf) for found in held.values()))
