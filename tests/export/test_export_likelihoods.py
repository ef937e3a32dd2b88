"""Scripts of logit, probit and Poisson in R and Python: every convention, rows that are predicted, weights, effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import test_export_python as python
import test_export_r as r
from parity.base.errors import InputError
from parity.data.load import load_frame
from parity.engines.own import fit
from parity.export import LANGUAGES, export_study, scripts_of
from parity.sample.build import build_design
from parity.study.load import load_study

LOGIT, PROBIT, POISSON = (f'model = "{m}"\nformula = ' for m in ("logit", "probit", "poisson"))
FIRM, FEGLM, GLM = 'vcov = { cluster = ["firm"] }', 'convention = "feglm"', 'convention = "glm"'
HC1, PWEIGHT, FREQUENCY = 'vcov = "HC1"', 'weights = { pweight = "aw" }', 'weights = { frequency = "fw" }'
SPECS = {
    "logit_fe": (f'{LOGIT}"y ~ x1 + x2 | region"', FIRM, FEGLM),
    "logit_two": (f'{LOGIT}"y ~ x1 | region + year"', FEGLM),
    "logit_perfect": (f'{LOGIT}"y ~ x1 + sure + i(year)"', HC1),
    "logit_product": (f'{LOGIT}"y ~ x1*x2 + i(year):x1"', 'vcov = { cluster = ["firm", "year"] }', GLM),
    "logit_through_zero": (f'{LOGIT}"y ~ 0 + i(year) + x1"', 'vcov = "HC0"', GLM),
    "logit_collinear": (f'{LOGIT}"y ~ x1 + twice + x2"', 'where = "year > 1"'),
    "probit_expected": (f'{PROBIT}"y ~ x1 + x2 | year"', HC1, FEGLM),
    "probit_weighted": (f'{PROBIT}"y ~ x1 + x2"', HC1, PWEIGHT),
    "probit_counts": (f'{PROBIT}"y ~ x1 + x2"', FREQUENCY, GLM),
    "probit_ml_counts": (f'{PROBIT}"y ~ x1"', HC1, FREQUENCY),
    "logical": (f'{PROBIT}"high ~ x2"', FIRM),
    "poisson_fe": (f'{POISSON}"n ~ x1 + x2 | region + firm"', 'vcov = { cluster = ["region"] }', FEGLM),
    "poisson_counts": (f'{POISSON}"n ~ x1 | firm"', HC1, FREQUENCY, FEGLM),
    "poisson_weighted": (f'{POISSON}"n ~ x1 + sure"', FIRM, PWEIGHT),
    "poisson_offset": (f'{POISSON}"n ~ x1 + x2 | firm"', 'offset = "log(aw) + 2"', HC1, FEGLM),
    "logit_offset": (f'{LOGIT}"y ~ x1 + i(year)"', 'exposure = "aw"', FIRM),
    "probit_offset": (f'{PROBIT}"y ~ x1"', 'offset = "aw"', HC1, PWEIGHT),
    "poisson_setting": (f'{POISSON}"n ~ x1 | year"', FIRM, 'convention = { profile = "feglm", count_fixef = "full", '
                        'cluster_scale = "n/(n-k)", t_cluster = "resid" }'),
}  # fmt: skip


@pytest.fixture
def study(make_study):
    """400 rows; a region whose outcomes are all one, a firm without a count, a row alone, a column that decides."""
    rng = np.random.default_rng(11)
    n = 400
    d = pd.DataFrame({
        "x1": rng.normal(size=n), "x2": rng.normal(size=n) * 1e3, "firm": rng.integers(1, 30, n),
        "year": rng.integers(1, 5, n),
        "region": rng.integers(1, 9, n), "aw": rng.uniform(0.5, 3, n).round(3), "fw": rng.integers(0, 4, n),
        "sure": (rng.random(n) < 0.05) * 1,
    })  # fmt: skip
    index = 0.6 * d.x1 - 0.4 * d.x2 / 1e3 + 0.1 * d.year
    d["y"] = (index + rng.logistic(size=n) > 0) * 1
    d["n"] = rng.poisson(np.exp(0.3 * d.x1 + 0.05 * d.year))
    d.loc[d.sure == 1, "y"] = 1
    d.loc[d.region == 3, "y"] = 1
    d.loc[d.firm == 7, "n"] = 0
    d.loc[0, "region"] = 99
    d["twice"] = 2 * d.x1 + 1
    d.loc[5:9, "x2"] = np.nan
    head = '[study]\ntitle = "t"\n[derive]\nhigh = "n > 1"\n'
    text = head + "".join("\n".join([f"[spec.{name}]", *body, ""]) for name, body in SPECS.items())
    return load_study(make_study(text, d.to_csv(index=False).encode()))


def test_the_sample_has_what_it_is_made_for(study):
    facts = {s.id: build_design(study, s, load_frame(study)).facts for s in study.specs}
    assert all(facts[n].n_separated for n in ("logit_fe", "logit_two", "logit_perfect", "poisson_fe", "poisson_counts"))
    assert facts["logit_fe"].n_missing == 5 and facts["logit_collinear"].dropped


@r.needs_r
def test_scripts_in_r(study, tmp_path):
    frame = load_frame(study)
    printed, wrong = r.run_scripts(r.written(study, study.specs, tmp_path), tmp_path), {}
    for spec in study.specs:
        design = build_design(study, spec, frame)
        if found := r.differences(printed[spec.id], fit.estimate(spec, design), design.facts, spec):
            wrong[spec.id] = found[:3]
    assert not wrong


def test_scripts_in_python(study, tmp_path):
    assert not python.wrong_numbers([(study, export_study(study, study.specs, "python"))], tmp_path, tmp_path)


def test_every_language_has_one(study):
    assert all(set(scripts_of(study, spec)) == set(LANGUAGES) for spec in study.specs if spec.id.startswith("logit_c"))


def test_what_has_none_is_said(study):
    spec = study.specs[5]
    early = spec.model_copy(update={"convention": spec.convention.model_copy(update={"newton": "ltolerance"})})
    for language in ("r", "python"):
        with pytest.raises(InputError, match="ends its steps early"):
            export_study(study, [early], language)
    with pytest.raises(InputError, match="a logit is written with statsmodels"):
        export_study(study, [spec], "python", "pyfixest")
