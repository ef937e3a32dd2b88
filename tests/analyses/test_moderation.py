"""[moderation.NAME]: against statsmodels and by the definition, in R on random choices, and its causes."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student

from conftest import FIXTURES
from parity.analyses.in_parts import Nothing
from parity.analyses.moderation import effects as module
from parity.analyses.moderation.analysis import ANALYSIS, compare_moderation
from parity.analyses.moderation.effects import INDEX, PRODUCT, moderated
from parity.analyses.moderation.r import moderation_in_r
from parity.analyses.run import records_of
from parity.base.errors import InputError
from parity.r.session import missing_r
from parity.runs.judge_analyses import printed_records
from parity.study.load import load_study, parse_study
from parity.table.noted import noted

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
TOML = """
[study]
title = "Beer taxes"
unit = "state"
time = "year"

[derive]
frate = "fatal / pop * 10000"

[spec.laws]
formula = "frate ~ beertax + log(income) | state + year"
vcov = { cluster = ["state"] }
convention = "reghdfe"

[spec.plain]
formula = "frate ~ unemp + beertax + unemp:beertax"
vcov = "HC1"
convention = "regress"

[spec.mediator]
formula = "unemp ~ beertax + log(income) | state + year"
vcov = { cluster = ["state"] }
convention = "reghdfe"

[spec.outcome]
formula = "frate ~ beertax + unemp + log(income) | state + year"
vcov = { cluster = ["state"] }
convention = "reghdfe"

[moderation.added]
spec = "laws"
by = "unemp"

[moderation.there]
spec = "plain"
term = "beertax"
by = "unemp"
at = "quartiles"

[moderation.numbers]
spec = "plain"
by = "beertax"
at = [0.0, 0.5, 2.5]
level = 0.9

[moderation.first_stage]
spec = "mediator"
by = "drinkage"
through = "outcome"

[moderation.second_stage]
spec = "outcome"
term = "unemp"
by = "drinkage"
through = "mediator"
"""


def study(more: str = "", text: str = TOML):
    return parse_study(text + more, FIXTURES / "fatalities" / "study.toml")


def samples(text: str = TOML):
    return {n.split(".")[1]: p for n, p in ANALYSIS.parts(study(text=text)) if not isinstance(p, Nothing)}


@pytest.fixture(scope="module")
def parts():
    return samples()


@pytest.fixture(scope="module")
def data():
    d = pd.read_csv(FIXTURES / "fatalities" / "data.csv")
    return d.assign(frate=d.fatal / d["pop"] * 10000, lincome=np.log(d.income))


def test_effects_at_values_are_those_of_statsmodels(parts, data):
    """Its t_test of b + c w, whose errors and p it makes of the model's own covariance."""
    fit = smf.ols("frate ~ unemp * beertax", data).fit(cov_type="HC1", use_t=True)
    for name, term, by in (("there", "beertax", "unemp"), ("numbers", "unemp", "beertax")):
        found = moderated(parts[name])
        for w_name, w in found["value"].items():
            theirs = fit.t_test(f"{term} + {w!r} * unemp:beertax = 0")
            ours = [found[q][w_name] for q in ("effect", "se", "t", "p")]
            assert ours == pytest.approx(
                [theirs.effect[0], theirs.sd[0, 0], theirs.tvalue[0, 0], float(theirs.pvalue)], rel=1e-8
            )
            ends = theirs.conf_int(0.1 if name == "numbers" else 0.05)[0]
            assert [found["ci_low"][w_name], found["ci_high"][w_name]] == pytest.approx(ends, rel=1e-8)
        assert found["effect"][PRODUCT] == pytest.approx(fit.params["unemp:beertax"], rel=1e-9)
        quartiles = np.quantile(data[by], [0.25, 0.5, 0.75], method="averaged_inverted_cdf")
        assert list(found["value"].values()) == pytest.approx([0.0, 0.5, 2.5] if name == "numbers" else quartiles)


