"""The two questions: why do these two estimates differ, and where does this printed number come from?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from parity.base.tolerance import MOST_ROUNDING
from parity.base.watching import Watch, unwatched
from parity.conventions.facts import Facts
from parity.diagnose import sentences, software
from parity.diagnose.catalogue import CAUSES
from parity.diagnose.cause import GROUPS, Cause
from parity.diagnose.explanation import Explanation, Miss, NamedCause, Solution, verdict_of
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import STARS, Numbers
from parity.diagnose.observed import Observed, TargetNumber, from_estimate, from_text, of_ratios, precision
from parity.diagnose.rounding import Reach, reaches
from parity.diagnose.scenario import Scenario
from parity.diagnose.search import MOST_CAUSES, Found, Search
from parity.results.estimate import Estimate
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

Side = Literal["candidate", "reference"]
#: Causes that move one number of the page, and stand behind what arithmetic leaves.
_SLIPS = frozenset(c.id for c in CAUSES if c.one_number)


def explain_estimate(
    study: Study, spec: Spec, frame: pd.DataFrame, reference: Estimate, candidate: Estimate, facts: Facts | None = None,
    *, catalogue: tuple[Cause, ...] = CAUSES, fitter: Fitter | None = None, watch: Watch = unwatched,
) -> Explanation:  # fmt: skip
    """Why does the candidate differ from the reference? Each is held against the declared spec, and explained if it departs.

    facts: not needed for the answer; parity counts every scenario's own.
    """
    fitter = fitter or Fitter(study, frame)
    sides: dict[Side, Estimate] = {"candidate": candidate, "reference": reference}
    allowed = precision(reference.accuracy, candidate.accuracy)
    answers = {
        side: _explained(fitter, spec, from_estimate(estimate, allowed), catalogue, side, watch=watch)
        for side, estimate in sides.items()
    }
    return _both(answers["candidate"], answers["reference"])


def explain_targets(
    study: Study, spec: Spec, frame: pd.DataFrame, targets: Sequence[TargetNumber],
    *, catalogue: tuple[Cause, ...] = CAUSES, fitter: Fitter | None = None, stars: tuple[float, ...] = STARS,
    most: int = MOST_CAUSES, printed_by: str = "", ratios: bool = False, watch: Watch = unwatched,
) -> Explanation:  # fmt: skip
    """Where do these printed numbers come from? Each stands for its rounding interval, stars for a range of p.

    stars: cuts of p that the page announces; most: causes at once; watch: see `parity.base.watching`
    printed_by: the software whose numbers they are, where it is known: what it can't give ranks behind what it can
    ratios: whether exp(b) is printed of each coefficient; what happens on the page itself isn't tried then
    """
    fitter = fitter or Fitter(study, frame)
    observed = from_text(targets)
    if ratios:
        of_coefficients = of_ratios(observed, fitter.numbers(Scenario(spec)))
        if of_coefficients is None:
            return Explanation(verdict="disagree")
        observed = of_coefficients
        catalogue = tuple(c for c in catalogue if c.layer != "printing")
    return _explained(fitter, spec, observed, catalogue, "candidate", stars, most, printed_by, watch)


def _explained(
    fitter: Fitter, spec: Spec, observed: Observed, catalogue: tuple[Cause, ...], side: Side,
    stars: tuple[float, ...] = STARS, most: int = MOST_CAUSES, printed_by: str = "", watch: Watch = unwatched,
) -> Explanation:  # fmt: skip
    decimals = tuple(((t.quantity, t.term), t.decimals) for t in observed.targets if t.decimals is not None)
    base = Scenario(spec, raw=observed.raw, decimals=decimals, stars=stars)
    numbers = fitter.numbers(base)
    if numbers is not None and not observed.failing(numbers).any():
        return Explanation(verdict="agree")
    reach = _within_rounding(fitter, base, observed, numbers, catalogue)
    certain = reach is not None and numbers is not None and reach.certain(observed, numbers)
    # where rounding explains all, single causes are rivals, and combinations of them are not
    result = Search(fitter, observed, base, catalogue, watch).run(1 if certain else most)
    by = software.of(printed_by, catalogue)
    ordered = sorted(result.solutions, key=lambda f: _plausibility(f, by))
    causes = _unique((f, _solution(f, observed, base, fitter, side, by)) for f in ordered)
    likeliest = _one_of_each(sorted(result.possible, key=lambda f: _plausibility(f, by)))
    possible = _unique((f, _solution(f, observed, base, fitter, side, by)) for f in likeliest)
    if reach is not None and numbers is not None:
        rounding = _rounding(reach, observed, numbers, side, catalogue, certain)
        slips = all(any(c.id in _SLIPS for c in s.causes) for s in causes)
        if certain and slips:
            causes, possible = (rounding,), (*causes, *possible)
        else:
            possible = (*possible, rounding)
    named = {c for s in causes for c in s.ids} | {s.ids[0] for s in possible if len(s.ids) == 1}  # fit, by chance or not
    misses = {id: r for id, r in result.tried.items() if id not in named}
    nearest = min(misses.items(), key=lambda item: item[1], default=None)
    return Explanation(
        verdict=verdict_of(causes),
        causes=causes,
        possible=possible,
        ruled_out=tuple(misses),
        nearest=Miss(id=nearest[0], residual=nearest[1]) if nearest else None,
        untried=result.untried,
        worlds=result.scenarios,
        stopped=result.stopped,
    )


def _within_rounding(
    fitter: Fitter, base: Scenario, observed: Observed, numbers: Numbers | None, catalogue: tuple[Cause, ...]
) -> Reach | None:
    """The smallest reach of arithmetic that holds every number, where the numbers are typed ones."""
    known = {c.id for c in catalogue}
    if numbers is None or observed.complete or "ill-conditioned-columns" not in known:
        return None
    off = observed.residual(numbers)
    if not off < MOST_ROUNDING:
        return None
    return next((r for r in reaches(fitter, base) if r.cause in known and r.holds(observed, numbers)), None)


def _rounding(
    reach: Reach, observed: Observed, numbers: Numbers, side: Side, catalogue: tuple[Cause, ...], certain: bool
) -> Solution:
    cause = next(c for c in catalogue if c.id == reach.cause)
    return Solution(
        causes=(reach.named(cause),), residual=observed.residual(numbers), side=side,
        reproduced=tuple(f"{t.quantity} {t.term}".strip() for t in observed.targets),
        chance=0.0 if certain else 1.0,
    )  # fmt: skip


def _both(candidate: Explanation, reference: Explanation) -> Explanation:
    """Both sides against the declared spec: what one of them departs by, or both."""
    if reference.verdict == "agree" or (candidate.verdict == "disagree" and not candidate.causes):
        return candidate
    if candidate.verdict == "agree" or not reference.causes:
        return reference
    causes = (*candidate.causes, *reference.causes)
    return candidate.model_copy(update={"verdict": verdict_of(causes), "causes": causes})


def _plausibility(found: Found, by: str) -> tuple:
    """What is listed first: no slip of single numbers, nothing that the software can't give, few causes, likely groups."""
    causes = [s.cause for s in found.path.steps]
    return (
        any(c.one_number for c in causes), not all(c.given_by(by) for c in causes), found.path.cost,
        [GROUPS.index(c.group) for c in causes], any(c.parametrised for c in causes), found.residual,
    )  # fmt: skip


