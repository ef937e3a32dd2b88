"""Pieces of the search, each asked alone: chances of one cause beside another, a quick look, profiles, edits of the page."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from parity.conventions.profiles import PROFILES
from parity.diagnose import chance, combinations
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.catalogue.edits import Rescaled
from parity.diagnose.cause import Cause
from parity.diagnose.combinations import Path
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import Observed, Target
from parity.diagnose.printed import Printing
from parity.diagnose.scenario import Scenario
from parity.diagnose.search import Result, Search
from parity.study.spec import Spec
from scenarios_by_hand import COEF, DECLARED, SE, SPEC, TERMS, Move, N, Toy, cause, factor, kind, moves, page

F21, F44, G = factor("f21", 1.21, slot="k"), factor("f44", 1.44, slot="k"), factor("g", 1.1)
FLIP, SLIP, COUNT, UNITS = (BY_ID[i] for i in ("sign-flipped", "digit-misprinted", "another-count-for-n", "units"))
CROWDED, RANGE = math.log(1.1 / 0.9), math.log(4.0)


def search(observed: Observed, *catalogue: Cause, fitter: Toy | None = None, base: Scenario = DECLARED) -> Search:
    return Search(fitter or Toy(), observed, base, catalogue)


def named(result: Result) -> list[tuple[str, ...]]:
    return [tuple(s.cause.id for s in f.path.steps) for f in result.solutions]


def path(*causes: tuple[Cause, int], base: Scenario = DECLARED, fitter: Toy | None = None) -> Path:
    """A cause's variant, by its place, after the other."""
    out = Path(base)
    for one, place in causes:
        out = out.then(list(one.steps(out.scenario, fitter or Toy()))[place])
    return out


# ---------------------------------------------------------------- how many causes so few digits bear


@pytest.mark.parametrize(
    ("relative", "se", "scenarios"),
    [
        (2e-3, (0.25, None), 4),  # one number: some pair would fit
        (2e-3, (0.25, 0.5), 4 + 6),  # two that one scalar moves: each pair that parts is judged one by one; no three
        (1e-3, (0.25, 0.5), 4 + 6),  # both together are too many digits for chance; three causes never are
        (3.31e-5, (0.25, None), 4 + 6 + 6), (3.4e-5, (0.25, None), 4),  # thirty that hit with 2 r of a fifth
        (1e-5, (0.25, None), 4 + 6 + 6), (1e-5, (0.25, 0.5), 4 + 6 + 6),
    ],
)  # fmt: skip
def test_sizes_that_are_tried(relative, se, scenarios):
    result = search(page(relative, coef=(None, None), se=se), F21, F44, G).run()
    assert (result.scenarios, result.solutions) == (scenarios, [])


@pytest.mark.parametrize(("relative", "found"), [(1e-3, True), (2e-3, False)])
def test_two_designs_where_digits_bear_them(relative, found):
    """Each coefficient is hit with 2e-3 of a fifth: both by one of thirty pairs, less than one in a hundred times."""
    assert (30 * (2 * relative / CROWDED) ** 2 <= chance.LIMIT) is found
    one, other = moves("one", Move((1.0, 1.5, 1.0))), moves("other", Move((1.0, 1.0, 1.2)))
    result = search(page(relative, coef=(3.0, -4.8)), one, other).run()
    assert [{s.cause.id for s in f.path.steps} for f in (*result.solutions, *result.possible)] == (
        [{"one", "other"}] if found else []
    )


def test_without_coefficients_only_plain_designs_combine():
    """A free parameter beside another cause fits a standard error by chance."""
    shown = Observed((Target("se", "a", 0.22 * math.sqrt(1.3), 1e-9, 1.0),), complete=False)
    plain = moves("plain", Move(rows=-1))
    result = search(shown, plain, replace(plain, id="family", slot="f", parametrised=True), F21, kind("hc2", "HC2")).run()
    assert {"f21", "hc2"} in [set(n) for n in named(result)] and result.tried.keys() == {"plain", "family", "f21", "hc2"}
    one = 1 + 1 + 1 + 1 + 1  # the declared one, each design, f21 and hc2
    two = (2 + 1) + (2 + 1)  # the declared design and the plain one: none or f21, and hc2 ...
    assert result.scenarios == one + two + 1  # ... which beside the declared one has f21 as well


