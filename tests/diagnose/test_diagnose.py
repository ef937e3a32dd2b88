"""Causes are complete and applicable, estimates are explained from either side, and what no cause makes is not named."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from conftest import FIXTURES
from parity.base.tolerance import CERTAIN_CHANCE, ITERATIVE
from parity.base.watching import Stopped
from parity.conventions.profiles import PROFILES
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_estimate, explain_targets, sentences, software
from parity.diagnose.catalogue import BY_ID, CAUSES
from parity.diagnose.catalogue.edits import CutOff
from parity.diagnose.cause import GROUPS
from parity.diagnose.chance import LIMIT, of_one_scenario
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import from_numbers, from_text
from parity.diagnose.scenario import Scenario
from parity.diagnose.search import Search
from parity.engines.own import fit
from parity.results.estimate import Estimate, Part, Reported
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.spec import Spec

STUDY = load_study(FIXTURES / "grunfeld")
FRAME = load_frame(STUDY)
FITTER = Fitter(STUDY, FRAME)
SPEC = Spec(
    id="two_way", formula="inv ~ value + capital | firm + year", vcov={"cluster": ["firm"]}, convention="reghdfe"
)  # fmt: skip


def shipped(scenario: Scenario, engine: str = "other") -> Estimate:
    """What an engine that lives in this scenario answers, with its own convention applied."""
    n = FITTER.numbers(scenario)
    return Estimate(
        engine=engine, terms=n.terms, coef=tuple(n.coef.tolist()), parts=(Part(matrix=n.vcov.tolist()),), basis="as shipped",
        df_t=n.df, reported=Reported(nobs=n.nobs),
    )  # fmt: skip


def explained(candidate: Estimate, spec: Spec = SPEC, reference: Estimate | None = None):
    return explain_estimate(STUDY, spec, FRAME, reference or shipped(Scenario(spec)), candidate, fitter=FITTER)


def test_every_cause_is_whole():
    for cause in CAUSES:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cause.id)
        assert cause.group in GROUPS and cause.sentence.endswith(".") and cause.source


@pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.id)
def test_what_gives_a_cause_is_no_remedy(cause):
    for engine, text in cause.how.items():
        assert not re.search(r"\bfor\b|instead|leave out|leaves it", text), text
        assert text != cause.avoids.get(engine)


@pytest.mark.parametrize(
    ("one", "other"),
    [("singletons-kept", "singletons-dropped"), ("iid-without-degrees-of-freedom", "iid-with-degrees-of-freedom"),
     ("counts-nested-effects", "leaves-nested-effects-out"), ("cr0", "cr1"), ("large-sample-iv", "small-sample-iv"),
     ("variance-components-exact", "variance-components-harmonic"), ("frequency-for-analytic", "analytic-for-frequency"),
     ("robust-for-iid", "iid-for-robust"), ("trimmed-for-winsorised", "winsorised-for-trimmed")],
)  # fmt: skip
def test_what_gives_a_cause_avoids_its_opposite(one, other):
    a, b = BY_ID[one], BY_ID[other]
    shared = [e for e in a.how if e in b.avoids]
    assert shared and any(a.how[e] == b.avoids[e] for e in shared)
    assert all(a.how[e] != b.how[e] for e in a.how if e in b.how)


@pytest.mark.parametrize("kind", ["HC2", "HC3", "HC4", "CR0", "CR2", "CR3"])
def test_what_gives_another_covariance_names_its_kind(kind):
    cause = BY_ID[kind.lower()]
    typed = [text for text in cause.how.values() if "type = " in text]
    assert typed and all(f'"{kind}"' in text for text in typed if "vcovHC" not in text or kind != "CR0")
    assert not any(f'"{kind}"' in text for text in cause.avoids.values())


@pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.id)
def test_every_template_is_filled(cause):
    for spec in STUDY.specs:
        for step in list(cause.steps(Scenario(spec), FITTER))[:2]:
            for template in (cause.sentence, cause.formula, *cause.how.values(), *cause.avoids.values()):
                assert "{" not in sentences.filled(template, step, Scenario(spec), FITTER)


def test_equal_estimates_agree():
    assert explained(shipped(Scenario(SPEC))).verdict == "agree"


def test_an_uncorrected_estimate_agrees_with_what_it_says_it_is():
    answer = fit.estimate(SPEC, build_design(STUDY, SPEC, FRAME))
    assert explained(answer, reference=answer).verdict == "agree"


@pytest.mark.parametrize("profile", ["areg", "lm", "lfe", "linearmodels", "statsmodels"])
def test_the_default_of_another_package_is_named_by_its_parts(profile):
    convention = PROFILES[profile].model_copy(update={"singletons": SPEC.convention.singletons})
    answer = explained(shipped(Scenario(SPEC.model_copy(update={"convention": convention}))))
    assert answer.verdict == "explained"
    assert all(s.residual < 1e-9 for s in answer.causes)


def test_the_side_that_departs_is_named():
    other = shipped(Scenario(SPEC.model_copy(update={"convention": PROFILES["areg"]})))
    answer = explained(shipped(Scenario(SPEC)), reference=other)
    assert answer.verdict == "explained" and answer.causes[0].side == "reference"
    assert answer.causes[0].ids == ("counts-nested-effects",)
    assert "10 of firm and 20 of year" in answer.causes[0].causes[0].sentence
    assert "K = 31 instead of 22" in answer.causes[0].causes[0].formula


def test_a_typed_table_of_a_pooled_regression():
    n = FITTER.numbers(Scenario(SPEC.model_copy(update={"formula": Spec(id="p", formula="inv ~ value + capital").formula})))
    i = n.terms.index("capital")
    targets = [TargetNumber("coef", "capital", f"{n.coef[i]:.4f}"), TargetNumber("se", "capital", f"{n.se[i]:.4f}")]
    answer = explain_targets(STUDY, SPEC, FRAME, targets, fitter=FITTER)
    assert ("pooled-for-within",) in [s.ids for s in answer.causes]


def test_few_digits_fit_more_causes_than_many():
    spec = SPEC.model_copy(update={"formula": Spec(id="c", formula="inv ~ capital | firm + year").formula})

    def ids(text: str) -> set:
        answer = explain_targets(STUDY, spec, FRAME, [TargetNumber("se", "capital", text)], fitter=FITTER)
        return {s.ids for s in (*answer.causes, *answer.possible)}

    assert ids(".0649347850") < ids(".065")


def test_noise_is_not_named():
    answer = shipped(Scenario(SPEC))
    rng = np.random.default_rng(0)
    off = answer.model_copy(update={"coef": tuple(b * (1 + 1e-6 * rng.standard_normal()) for b in answer.coef)})
    found = explained(off)
    assert found.verdict == "disagree" and found.nearest is not None


def test_a_factor_on_top_of_leverage_counts_as_that_of_clusters():
    """pyfixest 0.60.0 gives CR3 the factor of CR1, under some hash seeds with the nested flag on the wrong effect too."""
    spec = Spec(id="cr3", formula="inv ~ value + capital | firm + year", vcov={"cluster": ["firm"], "type": "CR3"},
                convention="reghdfe")  # fmt: skip
    for other, id in (("lfe", "drops-all-effects-when-nested"), ("full", "counts-nested-effects")):
        scenario = replace(Scenario(spec), scaling=("leverage-factor",)).with_convention(count_fixef=other)
        answer = explained(shipped(scenario), spec)
        assert ("leverage-kind-with-factor", id) in {s.ids for s in answer.causes}, [s.ids for s in answer.causes]


def test_numbers_that_are_not_round_were_not_rounded():
    """Off by about what rounding to six digits moves: an explanation only where the other side's numbers are round."""
    right = FITTER.numbers(Scenario(SPEC))
    rounded = np.array([float(f"{c:.6g}") for c in right.coef])
    found = []
    for coef in (rounded, rounded * (1 + 2e-8)):
        observed = from_numbers(replace(right, coef=coef), ITERATIVE, ("coef", "se"))
        assert observed.failing(right).any()
        found.append(Search(FITTER, observed, Scenario(SPEC), CAUSES).run().solutions)
    assert {s.path.steps[0].cause.id for s in found[0]} == {"rounded"}
    assert not found[1], [[s.cause.id for s in f.path.steps] for f in found[1]]


