"""Draws that leave a coefficient undetermined, doubts, names, and an interaction's error, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import t as student

from parity.algebra.moments import Products, products, sample
from parity.analyses.replicates.replicate import halves, replicate
from parity.analyses.replicates.two_stage import replicate_two_stage
from parity.analyses.resampling import difference
from parity.analyses.resampling.bootstrap import EXACT, _doubts
from parity.analyses.resampling.pairs import Pairs
from parity.analyses.resampling.sample import Rows, _names

N, G = 24, 6
CODE = np.repeat(np.arange(G), N // G)


def columns() -> dict[str, np.ndarray]:
    """`c` varies in the last three of six clusters alone."""
    rng = np.random.default_rng(7)
    x, z, e, v = rng.normal(size=(4, N))
    c = np.where(CODE >= 3, rng.normal(size=N), 0.0)
    d = z + 0.5 * c + v
    return {"c": c, "x": x, "d": d, "z": z, "y": 1 + x + 2 * d - c + v + e}


def moments(*names: str) -> Products:
    return products(sample({n: columns()[n] for n in names}, effects={}, intercept=True, within=()), CODE)


def least_squares(weights: np.ndarray, y: str, *names: str) -> np.ndarray:
    """Coefficients without the intercept's, rows weighted as their clusters are."""
    root = np.sqrt(np.asarray(weights, dtype=float)[CODE])
    x = np.column_stack([np.ones(N), *(columns()[n] for n in names)])
    return np.linalg.lstsq(x * root[:, None], columns()[y] * root, rcond=None)[0][1:]


WEIGHTS = np.array([[1, 2, 3, 0, 0, 0], [2, 0, 1, 1, 0, 2]], dtype=float)


def test_a_draw_without_a_regressor_s_variation_has_no_coefficient():
    least = np.ones(2)
    (found,) = replicate(moments("c", "x", "y"), WEIGHTS, ["c", "x"], ["y"], [2], least)
    assert np.isnan(found[0]).all() and found[1, :, 0] == pytest.approx(least_squares(WEIGHTS[1], "y", "c", "x"))
    assert least[0] < 1e-12 < 1e-3 < least[1] < 1


def test_a_half_without_a_regressor_s_variation_has_no_coefficient():
    first = np.array([[1.0, 1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]])
    found, least = halves(moments("c", "x", "y"), first, "y", ["c", "x"], "x")
    assert np.isnan(found[0, 0]) and least[0, 0] < 1e-12 < 1e-3 < least[1].min()
    for half, mask in ((1, 1 - first[0]), (1, 1 - first[1])):
        place = 0 if mask[0] == 0 and mask[1] == 0 else 1
        assert found[half, place] == pytest.approx(least_squares(mask, "y", "c", "x")[1])
    assert found[0, 1] == pytest.approx(least_squares(first[1], "y", "c", "x")[1])


def test_a_draw_of_two_stages_without_a_control_s_variation_has_no_coefficient():
    least = np.ones(2)
    found = replicate_two_stage(moments("c", "x", "d", "z", "y"), WEIGHTS, "y", ("c", "x"), ("d",), ("z",), least)
    assert np.isnan(found[0]).all() and least[0] < 1e-12
    root = np.sqrt(WEIGHTS[1][CODE])[:, None]
    of = columns()
    x, z = (np.column_stack([np.ones(N), of["c"], of["x"], of[last]]) * root for last in ("d", "z"))
    assert found[1] == pytest.approx(np.linalg.solve(z.T @ x, z.T @ (of["y"][:, None] * root))[1:, 0])


# ---------------------------------------------------------------- what is said of draws


def summary(used: int, undefined: int, se: float, estimate: float = -2.0) -> SimpleNamespace:
    return SimpleNamespace(used=used, undefined=undefined, se=se, estimate=estimate)


def test_nine_draws_of_ten_are_enough_and_eight_are_not():
    assert list(_doubts({"x": summary(9, 1, 0.5)}, 1, 6)) == []
    (said,) = _doubts({"x": summary(8, 2, 0.5)}, 2, 6)
    assert said.startswith("every coefficient is determined in 8 of 10 draws, fewer than 90 %: the 6 clusters are too few")


def test_replicates_that_are_all_the_same_are_doubted():
    still = {"a": summary(9, 0, 2 * EXACT), "b": summary(9, 0, 2.1 * EXACT), "c": summary(1, 8, 0.0),
             "d": summary(2, 7, 0.0), "e": summary(9, 0, float("nan"))}  # fmt: skip
    (said,) = _doubts(still, 0, 6)
    assert said.startswith("the replicates of a, d, e differ by rounding alone")


def test_what_was_drawn_is_said_with_its_estimator():
    settings = SimpleNamespace(spec="a", draws=1000, level=0.9)
    of = {"name": "b", "settings": settings, "exog": {}, "z": {}, "y": np.zeros(8), "intercept": True, "weights": None,
          "effects": {}, "cluster": "firm", "code": np.zeros(8, dtype=int), "labels": ("1", "2")}  # fmt: skip
    assert Pairs(endog={}, **of).describe() == (
        "spec a by least squares, 8 rows, 2 clusters; 1,000 draws of whole clusters (firm), copies share their fixed "
        "effects; intervals of 90 %"
    )
    assert Pairs(endog={"d": np.zeros(8)}, **of).describe().startswith("spec a by two-stage least squares, 8 rows")


def test_rows_are_named_by_unit_and_time_where_there_are_both():
    import pandas as pd

    frame = pd.DataFrame({"firm": ["a", "b", "c"], "year": [1990, 1991, 1992]})
    design = SimpleNamespace(rows=np.array([0, 2]))
    for unit, time, names in (("firm", "year", ("a 1990", "c 1992")), ("firm", None, ("row 1", "row 3")),
                              (None, None, ("row 1", "row 3"))):  # fmt: skip
        assert _names(SimpleNamespace(header=SimpleNamespace(unit=unit, time=time)), frame, design) == names


# ---------------------------------------------------------------- by interaction


def test_an_interaction_counts_the_intercept_and_its_group():
    """y on 1, group, x and x in the first group: K is four, and t has G - 1 degrees of freedom."""
    of, first = columns(), CODE % 2 == 0
    rows = Rows("d", SimpleNamespace(interact="term"), {"x": of["x"]}, of["y"], {}, "g", CODE, tuple("abcdef"), first, ())
    x = np.column_stack([np.ones(N), first, of["x"], of["x"] * first])
    bread = np.linalg.inv(x.T @ x)
    b = bread @ x.T @ of["y"]
    scores = x * (of["y"] - x @ b)[:, None]
    summed = np.array([scores[g == CODE].sum(axis=0) for g in range(G)])
    variance = G / (G - 1) * (N - 1) / (N - 4) * (bread @ summed.T @ summed @ bread)[3, 3]
    t = b[3] / np.sqrt(variance)
    assert difference._interaction(rows, rows.settings) == {
        "difference interaction": pytest.approx(b[3]), "se interaction": pytest.approx(np.sqrt(variance)),
        "t interaction": pytest.approx(t), "p interaction": pytest.approx(2 * student.sf(abs(t), G - 1)),
    }  # fmt: skip
