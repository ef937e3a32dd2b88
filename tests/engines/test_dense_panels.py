"""Random effects and dynamic panels held against algebra that writes every unit's rows and instruments out."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from conftest import FIXTURES
from dense_panels import dynamic_panel, random_effects
from parity.data.load import load_frame
from parity.engines.own.fit import solve, uncorrected
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.models import OF_DYNAMIC


@cache
def _frame(name):
    return load_frame(load_study(FIXTURES / name))


def _specs():
    for name in ("employment", "grunfeld"):
        study = load_study(FIXTURES / name)
        for spec in study.specs:
            deviations = spec.dynamic is not None and spec.dynamic.transform == "orthogonal"
            if (spec.model in OF_DYNAMIC and not deviations) or (spec.model == "random_effects" and spec.weights is None):
                yield pytest.param(study, spec, id=f"{name}-{spec.id}")


@pytest.mark.parametrize(("study", "spec"), _specs())
def test_coefficients_and_covariances_are_those_of_the_dense_algebra(study, spec):
    design = build_design(study, spec, _frame(study.id))
    if spec.vcov.kind not in ("iid", "CR0", "CR1"):
        pytest.skip(f"{spec.vcov.kind} is not written out")
    ours = solve(design, spec=spec)
    b, parts = (dynamic_panel if spec.model in OF_DYNAMIC else random_effects)(spec, design)
    held = {p.cluster: np.array(p.matrix) for p in uncorrected(ours, spec.vcov, convention=spec.convention)}
    assert held.keys() == parts.keys()
    errors = np.sqrt(np.diag(next(iter(parts.values()))))  # years beside a constant cost digits, on each machine others
    assert np.max(np.abs(ours.coef - b) / errors) < 1e-6
    for cluster, matrix in parts.items():
        np.testing.assert_allclose(np.diag(held[cluster]), np.diag(matrix), rtol=1e-5)
