"""What one row or group does to a coefficient, against leaving it out of the data; first order against small weights."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from brute import made_design
from parity.audit.sensitivity.influence import coefficients_without, influence, slopes
from parity.audit.sensitivity.refit import of_design, without
from parity.base.errors import Unestimable
from parity.conventions.facts import compact
from parity.study.spec import Spec, Weights
from random_panels import random_case


def refits(spec, design, term, code) -> np.ndarray:
    """By the whole way through: rows chosen, columns judged, facts counted, estimated."""
    out = []
    for g in range(int(code.max()) + 1):
        try:
            out.append(without(spec, design, code == g, term).coef)
        except Unestimable:
            out.append(np.nan)
    return np.array(out)


@pytest.mark.parametrize("seed", range(1, 21))
def test_each_group_left_out_is_the_estimate_without_it(seed):
    spec, design = random_case(seed)
    term = design.terms[-1]
    for code in (np.arange(design.nobs), compact(design.unit), compact(design.time)):
        rows = len(np.unique(code)) == design.nobs
        exact = coefficients_without(spec, design, term, None if rows else code)
        if rows:  # some of them
            some = np.random.default_rng(seed).choice(design.nobs, 12, replace=False)
            again = np.array([refits(spec, design, term, (np.arange(design.nobs) != r).astype(int))[0] for r in some])
            exact = exact[some]
        else:
            again = refits(spec, design, term, code)
        se = of_design(spec, design, term).se
        # where the rest can't be estimated for other reasons (one cluster, no degree of freedom) the formula still stands
        known = np.isfinite(again)
        assert np.isfinite(exact[known]).all()
        assert np.abs(exact[known] - again[known]).max(initial=0) < 1e-8 * max(se, np.abs(again[known]).max(initial=0))


def test_a_coefficient_that_one_unit_identifies_is_lost_with_it():
    rng = np.random.default_rng(0)
    unit = np.repeat(np.arange(6), 5)
    x = np.column_stack([np.where(unit == 2, rng.normal(size=30), 0.0), rng.normal(size=30)])
    design = made_design({"y": rng.normal(size=30), "x": x, "effects": {"unit": unit}, "unit": unit})
    spec = Spec(id="a", formula="y ~ x0 + x1 | unit")
    assert np.isnan(coefficients_without(spec, design, "x0", unit)).tolist() == [u == 2 for u in range(6)]
    exact, again = coefficients_without(spec, design, "x1", unit), refits(spec, design, "x1", unit)
    assert exact == pytest.approx(again, rel=1e-9) and np.isfinite(exact).all()
    found = influence(spec, design, "x0", "unit", of_design(spec, design, "x0"), unit)
    assert found.unidentified == 1 and "2" not in [f.group for f in found.furthest]


@pytest.mark.parametrize("seed", range(1, 31))
def test_first_order_changes_are_those_of_small_changes_of_weights(seed):
    """Each row's weight a little more and a little less: the derivatives of both, by differences."""
    spec, design = random_case(seed)
    # a repaired matrix has no slope of its own: what is approximated is the matrix before
    spec = spec.model_copy(update={"convention": spec.convention.model_copy(update={"psd": "kept"})})
    if design.endog.shape[1] or design.weight_kind == "frequency":
        pytest.skip("first stage and copies are held as they are")
    term = design.terms[-1]
    found = slopes(spec, design, term)
    weights = np.ones(design.nobs) if design.weights is None else design.weights
    weighted = Spec(**(spec.model_dump() | {"weights": Weights(analytic="w")}))
    for row in np.random.default_rng(seed).choice(design.nobs, 5, replace=False):
        at = []
        for step in (1e-4, -1e-4):
            w = weights.copy()
            w[row] *= 1 + step
            at.append(of_design(weighted, dataclasses.replace(design, weights=w, weight_kind="analytic"), term))
        base = of_design(spec, design, term)
        for name in ("coef", "se"):
            slope = (getattr(at[0], name) - getattr(at[1], name)) / 2e-4
            scale = np.abs(getattr(found, name)).max() + 1e-3 * base.se
            assert -getattr(found, name)[row] == pytest.approx(slope, abs=2e-5 * scale), (name, spec.vcov)


def test_the_furthest_are_named_and_estimated_anew():
    rng = np.random.default_rng(3)
    unit = np.repeat(np.arange(8), 4)
    x = rng.normal(size=(32, 1))
    y = 0.2 * x[:, 0] + rng.normal(size=32) * 0.1 + 4 * (unit == 5) * x[:, 0]
    design = made_design({"y": y, "x": x, "effects": {"unit": unit}, "unit": unit, "clusters": {"unit": unit}})
    spec = Spec(id="a", formula="y ~ x0 | unit", vcov={"cluster": ["unit"]})
    base = of_design(spec, design, "x0")
    found = influence(spec, design, "x0", "firm", base, unit, tuple("abcdefgh"), most=2)
    first = found.furthest[0]
    own = without(spec, design, unit == 5, "x0")
    assert (first.group, first.rows, first.coef, first.se) == ("f", 4, own.coef, own.se)
    assert first.dfbetas == pytest.approx((base.coef - own.coef) / base.se)
    assert (found.groups, len(found.furthest), found.other_sign) == (8, 2, 0) and found.least[0] == "f"
    rows = influence(spec, design, "x0", "row", base)
    assert rows.groups == 32 and int(rows.furthest[0].group) - 1 in range(20, 24)