# ---------------------------------------------------------------- no more than the numbers say


def typed(numbers, digits: int, terms, nobs: bool = True) -> list[TargetNumber]:
    """Coefficients and standard errors with so many significant digits, as a table prints them."""
    out = []
    for term in terms:
        for quantity in ("coef", "se"):
            value = float(getattr(numbers, quantity)[numbers.terms.index(term)])
            decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
            out.append(TargetNumber(quantity, term, f"{value:.{decimals}f}"))
    return [*out, TargetNumber("nobs", "", f"{numbers.nobs:.0f}")] if nobs else out


CONTROLS = "ln_gdp_head + students_share + industry_share + openness + retail_share + fiscal_share | 省份 + year"


@pytest.fixture(scope="module")
def trade() -> Fitter:
    study = load_study(FIXTURES / "digital_trade")
    return Fitter(study, load_frame(study))


@pytest.fixture(scope="module")
def indexed(trade) -> Fitter:
    """The same with its index for a column of the data: what makes an index otherwise is no cause then."""
    return Fitter(trade.study.model_copy(update={"index": {}}), trade.original)


def asked(fitter: Fitter, spec: str, targets, **options):
    return explain_targets(fitter.study, fitter.study.spec(spec), fitter.original, targets, fitter=fitter, **options)


