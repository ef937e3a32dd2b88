"""Random panels on which two engines answer one spec: `python tests/random_panels.py 200` prints how far they are apart.

Unbalanced, with singletons, in one or two components, weighted or not, with clusters in which units are nested.
"""

from __future__ import annotations

import math
import sys
from dataclasses import replace

import numpy as np

from brute import random_design
from parity.base.errors import Unestimable
from parity.compare.harmonise import harmonise
from parity.conventions.facts import count
from parity.engines import engine
from parity.results.estimate import Declined
from parity.sample.build import deviations, singletons_dropped
from parity.sample.design import Design
from parity.study.spec import Spec

CANDIDATE, REFERENCE = "py-moments", "py-pyfixest"


def random_case(seed: int) -> tuple[Spec, Design]:
    """A spec and its sample; regions hold three units each, and every second sample has its singletons dropped."""
    rng = np.random.default_rng(seed)
    design = random_design(seed)
    if design.endog.shape[1] and seed % 2:  # pyfixest drops singletons from its first stage only
        design = replace(design, endog=design.endog[:, :0], endog_names=(), z=design.z[:, :0], z_names=())
    if design.effects and rng.random() < 0.5:
        keep = singletons_dropped(design.effects)
        design = design.take(keep) if keep.sum() > 20 else design
    design = _compact(replace(design, clusters=design.clusters | {"region": design.unit // 3}))
    vcov = [
        "iid", "HC0", {"cluster": ["unit"]}, {"cluster": ["region"]}, {"cluster": ["unit", "time"]},
        {"cluster": ["region", "time"], "type": "CR0"},
    ][int(rng.integers(6))]  # fmt: skip
    clusters = vcov["cluster"] if isinstance(vcov, dict) else []
    design = replace(design, clusters={name: design.clusters[name] for name in clusters})
    left = " + ".join((*design.x_names,))
    right = f" | {' + '.join(design.effects) or 0}" if design.effects or design.endog_names else ""
    right += f" | {' + '.join(design.endog_names)} ~ {' + '.join(design.z_names)}" if design.endog_names else ""
    start = "" if design.intercept or design.effects or design.endog_names else "0 + "
    weights = {"weights": {design.weight_kind: "w"}} if design.weight_kind else {}
    profile = ["fixest", "reghdfe", "areg", "lm"][int(rng.integers(4))]
    spec = Spec(id=f"panel {seed}", formula=f"y ~ {start}{left}{right}", vcov=vcov, convention=profile, **weights)
    return spec, replace(design, facts=_counted(design), unit_name="unit", time_name="time")


def _compact(design: Design) -> Design:
    def fresh(codes):
        return {name: np.unique(code, return_inverse=True)[1] for name, code in codes.items()}

    return replace(design, effects=fresh(design.effects), clusters=fresh(design.clusters))


def _counted(design: Design):
    n = design.weights.sum() if design.weight_kind == "frequency" else design.nobs
    counted = count(
        design.effects, design.clusters, nobs=design.nobs, nobs_weighted=float(n), n_slopes=len(design.terms),
        intercept=design.intercept,
    )  # fmt: skip
    return replace(counted, deviations=deviations(design)) if len(design.clusters) > 1 else counted


def distance(spec: Spec, design: Design) -> float | None:
    """The largest difference of any quantity on its own scale; None where one of the two declines, or nothing is left."""
    try:
        sides = [harmonise(_answer(name, spec, design), design.facts, spec) for name in (CANDIDATE, REFERENCE)]
    except Unestimable:
        return None
    ours, theirs = sides[0].quantities, sides[1].quantities
    assert set(sides[1].required) <= set(ours) and set(sides[0].required) <= set(theirs)
    return max(_apart(ours[key], theirs[key]) for key in set(ours) & set(theirs))


def _apart(ours, theirs) -> float:
    """A variance by two clusters may be negative: then neither side may have a standard error."""
    if math.isnan(ours.value) or math.isnan(theirs.value):
        return 0.0 if math.isnan(ours.value) and math.isnan(theirs.value) else math.inf
    scale = theirs.scale if theirs.scale > 0 else 1.0
    return abs(ours.value - theirs.value) / scale


def _answer(name: str, spec: Spec, design: Design):
    one = engine(name)
    answer = one.declines(spec, "unit", "time") or one.estimate(spec, design)
    if isinstance(answer, Declined):
        raise Unestimable(f"{name}: {answer.reason}")
    return answer


def main(panels: int) -> int:
    apart, skipped, seed = {}, 0, 0
    while len(apart) < panels:
        spec, design = random_case(seed)
        found = distance(spec, design)
        seed += 1
        if found is None:
            skipped += 1
            continue
        apart[seed - 1] = found
    worst = max(apart, key=apart.__getitem__)
    print(f"{CANDIDATE} and {REFERENCE} on {len(apart)} random panels ({skipped} more declined by one of them):")
    median = np.median([*apart.values()])
    print(f"largest relative difference of any quantity {apart[worst]:.1e} (panel {worst}), median {median:.1e}")
    return int(apart[worst] > 1e-9)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
