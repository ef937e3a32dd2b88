"""The search over scenarios made by hand: a table of three terms whose numbers, counts and chances are known on paper."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from parity.base.watching import Stopped
from parity.diagnose import chance
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.cause import Cause
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import Observed, Target
from parity.diagnose.scenario import Scenario
from parity.diagnose.search import Result, Search
from scenarios_by_hand import COEF, DECLARED, SE, TERMS, Move, N, Toy, cause, factor, kind, moves, page


def search(observed: Observed, *catalogue: Cause, fitter: Toy | None = None, base: Scenario = DECLARED, **more) -> Search:
    return Search(fitter or Toy(), observed, base, catalogue, **more)


def named(result: Result) -> list[tuple[str, ...]]:
    return [tuple(s.cause.id for s in f.path.steps) for f in result.solutions]


def maybe(result: Result) -> list[tuple[str, ...]]:
    return [tuple(s.cause.id for s in f.path.steps) for f in result.possible]


F21, F44, G = factor("f21", 1.21, slot="k"), factor("f44", 1.44, slot="k"), factor("g", 1.1)

# ---------------------------------------------------------------- conventions


def test_one_factor_of_three():
    result = search(page(se=SE[1:] * 1.1), F21, F44, G).run()
    assert named(result) == [("f21",)] and not result.possible
    assert result.scenarios == 4  # the declared one, and three factors
    assert result.tried == pytest.approx({"f21": 0.0, "f44": 1.2 / 1.1 - 1, "g": 1 - math.sqrt(1.1) / 1.1}, abs=1e-12)
    assert result.solutions[0].residual < 1e-12 and result.solutions[0].numbers.se[1] == pytest.approx(0.22)
    assert result.solutions[0].path.cost == 1 and result.untried == () and result.stopped == ""


def test_two_factors_of_different_slots():
    result = search(page(se=SE[1:] * 1.1 * math.sqrt(1.1)), F21, F44, G).run()
    assert named(result) == [("f21", "g")] and result.scenarios == 4 + 6  # none, each alone, g beside either of the others
    assert "f21" in result.tried and result.tried["f21"] == pytest.approx(1 - 1 / math.sqrt(1.1))


def test_two_of_one_slot_are_never_at_work_together():
    result = search(page(se=SE[1:] * 1.1 * 1.2), F21, F44, G).run()
    assert not result.solutions and not result.possible and result.scenarios == 4 + 6 + 6


def test_three_factors():
    by = math.sqrt(1.1 * 1.3 * 1.7)
    result = search(page(se=SE[1:] * by), G, factor("h", 1.3), factor("i", 1.7)).run()
    assert named(result) == [("g", "h", "i")] and result.scenarios == 4 + 7 + 8
    assert not search(page(se=SE[1:] * by), G, factor("h", 1.3), factor("i", 1.7)).run(2).solutions


def test_a_factor_that_changes_nothing_is_no_cause():
    result = search(page(se=SE[1:] * 1.1), F21, factor("one", 1.0)).run()
    assert named(result) == [("f21",)] and result.scenarios == 2 and "one" not in result.tried


def test_a_distribution_counts_where_something_shows_it():
    normal = cause("normal", "convention", "distribution", lambda s: replace(s, scaling=(*s.scaling, "normal")))
    unseen = search(page(se=SE[1:] * 1.1), F21, normal).run()
    assert unseen.scenarios == 2 and "normal" not in unseen.tried
    p = Numbers(TERMS, COEF, np.diag(SE**2), math.inf, N).p[1:]
    seen = search(page(p=p), F21, normal).run()
    assert named(seen) == [("normal",)] and seen.scenarios == 3
    assert p[0] < 1e-12  # z of ten


def test_a_scenario_that_a_command_refuses_has_no_numbers():
    refused = cause("refused", "convention", "r", lambda s: replace(s, scaling=("refused",)))
    result = search(page(se=SE[1:] * 1.1), refused, F21).run()
    assert named(result) == [("f21",)] and "refused" not in result.tried


def test_another_kind_and_its_factor():
    result = search(page(se=SE[1:] * math.sqrt(1.3)), kind("hc2", "HC2"), kind("hc3", "HC3"), F21).run()
    assert named(result) == [("hc2",)] and result.scenarios == 1 + 1 + 2  # of each other kind one, of the declared two
    both = search(page(se=SE[1:] * math.sqrt(1.3 * 1.21)), kind("hc2", "HC2"), kind("hc3", "HC3"), F21).run()
    assert named(both) == [("hc2", "f21")]


def test_too_costly_causes_are_left_out_and_named():
    dear = factor("dear", 1.21, costly=lambda scenario, fitter: len(fitter.original) > 99)
    result = search(page(se=SE[1:] * 1.1), dear, G).run()
    assert result.untried == ("dear",) and not result.solutions and "dear" not in result.tried


# ---------------------------------------------------------------- the design


def test_a_design_by_its_coefficients():
    right, wrong = moves("right", Move((1.0, 1.5, 1.0))), moves("wrong", Move((1.0, 1.2, 1.0)))
    toy = Toy()
    result = search(page(coef=(3.0, -4.0)), wrong, right, F21, fitter=toy).run()
    assert named(result) == [("right",)]
    assert result.tried["wrong"] == pytest.approx(0.2) and "f21" not in result.tried  # 2.4 for 3
    assert result.scenarios == 2 * 1 + 1  # one of each design; the factor of the declared one is never looked at


def test_a_design_beside_a_factor():
    right, wrong = moves("right", Move((1.0, 1.5, 1.0))), moves("wrong", Move((1.0, 1.2, 1.0)))
    result = search(page(coef=(3.0, -4.0), se=SE[1:] * 1.1), wrong, right, F21, G).run()
    assert named(result) == [("right", "f21")]


def test_designs_that_move_coefficients_are_spared_where_these_are_right():
    toy = Toy()
    shifts, keeps = moves("shifts", Move((1.0, 1.5, 1.0))), moves("keeps", Move(rows=0, by=(2.0, 1.0, 1.0)))
    keeps = replace(keeps, keeps_coefficients=True)
    result = search(page(se=SE[1:] * 1.1), shifts, keeps, F21, fitter=toy).run()
    assert named(result) == [("f21",)] and "shifts" not in result.tried and "keeps" in result.tried
    assert all(m.by[1] == 1.0 for edits in toy.looked_at for m in edits)


def test_a_sample_by_its_size_before_any_fit():
    toy = Toy()
    lost = moves("lost", *(Move((1.0, 1.5, 1.0), -rows, sight=True) for rows in (1, 2, 3)), parametrised=True)
    result = search(page(coef=(3.0, -4.0), nobs=98.0), lost, fitter=toy).run(1)
    assert [dict(f.path.steps[0].parameters) for f in result.solutions] == [{"variant": 1}]
    assert {m.rows for edits in toy.looked_at for m in edits} == {-2}
    assert result.tried == {"lost": pytest.approx(0.0, abs=1e-12)}
    none = search(page(coef=(3.0, -4.0), nobs=95.0), lost).run(1)
    assert none.tried == {"lost": math.inf} and not none.solutions


def test_a_design_that_cannot_be_fitted_is_passed_over():
    result = search(page(coef=(3.0, -4.0)), moves("none", Move(fits=False)), moves("right", Move((1.0, 1.5, 1.0)))).run()
    assert named(result) == [("right",)] and "none" not in result.tried


def test_variants_of_each_row_need_coefficients_or_n():
    twice = moves("twice", *(Move((1.0, 1.0 + r / 10, 1.0), 1) for r in range(5)), many=True, parametrised=True)
    lone = Observed((Target("se", "a", 0.22, 1e-9, 0.22),), complete=False)
    assert "twice" not in search(lone, twice).run().tried
    with_n = Observed((Target("se", "a", 0.22, 1e-9, 0.22), Target("nobs", "", 101.0, 0.0, 101.0)), complete=False)
    assert "twice" in search(with_n, twice).run().tried
    assert "twice" not in search(with_n, twice, fitter=Toy(1_001)).run().tried  # a fit each is too much
    assert "twice" in search(with_n, twice, fitter=Toy(1_000)).run().tried
    found = search(page(coef=(2.2, -4.0), nobs=101.0), twice, fitter=Toy(1_001)).run()
    assert [dict(f.path.steps[0].parameters) for f in found.solutions] == [{"variant": 1}]  # 2 times 1.1


# ---------------------------------------------------------------- printing


def with_decimals(observed: Observed) -> Scenario:
    return replace(DECLARED, decimals=tuple(((t.quantity, t.term), 3) for t in observed.targets if t.quantity != "nobs"))


def test_a_flipped_sign():
    flip = BY_ID["sign-flipped"]
    result = search(page(coef=(-2.0, -4.0)), flip, F21, moves("m", Move((1.0, 1.5, 1.0)))).run()
    assert named(result) == [("sign-flipped",)] and dict(result.solutions[0].path.steps[0].parameters) == {"term": "a"}
    assert result.solutions[0].numbers.coef.tolist() == [1.0, -2.0, -4.0]


def test_a_flipped_sign_beside_a_factor_or_another_design():
    flip = BY_ID["sign-flipped"]
    result = search(page(coef=(-2.0, -4.0), se=SE[1:] * 1.1), flip, F21, F44).run()
    assert named(result) == [("sign-flipped", "f21")]  # whatever mends the coefficients comes first
    result = search(
        page(coef=(-3.0, -4.0)), flip, moves("m", Move((1.0, 1.5, 1.0))), moves("o", Move((1.0, 1.4, 1.0)))
    ).run()
    assert named(result) == [("m", "sign-flipped")]


def test_no_printing_behind_two_other_causes():
    """What moves p alone, behind two factors: of three causes, printing among them, some would fit anything."""
    halved, by = BY_ID["one-sided-p"], math.sqrt(1.1 * 1.21)
    p = Numbers(TERMS, COEF, np.diag(SE**2) * by**2, 10.0, N).p[1:] / 2
    assert not search(page(se=SE[1:] * by, p=p), halved, F21, G).run().solutions
    p = Numbers(TERMS, COEF, np.diag(SE**2) * 1.21, 10.0, N).p[1:] / 2
    assert named(search(page(se=SE[1:] * 1.1, p=p), halved, F21, G).run()) == [("f21", "one-sided-p")]


# ---------------------------------------------------------------- chance

CROWDED, RANGE = math.log(1.1 / 0.9), math.log(4.0)


def lone(relative: float, value: float = 0.22, more: tuple[Target, ...] = ()) -> Observed:
    return Observed((Target("se", "a", value, relative * value, value), *more), complete=False)


def test_a_number_alone_is_fitted_by_as_many_as_were_tried():
    """Of four scenarios each hits with twice the digits' share of nine times as far as the number is off."""
    found = search(lone(1e-6), F21, F44, G).run().solutions
    assert len(found) == 1 and found[0].chance == pytest.approx(4 * 2e-6 / (9 * math.log(1.1)))
    other = search(lone(1e-6, 0.2 * math.sqrt(1.001)), factor("near", 1.001), F44).run().solutions
    assert other[0].chance == pytest.approx(3 * 2e-6 / (9 * 0.003))  # no denser than at three in a thousand


