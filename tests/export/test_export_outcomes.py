"""Scripts of outcomes of several categories in R and Python: bases, weights, clusters, both informations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import test_export_python as python
import test_export_r as r
from parity.data.load import load_frame
from parity.engines.own import fit
from parity.export import LANGUAGES, export_study, scripts_of
from parity.sample.build import build_design
from parity.study.load import load_study

MLOGIT, OLOGIT, OPROBIT = (f'model = "{m}"\nformula = ' for m in ("mlogit", "ologit", "oprobit"))
FIRM, TWO = 'vcov = { cluster = ["firm"] }', 'vcov = { cluster = ["firm", "year"] }'
HC1, PWEIGHT, FREQUENCY = 'vcov = "HC1"', 'weights = { pweight = "aw" }', 'weights = { frequency = "fw" }'
SPECS = {
    "frequent": (f'{MLOGIT}"y ~ x1 + x2"',),
    "named": (f'{MLOGIT}"y ~ x1 + i(year)"', HC1, "base = 7"),
    "first": (f'{MLOGIT}"y ~ x1 + twice + x2"', TWO, 'convention = "glm"'),
    "counts": (f'{MLOGIT}"y ~ x1"', HC1, FREQUENCY),
    "sampling": (f'{MLOGIT}"y ~ 0 + x1 + x2"', FIRM, PWEIGHT),
    "ordered": (f'{OLOGIT}"y ~ x1 + x2 + twice"', HC1),
    "ordered_counts": (f'{OLOGIT}"y ~ x1*x2"', FREQUENCY, 'where = "year > 1"'),
    "expected": (f'{OPROBIT}"y ~ x1 + i(year)"', 'vcov = "HC0"', 'convention = "glm"'),
    "probit_sampling": (f'{OPROBIT}"y ~ x1 + x2"', FIRM, PWEIGHT),
    "probit": (f'{OPROBIT}"log(y) ~ x1"', 'vcov = { cluster = ["year"] }'),
}  # fmt: skip


@pytest.fixture
def study(make_study):
    """300 rows, four outcomes that are no codes, a regressor of thousands beside one around nought."""
    rng = np.random.default_rng(4)
    n = 300
    d = pd.DataFrame({
        "x1": rng.normal(size=n), "x2": rng.normal(size=n) * 1e3 + 5e3, "firm": rng.integers(1, 30, n),
        "year": rng.integers(1, 5, n), "aw": rng.uniform(0.5, 3, n).round(3), "fw": rng.integers(0, 4, n),
    })  # fmt: skip
    d["y"] = np.digitize(0.7 * d.x1 - 0.3 * d.x2 / 1e3 + rng.logistic(size=n), [-2.5, -1.2, 0.0]) * 2 + 1
    d["twice"] = 2 * d.x1 + 1
    d.loc[5:9, "x2"] = np.nan
    text = '[study]\ntitle = "t"\n' + "".join("\n".join([f"[spec.{name}]", *body, ""]) for name, body in SPECS.items())
    return load_study(make_study(text, d.to_csv(index=False).encode()))


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
    assert all(set(scripts_of(study, spec)) == set(LANGUAGES) for spec in study.specs[:2])