def made_by(fitter: Fitter, spec: str, formula: str, frame=None):
    """What another formula or other data give, by a fitter that knows nothing of the declared spec."""
    other = fitter.study.spec(spec).model_copy(update={"formula": Spec(id="x", formula=formula).formula})
    return Fitter(fitter.study, fitter.original if frame is None else frame).numbers(Scenario(other))


@pytest.mark.parametrize(
    ("spec", "formula", "renamed", "cause"),
    [
        ("winsor_1", f"resilience ~ dt + {CONTROLS}", {"dt": "dt_w1"}, ("cuts-left-out",)),
        ("lagged", f"resilience ~ f(dt, 1) + {CONTROLS}", {"f(dt, 1)": "dt_l1"}, ("shift-reversed",)),
    ],
)  # fmt: skip
def test_changes_of_the_model_are_named_and_not_put_together_with_a_slip(indexed, spec, formula, renamed, cause):
    numbers = made_by(indexed, spec, formula)
    numbers = replace(numbers, terms=tuple(renamed.get(t, t) for t in numbers.terms))
    targets = typed(numbers, 4, [*renamed.values()])
    answer = asked(indexed, spec, targets)
    assert [s.ids for s in answer.causes] == [cause]
    # without the true cause nothing is made up, with N or without
    without = tuple(c for c in CAUSES if c.id not in cause)
    blind = asked(indexed, spec, targets if spec == "lagged" else targets[:-1], catalogue=without)
    assert not blind.causes and blind.verdict == "disagree", [s.ids for s in blind.causes]
    assert blind.nearest is not None and blind.nearest.residual > 0


def test_an_index_made_without_one_unit_is_named(trade):
    from parity.data.derive.study_columns import add_columns

    study, frame = trade.study, trade.original
    made = {*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))}
    raw = frame[[c for c in frame.columns if c not in made]]
    part = add_columns(study, raw[raw["省份"] != "西藏"].reset_index(drop=True)).frame
    numbers = Fitter(study, part).numbers(Scenario(study.spec("baseline_3")))
    answer = asked(trade, "baseline_3", typed(numbers, 5, ["dt"]))
    assert [s.ids for s in answer.causes] == [("unit-missing-before-derived",)]
    assert answer.causes[0].causes[0].parameters == {"unit": "省份 西藏"}


