"""A printed statistic that is another one of the model: each against its definition, and a run that names it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm

from conftest import FIXTURES
from parity.compare.harmonise import harmonise
from parity.compare.other_statistics import ID, other_statistics, wald_chi2
from parity.compare.printed import compare_printed, read_number
from parity.conventions.formulas import f_scale
from parity.data.load import load_frame
from parity.diagnose.questions.records import with_causes
from parity.engines.own.fit import estimate
from parity.results.record import Record
from parity.runs.judge import _of_another_name
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.published import Published
from parity.study.spec import Spec

STUDY = load_study(FIXTURES / "grunfeld")
FRAME = load_frame(STUDY).assign(big=lambda f: (f.inv > 100) * 1)
WITHIN = Spec(id="pooled", formula="inv ~ value + capital | firm", vcov="iid", convention="xtreg")
LOGIT = Spec(id="pooled", formula="big ~ value + capital", model="logit", vcov="iid", convention="ml")


def answer(spec: Spec):
    design = build_design(STUDY, spec, FRAME)
    return harmonise(estimate(spec, design), design.facts, spec)


@pytest.fixture(scope="module")
def within():
    return answer(WITHIN)


@pytest.fixture(scope="module")
def logit():
    return answer(LOGIT)


def told(side, name: str, text: str) -> list[str]:
    return [cause.text for cause in other_statistics(name, read_number(text), side.quantities)]


def test_r_squared_within_and_adjusted(within):
    known = {q: found.value for (q, term), found in within.quantities.items() if not term}
    lack, n = 1 - known["r2_within"], 200
    for name, value, said in (
        ("r2", known["r2_within"], "within R²"), ("r2", known["r2_a"], "adjusted R²"),
        ("r2_within", known["r2"], "R²"), ("r2_a", 1 - lack * (n - 1) / (n - 12), "within R², adjusted by"),
        ("r2_within", 1 - lack * (n - 10) / (n - 12), "adjusted within R²"),
    ):  # fmt: skip
        (text,) = told(within, name, f"{value:.6f}")
        assert f"The number entered as {name} is the {said}" in text
    assert not told(within, "r2", "0.123456") and not told(within, "coef", "0.1")


def test_f_and_chi_squared(within):
    f = within.quantities["f", ""].value
    for value, said in (
        (2 * f, "Wald chi-squared"),
        (f * 200 / 188, "without the factor"),
        (f * 188 / 200, "with the factor"),
    ):
        (text,) = told(within, "f", f"{value:.5f}")
        assert said in text


def test_wald_chi_squared_is_q_times_f(within):
    """Entered as chi2 of a command without `small`, which prints no F."""
    assert wald_chi2(within.quantities)["chi2", ""].value == 2 * within.quantities["f", ""].value
    assert wald_chi2({}) == {}


def test_tests_and_fits_of_a_likelihood(logit):
    x = sm.add_constant(FRAME[["value", "capital"]])
    there = sm.Logit(FRAME.big, x).fit(disp=0)
    b, v = there.params[1:].to_numpy(), there.cov_params().to_numpy()[1:, 1:]
    shrunk = 1 - math.exp(2 * (there.llnull - there.llf) / 200)
    for name, value, said in (
        ("chi2", float(b @ np.linalg.solve(v, b)), "Wald chi-squared"), ("ll", -2 * there.llf, "deviance"),
        ("r2_p", 1 - (there.llf - 2) / there.llnull, "adjusted pseudo"), ("r2_p", shrunk, "Cox and Snell"),
        ("r2_p", shrunk / (1 - math.exp(2 * there.llnull / 200)), "Nagelkerke"),
        ("ll", there.llnull, "log likelihood of the constant"),
    ):  # fmt: skip
        (text,) = told(logit, name, f"{value:.6g}")
        assert said in text


def test_f_of_ivreg2_is_that_of_small_samples():
    """Whatever its standard errors have; recorded numbers: tests/recorded_statsmodels.py."""
    for kind, expected in (("iid", 197 / 200), ("HC1", 197 / 200), ("CR1", 197 / 199 * 9 / 10), ("DK", 197 / 199 * 19 / 20)):
        vcov = {"CR1": {"cluster": ["firm"]}, "DK": {"driscoll_kraay": 2}}.get(kind, kind)
        spec = Spec(id="s", formula="inv ~ value + capital", vcov=vcov, convention="ivreg2")
        facts, of = build_design(STUDY, spec, FRAME).facts, (spec.vcov.kind, spec.vcov.cluster, spec.iv)
        assert f_scale(facts, spec.convention, *of) == pytest.approx(expected, rel=1e-14)
        for other in (
            spec.convention.model_copy(update={"small": True}),
            Spec(**spec.model_dump() | {"convention": "regress"}).convention,
        ):
            assert f_scale(facts, other, *of) == 1


@pytest.mark.parametrize(("text", "verdict"), [("0.7668", "explained"), ("0.77", "disagree"), ("0.5555", "disagree")])
def test_a_run_names_it_and_is_certain_of_many_digits_only(within, text, verdict):
    entry = Published(spec="pooled", source="table 1", statistic={"r2": text, "nobs": "200"})
    study = STUDY.model_copy(update={"published": (entry,), "specs": (WITHIN,)})
    result = compare_printed(entry, within)
    record = Record(
        study=study.id, spec="pooled", kind="printed", reference="published", candidate="own", verdict=result.verdict,
        checked=result.checked, differences=result.differences, causes=_of_another_name(entry, within, result),
    )  # fmt: skip
    (found,) = with_causes(study, [record])
    assert (found.verdict, [c.id for c in found.causes]) == (verdict, [] if text == "0.5555" else [ID])
