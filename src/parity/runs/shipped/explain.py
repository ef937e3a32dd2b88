"""Inside a worker: why does an engine as shipped differ from the reference? Explanations travel as JSON."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from parity.base.tolerance import EXACT
from parity.base.watching import Watch, unwatched
from parity.diagnose import Explanation, explain_estimate
from parity.diagnose.catalogue import CAUSES
from parity.diagnose.cause import Cause
from parity.diagnose.explanation import NamedCause, Solution
from parity.diagnose.fitter import Fitter
from parity.diagnose.observed import from_estimate
from parity.diagnose.scenario import Scenario
from parity.results.estimate import Estimate
from parity.runs.worker import frame_of
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

#: Fitters a worker keeps: neighbouring tasks explain several engines of one study.
BENCHES_KEPT = 2
_benches: OrderedDict[str, Fitter] = OrderedDict()


def explain_call(study: Study, spec: Spec, data_hash: str, reference: Estimate, shipped: Estimate,
                 tight: Estimate | None) -> bytes:  # fmt: skip
    """`explain` with the study's data, in a worker; JSON of an `Explanation`."""
    key, frame = frame_of(study, data_hash)
    if str(key) not in _benches:
        _benches[str(key)] = Fitter(study, frame)
        while len(_benches) > BENCHES_KEPT:
            _benches.popitem(last=False)
    fitter = _benches[str(key)]
    return explain(study, spec, frame, reference, shipped, tight, fitter=fitter).model_dump_json().encode()


def explain(
    study: Study, spec: Spec, frame: pd.DataFrame, reference: Estimate, shipped: Estimate, tight: Estimate | None,
    *, catalogue: tuple[Cause, ...] = CAUSES, fitter: Fitter | None = None, watch: Watch = unwatched,
) -> Explanation:  # fmt: skip
    """Why does `shipped` differ from `reference`? To closed-form precision, whatever the engine claims.

    tight: the same engine asked again in a way that does without one cause of the catalogue, `tight.avoids` (a tolerance,
    columns that cost digits). Where that cause hides what a convention would give, `tight` is explained instead, and the
    cause is named as one more: it is proven by the engine itself.
    """

    def why(estimate: Estimate) -> Explanation:
        found = explain_estimate(
            study, spec, frame, reference, closed_form(estimate), catalogue=catalogue, fitter=fitter, watch=watch
        )
        # what fits alike is listed all the same, but an engine is the last to misprint
        ordered = sorted(found.causes, key=lambda s: any(c.group == "printing" for c in s.causes))
        return found.model_copy(update={"causes": tuple(ordered)})

    cause = next((c for c in catalogue if tight is not None and c.id == tight.avoids), None)
    first = cause is not None and tight is not None and _nearer(tight, shipped, reference)
    as_it_is = None if first else why(shipped)
    if as_it_is is not None and (tight is None or cause is None or _exact(as_it_is)):
        return as_it_is
    assert tight is not None and cause is not None
    refined = why(tight)
    if not _exact(refined):
        return as_it_is if as_it_is is not None else why(shipped)
    numbers = (fitter or Fitter(study, frame)).numbers(Scenario(spec))
    left = from_estimate(closed_form(tight), EXACT).residual(numbers) if numbers is not None else 0.0
    return _with_cause(cause, refined, shipped, tight, left)


def _nearer(tight: Estimate, shipped: Estimate, reference: Estimate) -> bool:
    """Whether the cause alone brings the coefficients to the reference's: no other design need be searched for."""
    if not tight.terms == shipped.terms == reference.terms:
        return False
    wanted = np.array(reference.coef)
    size = np.maximum(np.abs(wanted), np.sqrt(np.abs(np.diag(np.array(tight.parts[0].matrix)))))
    off = [np.max(np.abs(np.array(e.coef) - wanted) / size, initial=0.0) for e in (tight, shipped)]
    return bool(off[0] <= EXACT < off[1])


def _exact(why: Explanation) -> bool:
    """Whether nothing that closed forms would differ by is left."""
    return why.verdict == "agree" or any(s.residual <= EXACT for s in why.causes)


def closed_form(estimate: Estimate) -> Estimate:
    """The estimate held to closed-form precision: as shipped, a loose tolerance is a cause and no excuse."""
    return estimate.model_copy(update={"accuracy": "exact"}) if estimate.accuracy == "iterative" else estimate


def _with_cause(cause: Cause, refined: Explanation, shipped: Estimate, tight: Estimate, left: float) -> Explanation:
    """The explanation of the tight estimate, and the cause it avoids. left: what parts it from the declared convention."""
    named = NamedCause(
        id=cause.id, group=cause.group, sentence=cause.sentence,
        formula=cause.formula.format(**_moved(shipped, tight)), source=cause.source, how=dict(cause.how),
    )  # fmt: skip
    reproduced = tuple(f"coef {t}" for t in shipped.terms)
    alone = Solution(causes=(named,), residual=left, reproduced=reproduced)
    solutions = tuple(s.model_copy(update={"causes": (named, *s.causes)}) for s in refined.causes) or (alone,)
    return refined.model_copy(update={"verdict": "explained", "causes": solutions})


def _moved(shipped: Estimate, tight: Estimate) -> dict[str, str]:
    """How far the tolerance moves coefficients and standard errors, a share of each; off: coefficients, in errors."""
    errors = [np.sqrt(np.abs(np.diag(np.array(e.parts[0].matrix)))) for e in (shipped, tight)]
    pairs = {"coef": (np.array(shipped.coef), np.array(tight.coef)), "se": (errors[0], errors[1])}
    shares = {name: np.max(np.abs(a - b)[b != 0] / np.abs(b[b != 0]), initial=0.0) for name, (a, b) in pairs.items()}
    some = errors[1] > 0
    shares["off"] = np.max(np.abs(pairs["coef"][0] - pairs["coef"][1])[some] / errors[1][some], initial=0.0)
    return {name: f"{share:.1e}" for name, share in shares.items()}
