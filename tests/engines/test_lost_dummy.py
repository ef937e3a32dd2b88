"""estimatr's CR2 beside redundant dummies: which it takes for redundant, which it loses, and what comes of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conftest import ROOT
from parity.data.load import load_frame
from parity.diagnose import lost_dummy
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.engines.own import fit
from parity.sample.build import build_design
from parity.study.load import load_study

#: estimatr 1.0.6, lm_robust(fixed_effects = ~ f1 + f2, clusters = g1) of `by_region` with its lone rows kept; the same
#: with the effects as factors in the formula has .0646046734789 and 7.03573668202 for the third.
SE, DF = (0.0624421928538, 0.0563742569997, 0.0644250609547), (5.68994656691, 8.73742815458, 7.02666658531)


@pytest.fixture(scope="module")
def three_components():
    study = load_study(ROOT / "fixtures" / "hard_cases")
    fitter = Fitter(study, load_frame(study))
    return fitter, Scenario(study.spec("by_region")).with_convention(singletons="keep")


def recorded(fitter, scenario):
    """The outcome that estimatr had: dummies of as many rows tie, and the processor's last bit decides among them."""
    (lost,) = (x for x in fitter.lost_dummies(scenario) if x.covariance()[0][2, 2] == pytest.approx(SE[2] ** 2, rel=1e-9))
    return lost


def test_it_is_what_estimatr_gives(three_components):
    fitter, scenario = three_components
    matrix, df = recorded(fitter, scenario).covariance()
    np.testing.assert_allclose(np.sqrt(np.diag(matrix)), SE, rtol=1e-11)
    np.testing.assert_allclose(df, DF, rtol=1e-9)


def test_the_cause_names_the_dummies(three_components):
    fitter, scenario = three_components
    steps = {step.parameters: step for step in BY_ID["leverage-loses-a-dummy"].steps(scenario, fitter)}
    assert 1 < len(steps) <= 8
    step = steps[("redundant", "省 青海 and 省 海南"), ("lost", "省 宁夏")]
    assert fitter.numbers(step.scenario).se == pytest.approx(SE, rel=1e-11)


def test_with_the_columns_that_were_meant_it_is_cr2(three_components):
    fitter, scenario = three_components
    spec = scenario.spec.model_copy(update={"vcov": scenario.spec.vcov.model_copy(update={"kind": "CR2"})})
    for lost in fitter.lost_dummies(scenario):
        matrix, df = replace(lost, held=lost.meant).covariance()
        (right,) = fit.covariances(lost.fit, spec.vcov).values()
        np.testing.assert_allclose(matrix, right, rtol=1e-9)
        np.testing.assert_allclose(df, fit.satterthwaite(lost.fit, spec.vcov, lost.fit.design.clusters), rtol=1e-9)


def test_without_two_redundant_dummies_there_is_no_such_cause():
    study = load_study(ROOT / "fixtures" / "grunfeld")
    fitter = Fitter(study, load_frame(study))
    assert list(BY_ID["leverage-loses-a-dummy"].steps(Scenario(study.spec("one_reghdfe")), fitter)) == []
    assert not lost_dummy.may_apply(build_design(study, study.spec("one_reghdfe"), fitter.original))


def test_redundant_columns_are_spanned_by_the_others():
    rng = np.random.default_rng(1)
    free = rng.standard_normal((40, 6))
    columns = np.hstack([free[:, :3], free[:, :3] @ rng.standard_normal((3, 2)), free[:, 3:]])
    out = lost_dummy.redundant(columns)
    left = np.delete(columns, out, axis=1)
    assert len(out) == 2 and set(out) <= {0, 1, 2, 3, 4} and np.linalg.matrix_rank(left) == left.shape[1] == 6


def test_the_places_are_those_from_before_the_first_went():
    a, b, c, d, e = np.eye(6)[:, :5].T
    # b = a/2 and d = c/2 are redundant; a's and c's norms are larger, so they are chosen
    columns = np.column_stack([a, a / 2, e, c / 3, c, b, d])
    first, *_ = lost_dummy.outcomes(columns, np.arange(6))
    meant, held = lost_dummy.meant_and_held(first, 7)
    out = [i for i in range(7) if i not in meant]
    assert out == [1, 3]
    assert held in ([0, 2, 4, 5, 6], [0, 2, 3, 5, 6])  # sound where the later one goes first, else one beyond is lost


def test_the_triangle_is_cholesky_until_a_pivot_fails():
    rng = np.random.default_rng(2)
    a = rng.standard_normal((60, 50))
    np.testing.assert_allclose(lost_dummy.triangle(a.T @ a), np.linalg.cholesky(a.T @ a), rtol=1e-10)
    a[:, 40] = a[:, 3] + a[:, 4]
    given_up = lost_dummy.triangle(a.T @ a)
    np.testing.assert_allclose(given_up[:40, :40], np.linalg.cholesky(a[:, :40].T @ a[:, :40]), rtol=1e-10)
    assert np.abs((given_up @ given_up.T - a.T @ a)[40:, 40:]).max() > 1
