"""[margins.NAME]: against statsmodels, R's marginaleffects, the definition, and parity's own R side; and its causes."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm

from conftest import FIXTURES
from parity.analyses.in_parts import Nothing
from parity.analyses.margins.analysis import ANALYSIS, compare_margins
from parity.analyses.margins.effects import effects
from parity.analyses.run import records_of
from parity.base.errors import InputError
from parity.engines.own.fit import estimate
from parity.r.session import missing_r
from parity.runs.judge_analyses import printed_records
from parity.study.load import parse_study

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
X = ["income", "age", "education", "youngkids", "oldkids", "foreign"]
TOML = """
[study]
title = "Swiss women"

[derive]
young = "age < 4"
size = "1 + oldkids"

[spec.logit]
formula = "participation ~ income + age + education + youngkids + oldkids + foreign"
model = "logit"

[spec.probit]
formula = "participation ~ income + age + education + youngkids + oldkids + foreign"
model = "probit"
convention = "glm"

[spec.products]
formula = "participation ~ income + age + age:age + i(oldkids) + i(oldkids, ref=0):income + foreign + foreign:education"
model = "probit"
vcov = { cluster = ["education"] }

[spec.counts]
formula = "youngkids ~ age + log(income) + foreign"
model = "poisson"
weights = { frequency = "size" }
vcov = "HC1"

[margins.ame]
spec = "logit"

[margins.at_means]
spec = "probit"
at = "means"

[margins.differences]
spec = "logit"
indicators = "difference"

[margins.products]
spec = "products"

[margins.products_at_means]
spec = "products"
at = "means"
indicators = "difference"