def test_a_cause_without_the_observed_term_leaves_no_zero():
    observed = from_text([TargetNumber("coef", "capital", ".1234")])
    spec = Spec(id="v", formula="inv ~ value | firm + year", vcov={"cluster": ["firm"]}, convention="reghdfe")
    assert observed.residual_of_design(FITTER.numbers(Scenario(spec))) == math.inf
    answer = explained_text([TargetNumber("coef", "capital", ".5123"), TargetNumber("se", "capital", ".0713")])
    assert answer.nearest is None or answer.nearest.residual > 0


def explained_text(targets, spec: Spec = SPEC, **options):
    return explain_targets(STUDY, spec, FRAME, targets, fitter=FITTER, **options)


def test_chances_are_counted_with_those_that_were_never_computed():
    numbers = FITTER.numbers(Scenario(SPEC))
    se = float(numbers.se[0])
    observed = from_text([TargetNumber("coef", "value", f"{numbers.coef[0] * 1.05:.4f}"),
                          TargetNumber("se", "value", f"{se * 1.06:.5f}")])  # fmt: skip
    search = Search(FITTER, observed, Scenario(SPEC), CAUSES)
    computed = 0
    finish = search._finish

    def counted(path, size):
        nonlocal computed
        computed += 1
        return finish(path, size)

    search._finish = counted
    result = search.run()
    assert result.scenarios > 20 * computed
    assert search.one_scenario[2] > search.one_scenario[1]


@pytest.mark.parametrize(("near", "far"), [(0.003, 0.01), (0.01, 0.03), (0.03, 0.1)])
def test_scenarios_crowd_about_the_declared_one(near, far):
    """As many scenarios of one cause lie between two distances as a random number is said to hit there, or fewer: the chance
    is never understated, nor by more than ten overstated."""
    se = float(FITTER.numbers(Scenario(SPEC)).se[1])
    away = np.abs(np.log(_scenarios_of("capital") / se))
    there = int(((away > near) & (away < far)).sum())
    middle = se * math.exp(math.sqrt(near * far))
    observed = from_text([TargetNumber("se", "capital", f"{middle:.10f}")])
    one = of_one_scenario(observed, np.ones(1, dtype=bool), 1, FITTER.numbers(Scenario(SPEC)))
    wide = 2 * observed.targets[0].allowed / observed.targets[0].scale / one  # the range from which it is drawn
    wide /= math.sqrt(near * far)  # as a share of the distance, for a range that grows with it
    expected = len(_scenarios_of("capital")) * 2 * math.log(far / near) / wide
    assert there <= expected <= 10 * there


@functools.cache
def _scenarios_of(term: str) -> np.ndarray:
    """The standard error of a term in every scenario of one cause that a search tries."""
    se = float(FITTER.numbers(Scenario(SPEC)).se[1])
    search = Search(FITTER, from_text([TargetNumber("se", term, f"{se * 1.3:.4f}")]), Scenario(SPEC), CAUSES)
    found = []

    def kept(path):
        numbers = search._numbers(path.scenario)
        if numbers is not None and term in numbers.terms:
            found.append(float(numbers.se[numbers.terms.index(term)]))
        return iter(())

    search._accepted = kept
    search.run(1)
    return np.array(found)