def test_how_many_single_causes_there_were():
    """By which two causes are judged one by one: without slips of single numbers, and with them."""
    one = search(page(se=SE[1:] * 1.05), F21, F44, G)
    one.run(1)
    assert tuple(one._singles) == (4, 4)
    off = search(page(coef=(3.0, -4.0), se=SE[1:] * 1.05), moves("m", Move((1.0, 1.5, 1.0)), Move((1.0, 9.0, 1.0))), F21)
    off.run(1)
    assert tuple(off._singles) == (2, 2)  # the declared design and the right one; a far one is no rival
    shown = Observed((*page(coef=(2.0, None)).targets, Target("coef", "b", -4.9, 0.05, 4.9, 1)), complete=False)
    slips = search(shown, SLIP, base=replace(DECLARED, decimals=((("coef", "b"), 1),)))
    slips.run(1)
    assert tuple(slips._singles) == (1, 1 + 60)  # the declared one; of six places ten digits each


VARIANCE = BY_ID["variance-printed-as-se"]


def test_behind_a_design_nothing_is_printed_otherwise_where_one_number_is_all():
    design = moves("d", Move(se=1.1))
    alone = Observed((Target("se", "a", 0.0484, 1e-12, 0.0484),), complete=False)
    assert named(search(alone, F21, VARIANCE).run()) == [("f21", "variance-printed-as-se")]
    assert named(search(alone, design, VARIANCE).run()) == []
    both = Observed((*alone.targets, Target("se", "b", 0.1936, 1e-12, 0.1936)), complete=False)
    assert named(search(both, design, VARIANCE).run()) == [("d", "variance-printed-as-se")]


def test_a_slip_of_a_number_that_stands_alone_stands_beside_nothing():
    base = replace(DECLARED, decimals=((("se", "a"), 6),))
    alone = Observed((Target("se", "a", 0.220070, 5e-7, 0.22, 6),), complete=False)
    assert named(search(alone, F21, SLIP, base=base).run()) == []  # 0.22, and a digit
    wrong = Observed((Target("se", "a", 0.220070, 5e-7, 0.22, 6), Target("se", "b", 0.44, 1e-9, 0.44)), complete=False)
    result = search(wrong, F21, SLIP, base=base).run()
    assert {tuple(s.cause.id for s in f.path.steps) for f in (*result.solutions, *result.possible)} == {
        ("f21", "digit-misprinted")
    }


def test_a_cause_that_counts_for_two():
    dear = moves("dear", Move((1.0, 1.5, 1.0)), cost=2)
    shown = page(coef=(3.0, -4.0))
    assert search(shown, dear).run(1).scenarios == 1 and named(search(shown, dear).run(2)) == [("dear",)]
    assert search(page(coef=(3.1, -4.0)), dear).run(2).scenarios == 1 + 1 + 1
    beside = page(coef=(3.0, -4.0), se=SE[1:] * 1.1)
    assert search(beside, dear, F21).run(2).solutions == []
    assert [(n, 3) for n in named(search(beside, dear, F21).run())] == [(("dear", "f21"), 3)]


def test_a_family_of_designs_beside_a_factor_where_coefficients_tell():
    family = moves("family", Move((1.0, 1.5, 1.0)), Move((1.0, 1.6, 1.0)), parametrised=True)
    assert named(search(page(coef=(3.0, -4.0), se=SE[1:] * 1.1), family, F21).run()) == [("family", "f21")]


@pytest.mark.parametrize(
    ("digits", "tried"),
    [(1e-9, {"f21"}), (2e-8, {"f21"}), (1e-7, {"keeps", "f21", "hc2"}), (1e-3, {"keeps", "f21", "hc2"})],
)
def test_few_digits_settle_nothing_on_large_data(digits, tried):
    """Of a hundred thousand scenarios, each of which hits with its digits' share, less than a hundredth must fit."""
    assert (2 * digits / (9 * math.log(1.1)) * 1e5 < chance.LIMIT) is (tried == {"f21"})
    keeps = moves("keeps", Move((2.0, 1.0, 1.0)), keeps_coefficients=True)
    result = search(page(digits, se=SE[1:] * 1.1), keeps, F21, kind("hc2", "HC2"), fitter=Toy(5_001)).run(1)
    assert result.tried.keys() == tried


