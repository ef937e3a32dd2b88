"""Unobserved confounders: Oster's delta where the unobserved part is known; the numbers that Cinelli and Hazlett print."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from brute import made_design
from conftest import TESTS
from parity.audit.sensitivity.omitted import adjusted, bounds, omitted, partial_r2, robustness_value
from parity.audit.sensitivity.oster import oster
from parity.audit.sensitivity.partialled import Partialled, partialled
from parity.base.errors import Unestimable
from parity.sample.partialled_out import partial_out
from parity.study.spec import Spec


def selected(seed: int, controls: int = 3, effects: bool = False, weights: bool = False):
    """Data in which the unobserved index is orthogonal to the controls, with what selection on it truly is.

    Returns spec, design, and the true effect, delta (relative covariance of treatment with both indices, each over its
    variance) and R2 were the index observed, all in the sample and net of what is absorbed.
    """
    rng = np.random.default_rng(seed)
    n, unit = 400, np.repeat(np.arange(20), 20)
    weight = rng.uniform(0.5, 2, n) if weights else None
    w, hidden, noise, own = rng.normal(size=(n, controls)), *rng.normal(size=(3, n))
    treatment = w @ rng.uniform(0.2, 1, controls) + rng.uniform(0.2, 0.9) * hidden + own
    absorbed = {"effects": {"unit": unit}} if effects else {"intercept": True}
    parts = absorbed | ({"weights": weight, "weight_kind": "analytic"} if weights else {})

    def within(*columns):
        given = made_design({"y": columns[0], "x": np.column_stack(columns[1:])} | parts)
        made = partial_out(given)
        return made.columns / made.power

    flat = within(hidden, *w.T, treatment, noise)
    h, ww, x, e = flat[:, 0], flat[:, 1:-2], flat[:, -2], flat[:, -1]
    root = 1.0 if weight is None else np.sqrt(weight)
    h = h - ww @ np.linalg.lstsq(ww, h, rcond=None)[0]
    z = np.column_stack([x, ww, h])
    e = e - z @ np.linalg.lstsq(z, e, rcond=None)[0]
    psi, beta, size = rng.uniform(0.3, 1, controls), rng.uniform(0.5, 1.5), rng.uniform(0.3, 1)
    observed, hidden_index = ww @ psi, size * h
    y = beta * x + observed + hidden_index + 0.7 * e
    delta = (hidden_index @ x / (hidden_index @ hidden_index)) / (observed @ x / (observed @ observed))
    rmax = 1 - 0.49 * (e @ e) / (y @ y)
    design = made_design({"y": y / root, "x": np.column_stack([treatment, w])} | parts)
    right = " + ".join(f"x{j}" for j in range(controls + 1))
    spec = Spec(
        id="a", formula=f"y ~ {right}{' | unit' if effects else ''}", **({"weights": {"analytic": "w"}} if weights else {})
    )
    return spec, design, beta, delta, rmax


@pytest.mark.parametrize("seed", range(8))
def test_delta_of_the_true_effect_is_the_true_selection_and_the_other_way_round(seed):
    spec, design, beta, delta, rmax = selected(seed, 1 + seed % 4, effects=seed % 2 == 0, weights=seed % 3 == 0)
    found = oster(partialled(spec, design, "x0"), rmax=rmax, at=delta, beta=beta)
    assert found.delta == pytest.approx(delta, rel=1e-8)
    assert min(abs(r - beta) for r in found.roots) < 1e-8
    assert found.rmax == rmax and found.r2_uncontrolled < found.r2_controlled < rmax


@pytest.mark.parametrize("seed", range(8))
def test_every_root_has_the_delta_it_was_asked_for(seed):
    spec, design, *_ = selected(seed)
    of = partialled(spec, design, "x0")
    for at in (0.5, 1.0, 2.0):
        for root in oster(of, at=at).roots:
            assert oster(of, beta=root).delta == pytest.approx(at, rel=1e-6)


def test_a_little_of_the_same_selection_takes_a_little_off():
    """As rmax comes down to R2 nothing is left to select on; the default is 1.3 of it, at most 1."""
    spec, design, *_ = selected(3)
    of = partialled(spec, design, "x0")
    plain = oster(of)
    assert plain.rmax == min(1.0, 1.3 * plain.r2_controlled)
    near = oster(of, rmax=plain.r2_controlled + 1e-9)
    assert near.bounded == pytest.approx(near.controlled, abs=1e-6) and abs(plain.bounded - plain.controlled) > 1e-3
    with pytest.raises(ValueError, match="rmax is"):
        oster(of, rmax=plain.r2_controlled / 2)


def test_unrelated_controls_stand_in_every_regression():
    """As if they had been absorbed: their columns taken out of everything."""
    spec, design, *_ = selected(4, 3)
    of = partialled(spec, design, "x0")
    q = np.linalg.qr(of.controls[:, 2:])[0]
    out = [v - q @ (q.T @ v) for v in (of.outcome, of.treatment, of.controls[:, :2])]
    absorbed = oster(Partialled(*out, of.names[:2], of.df), rmax=0.95)
    found = oster(of, rmax=0.95, unrelated=("x3",))
    assert (found.delta, found.bounded) == pytest.approx((absorbed.delta, absorbed.bounded), rel=1e-9)
    with pytest.raises(ValueError, match="without a control"):
        oster(of, unrelated=of.names)


# ---------------------------------------------------------------- Cinelli and Hazlett (2020)


def darfur():
    """Their example: attitudes to peace on being harmed, 1,276 people in 486 villages."""
    rows = list(csv.DictReader((TESTS / "recorded" / "darfur.csv").open(encoding="utf-8")))
    names = ("directlyharmed", "age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur", "female")
    x = np.array([[float(r[name]) for name in names] for r in rows])
    y = np.array([float(r["peacefactor"]) for r in rows])
    design = made_design({"y": y, "x": x, "effects": {"village": np.array([int(r["village"]) for r in rows])}})
    spec = Spec(id="a", formula=f"peacefactor ~ {' + '.join(names)} | village")
    return spec, design, dict(zip(names, design.x_names, strict=True))


def test_the_numbers_of_their_table():
    """Table 1 of the paper: estimate .097, standard error .023, 783 degrees of freedom; 2.2 %, 13.9 %, 7.6 %; 1 x female
    12.5 % and .9 %."""
    spec, design, name = darfur()
    found = omitted(partialled(spec, design, name["directlyharmed"]), {"female": (name["female"],)})
    assert (round(found.coef, 3), round(found.se, 3), found.df) == (0.097, 0.023, 783)
    shares = (found.partial_r2, found.robustness, found.robustness_significant)
    assert [round(100 * s, 1) for s in shares] == [2.2, 13.9, 7.6]
    one = found.bounds[0]
    assert (one.control, one.times) == ("female", 1.0)
    assert (round(100 * one.r2_outcome, 1), round(100 * one.r2_treatment, 1)) == (12.5, 0.9)
    # the package's documentation prints these beside one, two and three times female
    printed = [(0.0092, 0.1246, 0.0752, 0.0219, 3.439), (0.0183, 0.2493, 0.0529, 0.0204, 2.600),
               (0.0275, 0.3741, 0.0304, 0.0187, 1.628)]  # fmt: skip
    for bound, numbers in zip(found.bounds, printed, strict=True):
        made = (bound.r2_treatment, bound.r2_outcome, bound.coef, bound.se, bound.t)
        assert made == pytest.approx(numbers, abs=6e-4)


def test_statistics_that_are_printed_from_t_alone():
    assert partial_r2(4.18445, 783) == pytest.approx(0.02187, abs=5e-6)
    assert robustness_value(4.18445, 783) == pytest.approx(0.13878, abs=5e-6)
    assert robustness_value(4.18445, 783, share=0.5) == pytest.approx(0.0720, abs=1e-4)
    assert robustness_value(1.0, 100, 0.05) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_a_confounder_of_known_strength_moves_the_estimate_as_said(seed):
    """A confounder is made, its partial R2 measured, and the regression with it run: the formulas are exact."""
    rng = np.random.default_rng(seed)
    n = 200
    w, z = rng.normal(size=(n, 2)), rng.normal(size=n)
    x = w @ [0.5, 0.2] + 0.4 * z + rng.normal(size=n)
    y = 3 * x + w @ [1.0, -1.0] + 0.8 * z + rng.normal(size=n)
    one = np.ones((n, 1))

    def ssr(v, *columns):
        m = np.column_stack([one, *columns])
        return float(np.sum((v - m @ np.linalg.lstsq(m, v, rcond=None)[0]) ** 2))

    of_treatment = 1 - ssr(x, w, z) / ssr(x, w)
    of_outcome = 1 - ssr(y, x, w, z) / ssr(y, x, w)
    design = made_design({"y": y, "x": np.column_stack([x, w]), "intercept": True})
    spec = Spec(id="a", formula="y ~ x0 + x1 + x2")
    found = omitted(partialled(spec, design, "x0"))
    coef, se = adjusted(found.coef, found.se, found.df, of_treatment, of_outcome)
    m = np.column_stack([x, one, w, z])
    with_it = np.linalg.lstsq(m, y, rcond=None)[0][0]
    variance = ssr(y, x, w, z) / (n - 5) * np.linalg.inv(m.T @ m)[0, 0]
    assert coef == pytest.approx(with_it, rel=1e-9) and se == pytest.approx(math.sqrt(variance), rel=1e-9)


def test_the_robustness_value_is_where_the_adjusted_estimate_ends():
    for t, df in ((4.2, 783.0), (2.4, 30.0), (9.0, 12.0)):
        rv = robustness_value(t, df)
        assert adjusted(t, 1.0, df, rv, rv)[0] == pytest.approx(0, abs=1e-9)
        half = robustness_value(t, df, share=0.5)
        assert adjusted(t, 1.0, df, half, half)[0] == pytest.approx(t / 2, rel=1e-9)


def test_impossible_strengths_are_left_out():
    assert bounds(0.4, 0.1, 1.0) is not None and bounds(0.4, 0.1, 2.0) is None
    assert bounds(0.2, 0.9, 1.0)[1] == 1.0


def test_instruments_and_random_effects_have_none_of_it():
    spec, design, *_ = selected(1)
    with pytest.raises(Unestimable, match="least squares"):
        partialled(Spec(id="a", formula="y ~ x0", model="random_effects"), design, "x0")
    with pytest.raises(Unestimable, match="no regressor"):
        partialled(spec, design, "(Intercept)")
