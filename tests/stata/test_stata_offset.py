"""offset() and exposure() of poisson, logit, probit: numbers that Stata recorded, the definition, and what is refused.

Stata's: `poisson accident yr_con op_75_79, exposure(service)` with three kinds of errors, as statsmodels 0.14 keeps them
(discrete/tests/results/results_count_robust_cluster.py, ships.csv).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels
import statsmodels.discrete.tests.results.results_count_robust_cluster as recorded

from parity.data.load import load_frame
from parity.engines import engine
from parity.sample.build import build_design
from parity.stata.do import run_do
from parity.study.load import load_study

SHIPS = Path(statsmodels.__file__).parent / "discrete" / "tests" / "results" / "ships.csv"
POISSON = "poisson accident yr_con op_75_79, exposure(service)"


@pytest.fixture(scope="module")
def ships(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ships")
    data = pd.read_csv(SHIPS)
    data["lns"] = np.log(data["service"].where(data["service"] > 0))
    data["any"] = (data["accident"] > 5).astype(int)
    data.to_csv(folder / "ships.csv", index=False)
    return folder


def fitted(folder, *lines):
    done = run_do("\n".join(("import delimited ships.csv, asdouble clear", *lines)), folder)
    return done, done.estimations[-1] if done.estimations else None


@pytest.mark.parametrize(
    ("vce", "theirs"),
    [
        ("", recorded.results_poisson_exposure_nonrobust),
        (" vce(robust)", recorded.results_poisson_exposure_hc1),
        (" vce(cluster ship)", recorded.results_poisson_exposure_clu),
    ],
)
def test_numbers_that_stata_recorded(ships, vce, theirs):
    done, one = fitted(ships, f"{POISSON}{vce}")
    assert not done.findings
    got = {c.term: (c.b, c.se) for c in one.coefficients}
    for name, b, se in zip(("yr_con", "op_75_79", "_cons"), theirs.params, theirs.bse, strict=True):
        assert got[name] == pytest.approx((b, se), rel=2e-6)  # Stata stops by its own tolerance


def test_a_spec_of_the_same_command_has_them_too(ships):
    theirs = recorded.results_poisson_exposure_clu
    (ships / "study.toml").write_text(
        f'[study]\ntitle = "Ships"\ndata = "ships.csv"\n[spec.m]\nstata = "{POISSON} vce(cluster ship)"\n', encoding="utf-8"
    )
    study = load_study(ships)
    (spec,) = study.specs
    assert str(spec.offset) == "log(service)" and spec.model == "poisson"
    found = engine("py-moments").estimate(spec, build_design(study, spec, load_frame(study)))
    want = dict(zip(("yr_con", "op_75_79", "(Intercept)"), theirs.params, strict=True))
    assert dict(zip(found.terms, found.coef, strict=True)) == pytest.approx(want, rel=2e-6)
    assert found.stats["ll"] == pytest.approx(theirs.ll, rel=1e-9)
    assert found.stats["ll_0"] == pytest.approx(theirs.ll_0, rel=1e-9)


@pytest.mark.parametrize("typed", ["offset(lns)", "off(lns)", "exp(service)", "e(service)"])
def test_an_offset_and_an_exposure_are_one(ships, typed):
    lines = ("keep if service > 0", f"poisson accident yr_con, {typed}", "generate double b = _b[yr_con]")
    one, other = (
        fitted(ships, *lines[:1], line, lines[2])[0].data for line in (lines[1], "poisson accident yr_con, offset(lns)")
    )
    assert one["b"].values == pytest.approx(other["b"].values, rel=1e-12)


def test_predictions_have_it_and_rates_have_not(ships):
    done, _ = fitted(
        ships,
        "keep if service > 0 & service < .",
        POISSON,
        "predict double n",
        "predict double r, ir",
        "predict double x, xb",
    )
    n, r, x, service = (np.asarray(done.data[c].values, dtype=float) for c in ("n", "r", "x", "service"))
    assert n == pytest.approx(r * service, rel=1e-12) and n == pytest.approx(np.exp(x), rel=1e-12)
    accidents = np.asarray(done.data["accident"].values, dtype=float)
    assert n.sum() == pytest.approx(accidents.sum(), rel=1e-9)  # the score of the constant


@pytest.mark.parametrize("model", ["logit", "logistic", "probit"])
def test_the_binary_models_take_an_offset(ships, model):
    done, one = fitted(ships, f"{model} any yr_con, offset(lns)")
    assert not done.findings and one.resolved is not None and str(one.resolved.spec.offset) == "lns"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("poisson accident yr_con, exposure(op_75_79)", "must be greater than zero"),
        ("poisson accident yr_con, exposure(service) offset(lns)", "only one of offset() or exposure()"),
        ("poisson accident yr_con, offset(i.ship)", "no single variable"),
        ("mlogit ship yr_con, offset(lns)", "offset"),
        ("poisson accident yr_con if service > 0, exposure(service)\nmargins, dydx(*)", "beside the offset"),
    ],
)
def test_what_is_refused_is_told(ships, line, said):
    done, _ = fitted(ships, *line.split("\n"), "display _b[yr_con]")
    assert any(said in finding.text for finding in done.findings), [f.text for f in done.findings]