@pytest.mark.parametrize(("digits", "certain"), [(5, False), (6, False), (7, True)])
def test_certain_is_what_hundreds_of_numbers_would_not_hit(digits, certain):
    """One standard error of areg for reghdfe, 3 per cent apart: one in a thousand random numbers of six digits would fit
    some cause."""
    numbers = FITTER.numbers(Scenario(SPEC.model_copy(update={"convention": PROFILES["areg"]})))
    decimals = digits - 1 - math.floor(math.log10(numbers.se[1]))
    answer = explained_text([TargetNumber("se", "capital", f"{numbers.se[1]:.{decimals}f}")])
    assert [s.ids for s in answer.causes] == [("counts-nested-effects",)]
    assert answer.certain == certain == all(c.certain for c in answer.causes[0].as_causes())
    assert (answer.causes[0].chance < CERTAIN_CHANCE) == certain


def test_full_precision_is_named_with_what_is_left():
    """HC4 to 14 digits, from clubSandwich-free dense algebra: the last four digits are arithmetic."""
    spec = Spec(id="hc", formula="inv ~ value + capital", vcov="HC1", convention="regress")
    x = np.column_stack([np.ones(len(FRAME)), FRAME["value"], FRAME["capital"]]).astype(float)
    y = FRAME["inv"].to_numpy(dtype=float)
    q, r = np.linalg.qr(x)
    b = np.linalg.solve(r, q.T @ y)
    h, e = (q**2).sum(axis=1), y - x @ b
    inverse = np.linalg.inv(x.T @ x)
    meat = (x * (e**2 / (1 - h) ** np.minimum(4, h / h.mean()))[:, None]).T @ x
    se = math.sqrt((inverse @ meat @ inverse)[2, 2])
    for off in (0.0, 3e-11, -2e-10):
        answer = explained_text([TargetNumber("se", "capital", f"{se * (1 + off):.15f}")], spec)
        assert [s.ids for s in answer.causes] == [("hc4",)], (off, answer.nearest)
        assert "hc4" not in answer.ruled_out and answer.causes[0].residual < 1e-9
        assert answer.certain
    assert answer.causes[0].residual > 1e-12  # what is left is said
    assert not explained_text([TargetNumber("se", "capital", f"{se * (1 + 1e-7):.15f}")], spec).causes


@pytest.mark.parametrize("digits", [8, 9])
def test_last_digits_are_no_misprint(digits):
    """Data stored as 4-byte floats, as the AER paper's logs have them: the 8th digit is off, of one number or of all."""
    floats = FRAME.assign(value=FRAME["value"].astype(np.float32), capital=FRAME["capital"].astype(np.float32))
    floats = floats.assign(value=floats["value"].astype(float), capital=floats["capital"].astype(float))
    numbers = Fitter(STUDY, floats).numbers(Scenario(SPEC))
    for terms in (["value"], ["value", "capital"]):
        answer = explained_text(typed(numbers, digits, terms))
        assert answer.causes and answer.causes[0].ids == ("single-precision-data",), answer
        assert not any("digit-misprinted" in s.ids for s in (*answer.causes, *answer.possible))


def test_one_number_off_in_the_8th_digit_is_not_misprinted():
    numbers = FITTER.numbers(Scenario(SPEC))
    right = typed(numbers, 9, ["value", "capital"])
    text = right[0].text
    wrong = text[:-1] + str((int(text[-1]) + 5) % 10)
    answer = explained_text([replace(right[0], text=wrong), *right[1:]])
    assert not any("digit-misprinted" in s.ids for s in (*answer.causes, *answer.possible))


def test_a_cut_number_is_cut_before_it_is_misprinted():
    numbers = FITTER.numbers(Scenario(SPEC))
    right = typed(numbers, 5, ["value", "capital"])
    at, cut = next((i, t) for i, t in enumerate(map(_cut, right[:4], [numbers] * 4)) if t != right[i].text)
    answer = explained_text([*right[:at], replace(right[at], text=cut), *right[at + 1 :]])
    ids = [s.ids for s in answer.causes]
    assert ids[0] == ("cut-not-rounded",) and ids[-1] == ("digit-misprinted",)


