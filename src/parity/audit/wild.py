"""Wild cluster bootstrap of the specifications that an audit's sentences rest on, as a study's own `[wild]` does it.

With few clusters a clustered t rejects too often; Cameron, Gelbach and Miller (2008) show by how much, and that multiplying
each cluster's restricted residuals by a random sign does better. Of several cluster variables signs go by the one with the
fewest clusters (MacKinnon, Nielsen and Webb 2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from parity.analyses.resampling.find import find_wild
from parity.analyses.resampling.sample import Rows, prepare
from parity.audit.kept import as_study
from parity.audit.outcomes import Outcomes
from parity.audit.space import Space
from parity.base.errors import Unestimable
from parity.study.analyses.contract import not_least_squares
from parity.study.analyses.resampling import MOST_EFFECTS, WildSettings

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
        at = tuple(int(c) for c in outcomes.choices[number])
        spec = space.specification(at, f"audit-{number}")
        if spec.vcov.kind not in ("CR0", "CR1"):
            continue
        if not_least_squares(spec) or len(spec.formula.effects) > MOST_EFFECTS:
            notes["Wild bootstrap: it is for least squares without instruments and weights, of two effects at most."] = None
            continue
        settings = WildSettings(
            spec=spec.id, term=space.term_in(at), draws=DRAWS, seed=space.settings.seed,
            bootcluster=min(spec.vcov.cluster, key=lambda c: space.frame[c].nunique()),
        )  # fmt: skip
        study = as_study(space, {spec.id: at}).model_copy(update={"wild": {"p": settings}})
        for _, rows in prepare(study, space.frame):
            try:
                if not isinstance(rows, Rows):
                    raise Unestimable(str(rows))
                if len(rows.labels) > MOST_CLUSTERS:
                    notes[f"Wild bootstrap: with more than {MOST_CLUSTERS:,} clusters t is as good."] = None
                    continue
                made = find_wild(rows, rows.wild_draws())
            except Unestimable as problem:
                notes[f"Wild bootstrap: {problem}."] = None
            else:
                yield Wild(which, number, len(rows.labels), len(made["replicate"]), made["p"])
