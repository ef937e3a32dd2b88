"""Standard errors that are zero, as the scores cancel: what rounding leaves of them is no number to compare."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from parity.base.tolerance import CANCELLED
from parity.cli import main
from parity.compare.harmonise import harmonise
from parity.compare.numbers import compare
from parity.conventions.facts import Facts
from parity.data.load import load_frame
from parity.results.estimate import Estimate, Part
from parity.sample.build import design_and_partialled
from parity.sample.conditioning import conditioning
from parity.study.load import load_study
from parity.study.spec import Spec

#: id -> formula, cluster, terms whose standard errors are zero. `twice` is the same in both arms of a pair.
SPECS = {
    "of_its_clusters": ("y ~ i(id)", "id", None),
    "in_pairs": ("twice ~ arm", "pair", {"arm"}),
    "beside_others": ("twice ~ arm + x", "pair", set()),
    "plain": ("y ~ x + arm", "id", set()),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made, rng, n = tmp_path_factory.mktemp("zero"), np.random.default_rng(3), 60
    id, pair = np.repeat(np.arange(12), 5), np.repeat(np.arange(30), 2)
    frame = {"id": id, "t": np.tile(np.arange(5), 12), "pair": pair, "arm": np.tile([0, 1], 30), "x": rng.normal(size=n),
             "y": rng.normal(size=n) + 0.3 * id + 38.0, "twice": (rng.normal(size=30) + 38.0)[pair],
             "w": rng.uniform(0.5, 3.0, size=n)}  # fmt: skip
    pd.DataFrame(frame).to_csv(made / "data.csv", index=False)
    specs = [f'[spec.{name}]\nformula = "{formula}"\nvcov = {{ cluster = ["{cluster}"] }}\nconvention = "regress"'
             for name, (formula, cluster, _) in SPECS.items()]  # fmt: skip
    head = '[study]\ntitle = "Zero"\nunit = "id"\ntime = "t"'
    (made / "study.toml").write_text("\n\n".join([head, *specs]) + "\n")
    return made


def test_engines_agree_on_what_is_zero(folder, monkeypatch):
    """No two programs share a digit of such a standard error; that it is zero they all say."""
    monkeypatch.setenv("PARITY_R", "none")
    out = folder / "run.json"
    result = CliRunner().invoke(main, ["run", str(folder), "--json", str(out)])
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert f"In {folder.name}/in_pairs, {folder.name}/of_its_clusters the standard error is zero up to rounding" in said
    records = [
        r for r in json.loads(out.read_text())["records"] if r["kind"] == "estimate" and r["verdict"] != "unavailable"
    ]
    assert {r["spec"] for r in records if r["verdict"] == "agree"} == set(SPECS)
    assert not [r for r in records if r["verdict"] not in ("agree", "declined")]
    notes = {r["spec"]: r["note"] for r in records if r["verdict"] == "agree"}
    said = "the scores of `arm` cancel: the standard error is zero up to rounding, and has no t and no p"
    assert notes["in_pairs"].endswith(f"; {said}") and "zero" not in notes["plain"] + notes["beside_others"]
    assert "the scores of `(Intercept)`, `id::1`, `id::10` and 9 more cancel" in notes["of_its_clusters"]


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_spread_is_the_homoskedastic_standard_error(folder, name, weighted):
    study = load_study(folder)
    spec = study.spec(name)
    spec = Spec(**spec.model_dump(exclude_defaults=True) | {"weights": {"analytic": "w"}}) if weighted else spec
    design, net = design_and_partialled(study, spec, load_frame(study))
    x = np.column_stack([np.ones(design.nobs), design.x])
    w = np.ones(design.nobs) if design.weights is None else design.weights
    inverse = np.linalg.inv(x.T @ (w[:, None] * x))
    e = design.y - x @ (inverse @ (x.T @ (w * design.y)))
    errors = np.sqrt(np.diag(inverse) * (w @ e**2) / design.nobs)
    spread = dict(conditioning(design, net).spread)
    np.testing.assert_allclose([spread[t] for t in design.terms[1:]], errors[1:], rtol=1e-9)
    assert 0 < spread["(Intercept)"] <= errors[0] * (1 + 1e-9)


SPEC = Spec(id="s", formula="y ~ a + b", vcov={"cluster": ["g"]}, convention="regress")
FACTS = Facts(nobs=50, nobs_weighted=50, n_slopes=3, intercept=True, clusters={("g",): 10}, n_missing=0)
SPREAD = {"(Intercept)": 0.5, "a": 0.6, "b": 0.7}


def estimate(v_of_a: float, b_of_a: float = 2.0) -> Estimate:
    matrix = np.diag([0.25, v_of_a, 1.0])
    matrix[0, 1] = matrix[1, 0] = v_of_a / 3
    return Estimate(engine="e", terms=("(Intercept)", "a", "b"), coef=(0.3, b_of_a, -40.0), basis="uncorrected",
                    parts=(Part(cluster=("g",), matrix=matrix.tolist()),))  # fmt: skip


@pytest.mark.parametrize("noise", [3e-33, -2e-16, 0.0])
def test_noise_of_either_sign_is_zero(noise):
    side = harmonise(estimate(noise), FACTS, SPEC, SPREAD)
    assert side.zero == {"a"}
    q = {key: quantity.value for key, quantity in side.quantities.items()}
    assert q["se", "a"] == q["vcov", "a x a"] == q["vcov", "(Intercept) x a"] == 0.0
    assert q["coef", "a"] == q["ci_low", "a"] == q["ci_high", "a"] == 2.0
    assert not {("t", "a"), ("p", "a")} & (set(side.quantities) | side.required)
    assert {("t", "b"), ("p", "b"), ("se", "b")} <= side.required and ("f", "") not in side.quantities


@pytest.mark.parametrize("model", ["poisson", "logit", "probit"])
def test_the_spread_of_least_squares_says_nothing_of_a_likelihood(model):
    """Counts in hundred thousands: their least squares have errors of thousands, their Poisson regression of 1e-4."""
    spec = Spec(id="s", formula="y ~ a + b", model=model, vcov={"cluster": ["g"]}, convention="ml")
    spread = dict.fromkeys(SPREAD, 3.5e3)
    side = harmonise(estimate(3.2e-8), FACTS, spec, spread)
    assert not side.zero and side.quantities["se", "a"].value > 1e-4
    assert {("t", "a"), ("p", "a")} <= side.required


def test_a_coefficient_is_zero_only_beside_the_same_scale():
    assert harmonise(estimate(1e-32, 3e-15), FACTS, SPEC, SPREAD).quantities["coef", "a"].value == 0.0
    assert harmonise(estimate(1e-32, 3e-9), FACTS, SPEC, SPREAD).quantities["coef", "a"].value == 3e-9


def test_what_is_small_and_no_noise_stays():
    just = (2 * CANCELLED * SPREAD["a"]) ** 2
    for v, spread in ((just, SPREAD), (3e-33, {}), (3e-33, {"b": 0.7})):
        side = harmonise(estimate(v), FACTS, SPEC, spread)
        assert not side.zero and side.quantities["se", "a"].value > 0 and ("t", "a") in side.required


def test_an_engine_with_an_error_there_differs():
    """Zero on one side and a number on the other is red, t and p of the one beside none of the other, too."""
    nothing, something = (harmonise(estimate(v), FACTS, SPEC, SPREAD) for v in (1e-32, 0.04))
    for one, other in ((nothing, something), (something, nothing)):
        differing = {(d.quantity, d.term) for d in compare(replace(one), other).differences}
        assert {("se", "a"), ("t", "a"), ("p", "a"), ("ci_low", "a")} <= differing
    assert not compare(nothing, harmonise(estimate(-5e-17), FACTS, SPEC, SPREAD)).differences
