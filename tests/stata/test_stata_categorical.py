"""mlogit, ologit and oprobit in do-files: coefficients, e(), tests, predictions and margins, against Stata's own numbers.

Stata 11's of multinomial logit are in statsmodels' suite (0.15.0, discrete/tests/results/results_discrete.py, Anes).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.tests.results.results_discrete import Anes

from conftest import FIXTURES
from parity.algebra.outcomes import Multinomial, Ordered
from parity.stata.do import run_do
from parity.stata_language.request import Declined

RECORDED = Anes.mnlogit_basezero
X = "logpopul selfLR age educ income"
LOAD = "import delimited data.csv, case(preserve) clear\ngen logpopul = log(popul + 0.1)\n"
MLOGIT = f"{LOAD}mlogit PID {X}, baseoutcome(0)\n"
ORDERED = f"{LOAD}ologit PID {X}\n"


def run(code: str, folder=FIXTURES / "anes96"):
    return run_do(code, folder)


def shown(code: str, kind: str = "display") -> list:
    return [p for p in run(code).printed if p.kind == kind]


def numbers(code: str) -> list[float]:
    return [float(word) for p in shown(code) for word in p.values["text"].split()]


def test_estimates_are_stata_s():
    (e,) = run(MLOGIT).estimations
    b, se = (np.array([getattr(c, k) for c in e.coefficients]).reshape(6, 6).T for k in ("b", "se"))
    assert b == pytest.approx(RECORDED.params, abs=2e-7) and se == pytest.approx(RECORDED.bse, rel=1e-6)
    held = e.results.numbers
    assert held["ll"] == pytest.approx(RECORDED.llf, abs=1e-9) and held["ll_0"] == pytest.approx(RECORDED.llnull, abs=1e-8)
    assert held["chi2"] == pytest.approx(RECORDED.llr, abs=1e-7) and held["r2_p"] == pytest.approx(RECORDED.prsquared)
    assert (held["N"], held["df_m"], held["k_out"], held["baseout"]) == (944, 30, 7, 0)


def test_margins_and_predictions_are_stata_s():
    many = "".join(f"margins, dydx(*) predict(outcome({j}))\n" for j in (0, 3, 6))
    found = [(p.numbers["estimate"], p.numbers["se"]) for p in shown(MLOGIT + many, "margins")]
    for i, j in enumerate((0, 3, 6)):
        value, se = np.array(found[5 * i : 5 * i + 5]).T
        # margins of Stata 11 takes derivatives by differences
        assert value == pytest.approx(RECORDED.margeff_dydx_overall[:, j], rel=5e-6, abs=1e-8)
        assert se == pytest.approx(RECORDED.margeff_dydx_overall_se[:, j], abs=1e-7)
    at_means = shown(MLOGIT + "margins, dydx(*) predict(pr outcome(#2)) atmeans\n", "margins")
    assert [p.numbers["estimate"] for p in at_means] == pytest.approx(RECORDED.margeff_dydx_mean[:, 1], rel=5e-6, abs=1e-8)
    assert [p.numbers["se"] for p in at_means] == pytest.approx(RECORDED.margeff_dydx_mean_se[:, 1], abs=1e-7)
    data = run(MLOGIT + "predict double q*\npredict double last, outcome(6)\npredict double index, xb outcome(6)\n").data
    assert np.column_stack([data[f"q{j}"].values for j in range(1, 8)]) == pytest.approx(RECORDED.phat, abs=1e-6)
    assert np.array_equal(data["last"].values, data["q7"].values)
    assert np.exp(data["index"].values) * data["q1"].values == pytest.approx(data["q7"].values, rel=1e-12)


def test_names_of_coefficients():
    code = MLOGIT + 'di [2]_b[age] " " _b[2:age] " " [2]age " " _b[age] " " [0]_b[age] " " _se[6:_cons]\n'
    assert numbers(code) == pytest.approx([-0.02289784] * 3 + [0, 0, 1.059954821], abs=1e-7)
    code = ORDERED + 'di _b[/cut2] " " [cut2]_cons " " _b[cut2:_cons] " " _b[age]\n'
    cut, *same, age = numbers(code)
    (e,) = run(ORDERED).estimations
    held = {c.term: c.b for c in e.coefficients}
    assert [cut, *same, age] == pytest.approx([held["/cut2"]] * 3 + [held["age"]], abs=1e-7)


def test_columns_of_the_base_stand_in_e_b():
    assert numbers(MLOGIT + 'mat b = e(b)\ndi colsof(b) " " b[1,9] " " b[1,3]\n') == pytest.approx([42, -0.024945, 0])


def test_labels_are_names_of_equations():
    code = f'{LOAD}label define p 0 "strong Dem." 1 weak\nlabel values vote p\nmlogit vote age educ, base(0)\n'
    held = [c.term for c in run(code).estimations[0].coefficients]
    assert held == ["weak:age", "weak:educ", "weak:_cons"]
    assert numbers(code + "di [strong_Dem,]_b[age]\n") == [0]


@pytest.mark.parametrize(
    ("after", "df"), [("test age", 6), ("test [2]", 5), ("test [2]age", 1), ("test [1=2]", 5), ("test age educ", 12),
                      ("testparm age", 6), ("test [1]age = [2]age", 1)],
)  # fmt: skip
def test_which_coefficients_are_tested(after, df):
    (found,) = shown(MLOGIT + after + "\n", "test")
    assert found.numbers["df"] == df and found.numbers["chi2"] > 0


def test_of_all_outcomes_margins_sum_to_nought():
    found = shown(ORDERED + "margins, dydx(age)\nmargins\n", "margins")
    assert [p.values["term"] for p in found[:2]] == ["1._predict#age", "2._predict#age"] and len(found) == 14
    assert sum(p.numbers["estimate"] for p in found[:7]) == pytest.approx(0, abs=1e-15)
    assert sum(p.numbers["estimate"] for p in found[7:]) == pytest.approx(1)


@pytest.mark.parametrize("of", ["mlogit", "ologit", "oprobit"])
@pytest.mark.parametrize("chosen", [0, 1, 3])
def test_gradients_are_those_of_differences(of, chosen):
    rng = np.random.default_rng(3)
    x, z, shares = rng.normal(size=(20, 2)), rng.normal(size=(20, 2)), np.full(20, 0.05)
    at = Multinomial(4, 2, chosen) if of == "mlogit" else Ordered(of, 4, chosen)
    b = rng.normal(size=6) if of == "mlogit" else np.array([0.4, -0.3, -1.0, 0.2, 1.1])
    step = 1e-6
    moved = (at.response(b, x + step * z, shares).value - at.response(b, x - step * z, shares).value) / (2 * step)
    assert at.slope(b, x, z, shares).value == pytest.approx(moved, abs=1e-9)
    for own in (lambda c: at.response(c, x, shares), lambda c: at.slope(c, x, z, shares)):
        by = [(own(b + step * e).value - own(b - step * e).value) / (2 * step) for e in np.eye(len(b))]
        assert own(b).gradient == pytest.approx(by, abs=1e-9)


def test_a_factor_s_effect_is_a_difference_from_its_base():
    code = f"{LOAD}oprobit PID i.vote age\nmargins, dydx(vote) predict(outcome(6))\nmargins vote, predict(outcome(6))\n"
    effect, low, high = (p.numbers["estimate"] for p in shown(code, "margins"))
    assert effect == pytest.approx(high - low, rel=1e-10)


def test_what_is_not_computed_is_said():
    done = run(MLOGIT + "predict w, stdp\npredict a b\n")
    assert [f.id for f in done.findings] == ["prediction"] * 3
    assert {"p1", "p7"} < set(run(MLOGIT + "predict p1-p7\n").data.columns)
    same = f"{LOAD}label define p 0 a 1 b 2 b 3 c 4 d 5 e 6 f\nlabel values PID p\nmlogit PID age\n"
    with pytest.raises(Declined, match="one name"):
        _ = run(same).estimations[0].coefficients
    assert pd.isna(done.data["w"].values).all()
    done = run(MLOGIT + "margins, eyex(age)\nmargins, predict(outcome(9))\n")
    assert [f.id for f in done.findings] == ["stata-error"] * len(done.findings) and done.findings


@pytest.mark.parametrize("command", ["mlogit PID", "ologit PID", "logit vote", "poisson TVnews"])
def test_steps_that_end_before_the_maximum_have_no_numbers_here(command):
    """iterate(2) of Newton's steps from the constants alone; where enough are left, nothing moves. [R] Maximize"""
    few, many, all_ = run(LOAD + "".join(f"{command} age educ{o}\n" for o in (", iterate(2)", ", iter(9)", ""))).estimations
    with pytest.raises(Declined, match="before the maximum"):
        _ = few.coefficients
    assert many.coefficients == all_.coefficients and "iterate(9)" in many.request.traps[-1]
