"""From the statistics of an audit to the value that is kept as JSON and printed (`parity.results.audit`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from parity.audit.decomposition import decomposition
from parity.audit.hangs import Wilds, hangs
from parity.audit.joint import Joint
from parity.audit.outcomes import Axis, Outcomes
from parity.audit.overturned import overturned
from parity.audit.sensitivity.influence import Influence
from parity.audit.sensitivity.removal import Removal
from parity.audit.summary import LEVELS, summary
from parity.audit.wild import Wild
from parity.results import audit as kept
from parity.results.audit_inference import JointInference, JointStatistic, WildP
from parity.results.audit_sensitivity import (
    AuditEstimate,
    Confounding,
    FewestRemoved,
    LeftOutOneByOne,
    OsterBound,
    Sensitivity,
)


def document(
    outcomes: Outcomes, *, name: str, spec: str, term: str, study: str = "", level: float = 0.05,
    levels: Sequence[float] = LEVELS, drawn_of: int | None = None, same: int = 0,
    joint: JointInference | None = None, sensitivity: Sensitivity | None = None,
    extremes: Sequence[kept.Extreme] = (), wild: Sequence[Wild] = (), notes: Sequence[str] = (), seed: int = 1,
    wilds: Wilds | None = None, printed: AuditEstimate | None = None,
    words: Mapping[str, Mapping[str, str]] | None = None,
) -> kept.Audit:  # fmt: skip
    """Summary, decompositions and overturns are made here; what takes draws, data or engines is handed over.

    words: choice -> option -> what it is, where its name doesn't say it
    """
    some = bool(outcomes.estimable.any())
    return kept.Audit(
        study=study, name=name, spec=spec, term=term, level=level, drawn_of=drawn_of, same=same, printed=printed,
        axes=tuple(_axis(a, (words or {}).get(a.name, {})) for a in outcomes.axes),
        summary=summary(outcomes, tuple(sorted({level, *levels}))),
        hangs=hangs(outcomes, level, sensitivity.removals if sensitivity else (), seed, wilds),
        decomposition=tuple(decomposition(outcomes, what, seed=seed) for what in ("coef", "se", "p") if some),
        overturned=overturned(outcomes, (level,)),
        joint=joint, sensitivity=sensitivity, extremes=tuple(extremes),
        wild=tuple(
            WildP(which=w.which, spec=w.spec, clusters=w.clusters, draws=w.draws, p=float(outcomes.p[w.spec]), wild=w.p)
            for w in wild
        ),
        notes=tuple(notes),
    )  # fmt: skip


def _axis(axis: Axis, words: Mapping[str, str]) -> kept.AuditAxis:
    said = tuple(words.get(option, "") for option in axis.options) if words else ()
    return kept.AuditAxis(name=axis.name, options=axis.options, base=axis.base, words=said)


def joint_inference(outcomes: Outcomes, found: Joint, how: str = "") -> JointInference:
    """how: how the draws were made, in words."""
    base = outcomes.base
    return JointInference(
        draws=found.draws, level=found.level, how=how, direction=found.direction, missing=found.missing,
        statistics=tuple(
            JointStatistic(
                name=s.name, observed=s.observed, p=s.p, at_least=s.at_least,
                null=tuple(float(q) for q in np.quantile(s.null, [0.05, 0.5, 0.95])),
            )
            for s in found.statistics
        ),
        significant=found.significant(), least=float(np.nanmin(found.adjusted)),
        base=None if base is None or np.isnan(found.own[base]) else (float(found.own[base]), float(found.adjusted[base])),
    )  # fmt: skip


def sensitivity(
    oster: OsterBound | None = None, omitted: Confounding | None = None, left_out: Sequence[Influence] = (),
    removals: Sequence[Removal] = (), notes: Sequence[str] = (),
) -> Sensitivity:  # fmt: skip
    """What was found of the audited specification by itself."""
    return Sensitivity(
        oster=oster,
        omitted=omitted,
        left_out=tuple(_as(LeftOutOneByOne, i) for i in left_out),
        removals=tuple(_as(FewestRemoved, r) for r in removals),
        notes=tuple(notes),
    )


def extreme_specs(outcomes: Outcomes, level: float = 0.05) -> dict[str, int]:
    """Why -> which specification: those worth estimating again by all engines, none twice; the audited one first."""
    good = np.flatnonzero(outcomes.estimable)
    if not len(good):
        return {}
    wanted: list[tuple[str, int]] = []
    if outcomes.base is not None and outcomes.estimable[outcomes.base]:
        wanted.append(("audited", outcomes.base))
    for why, values in (
        ("smallest coefficient", outcomes.coef), ("largest coefficient", -outcomes.coef), ("smallest p", outcomes.p),
        ("largest p", -outcomes.p), ("smallest standard error", outcomes.se), ("largest standard error", -outcomes.se),
    ):  # fmt: skip
        wanted.append((why, int(good[np.argmin(values[good])])))
    wanted += [
        ({"sign": "other sign, fewest changes", "ends": "not significant, fewest changes"}.get(
            o.claim, "significant, fewest changes"), o.sets[0].spec)
        for o in overturned(outcomes, (level,)) if o.sets
    ]  # fmt: skip
    found: dict[str, int] = {}
    for why, spec in wanted:
        if spec not in found.values():
            found[why] = spec
    return found


def extreme(outcomes: Outcomes, which: str, spec: int, verdict: str = "", engines: int = 0, digits: float | None = None):
    """One of them as it is kept, with the verdict of its comparison."""
    base = outcomes.base_options
    differs = {
        a.name: a.options[int(o)] for a, o, b in zip(outcomes.axes, outcomes.choices[spec], base, strict=True) if o != b
    }
    return kept.Extreme(
        which=which, spec=spec, chosen=differs, coef=float(outcomes.coef[spec]), se=float(outcomes.se[spec]),
        p=float(outcomes.p[spec]), verdict=verdict, engines=engines, digits=digits,
    )  # fmt: skip


def _as(kind, found):
    """A frozen dataclass as the value of the same fields; what the value has no field for (arrays) is left out."""
    return kind.model_validate(found, from_attributes=True)
