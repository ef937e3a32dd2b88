"""Wild bootstrap of what an audit rests on, against refits of every combination of signs by dummies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from conftest import ROOT
from parity.audit.outcomes import Outcomes
from parity.audit.run import axes
from parity.audit.space import space_of
from parity.audit.wild import wild_of
from parity.study.load import load_study


def space(name="value"):
    return space_of(load_study(ROOT / "docs" / "examples" / "audit"), name)


def at(of, **chosen):
    """The combination that differs from the audited one in these choices."""
    return tuple(c.options.index(chosen[c.name.replace(".", "_")]) if c.name.replace(".", "_") in chosen else c.base
                 for c in of.choices)  # fmt: skip


def found(of, **picked):
    """p of the wild bootstrap of combinations by name, and why others have none."""
    choices = np.array(list(picked.values()))
    n = len(choices)
    whole = Outcomes(axes(of), choices, *(np.ones(n) for _ in range(5)), {})
    return wild_of(of, whole, {name: i for i, name in enumerate(picked)})


def by_dummies(frame, code):
    """Share of all combinations of the clusters' signs whose |t| is at least the sample's, each refitted by hand."""
    y, x = frame["inv"].to_numpy(float), frame[["value", "capital"]].to_numpy(float)
    dummies = [(frame[c].to_numpy()[:, None] == frame[c].unique()).astype(float) for c in ("firm", "year")]
    nuisance = np.hstack([x[:, 1:], *dummies])
    groups = (code[:, None] == np.unique(code)).astype(float)
    left = x[:, 0] - nuisance @ np.linalg.lstsq(nuisance, x[:, 0], rcond=None)[0]
    whole = np.hstack([x[:, :1], nuisance])

    def t(outcome):
        b, *_ = np.linalg.lstsq(whole, outcome, rcond=None)
        return b[0] * (left @ left) / np.linalg.norm(groups.T @ (left * (outcome - whole @ b)))

    fitted = nuisance @ np.linalg.lstsq(nuisance, y, rcond=None)[0]
    drawn = [t(fitted + (y - fitted) * (groups @ signs)) for signs in itertools.product([1, -1], repeat=groups.shape[1])]
    return np.mean(np.abs(drawn) >= abs(t(y)) - 1e-9)


@pytest.mark.parametrize("without", ["1", "3"])
def test_p_is_that_of_every_combination_of_signs(without):
    of = space()
    (one,), notes = found(of, this=at(of, leave_out_firm=without))
    rows = of.frame[of.frame["firm"].astype(str) != without]
    assert (one.which, one.clusters, one.draws, notes) == ("this", 9, 512, ())
    assert one.p == by_dummies(rows, rows["firm"].to_numpy())


def test_signs_go_by_the_cluster_variable_with_the_fewest_and_others_have_none():
    of = space()
    vcov = next(c for c in of.choices if c.name == "vcov").options
    both = next(o for o in vcov if "firm" in o and "year" in o)
    names = {"both": at(of, vcov=both), "iid": at(of, vcov="iid")}
    (one,), _ = found(of, **names)
    assert (one.which, one.clusters, one.draws) == ("both", 10, 1024)


def test_instruments_have_a_reason(tmp_path):
    study = load_study(ROOT / "fixtures" / "cigarettes")
    of = space_of(study, next(iter(study.audits)))
    assert found(of, audited=of.base)[1] in ((), ("Wild bootstrap: it is for least squares without instruments and weights, "
                                                  "of two effects at most.",))  # fmt: skip