@pytest.mark.parametrize(("relative", "sizes"), [(1e-4, 1), (3e-5, 2), (1e-3, 1)])
def test_a_number_of_few_digits_is_explained_by_one_cause_only(relative, sizes):
    """Thirty scenarios at least, each with its share of a range of a fifth: some pair would fit of more than 1e-3."""
    assert (30 * 2 * relative / CROWDED <= chance.LIMIT) is (sizes == 2)
    result = search(lone(relative, 0.2 * math.sqrt(1.21 * 1.1)), F21, F44, G).run()
    assert result.scenarios == (4 if sizes == 1 else 4 + 6 + (0 if result.solutions else 6))
    assert named(result) == ([("f21", "g")] if sizes == 2 else [])


def test_families_are_named_where_chance_allows_and_possible_else():
    many = factor("family", *(1 + r / 50 for r in range(1, 41)), parametrised=True)
    value = 0.2 * math.sqrt(1.2)
    near = 9 * math.log(math.sqrt(1.2))
    for relative in (1e-4, 2e-3):
        result = search(lone(relative, value), many).run(1)
        expected = min(1.0, 2 * relative / near) * 41
        assert (len(result.solutions) > 0) is (expected <= chance.FAMILY)
        assert (len(result.possible) > 0) is (expected > chance.FAMILY)
        assert (*result.solutions, *result.possible)[0].chance == pytest.approx(expected)
    plain = search(lone(2e-3, value), replace(many, parametrised=False)).run(1)
    assert plain.solutions and not plain.possible  # without a free parameter it is named all the same


