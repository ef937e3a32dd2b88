"""Wild cluster bootstrap of the specifications that an audit's sentences rest on, as a study's own `[wild]` does it.

With few clusters a clustered t rejects too often; Cameron, Gelbach and Miller (2008) show by how much, and that multiplying
each cluster's restricted residuals by a random sign does better. Of several cluster variables signs go by the one with the
fewest clusters (MacKinnon, Nielsen and Webb 2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.analyses.resampling.find import find_wild
from parity.analyses.resampling.sample import Rows, prepare
from parity.audit.kept import as_study
from parity.audit.outcomes import Outcomes
from parity.audit.space import Space
from parity.base.errors import Unestimable
from parity.base.values import name_of
from parity.results.audit_sensitivity import FewestRemoved
from parity.study.analyses.contract import not_least_squares
from parity.study.analyses.resampling import MOST_EFFECTS, WildSettings

if TYPE_CHECKING:
    import pandas as pd

#: Draws; every combination of signs where these are no more, which is so up to ten clusters.
DRAWS = 1_999
#: Clusters beyond which t is as good, and draws would take memory.
MOST_CLUSTERS = 500


@dataclass(frozen=True)
class Wild:
    """which, spec: as it was picked; clusters: by whom factors go; draws: made, or all there are; p: symmetric."""

    which: str
    spec: int
    clusters: int
    draws: int
    p: float


def wild_of(space: Space, outcomes: Outcomes, picked: Mapping[str, int]) -> tuple[tuple[Wild, ...], tuple[str, ...]]:
    """Of those that are clustered and plain least squares; and why others that are clustered have none."""
    notes: dict[str, None] = {}
    found = list(_each(space, outcomes, picked, notes))
    return tuple(found), tuple(notes)


def _each(space: Space, outcomes: Outcomes, picked: Mapping[str, int], notes: dict[str, None]) -> Iterator[Wild]:
    for which, number in picked.items():
        found = _of_spec(space, tuple(int(c) for c in outcomes.choices[number]), space.frame, notes)
        if found is not None:
            yield Wild(which, number, *found[:3])


def p_of(space: Space, outcomes: Outcomes, number: int) -> float | None:
    """Of one specification; None where it has none."""
    found = _of_spec(space, tuple(int(c) for c in outcomes.choices[number]), space.frame, {})
    return None if found is None else found[2]


def p_without(space: Space, removed: FewestRemoved) -> float | None:
    """Of the audited specification without one group or row; None where it has none, or where other rows would go too."""
    (group,) = removed.removed
    if removed.kind in space.frame:
        gone = np.array([name_of(v) for v in space.frame[removed.kind].tolist()]) == group
    else:
        gone = np.arange(1, len(space.frame) + 1) == int(group)
    found = _of_spec(space, tuple(c.base for c in space.choices), space.frame[~gone].reset_index(drop=True), {})
    return None if found is None or removed.after is None or found[3] != removed.after.nobs else found[2]


def _of_spec(
    space: Space, at: tuple[int, ...], frame: pd.DataFrame, notes: dict[str, None]
) -> tuple[int, int, float, int] | None:
    """Clusters, draws, p and rows; None, and a note where that is no matter of course, where there are none."""
    spec = space.specification(at, "audit")
    if spec.vcov.kind not in ("CR0", "CR1"):
        return None
    if not_least_squares(spec) or len(spec.formula.effects) > MOST_EFFECTS:
        notes["Wild bootstrap: it is for least squares without instruments and weights, of two effects at most."] = None
        return None
    settings = WildSettings(
        spec=spec.id, term=space.term_in(at), draws=DRAWS, seed=space.settings.seed,
        bootcluster=min(spec.vcov.cluster, key=lambda c: frame[c].nunique()),
    )  # fmt: skip
    study = as_study(space, {spec.id: at}).model_copy(update={"wild": {"p": settings}})
    ((_, rows),) = prepare(study, frame)
    try:
        if not isinstance(rows, Rows):
            raise Unestimable(str(rows))
        if len(rows.labels) > MOST_CLUSTERS:
            notes[f"Wild bootstrap: with more than {MOST_CLUSTERS:,} clusters t is as good."] = None
            return None
        made = find_wild(rows, rows.wild_draws())
    except Unestimable as problem:
        notes[f"Wild bootstrap: {problem}."] = None
        return None
    return len(rows.labels), len(made["replicate"]), made["p"], len(rows.y)