def test_scenarios_at_hand_are_looked_at_though_all_is_settled():
    other = replace(F21, id="other", slot="o")
    result = search(page(se=SE[1:] * 1.1), F21, other, fitter=Toy(5_001)).run(1)
    assert named(result) == [("f21",), ("other",)]


def test_the_chance_of_a_sample_of_another_n():
    """Of one cause those that are near have N anyway; standard errors moved by a tenth, apart by the coefficient's half."""
    digits = 1e-4
    lost = moves("lost", Move((1.0, 1.5, 1.0), -3, se=1.1))
    (found,) = search(page(digits, coef=(3.0, -4.0), nobs=97.0, se=(0.22, 0.44)), lost, F21).run(1).solutions
    hit = 2 * digits / RANGE * (2 * digits / (9 * math.log(1.1))) * chance.OF_A_COUNT
    apart = 2 * 2 * digits / min(CROWDED, 2 * (math.log(1.5) - math.log(1.1)))
    assert found.chance == pytest.approx(hit * apart * 1)


def test_what_an_edit_brings_near_is_a_rival():
    """In other units the declared design comes near, so that it is one scenario of the two that may hit."""
    shown = page(1e-4, coef=(200.0, -4.0), se=(20.0, 0.4))
    (found,) = search(shown, UNITS, F21).run(1).solutions
    coef, se = 2e-4 / RANGE, 2e-4 / RANGE
    assert found.chance == pytest.approx(coef * se * 2)  # the edit, and the scenario that it makes
    near = moves("near", Move((1.0, 90.0, 1.0)))  # 180, but with standard errors as they were
    (found,) = search(shown, UNITS, near).run(1).solutions
    assert found.chance == pytest.approx(coef * se * (2 + 1))


# ---------------------------------------------------------------- a quick look at one standard error


def test_the_most_precise_standard_error():
    shown = [Target("coef", "a", 1.0, 1e-9, 1.0), Target("se", "a", 0.2, 0.01, 0.2), Target("se", "b", 4.0, 0.1, 4.0)]
    assert Observed(tuple(shown), complete=False).tightest_se() == ("b", 4.0, 0.1)
    assert Observed(tuple(shown[:1]), complete=False).tightest_se() is None


class TwoWay(Toy):
    """Clusters g and h: variances of both less those of their meeting; each part with a factor of its own."""

    factors = {("g",): 2.0, ("h",): 1.0, ("g", "h"): 0.5}

    def parts(self, scenario):
        one = np.diag(SE**2)
        return {("g",): one * 0.75, ("h",): one, ("g", "h"): one * (3.0 if scenario.spec.vcov.kind == "HC1" else 9.0)}

    def rules(self, scenario):
        return self.factors, 10.0


def looked(fitter: Toy, value: float, allowed: float = 1e-3, scenario: Scenario = DECLARED) -> bool:
    observed = Observed((Target("se", "a", value, allowed, value),), complete=False)
    return search(observed, fitter=fitter)._se_is_off(scenario)


def test_a_standard_error_that_is_off_at_once():
    toy = Toy()
    assert not looked(toy, 0.2) and not looked(toy, 0.2009) and not looked(toy, 0.1991) and looked(toy, 0.2011)
    assert looked(toy, 0.1989) and not looked(toy, 0.3, scenario=replace(DECLARED, scaling=("x1.2",)))
    assert not looked(toy, 0.3, scenario=next(iter(FLIP.steps(DECLARED, toy))).scenario)
    both = TwoWay()  # 1.5 + 1 - 1.5 = 1
    assert not looked(both, 0.2) and looked(both, 0.2 * math.sqrt(1.5))
    nothing = replace(DECLARED, spec=SPEC.model_copy(update={"vcov": SPEC.vcov.model_copy(update={"kind": "HC2"})}))
    assert looked(both, 0.2, allowed=10.0, scenario=nothing)  # 1.5 + 1 - 4.5 is no variance


