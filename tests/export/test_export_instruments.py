"""Scripts of LIML, Fuller, k-class and GMM in R and Python: weights, covariances, steps, what has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import test_export_python as python
import test_export_r as r
from parity.base.errors import InputError
from parity.data.load import load_frame
from parity.engines.own import fit
from parity.export import export_study
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.vcov import Vcov

OVER = 'formula = "y ~ x + big | 0 | d ~ z1 + z2 + z3"'
FIRM, BOTH = 'vcov = { cluster = ["firm"] }', 'vcov = { cluster = ["firm", "year"] }'
WITHIN = 'formula = "y ~ x + big | {} | d ~ z1 + z2 + z3"'
CENTRED = 'convention = { profile = "ivregress", small = true, centred = "yes" }'
HC1, IVREG2, SMALL = 'vcov = "HC1"', 'convention = "ivreg2"', 'convention = { profile = "ivregress", small = true }'
AW, FW = 'weights = { analytic = "aw" }', 'weights = { frequency = "fw" }'
SPECS = {
    "liml": ('model = "liml"', OVER, SMALL),
    "liml_robust": ('model = "liml"', OVER, HC1, IVREG2),
    "liml_weighted": ('model = "liml"', OVER, FIRM, AW, SMALL),
    "liml_both": ('model = "liml"', OVER, BOTH, 'convention = "regress"'),
    "liml_counts": ('model = "liml"', OVER, HC1, FW, SMALL),
    "liml_two": ('model = "liml"', 'formula = "y ~ 1 | 0 | d + x ~ z1 + z2 + z3"', HC1, IVREG2),
    "fuller": ('model = "fuller"', "fuller = 4", OVER, IVREG2),
    "fuller_counts": ('model = "fuller"', OVER, FW, SMALL),
    "kclass": ('model = "kclass"', "kappa = 0.3", 'formula = "y ~ 0 + x | 0 | d ~ z1 + z2"', HC1, SMALL),
    "gmm": ('model = "gmm"', OVER, HC1, 'convention = "ivregress"'),
    "gmm_small": ('model = "gmm"', OVER, HC1, AW, SMALL),
    "gmm_iid": ('model = "gmm"', OVER, 'moments = { weight = "iid" }', HC1, SMALL),
    "gmm_through_zero": ('model = "gmm"', 'formula = "y ~ 0 + x | 0 | d ~ z1 + z2"', SMALL),
    "gmm_clustered": ('model = "gmm"', OVER, FIRM, SMALL),
    "gmm_one": ('model = "gmm"', OVER, "moments = { steps = 1 }", FIRM, SMALL),
    "gmm_iterated": ('model = "gmm"', OVER, 'moments = { steps = "iterated" }', HC1, SMALL),
    "gmm_ivreg2": ('model = "gmm"', OVER, FIRM, IVREG2),
    "gmm_ivreg2_iid": ('model = "gmm"', OVER, IVREG2),
    "gmm_counts": ('model = "gmm"', OVER, HC1, FW, SMALL),
    "gmm_exact": ('model = "gmm"', 'formula = "y ~ x | 0 | d ~ z1"', HC1, SMALL),
    "liml_within": ('model = "liml"', WITHIN.format("firm"), FIRM, SMALL),
    "liml_two_ways": ('model = "liml"', WITHIN.format("firm + year"), HC1, AW, 'convention = "reghdfe"'),
    "fuller_within": ('model = "fuller"', WITHIN.format("firm + year"), SMALL),
    "gmm_within": ('model = "gmm"', WITHIN.format("year"), HC1, FW, SMALL),
    "gmm_two_ways": ('model = "gmm"', WITHIN.format("firm + year"), FIRM, AW, 'convention = "reghdfe"'),
    "gmm_centred": ('model = "gmm"', OVER, HC1, CENTRED),
    "gmm_centred_clusters": ('model = "gmm"', OVER, FIRM, CENTRED),
    "gmm_centred_counts": ('model = "gmm"', WITHIN.format("year"), HC1, FW, CENTRED),
    "between": ('model = "between"', 'formula = "y ~ x + big"', 'convention = "xtreg"'),
    "between_clusters": ('model = "between"', 'formula = "y ~ x + big + i(half)"', 'vcov = { cluster = ["county"] }'),
    "between_rows": (
        'model = "between"',
        'formula = "y ~ x + twice + big"',
        HC1,
        'convention = { profile = "regress", between_weights = "rows" }',
    ),
    "between_rows_iid": (
        'model = "between"',
        'formula = "y ~ x"',
        'convention = { profile = "plm", between_weights = "rows" }',
    ),
    "gmm_collinear": ('model = "gmm"', 'formula = "y ~ x + twice | 0 | d ~ z1 + z2 + twice:z1 + x:z1"', HC1, SMALL),
}
NOT_IN_PYTHON = {"gmm_ivreg2": "no covariance of its weight alone", "gmm_ivreg2_iid": "no covariance of its weight alone",
                 "fuller_within": "counts no fixed effects"}  # fmt: skip


@pytest.fixture
def study(make_study):
    rng = np.random.default_rng(5)
    n = 300
    d = pd.DataFrame({
        "x": rng.normal(size=n), "big": rng.normal(size=n) * 1e4, "z1": rng.normal(size=n), "z2": rng.normal(size=n),
        "z3": rng.normal(size=n), "firm": rng.integers(1, 40, n), "year": rng.integers(1, 12, n),
        "person": np.arange(n) // 4, "turn": np.arange(n) % 4, "county": np.arange(n) // 20,
        "half": (np.arange(n) // 4) % 3, "aw": rng.uniform(0.5, 3, n).round(3), "fw": rng.integers(0, 4, n),
    })  # fmt: skip
    u = rng.normal(size=n)
    d["d"] = 0.4 * d.z1 + 0.3 * d.z2 + 0.2 * d.z3 + 0.3 * d.x + u
    d["y"] = 1 + d.d + 0.5 * d.x + d.big / 1e4 + (1 + 0.5 * np.abs(d.z1)) * (rng.normal(size=n) + 0.7 * u)
    d["twice"] = 2 * d.x - 1
    d.loc[3:6, "z2"] = np.nan
    head = '[study]\ntitle = "t"\nunit = "person"\ntime = "turn"\n'
    text = head + "".join("\n".join([f"[spec.{name}]", *body, ""]) for name, body in SPECS.items())
    return load_study(make_study(text, d.to_csv(index=False).encode()))


@pytest.mark.needs_r()
def test_scripts_in_r(study, tmp_path):
    frame = load_frame(study)
    printed, wrong = r.run_scripts(r.written(study, study.specs, tmp_path), tmp_path), {}
    for spec in study.specs:
        design = build_design(study, spec, frame)
        if found := r.differences(printed[spec.id], fit.estimate(spec, design), design.facts, spec):
            wrong[spec.id] = found[:3]
    assert not wrong


def test_scripts_in_python(study, tmp_path):
    specs = [s for s in study.specs if s.id not in NOT_IN_PYTHON]
    assert not python.wrong_numbers([(study, export_study(study, specs, "python"))], tmp_path, tmp_path)
    for spec in study.specs:
        if spec.id in NOT_IN_PYTHON:
            with pytest.raises(InputError, match=rf"{NOT_IN_PYTHON[spec.id]}.*use --to r"):
                export_study(study, [spec], "python")


@pytest.mark.parametrize(("changes", "said"), [
    ({"model": "cue"}, "needs an optimiser; use --to stata"),
    ({"convention": "centred"}, "gmm of centred moments under analytic weights"),
    ({"vcov": Vcov.model_validate({"newey_west": 2})}, "moments over time"),
])  # fmt: skip
def test_what_has_no_script_is_said(study, changes, said):
    spec = study.spec("gmm_small")
    if "convention" in changes:
        changes = {"convention": spec.convention.model_copy(update={"centred": "yes"})}
    for language in ("r", "python"):
        with pytest.raises(InputError, match=said):
            export_study(study, [spec.model_copy(update=changes)], language)
