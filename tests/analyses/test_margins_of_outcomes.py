"""[margins.NAME] of models of several outcomes: against the definition, a do-file's margins, statsmodels, marginaleffects
and parity's own R side."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from scipy.stats import norm

from conftest import FIXTURES
from parity.analyses.margins.analysis import ANALYSIS
from parity.analyses.margins.effects import effects
from parity.analyses.run import records_of
from parity.compare.harmonise import combined
from parity.engines.own.fit import estimate
from parity.r.session import missing_r
from parity.stata.do import run_do
from parity.study.load import parse_study

FOLDER = FIXTURES / "anes96"
TEXT = """
[study]
title = "Several outcomes"

[derive]
lean = "PID > 3"
side = "(PID > 1) + (PID > 4)"

[spec.m]
formula = "side ~ selfLR + age + age:age + i(TVnews) + vote:educ"
model = "mlogit"
base = 1
weights = { frequency = "ClinLR" }
vcov = { cluster = ["income"] }

[spec.o]
formula = "DoleLR ~ lean + selfLR + lean:selfLR + i(educ)"
model = "oprobit"
vcov = "HC1"

[spec.l]
formula = "DoleLR ~ age + educ"
model = "ologit"

[margins.m]
spec = "m"

[margins.m_at_means]
spec = "m"
at = "means"
indicators = "difference"

[margins.o]
spec = "o"
indicators = "difference"

[margins.l]
spec = "l"
"""


@pytest.fixture(scope="module")
def study():
    return parse_study(TEXT, FOLDER / "study.toml")


@pytest.fixture(scope="module")
def parts(study):
    return {name.split(".", 1)[1]: part for name, part in ANALYSIS.parts(study)}


@pytest.fixture(scope="module")
def found(parts):
    return {name: effects(part) for name, part in parts.items()}


@pytest.mark.skipif(missing_r() is not None, reason="needs R")
def test_python_and_r_agree(study, found):
    records = records_of(ANALYSIS, study, "live")
    assert [(r.verdict, r.checked) for r in records] == [("agree", 6 * len(f["effect"])) for f in found.values()], records
    assert min(r.digits for r in records) > 10


def test_effects_on_all_outcomes_sum_to_nought(found):
    for numbers in found.values():
        effect = numbers["effect"]
        names = {name.split(":", 1)[1] for name in effect}
        for name in names:
            each = [v for n, v in effect.items() if n.split(":", 1)[1] == name]
            assert len(each) * len(names) == len(effect) and len(each) in (3, 7)
            assert sum(each) == pytest.approx(0.0, abs=1e-12) and max(map(abs, each)) > 1e-6


def by_hand(part, response):
    """Value and delta-method error of `response(b by name)`, by a numeric gradient and the spec's own covariance."""
    fitted = estimate(part.spec, part.design)
    b, v = np.array(fitted.coef), combined(fitted, part.design.facts, part.spec)
    of = lambda c: response(dict(zip(fitted.terms, c, strict=True)))  # noqa: E731
    steps = np.sqrt(np.diag(v)) * 1e-4
    gradient = np.array([(of(b + s) - of(b - s)) / 2 for s in np.diag(steps)]) / steps
    return of(b), float(np.sqrt(gradient @ v @ gradient))


def test_a_square_of_a_multinomial_logit_by_hand(parts, found):
    part = parts["m"]
    design = part.design
    x = dict(zip(design.x_names, design.x.T, strict=True))

    def mean_slope(b):
        index = {o: b[f"{o}:(Intercept)"] + sum(b[f"{o}:{n}"] * x[n] for n in x) for o in (0, 2)}
        total = 1 + sum(map(np.exp, index.values()))
        p = {o: np.exp(index[o]) / total for o in index}
        along = {o: b[f"{o}:age"] + 2 * b[f"{o}:age:age"] * x["age"] for o in index}
        slope = p[2] * (along[2] - sum(p[o] * along[o] for o in index))
        return float(part.shares @ slope)

    value, se = by_hand(part, mean_slope)
    assert found["m"]["effect"]["2:age"] == pytest.approx(value, rel=1e-9)
    assert found["m"]["se"]["2:age"] == pytest.approx(se, rel=1e-6)


def test_a_difference_of_an_ordered_probit_by_hand(parts, found):
    part = parts["o"]
    x = dict(zip(part.design.x_names, part.design.x.T, strict=True))

    def difference(b):
        rest = sum(b[n] * x[n] for n in x if n.startswith("educ")) + b["selfLR"] * x["selfLR"]
        moved = rest + b["lean"] + b["lean:selfLR"] * x["selfLR"]
        shares = [norm.cdf(b["/cut3"] - i) - norm.cdf(b["/cut2"] - i) for i in (moved, rest)]
        return float(np.mean(shares[0] - shares[1]))

    value, se = by_hand(part, difference)
    assert found["o"]["effect"]["3:lean"] == pytest.approx(value, rel=1e-9)
    assert found["o"]["se"]["3:lean"] == pytest.approx(se, rel=1e-6)


def test_they_are_those_of_a_do_file(found):
    code = "import delimited data.csv, case(preserve) clear\nologit DoleLR age educ\nmargins, dydx(*)\n"
    margins = [p for p in run_do(code, folder=FOLDER).printed if p.kind == "margins"]
    mine = found["l"]
    assert len(margins) == len(mine["effect"]) == 14
    for shown in margins:
        outcome, _, name = shown.values["term"].partition("._predict#")
        at = f"{outcome}:{name}"
        assert mine["effect"][at] == pytest.approx(shown.numbers["estimate"], rel=1e-10)
        assert mine["se"][at] == pytest.approx(shown.numbers["se"], rel=1e-9)
        assert mine["p"][at] == pytest.approx(shown.numbers["p"], rel=1e-8)


@pytest.mark.skipif(missing_r() is not None, reason="needs R")
def test_they_are_those_of_marginaleffects(found):
    """R's package of that name, on MASS::polr, whose Hessian is by differences."""
    code = f"""
    if (!requireNamespace("marginaleffects", quietly = TRUE)) quit(status = 3)
    d <- read.csv("{FOLDER / "data.csv"}")
    fit <- MASS::polr(factor(DoleLR) ~ age + educ, d, Hess = TRUE, control = list(reltol = 1e-14, maxit = 1000))
    m <- marginaleffects::avg_slopes(fit)
    cat(sprintf("%s:%s %.12g %.12g", m$group, m$term, m$estimate, m$std.error), sep = "\\n")
    """
    done = subprocess.run(["Rscript", "--vanilla", "-e", code], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == 3:
        pytest.skip("needs marginaleffects")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.strip().split("\n")]
    assert {name for name, *_ in lines} == set(found["l"]["effect"])
    for name, value, se in lines:
        assert found["l"]["effect"][name] == pytest.approx(float(value), rel=1e-4, abs=1e-9)
        assert found["l"]["se"][name] == pytest.approx(float(se), rel=1e-3)