def test_a_quick_look_needs_everything():
    for missing in ("core", "parts", "rules"):
        toy = Toy()
        found = search(Observed((Target("se", "a", 0.2, 1e-3, 0.2),), complete=False), fitter=toy)
        setattr(toy, missing, lambda scenario: None)
        assert found._se_is_off(DECLARED), missing
    toy = Toy()
    toy.rules = lambda scenario: ({("g",): 1.0}, 1.0)
    assert not looked(toy, 0.3)  # another set of parts: the whole look decides
    unknown = Observed((Target("se", "q", 0.3, 1e-3, 0.3),), complete=False)
    assert not search(unknown)._se_is_off(DECLARED)
    assert not search(Observed((Target("coef", "a", 9.0, 1e-3, 9.0),), complete=False))._se_is_off(DECLARED)


def test_a_design_beside_another_kind():
    right = moves("right", Move((1.0, 1.5, 1.0)))
    shown = page(coef=(3.0, -4.0), se=SE[1:] * math.sqrt(1.3))
    assert named(search(shown, right, kind("hc2", "HC2"), kind("hc3", "HC3")).run()) == [("right", "hc2")]


def test_a_kind_whose_standard_error_is_off_is_not_computed_beside_a_design():
    computed = []

    class Counting(Toy):
        def numbers(self, scenario):
            computed.append(scenario.spec.vcov.kind)
            return super().numbers(scenario)

    shown = page(coef=(3.0, -4.0), se=SE[1:] * math.sqrt(1.3))
    search(shown, moves("right", Move((1.0, 1.5, 1.0))), kind("hc2", "HC2"), kind("hc3", "HC3"), fitter=Counting()).run()
    assert "HC2" in computed and "HC3" not in computed


def test_degrees_of_freedom_of_its_own_are_spared_where_a_standard_error_is_off():
    asked = []

    class Own(Toy):
        def numbers(self, scenario):
            asked.append(scenario.scaling)
            return super().numbers(scenario)

    own = replace(DECLARED, scaling=("satterthwaite",))
    off = search(page(se=SE[1:] * 1.1), fitter=Own())
    asked.clear()
    assert off._numbers(own).se[1] == 0.2 and asked == [()]
    asked.clear()
    p_alone = search(page(p=(0.5, 0.5)), fitter=Own())
    asked.clear()
    p_alone._numbers(own)
    assert asked == [(), ("satterthwaite",)]
    asked.clear()
    off._numbers(DECLARED)
    assert asked == [()]
    printed = next(iter(FLIP.steps(own, Toy()))).scenario
    asked.clear()
    off._numbers(printed)
    assert asked == [("satterthwaite",)]
    nothing = Own()
    nothing.rules = lambda scenario: None
    assert search(page(), fitter=nothing)._numbers(own) is None


# ---------------------------------------------------------------- two causes, one by one


def test_two_causes_of_numbers_of_their_own():
    """A sign and a factor: each hits its own numbers, as one of thirty or as many as there were."""
    digits = 1e-3
    one = search(page(digits, coef=(-2.0, -4.0), se=(0.22, 0.44)), FLIP, F21, F44, G)
    one._singles = [50, 90]
    both = path((FLIP, 1), (F21, 0))
    scalar = 2 * digits / (9 * math.log(1.1))
    assert one._one_by_one(both) == pytest.approx(chance.LIMIT + 50 * scalar)  # a slip of the page is no chance
    one._singles = [10, 90]
    assert one._one_by_one(both) == pytest.approx(chance.LIMIT + 30 * scalar)
    assert one._one_by_one(path((FLIP, 1))) == math.inf
    assert one._one_by_one(replace(both, profile="plm")) == math.inf
    spoils = search(page(digits, coef=(2.0, -4.0), se=(0.22, 0.44)), FLIP, F21)
    assert spoils._one_by_one(both) == math.inf  # the sign was right
    third = search(page(digits, coef=(2.0, -4.0), se=(0.22, 0.44)), F21, F44, G)
    assert third._one_by_one(path((F21, 0), (G, 0))) == math.inf  # both move the same numbers


def test_three_wrong_numbers_are_no_slip():
    """Beside a sure factor they have the chance of their digits, less than that of a slip of the page."""
    wrong = [Target("coef", "a", -2.0, 0.02, 2.0), Target("coef", "b", 4.0, 0.04, 4.0), Target("p", "a", 0.5, 0.005, 0.5)]
    scaled = [Target("se", "a", 0.22, 2e-7, 0.22), Target("se", "b", 0.44, 4e-7, 0.44)]
    one = search(Observed((*wrong, *scaled), complete=False), F21, FLIP)
    assert one._one_by_one(path((F21, 0), (FLIP, 1))) < chance.LIMIT


