"""Two causes at once: found where the numbers say so, told one by one where each has its own, and never by chance."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
import pytest

from parity.base.tolerance import EXACT
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_targets, pairs
from parity.diagnose.catalogue import BY_ID, CAUSES
from parity.diagnose.chance import LIMIT, may_hit, of_one_scenario, of_other_factors
from parity.diagnose.fitter import Fitter
from parity.diagnose.left_out import Doubled
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import from_numbers, from_text
from parity.diagnose.scenario import RowAgain, Scenario
from parity.diagnose.search import Result, Search
from parity.diagnose.weighed import Weighed
from parity.study.load import load_study
from parity.study.spec import Spec
from planted import FIXTURES, FULL, fitter_of
from random_studies import random_study

ALL_PAIRS = pairs.MOST
STUDY = load_study(FIXTURES / "grunfeld")
FRAME = load_frame(STUDY)
FITTER = Fitter(STUDY, FRAME)
SPEC = Spec(
    id="two_way", formula="inv ~ value + capital | firm + year", vcov={"cluster": ["firm"]}, convention="reghdfe"
)  # fmt: skip
IV = Spec(id="iv", formula="y ~ x2 | unit | w ~ z1 + z2", vcov="HC1", convention="reghdfe")


@functools.cache
def panel(seed: int = 521) -> Fitter:
    return Fitter(*random_study(seed))


def after(fitter: Fitter, scenario: Scenario, *causes: tuple[str, dict]) -> Scenario:
    """The scenario after these causes, each with these parameters."""
    for cause, chosen in causes:
        steps = BY_ID[cause].steps(scenario, fitter)
        scenario = next(s.scenario for s in steps if all(dict(s.parameters).get(k) == v for k, v in chosen.items()))
    return scenario


def whole(fitter: Fitter, spec: Spec, *causes: tuple[str, dict]) -> Result:
    """What is found of a full estimate that these causes have made."""
    numbers = fitter.numbers(after(fitter, Scenario(spec), *causes))
    assert numbers is not None
    return Search(fitter, from_numbers(numbers, EXACT, FULL), Scenario(spec), CAUSES).run()


def named(result: Result) -> list[set[str]]:
    return [{s.cause.id for s in f.path.steps} for f in result.solutions]


# ---------------------------------------------------------------- one row twice, beside a change of the model


@pytest.mark.parametrize("seed", range(521, 525))
def test_each_row_twice_is_as_a_refit(seed):
    """Least squares and 2SLS, with effects, weights and neither: one formula for all rows against a fit of one."""
    fitter, compared = panel(seed), 0
    for spec in fitter.study.specs:
        fit = fitter._fit(Scenario(spec))
        coefs = None if fit is None else Doubled(fit).coefs()
        for place in (0, 7, 23) if coefs is not None else ():
            slow = fitter._refitted(Scenario(spec).edited(RowAgain(place)))
            if slow is not None:
                np.testing.assert_allclose(coefs[place], slow.coef, rtol=1e-9, atol=1e-10 * np.abs(slow.coef).max())
                compared += 1
    assert compared


@pytest.mark.parametrize("formula", ["y ~ x2 + x1 | unit", IV.formula])
def test_a_row_twice_and_a_control_more_are_found(formula):
    fitter = panel()
    spec = IV.model_copy(update={"formula": Spec(id="x", formula=str(formula)).formula})
    found = whole(fitter, spec, ("control-added", {"control": "pop"}), ("row-twice", {}))
    assert named(found) == [{"control-added", "row-twice"}]
    # the numbers of no row: nothing is made up
    numbers = fitter.numbers(Scenario(spec))
    off = replace(numbers, coef=numbers.coef * (1 + 1e-6), nobs=numbers.nobs + 1)
    assert not Search(fitter, from_numbers(off, EXACT, FULL), Scenario(spec), CAUSES).run().solutions


# ---------------------------------------------------------------- what one cause makes of another


def test_a_row_twice_beside_errors_that_use_other_rows_is_found():
    """Rows without a cluster are left out of clustered errors alone, so another kind of errors is another sample."""
    by = fitter_of("hard_cases")
    spec = by.study.spec("lost_clusters")
    row = ("row", "row 230 of the data (unit 37, year 2018)")
    found = table(by, spec, ("robust-for-cluster", {}), ("row-twice", dict([row])), digits=6)
    assert named(found) == [{"robust-for-cluster", "row-twice"}]
    assert row in [p for s in found.solutions[0].path.steps for p in s.parameters]


def test_a_column_that_is_added_may_be_stored_as_a_float():
    fitter = panel()
    spec = IV.model_copy(update={"formula": Spec(id="x", formula="y ~ x2 + x1 | unit").formula})
    added = after(fitter, Scenario(spec), ("control-added", {"control": "w"}))
    before = {s.parameters for s in BY_ID["single-precision-data"].steps(Scenario(spec), fitter)}
    new = [s for s in BY_ID["single-precision-data"].steps(added, fitter) if dict(s.parameters)["columns"] == "x1, w"]
    assert new and new[0].parameters not in before
    found = whole(fitter, spec, ("control-added", {"control": "w"}), ("single-precision-data", dict(new[0].parameters)))
    assert {"control-added", "single-precision-data"} in named(found)


def test_variances_may_be_rounded_where_standard_errors_are_announced():
    """What a column holds is decided before it is rounded."""
    fitter, spec = panel(), IV
    numbers = fitter.numbers(Scenario(spec))
    rounded = {q: np.array([float(f"{v:.6g}") for v in values]) for q, values in
               (("coef", numbers.coef), ("se", numbers.se**2))}  # fmt: skip
    shown = numbers.showing(**rounded)
    result = Search(fitter, from_numbers(shown, EXACT, ("coef", "se", "nobs")), Scenario(spec), CAUSES).run()
    assert {"variance-printed-as-se", "rounded"} in named(result)


@pytest.mark.parametrize("slip", [("sign-flipped", {"term": "value"}), ("rows-swapped", {}), ("row-of-another-term", {})])
@pytest.mark.parametrize("all_a_little", [("single-precision-numbers", {"columns": "coef"}), ("rounded", {"digits": 6})])
def test_what_moves_every_number_a_little_mends_no_slip_beside_it(all_a_little, slip):
    """Coefficients as floats, or rounded, touch all that is off, the term with another's sign or row included."""
    causes = sorted((all_a_little, slip), key=lambda c: CAUSES.index(BY_ID[c[0]]))
    result = whole(FITTER, SPEC, *causes)
    assert {all_a_little[0], slip[0]} in named(result), named(result)


