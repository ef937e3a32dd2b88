"""An audit as one value: kept as JSON and read again, with what is optional left out."""

from __future__ import annotations

import json

import numpy as np

from made_outcomes import bounds_by_hand, made
from parity.audit.document import document, extreme, extreme_specs, joint_inference, sensitivity
from parity.audit.joint import joint
from parity.audit.overturned import overturned
from parity.audit.sensitivity.removal import Removal
from parity.audit.single import Estimated
from parity.audit.summary import summary
from parity.results.audit import Audit


def outcomes(seed: int = 1):
    rng = np.random.default_rng(seed)
    coef = rng.normal(1, 0.6, 24)
    coef[5] = np.nan
    return made((2, 3, 4), lambda c: coef, p=rng.random(24) ** 3, notes={5: "collinear"})


def test_what_was_found_stands_in_the_value_and_survives_json():
    of = outcomes()
    rng = np.random.default_rng(2)
    draws = rng.normal(size=(50, 24))
    found = joint(of, [(draws, draws)])
    extra = sensitivity(
        *bounds_by_hand(bounded=float("nan"), significant=0.1),
        removals=[Removal("sign", 0.05, "firm", 20, 3, 2, ("a", "b"), 8, Estimated(-0.1, 0.2, 0.6, 17.0, 72.0), False)],
    )
    again = extreme(of, "largest coefficient", 7, "agree", 5, 12.5)
    audit = document(
        of, name="wide", spec="main", term="x", study="s", joint=joint_inference(of, found, "signs flipped"),
        sensitivity=extra, extremes=[again],
    )  # fmt: skip
    kept = Audit.model_validate_json(audit.model_dump_json(by_alias=True))
    assert kept.model_dump_json() == audit.model_dump_json()
    raw = json.loads(audit.model_dump_json(by_alias=True))
    assert raw["schema"] == "parity-audit/1" and raw["sensitivity"]["oster"]["bounded"] == "NaN"
    assert kept.summary.median == summary(of).median and kept.summary.reasons == (("collinear", 1),)
    assert [m.what for m in kept.decomposition] == ["coef", "se", "p"] and kept.decomposition[0].method == "regression"
    assert [o.fewest for o in kept.overturned] == [o.fewest for o in overturned(of)]
    assert kept.joint.significant == found.significant() and kept.joint.base[1] == found.adjusted[of.base]
    assert kept.sensitivity.removals[0].after.coef == -0.1 and kept.sensitivity.omitted.bounds[0].control == "w"
    assert kept.extremes[0].chosen == {k: v for k, v in of.chosen(7).items() if v != "o0"}


def test_nothing_but_the_numbers_is_needed():
    audit = document(made((2, 2), lambda c: c[:, 0] + 1.0), name="n", spec="s", term="x")
    assert audit.joint is None and audit.sensitivity is None and audit.extremes == ()
    assert audit.decomposition[0].shares[0].shapley == 1


def test_an_audit_without_any_estimate_is_kept_too():
    audit = document(made((2, 2), lambda c: np.full(4, np.nan)), name="n", spec="s", term="x")
    assert audit.summary.estimable == 0 and audit.decomposition == () and audit.overturned == ()
    assert Audit.model_validate_json(audit.model_dump_json(by_alias=True)).summary.specs == 4


def test_extremes_are_named_once_the_audited_first():
    of = outcomes()
    found = extreme_specs(of)
    assert next(iter(found)) == "audited" and len(set(found.values())) == len(found)
    assert found["largest coefficient"] == int(np.nanargmax(of.coef)) and 5 not in found.values()
    turned = extreme_specs(made((2, 2, 2), lambda c: np.array([1.0, -1.0, 4.0, -5.0, 1.5, 2.0, 2.5, 3.5])))
    assert turned["other sign, fewest changes"] == 1 and turned["smallest coefficient"] == 3