def test_two_slips_among_twice_as_many_that_are_right():
    shown = page(1e-2, coef=(-2.0, 4.0))
    both = path((FLIP, 1), (FLIP, 2))
    one = 30 * 2 * 1e-2 / RANGE  # each of thirty flips, or so many, of a coefficient that is off by no ratio
    assert search(shown, FLIP)._one_by_one(both) == pytest.approx(one + chance.LIMIT)  # three right beside two wrong
    more = Observed((*shown.targets, Target("t", "a", 10.0, 0.1, 10.0, unsigned=True)), complete=False)
    assert search(more, FLIP)._one_by_one(both) == chance.LIMIT


def test_what_one_step_prints_alone():
    one = search(page(se=SE[1:] * 1.1), FLIP, F21, G)
    flip, g = path((F21, 0), (FLIP, 1)).steps[1], path((F21, 0), (G, 0)).steps[1]
    assert one._alone(flip).coef.tolist() == [1.0, -2.0, -4.0] and one._alone(flip).se.tolist() == SE.tolist()
    assert one._alone(g).se[1] == pytest.approx(0.2 * math.sqrt(1.1))
    second = path((FLIP, 0), (FLIP, 1)).steps[1]
    assert one._alone(second).coef.tolist() == [1.0, -2.0, -4.0]  # without the flip before it
    assert one._alone(replace(g, parameters=(("variant", 9),))) is None


def test_the_chance_of_a_slip_beside_a_cause():
    base = replace(DECLARED, decimals=((("coef", "b"), 1),))
    shown = Observed((Target("se", "a", 0.22, 2e-8, 0.22), Target("coef", "b", -4.9, 0.05, 4.9, 1)), complete=False)
    one = search(shown, F21, SLIP, base=base)
    slips = list(SLIP.steps(base, Toy()))
    ninth = next(i for i, s in enumerate(slips) if (s.scenario.prints[0].position, s.scenario.prints[0].digit) == (1, "9"))
    one._singles = [10, 200]
    left = 2 * (0.05 / 4.9) / RANGE  # after the factor the coefficient alone is off
    assert one._of_the_slip(path((F21, 0), (SLIP, ninth), base=base)) == pytest.approx(200 * left)
    one._singles = [10, 20]
    assert one._of_the_slip(path((F21, 0), (SLIP, ninth), base=base)) == pytest.approx(30 * left)
    assert one._of_the_slip(path((SLIP, ninth), base=base)) == 0.0 and one._of_the_slip(path((F21, 0), (G, 0))) == 0.0


# ---------------------------------------------------------------- whole profiles


class Counted(Toy):
    """The factor of a convention: what it says of size and of groups, each by hand."""

    SIZE = {"(n-1)/(n-k)": 1.2, "n/(n-k)": 1.25, "none": 1.0}
    GROUPS = {"min": 1.1, "each": 1.3, "none": 1.0}

    def rules(self, scenario):
        c = scenario.spec.convention
        extra = 1.7 if "odd" in scenario.scaling else 1.0
        return {(): self.SIZE[c.cluster_scale] * self.GROUPS[c.cluster_groups] * extra}, 10.0


def setting(id: str, slot: str = "", **settings) -> Cause:
    return cause(id, "convention", slot or id, lambda s: s.with_convention(**settings))


NO_SIZE, NO_GROUPS = setting("no-size", cluster_scale="none"), setting("no-groups", cluster_groups="none")
REGHDFE = Scenario(Spec(id="s", formula="y ~ a + b", vcov="HC1", convention="reghdfe"))


def effect(scenario: Scenario) -> float:
    return Counted().rules(scenario)[0][()]


def offered(*causes: Cause, start: Path | None = None) -> dict[str, tuple[str, ...]]:
    found = combinations.profiles(causes, start or Path(REGHDFE), Counted(), effect)
    return {p.profile: tuple(s.cause.id for s in p.steps) for p in found}


