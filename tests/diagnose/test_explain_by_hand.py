"""What an explanation says of scenarios made by hand: verdicts, order, misses, and every number in a sentence."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from parity.base.tolerance import EXACT
from parity.conventions.facts import Absorbed, Facts
from parity.diagnose import explain
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.cause import Step
from parity.diagnose.combinations import Path
from parity.diagnose.explain import explain_estimate, explain_targets
from parity.diagnose.explanation import Explanation, NamedCause, Solution
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import TargetNumber, from_text
from parity.diagnose.rounding import Reach
from parity.diagnose.scenario import Scenario
from parity.diagnose.search import Found
from parity.diagnose.sentences import filled
from parity.results.estimate import Estimate, Part, Reported
from parity.study.spec import Spec
from scenarios_by_hand import COEF, DECLARED, SE, SPEC, TERMS, Move, N, Toy, cause, factor, moves

F21, F44, G = factor("f21", 1.21, slot="k"), factor("f44", 1.44, slot="k"), factor("g", 1.1)
FULL = [TargetNumber("se", "a", "0.220000000"), TargetNumber("se", "b", "0.440000000")]


def asked(*targets: TargetNumber, catalogue=(F21, F44, G), fitter: Toy | None = None, **more) -> Explanation:
    return explain_targets(None, SPEC, None, targets, catalogue=catalogue, fitter=fitter or Toy(), **more)


# ---------------------------------------------------------------- typed numbers


def test_numbers_that_are_the_declared_ones():
    found = asked(TargetNumber("se", "a", "0.2"), TargetNumber("coef", "b", "-4.00"), TargetNumber("nobs", "", "100"))
    assert found == Explanation(verdict="agree") and not found.certain


def test_one_factor_is_named_and_the_others_are_ruled_out():
    found = asked(*FULL)
    assert found.verdict == "explained" and [s.ids for s in found.causes] == [("f21",)] and found.certain
    assert set(found.ruled_out) == {"f44", "g"} and found.possible == () and found.worlds == 4
    assert found.nearest.id == "g" and found.nearest.residual == pytest.approx(1 - math.sqrt(1.1) / 1.1)
    (only,) = found.causes
    assert only.reproduced == ("se a", "se b") and only.side == "candidate" and only.no_way == "" and only.profile == ""
    assert only.causes[0].sentence == "f21." and only.causes[0].parameters == {"variant": "0"}
    # one scalar moves both, so that the more precise one tells: three factors, each of which may hit it
    assert only.chance == pytest.approx(3 * 2 * (0.5e-9 / 0.44 + EXACT) / (9 * math.log(1.1)), rel=1e-6)


def test_what_no_cause_gives():
    found = asked(TargetNumber("se", "a", "0.250000000"), TargetNumber("se", "b", "0.440000000"))
    assert (found.verdict, found.causes, found.possible) == ("disagree", (), ())
    assert set(found.ruled_out) == {"f21", "f44", "g"} and found.nearest.id == "f44"
    assert found.nearest.residual == pytest.approx(0.04 / 0.44) and not found.certain
    assert asked(TargetNumber("se", "a", "0.25"), catalogue=()).nearest is None


def test_two_factors_are_named_together_and_neither_is_a_miss():
    by = 1.1 * math.sqrt(1.1)
    found = asked(*(TargetNumber("se", t, f"{s * by:.9f}") for t, s in (("a", 0.2), ("b", 0.4))))
    assert [s.ids for s in found.causes] == [("f21", "g")] and found.ruled_out == ("f44",)
    assert asked(TargetNumber("se", "a", f"{0.2 * by:.9f}"), most=1).causes == ()


def test_a_possible_cause_alone_is_no_miss():
    """Of few digits a family fits by chance; it is neither named nor ruled out."""
    many = factor("family", *(1 + r / 50 for r in range(1, 41)), parametrised=True)
    found = asked(TargetNumber("se", "a", "0.22"), catalogue=(many, G))
    assert found.verdict == "disagree" and {s.ids for s in found.possible} == {("family",)} and found.ruled_out == ("g",)
    assert len(found.possible) == 1  # several of its variants fit, the first of the likeliest is shown


def test_stars_are_read_at_the_cuts_of_the_page():
    """t of a is ten: three stars below .01, .05 and .1; of the two cuts of the page two."""
    assert asked(TargetNumber("coef", "a", "2.0***")).verdict == "agree"
    assert asked(TargetNumber("coef", "a", "2.0**"), stars=(0.1, 0.05)).verdict == "agree"
    assert asked(TargetNumber("coef", "a", "2.0**"), catalogue=()).verdict == "disagree"


def test_a_page_knows_its_decimals():
    """Slips are of printed digits, so that full precision offers none."""
    found = asked(TargetNumber("coef", "a", "2.00"), TargetNumber("coef", "b", "-4.50"), TargetNumber("se", "b", "0.40"),
                  catalogue=(BY_ID["digit-misprinted"],))  # fmt: skip
    assert [s.ids for s in found.causes] == [("digit-misprinted",)]
    assert found.causes[0].causes[0].sentence == "One digit of the coef of `b` is misprinted."
    assert found.causes[0].causes[0].formula == "digit 2"


def test_a_number_without_any_scenario():
    toy = Toy()
    toy.rules = lambda scenario: None
    found = asked(*FULL, fitter=toy)
    assert found.verdict == "disagree" and found.nearest is None and found.ruled_out == ()


def test_what_the_software_cannot_give_ranks_behind():
    ours, theirs = replace(F21, how={"fixest": "x"}), replace(F21, id="other", slot="o", how={"Stata": "y"})
    free = replace(F21, id="free", slot="f")
    found = asked(*FULL, catalogue=(theirs, ours, free), printed_by="r-fixest")
    assert [s.ids[0] for s in found.causes] == ["f21", "free", "other"]
    assert [s.no_way for s in found.causes] == ["", "", "fixest"]
    plain = asked(*FULL, catalogue=(theirs, ours, free))
    assert [s.no_way for s in plain.causes] == ["", "", ""] and [s.ids[0] for s in plain.causes] == ["other", "f21", "free"]


# ---------------------------------------------------------------- two estimates


def estimate(factor: float = 1.0, coef=COEF, engine: str = "e") -> Estimate:
    return Estimate(
        engine=engine, terms=TERMS, coef=tuple(coef), parts=(Part(matrix=(np.diag(SE**2) * factor).tolist()),),
        basis="as shipped", df_t=10.0, reported=Reported(nobs=int(N)),
    )  # fmt: skip


def test_the_side_that_departs():
    def between(reference: Estimate, candidate: Estimate) -> Explanation:
        return explain_estimate(None, SPEC, None, reference, candidate, catalogue=(F21, F44, G), fitter=Toy())

    assert between(estimate(), estimate()).verdict == "agree"
    one, other = between(estimate(), estimate(1.21)), between(estimate(1.44), estimate())
    assert [(s.ids, s.side) for s in one.causes] == [(("f21",), "candidate")]
    assert [(s.ids, s.side) for s in other.causes] == [(("f44",), "reference")]
    both = between(estimate(1.44), estimate(1.21))
    assert [(s.ids, s.side) for s in both.causes] == [(("f21",), "candidate"), (("f44",), "reference")]
    assert between(estimate(1.44), estimate(1.9)).verdict == "disagree"


AGREE, DISAGREE = Explanation(verdict="agree"), Explanation(verdict="disagree", ruled_out=("x",))


def solution(*ids: str, **more) -> Solution:
    causes = tuple(NamedCause(id=i, group="counting", sentence="s.", formula="", source="") for i in ids)
    return Solution(causes=causes, residual=0.0, reproduced=(), **more)


def test_two_sides_are_one_answer():
    one, two = (Explanation(verdict="explained", causes=(solution(i),)) for i in "ab")
    assert explain._both(one, AGREE) is one and explain._both(AGREE, two) is two
    assert explain._both(DISAGREE, two) is DISAGREE and explain._both(one, DISAGREE) is DISAGREE
    assert explain._both(AGREE, AGREE).verdict == "agree"
    assert [s.ids for s in explain._both(one, two).causes] == [("a",), ("b",)]


# ---------------------------------------------------------------- order and sameness


def found(*causes, residual: float = 0.0, parameters=(), cost: int | None = None) -> Found:
    path = Path(DECLARED, tuple(Step(c, DECLARED, parameters) for c in causes), len(causes) if cost is None else cost)
    return Found(path, None, residual)


def test_what_is_listed_first():
    plain, slip = F21, replace(F21, id="slip", one_number=True)
    family, late = replace(F21, id="family", parametrised=True), replace(F21, id="late", group="arithmetic")
    alien = replace(F21, id="alien", how={"Stata": "x"})
    order = [found(plain), found(plain, residual=0.1), found(family), found(late), found(plain, cost=2), found(alien),
             found(slip)]  # fmt: skip
    keys = [explain._plausibility(f, "fixest") for f in order]
    assert keys == sorted(keys) and len(set(map(str, keys))) == len(keys)
    assert explain._plausibility(found(plain, slip), "")[0] and not explain._plausibility(found(alien), "")[1]


def test_one_of_each_set_of_causes():
    a, b = found(F21, parameters=(("n", 1),)), found(F21, parameters=(("n", 2),))
    assert (
        explain._one_of_each([a, b, found(G)])[:1] == [a] and len(explain._one_of_each([a, b, found(G), found(F21, G)])) == 3
    )


def test_variants_are_told_apart_where_a_parameter_is_free():
    def named(number: int) -> Solution:
        one = NamedCause(id="x", group="sample", sentence="", formula="", source="", parameters={"n": str(number)})
        return Solution(causes=(one,), residual=0.0, reproduced=())

    free, fixed = found(replace(F21, parametrised=True)), found(F21)
    assert len(explain._unique([(free, named(1)), (free, named(2)), (free, named(1))])) == 2
    assert explain._unique([(fixed, named(1)), (fixed, named(2))]) == (named(1),)


# ---------------------------------------------------------------- rounding behind all causes


def reach(most: float = 1e-6, **more) -> Reach:
    given = {"cause": "ill-conditioned-columns", "coefficients": 1e-7, "others": 1e-7, "most": most, "said": "Rounding."}
    return Reach(**(given | more))


ILL = BY_ID["ill-conditioned-columns"]
NEAR = [TargetNumber("se", "a", "0.20000001"), TargetNumber("se", "b", "0.40000001")]  # off by 5e-8 of itself


@pytest.fixture
def reaches(monkeypatch):
    offered: list[Reach] = []
    monkeypatch.setattr(explain, "reaches", lambda fitter, scenario: iter(offered))
    return offered


def test_what_arithmetic_leaves_is_said_of_itself(reaches):
    reaches.append(reach())
    answer = asked(*NEAR, catalogue=(ILL, F21))
    assert answer.verdict == "explained" and [s.ids for s in answer.causes] == [("ill-conditioned-columns",)]
    (only,) = answer.causes
    assert only.chance == 0.0 and only.reproduced == ("se a", "se b") and only.causes[0].sentence == "Rounding."
    assert only.residual == pytest.approx(1e-8 / 0.20000001, rel=1e-6)
    assert only.causes[0].formula.startswith("coefficients move by up to 1.0e-07")


def test_what_arithmetic_might_leave_is_possible_only(reaches):
    reaches.append(reach(most=1e-8))
    answer = asked(*NEAR, catalogue=(ILL, F21))
    assert answer.verdict == "disagree" and [s.ids for s in answer.possible] == [("ill-conditioned-columns",)]
    assert answer.possible[0].chance == 1.0


def test_a_cause_that_gives_the_numbers_stands_before_rounding(reaches):
    reaches.append(reach())
    near = factor("near", (0.20000001 / 0.2) ** 2)
    only_a = [NEAR[0]]
    answer = asked(*only_a, catalogue=(ILL, near))
    assert [s.ids for s in answer.causes] == [("near",)] and [s.ids for s in answer.possible] == [
        ("ill-conditioned-columns",)
    ]


@pytest.mark.parametrize(("left", "asked_for"), [(0.00999, True), (0.01, False), (math.nan, False)])
def test_one_per_cent_is_no_rounding(reaches, left, asked_for):
    observed = SimpleNamespace(residual=lambda numbers: left, complete=False)
    reaches.append(SimpleNamespace(cause=ILL.id, holds=lambda observed, numbers: True))
    found = explain._within_rounding(Toy(), DECLARED, observed, object(), (ILL,))
    assert (found is not None) is asked_for


def test_where_rounding_is_no_question(reaches):
    reaches.append(reach(others=1e-9, coefficients=1e-9))
    assert asked(*NEAR, catalogue=(ILL,)).verdict == "disagree"  # beyond its reach
    reaches[:] = [reach(cause="absorption-tolerance"), reach()]
    assert [s.ids for s in asked(*NEAR, catalogue=(ILL,)).causes] == [("ill-conditioned-columns",)]
    assert asked(*NEAR, catalogue=(F21,)).verdict == "disagree"
    reaches[:] = [reach(coefficients=1.0, others=1.0)]
    far = asked(TargetNumber("se", "a", "0.2020203"), catalogue=(ILL,))  # 1 per cent is no rounding
    assert far.verdict == "disagree" and far.possible == ()
    assert asked(TargetNumber("se", "a", "0.2019"), catalogue=(ILL,)).possible[0].ids == ("ill-conditioned-columns",)


def test_a_reach_holds_and_is_certain():
    numbers = Numbers(TERMS, COEF, np.diag(SE**2), 10.0, N)
    observed = from_text([TargetNumber("coef", "a", "2.0000002"), TargetNumber("se", "a", "0.20000001"),
                          TargetNumber("nobs", "", "100")])  # fmt: skip
    # a coefficient is judged on the larger of itself and its standard error: 2e-7 of 2
    assert reach(coefficients=1.1e-7).holds(observed, numbers) and not reach(coefficients=0.7e-7).holds(observed, numbers)
    assert not reach(coefficients=1e-6, others=1e-9).holds(observed, numbers)
    other = from_text([TargetNumber("nobs", "", "101")])
    assert not reach(coefficients=1.0, others=1.0).holds(other, numbers)
    assert reach(most=1e-7).certain(observed, numbers) and not reach(most=0.9e-7).certain(observed, numbers)
    assert reach(most=1e-7, coefficients=1.0).certain(from_text([TargetNumber("se", "a", "0.20000001")]), numbers)


# ---------------------------------------------------------------- numbers in a sentence

FACTS = Facts(nobs=50, nobs_weighted=50.0, n_slopes=3, intercept=False,
              absorbed=(Absorbed("f", 9), Absorbed("u", 4, ("g",))), components={(0, 1): 1}, absorbed_rank=12,
              clusters={("g",): 8, ("h",): 6, ("g", "h"): 20}, periods=5, n_singletons=2)  # fmt: skip


class Told:
    """A fitter that knows facts and rules by the scenario's name for them."""

    def __init__(self, facts: Facts | None = FACTS, **rules):
        self.known = SimpleNamespace(facts=facts) if facts is not None else None
        self.of = rules

    def core(self, scenario):
        return self.known

    def rules(self, scenario):
        return self.of.get(scenario.scaling[0] if scenario.scaling else "plain")

    def numbers(self, scenario):
        return Numbers(TERMS, COEF, np.diag([1.0, 0.04, 0.16]), 10.0, N)


