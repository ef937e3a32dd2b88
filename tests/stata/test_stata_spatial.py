"""Conley's x_ols, Hsiang's ols_spatial_HAC, Fetzer's reg2hdfespatial and acreg, by loops over pairs of rows."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from parity.stata.do import run_do
from parity.stata_language.request import Declined
from parity.study.command import spec_of


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    rng = np.random.default_rng(4)
    unit, year = np.repeat(np.arange(1, 9), 4), np.tile(np.arange(2001, 2005), 8)
    lat, lon = rng.uniform(30, 40, 8)[unit - 1], rng.uniform(-100, -90, 8)[unit - 1]
    x, z = rng.normal(size=(2, 32))
    data = pd.DataFrame({
        "id": unit, "year": year, "lat": lat, "lon": lon, "x": x, "z": z, "y": 1 + x + rng.normal(size=8)[unit - 1] + z * x,
        "one": 1, "cut1": 4.0, "cut2": 5.0,
    })  # fmt: skip
    data.to_csv(folder / "d.csv", index=False)
    return folder, data


def run(places, *commands):
    return run_do("\n".join(("import delimited d.csv, asdouble", *commands)), places[0])


def errors(d, columns, near, lags=None):
    """near: two rows -> their weight; lags: of one unit's rows, where pairs are of one year else."""
    x, y = columns, d["y"].to_numpy()
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    scores = x @ np.linalg.inv(x.T @ x) * (y - x @ b)[:, None]
    rows, total = d.to_dict("records"), 0.0
    for i, p in enumerate(rows):
        for j, q in enumerate(rows):
            apart = abs(p["year"] - q["year"])
            own = 0.0 if lags is None or p["id"] != q["id"] else max(0.0, 1 - apart / (lags + 1))
            w = near(p, q) if lags is None or not apart else own
            total = total + w * np.outer(scores[i], scores[j])
    return np.sqrt(np.diag(total))


def km(p, q):
    east = math.cos(math.radians(p["lat"])) * (p["lon"] - q["lon"])
    return 111 * math.hypot(p["lat"] - q["lat"], east)


def bartlett(p, q):
    return max(0.0, 1 - km(p, q) / 400)


def uniform(p, q):
    return float(km(p, q) <= 400)


def axes(p, q):
    return max(0, 1 - abs(p["lat"] - q["lat"]) / 4) * max(0, 1 - abs(p["lon"] - q["lon"]) / 5)


def test_x_ols_and_what_it_leaves(places):
    d = places[1][places[1].year == 2003]
    found = run(
        places, "keep if year == 2003", "x_ols lat lon cut1 cut2 y x z one, coord(2) xreg (3)", "matrix V = cov_dep",
        "scalar se = sqrt(V[1,1])", "gen double s = se", "egen double e2 = total(epsilon^2)",
        "drop epsilon window dis1 dis2", *["x_ols lat lon cut1 cut1 y x one, coord(2) xreg(2)"] * 2,
    )  # fmt: skip
    x = d[["x", "z", "one"]].to_numpy(float)
    want = errors(d, x, axes)
    first = found.estimations[0]
    assert [c.se for c in first.coefficients] == pytest.approx(want, rel=1e-9)
    assert [c.term for c in first.coefficients] == ["x", "z", "one"]
    assert found.data["s"].values == pytest.approx(want[0], rel=1e-9)
    e = d["y"] - x @ np.linalg.lstsq(x, d["y"], rcond=None)[0]
    assert found.data["e2"].values == pytest.approx(float(e @ e), rel=1e-9)
    said = [f.text for f in found.findings if f.id == "stata-error"]
    assert len(said) == 1 and "epsilon already defined" in said[0]  # the second in a row, as in Stata


