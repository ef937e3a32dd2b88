"""A whole audit: every specification, joint inference, sensitivity of the audited one, and the extremes in every engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from parity.audit import document
from parity.audit.filled import fill
from parity.audit.hangs import Wilds
from parity.audit.joint import joint
from parity.audit.null import null_of
from parity.audit.outcomes import Outcomes
from parity.audit.plan import Plan, plan_of
from parity.audit.run import axes, outcomes
from parity.audit.same import counted_once
from parity.audit.sensitivity.influence import influence
from parity.audit.sensitivity.omitted import omitted
from parity.audit.sensitivity.oster import oster
from parity.audit.sensitivity.partialled import partialled
from parity.audit.sensitivity.refit import of_design
from parity.audit.sensitivity.removal import Known, aims, removal
from parity.audit.single import of_spec
from parity.audit.space import Space, space_of
from parity.audit.store import Store, audit_key, written
from parity.audit.verified import verified
from parity.audit.wild import p_of, p_without, wild_of
from parity.base.cache import AnswerCache, default_folder
from parity.base.cluster import Wanted as Workers
from parity.base.cluster import cluster
from parity.base.errors import Unestimable
from parity.base.tolerance import MOST_DIGITS
from parity.base.values import name_of
from parity.data.derive.variants import in_words
from parity.engines.base import Engine
from parity.results import audit as kept
from parity.results.audit_inference import JointInference
from parity.results.audit_sensitivity import AuditEstimate, Sensitivity
from parity.sample.build import build_design
from parity.study.study import Study

#: Rows beyond which single ones are not left out one by one: the groups are.
MOST_ROWS = 5_000
#: Specifications beyond which parts are kept on disk whoever estimates them.
MOST_HELD = 100_000
#: Of significance, what sentences speak of where it is among the levels asked for; else of the largest of them.
LEVEL = 0.05


@dataclass(frozen=True)
class Wanted:
    """What is done beside estimating every specification.

    draws     of whole clusters for joint inference, 0: none, and no wild bootstrap
    cluster   whose, by default the audited spec's or the unit's
    parquet   where every specification is written, if anywhere
    workers   Dask's, if they are to estimate
    store     folder where parts are kept as they end, by default parity's cache, which they leave when all is done
    again     whether the extremes are estimated again, in `engines` (None: all)
    """

    draws: int = 500
    cluster: str | None = None
    parquet: Path | None = None
    workers: Workers | None = None
    store: Path | None = None
    again: bool = True
    engines: Sequence[Engine] | None = None
    cache: AnswerCache | None = None


@dataclass(frozen=True)
class Found:
    """said: what is printed and kept; outcomes: every number.

    broken: whether an engine has another number than the audit, or nothing could be estimated.
    """

    said: kept.Audit
    outcomes: Outcomes
    broken: bool


def audited(
    study: Study, name: str, wanted: Wanted, progress: Callable[[int, int], None] = lambda done, total: None
) -> Found:
    """`[audit.NAME]` of a study. Raises `InputError`, and `OSError` where a file can't be written."""
    space = space_of(study, name)
    plan = plan_of(space)
    store = _store(space, plan, wanted)
    cached = store if store is not None and wanted.store is None else None
    with (
        cluster(wanted.workers) if wanted.workers else nullcontext() as those,
        cached.in_use() if cached else nullcontext(),
    ):
        if store is None:
            found = outcomes(space, plan, progress)
        else:
            fill(space, plan, store, those, progress)
            found = store.all(plan.count)
        found = counted_once(found, [j for j, c in enumerate(space.choices) if c.role == "where"])
        if wanted.parquet is not None:
            written(found.batches(), found.axes, wanted.parquet, found.first_stage is not None)
        said = _said(space, plan, found, study, name, wanted)
    if cached:
        cached.clear()
    return said


def _store(space: Space, plan: Plan, wanted: Wanted) -> Store | None:
    """None where the specifications are few and this process alone estimates them."""
    if wanted.workers is None and wanted.store is None and plan.count <= MOST_HELD:
        return None
    key = audit_key(space, plan)
    folder = wanted.store or default_folder() / "audits" / key[:32]
    return Store(folder, key, axes(space), len(plan.bundles()))


def _said(space: Space, plan: Plan, found: Outcomes, study: Study, name: str, wanted: Wanted) -> Found:
    notes = [*space.said]
    inference = _joint(space, plan, found, wanted, notes) if wanted.draws else None
    wild, why = wild_of(space, found, document.extreme_specs(found, level_of(space))) if wanted.draws else ((), ())
    notes += why
    extremes, broken = _extremes(space, found, wanted) if wanted.again else ((), False)
    broken = broken or not found.estimable.any()
    if not wanted.again:
        notes.append("Estimated by parity alone: no engine was asked for any of these numbers.")
    said = document.document(
        found, name=name, spec=space.spec.id, term=str(space.term), study=study.id, level=level_of(space),
        levels=space.settings.levels, drawn_of=plan.drawn_of,
        same=plan.same, joint=inference, sensitivity=_sensitivity(space), extremes=extremes, wild=wild, notes=notes,
        printed=_printed(space), seed=space.settings.seed, wilds=_wilds(space, found) if wanted.draws else None,
        words=dict(_words(space)),
    )  # fmt: skip
    return Found(said, found, broken)