def told(template: str, fitter: Told, vcov=None, parameters=(), **after) -> str:
    spec = Spec(id="s", formula="y ~ a + b + c | f + u", vcov=vcov or {"cluster": ["g"]}, convention="reghdfe")
    before = Scenario(spec)
    return filled(template, Step(F21, replace(before, **after), parameters), before, fitter)


def test_counts_in_a_sentence():
    fitter = Told(plain=({("g",): 1.25}, 7.0))
    assert told("{N} {slopes} {T} {singletons} {G}", fitter) == "50 3 5 2 6"
    assert told("{effects}; {nested}; {all_groups}", fitter) == "9 of f and 4 of u; u; 8 of g and 6 of h and 20 of g x h"
    assert told("{vcov}|{vcov_before}|{nothing}|{unit}", fitter, parameters=(("unit", 3.0),)) == (
        f"{Spec(id='s', formula='y ~ a', vcov={'cluster': ['g']}, convention='reghdfe').vcov}|" * 2 + "none|3"
    )
    none = Told(replace(FACTS, absorbed=(), clusters={}), plain=({(): 1.0}, 7.0))
    assert told("{effects} {nested} {all_groups} {G}", none, vcov="HC1") == "none none none none"
    assert told("{N} {K} {ratio}", Told(None)) == "none none varies"