[margins.counts]
spec = "counts"
"""


def study(more: str = "", text: str = TOML):
    return parse_study(text + more, FIXTURES / "swiss_labor" / "study.toml")


def parts(of=None):
    return {name: part for name, part in ANALYSIS.parts(of or study()) if not isinstance(part, Nothing)}


@pytest.fixture(scope="module")
def found():
    return {name: effects(part) for name, part in parts().items()}


@pytest.fixture(scope="module")
def data():
    return pd.read_csv(FIXTURES / "swiss_labor" / "data.csv")


@needs_r
def test_python_and_r_agree():
    """Every effect, error, t, p and both ends: six numbers a variable."""
    records = records_of(ANALYSIS, study(), "live")
    assert [r.spec for r in records] == [f"margins.{n}" for n in study().margins]
    assert all(r.verdict == "agree" and r.digits > 10 for r in records), [
        (r.spec, r.verdict, r.note, r.differences) for r in records
    ]
    assert [r.checked for r in records] == [
        36,
        36,
        36,
        6 * len(effects(parts()["margins.products"])["effect"]),
        records[4].checked,
        18,
    ]


@pytest.mark.parametrize(("name", "model", "at"), [
    ("margins.ame", sm.Logit, "overall"), ("margins.at_means", sm.Probit, "mean"),
    ("margins.differences", sm.Logit, "overall"),
])  # fmt: skip
def test_effects_are_those_of_statsmodels(found, data, name, model, at):
    fit = model(data.participation, sm.add_constant(data[X], prepend=False).astype(float)).fit(disp=0, tol=1e-13)
    due = fit.get_margeff(at=at, dummy=name == "margins.differences")
    assert list(found[name]["effect"]) == X
    assert list(found[name]["effect"].values()) == pytest.approx(due.margeff.tolist(), rel=1e-8)
    if model is sm.Logit:  # whose two informations are one
        assert list(found[name]["se"].values()) == pytest.approx(due.margeff_se.tolist(), rel=1e-7)


@needs_r
def test_effects_are_those_of_marginaleffects(found):
    """R's package of that name, on glm; columns of 0 and 1 are differences to it."""
    code = f"""
    if (!requireNamespace("marginaleffects", quietly = TRUE)) quit(status = 3)
    suppressPackageStartupMessages(library(marginaleffects))
    d <- read.csv("{FIXTURES / "swiss_labor" / "data.csv"}")
    f <- participation ~ income + age + education + youngkids + oldkids + foreign
    strict <- glm.control(epsilon = 1e-15, maxit = 100)
    a <- avg_slopes(glm(f, binomial, d, control = strict))
    b <- slopes(glm(f, binomial("probit"), d, control = strict), newdata = as.data.frame(lapply(d, mean)))
    for (m in list(a, b)) cat(sprintf("%s %.12g %.12g;", m$term, m$estimate, m$std.error), "\\n")
    """
    done = subprocess.run(["Rscript", "--vanilla", "-e", code], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == 3:
        pytest.skip("needs marginaleffects")
    assert done.returncode == 0, done.stderr
    for name, line in zip(("margins.differences", "margins.at_means"), done.stdout.strip().split("\n"), strict=True):
        due = {t: (float(v), float(s)) for t, v, s in (one.split() for one in line.split(";") if one.strip())}
        for term in X if name == "margins.differences" else X[:-1]:  # its derivatives are numerical
            value, se = due[term]
            assert found[name]["effect"][term] == pytest.approx(value, rel=1e-4)
            assert found[name]["se"][term] == pytest.approx(se, rel=1e-3)


def by_hand(name, response):
    """Value and delta-method error of `response(b by name)`, by a numeric gradient and the spec's own covariance."""
    from parity.compare.harmonise import combined

    part = parts()[name]
    fitted = estimate(part.spec, part.design)
    b, v = np.array(fitted.coef), combined(fitted, part.design.facts, part.spec)
    of = lambda c: response(dict(zip(fitted.terms, c, strict=True)))  # noqa: E731
    gradient = np.array([(of(b + s) - of(b - s)) / 2e-6 for s in np.eye(len(b)) * 1e-6])
    return of(b), float(np.sqrt(gradient @ v @ gradient))


def test_products_levels_and_powers_by_hand(found, data):
    d = data.iloc[parts()["margins.products"].design.rows]

    def index(b, old=None, foreign=None, income=None):
        old, foreign = d.oldkids if old is None else old, d.foreign if foreign is None else foreign
        out = b["(Intercept)"] + b["income"] * d.income + b["age"] * d.age + b["age:age"] * d.age**2
        out = out + b["foreign:education"] * foreign * d.education + b["foreign"] * foreign
        for level in range(1, 7):
            mark = (old == level) * 1.0
            out = out + mark * (b.get(f"oldkids::{level}", 0.0) + b.get(f"oldkids::{level}:income", 0.0) * d.income)
        return out

    due = {
        "age": by_hand("margins.products", lambda b: np.mean(norm.pdf(index(b)) * (b["age"] + 2 * b["age:age"] * d.age))),
        "education": by_hand("margins.products", lambda b: np.mean(norm.pdf(index(b)) * b["foreign:education"] * d.foreign)),
        "oldkids::2": by_hand("margins.products", lambda b: np.mean(
            norm.cdf(index(b, old=0 * d.oldkids + 2)) - norm.cdf(index(b, old=0 * d.oldkids)))),
        "income": by_hand("margins.products", lambda b: np.mean(norm.pdf(index(b)) * (b["income"] + sum(
            b.get(f"oldkids::{k}:income", 0.0) * (d.oldkids == k) for k in range(1, 7))))),
    }  # fmt: skip
    mine = found["margins.products"]
    assert set(due) <= set(mine["effect"]) and "oldkids::0" not in mine["effect"]
    for name, (value, se) in due.items():
        assert mine["effect"][name] == pytest.approx(value, rel=1e-7), name
        assert mine["se"][name] == pytest.approx(se, rel=1e-4), name


def test_means_are_those_of_factors_not_of_products(found, data):
    data = data.iloc[parts()["margins.products"].design.rows]
    m, shares = data.mean(), {k: float((data.oldkids == k).mean()) for k in range(1, 7)}

    def at(b, foreign):
        out = b["(Intercept)"] + b["income"] * m.income + b["age"] * m.age + b["age:age"] * m.age**2
        out += b["foreign:education"] * foreign * m.education + b["foreign"] * foreign
        return out + sum(
            s * (b.get(f"oldkids::{k}", 0.0) + b.get(f"oldkids::{k}:income", 0.0) * m.income) for k, s in shares.items()
        )

    value, se = by_hand("margins.products_at_means", lambda b: norm.cdf(at(b, 1.0)) - norm.cdf(at(b, 0.0)))
    mine = found["margins.products_at_means"]
    assert (mine["effect"]["foreign"], mine["se"]["foreign"]) == (
        pytest.approx(value, rel=1e-8),
        pytest.approx(se, rel=1e-5),
    )


def test_frequency_weights_are_rows(found, data):
    rows = data.loc[data.index.repeat(1 + data.oldkids)]
    x = np.column_stack([rows.age, np.log(rows.income), rows.foreign, np.ones(len(rows))])
    due = sm.Poisson(rows.youngkids, x).fit(disp=0, tol=1e-13, cov_type="HC0").get_margeff()
    assert list(found["margins.counts"]["effect"]) == ["age", "log(income)", "foreign"]
    assert list(found["margins.counts"]["effect"].values()) == pytest.approx(due.margeff.tolist(), rel=1e-8)
    n = len(rows)
    wanted = (due.margeff_se * np.sqrt(n / (n - 1))).tolist()
    assert list(found["margins.counts"]["se"].values()) == pytest.approx(wanted, rel=1e-7)


def test_a_number_that_is_off_in_the_seventh_digit_differs(found):
    mine = found["margins.ame"]
    assert compare_margins(mine, mine).verdict == "agree"
    for quantity in mine:
        other = json.loads(json.dumps(mine))
        other[quantity]["age"] *= 1 + (1e-7 if quantity != "p" else 1e-2)  # a small p is moved by t squared as much
        result = compare_margins(other, mine)
        assert [(d.quantity, d.term) for d in result.differences] == [(quantity, "age")]
    assert compare_margins(mine | {"se": {}}, mine).verdict == "disagree"


def test_a_column_made_of_another_is_said():
    of = study(text=TOML.replace("age:age", "squared").replace('size = "', 'squared = "age * age"\nsize = "'))
    assert parts(of)["margins.products"].notes == (
        "the effect of `age` holds `squared`, which is made of it: write age:age for a square",)  # fmt: skip


@pytest.mark.parametrize(("more", "said"), [
    ('[margins.m]\nspec = "logits"\n', r"margins.m.spec: there is no spec `logits`: did you mean `logit`"),
    ('[spec.ols]\nformula = "income ~ age"\n[margins.m]\nspec = "ols"\n', r'`ols` is model = "ols"'),
    ('[spec.f]\nformula = "participation ~ age | education"\nmodel = "logit"\n[margins.m]\nspec = "f"\n', "absorbs effects"),
    ('[margins.m]\nspec = "logit"\nat = "mean"\n', r"is none of rows, means"),
    ('[margins.m]\nspec = "logit"\nterms = "age"\n', r"there is no key `terms`"),
])  # fmt: skip
def test_what_can_not_be_is_refused(more, said):
    with pytest.raises(InputError, match=said):
        study(more)


def entry(quantity: str, term: str, text: str) -> str:
    return (f'\n[[published]]\nanalysis = "margins.ame"\nterm = "{term}"\nstatistic = {{ "{quantity}" = "{text}" }}\n'
            'source = "table 2"\n')  # fmt: skip


@pytest.mark.parametrize(("settings", "cause"), [
    ({"at": "means"}, "at-means"), ({"indicators": "difference"}, "indicators-difference"),
])  # fmt: skip
def test_the_convention_that_made_printed_effects_is_named(settings, cause):
    of = study()
    other = of.model_copy(update={"margins": {"ame": of.margins["ame"].model_copy(update=settings)}})
    made = effects(parts(other)["margins.ame"])
    said = study("".join(entry(q, "foreign", f"{made[q]['foreign']:.6g}") for q in ("effect", "se")))
    records = printed_records(said, ())
    assert {r.verdict for r in records} == {"explained"}, records
    assert {c.id for r in records for c in r.causes} == {cause}
    right = effects(parts(of)["margins.ame"])
    assert (
        printed_records(study(entry("effect", "foreign", f"{right['effect']['foreign']:.5f}***")), ())[0].verdict == "agree"
    )
