"""Draws under the null against samples that are drawn row by row and estimated anew."""

import numpy as np
import pandas as pd
import pytest

from audit.test_block import every, space
from parity.audit.joint import joint
from parity.audit.null import null_of
from parity.audit.plan import plan_of
from parity.audit.run import outcomes
from parity.base.errors import Unestimable

CLUSTER = "省份"


def anew(of, at, drawn):
    """Coefficient and t of a specification in a sample of these clusters, each copy a cluster and a unit of its own."""
    from dataclasses import replace

    from parity.audit.single import of_spec

    names = sorted(of.frame[CLUSTER].unique())
    copies = []
    for i, g in enumerate(drawn):
        copy = of.frame[of.frame[CLUSTER] == names[g]].copy()
        copy[CLUSTER] = f"copy {i}"
        copies.append(copy)
    frame = pd.concat(copies, ignore_index=True)
    found = of_spec(replace(of, frame=frame), of.specification(at), of.term_in(at), {})
    return found.coef, found.coef / found.se, found.se


@pytest.mark.parametrize(
    "settings",
    [
        {"spec": "baseline_6", "controls": "all", "absorb": [CLUSTER, "year"], "vcov": "iid", "convention": ["plm", "lm"]},
        {"spec": "iv_both", "controls": {"free": ["openness", "retail_share"]}, "where": ["year > 2015"]},
        {"spec": "baseline_6", "controls": {"at_most": 1}, "most": 12, "index": {"dt": ["pca"]}},
        {"spec": "baseline_6", "leave_out": "region"},
    ],
)
def test_a_draw_is_the_drawn_sample_estimated_anew(settings):
    """Where a sample has not all of the clusters, a draw of them has more or fewer of its own, and the factor G / (G - 1)
    of its own sample is not quite the draw's."""
    near = 0.05 if "leave_out" in settings else 1e-6
    of = space("digital_trade", **settings)
    plan = plan_of(of)
    found = outcomes(of, plan)
    null = null_of(of, plan, found, CLUSTER, draws=3, seed=5)
    rng = np.random.default_rng(1)
    for (coef, t), drawn in zip(null.batches(), null.draws.values, strict=True):
        for i in rng.choice(len(null.which), size=4):
            at = tuple(int(c) for c in null.outcomes.choices[i])
            b, _, se = anew(of, at, drawn)
            own = null.outcomes.coef[i]
            assert coef[0, i] == pytest.approx(b - own, rel=1e-7, abs=1e-10)
            assert t[0, i] == pytest.approx((b - own) / se, rel=near, abs=1e-9)


def test_all_specifications_that_have_the_clusters_are_drawn_and_no_other():
    of = space("digital_trade", spec="baseline_6", controls={"at_most": 1}, vcov=["iid", "HC1"], cluster=["year"])
    plan = plan_of(of)
    found = outcomes(of, plan)
    null = null_of(of, plan, found, CLUSTER, draws=2, seed=1)
    kinds = {found.chosen(int(i))["vcov"] for i in null.which}
    assert kinds == {"CR1 by 省份", "iid"}
    assert len(null.which) == len(found) // 2


def test_joint_statistics_of_a_study():
    of = space("digital_trade", spec="baseline_6", controls="all")
    plan = plan_of(of)
    found = outcomes(of, plan)
    null = null_of(of, plan, found, CLUSTER, draws=40, seed=2)
    said = joint(null.outcomes, null.batches())
    assert said.draws == 40
    assert said.missing == 0
    assert np.nanmin(said.adjusted) >= np.nanmin(said.own)


def test_one_cluster_is_nothing_to_draw():
    of = space("digital_trade", spec="baseline_6")
    of.frame["one"] = 1
    with pytest.raises(Unestimable, match="`one` has 1 clusters"):
        null_of(of, plan_of(of), every(of), "one", draws=2, seed=1)