def test_a_product_that_the_spec_lacks_is_added_with_its_moderator(parts, data):
    s = parts["added"]
    assert s.notes == ("added to spec laws: unemp, beertax:unemp",)
    fit = smf.ols("frate ~ beertax * unemp + lincome + C(state) + C(year)", data).fit()
    found = moderated(s)
    mean, sd = data.unemp.mean(), data.unemp.std()
    assert list(found["value"].values()) == pytest.approx([mean - sd, mean, mean + sd])
    at = [fit.params["beertax"] + w * fit.params["beertax:unemp"] for w in found["value"].values()]
    assert list(found["effect"].values()) == pytest.approx([*at, fit.params["beertax:unemp"]], rel=1e-7)
    line = module.line_of(s)
    df, half = 47, student.ppf(0.975, 47)
    assert line.df == df
    for root in found["bound"].values():
        assert abs(brentq(lambda w: abs(line.at(w)[0]) - half * line.at(w)[1], root * 0.9, root * 1.1) - root) < 1e-6 * abs(
            root
        )
    beyond = [abs(line.at(w)[0]) >= half * line.at(w)[1] for w in data.unemp]
    assert found["significant"]["share"] == pytest.approx(np.mean(beyond))


def test_moderated_mediation_by_its_products(parts):
    """First stage: (a + c w) b of two equations; second stage: a (b + c w)."""
    first, second = (moderated(parts[n]) for n in ("first_stage", "second_stage"))
    assert list(first["path"]) == ["unemp"] and list(second["path"]) == ["beertax"]
    for found, path in ((first, "unemp"), (second, "beertax")):
        b, se_b = found["path"][path], found["path se"][path]
        for name, indirect in found["indirect"].items():
            of = PRODUCT if name == INDEX else name
            a, se = found["effect"][of], found["se"][of]
            assert indirect == pytest.approx(a * b, rel=1e-12)
            sobel = np.sqrt(a**2 * se_b**2 + b**2 * se**2)
            assert found["indirect se"][name] == pytest.approx(sobel, rel=1e-12)
            assert found["indirect p"][name] == pytest.approx(2 * norm.sf(abs(a * b / sobel)), rel=1e-9)
    low, high = (first["value"][k] for k in ("mean - sd", "mean + sd"))
    slope = (first["indirect"]["mean + sd"] - first["indirect"]["mean - sd"]) / (high - low)
    assert first["indirect"][INDEX] == pytest.approx(slope, rel=1e-8)


@needs_r
def test_r_finds_the_same():
    records = records_of(ANALYSIS, study(), "live")
    assert len(records) == 5 and {r.verdict for r in records} == {"agree"} and all(r.digits > 9 for r in records)


@needs_r
def test_forty_random_models():
    """Any regressors, effects, errors, moderator and values; prints, with `-s`, the fewest digits that two numbers share."""
    rng = random.Random(5)
    columns = ["beertax", "unemp", "drinkage", "spirits", "income", "dry", "miles", "emppop"]
    text = TOML[: TOML.index("[spec.laws]")]
    for i in range(40):
        x = rng.sample(columns, rng.randint(2, 5))
        effects = rng.choice(["", " | state", " | year", " | state + year"])
        vcov = rng.choice(['"iid"', '"HC1"', '{ cluster = ["state"] }', '{ cluster = ["state", "year"] }'])
        at = rng.choice(['"sd"', '"quartiles"', '"percentiles"', "[1.5, 20.0]"])
        text += f'[spec.s{i}]\nformula = "frate ~ {" + ".join(x)}{effects}"\nvcov = {vcov}\nconvention = "reghdfe"\n'
        text += f'[moderation.m{i}]\nspec = "s{i}"\nby = "{rng.choice([c for c in columns if c != x[0]])}"\nat = {at}\n'
    found = samples(text)
    assert len(found) == 40
    digits = []
    for name, part in found.items():
        result = compare_moderation(moderation_in_r(part), moderated(part))
        assert result.verdict == "agree", (name, part.of.spec.formula, result.differences[:3])
        digits.append(result.digits)
    print(f"{len(digits)} models, at least {min(digits):.1f} digits")


def aroian(a: float, se_a: float, b: float, se_b: float) -> tuple[float, float]:
    return a * b, float(np.sqrt(a**2 * se_b**2 + b**2 * se_a**2 + se_a**2 * se_b**2))