def test_the_chance_of_two_factors_of_six():
    """Of six scenarios of two causes, two are of two factors: these differ by a scalar, all others by each number."""
    digits = 1e-6
    (found,) = search(page(digits, se=SE[1:] * 1.1 * math.sqrt(1.1)), F21, F44, G).run().solutions
    hit = 2 * digits / CROWDED  # of a standard error, drawn from a range of a fifth
    other = 2 * 2 * digits / CROWDED  # that the other one follows, net of its coefficient
    assert found.chance == pytest.approx(hit * (6 * other + 2))


def test_another_n_is_a_chance_less():
    """Samples that have another N can't fit, so that those that have it are ten times as many."""
    digits = 1e-4
    lost = moves("lost", Move((1.0, 1.5, 1.0), -3), Move((1.0, 1.4, 1.0), -3), Move((1.0, 1.45, 1.0), -2))
    (found,) = search(page(digits, coef=(3.0, -4.0), nobs=97.0, se=(0.22, 0.44)), lost, F21, G).run().solutions
    assert [s.cause.id for s in found.path.steps] == ["lost", "f21"]
    each = 2 * digits / CROWDED
    hit = each * each * chance.OF_A_COUNT  # the coefficient, a standard error, and N
    # standard errors moved apart by what the coefficient of one moved
    apart = 2 * 2 * digits / min(CROWDED, 2 * (math.log(1.5) - math.log(1.1)))
    near, scalars = 2 * 3, 2  # beside two designs of this N none, f21 and g; of which two differ by a scalar
    assert found.chance == pytest.approx(hit * apart * near / chance.OF_A_COUNT + each * scalars, rel=1e-12)