def test_n_may_be_a_count_of_the_smaller_sample():
    """Fatalities without singletons, and N given as its number of states: no search may stop at a sample that is empty."""
    fitter = fitter_of("fatalities")
    spec = fitter.study.spec("table_7")
    smaller = after(fitter, Scenario(spec), ("singletons-dropped", {}))
    states = fitter.core(smaller).facts.absorbed[0].levels
    result = whole(fitter, spec, ("singletons-dropped", {}), ("another-count-for-n", {"count": states}))
    assert {"singletons-dropped", "another-count-for-n"} in named(result)


def test_a_moved_point_leaves_a_whole_count():
    targets = [TargetNumber("coef", "value", f"{FITTER.numbers(Scenario(SPEC)).coef[0]:.6f}"), TargetNumber("nobs", "", "2")]
    right = TargetNumber("se", "value", f"{FITTER.numbers(Scenario(SPEC)).se[0]:.6f}")
    answer = explain_targets(STUDY, SPEC, FRAME, [*targets, right], fitter=FITTER)
    assert any("decimal-point-moved" in s.ids for s in answer.causes)


# ---------------------------------------------------------------- few digits: one by one


def page(numbers: Numbers, digits: int) -> list[TargetNumber]:
    out = []
    for term, b, se in zip(numbers.terms, numbers.coef, numbers.se, strict=True):
        decimals = digits - 1 - math.floor(math.log10(se))
        out += [TargetNumber("coef", term, f"{b:.{decimals}f}"), TargetNumber("se", term, f"{se:.{decimals}f}")]
    return [*out, TargetNumber("nobs", "", f"{numbers.nobs:.0f}")]


