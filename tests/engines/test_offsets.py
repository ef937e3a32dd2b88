"""Offsets of likelihoods: the maximum by definition, the constant alone, what is refused, and R's own reading."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special, stats

from parity.algebra.likelihood import NoMaximum, maximise, null, stopped
from parity.base.errors import InputError
from parity.data.load import load_frame
from parity.engines import engine
from parity.sample.build import build_design
from parity.study.load import load_study, parse_study
from parity.study.several import written_out
from parity.study.shared import extended

RNG = np.random.default_rng(5)
N = 240
X = np.column_stack([np.ones(N), RNG.normal(size=N), RNG.normal(size=N)])
OFFSET = RNG.normal(2.0, 0.7, size=N)
INDEX = X @ [-2.0, 0.4, -0.3] + OFFSET
Y = {
    "poisson": RNG.poisson(np.exp(INDEX)).astype(float),
    "logit": (RNG.uniform(size=N) < special.expit(INDEX)).astype(float),
    "probit": (RNG.uniform(size=N) < stats.norm.cdf(INDEX)).astype(float),
}
LL = {
    "poisson": lambda y, i: y * i - np.exp(i) - special.gammaln(y + 1),
    "logit": lambda y, i: -np.logaddexp(0, -np.where(y == 1, i, -i)),
    "probit": lambda y, i: stats.norm.logcdf(np.where(y == 1, i, -i)),
}


@pytest.mark.parametrize("link", LL)
def test_the_maximum_is_that_of_the_likelihood_by_definition(link):
    y = Y[link]
    found = maximise(X, y, link, offset=OFFSET)
    assert found.ll == pytest.approx(LL[link](y, X @ found.b + OFFSET).sum(), rel=1e-12)
    slopes = optimize.approx_fprime(found.b, lambda b: LL[link](y, X @ b + OFFSET).sum(), 1e-6)
    assert np.abs(slopes).max() < 1e-3
    alone = optimize.minimize_scalar(lambda a: -LL[link](y, a + OFFSET).sum(), bounds=(-9, 9), method="bounded").fun
    assert null(y, link, offset=OFFSET) == pytest.approx(-alone, rel=1e-9)
    assert null(y, link, constant=False, offset=OFFSET) == pytest.approx(LL[link](y, OFFSET).sum(), rel=1e-12)
    assert stopped(X, y, link, offset=OFFSET).b == pytest.approx(found.b, rel=1e-4)


def test_the_unit_of_an_exposure_moves_the_constant_alone():
    near, far = (maximise(X, Y["poisson"], "poisson", offset=OFFSET + by).b for by in (0.0, 30.0))
    assert far[1:] == pytest.approx(near[1:], rel=1e-10) and far[0] == pytest.approx(near[0] - 30, rel=1e-10)


@pytest.mark.parametrize("link", LL)
def test_an_offset_that_no_likelihood_bears_is_said_to_be_it(link):
    people = np.linspace(400.0, 4e6, N)
    with pytest.raises(NoMaximum, match=r"the offset runs from 400 to 4e\+06, .* an exposure"):
        maximise(X, Y[link], link, offset=people)


def test_effects_are_dummies_beside_an_offset_too():
    code = np.arange(N) % 6
    dummies = (code[:, None] == np.arange(6)).astype(float)
    absorbed = maximise(X[:, 1:], Y["poisson"], "poisson", effects=[code], offset=OFFSET)
    written = maximise(np.hstack([dummies, X[:, 1:]]), Y["poisson"], "poisson", offset=OFFSET)
    assert absorbed.b == pytest.approx(written.b[6:], rel=1e-10) and absorbed.ll == pytest.approx(written.ll, rel=1e-12)


HEAD = '[study]\ntitle = "Offsets"\ndata = "data.csv"\n'
SPECS = """
[spec.count]
formula = "y ~ x"
model = "poisson"
exposure = "pop"

[spec.logged]
extends = "count"
offset = "log(pop)"

[spec.plain]
extends = "count"
exposure = ""
"""


def study_of(tmp_path, text: str):
    pop = np.exp(OFFSET)
    rows = [f"{y:.0f},{x:.6f},{p:.6f}" for y, x, p in zip(Y["poisson"], X[:, 1], pop, strict=True)]
    (tmp_path / "data.csv").write_text("y,x,pop\n" + "\n".join([*rows, "1,2,0", "1,2,"]) + "\n", encoding="utf-8")
    (tmp_path / "study.toml").write_text(HEAD + text, encoding="utf-8")
    return load_study(tmp_path)


def test_an_exposure_is_the_offset_of_its_logarithm(tmp_path):
    study = study_of(tmp_path, SPECS)
    count, logged, plain = study.specs
    assert str(count.offset) == "log(pop)" and study.spec_hash(count) == study.spec_hash(logged)
    assert plain.offset is None and "offset" not in plain.of_numbers()
    frame = load_frame(study)
    design = build_design(study, count, frame)
    assert design.nobs == N and design.facts.n_missing == 2  # an exposure of nought has no logarithm
    assert build_design(study, plain, frame).offset is None
    one = engine("py-moments").estimate(count, design)
    assert one.coef != engine("py-moments").estimate(plain, build_design(study, plain, frame)).coef


@pytest.mark.parametrize("name", ["py-statsmodels", "py-pyfixest"])
def test_packages_in_python_have_it(tmp_path, name):
    study = study_of(tmp_path, SPECS)
    design = build_design(study, study.specs[0], load_frame(study))
    theirs, ours = (engine(e).estimate(study.specs[0], design) for e in (name, "py-moments"))
    assert theirs.coef == pytest.approx(ours.coef, rel=1e-9) and "offset=o" in theirs.command


@pytest.mark.needs_r
@pytest.mark.parametrize("name", ["r-stata", "r-lm"])
def test_r_has_it(tmp_path, name):
    study = study_of(tmp_path, SPECS)
    design = build_design(study, study.specs[0], load_frame(study))
    theirs, ours = (engine(e).estimate(study.specs[0], design) for e in (name, "py-moments"))
    assert theirs.coef == pytest.approx(ours.coef, rel=1e-9)
    assert theirs.stats["ll_0"] == pytest.approx(ours.stats["ll_0"], rel=1e-10)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('offset = "log(pop)"', 'an offset or exposure is for model = "logit", "probit", "poisson"'),
        ('model = "tobit"\nlower = 0\noffset = "pop"', 'and this is model = "tobit"'),
        ('model = "poisson"\noffset = "2"', "reads no column"),
        ('model = "poisson"\nexposure = "pop"\noffset = "pop"', "no offset beside it"),
        ('model = "poisson"\nexposure = 3', "a column or an expression in quotes"),
        ('model = "poisson"\nexposure = "pop"\n[margins.m]\nspec = "m"', "has an offset"),
    ],
)
def test_what_is_refused_is_told(tmp_path, lines, said):
    with pytest.raises(InputError) as error:
        parse_study(f'{HEAD}[spec.m]\nformula = "y ~ x"\n{lines}\n', tmp_path / "study.toml")
    assert said in str(error.value)


def test_it_is_written_out_before_anything_is_read():
    raw = {"spec": {"m": {"formula": "c(y, z) ~ x", "model": "poisson", "exposure": "pop"}}}
    specs = written_out(extended(raw, "f"), "f")[0]["spec"]
    assert [spec["offset"] for spec in specs.values()] == ["log(pop)", "log(pop)"] and "exposure" not in specs["m.y"]
