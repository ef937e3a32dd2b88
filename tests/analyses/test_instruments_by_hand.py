"""Tests of instruments written out as the textbooks have them, on few rows and plain columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import f

from brute import made_design
from parity.analyses.instruments import statistics
from parity.analyses.instruments.analysis import ANALYSIS, compare_diagnostics
from parity.analyses.instruments.statistics import anderson_rubin_set, diagnose
from parity.base.errors import Unestimable
from parity.base.tolerance import NORMAL_EQUATIONS

N = 24


def columns(instruments: int, seed: int = 3) -> dict:
    """Columns of unlike size, so that each must be scaled by its own; the endogenous one is a thousand times the others."""
    rng = np.random.default_rng(seed)
    x, v, u = rng.normal(size=(3, N))
    z = rng.normal(size=(N, instruments))
    d = 1000 * (z.sum(axis=1) + 0.3 * x + v)
    return {"y": 2e-3 * d + 0.5 * x + v + u, "x": 1e-3 * x[:, None], "endog": d[:, None], "z": z, "intercept": True}


def residual(outcome: np.ndarray, *regressors: np.ndarray) -> np.ndarray:
    """After an intercept and the regressors."""
    x = np.column_stack([np.ones(N), *regressors])
    return outcome - x @ np.linalg.lstsq(x, outcome, rcond=None)[0]


def test_wu_and_hausman_add_the_first_stages_residual():
    of = columns(2)
    y, x, d = of["y"], of["x"][:, 0], of["endog"][:, 0]
    first = residual(d, x, *of["z"].T)
    without, full = residual(y, x, d), residual(y, x, d, first)
    expected = (without @ without - full @ full) / (full @ full / (N - 4))
    found = diagnose(made_design(of)).wu_hausman
    assert found.value == pytest.approx(expected, rel=1e-9) and found.df == (1.0, N - 4.0)
    assert found.p == pytest.approx(f.sf(expected, 1, N - 4), rel=1e-9)


def test_two_endogenous_columns_share_one_test_of_two_residuals():
    of = columns(3)
    second = of["z"][:, 0] - of["z"][:, 2] + np.random.default_rng(8).normal(size=N)
    of["endog"] = np.column_stack([of["endog"][:, 0], second])
    y, x, z = of["y"], of["x"][:, 0], of["z"].T
    first = [residual(d, x, *z) for d in of["endog"].T]
    without, full = residual(y, x, *of["endog"].T), residual(y, x, *of["endog"].T, *first)
    expected = (without @ without - full @ full) / 2 / (full @ full / (N - 6))
    found = diagnose(made_design(of)).wu_hausman
    assert found.value == pytest.approx(expected, rel=1e-9) and found.df == (2.0, N - 6.0)


@pytest.mark.parametrize("instruments", [1, 2])
def test_ends_of_anderson_and_rubin_s_set_solve_a_quadratic(instruments):
    """(y - bd)'P(y - bd) / L1 against F's quantile times (y - bd)'M(y - bd) / (N - L), in the data's own units."""
    of = columns(instruments)
    free = [residual(column, of["x"][:, 0]) for column in (of["y"], of["endog"][:, 0], *of["z"].T)]
    y, d, z = free[0], free[1], np.column_stack(free[2:])
    p = z @ np.linalg.solve(z.T @ z, z.T)
    least = f.ppf(0.9, instruments, N - 2 - instruments) * instruments / (N - 2 - instruments)
    weigh = p - least * (np.eye(N) - p)
    ends = np.sort(np.roots([d @ weigh @ d, -2 * (d @ weigh @ y), y @ weigh @ y]))
    ((low, high),) = anderson_rubin_set(made_design(of), level=0.9)
    assert (low, high) == pytest.approx(tuple(ends), rel=1e-7) and low < 2e-3 < high


def test_statistics_do_not_know_the_units_of_their_columns():
    """Of an outcome of 1e156 squares would be no numbers."""
    of = columns(2)
    plain = diagnose(made_design(of))
    far = diagnose(made_design(of | {"y": of["y"] * 2.0**520, "endog": of["endog"] * 2.0**-480, "x": of["x"] * 2.0**-480}))
    assert far.wu_hausman.value == plain.wu_hausman.value and far.weak_f == plain.weak_f
    assert far.overidentified.value == plain.overidentified.value
    assert far.anderson_rubin_f.value == plain.anderson_rubin_f.value


def test_moments_that_are_singular_say_whether_clusters_are_too_few():
    of = columns(2)
    few = made_design(of | {"clusters": {"two": np.arange(N) % 2}})
    with pytest.raises(Unestimable, match=r"moments is singular: 2 clusters are too few for 2 moments; no robust"):
        diagnose(few, "cluster", "two")
    plain = statistics._columns(made_design(of), None)
    for code in (None, np.arange(N) % 3, np.arange(N) % 8):  # three clusters of two moments are not too few
        with pytest.raises(Unestimable, match=r"moments is singular; no robust"):
            statistics._root_of_moments(replace(plain, code=code), np.zeros((2, 2)))


# ---------------------------------------------------------------- held against R's


def test_statistics_are_held_on_themselves_and_on_one_at_least():
    """What is below one is held on one, and a statistic that only one side has differs."""
    found = diagnose(made_design(columns(2)))
    whole = {name: getattr(value, "value", value) for name, value in vars(found).items()}
    answer = whole | {"first_stage": [found.first_stage["endog0"].value]}
    same = compare_diagnostics(answer, found)
    assert same.differences == () and same.checked == 10

    def differing(**changed) -> list[tuple[str, str, float | None]]:
        return [(d.quantity, d.term, d.reference) for d in compare_diagnostics(answer | changed, found).differences]

    small = replace(found, wu_hausman=replace(found.wu_hausman, value=0.0))
    for off, differs in ((0.5, False), (2.0, True)):
        by = off * NORMAL_EQUATIONS
        assert bool(compare_diagnostics(answer | {"wu_hausman": by}, small).differences) is differs
        assert bool(differing(weak_f=found.weak_f * (1 + by))) is differs
    assert differing(overidentified=None) == [("overidentified", "", None)]
    assert differing(first_stage=None) == [("first_stage", "endog0", None)]
    endless = replace(found, weak_f=float("inf"))
    assert [d.quantity for d in compare_diagnostics(answer | {"weak_f": float("inf")}, endless).differences] == ["weak_f"]
    just = diagnose(made_design(columns(1)))
    none = {name: getattr(value, "value", value) for name, value in vars(just).items()}
    exact = compare_diagnostics(none | {"first_stage": [just.first_stage["endog0"].value]}, just)
    assert exact.differences == () and exact.checked == 9  # no test of overidentification on either side


def test_tables_show_diagnostics_where_one_of_them_asks():
    class Table:
        def __init__(self, *shown: str):
            self.shown = shown

    assert ANALYSIS.in_tables(None, [Table("nobs"), Table("weak_f", "r2"), Table()])
    assert not ANALYSIS.in_tables(None, [Table("nobs"), Table()]) and not ANALYSIS.in_tables(None, [])
