"""Designs that change, by hand: pairs and how near they come, rows left out or twice, what an absorber leaves."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from parity.base.errors import Unestimable
from parity.base.tolerance import ABSORBERS, EXACT, STOPPING_MARGIN, most_floor
from parity.conventions.facts import Absorbed, Facts
from parity.diagnose import lost_dummy, pairs, rounding
from parity.diagnose.cause import Cause, Step
from parity.diagnose.combinations import Path
from parity.diagnose.fitter import Core, recounted
from parity.diagnose.frames import kept
from parity.diagnose.left_out import Doubled, LeftOut, _solved, rows_without
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import Observed, Target
from parity.diagnose.pairs import _Followers
from parity.diagnose.scenario import Hashed, LevelAgain, RowAgain, Scenario, WithoutLevel
from parity.engines.own import fit as estimator
from parity.sample.design import Design
from parity.study.spec import Spec
from scenarios_by_hand import COEF, DECLARED, Move, Toy, moves, page

NAN = math.nan

# ---------------------------------------------------------------- two changes at once


@pytest.mark.parametrize(
    ("start", "a", "b", "wanted", "fits"),
    [
        (100, 97, 90, 87, True), (100, 97, 100, 97, True), (100, 97, 100, 98, False), (100, 100, 97, 97, True),
        (100, 100, 97, 98, False), (100, 100, 100, 100, True), (100, 100, 100, 99, False), (NAN, 97, 100, 1, True),
        (100, NAN, 97, 98, True), (100, 97, NAN, 98, True),
    ],
)  # fmt: skip
def test_rows_of_two_changes_may_come_to_those_observed(start, a, b, wanted, fits):
    """Where one alone moves N it must move it there; where both do, nobody knows."""
    found = pairs._adds_up(np.array([start, a, b], dtype=float), 1, np.array([2]), wanted)
    assert found.tolist() == [fits]


def test_how_near_two_changes_come():
    """2 to 3 and 2 to 4 are 5 by the sum and 6 by the ratio: of 6 off by a sixth, and by nothing."""
    start, wanted, allowed = np.array([2.0, 10.0]), np.array([6.0, 10.0]), np.array([0.5, 0.1])
    means, worst = pairs._distance(start, np.array([3.0, 10.0]), np.array([[4.0, 10.0], [4.0, 11.0]]), wanted, allowed)
    assert means.tolist() == pytest.approx([0.0, 0.05]) and worst.tolist() == pytest.approx([0.0, 1.0])
    means, worst = pairs._distance(start, np.array([3.0, 10.0]), np.array([[3.0, 10.0]]), np.array([4.0, 10.0]), allowed)
    assert means.tolist() == [0.0] and worst.tolist() == [0.0]  # by the sum
    # what nobody can tell is half off, and no reason against it
    means, worst = pairs._distance(start[:1], np.array([NAN]), np.array([[4.0], [5.0]]), wanted[:1], allowed[:1])
    assert means.tolist() == [0.5, 0.5] and worst.tolist() == [0.0, 0.0]
    means, _ = pairs._distance(start, np.array([3.0, NAN]), np.array([[4.0, 10.0]]), wanted, allowed)
    assert means.tolist() == [0.0]
    far, _ = pairs._distance(np.array([1.0]), np.array([100.0]), np.array([[100.0]]), np.array([1.0]), np.array([0.5]))
    assert far.tolist() == [1.0]


def test_dummies_of_one_factor_are_one():
    assert pairs._kinds(["x", "year::2001", "year::2002"]) == {"x", "year::"} == pairs._kinds(["year::1999", "x"])
    assert pairs._kinds(["year::2001:x"]) == pairs._kinds(["year::2002:x"]) != pairs._kinds(["year::2001"])


def step(number: int, **more) -> Step:
    return Step(replace(moves("m", Move()), **more), DECLARED, (("n", number),))


def test_the_same_step_after_another_one():
    one = _Followers([step(1), step(2)], [(("n", 1),), (("n", 2),)])
    assert one.like(step(2), 0) is one.steps[1] and one.new == []
    assert one.like(step(9), 1) is one.steps[1]  # under another name, in the same place
    assert one.like(step(9), 2) is None and one.like(step(9, parametrised=True), 1) is None
    grown = _Followers([step(1), step(2), step(3)], [(("n", 1),), (("n", 2),)])
    assert [s.parameters for s in grown.new] == [(("n", 3),)] and grown.like(step(9), 0) is None
    assert _Followers([step(5)], [(("n", 1),), (("n", 2),)]).new == []


def combined(
    observed: Observed, *causes, rows: int = 100, free: bool = False
) -> tuple[list[tuple[str, ...]], list[tuple[int, int, int]]]:
    """Pairs in the order in which they are tried, and those that are left out."""
    toy, told = Toy(rows), []
    singles = [Path(DECLARED).then(s) for c in causes for s in c.steps(DECLARED, toy)]
    found = pairs.pairs(DECLARED, singles, causes, observed, toy, lambda *of: told.append(of), free=free)
    return [tuple(f"{s.cause.id}{dict(s.parameters)['variant']}" for s in p.steps) for p in found], told


A, B = moves("a", Move((1.0, 1.5, 1.0)), Move((1.0, 1.2, 1.0))), moves("b", Move((1.0, 1.0, 1.2)))
C = moves("c", Move((1.0, 3.0, 1.0), -3))


def test_pairs_of_which_the_nearest_come_first():
    found, told = combined(page(coef=(3.0, -4.8)), A, B)
    assert found == [("a0", "b0"), ("a1", "b0")] and told == [(2, 0, 0)]
    found, _ = combined(page(coef=(2.4, -4.8)), A, B)
    assert found == [("a1", "b0"), ("a0", "b0")]
    assert combined(page(coef=(3.0, -4.8)), A, replace(B, slot="a"))[0] == []  # one slot
    assert combined(page(coef=(3.0, -4.8)), A, replace(B, cost=2))[0] == []


def test_two_free_parameters_need_many_digits():
    free = [replace(c, parametrised=True) for c in (A, B)]
    assert combined(page(coef=(3.0, -4.8)), *free)[0] == [] and len(combined(page(coef=(3.0, -4.8)), free[0], B)[0]) == 2
    assert len(combined(page(coef=(3.0, -4.8)), *free, free=True)[0]) == 2


def test_pairs_that_cannot_have_the_observed_n():
    assert combined(page(coef=(6.0, -4.8), nobs=97.0), B, C)[0] == [("b0", "c0")]
    assert combined(page(coef=(6.0, -4.8), nobs=98.0), B, C)[0] == []


def test_pairs_beyond_what_is_tried(monkeypatch):
    monkeypatch.setattr(pairs, "MOST", 1)
    triples = moves("t", Move((1.0, 3.0, 1.0)))
    found, told = combined(page(coef=(3.0, -4.8)), A, B, triples)
    assert found == [("a0", "b0")]
    assert told == [(2, 1, 3)]  # a1 beside b0 may come near, none that triples a coefficient
    monkeypatch.setattr(pairs, "MOST", 500)
    monkeypatch.setattr(pairs, "WORK", 200.0)
    assert len(combined(page(coef=(3.0, -4.8)), A, B, triples)[0]) == 2  # two hundred multiplications of a hundred rows


# ---------------------------------------------------------------- rows left out, rows twice

RNG = np.random.default_rng(8)
UNIT, YEAR = np.repeat(np.arange(5), 4), np.tile(np.arange(4), 5)
X, W = RNG.normal(size=(2, 20))
Y = 1 + X - W + RNG.normal(size=20) + UNIT
FREQUENCY = np.tile([1.0, 2.0, 3.0, 1.0], 5)


def design(effects: bool = True, counts: str = "", **more) -> Design:
    columns = np.column_stack([X, W])
    given = {
        "y": Y, "x": columns, "endog": np.empty((20, 0)), "z": np.empty((20, 0)), "x_names": ("x", "w"), "endog_names": (),
        "z_names": (), "effects": {"unit": UNIT, "year": YEAR} if effects else {}, "clusters": {}, "intercept": not effects,
        "weights": FREQUENCY if counts else None, "weight_kind": counts, "rows": np.arange(20), "unit": UNIT, "time": YEAR,
        "facts": Facts(nobs=20, nobs_weighted=20.0, n_slopes=2, intercept=not effects),
    }  # fmt: skip
    fields = Design.__dataclass_fields__
    return recounted(Design(**{k: v for k, v in (given | more).items() if k in fields}))


def test_n_without_each_group():
    groups = [np.flatnonzero(u == UNIT) for u in range(5)]
    assert rows_without(design(), groups, True) == dict.fromkeys(range(5), 16.0)
    assert rows_without(design(counts="frequency"), groups, True) == dict.fromkeys(range(5), 28.0)
    # without all years of unit 0 but one, that row is alone in its unit, so that N is not plain where lone rows go
    some = [np.arange(3), np.array([19])]
    assert rows_without(design(), some, True) == {1: 19.0} and rows_without(design(), some, False) == {0: 17.0, 1: 19.0}
    years = [np.flatnonzero(y == YEAR) for y in range(4)]
    assert rows_without(design(), years, True) == dict.fromkeys(range(4), 15.0)


def ols(rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
    columns = np.column_stack([X, W, (UNIT[:, None] == np.arange(5)).astype(float), (YEAR[:, None] == np.arange(1, 4))])
    root = np.sqrt(counts[rows])[:, None]
    return np.linalg.lstsq(columns[rows] * root, Y[rows] * root[:, 0], rcond=None)[0][:2]


@pytest.mark.parametrize("weights", ["", "frequency"])
def test_coefficients_without_a_level_or_with_rows_twice(weights):
    fit, counts = estimator.solve(design(counts=weights)), FREQUENCY if weights else np.ones(20)
    every = np.arange(20)
    for values, levels in (
        (UNIT, range(5)),
        (YEAR, range(4)),
        (np.array([f"u{u}" for u in UNIT], dtype=object), ["u0", "u4"]),
    ):
        out = LeftOut(fit, values, True)
        for level in levels:
            group = out.group[level]
            assert out.coef(group) == pytest.approx(ols(every[values != level], counts), rel=1e-9)
            assert out.nobs[group] == counts[values != level].sum()
    assert LeftOut(None, UNIT, True).nobs == {} and LeftOut(None, UNIT, True).coef(0) is None
    assert LeftOut(fit, UNIT, True).coef(9) is None
    twice = Doubled(fit)
    for rows in (np.array([3]), np.array([0, 1, 2, 3]), np.array([5, 17])):
        more = counts.copy()
        more[rows] += counts[rows]
        assert twice.coef(rows) == pytest.approx(ols(every, more), rel=1e-9)
        assert twice.nobs(rows) == more.sum()


def test_which_row_stands_twice():
    twice = Doubled(estimator.solve(design()))
    both, index = twice.coefs(), np.array([0, 1])
    for allowed in (1e-9, 1e-7):
        assert twice.hits(index, both[7], np.full(2, allowed), 21.0) == {7}
    assert twice.hits(index, both[7], np.full(2, 1e-9), 20.0) == frozenset() == twice.hits(index, both[7], np.zeros(2), None)
    off = both[7] + np.array([3.9e-4, 0.0])
    assert 7 in twice.hits(index, off, np.full(2, 1e-4), 21.0)
    assert 7 not in twice.hits(index, both[7] + np.array([4.2e-4, 0.0]), np.full(2, 1e-4), 21.0)
    assert twice.hits(np.array([], dtype=int), np.empty(0), np.empty(0), 21.0) == frozenset(range(20))


def test_a_block_that_is_singular():
    """(I - B B')^+ e: of a direction that B spans nothing is left, of the others all, or e over what is left."""
    b = np.zeros((4, 2))
    b[:, 0], b[0, 1], b[1, 1] = 0.5, 0.5, -0.5  # of length one, and of half
    e = np.array([1.0, 2.0, 3.0, 4.0])
    wanted = np.linalg.pinv(np.eye(4) - b @ b.T) @ e
    assert _solved(b, b[:, :1], e) == pytest.approx(wanted) and _solved(b, b[:, :0], e) == pytest.approx(wanted)


# ---------------------------------------------------------------- a fitter's pieces


def test_so_many_are_kept():
    from collections import OrderedDict

    store, made = OrderedDict(), []

    def get(key: int):
        return kept(store, key, lambda: made.append(key) or key * 10, 2)

    assert [get(1), get(2), get(1), get(3), get(1), get(2)] == [10, 20, 10, 30, 10, 20]
    assert made == [1, 2, 3, 2] and list(store) == [1, 2]


def test_facts_that_are_counted_when_they_are_asked_for():
    asked = []
    core = Core(("a",), np.ones(1), 5.0, lambda: asked.append(1) or "facts")
    assert not asked and core.facts == "facts" == core.facts and asked == [1]


def test_keys_are_compared_by_value():
    one, same, other = Hashed((1, "a")), Hashed((1, "a")), Hashed((2, "a"))
    assert one == same and hash(one) == hash(same) and one != other and one != (1, "a") and one == one
    clash = Hashed((3,))
    clash.hash = one.hash
    assert one != clash


def test_scenarios_that_share_their_rows():
    spec = Spec(id="s", formula="y ~ x | u", vcov={"cluster": ["u"]}, convention="reghdfe")
    one = Scenario(spec)
    assert one.with_convention(count_fixef="full").__dict__["rows_key"] is one.rows_key
    for settings in ({"singletons": "keep"}, {"swamy_arora": "exact"}, {"kernel_gaps": "rows"}):
        assert "rows_key" not in one.with_convention(**settings).__dict__
    assert one.with_convention(singletons="keep").rows_key != one.rows_key
    assert one.with_convention(swamy_arora="exact").rows_key == one.rows_key  # of random effects alone
    assert one.edited(RowAgain(1)).rows_key != one.rows_key and one.renamed("x", "x") is one
    assert one.renamed("x", "z").renames == (("x", "z"),)


def test_levels_left_out_and_twice():
    import pandas as pd

    frame, here = pd.DataFrame({"unit": UNIT}), design()
    left = WithoutLevel("unit", 2, False).design(here, frame)
    assert left.nobs == 16 and left.effects["unit"].max() == 3
    again = LevelAgain("unit", 2)
    assert again.places(here, frame).tolist() == [8, 9, 10, 11] and again.design(here, frame).nobs == 24
    assert RowAgain(5).design(here, frame).y[-1] == Y[5] and RowAgain(5).design(here, frame).nobs == 21
    with pytest.raises(Unestimable, match="no row has unit = 9"):
        LevelAgain("unit", 9).design(here, frame)
    lone = replace(here, effects={"unit": UNIT}).take(np.array([0, 1, 2, 3, 4, 8, 9, 10]))
    assert WithoutLevel("unit", 0, True).design(lone, frame).nobs == 3  # unit 1 has one row, which goes
    assert WithoutLevel("unit", 0, False).design(lone, frame).nobs == 4
    with pytest.raises(Unestimable, match="every row has unit = 0"):
        WithoutLevel("unit", 0, False).design(here.take(np.arange(4)), frame)


# ---------------------------------------------------------------- what an absorber leaves


def swept(columns: np.ndarray, weights: np.ndarray, times: int) -> np.ndarray:
    for _ in range(times):
        for code in (UNIT, YEAR):
            means = [np.average(columns[code == level], axis=0, weights=weights[code == level]) for level in np.unique(code)]
            columns = columns - np.array(means)[code]
    return columns


@pytest.mark.parametrize("weighted", [False, True])
def test_columns_swept_over_their_effects(weighted):
    """Without weights a balanced panel is done in one sweep, so that a second moves nothing."""
    weights = FREQUENCY * np.where(UNIT == 2, 3.0, 1.0) * np.where(YEAR == 1, UNIT + 1.0, 1.0) if weighted else np.ones(20)
    given = {"weights": weights, "weight_kind": "analytic"} if weighted else {}
    here = design(**given, endog=np.sin(X)[:, None], endog_names=("e",), z=np.column_stack([W**2, X**2]), z_names=("p", "q"))
    found = rounding._absorbed(here, 1e-14)
    wanted = swept(np.column_stack([Y, X, W, np.sin(X), W**2, X**2]), weights, 60)
    for block, columns in ((found.y, wanted[:, 0]), (found.x, wanted[:, 1:3]), (found.endog, wanted[:, 3:4]),
                           (found.z, wanted[:, 4:])):  # fmt: skip
        assert block == pytest.approx(columns, abs=1e-12)
    assert found.effects == {} and not found.intercept
    early = rounding._absorbed(here, 10.0)
    assert early.y == pytest.approx(swept(Y[:, None], weights, 1)[:, 0], abs=1e-12)


def test_sweeps_go_on_until_no_column_moves():
    """A column that the first sweep leaves in peace stops nothing: that of the unbalanced panel moves yet."""
    weights = FREQUENCY * np.where(UNIT == 2, 3.0, 1.0) * np.where(YEAR == 1, UNIT + 1.0, 1.0)
    here = design(weights=weights, weight_kind="analytic", x=np.column_stack([X, np.zeros(20)]))
    found = rounding._absorbed(here, 1e-14)
    assert found.x[:, 0] == pytest.approx(swept(X[:, None], weights, 60)[:, 0], abs=1e-12)


def test_a_constant_column_has_no_spread():
    found = rounding._absorbed(design(x=np.column_stack([X, np.ones(20)])), 1e-6)
    assert np.abs(found.x[:, 1]).max() < 1e-12 and found.x[:, 0] == pytest.approx(swept(X[:, None], np.ones(20), 1)[:, 0])


def test_coefficients_and_roots_of_their_variances():
    scenario = Scenario(Spec(id="s", formula="y ~ x + w", vcov="HC3", convention="regress"))
    coef, roots = rounding._fitted(scenario, design(effects=False))
    columns = np.column_stack([np.ones(20), X, W])
    b = np.linalg.lstsq(columns, Y, rcond=None)[0]
    inverse, e = np.linalg.inv(columns.T @ columns), Y - columns @ b
    assert coef == pytest.approx(b) and roots == pytest.approx(
        np.sqrt(np.diag(inverse @ (columns.T * e**2) @ columns @ inverse))
    )
    perfect = design(effects=False, y=2 * X)
    found = rounding._fitted(scenario, perfect)
    assert found is None or (found[1] > 0).all()


class Known:
    """Losses of coefficients and of other numbers; why."""

    def __init__(self, coefficients: float, others: float, why: str = "`x` is far from zero"):
        self.of, self.said = {True: coefficients, False: others}, why

    def loss(self, of, coefficients: bool) -> float:
        return self.of[coefficients]

    def why(self) -> str:
        return self.said


def columns_reach(coefficients: float, others: float, **more) -> list[rounding.Reach]:
    return list(rounding._of_columns(Known(coefficients, others, **more), SimpleNamespace(nobs=400)))


def test_what_ill_conditioned_columns_leave():
    most = most_floor(400)
    assert columns_reach(EXACT, EXACT) == [] == columns_reach(1e-8, 1e-8, why="")
    (one,) = columns_reach(1e-8, 5e-9)
    assert (one.cause, one.coefficients, one.others, one.most) == ("ill-conditioned-columns", 1e-8, 5e-9, most)
    assert "keeps about 8.0 digits" in one.said and one.said.endswith("printed is off by no more. `x` is far from zero.")
    capped, whole = columns_reach(1e-8, 10 * most)
    assert (capped.coefficients, capped.others) == (1e-8, most) and (whole.coefficients, whole.others) == (1e-8, 10 * most)
    capped, whole = columns_reach(1.0, 1e-8)
    assert whole.coefficients == rounding.ANYTHING and whole.others == 1e-8 and "no digit" in whole.said


def test_what_an_absorber_s_tolerance_leaves(monkeypatch):
    """Three tolerances; the numbers of an early stop are off by what is told here."""
    exact = np.array([2.0, 0.001]), np.array([0.1, 0.1])
    shift = dict(zip(ABSORBERS, (0.0, 1e-9, 1e-5), strict=False))
    monkeypatch.setattr(rounding, "_absorbed", lambda design, stops: stops)

    def fitted(scenario, design):
        if not isinstance(design, float):
            return exact
        by = shift.get(design, 1e-5)
        return exact[0] + np.array([2 * by, 0.05 * by]), exact[1] * (1 + 2 * by)

    monkeypatch.setattr(rounding, "_fitted", fitted)
    found = list(rounding._of_absorbers(DECLARED, SimpleNamespace(nobs=400)))
    assert [dict(r.parameters)["tolerance"] for r in found] == [
        f"{stops:.0e}" for stops in ABSORBERS if STOPPING_MARGIN * 2 * shift.get(stops, 1e-5) > EXACT
    ]
    last = found[-1]
    # of a coefficient of nearly nothing its standard error is the scale
    assert last.coefficients == pytest.approx(STOPPING_MARGIN * 1e-5) and last.others == pytest.approx(
        STOPPING_MARGIN * 2e-5
    )
    assert last.cause == "absorption-tolerance" and last.most == most_floor(400)
    monkeypatch.setattr(rounding, "_fitted", lambda scenario, design: None)
    assert list(rounding._of_absorbers(DECLARED, SimpleNamespace(nobs=400))) == []


def test_where_a_reach_is_looked_for(monkeypatch):
    monkeypatch.setattr(rounding, "conditioning", lambda design, partialled: None)
    monkeypatch.setattr(rounding, "partial_out", lambda design: None)
    monkeypatch.setattr(rounding, "_of_columns", lambda known, design: iter(["columns"]))
    monkeypatch.setattr(rounding, "_of_absorbers", lambda scenario, design: iter(["absorbers"]))

    def of(effects: int, nobs: int) -> list:
        design = SimpleNamespace(effects=range(effects), nobs=nobs)
        return list(rounding.reaches(SimpleNamespace(design=lambda scenario: design), DECLARED))

    assert of(2, 200_000) == ["columns", "absorbers"] and of(2, 200_001) == ["columns"] == of(1, 10)
    assert list(rounding.reaches(SimpleNamespace(design=lambda scenario: None), DECLARED)) == []


def test_the_scale_of_a_number():
    numbers = Numbers(("(Intercept)", "a", "b"), COEF, np.diag([0.01, 9.0, 0.16]), 10.0, 100.0)
    assert rounding._scale("coef", "a", 2.0, numbers) == 3.0 and rounding._scale("coef", "b", 4.0, numbers) == 4.0
    assert rounding._scale("nobs", "", 7.0, numbers) == 7.0 == rounding._scale("coef", "q", 7.0, numbers)


# ---------------------------------------------------------------- dummies that are lost


def absorbed(*levels: int, rank: int, **more):
    facts = SimpleNamespace(absorbed=[Absorbed(str(i), n) for i, n in enumerate(levels)], absorbed_rank=rank)
    return SimpleNamespace(**({"facts": facts, "weights": None, "endog": np.empty((9, 0))} | more))


def test_two_redundant_dummies_or_more():
    """5 and 4 levels are 8 columns as a model matrix has them; of rank 6 two are redundant."""
    may = lost_dummy.may_apply
    assert may(absorbed(5, 4, rank=6)) and not may(absorbed(5, 4, rank=7)) and not may(absorbed(5, rank=3))
    assert not may(absorbed(5, 4, rank=6, weights=np.ones(9))) and not may(absorbed(5, 4, rank=6, endog=np.empty((9, 1))))
    assert may(absorbed(300, 201, rank=400)) and not may(absorbed(300, 202, rank=400))


@pytest.mark.parametrize(
    ("out", "meant", "held"),
    [
        ([], [0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5, 6]), ([1], [0, 2, 3, 4, 5, 6], [0, 2, 3, 4, 5, 6]),
        ([1, 3], [0, 2, 4, 5, 6], [0, 2, 3, 5, 6]), ([3, 1], [0, 2, 4, 5, 6], [0, 2, 4, 5, 6]),
        ([6, 5], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]), ([0, 6], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
    ],
)  # fmt: skip
def test_places_from_before_the_first_went(out, meant, held):
    """Column 1 goes and all move up; then the third place holds what stood fourth."""
    assert lost_dummy.meant_and_held(out, 7) == (meant, held)


def test_columns_as_a_model_matrix_has_them():
    """Levels in the order of their names as text from 1: 1, 10, 11, 2; of a later effect the first has none."""
    code = np.arange(12) % 11
    fit = SimpleNamespace(xt=np.arange(12.0)[:, None])
    columns, rows = lost_dummy.all_columns(fit, SimpleNamespace(effects={"f": code, "g": np.arange(12) % 3}))
    assert columns.shape == (12, 1 + 11 + 2) and columns[:, 0].tolist() == list(range(12))
    assert [row for effect, row in rows if effect == 0] == [0, 9, 10, 1, 2, 3, 4, 5, 6, 7, 8]
    assert [row for effect, row in rows if effect == 1] == [1, 2] and columns[:, 12:].sum(0).tolist() == [4.0, 4.0]


def test_degrees_of_freedom_of_a_lost_dummy():
    """(tr P)^2 / tr(P P) of P = m b m' + diag(s), two clusters."""
    moved = np.array([[[1.0, 2.0]], [[3.0, 1.0]]])
    between, sizes = np.array([[1.0, 0.5], [0.5, 2.0]]), np.array([[4.0], [5.0]])
    p = np.array([[1 + 8 + 2, 3 + 3.5 + 4], [3 + 3.5 + 4, 9 + 2 + 3]]) + np.diag([4.0, 5.0])
    assert lost_dummy._degrees(moved, sizes, between) == pytest.approx([np.trace(p) ** 2 / np.sum(p**2)])


def test_a_reflection_leaves_lengths():
    a = np.random.default_rng(9).normal(size=(5, 4))
    whole = a.copy()
    size = lost_dummy._reflected(a, 1)
    assert size == pytest.approx(np.linalg.norm(whole[1:, 1])) and a[1, 1] == pytest.approx(-np.copysign(size, whole[1, 1]))
    assert a[2:, 1].tolist() == [0.0, 0.0, 0.0] and (a[0] == whole[0]).all() and (a[:, 0] == whole[:, 0]).all()
    assert np.linalg.norm(a[1:, 2:], axis=0) == pytest.approx(np.linalg.norm(whole[1:, 2:], axis=0))
    assert a[1:, 2] @ a[1:, 3] == pytest.approx(whole[1:, 2] @ whole[1:, 3])
    below = np.array([[1.0, 2.0], [0.0, -3.0], [0.0, 0.0]])
    assert lost_dummy._reflected(below, 1) == 3.0 and below[1, 1] == -3.0
    length = np.linalg.norm(whole[1:, :], axis=0)
    exact = length.copy()
    lost_dummy._shortened(a, 1, length, exact)
    assert length[2:] == pytest.approx(np.linalg.norm(a[2:, 2:], axis=0))


def test_lengths_are_computed_anew_where_digits_have_gone():
    a = np.array([[1.0, 1.0], [0.0, 1e-9], [0.0, 0.0]])
    length = exact = np.linalg.norm(a, axis=0)
    length, exact = length.copy(), exact.copy()
    lost_dummy._shortened(a, 0, length, exact)
    assert length[1] == 1e-9 == exact[1]


# ---------------------------------------------------------------- numbers of an estimate held against a scenario


def test_a_whole_search_by_its_designs():
    """A pair by the whole catalogue of two: the fitter is asked for what each leaves."""
    one, other = moves("one", Move((1.0, 1.5, 1.0), -2)), moves("other", Move((1.0, 1.0, 1.2)))
    toy = Toy()
    found = pairs._likeliest(DECLARED, [Path(DECLARED).then(s) for c in (one, other) for s in c.steps(DECLARED, toy)],
                             page(coef=(3.0, -4.8), nobs=98.0), toy, free=False)  # fmt: skip
    assert found[0].tolist() == [[0, 1]] and found[1].tolist() == [True]
    none = pairs._likeliest(DECLARED, [], page(coef=(3.0, -4.8)), toy, free=False)
    assert none[0].shape == (0, 2) and none[1].shape == (0,)


def test_one_row_twice_beside_another_design():
    class Rows(Toy):
        def rows_twice(self, scenario, observed):
            self.asked.append(scenario.edits)
            return frozenset({1}) if scenario.edits else frozenset()

    toy = Rows()
    toy.asked = []
    again = moves("again", Move(), slot="w")
    again = replace(
        again, variants=lambda c, s, f: [Step(c, s.edited(RowAgain(i)), (("place", i),)) for i in range(3)], many=True
    )
    shown = Observed((Target("coef", "(Intercept)", 1.0, 0, 1.0), *page(nobs=98.0).targets), complete=True)
    lost, dear, more = moves("lost", Move(rows=-3)), moves("dear", Move(rows=-3), cost=2), moves("more", Move(rows=-2))
    singles = [Path(DECLARED).then(s) for c in (lost, dear, more) for s in c.steps(DECLARED, toy)]
    left: list[tuple] = []

    def made(shown: Observed, by: Toy = toy, cause: Cause = again, told: bool = True) -> list[Path]:
        return list(pairs.with_a_row_twice(singles, [cause], shown, by, lambda *n: left.append(n), told=told))

    found = made(shown)
    assert [[s.cause.id for s in p.steps] for p in found] == [["lost", "again"]] and len(toy.asked) == 1
    assert found[0].steps[1].parameters == (("place", 1),) and not left
    assert not made(shown, cause=replace(again, slot="lost")) and not made(shown, told=False)
    assert not made(replace(shown, targets=shown.targets[:-1]))
    some = replace(shown, complete=False, targets=shown.targets[1:])  # of a page that leaves the constant out
    assert [p.steps[0].cause.id for p in made(some)] == ["lost"] and left == [(2, 0, len(toy.original))]
    assert not made(replace(some, complete=True))
    toy.asked.clear()
    large = Rows(int(pairs.WORK) + 1)
    large.asked = []
    assert not made(shown, large) and not large.asked
