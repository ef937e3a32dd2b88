"""Driscoll-Kraay over periods that no row has: ivreg2 counts units of time, everyone else the periods of the sample."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from parity.algebra.covariance import driscoll_kraay
from parity.cli import main
from parity.compare.harmonise import harmonise
from parity.data.load import load_frame
from parity.engines import availability, engine
from parity.engines.own.fit import estimate, solve
from parity.export import export_study
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.spec import Spec, Vcov

TOML = """
[study]
title = "Grunfeld without 1940 and 1941"
unit = "firm"
time = "year"

[spec.s]
formula = "inv ~ value + capital"
where = "year not in [1940, 1941]"
vcov = { driscoll_kraay = 3 }
convention = { profile = "ivreg2", small = true }
"""


def by_hand(scores: np.ndarray, time: np.ndarray, lags: int) -> np.ndarray:
    """ivreg2's loop: every t, and t - tau where both have rows."""
    sums = {t: scores[time == t].sum(axis=0) for t in np.unique(time)}
    meat = sum(np.outer(s, s) for s in sums.values())
    for tau in range(1, lags + 1):
        for t in sums:
            if t - tau in sums:
                cross = np.outer(sums[t], sums[t - tau])
                meat = meat + (1 - tau / (lags + 1)) * (cross + cross.T)
    return meat


@pytest.fixture
def study(make_study):
    return load_study(make_study(TOML))


def of(study, gaps: str):
    spec = study.spec("s")
    return spec.model_copy(update={"convention": spec.convention.model_copy(update={"kraay_gaps": gaps})})


def test_lags_count_units_of_time_or_periods(study):
    design = build_design(study, study.spec("s"), load_frame(study))
    fit = solve(design)
    scores = fit.pull * fit.resid[:, None]
    kept, closed = (np.array(estimate(of(study, gaps), design).parts[0].matrix) for gaps in ("kept", "closed"))
    ranks = np.unique(design.time, return_inverse=True)[1]
    assert kept == pytest.approx(by_hand(scores, design.time, 3), rel=1e-12)
    assert closed == pytest.approx(by_hand(scores, ranks, 3), rel=1e-12)
    assert abs(kept[1, 1] / closed[1, 1] - 1) > 1e-3
    beyond = driscoll_kraay(fit.pull, fit.resid, design.time, 100)
    assert beyond == pytest.approx(by_hand(scores, design.time, 100), rel=1e-12)


def test_profiles_and_who_can_count_so(study):
    spec = study.spec("s")
    assert spec.convention.kraay_gaps == "kept"
    design = build_design(study, spec, load_frame(study))
    for name in ("py-pyfixest", "py-linearmodels", "py-statsmodels"):
        assert engine(name).estimate(spec, design).kind == "declined", name
        assert engine(name).estimate(of(study, "closed"), design).kind == "estimate", name
    moments = harmonise(engine("py-moments").estimate(spec, design), design.facts, spec)
    own = harmonise(estimate(spec, design), design.facts, spec)
    for key in own.required:
        assert moments.quantities[key].value == pytest.approx(own.quantities[key].value, rel=1e-9), key


def test_r_has_it_as_ivreg2(study):
    stata = engine("r-stata")
    if availability(stata) is not None:
        pytest.skip("R is not here")
    spec = study.spec("s")
    design = build_design(study, spec, load_frame(study))
    own = harmonise(estimate(spec, design), design.facts, spec)
    for gaps, basis in (("kept", "ivreg2"), ("closed", "uncorrected")):
        asked = of(study, gaps)
        answer = stata.estimate(asked, design)
        side = harmonise(answer, design.facts, asked)
        right = harmonise(estimate(asked, design), design.facts, asked)
        assert answer.basis == basis
        for key in own.required:
            assert side.quantities[key].value == pytest.approx(right.quantities[key].value, rel=1e-8), (gaps, key)
    for name in ("r-lm", "r-plm"):
        if availability(engine(name)) is None:
            assert engine(name).estimate(spec, design).kind == "declined"


@pytest.mark.parametrize(("declared", "printed"), [("kept", "closed"), ("closed", "kept")])
def test_explain_names_how_the_lags_were_counted(make_study, declared, printed):
    study = load_study(make_study(TOML.replace("small = true", f'small = true, kraay_gaps = "{declared}"')))
    there = of(study, printed)
    design = build_design(study, there, load_frame(study))
    side = harmonise(estimate(there, design), design.facts, there)
    targets = [f"{t}={side.quantities['se', t].value:.8g}" for t in ("value", "capital")]
    given = [word for target in targets for word in ("--target-se", target)]
    result = CliRunner().invoke(main, ["explain", str(study.folder), "s", *given, "--json"])
    causes = [c["id"] for s in json.loads(result.output)["causes"] for c in s["causes"]]
    assert causes[:1] == [f"driscoll-kraay-gaps-{printed}"], result.output


@pytest.mark.parametrize("gaps", ["kept", "closed"])
def test_the_script_in_r(make_study, tmp_path, gaps):
    if availability(engine("r-lm")) is not None:
        pytest.skip("R is not here")
    study = load_study(make_study(TOML.replace("small = true", f'small = true, kraay_gaps = "{gaps}"')))
    spec = study.spec("s")
    ((name, text),) = export_study(study, [spec], "r").items()
    (tmp_path / name).write_text(text, encoding="utf-8")
    command = ["Rscript", "--vanilla", str(tmp_path / name), str(study.folder / "data.csv")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    design = build_design(study, spec, load_frame(study))
    side = harmonise(estimate(spec, design), design.facts, spec)
    rows = {line.split("\t")[0]: line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 6}
    for term in ("value", "capital"):
        assert float(rows[term][2]) == pytest.approx(side.quantities["se", term].value, rel=1e-9)


def test_the_script_in_python_stops_at_a_gap(study, tmp_path):
    ((name, text),) = export_study(study, study.specs, "python").items()
    (tmp_path / name).write_text(text, encoding="utf-8")
    command = [sys.executable, str(tmp_path / name), str(study.folder / "data.csv")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0 and "a period is missing" in done.stderr


@pytest.mark.parametrize(("setting", "vcov", "profile", "others"), [
    ("kraay_gaps", {"driscoll_kraay": 2}, "ivreg2", ["closed"]),
    ("kraay_gaps", {"driscoll_kraay": 2}, "reghdfe", ["kept"]),
    ("kernel_gaps", {"newey_west": 2}, "fixest", ["kept", "rows"]),
    ("kernel_gaps", {"newey_west": 2}, "reghdfe", ["closed", "rows"]),
])  # fmt: skip
def test_answers_are_kept_under_what_they_depend_on(study, setting, vcov, profile, others):
    """A spec that keeps gaps, the default, under a profile that closes them was kept as the profile's own."""
    body = {"id": "s", "formula": "inv ~ value", "vcov": vcov}
    plain = Spec.model_validate(body | {"convention": profile})
    assert setting not in plain.of_numbers()["convention"]  # answers that were frozen before the setting stay
    changed = [Spec.model_validate(body | {"convention": {"profile": profile, setting: value}}) for value in others]
    hashes = {study.spec_hash(spec) for spec in (plain, *changed)}
    assert len(hashes) == 1 + len(others)
    robust = [spec.model_copy(update={"vcov": Vcov(kind="HC1")}) for spec in (plain, *changed)]
    assert len({study.spec_hash(spec) for spec in robust}) == 1
