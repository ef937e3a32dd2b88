"""The pieces that a search is made of, each by numbers worked by hand: what was observed, chances, edits of the page."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from parity.base.errors import InputError
from parity.base.tolerance import EXACT
from parity.conventions.facts import Absorbed, Facts
from parity.diagnose import chance
from parity.diagnose.catalogue import edits as e
from parity.diagnose.catalogue.from_elsewhere import FromColumn, RowOf, RowsSwapped
from parity.diagnose.explanation import Explanation, NamedCause, Solution
from parity.diagnose.numbers import Numbers, printed
from parity.diagnose.observed import Observed, Target, TargetNumber, from_estimate, from_numbers, from_text
from parity.diagnose.questions.published import columns, targets_of
from parity.diagnose.questions.reading import _ranges, reading_of
from parity.diagnose.questions.typed import typed_targets
from parity.diagnose.scaling import counted, has_own_df, repaired, rules, with_one_df
from parity.diagnose.scenario import Scenario
from parity.diagnose.slips import slips_between
from parity.diagnose.weighed import Weighed
from parity.printed.cells import Number
from parity.printed.matching import Line
from parity.printed.printed_table import UNKNOWN, Leftover, PrintedTable, Row
from parity.results.estimate import Estimate, Part, Printed, Reported
from parity.study.published import Published
from parity.study.spec import Spec

TERMS = ("(Intercept)", "a", "b")
VCOV = np.array([[0.25, 0.1, 0.0], [0.1, 0.36, 0.3], [0.0, 0.3, 1.0]])
NUMBERS = Numbers(TERMS, np.array([0.3, 2.0, -40.0]), VCOV, 10.0, 50.0)

# ---------------------------------------------------------------- what a scenario prints


def test_inference_follows_from_coefficients_and_covariance():
    assert NUMBERS.se.tolist() == [0.5, 0.6, 1.0] and NUMBERS.t.tolist() == pytest.approx([0.6, 10 / 3, -40.0])
    # t of 10: 2.228139 at 95 per cent, 3.169273 at 99; p of t = 10/3 is .00758
    assert NUMBERS.ci_high[2] == pytest.approx(-40 + 2.2281388519649385) and NUMBERS.p[1] == pytest.approx(
        0.0075752, rel=1e-4
    )
    assert NUMBERS.ci_low[0] == pytest.approx(0.3 - 2.2281388519649385 * 0.5)
    assert NUMBERS.stars.tolist() == [0.0, 3.0, 3.0] and replace(NUMBERS, cuts=(0.7, 0.05)).stars.tolist() == [1.0, 2.0, 2.0]
    # (2, -40) over [[.36, .3], [.3, 1]], by two slopes: determinant .27
    assert NUMBERS.f == pytest.approx((4 * 1.0 - 2 * 2 * -40 * 0.3 + 1600 * 0.36) / 0.27 / 2)
    normal = replace(NUMBERS, df=math.inf)
    assert normal.p[0] == pytest.approx(0.548506, rel=1e-5) and normal.df_t == math.inf
    own = replace(NUMBERS, df=np.array([10.0, 4.0, 10.0]))
    assert math.isnan(own.df_t) and own.p[1] == pytest.approx(0.0290, abs=2e-4) and own.p[0] == NUMBERS.p[0]
    assert own.ci_high[1] == pytest.approx(2 + 0.6 * 2.7764451051977987)
    below = replace(NUMBERS, vcov=np.diag([0.0, -1.0, 1.0]))
    assert below.se[0] == 0.0 and math.isnan(below.se[1]) and math.isnan(below.f) is False
    assert math.isnan(replace(NUMBERS, vcov=np.zeros((3, 3))).f)
    assert math.isnan(Numbers(("(Intercept)",), np.ones(1), np.eye(1), 5.0, 9.0).f)


def test_columns_that_are_overwritten_leave_the_others():
    shown = NUMBERS.showing(se=np.array([9.0, 9.0, 9.0]), nobs=51.0, t=lambda n: -n.t)
    assert shown.se.tolist() == [9.0] * 3 and shown.nobs == 51.0 and shown.t[2] == 40.0
    assert shown.coef is NUMBERS.coef and shown.p.tolist() == NUMBERS.p.tolist() and shown.f == NUMBERS.f
    moved = NUMBERS.showing(coef=lambda n: 2 * n.coef)
    assert moved.coef.tolist() == [0.6, 4.0, -80.0] and moved.t.tolist() == NUMBERS.t.tolist()


# ---------------------------------------------------------------- what was observed


def test_a_number_of_its_own_is_in_full_precision():
    plain = Target("coef", "a", 2.0, 0.0, 1.0)
    assert (plain.decimals, plain.unsigned, plain.text, plain.rounding) == (None, False, "", 0.0)
    one = Observed((plain, Target("nobs", "", 50.0, 0.0, 1.0)), complete=False)
    assert one.nobs == 50.0 and one.has("coef") and one.has("se", "nobs") and not one.has("se") and not one.raw
    assert one.of_design.tolist() == [True, True] and one.of_coefficients.tolist() == [True, False]
    assert one.of_counts.tolist() == [False, True] and one.terms == ("a",)
    assert Observed((plain,), complete=False).nobs is None


def test_typed_numbers_stand_for_intervals():
    observed = from_text([
        TargetNumber("coef", "a", "2.00**"), TargetNumber("se", "a", ".60"), TargetNumber("t", "b", "40.0"),
        TargetNumber("t", "a", "-3.3"), TargetNumber("coef", "b", "0.00"), TargetNumber("nobs", "", "1,050"),
        TargetNumber("t", "a", "3.3**"),
    ])  # fmt: skip
    rows = [(t.quantity, t.term, t.value, t.decimals, t.unsigned) for t in observed.targets]
    assert rows == [
        ("coef", "a", 2.0, 2, False), ("stars", "a", 2.0, 0, False), ("se", "a", 0.6, 2, False), ("t", "b", 40.0, 1, True),
        ("stars", "b", 0.0, 0, False), ("t", "a", -3.3, 1, False), ("stars", "a", 0.0, 0, False),
        ("coef", "b", 0.0, 2, False), ("nobs", "", 1050.0, 0, False), ("t", "a", 3.3, 1, True),
    ]  # fmt: skip
    assert observed.targets[0].allowed == pytest.approx(0.005) and observed.targets[0].scale == 2.0
    assert observed.targets[7].scale == 0.005 and observed.targets[8].allowed == 0.0 == observed.targets[8].rounding
    assert not observed.complete
    plain = from_text([TargetNumber("coef", "a", "2.00"), TargetNumber("se", "a", ".60")])
    assert [t.quantity for t in plain.targets] == ["coef", "se"]  # no star anywhere: nothing is said of p


def test_what_a_scenario_has_for_each_number():
    observed = from_text([TargetNumber("t", "b", "40.0"), TargetNumber("coef", "q", "1.0"), TargetNumber("f", "", "9.0"),
                          TargetNumber("nobs", "", "50"), TargetNumber("coef", "a", "2.004")])  # fmt: skip
    found = observed.predicted(NUMBERS)
    assert found[0] == 40.0 and math.isnan(found[1]) and found[2] == NUMBERS.f and found[3] == 50.0 and found[4] == 2.0
    assert observed.failing(NUMBERS).tolist() == [False, True, True, False, True]
    assert observed.of_design_failing(NUMBERS).tolist() == [False, True, False, False, True]
    assert observed.residual(NUMBERS) == math.inf and observed.residual_of_design(NUMBERS) == math.inf
    near = from_text([TargetNumber("coef", "a", "2.004"), TargetNumber("se", "a", ".60"), TargetNumber("nobs", "", "60")])
    assert near.residual(NUMBERS) == pytest.approx(10 / 60) and near.residual_of_design(NUMBERS) == pytest.approx(10 / 60)
    near = from_text([TargetNumber("coef", "a", "2.004"), TargetNumber("nobs", "", "50")])
    assert near.residual_of_design(NUMBERS) == pytest.approx(0.004 / 2.004)
    index, value, allowed = near.coefficients(TERMS)
    assert (index.tolist(), value.tolist()) == ([1], [2.004]) and allowed[0] == pytest.approx(0.0005)
    assert [len(x) for x in from_text([TargetNumber("se", "a", "1")]).coefficients(TERMS)] == [0, 0, 0]


def test_a_whole_table_has_every_number_of_itself():
    whole = from_numbers(NUMBERS, EXACT, ("coef", "se", "vcov", "t", "p", "ci_low", "ci_high", "nobs", "df_t"))
    assert whole.complete and len(whole.targets) == 3 * 6 + 6 + 2
    by = {(t.quantity, t.term): t for t in whole.targets}
    assert by["vcov", "b x a"].value == 0.3 and by["vcov", "b x a"].scale == 0.6 and by["vcov", "a x a"].value == 0.36
    assert by["df_t", ""].value == 10.0 and by["df_t", ""].allowed == 0.0 == by["nobs", ""].allowed
    assert by["se", "a"].allowed == EXACT * 0.6
    assert not whole.failing(NUMBERS).any() and whole.residual(NUMBERS) == 0.0
    other = replace(NUMBERS, terms=("(Intercept)", "a", "c"))
    assert whole.failing(other).all() and whole.of_design_failing(other)[whole.of_coefficients].all()
    assert whole.residual_of_design(other) == math.inf
    more = Numbers((*TERMS, "c"), np.ones(4), np.eye(4), 10.0, 50.0)
    assert whole.residual_of_design(more) == math.inf and whole.failing(more).all()
    assert [t.quantity for t in from_numbers(replace(NUMBERS, df=np.full(3, 9.0)), EXACT, ("df_t", "nobs")).targets] == [
        "nobs"
    ]
    # of a term with no variance the scale is one, lest a difference of it be divided by nought
    assert from_numbers(replace(NUMBERS, vcov=np.zeros((3, 3))), EXACT, ("se",)).targets[0].scale == 1.0


def test_names_that_hold_a_product_are_told_apart():
    numbers = Numbers(("a x b", "c"), np.ones(2), np.array([[1.0, 0.5], [0.5, 4.0]]), 9.0, 20.0)
    observed = from_numbers(numbers, EXACT, ("coef", "vcov"))
    assert [t.term for t in observed.targets if t.quantity == "vcov"] == ["a x b x a x b", "c x a x b", "c x c"]
    assert observed.predicted(numbers)[~observed.of_coefficients].tolist() == [1.0, 0.5, 4.0]


def estimate(**more) -> Estimate:
    given = {
        "engine": "e",
        "terms": TERMS,
        "coef": (0.3, 2.0, -40.0),
        "parts": (Part(matrix=VCOV.tolist()),),
        "basis": "as shipped",
    }
    return Estimate(**given | more)


def quantities(observed: Observed) -> list[str]:
    return list(dict.fromkeys(t.quantity for t in observed.targets))


def test_an_estimate_shows_what_its_engine_says():
    bare = from_estimate(estimate(), EXACT)
    assert quantities(bare) == ["coef", "se", "vcov"] and bare.complete and not bare.raw
    said = from_estimate(estimate(df_t=10.0, reported=Reported(nobs=50)), EXACT)
    assert quantities(said) == ["coef", "se", "t", "p", "ci_low", "ci_high", "vcov", "nobs", "df_t"]
    assert not said.failing(NUMBERS).any()
    raw = from_estimate(estimate(basis="uncorrected", df_t=10.0, reported=Reported(nobs=50)), EXACT)
    assert quantities(raw) == ["coef", "se", "vcov", "nobs"] and raw.raw
    parts = tuple(Part(cluster=tuple(c), matrix=(VCOV * s).tolist()) for c, s in (("g", 2.0), ("h", 1.5), ("gh", 2.5)))
    both = from_estimate(estimate(basis="uncorrected", parts=parts), EXACT)
    assert {(t.quantity, t.term): t.value for t in both.targets}["vcov", "b x b"] == pytest.approx(1.0)  # 2 + 1.5 - 2.5
    rows = {t: Printed(se=0.7, df=8.0) for t in TERMS}
    own = from_estimate(estimate(printed=rows), EXACT)
    by = {(t.quantity, t.term): t.value for t in own.targets}
    assert by["se", "a"] == 0.7 and "df_t" not in quantities(own) and by["t", "a"] == pytest.approx(2 / 0.6)
    assert by["p", "a"] == pytest.approx(2 * 0.0051, abs=2e-4)  # t of 8 degrees of freedom at 3.33
    some = from_estimate(estimate(printed={"a": Printed(se=0.7)}), EXACT)  # of one term alone it is no column
    assert {(t.quantity, t.term): t.value for t in some.targets}["se", "a"] == 0.6


# ---------------------------------------------------------------- chances


def target(quantity: str, share: float, term: str = "a") -> Target:
    return Target(quantity, term, 1.0, share, 1.0)


@pytest.mark.parametrize(
    ("targets", "causes", "wanted"),
    [
        ([target("coef", 0.01)], 1, 0.02 / math.log(4)), ([target("coef", 0.01)], 2, 0.02 / math.log(1.1 / 0.9)),
        ([target("coef", 0.01), target("coef", 0.02, "b")], 1, 0.02 * 0.04 / math.log(4) ** 2),
        # of several standard errors the most precise one, and t, p only without one
        ([target("se", 0.01), target("se", 0.002, "b"), target("t", 0.001), target("p", 0.001)], 1, 0.004 / math.log(4)),
        ([target("t", 0.01), target("p", 0.001)], 1, 0.02 / math.log(4)), ([target("p", 0.01)], 1, 0.02 / math.log(4)),
        ([target("f", 0.01)], 1, 0.02 / math.log(4)), ([target("stars", 0.0)], 1, 0.25),
        ([target("se", 0.01), target("stars", 0.0)], 1, 0.02 / math.log(4)), ([target("nobs", 0.0)], 1, 0.1),
        ([target("nobs", 0.0), target("df_t", 0.0)], 1, 0.01), ([target("coef", 5.0)], 1, 1.0),
        ([target("coef", 0.0)], 1, 2 * EXACT / 10 / math.log(4)), ([], 1, 1.0),
    ],
)  # fmt: skip
def test_how_likely_one_scenario_hits(targets, causes, wanted):
    observed = Observed(tuple(targets), complete=False)
    missed = np.ones(len(targets), dtype=bool)
    assert chance.of_one_scenario(observed, missed, causes) == pytest.approx(wanted)
    assert chance.of_one_scenario(observed, ~missed, causes) == 1.0


def test_standard_errors_that_move_apart_are_told_apart():
    """Two of three are off, by 4 and 2 per cent net of their coefficients: the wider interval counts."""
    shown = [
        Target("se", "a", 0.6 * 1.04, 0.001 * 0.6, 0.6),
        Target("se", "b", 1.02, 0.002, 1.0),
        Target("coef", "b", -40.0, 0.04, 40.0),
    ]
    observed = Observed(tuple(shown), complete=False)
    off = np.array([True, True, False])
    wide = 2 * math.log(1.04)
    assert chance.of_other_factors(observed, off, NUMBERS) == pytest.approx(2 * 0.003 / wide)
    assert chance.of_other_factors(observed, np.array([True, False, False]), NUMBERS) == 1.0
    assert chance.of_other_factors(observed, off, None) == 1.0
    same = [Target("se", "a", 1.2, 0.0, 1.2), Target("coef", "a", 4.0, 0.0, 4.0), Target("se", "b", 2.0, 0.0, 2.0),
            Target("coef", "b", -80.0, 0.0, 80.0)]  # fmt: skip
    units = Observed(tuple(same), complete=False)
    assert chance.of_other_factors(units, np.ones(4, dtype=bool), NUMBERS) == 1.0  # each is off as its coefficient is
    far = Observed((Target("se", "a", 6.0, 0.006, 6.0), Target("se", "b", 5.0, 0.01, 5.0)), complete=False)
    crowded = math.log(1.1 / 0.9)
    assert chance.of_other_factors(far, np.ones(2, dtype=bool), NUMBERS) == pytest.approx(2 * 0.002 / crowded)


def test_scenarios_that_may_hit_are_near():
    def may(value: float, causes: int = 1, moved: bool = True, nobs: float = 50.0) -> bool:
        observed = Observed((Target("coef", "a", value, 0.0, 1.0), Target("nobs", "", nobs, 0.0, 1.0)), complete=False)
        failing = observed.of_design_failing(NUMBERS)
        return chance.may_hit(observed, np.array([moved, True]), failing, NUMBERS, causes)

    assert may(2.0) and may(3.99) and may(1.01) and not may(4.01) and not may(0.99) and not may(-2.0)
    assert may(2.19, 2) and not may(2.23, 2) and may(1.83, 2) and not may(1.79, 2)
    assert not may(2.5, moved=False) and not may(2.0, nobs=51.0)


def test_designs_are_counted_as_their_richest_one():
    weighed = Weighed()
    weighed.design(1, True)
    weighed.leaves(3, 2)
    weighed.leaves(1)
    weighed.design(1, True)
    weighed.leaves(2)
    weighed.design(1, False)
    weighed.design(2, False)
    weighed.leaves(0, 4)
    # of cost 1 four plain scenarios and six in all, for three designs; of cost 2 none, and four slips
    assert weighed.scenarios(slips=False) == 3 * 4 + 1 and weighed.scenarios(slips=True) == 3 * 6 + 4
    assert weighed.rivals(False, near=True) == 2 * 4 and weighed.rivals(True, near=True) == 2 * 6
    assert weighed.rivals(False, near=False) == 0 and weighed.rivals(True, near=False) == 4
    weighed.untried(1, 5, 7)
    assert weighed.rivals(False, near=True) == 7 * 4 and weighed.scenarios(slips=False) == (3 + 12) * 4 + 1
    assert Weighed().scenarios(slips=True) == 0


# ---------------------------------------------------------------- slips of digits


@pytest.mark.parametrize(
    ("value", "shown", "decimals", "wanted"),
    [
        (1.234, 1.244, 3, [("digit", 2, "4")]), (1.234, 1.324, 3, [("swap", 1, "")]), (-1.234, -1.243, 3, [("swap", 2, "")]),
        (1.234, 4.231, 3, []), (1.234, 1.345, 3, []), (1.234, 1.234, 3, []), (1.234, -1.244, 3, []), (1.234, 11.234, 3, []),
        (12.0, 21.0, 0, [("swap", 0, "")]), (0.5, 0.0, 1, [("digit", 1, "0")]), (1.25, 0.25, 2, [("digit", 0, "0")]),
        (math.nan, 1.0, 2, []), (math.inf, 1.0, 2, []), (123456789.0, 123456788.0, 0, []), (1.234, 1.423, 3, []),
    ],
)  # fmt: skip
def test_a_slip_is_one_digit_or_two_neighbours(value, shown, decimals, wanted):
    assert slips_between(value, shown, decimals) == wanted


def slip(kind: str, position: int = 0, digit: str = "", decimals: int = 3) -> e.Slip:
    return e.Slip("coef", "a", decimals, kind, position, digit)


@pytest.mark.parametrize(
    ("one", "value", "read"),
    [
        (slip("digit", 1, "9"), 1.234, 1.934), (slip("digit", 0, "9"), -1.234, -9.234),
        (slip("digit", 1, "2"), 1.234, math.nan),
        (slip("digit", 3, "0"), 1.234, 1.23), (slip("digit", 4, "0"), 1.234, math.nan), (slip("swap", 0), 1.234, 2.134),
        (slip("swap", 2), 1.234, 1.243), (slip("swap", 3), 1.234, math.nan), (slip("swap", 1), 1.224, math.nan),
        (slip("point", 1), 1.234, 12.34), (slip("point", -2), 1.234, 0.01234), (slip("point", 1), math.inf, math.nan),
    ],
)  # fmt: skip
def test_what_is_read_where_a_digit_slips(one, value, read):
    found = one.slipped(value)
    assert found == pytest.approx(read) or (math.isnan(found) and math.isnan(read))


def test_a_slip_of_a_page_moves_one_number():
    edited = slip("digit", 0, "9", 2).numbers(NUMBERS)
    assert edited.coef.tolist() == [0.3, 9.0, -40.0] and edited.se is NUMBERS.se
    count = e.Slip("nobs", "", 0, "digit", 1, "9").numbers(NUMBERS)
    assert count.nobs == 59.0 and e.Slip("nobs", "", 0, "point", -1).numbers(replace(NUMBERS, nobs=57.0)).nobs == 6.0
    assert e.Slip("f", "", 0, "point", 1).numbers(NUMBERS).f == pytest.approx(10 * NUMBERS.f)
    assert replace(slip("digit", 0, "9"), term="q").numbers(NUMBERS) is NUMBERS
    moved, slack = slip("point", 1).on_coefficients(TERMS)
    assert (moved.tolist(), slack) == ([1.0, 10.0, 1.0], 0.0) and slip("swap").on_coefficients(TERMS)[1] == math.inf
    assert e.Slip("se", "a", 3, "swap").on_coefficients(TERMS)[1] == 0.0
    assert (
        slip("swap").touches("coef", "a") and not slip("swap").touches("coef", "b") and not slip("swap").touches("se", "a")
    )


# ---------------------------------------------------------------- edits of the page


def touched(edit, quantities=("coef", "se", "t", "p", "ci_low", "ci_high", "vcov", "stars", "nobs"), term="a") -> list[str]:
    return [q for q in quantities if edit.touches(q, term)]


def test_a_coefficient_in_other_units():
    one = e.Rescaled("a", 10.0)
    found = one.numbers(NUMBERS)
    assert found.coef.tolist() == [0.3, 20.0, -40.0] and found.vcov[1].tolist() == [1.0, 36.0, 3.0]
    assert touched(one) == ["coef", "se", "ci_low", "ci_high", "vcov"] and touched(one, term="b") == []
    assert one.touches("vcov", "b x a") and one.touches("vcov", "a x b") and not one.touches("vcov", "b x b")
    every = e.Rescaled("", 2.0)
    assert every.numbers(NUMBERS).coef.tolist() == [0.6, 4.0, -80.0] and touched(every, term="b") == touched(one)
    assert [x.tolist() if hasattr(x, "tolist") else x for x in one.on_coefficients(TERMS)] == [[1.0, 10.0, 1.0], 0.0]


def test_a_sign_that_is_flipped():
    one = e.SignFlipped("a")
    found = one.numbers(NUMBERS)
    assert found.coef.tolist() == [0.3, -2.0, -40.0] and found.ci_low[1] == pytest.approx(-NUMBERS.ci_high[1])
    assert touched(one) == ["coef", "t", "ci_low", "ci_high"] and touched(one, term="b") == []
    assert one.on_coefficients(TERMS)[0].tolist() == [1.0, -1.0, 1.0]


@pytest.mark.parametrize(
    ("statistic", "wanted"),
    [
        ("signed t", [0.6, 10 / 3, -40.0]),
        ("t", [0.6, 10 / 3, 40.0]),
        ("se", [0.5, 0.6, 1.0]),
        ("variance", [0.25, 0.36, 1.0]),
    ],
)
def test_a_column_that_holds_another(statistic, wanted):
    assert e.Exchanged("p", statistic).numbers(NUMBERS).p.tolist() == pytest.approx(wanted)
    one = e.Exchanged("p", statistic, "a").numbers(NUMBERS).p
    assert one.tolist() == pytest.approx([NUMBERS.p[0], wanted[1], NUMBERS.p[2]])
    assert e.Exchanged("p", "one-sided p").numbers(NUMBERS).p.tolist() == (NUMBERS.p / 2).tolist()
    assert e.Exchanged("se", "p").numbers(NUMBERS).se.tolist() == NUMBERS.p.tolist()
    assert touched(e.Exchanged("p", statistic)) == ["p"] and touched(e.Exchanged("p", statistic, "b")) == []


def test_levels_and_stars():
    assert e.Level(0.99).numbers(NUMBERS).ci_high[2] == pytest.approx(-40 + 3.169272667175838)
    assert touched(e.Level(0.9)) == ["ci_low", "ci_high"]
    assert e.StarsAt((0.01, 0.001)).numbers(NUMBERS).stars.tolist() == [0.0, 1.0, 2.0] and touched(e.StarsAt((0.1,))) == [
        "stars"
    ]
    assert e.StarsOf("a", 1).numbers(NUMBERS).stars.tolist() == [0.0, 1.0, 3.0]
    assert touched(e.StarsOf("a", 1)) == ["stars"] and touched(e.StarsOf("a", 1), term="b") == []


def test_rounded_numbers_that_are_handed_on():
    exact = replace(NUMBERS, coef=np.array([1.23456, -0.00123456, 123456.0]))
    rounded = e.Rounded(("coef", "vcov", "stars"), 3)
    assert rounded.numbers(exact).coef.tolist() == [1.23, -0.00123, 123000.0] and rounded.numbers(exact).vcov is exact.vcov
    floats = e.Rounded(("coef",), 0).numbers(exact)
    assert floats.coef.tolist() == [float(np.float32(v)) for v in exact.coef]
    assert rounded.on_coefficients(TERMS)[1] == 1e-2 and e.Rounded(("coef",), 0).on_coefficients(TERMS)[1] == 1e-6
    assert e.Rounded(("se",), 3).on_coefficients(TERMS)[1] == 0.0
    assert rounded.can_leave(1.23) and not rounded.can_leave(1.2345) and rounded.can_leave(math.inf)
    assert rounded.can_leave(float(np.float32(1.23))) and touched(rounded) == ["coef", "vcov", "stars"]


def test_numbers_that_are_cut_or_rounded_twice():
    page = ((("coef", "a"), 1), (("se", "b"), 0), (("coef", "q"), 1))
    exact = replace(NUMBERS, coef=np.array([0.3, 2.3499999, -40.0]), vcov=np.diag([1.0, 1.0, 3.9]))
    cut = e.CutOff(page).numbers(exact)
    assert cut.coef.tolist() == [0.3, 2.3, -40.0] and cut.se[2] == 1.0 and cut.se[0] == 1.0
    twice = e.CutOff(page, twice=True).numbers(exact)
    assert twice.coef[1] == 2.4 and twice.se[2] == 2.0  # 2.35, then 2.4
    assert e.CutOff(page).numbers(replace(exact, coef=np.array([0.3, -2.39, 1.0]))).coef[1] == -2.3
    off = {("coef", "a"): True, ("se", "b"): False, ("p", "a"): True}
    assert e.CutOff(page).by_chance(off) == pytest.approx(0.25 * 0.5)
    assert e.CutOff(page, twice=True).by_chance(off) == pytest.approx(e.ROUNDED_UP_TWICE)
    assert e.CutOff(page).touches("coef", "a") and not e.CutOff(page).touches("se", "a")
    assert e.CutOff(page).on_coefficients(TERMS)[1] == 0.0 and slip("swap").by_chance(off) == 0.0


def test_rows_of_other_terms():
    one = RowOf("a", "b", ("coef", "se"))
    found = one.numbers(NUMBERS)
    assert found.coef.tolist() == [0.3, -40.0, -40.0] and found.se.tolist() == [0.5, 1.0, 1.0] and found.t is NUMBERS.t
    assert touched(one) == ["coef", "se"] and touched(one, term="b") == []
    assert RowOf("a", "q").numbers(NUMBERS) is NUMBERS and RowOf("q", "a").numbers(NUMBERS) is NUMBERS
    swapped = RowsSwapped("a", "b")
    assert swapped.numbers(NUMBERS).terms == ("(Intercept)", "b", "a") and swapped.touches("vcov", "(Intercept) x b")
    assert swapped.touches("se", "a") and not swapped.touches("se", "(Intercept)")
    other = FromColumn((("coef", "a", 9.0), ("f", "", 3.0), ("coef", "q", 1.0)))
    assert other.numbers(NUMBERS).coef.tolist() == [0.3, 9.0, -40.0] and float(other.numbers(NUMBERS).f) == 3.0
    assert touched(other) == ["coef"] and other.touches("f", "")
    assert e.CountIs(49.0).numbers(NUMBERS).nobs == 49.0 and touched(e.CountIs(49.0)) == ["nobs"]


def test_what_moves_the_estimate_comes_before_what_overwrites_the_table():
    both = printed(NUMBERS, [e.Exchanged("se", "variance"), e.Rescaled("a", 10.0)])
    assert both.se.tolist() == pytest.approx([0.25, 36.0, 1.0]) and both.coef[1] == 20.0


# ---------------------------------------------------------------- rules beside a convention

FACTS = Facts(nobs=50, nobs_weighted=50, n_slopes=3, intercept=False, absorbed=(Absorbed("f", 9), Absorbed("u", 4, ("g",))),
              components={(0, 1): 1}, absorbed_rank=12, clusters={("g",): 8})  # fmt: skip


def scenario(vcov, *scaling: str, **more) -> Scenario:
    spec = Spec(id="s", formula="y ~ a + b + c | f + u", vcov=vcov, convention=more.pop("convention", "areg"))
    return Scenario(spec, scaling=scaling, **more)


CLUSTERED = {"cluster": ["g"]}
K = 3 + 12


@pytest.mark.parametrize(
    ("vcov", "scaling", "factor", "df"),
    [
        ("iid", (), 50 / (50 - K), 50 - K), ("iid", ("divides-by-n-minus-1",), 50 / 49, 50 - K),
        ("iid", ("iid-counts-no-effects",), 50 / 47, 50 - K),
        ("iid", ("cluster-factor-for-all",), 50 / (50 - K) * 50 / 49, 50 - K),
        ("HC1", ("divides-by-n-minus-1", "iid-counts-no-effects"), 50 / (50 - K), 50 - K),
        ("HC1", ("cluster-factor-for-all",), 50 / (50 - K) * 50 / 49, 50 - K),
        ("HC0", ("cluster-factor-for-all",), 1.0, 50 - K),
        ("HC3", (), 1.0, 50 - K), ("HC3", ("leverage-factor",), 50 / (50 - K), 50 - K),
        (CLUSTERED | {"type": "CR3"}, ("leverage-factor",), 8 / 7 * 49 / (50 - K), 7),
        (CLUSTERED | {"type": "CR3"}, ("jackknife-factor",), 7 / 8, 7),
        (CLUSTERED | {"type": "CR2"}, ("jackknife-factor",), 1.0, 7),
        (CLUSTERED, ("jackknife-factor", "cluster-factor-for-all"), 8 / 7 * 49 / (50 - K), 7),
        ("iid", ("constant-counted",), 50 / (50 - K - 1), 50 - K - 1),
        ("iid", ("redundant-counted",), 50 / (50 - K - 1), 50 - K - 1),
        (CLUSTERED, ("redundant-counted",), 8 / 7 * 49 / (50 - 3 - 9 - 1), 7),
    ],
)  # fmt: skip
def test_rules_that_no_setting_has(vcov, scaling, factor, df):
    factors, found = rules(scenario(vcov, *scaling), FACTS)
    assert list(factors.values()) == [pytest.approx(factor)] and found == df


def test_rules_of_what_carries_none():
    assert rules(scenario("iid", raw=True), FACTS) == ({(): 1.0}, math.inf)
    assert rules(scenario(CLUSTERED, raw=True), FACTS) == ({("g",): 1.0}, math.inf)
    plain = scenario("iid")
    assert counted(plain, FACTS) is FACTS
    flagged = counted(scenario(CLUSTERED, "nested flag on f"), FACTS)
    assert [a.nested_in for a in flagged.absorbed] == [("g",), ("g",)]
    own = scenario(CLUSTERED, "satterthwaite", "psd")
    assert has_own_df(own, 7.0) and has_own_df(plain, math.nan) and not has_own_df(plain, 7.0)
    assert with_one_df(own).scaling == ("psd",)
    bell = scenario(CLUSTERED, convention={"profile": "areg", "t_cluster": "satterthwaite"})
    assert with_one_df(bell).spec.convention.t_cluster == "groups"


def test_a_covariance_is_repaired_by_its_eigenvalues():
    found = repaired(np.array([[1.0, 2.0], [2.0, 1.0]]))  # 3 and -1
    assert found == pytest.approx(np.full((2, 2), 1.5)) and np.linalg.eigvalsh(found)[0] >= -1e-15
    assert repaired(VCOV) == pytest.approx(VCOV)


# ---------------------------------------------------------------- questions


@pytest.mark.parametrize(
    ("given", "nobs", "wanted"),
    [
        ({"se": ["capital=.0618"]}, None, [("se", "capital", ".0618")]), ({}, "1,050", [("nobs", "", "1,050")]),
        ({"coef": ["l(x, k=1)=0.5"]}, "200", [("coef", "l(x, k=1)", "0.5"), ("nobs", "", "200")]),
        ({"t": [" a =2.1"]}, None, [("t", "a", "2.1")]),
    ],
)  # fmt: skip
def test_numbers_that_are_typed(given, nobs, wanted):
    assert [(t.quantity, t.term, t.text) for t in typed_targets(given, nobs)] == wanted


@pytest.mark.parametrize(
    ("given", "nobs"),
    [({"se": ["capital"]}, None), ({"se": ["=.1"]}, None), ({"se": ["x=y"]}, None), ({}, "many"), ({}, "1.5")],
)
def test_what_is_typed_wrong(given, nobs):
    with pytest.raises(InputError, match=r"TERM=VALUE|number of observations"):
        typed_targets(given, nobs)


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [([1, 2, 3, 7], "1-3, 7"), ([], ""), ([5], "5"), ([1, 3, 4], "1, 3-4"),
     (list(range(1, 25, 2)), "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23"),
     (list(range(1, 27, 2)), "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 1 more")],
)  # fmt: skip
def test_lines_as_ranges(numbers, wanted):
    assert _ranges(numbers) == wanted


def test_how_much_of_a_table_was_read():
    n = (Number("coef", "1"), Number("se", "2"), Number("", "3"))
    table = PrintedTable(
        ("", "two"), (Row("a", (n, n)), Row("other", (n[:1], ()))), ("50", "50"),
        leftovers=(Leftover("R2", (("0.9",), ())), Leftover("b", (("4 5x",), ()), UNKNOWN),
                   Leftover("", (("7",), ()), UNKNOWN, 9, "torn"),
                   Leftover("note", (("8",), ()), UNKNOWN)),
        f=(("3.1", 3), None), notes=({"z": "omitted"}, {}), cut=(12, 0), outside=(1, 2, 9),
    )  # fmt: skip
    found = reading_of(table, 0, [Line("a", "a", n)], TERMS, {}, 2)
    assert (found.table, found.columns, found.column, found.seen, found.read, found.compared) == (15, 2, 1, 11, 7, 2)
    assert found.lost == (
        "row `b`: `4 5x` was not understood", "line 9: `7` (torn) was not understood",
        "the window's last line of dashes is missing behind line 12: (Intercept), b may have stood there",
    )  # fmt: skip
    assert found.unread == (
        "not compared: other 1; a 3; R2 0.9; row `note`: `8`; F of 3 slopes 3.1", "without a number: z (omitted)",
        "lines outside of the window, not read: 1-2, 9",
    )  # fmt: skip
    whole = replace(table, cut=(0, 0), f=(("3.1", 2), None), outside=(), leftovers=(), notes=())
    found = reading_of(whole, 0, [Line("a", "a", n[:2])], TERMS, {}, 2)
    assert found.lost == () and found.unread == (
        "not compared: other 1", "terms of the spec that the window doesn't have: (Intercept), b",
    )  # fmt: skip
    lines = [Line(t, t, n[:2]) for t in TERMS]
    complete = reading_of(replace(whole, cut=(7, 0)), 0, lines, TERMS, {}, 2)
    assert complete.lost == () and complete.unread[-1].startswith("the window's last line of dashes is missing; every term")
    plain = reading_of(replace(whole, cut=(), f=()), 0, lines, TERMS, {}, 2)
    assert plain.unread == ("not compared: a 1; other 1",) or plain.unread == ("not compared: other 1",)


def entry(**given) -> Published:
    return Published(**{"spec": "s", "source": "table 1"} | given)


def test_entries_of_one_place_are_a_column():
    a = entry(term="a", estimate="1.0*", parentheses="(0.5)", stars=(0.1,))
    b = entry(term="b", estimate="2.0", stars=(0.1,))
    count, elsewhere = entry(statistic={"nobs": "50", "r2": "0.4"}), entry(term="c", estimate="3.0", source="table 2")
    again, others = entry(term="a", estimate="1.1"), entry(term="c", estimate="4.0**", stars=(0.05, 0.01))
    found = columns([a, b, count, elsewhere, again, others])
    assert [c.entries for c in found] == [(a, b, count), (elsewhere,), (again, others)] or len(found) >= 3
    assert [(t.quantity, t.term, t.text) for t in found[0].targets][:3] == [
        ("coef", "a", "1.0*"), ("se", "a", "(0.5)"), ("coef", "b", "2.0"),
    ]  # fmt: skip
    assert [(t.quantity, t.text) for t in targets_of(count)] == [("nobs", "50")]
    assert [t.text for t in targets_of(entry(term="a", estimate="1.0*"))] == ["1.0"]
    kinds = [t.quantity for t in targets_of(entry(term="a", estimate="1", parentheses="(2)", kind="t", variance="4",
                                                  statistic={"f": "9"}))]  # fmt: skip
    assert kinds == ["coef", "t", "variance", "f"]


def test_one_precise_solution_alone_is_certain():
    cause = NamedCause(id="x", group="sample", sentence="s.", formula="f", source="here")
    one = Solution(causes=(cause,), residual=0.0, reproduced=("coef a",))
    sure = Explanation(verdict="explained", causes=(one,))
    assert sure.certain and not Explanation(verdict="explained", causes=(one, one)).certain
    assert (
        not sure.model_copy(update={"stopped": "time"}).certain
        and not sure.model_copy(update={"verdict": "disagree"}).certain
    )
    for likely, certain in ((0.00099, True), (0.001, False)):
        assert sure.model_copy(update={"causes": (one.model_copy(update={"chance": likely}),)}).certain is certain
    (given,) = one.as_causes(2)
    assert (
        (given.id, given.alternative, given.text) == ("x", 2, "s.")
        and one.as_causes()[0].alternative == 0
        and one.ids == ("x",)
    )


# ---------------------------------------------------------------- what the catalogue offers


def test_slips_that_are_offered():
    from parity.diagnose.catalogue.printing import slips

    assert [s.position for s in slips("point", "coef", "a", 3)] == [-2, -1, 1, 2]
    swaps = list(slips("swap", "coef", "a", 3))
    assert [(s.position, s.digit, s.decimals) for s in swaps] == [(i, "", 3) for i in range(8)]
    digits = list(slips("digit", "nobs", "", 0))
    assert [(s.position, s.digit) for s in digits] == [(i, d) for i in range(9) for d in "0123456789"]
    assert all((s.quantity, s.kind) == ("nobs", "digit") for s in digits)


def made_fitter():
    from pathlib import Path

    import pandas as pd

    from parity.diagnose.fitter import Fitter
    from parity.study.derived import Standardise
    from parity.study.header import Header
    from parity.study.study import Study

    rng = np.random.default_rng(4)
    unit, year = np.repeat(np.arange(10), 5), np.tile(np.arange(2001, 2006), 10)
    x = rng.uniform(0.1, 0.9, 50)
    frame = pd.DataFrame({
        "unit": unit, "year": year, "y": x + rng.normal(size=50), "x": x, "zero": np.where(unit == 3, 0.0, x),
        "part": np.where(unit == 2, np.nan, x), "two": unit % 2,
    })  # fmt: skip
    study = Study(
        folder=Path("by-hand"), header=Header(title="t", unit="unit", time="year", made=True),
        derive={"score": Standardise(standardise="x")}, index={}, published=(),
        specs=(Spec(id="s", formula="y ~ x", vcov="HC1", convention="regress"),),
    )  # fmt: skip
    return Fitter(study, frame)


def test_columns_that_are_positive_throughout():
    fitter = made_fitter()
    assert {"x", "part"} <= set(fitter.columns.positive) and not {"zero", "y", "two"} & set(fitter.columns.positive)
    assert "zero" in fitter.columns.many_valued and "two" not in fitter.columns.many_valued


def test_a_unit_that_is_left_out_before_columns_are_made():
    from parity.diagnose.catalogue.derived import MadeWithout

    fitter = made_fitter()
    left = MadeWithout("unit", 3, frozenset()).frame(fitter.original, fitter.study)
    assert list(left.columns) == [*fitter.original.columns, "score"] and list(left.index) == list(range(45))
    x = fitter.original["x"][fitter.original["unit"] != 3]
    assert left["score"].to_numpy() == pytest.approx(((x - x.mean()) / x.std(ddof=1)).to_numpy())


@pytest.mark.parametrize(
    ("targets", "tried"),
    [
        ([("se", "x", ".1234")], False), ([("se", "x", ".1234"), ("nobs", "", "51")], True),
        ([("coef", "x", "1.2345")], True),
    ],
)  # fmt: skip
def test_a_row_that_stands_twice_is_tried_where_something_tells_which(targets, tried):
    """Each of so many rows needs a fit, unless N or coefficients say which may be."""
    from parity.diagnose.explain import explain_targets

    fitter = made_fitter()
    given = [TargetNumber(*t) for t in targets]
    found = explain_targets(fitter.study, fitter.study.specs[0], fitter.original, given, fitter=fitter, most=1)
    named = {*found.ruled_out, *(c for s in (*found.causes, *found.possible) for c in s.ids)}
    assert ("row-twice" in named) is tried


def test_the_intercept_comes_back_where_no_effect_is_left():
    from parity.diagnose.catalogue.model import _effects

    for formula, left, intercept in (
        ("y ~ x | unit + year", (), True), ("y ~ 0 + x | unit", (), True), ("y ~ x | unit + year", "unit", False),
        ("y ~ 0 + x", (), False), ("y ~ x", (), True),
    ):  # fmt: skip
        spec = Spec(id="s", formula=formula, vcov="HC1", convention="regress")
        effects = tuple(e for e in spec.formula.effects if left and e.columns == (left,))
        found = _effects(Scenario(spec), effects).spec.formula
        assert (found.intercept, found.effects) == (intercept, effects), formula


@pytest.mark.parametrize(("rows", "costly", "wanted"), [(20_000, True, False), (20_001, True, True), (20_001, False, False)])
def test_satterthwaites_degrees_of_freedom_are_left_out_where_they_take_long(rows, costly, wanted):
    from types import SimpleNamespace

    from parity.diagnose.catalogue.distribution import _many_decompositions

    fitter = SimpleNamespace(original=range(rows), own_df_is_costly=lambda scenario: costly)
    assert _many_decompositions(None, fitter) is wanted
