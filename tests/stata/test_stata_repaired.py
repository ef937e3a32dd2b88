"""reghdfe by several clusters, where the covariance has a negative eigenvalue: repaired as reghdfe 6 does."""

from __future__ import annotations

import numpy as np
import pytest

from parity.conventions import repair
from parity.stata.do import run_do

HEAD = """clear
set obs 48
set type double
gen a = int((_n - 1) / 6)
gen g = mod(_n, 4)
gen h = mod(int(_n / 3), 5)
gen x = sin(7 * _n) * 50
gen w = cos(3 * _n) + mod(_n, 5) / 2
gen z = sin(_n * _n)
gen y = x / 50 + w + cos(5 * _n)
"""


def covariance(folder, command: str):
    found = run_do(HEAD + command + "\n", folder)
    (each,) = found.estimations
    held = each.fit.results.filled().matrices["V"]
    return held.values, held.rows, found.data


def clipped(v: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(v)
    return vectors @ np.diag(np.clip(values, 0, None)) @ vectors.T


def test_negative_eigenvalues_are_set_to_zero_on_columns_over_their_spread(tmp_path, monkeypatch):
    command = "reghdfe y x w z, absorb(a) vce(cluster g h)"
    got, names, data = covariance(tmp_path, command)
    monkeypatch.setattr(repair, "_clipped", lambda v: v)
    raw, _, _ = covariance(tmp_path, command)
    assert names == ("x", "w", "z", "_cons")
    spread = np.array([*(data[n].values.std(ddof=1) for n in names[:-1]), 1.0])
    scaled = raw * np.outer(spread, spread)
    assert np.linalg.eigvalsh(scaled)[0] < -1e-6 * np.trace(scaled)  # or this test says nothing
    wanted = clipped(scaled)
    slopes = slice(0, 3)
    wanted[slopes, slopes] = clipped(scaled[slopes, slopes])
    np.testing.assert_allclose(got, wanted / np.outer(spread, spread), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("command", ["reghdfe y x w, absorb(a) vce(cluster g)", "regress y x w, vce(cluster g)"])
def test_a_covariance_by_one_cluster_stays(tmp_path, monkeypatch, command):
    got, *_ = covariance(tmp_path, command)
    monkeypatch.setattr(repair, "_clipped", lambda v: 1 / 0)
    np.testing.assert_array_equal(got, covariance(tmp_path, command)[0])


@pytest.mark.parametrize(("clusters", "said"), [("g h", ["trap"]), ("g", [])])
def test_a_repair_is_said(clusters, said, tmp_path):
    found = run_do(HEAD + f"reghdfe y x w z, absorb(a) vce(cluster {clusters})\nscalar s = _se[x]\n", tmp_path)
    assert [f.id for f in found.findings] == said and all("negative eigenvalue" in f.text for f in found.findings)