def test_beside_a_slip_of_an_error_stands_a_design_that_moves_no_digit_of_the_coefficients():
    """log(x + 1) of large numbers: of five printed numbers only the last digit of one error is another."""
    large, vcov = FRAME.assign(large=FRAME["inv"] * 1000), {"cluster": ["firm"]}
    spec, other = (
        Spec(id="a", formula=f"inv ~ {x} + capital | firm + year", vcov=vcov, convention="reghdfe")
        for x in ("log(large)", "log(large + 1)")
    )
    fitter = Fitter(STUDY, large)
    right, numbers = fitter.numbers(Scenario(spec)), fitter.numbers(Scenario(other))
    texts = [t.text for t in typed(numbers, 3, numbers.terms)]
    targets = [replace(t, text=text) for t, text in zip(typed(right, 3, right.terms), texts, strict=True)]
    off = [(t.quantity, t.term) for t in targets if t.text not in {r.text for r in typed(right, 3, right.terms)}]
    answer = explain_targets(STUDY, spec, large, targets, fitter=fitter, most=1)
    assert off == [("se", "capital")] and {"cut-not-rounded", "digit-misprinted"} == {s.ids[0] for s in answer.causes}
    assert ("log-of-one-plus",) in [s.ids for s in answer.possible]


def test_few_cut_numbers_are_cut_by_chance():
    """A number off by a unit is cut a quarter of the time, and a right one looks cut half the time."""
    numbers = FITTER.numbers(Scenario(SPEC))
    for digits in range(4, 9):
        right = typed(numbers, digits, ["value", "capital"], nobs=False)
        cut = [replace(t, text=_cut(t, numbers)) for t in right]
        wrong = sum(a.text != b.text for a, b in zip(right, cut, strict=True))
        found = next((s for s in explained_text(cut).causes if s.ids == ("cut-not-rounded",)), None)
        if wrong:
            assert found is not None and found.chance >= 0.25**wrong * 0.5 ** (len(cut) - wrong), digits
            assert (found.chance < LIMIT) == (wrong > 2), digits
    many = {("coef", f"x{i}"): i < 3 for i in range(8)}
    page = CutOff(tuple((place, 3) for place in many))
    assert page.by_chance(many) == 0.25**3 * 0.5**5 < LIMIT < page.by_chance(dict(list(many.items())[:2]))


def _cut(target: TargetNumber, numbers) -> str:
    """The number cut at the decimals of its text."""
    value = getattr(numbers, target.quantity)[numbers.terms.index(target.term)]
    decimals = len(target.text.split(".")[1])
    return f"{math.trunc(value * 10**decimals) / 10**decimals:.{decimals}f}"


def test_one_row_that_stands_twice():
    import pandas as pd

    twice = pd.concat([FRAME, FRAME.iloc[[57]]], ignore_index=True)
    x = pd.get_dummies(twice[["firm", "year"]].astype(str), drop_first=True).to_numpy(dtype=float)
    x = np.column_stack([twice[["value", "capital"]].to_numpy(dtype=float), np.ones(len(twice)), x])
    b = np.linalg.lstsq(x, twice["inv"].to_numpy(dtype=float), rcond=None)[0]
    targets = [TargetNumber("coef", "value", f"{b[0]:.5f}"), TargetNumber("coef", "capital", f"{b[1]:.5f}"),
               TargetNumber("nobs", "", "201")]  # fmt: skip
    answer = explained_text(targets)
    assert [s.ids for s in answer.causes] == [("row-twice",)] and answer.certain
    row = FRAME.iloc[57]
    assert f"row 58 of the data (firm {row['firm']:g}, year {row['year']:g})" in answer.causes[0].causes[0].sentence


