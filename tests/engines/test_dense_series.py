"""A series' maximum, and its errors of either information, held against the joint density of all its rows."""

from __future__ import annotations

import numpy as np
import pytest

from bundled import studies
from dense_models import dense_model
from parity.base.tolerance import EXACT, ITERATIVE
from parity.data.load import load_frame
from parity.engines.own.fit import solve, uncorrected
from parity.sample.build import build_design
from parity.study.spec import Spec

KEYS = {"formula": "inv ~ value + capital", "where": "firm == 1", "model": "arima", "arma": [1, 0]}


@pytest.fixture(scope="module")
def grunfeld():
    study = studies()["grunfeld"]
    return study, load_frame(study)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"convention": {"profile": "ml", "information": "outer"}},
        {"formula": "inv ~ 0 + value", "where": "firm == 2 and year != 1940 and year != 1947", "vcov": "HC1"},
        {"arma": [0, 1], "where": "firm == 3"},
        {"arma": [0, 0], "vcov": "HC0"},
    ],
)
def test_coefficients_and_errors_are_those_of_the_joint_density(grunfeld, keys):
    """A maximum is where a slope is nought: exact. Second derivatives are differences of both sides: as iterative models."""
    study, frame = grunfeld
    spec = Spec(id="s", **KEYS | keys)
    design = build_design(study, spec, frame)
    b, parts = dense_model(spec, design)
    ours = solve(design, spec)
    (part,) = uncorrected(ours, spec.vcov, convention=spec.convention)
    (matrix,) = parts.values()
    size = np.sqrt(np.diag(matrix))
    assert np.max(np.abs(ours.coef - b) / size) < EXACT
    off = np.abs(np.array(part.matrix) - matrix) / np.outer(size, size)
    assert np.max(off) < (EXACT if spec.convention.information == "outer" else ITERATIVE)