def test_a_profile_is_one_cause_named_by_its_parts():
    both = {name for name, c in PROFILES.items() if (c.cluster_scale, c.cluster_groups) == ("none", "none")}
    assert "plm" in both and offered(NO_SIZE, NO_GROUPS) == dict.fromkeys(both, ("no-size", "no-groups"))
    found = next(p for p in combinations.profiles((NO_SIZE, NO_GROUPS), Path(REGHDFE), Counted(), effect))
    assert found.cost == 1 and effect(found.scenario) == 1.0
    # what cannot be named is not offered; nor where there is no convention
    assert offered(NO_SIZE) == {} and offered(NO_GROUPS) == {}
    assert offered(NO_SIZE, NO_GROUPS, start=Path(replace(REGHDFE, raw=True))) == {}
    # one setting alone is a cause, no profile
    linearmodels = (setting("n", cluster_scale="n/(n-k)"), NO_GROUPS)
    assert offered(*linearmodels)["linearmodels"] == ("n", "no-groups") and "areg" not in offered(*linearmodels)


def test_steps_toward_a_profile_are_settings_of_it():
    odd = cause("odd", "convention", "odd", lambda s: replace(s, scaling=("odd",)))
    wrong = setting("wrong", cluster_scale="n/(n-k)")
    assert offered(odd, wrong, NO_SIZE, NO_GROUPS)["plm"] == ("no-size", "no-groups")
    for slot in ("constant", "psd", "vcov", "leverage-factor"):
        assert "plm" not in offered(setting("as-rule", slot, cluster_scale="none"), NO_GROUPS)
    same = setting("same", "no-size", cluster_groups="none")
    assert "plm" not in offered(NO_SIZE, same)  # one slot, one step
    begun = Path(REGHDFE).then(next(iter(NO_SIZE.steps(REGHDFE, Counted()))))
    assert offered(NO_SIZE, NO_GROUPS, start=begun) == {}  # a step alone is left


def test_a_profile_is_found_as_one_cause():
    shown = page(coef=(2.0, -4.0), se=SE[1:] * 1.0)
    result = search(shown, NO_SIZE, NO_GROUPS, fitter=Counted(), base=REGHDFE).run()
    assert [(f.path.profile, f.path.cost) for f in result.solutions] == [
        (name, 1) for name, c in PROFILES.items() if (c.cluster_scale, c.cluster_groups) == ("none", "none")
    ]
    assert named(result)[0] == ("no-size", "no-groups")


def test_paths_that_only_one_cause_makes_families():
    family = replace(F21, parametrised=True)
    assert path((family, 0), (G, 0)).parametrised and not path((F21, 0), (G, 0)).parametrised
    assert [c.id for c in combinations.of_layer([G, replace(F21, slot="small"), replace(F44, slot="leverage-factor"),
                                                 kind("hc2", "HC2")], "convention")] == ["f44", "f21", "g"]  # fmt: skip
    dear = replace(F21, id="dear", cost=2)
    found = combinations.paths((dear, F44, G), Path(DECLARED), Toy(), 2)
    ids = [tuple(s.cause.id for s in p.steps) for p in found]
    assert ids == [(), ("dear",), ("f44",), ("f44", "g"), ("g",)]
    assert [p.cost for p in combinations.singles((dear, G), Path(DECLARED), Toy(), 2)] == [2, 1]
    assert [p.cost for p in combinations.singles((dear, G), Path(DECLARED), Toy(), 1)] == [1]


# ---------------------------------------------------------------- edits of the page


def mended(observed: Observed, *causes: Cause, most: int = 1, slips: bool = True, base: Scenario = DECLARED, start=None):
    """Edits that may mend what is off, by their parameters, and how many were weighed."""
    toy = Toy()
    printing, here = Printing(toy, observed, causes), start or Path(base)
    numbers = toy.unprinted(here.scenario)
    found = printing.steps(here, most, observed.failing(numbers), slips, numbers)
    return [tuple(tuple(v for _, v in s.parameters) for s in steps) for steps in found], printing.weighed.tolist()


def test_an_edit_that_touches_all_that_is_off():
    assert mended(page(coef=(-2.0, -4.0)), FLIP) == ([(("a",),)], [1, 0])
    assert mended(page(coef=(-2.0, 4.0)), FLIP) == ([], [0, 0])
    assert mended(page(coef=(-2.0, 4.0)), FLIP, most=2) == ([], [0, 0])  # one slot, one edit
    assert mended(page(coef=(-2.0, -4.0)), FLIP, most=0) == ([], [0, 0])
    begun = path((FLIP, 2))
    assert mended(page(coef=(-2.0, 4.0)), FLIP, start=begun) == ([], [0, 0])