def test_what_the_software_cannot_give_ranks_behind():
    spec = SPEC.model_copy(update={"formula": Spec(id="c", formula="inv ~ capital | firm + year").formula})
    targets = [TargetNumber("se", "capital", ".0600171446")]
    plain, stata = explained_text(targets, spec), explained_text(targets, spec, printed_by="stata")
    assert plain.causes[0].ids == ("counts-no-effects",) and plain.causes[0].no_way == ""
    assert {s.ids for s in plain.causes} == {s.ids for s in stata.causes}
    assert all(s.no_way == "Stata" for s in stata.causes if s.ids == ("counts-no-effects",))
    ways = [bool(s.no_way) for s in stata.causes]
    assert ways == sorted(ways)


def test_whose_numbers_they_are():
    assert software.of("stata", CAUSES) == "Stata" and software.of("r-fixest", CAUSES) == "fixest"
    assert software.of("published", CAUSES) == "" and software.of("", CAUSES) == ""


def test_a_search_that_is_stopped_answers_with_what_it_has():
    calls = []

    def watch(causes: int, scenarios: int) -> None:
        calls.append((causes, scenarios))
        if causes == 2:
            raise Stopped("enough")

    targets = [TargetNumber("coef", "value", ".7654321"), TargetNumber("se", "value", ".0123456")]
    answer = explained_text(targets, watch=watch)
    assert answer.stopped == "enough" and answer.verdict == "disagree" and not answer.certain
    assert answer.nearest is not None and calls[-1][0] == 2 and answer.worlds >= calls[-1][1]


def test_scales_of_a_full_estimate_are_what_each_quantity_is_judged_by():
    """Coefficients by the larger of themselves and their error, t by at least 1, p by p t^2 or 1e-6, intervals as b."""
    numbers = Numbers(("a", "b"), np.array([3.0, 1e-4]), np.diag([0.25, 4.0]), math.inf, 50.0)
    scales = {(t.quantity, t.term): t.scale for t in from_numbers(numbers, 1e-9, EVERYTHING).targets}
    assert scales["coef", "a"] == 3.0 and scales["coef", "b"] == 2.0
    assert scales["se", "a"] == 0.5 and scales["se", "b"] == 2.0
    assert scales["t", "a"] == 6.0 and scales["t", "b"] == 1.0
    p = 2 * 9.865876450376946e-10  # of |t| = 6
    assert scales["p", "a"] == 1e-6 > 36 * p and scales["p", "b"] == pytest.approx(0.99996, abs=1e-5)
    low = 3 - 1.959963984540054 * 0.5
    assert scales["ci_low", "a"] == pytest.approx(low) and scales["ci_high", "b"] == pytest.approx(3.920028)
    assert scales["ci_low", "b"] == pytest.approx(3.9198, abs=1e-3) and scales["vcov", "b x a"] == 1.0
    allowed = {(t.quantity, t.term): t.allowed for t in from_numbers(numbers, 1e-9, EVERYTHING).targets}
    assert allowed["coef", "b"] == 2e-9 and allowed["nobs", ""] == 0.0


EVERYTHING = ("coef", "se", "vcov", "t", "p", "ci_low", "ci_high", "nobs")


@pytest.mark.parametrize("seed", range(3))
def test_rows_that_stand_twice_are_as_refits(seed):
    """The formula of a second copy against a fit of the sample with it."""
    from random_studies import random_study

    fitter = Fitter(*random_study(520 + seed))
    compared = 0
    for spec in fitter.study.specs:
        for id in ("row-twice", "unit-twice", "period-twice"):
            for step in list(BY_ID[id].steps(Scenario(spec), fitter))[:4] if fitter.core(Scenario(spec)) is not None else ():
                quick = fitter._without_refit(step.scenario)
                if quick is not None:
                    slow = fitter._refitted(step.scenario)
                    assert quick.nobs == slow.nobs == fitter.nobs_at_sight(step.scenario) > fitter.core(Scenario(spec)).nobs
                    np.testing.assert_allclose(quick.coef, slow.coef, rtol=1e-9, atol=1e-10 * np.abs(slow.coef).max())
                    compared += 1
    assert compared