def test_a_convention_and_a_slip_are_told_by_numbers_of_their_own():
    other = FITTER.numbers(Scenario(SPEC).with_spec(vcov=SPEC.vcov.model_copy(update={"cluster": ("firm", "year")})))
    targets = page(other, 4)
    wrong = targets[0].text[:-1] + str((int(targets[0].text[-1]) + 4) % 10)
    slipped = [replace(targets[0], text=wrong), *targets[1:]]
    answer = explain_targets(STUDY, SPEC, FRAME, slipped, fitter=FITTER)
    assert {"two-way-for-one-way", "digit-misprinted"} in [set(s.ids) for s in answer.causes]
    assert not answer.certain  # a slip of so few digits never is
    # two standard errors of nobody and a slip: nothing is put together; docs/evidence/planted.md has many
    rng = np.random.default_rng(1)
    odd = [replace(t, text=f"{float(t.text) * math.exp(rng.uniform(0.15, 0.6)):.{len(t.text.split('.')[1])}f}")
           if t.quantity == "se" else t for t in slipped]  # fmt: skip
    made_up = explain_targets(STUDY, SPEC, FRAME, odd, fitter=FITTER)
    assert not any(s.chance < LIMIT for s in made_up.causes), [s.ids for s in made_up.causes]


def test_standard_errors_moved_apart_count_each():
    """Of three that one scalar moves the most precise one is evidence; of others each is."""
    declared = Numbers(("a", "b", "c"), np.array([1.0, 2.0, 3.0]), np.diag([0.01, 0.04, 0.09]), math.inf, 50.0)

    def apart(*factors: float) -> float:
        targets = [TargetNumber("se", t, f"{f * se:.5f}") for t, f, se in zip("abc", factors, (0.1, 0.2, 0.3), strict=True)]
        observed = from_text(targets)
        return of_other_factors(observed, np.ones(3, dtype=bool), declared)

    # the other two to 5e-6 of .13 and of .22, in a range of a tenth up or down
    wide = math.log(1.1 / 0.9)
    assert apart(1.3, 1.1, 1.2) == pytest.approx((1e-5 / 0.13 / wide) * (1e-5 / 0.22 / wide), rel=0.01)
    assert apart(1.001, 1.0005, 1.001) == pytest.approx(
        (1e-5 / 0.1001 / (2 * math.log(1.001))) * (1e-5 / 0.2001 / (2 * math.log(1.001))), rel=0.01
    )
    one = from_text([TargetNumber("se", "a", ".13000")])
    assert of_other_factors(one, np.ones(1, dtype=bool), declared) == 1.0


def test_a_change_of_units_is_no_second_factor():
    """The standard error of a rescaled column follows its coefficient, which is counted already."""
    declared = Numbers(("a", "b"), np.array([1.0, 2.0]), np.diag([0.01, 0.04]), math.inf, 50.0)
    moved = from_text(
        [TargetNumber("coef", "a", "1000.0"), TargetNumber("se", "a", "100.00"), TargetNumber("se", "b", ".2000")]
    )
    off = np.array([True, True, False])
    assert of_other_factors(moved, off, declared) == 1.0
    assert of_one_scenario(moved, off, 2) < 1e-4
    both = from_numbers(replace(declared, coef=declared.coef * 2, vcov=declared.vcov * 4), EXACT, ("coef", "se"))
    assert of_other_factors(both, np.ones(4, dtype=bool), declared) == 1.0


def test_a_world_far_from_the_coefficients_cannot_hit():
    observed = from_text(
        [TargetNumber("coef", "a", ".500"), TargetNumber("coef", "b", "2.00"), TargetNumber("nobs", "", "50")]
    )
    off = np.array([True, False, False])

    def near(a: float, b: float, n: float = 50.0, causes: int = 2) -> bool:
        numbers = Numbers(("a", "b"), np.array([a, b]), np.eye(2), math.inf, n)
        return may_hit(observed, off, observed.of_design_failing(numbers), numbers, causes)

    assert near(0.52, 2.0) and near(0.46, 2.001)
    assert not near(0.6, 2.0) and near(0.6, 2.0, causes=1)  # beyond a tenth; within a factor of two
    assert not near(-0.5, 2.0) and not near(0.5, 2.1) and not near(0.5, 2.0, n=49.0)


