"""Causes of Conley's covariance, by loops over pairs of rows that share no line with the diagnosis."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.catalogue.conley import CAUSES
from parity.diagnose.fitter import Fitter
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

PANEL = {"formula": "y ~ x", "vcov": {"conley": 400, "coordinates": ["lat", "lon"], "lags": 2}}
KM = {"profile": "regress", "conley_distance": "own_latitude"}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    unit, year = np.repeat(np.arange(8), 5), np.tile(np.arange(2001, 2006), 8)
    lat, lon = rng.uniform(30, 40, 8)[unit], rng.uniform(-100, -90, 8)[unit]
    x = rng.normal(size=8)[unit] + rng.normal(size=40)
    y = x + rng.normal(size=8)[unit] + rng.normal(size=40) * (1 + abs(x))
    return pd.DataFrame({"unit": unit, "year": year, "y": y, "x": x, "lat": lat, "lon": lon})


def se(d, near, factor=1.0, lags=None) -> float:
    """Of x. near: places of two rows -> their weight; lags: of one unit's rows, where pairs are of one year else."""
    x = np.column_stack([np.ones(len(d)), d["x"]])
    inverse = np.linalg.inv(x.T @ x)
    scores = x @ inverse * (d["y"].to_numpy() - x @ inverse @ x.T @ d["y"].to_numpy())[:, None]
    rows, total = d[["lat", "lon", "unit", "year"]].to_numpy().tolist(), 0.0
    for i, (a, b, u, t) in enumerate(rows):
        for j, (p, q, v, s) in enumerate(rows):
            own = max(0.0, 1 - abs(t - s) / (lags + 1)) if lags is not None and u == v else 0.0
            w = near((a, b), (p, q)) if lags is None or t == s else own
            total += w * scores[i, 1] * scores[j, 1]
    return math.sqrt(factor * total)


def km(a, b, at=None):
    latitude = a[0] if at is None else at(a, b)
    return 111 * math.hypot(a[0] - b[0], math.cos(math.radians(latitude)) * (a[1] - b[1]))


def bartlett(cutoff, distance=km):
    return lambda a, b: max(0.0, 1 - distance(a, b) / cutoff)


def mean_km(a, b):
    return km(a, b, lambda a, b: (a[0] + b[0]) / 2)


def swapped(a, b):
    return km(a[::-1], b[::-1])


def robust(d, kind):
    x = np.column_stack([np.ones(len(d)), d["x"]])
    inverse, n = np.linalg.inv(x.T @ x), len(d)
    e = d["y"].to_numpy() - x @ inverse @ x.T @ d["y"].to_numpy()
    meat = x.T @ (x * e[:, None] ** 2) if kind == "HC1" else e @ e / n * x.T @ x
    return math.sqrt((inverse @ meat @ inverse)[1, 1] * n / (n - 2))


AXES = {"formula": "y ~ x", "vcov": {"conley": [4, 5], "coordinates": ["lat", "lon"]}, "convention": "regress"}
CASES = {
    "conley-kernel": (PANEL, lambda d: se(d, lambda a, b: float(km(a, b) <= 400), lags=2)),
    "conley-distance": (
        PANEL,
        lambda d: se(d, bartlett(400, mean_km), lags=2),
    ),
    "conley-factor": (PANEL, lambda d: se(d, bartlett(400), factor=39 / 38, lags=2)),
    "conley-cutoff": (PANEL, lambda d: se(d, bartlett(800), lags=2)),
    "conley-pairs": (PANEL, lambda d: se(d, bartlett(400))),
    "conley-swapped": (PANEL, lambda d: se(d, bartlett(400, swapped), lags=2)),
    "robust-for-conley": (AXES, lambda d: robust(d, "HC1")),
    "iid-for-conley": (AXES, lambda d: robust(d, "iid")),
}


def test_every_cause_of_the_file_has_a_case():
    assert set(CASES) == {cause.id for cause in CAUSES}


@pytest.mark.parametrize("id", CASES)
def test_a_number_that_its_sentence_alone_gives(data, id):
    given, number = CASES[id]
    spec = Spec(id="declared", **{"convention": KM, **given})
    study = Study(
        folder=Path("by-hand"), header=Header(title="t", unit="unit", time="year", made=True), derive={}, specs=(spec,),
        published=(),
    )  # fmt: skip
    target = [TargetNumber("se", "x", f"{number(data):.12g}")]
    found = explain_targets(study, spec, data, target, fitter=Fitter(study, data), most=1).causes
    assert (id,) in {one.ids for one in found}, [one.ids for one in found]