def _words(space: Space) -> Iterator[tuple[str, dict[str, str]]]:
    """Choice -> option -> what it is: variants of an index, whose names only the study's file explains."""
    for choice in space.choices:
        index = space.study.index.get(str(choice.of)) if choice.name == f"index.{choice.of}" else None
        if index is not None:
            forms = index.forms()
            named = [o for o in choice.options if o in forms and not o.startswith("without ")]
            yield choice.name, {option: in_words(forms[""], forms[option]) for option in named}


def _printed(space: Space) -> AuditEstimate | None:
    """Of a common sample that isn't the audited spec's own: the spec on its own rows, as it was printed."""
    if space.common is None or not space.common.lost:
        return None
    try:
        found = vars(of_spec(space, space.common.printed, str(space.term), {}))
        return AuditEstimate(**{name: found[name] for name in AuditEstimate.model_fields})
    except Unestimable:
        return None


def level_of(space: Space) -> float:
    """The level of significance that sentences speak of."""
    levels = space.settings.levels
    return LEVEL if LEVEL in levels else levels[0]


def _wilds(space: Space, found: Outcomes) -> Wilds:
    return Wilds(lambda spec: p_of(space, found, spec), lambda removed: p_without(space, removed))


def _joint(space: Space, plan: Plan, found: Outcomes, wanted: Wanted, notes: list[str]) -> JointInference | None:
    cluster = wanted.cluster or next(iter(space.spec.vcov.cluster), None) or space.study.header.unit
    if cluster is None:
        notes.append("Joint inference: there are no clusters to draw; --cluster names their column.")
        return None
    try:
        null = null_of(space, plan, found, cluster, wanted.draws, space.settings.seed)
    except Unestimable as problem:
        notes.append(f"Joint inference: {problem}.")
        return None
    if len(null.which) < len(found):
        notes.append(
            f"Joint inference is about {len(null.which):,} of {len(found):,} specifications: those that are clustered by "
            f"`{cluster}` or assume iid errors, and have an estimate."
        )
    how = f"whole clusters of `{cluster}` drawn with replacement, each specification's own estimate taken out"
    return document.joint_inference(null.outcomes, joint(null.outcomes, null.batches(), level=level_of(space)), how)


def _extremes(space: Space, found: Outcomes, wanted: Wanted) -> tuple[tuple[kept.Extreme, ...], bool]:
    picked = document.extreme_specs(found, level_of(space))
    if not picked:
        return (), False
    again = verified(space, found, picked, engines=wanted.engines, cache=wanted.cache)
    said = tuple(
        document.extreme(
            found, one.name, one.spec, one.verdict if one.holds or one.verdict != "agree" else "disagree", len(one.engines),
            _digits(one.distance),
        )
        for one in again
    )  # fmt: skip
    return said, not all(one.holds for one in again)


def _digits(distance: float) -> float | None:
    if not math.isfinite(distance):
        return None
    return MOST_DIGITS if distance == 0 else min(MOST_DIGITS, -math.log10(distance))


def _sensitivity(space: Space) -> Sensitivity:
    """Of the audited spec by itself. What can't be had is a note."""
    notes: list[str] = []
    spec, term = space.spec, str(space.term)
    try:
        design = build_design(space.study, spec, space.frame)
        base = of_design(spec, design, term)
    except Unestimable as problem:
        return document.sensitivity(notes=[f"The audited specification has no estimate: {problem}."])
    unobserved = delta = None
    try:
        net = partialled(spec, design, term)
        unobserved = omitted(net, level=level_of(space))
        delta = oster(net) if net.controls.shape[1] else None
    except (Unestimable, ValueError) as problem:
        notes.append(f"Unobserved confounders: {problem}.")
    left_out, removals = [], []
    for kind, code, names in _groups(space, design.rows):
        known: Known = {}
        try:
            left_out.append(influence(spec, design, term, kind, base, code, names))
            removals += [
                removal(spec, design, term, aim, base, level=level_of(space), kind=kind, code=code, names=names, known=known)
                for aim in aims(base, level_of(space))
            ]
        except Unestimable as problem:
            notes.append(f"Without a {kind}: {problem}.")
    return document.sensitivity(delta, unobserved, left_out, removals, notes)


def _groups(space: Space, rows):
    """(what a group is, codes or None for rows, names): units, periods, other clusters, and rows where they are few."""
    header = space.study.header
    columns = dict.fromkeys(c for c in (header.unit, header.time, *space.spec.vcov.cluster) if c)
    for column in columns:
        codes, labels = pd.factorize(space.frame[column].iloc[rows], sort=True)
        if (codes >= 0).all() and len(labels) > 1:
            yield column, codes, tuple(name_of(v.item() if hasattr(v, "item") else v) for v in labels)
    if len(rows) <= MOST_ROWS:
        yield "row", None, None