def test_rivals_are_counted_by_whether_they_may_hit():
    weighed = Weighed()
    for near, leaves in ((True, 10), (False, 0), (False, 3), (True, 4)):
        weighed.design(1, near)
        weighed.leaves(leaves)
    weighed.untried(2, near=5, far=7)
    assert weighed.scenarios(slips=False) == 4 * 10 + 12
    assert weighed.rivals(slips=False, near=True) == 2 * 10 + 5
    assert weighed.rivals(slips=False, near=False) == 2 * 3


def test_what_few_digits_can_tell_is_counted_without_a_search():
    from planted_doubt import changed_digits

    declared = Numbers(("a", "b"), np.array([1.0, 2.0]), np.diag([0.01, 0.04]), math.inf, 50.0)

    def digits(**texts: str) -> float:
        return changed_digits(from_text([TargetNumber(*k.split("_"), text) for k, text in texts.items()]), declared)

    assert digits(se_a=".1000", se_b=".2000") == 0
    assert digits(se_a=".1100") == pytest.approx(2.0, abs=0.01)  # .1100 for .1000: the last two or three of four
    assert digits(se_a=".1100", se_b=".2200") == pytest.approx(math.log10(200), abs=0.01)  # one factor moves both
    assert digits(se_a=".1100", se_b=".2100") == pytest.approx(4.0, abs=0.01)
    assert digits(coef_a="1.010", coef_b="2.000") == pytest.approx(1.0, abs=0.01)
    full = from_numbers(replace(declared, df=10.0, nobs=49.0), EXACT, ("nobs", "df_t"))
    assert changed_digits(full, replace(declared, df=20.0)) == 0.0  # 49 for 50 is one unit of a count, and df tells nothing


# ---------------------------------------------------------------- which pairs are tried

WITHIN = Spec(id="within", formula="inv ~ value + capital | firm", vcov={"cluster": ["firm"]}, convention="reghdfe")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("year-effects-added", {}), ("random-for-within", {})),  # absorbed years are terms of the other model
        (("first-differences-for-within", {}), ("control-left-out", {"control": "capital"})),
    ],
)
def test_a_cause_that_another_makes_way_for(first, second, monkeypatch):
    monkeypatch.setattr(pairs, "MOST", ALL_PAIRS)  # which of them are tried is what this is about
    assert {first[0], second[0]} in named(whole(FITTER, WITHIN, first, second))


def test_a_cause_that_there_is_only_after_another():
    """A rule for the variance of random effects, where the declared ones are fixed, in a panel that isn't balanced."""
    fitter = fitter_of("fatalities")
    found = whole(fitter, fitter.study.spec("table_4"), ("random-for-within", {}), ("variance-components-exact", {}))
    assert named(found) == [{"random-for-within", "variance-components-exact"}]


def table(fitter: Fitter, spec: Spec, *causes: tuple[str, dict], digits: int) -> Result:
    """What is found of N, coefficients and standard errors to so many digits."""
    numbers = fitter.numbers(after(fitter, Scenario(spec), *causes))
    targets = [TargetNumber("nobs", "", f"{numbers.nobs:.0f}")]
    for q, values in (("coef", numbers.coef), ("se", numbers.se)):
        targets += [TargetNumber(q, t, f"{v:#.{digits}g}") for t, v in zip(numbers.terms, values.tolist(), strict=True)]
    return Search(fitter, from_text(targets), Scenario(spec), CAUSES).run()


def test_two_free_parameters_need_many_digits():
    """A printed table tells two causes that could be anything where no two could fit it by chance, and names none else."""
    causes = ("unit-missing", {"unit": "unit 7"}), ("control-added", {"control": "pop"})
    fitter = panel()
    spec = IV.model_copy(update={"formula": Spec(id="x", formula="y ~ x2 + x1 | unit").formula})
    assert {c for c, _ in causes} in named(table(fitter, spec, *causes, digits=6))
    assert table(fitter, spec, *causes, digits=2).solutions == []