#: What a program may get wrong: attribute -> what stands in its place, given the right one.
WRONG = {
    "b and c without covariance": ("line_of", lambda true: lambda s: replace(true(s), cov=np.diag(np.diag(true(s).cov)))),
    "the normal for the t distribution": ("df_t", lambda true: lambda *a, **k: float("inf")),
    "a moderator off by 1e-8": ("values_of", lambda true: lambda s: {k: v * (1 + 1e-8) for k, v in true(s).items()}),
    "Aroian's for Sobel's": ("product", lambda true: aroian),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_engine_that_is_subtly_wrong_turns_it_red(name, parts, monkeypatch):
    right = moderated(parts["first_stage"])
    place, wrong = WRONG[name]
    monkeypatch.setattr(module, place, wrong(getattr(module, place)))
    off = moderated(parts["first_stage"])
    assert compare_moderation(right, right).verdict == "agree" and compare_moderation(right, off).verdict == "disagree"


def entry(quantity: str, term: str, text: str) -> str:
    of = f'\n[[published]]\nanalysis = "moderation.added"\nterm = "{term}"\nsource = "s"\n'
    return f'{of}statistic = {{ {quantity} = "{text}" }}\n'


def test_another_convention_behind_a_printed_number_is_named(parts):
    s = parts["added"]
    found = moderated(s)
    right = printed_records(study(entry("effect", "mean + sd", f"{found['effect']['mean + sd']:.6f}")), ())[0]
    assert right.verdict == "agree"
    by_n = moderated(replace(s, settings=s.settings.model_copy(update={"ddof": 0})))
    cases = {
        "ddof-0": ("effect", "mean + sd", f"{by_n['effect']['mean + sd']:.9f}"),
        "moderation-normal": ("p", PRODUCT, f"{2 * norm.sf(abs(found['t'][PRODUCT])):.6f}"),
        "moderation-at-nought": ("effect", "the mean", f"{module.line_of(s).b:.6f}"),
    }
    for cause, case in cases.items():
        (record,) = printed_records(study(entry(*case)), ())
        assert record.verdict != "agree" and cause in [c.id for c in record.causes], cause


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('by = "unemp"', 'by = "beertax"', "by: `beertax` is the regressor itself"),
        ('by = "unemp"', 'by = "unemp * 2"', "by: the moderator is a column"),
        ('term = "beertax"', 'term = "beertx"', "did you mean `beertax`"),
        ("[0.0, 0.5, 2.5]", "[0.5, 0.5]", "each of them once"),
        ('vcov = "HC1"', 'vcov = "HC3"', "errors of type HC3"),
        ('spec = "laws"', 'spec = "lwas"', "there is no spec `lwas`"),
        ('through = "outcome"', 'through = "outcme"', "through: there is no spec `outcme`: did you mean `outcome`"),
    ],
)  # fmt: skip
def test_mistakes_are_said(old, new, said):
    with pytest.raises(InputError) as error:
        study(text=TOML.replace(old, new))
    assert said in str(error.value)


def test_what_has_no_such_effect_says_why():
    def note(text: str, name: str) -> str:
        return dict(ANALYSIS.parts(study(text=text)))[f"moderation.{name}"].note

    whole = '\n[spec.whole]\nformula = "frate ~ unemp"\nvcov = "HC3"\n\n[moderation.added]'
    other = TOML.replace("\n[moderation.added]", whole).replace('through = "outcome"', 'through = "whole"')
    assert note(other, "first_stage").startswith("through: `whole` has errors of type HC3")
    absorbed = TOML.replace("beertax + log(income) | state + year", "beertax | state^year")
    assert "absorbed" in note(absorbed, "added") or "left" in note(absorbed, "added")


def test_the_bundled_ones_agree_with_rs_frozen_answers():
    for name, spec in (("fatalities", "moderation.unemployment"), ("digital_trade", "moderation.industry")):
        (record,) = records_of(ANALYSIS, load_study(FIXTURES / name), "frozen")
        assert (record.spec, record.verdict) == (spec, "agree") and record.checked >= 30
        assert "加入" in noted(record.note, "zh")