def test_every_scenario_is_counted_once():
    """Two designs, three kinds, three factors in two slots; the right coefficients, and one of the factors."""
    wrong, right = moves("wrong", Move((1.0, 1.2, 1.0))), moves("right", Move((1.0, 1.5, 1.0)))
    catalogue = (wrong, right, kind("hc2", "HC2"), kind("hc3", "HC3"), F21, F44, G)
    result = search(page(coef=(3.0, -4.0), se=SE[1:] * 1.1), *catalogue).run()
    assert named(result) == [("right", "f21")]
    one = 1 + 2 * 1  # the declared design and the two others, each with its own covariance
    right_one = 4 + 2  # of the right design none or one of three factors, and two other kinds
    two = 1 + 2 * right_one + 1  # the wrong one would have had as many; and both designs at once
    assert result.scenarios == one + two


def test_designs_that_cannot_hit_are_no_rivals():
    """A coefficient that is drawn from a tenth about 3 is hit by no design that makes it 2.4."""
    digits = 1e-4
    wrong, right = moves("wrong", Move((1.0, 1.2, 1.0))), moves("right", Move((1.0, 1.5, 1.0)))
    near = moves("near", Move((1.0, 1.45, 1.0)))
    found = [
        search(page(digits, coef=(3.0, -4.0), se=(0.22, 0.44)), other, right, F21, G).run().solutions[0].chance
        for other in (wrong, near)
    ]
    each = 2 * digits / CROWDED
    apart = 2 * 2 * digits / min(CROWDED, 2 * (math.log(1.5) - math.log(1.1)))
    assert found == pytest.approx([each * each * apart * 3 + 2 * each, each * each * apart * 6 + 2 * each])


def test_a_misprint_beside_a_factor_is_as_sure_as_its_digits():
    """However sure the factor, some slip of thirty or more would fit a number of three digits."""
    shown = Observed(
        (
            Target("se", "a", 0.22, 2e-8, 0.22), Target("se", "b", 0.44, 4e-8, 0.44), Target("coef", "a", 2.0, 2e-7, 2.0),
            Target("coef", "b", -4.9, 5e-2, 4.9, 1),
        ),
        complete=False,
    )  # fmt: skip
    base = replace(DECLARED, decimals=((("coef", "b"), 1),))
    result = search(shown, F21, G, BY_ID["digit-misprinted"], base=base).run()
    found = [*result.solutions, *result.possible]
    assert {tuple(sorted(s.cause.id for s in f.path.steps)) for f in found} == {("digit-misprinted", "f21")}
    # the slip alone: a number of two digits, off by a fifth, within 1 per cent
    left = 2 * (0.05 / 4.9) / chance._RANGE
    assert all(f.chance >= left * 30 - 1e-12 for f in found)


def test_two_causes_each_of_its_own_number():
    """A factor that mends the standard errors and a sign that mends the coefficient are judged one by one."""
    flip = BY_ID["sign-flipped"]
    shown = page(2e-3, coef=(-2.0, -4.0), se=SE[1:] * 1.1)
    result = search(shown, flip, F21, F44).run()
    assert named(result) == [("sign-flipped", "f21")] or maybe(result) == [("sign-flipped", "f21")]
    (found,) = (*result.solutions, *result.possible)
    assert found.chance > 0


# ---------------------------------------------------------------- an end before the end


def test_a_search_that_is_stopped_keeps_what_it_found():
    seen = []

    def watch(size: int, scenarios: int) -> None:
        seen.append((size, scenarios))
        if scenarios >= 3:
            raise Stopped("time is up")

    result = search(page(se=SE[1:] * 1.1), F21, F44, G, factor("z", 1.21), watch=watch).run()
    assert named(result) == [("f21",)] and result.stopped == "time is up" and "z" not in result.tried
    assert seen == [(1, 0), (1, 1), (1, 2), (1, 3)]  # before a design, and at each scenario


def test_a_certain_number_ends_the_search_for_other_designs_on_large_data():
    def found(rows: int) -> Result:
        keeps = moves("keeps", Move((2.0, 1.0, 1.0)), keeps_coefficients=True)
        return search(page(se=SE[1:] * 1.1), keeps, F21, kind("hc2", "HC2"), fitter=Toy(rows)).run()

    assert found(5_000).tried.keys() == {"keeps", "f21", "hc2"} and found(5_001).tried.keys() == {"f21"}
    assert named(found(5_000)) == named(found(5_001)) == [("f21",)]