def test_k_counts_what_the_covariance_nests():
    """Clusters leave a nested effect out of K and count the constant; a robust covariance counts all."""
    fitter = Told(plain=({("g",): 1.0}, 7.0))
    assert told("{K}", fitter) == str(3 + 8 + 1) and told("{K}", fitter, vcov="HC1") == str(3 + 12)


def test_degrees_of_freedom_and_factors():
    one, key = {("g",): 1.25}, ("g",)
    assert told("{df} {factor}", Told(plain=(one, 7.0))) == "7 1.25"
    assert told("{df}", Told(plain=(one, math.inf))) == "infinite (normal)"
    assert told("{df}", Told(plain=(one, math.nan))) == "each coefficient's own"
    assert told("{df} {df_before}", Told(plain=(one, 7.0), satterthwaite=(one, 7.0)), scaling=("satterthwaite",)) == (
        "each coefficient's own 7"
    )
    assert told("{factor_before}", Told(plain=({key: 1 / 3}, 7.0))) == "0.3333333333"
    assert told("{df} {factor}", Told()) == "none none"


@pytest.mark.parametrize(
    ("after", "before", "said"),
    [
        ({"g": 1.5}, {"g": 1.25}, "1.2"), ({"g": 1.0, "h": 2.0}, {"g": 2.0, "h": 4.0}, "0.5"),
        ({"g": 1.0, "h": 2.0}, {"g": 2.0, "h": 2.0}, "varies by component"), ({"g": 1.0}, {"h": 1.0}, "varies"),
        (None, {"g": 1.0}, "varies"), ({"g": 1.0}, None, "varies"),
    ],
)  # fmt: skip
def test_a_ratio_of_variances(after, before, said):
    def rules(factors):
        return None if factors is None else ({(name,): f for name, f in factors.items()}, 7.0)

    assert told("{ratio}", Told(plain=rules(before), other=rules(after)), scaling=("other",)) == said


def test_stars_that_a_scenario_gives():
    fitter = Told(plain=({("g",): 1.0}, 7.0))
    assert told("{given_stars}", fitter, parameters=(("term", "a"),)) == "3"
    assert told("{given_stars}", fitter, parameters=(("term", "(Intercept)"),)) == "0"
    assert told("{given_stars}", fitter, parameters=(("term", "q"),)) == "none"


# ---------------------------------------------------------------- whose numbers, which variants


def test_a_design_that_reproduces_its_counts():
    lost = cause("lost", "design", "rows", lambda s: s.edited(Move((1.0, 1.5, 1.0), -3)))
    answer = asked(TargetNumber("coef", "a", "3.00000"), TargetNumber("nobs", "", "97"), catalogue=(lost, F21))
    assert [s.ids for s in answer.causes] == [("lost",)] and answer.causes[0].reproduced == ("coef a", "nobs")
    other = moves("m", Move((1.0, 1.4, 1.0), -3))
    assert asked(TargetNumber("coef", "a", "3.00000"), catalogue=(other,)).nearest.residual == pytest.approx(0.2 / 3)