def test_units_that_bring_a_coefficient_near():
    """Of ten units one makes 2 to 200; of the others none comes within a factor of two."""
    assert mended(page(coef=(200.0, -4.0), se=(20.0, 0.4)), UNITS) == ([(("a", "0.01"),)], [1, 0])
    assert mended(page(coef=(150.0, -4.0), se=(20.0, 0.4)), UNITS) == ([], [1, 0])
    assert mended(page(coef=(99.0, -4.0), se=(20.0, 0.4)), UNITS) == ([], [0, 0])
    zero = Observed((Target("coef", "a", 0.0, 1e-9, 1.0), Target("se", "a", 20.0, 1e-9, 1.0)), complete=False)
    found, weighed = mended(zero, UNITS)
    assert weighed == [10, 0] and found == []


def test_how_far_off_an_edit_may_leave_a_coefficient():
    for value, near in ((200.0, True), (200.03, True), (200.045, False)):
        shown = Observed((Target("coef", "a", value, 0.01, value), Target("coef", "b", -4.0, 1e-9, 4.0)), complete=False)
        assert mended(shown, UNITS)[0] == ([(("a", "0.01"),)] if near else []), value
    rounded = BY_ID["rounded"]  # to three digits: 1 per cent
    found, _ = mended(page(coef=(1.99, -4.0)), rounded)
    assert (((3, "coef"),)) in found and ((4, "coef"),) not in found


def test_what_an_edit_makes_of_a_coefficient_is_weighed():
    """Times three it is near; times fifty, and as it is, it isn't."""
    times = cause("times", "printing", "t", *((lambda s, by=by: s.printed(Rescaled("a", by))) for by in (3.0, 50.0)))
    assert mended(page(coef=(6.0, -4.0), se=(0.6, 0.4)), times) == ([((0,),)], [1, 0])
    assert mended(page(coef=(3.1, -4.0), se=(0.6, 0.4)), times) == ([], [1, 0])
    assert mended(page(coef=(2.9, -4.0), se=(0.6, 0.4)), times) == ([], [0, 0])


def test_counts_that_are_printed_for_n():
    """Three rows lack a value: 103 rows before they are left out, said in two ways."""
    what = [
        ((f"rows before {w}", 103),) for w in ("those with missing values are left out", "missing values and singletons")
    ]
    assert mended(page(nobs=103.0), COUNT) == ([*what], [2, 0])
    assert mended(page(nobs=99.0), COUNT)[1] == [0, 0]  # none is the observed N
    both, weighed = mended(page(coef=(-2.0, -4.0), nobs=103.0), FLIP, COUNT, most=2)
    assert both == [(("a",), w[0]) for w in what] and weighed == [2, 0]
    assert mended(page(coef=(-2.0, -4.0), nobs=103.0), FLIP, COUNT) == ([], [0, 0])


def test_slips_are_the_last_resort():
    base = replace(DECLARED, decimals=((("coef", "b"), 1),))
    shown = Observed((Target("coef", "b", -4.9, 0.05, 4.9, 1), Target("se", "a", 0.2, 1e-9, 1.0)), complete=False)
    assert mended(shown, SLIP, base=base, slips=False) == ([], [0, 0])
    found, (plain, slips) = mended(shown, SLIP, base=base)
    assert found == [(("coef", "b", 2),)] and plain == 0 and slips == 10 * (1 + 5)
    # beside another edit that touches all by itself a slip of few digits always fits
    two, _ = mended(Observed((*shown.targets, Target("coef", "a", -2.0, 1e-9, 2.0)), complete=False), SLIP, FLIP, base=base,
                    most=2)  # fmt: skip
    assert two == [(("coef", "b", 2), ("a",))]