def _one_of_each(found: Sequence[Found]) -> list[Found]:
    """Of what may fit by chance, the likeliest of each set of causes: a family may have hundreds."""
    kept: dict[tuple[str, ...], Found] = {}
    for f in found:
        kept.setdefault(tuple(s.cause.id for s in f.path.steps), f)
    return list(kept.values())


def _unique(found: Iterable[tuple[Found, Solution]]) -> tuple[Solution, ...]:
    """Each answer once. Of a cause without free parameter the first variant speaks for all that fit."""
    seen: dict[tuple, Solution] = {}
    for f, s in found:
        free = any(step.cause.parametrised for step in f.path.steps)
        seen.setdefault(tuple((c.id, tuple(c.parameters.items()) if free else ()) for c in s.causes), s)
    return tuple(seen.values())


def _solution(found: Found, observed: Observed, base: Scenario, fitter: Fitter, side: Side, by: str) -> Solution:
    named, before = [], base
    for step in found.path.steps:
        cause = step.cause
        named.append(
            NamedCause(
                id=cause.id, group=cause.group, source=cause.source,
                sentence=sentences.filled(cause.sentence, step, before, fitter),
                formula=sentences.filled(cause.formula, step, before, fitter),
                how={engine: sentences.filled(text, step, before, fitter) for engine, text in cause.how.items()},
                avoids={engine: sentences.filled(text, step, before, fitter) for engine, text in cause.avoids.items()},
                parameters={name: str(value) for name, value in step.parameters},
            )
        )  # fmt: skip
        before = step.scenario
    reproduced = tuple(f"{t.quantity} {t.term}".strip() for t in observed.targets)
    return Solution(
        causes=tuple(named), residual=found.residual, reproduced=reproduced, side=side, profile=found.path.profile,
        chance=float(np.clip(found.chance, 0.0, 1e9)),
        no_way=next((by for s in found.path.steps if not s.cause.given_by(by)), ""),
    )  # fmt: skip