@pytest.mark.parametrize(
    ("command", "columns", "near", "lags"),
    [
        ("ols_spatial_HAC y x one, lat(lat) lon(lon) t(year) p(id) dist(400) lag(1) bartlett", "x one", bartlett, 1),
        ("ols_spatial_HAC y x one, lat(lat) lon(lon) timevar(year) panelvar(id) distcutoff(400)", "x one", uniform, 0),
        ("acreg y x, spatial latitude(lat) longitude(lon) dist(400)", "x one", uniform, None),
        (
            "acreg y x, spatial latitude(lat) longitude(lon) dist(400) id(id) time(year) lag(1) hac bartlett",
            "x one",
            bartlett,
            1,
        ),
        ("reg2hdfespatial y x, lat(lat) lon(lon) timevar(year) panelvar(id) distcutoff(400) lagcutoff(3)", "x", bartlett, 3),
    ],
)
def test_kilometres(places, command, columns, near, lags):
    d = places[1]
    x = d[columns.split()].to_numpy(float)
    if "hdfe" in command:
        x = np.column_stack([x, pd.get_dummies(d["id"]), pd.get_dummies(d["year"]).iloc[:, 1:]]).astype(float)
    found = run(places, command).estimations[0]
    shown = columns.split()
    assert [c.term for c in found.coefficients] == [n.replace("one", "_cons") if "acreg" in command else n for n in shown]
    assert [c.se for c in found.coefficients] == pytest.approx(errors(d, x, near, lags)[: len(shown)], rel=1e-9)
    assert found.coefficients[0].p == pytest.approx(math.erfc(abs(found.coefficients[0].t) / math.sqrt(2)), rel=1e-9)


def test_as_a_spec():
    assert spec_of("x_ols la lo c1 c2 y x one, xreg(2) coord(2)", None, None)["vcov"] == {
        "conley": ["c1", "c2"], "coordinates": ["la", "lo"],
    }  # fmt: skip
    assert spec_of("x_ols la lo c c y x one w, coord(2) xreg(2)", None, None)["formula"] == "y ~ 0 + x + one"
    asked = spec_of("reg2hdfespatial y x, lat(la) lon(lo) t(t) p(g) dist(80.5) lag(4) altfetime(rt)", None, None)
    assert asked["formula"] == "y ~ x | g + rt"
    assert asked["vcov"] == {"conley": 80.5, "coordinates": ["la", "lo"], "lags": 4}
    assert asked["convention"]["conley_distance"] == "own_latitude" and "conley_kernel" not in asked["convention"]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("x_ols la lo c c y x one, coord(2)", "xreg"), ("x_ols la lo c c y x, coord(2) xreg(2)", "there are 6 names"),
        ("x_ols la lo c c y x if z, coord(2) xreg(1)", "neither if"),
        ("ols_spatial_HAC y x, lat(la) lon(lo) t(t)", "panelvar"),
        ("acreg y x, latitude(la) longitude(lo) dist(3)", "spatial"),
        ("acreg y x, spatial latitude(la) longitude(lo) dist(3) id(g) time(t) lag(2)", "hac"),
        ("acreg y x, spatial latitude(la) longitude(lo) dist(3) id(g) time(t) lag(2) hac lagdist(1)", "lagdist"),
        ("acreg y (x = z), spatial latitude(la) longitude(lo) dist(3)", "instruments"),
        ("ols_spatial_HAC y (x = z w), lat(la) lon(lo) t(t) p(g)", "as many instruments"),
    ],
)  # fmt: skip
def test_what_is_not_read(command, why):
    with pytest.raises(Exception, match=why) as raised:
        spec_of(command, None, None)
    assert raised.value is not None


@pytest.mark.parametrize(
    ("change", "command", "why"),
    [
        ("replace x = . in 3", "x_ols lat lon cut1 cut1 y x one, coord(2) xreg(2)", "some lack a value"),
        ("replace lat = . in 3", "acreg y x, spatial latitude(lat) longitude(lon) dist(400)", "`lat` is missing"),
    ],
)
def test_rows_without_a_value_or_a_place(places, change, command, why):
    found = run(places, change, command).estimations[0]
    with pytest.raises(Declined, match=why):
        _ = found.coefficients