def test_which_counts_matter():
    printing = Printing(Toy(), page(), (COUNT,))
    n = printing.observed.of_counts
    coef = printing.observed.of_coefficients
    assert printing._only_counts(n) and not printing._only_counts(n | coef) and not printing._only_counts(coef)
    assert not printing._only_counts(np.zeros(len(n), dtype=bool))
    toy = Toy()
    toy.facts = lambda scenario: None
    assert Printing(toy, page(), (COUNT,))._table(DECLARED, TERMS, counts=True) is None
    assert Printing(toy, page(), (COUNT,))._table(DECLARED, TERMS) is not None
    toy.core = lambda scenario: None
    assert Printing(toy, page(), (COUNT,))._table(DECLARED, TERMS) is None


def test_what_is_in_full_precision_shows_what_it_cannot_be():
    """1.2345 is no number that was rounded to three digits, so that rounding is no candidate."""
    rounded = BY_ID["rounded"]
    table = Printing(Toy(), page(coef=(1.23, -4.0), se=(0.12345, 0.4)), (rounded,))._table(DECLARED, TERMS)
    digits = {dict(s.parameters)["digits"] for s in table.steps if dict(s.parameters)["columns"] == "coef"}
    assert digits == {3, 4, 5, 6, 7, 8}
    assert {dict(s.parameters)["digits"] for s in table.steps if dict(s.parameters)["columns"] == "se"} == {5, 6, 7, 8}
    assert table.touches.shape == (len(table.steps), 5) and set(table.slots.tolist()) == {0}


def test_edits_stand_in_the_order_of_the_catalogue():
    variance = BY_ID["variance-printed-as-se"]
    printing = Printing(Toy(), page(), (variance, FLIP))
    flip, exchanged = list(FLIP.steps(DECLARED, Toy()))[1], next(iter(variance.steps(DECLARED, Toy())))
    whole = printing.then(path((F21, 0)), (flip, exchanged))
    assert [s.cause.id for s in whole.steps] == ["f21", "variance-printed-as-se", "sign-flipped"] and whole.cost == 3
    assert len(whole.scenario.prints) == 2 and whole.scenario.scaling == ("x1.21",)
    later = printing.then(path((F21, 0), (FLIP, 1)), (exchanged,))
    assert [s.cause.id for s in later.steps] == ["f21", "variance-printed-as-se", "sign-flipped"] and later.cost == 3
    assert [type(e).__name__ for e in later.scenario.prints] == ["Exchanged", "SignFlipped"]


# ---------------------------------------------------------------- chances


def test_standard_errors_without_a_size_tell_nothing():
    declared = Numbers(TERMS, COEF, np.diag([0.01, 0.0, 0.16]), 10.0, N)
    shown = [
        Target("se", "a", 0.22, 1e-4, 0.22),
        Target("se", "b", 0.5, 1e-4, 0.5),
        Target("se", "(Intercept)", 0.0, 1e-4, 1.0),
    ]
    observed = Observed(tuple(shown), complete=False)
    assert chance._moved(observed, np.ones(3, dtype=bool), declared) == [(pytest.approx(math.log(0.5 / 0.4)), 1e-4 / 0.5)]


def test_a_slip_of_the_page_among_numbers_that_are_right():
    off, right = np.array([True, False]), np.array([True, True, True, False, False, False])
    shown = page()
    assert chance.of_slip(shown, off, path((FLIP, 1))) and not chance.of_slip(shown, off, path((F21, 0)))
    assert not chance.of_slip(shown, off, path((F21, 0), (FLIP, 1)))
    assert not chance.of_slip(shown, right, path((FLIP, 1)))  # three are too many for one slip
    assert chance.of_slip(shown, np.array([True, True, False, False]), path((FLIP, 1)))
    assert not chance.of_slip(shown, np.array([True, True, False]), path((FLIP, 1)))


def test_numbers_crowd_about_the_declared_ones():
    """A standard error that is off by a tenth is drawn from nine times that; off by a half, from a factor of two."""
    declared = Numbers(TERMS, COEF, np.diag(SE**2), 10.0, N)

    def of(value: float, causes: int = 1) -> float:
        shown = Observed((Target("se", "a", value, 1e-4 * value, value),), complete=False)
        return chance.of_one_scenario(shown, np.array([True]), causes, declared)

    assert of(0.22) == pytest.approx(2e-4 / (9 * math.log(1.1))) and of(0.3) == pytest.approx(2e-4 / RANGE)
    assert of(0.2002) == pytest.approx(2e-4 / (9 * 0.003)) and of(0.22, 2) == pytest.approx(2e-4 / CROWDED)
