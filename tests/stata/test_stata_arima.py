"""arima in do-files and as a spec: names, e(), what each vce() asks for, and what is declined by name. [TS] arima"""

from __future__ import annotations

import pytest
from statsmodels.tsa.statespace.tests.results.results_sarimax import wpi1_data, wpi1_stationary

from parity.stata.do import run_do
from parity.study.command import spec_of
from parity.study.spec import Spec

LOAD = "import delimited wpi.csv, clear\ntsset t\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    rows = "".join(f"{1960 + i},{value},{i * i % 7}\n" for i, value in enumerate(wpi1_data))
    (folder / "wpi.csv").write_text(f"t,wpi,z\n{rows}")
    return folder


def test_the_manual_s_example(folder):
    code = (
        'arima wpi, arima(1,1,1)\ndi e(ll) " " e(chi2) " " _se[ARMA:L.ar] " " e(df_m)\narima D.wpi, ar(1) ma(1) vce(oim)\n'
    )
    found = run_do(LOAD + code, folder=folder)
    one, other = found.estimations
    assert [c.term for c in one.coefficients] == ["_cons", "ARMA:L.ar", "ARMA:L.ma", "/sigma"]
    ll, chi2, se, df = map(float, found.printed[0].values["text"].split())
    assert (ll, df) == (pytest.approx(wpi1_stationary["loglike"], abs=5e-5), 2)
    assert chi2 == pytest.approx(310.64, rel=4e-4) and se == pytest.approx(wpi1_stationary["se_ar_opg"][0], rel=4e-4)
    assert [c.b for c in other.coefficients] == pytest.approx([c.b for c in one.coefficients])
    assert other.coefficients[1].se == pytest.approx(wpi1_stationary["se_ar_oim"][0], rel=4e-4) and not found.findings


def test_two_lags_of_a_condition(folder):
    (e,) = run_do(f"{LOAD}arima D.wpi z if t > 1980, ar(1/2) vce(robust) nolog\n", folder=folder).estimations
    assert [c.term for c in e.coefficients] == ["z", "_cons", "ARMA:L.ar", "ARMA:L2.ar", "/sigma"]


def test_the_spec_is_the_command_s():
    keys = spec_of("arima wpi z, arima(2,1,0)", "", "t")
    spec = Spec.model_validate({"id": "s", **keys})
    assert (str(spec.formula), spec.arma) == ("d(wpi, 1) ~ d(z, 1)", (2, 0))
    assert spec.convention.information == "outer"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("arima wpi, ar(1 4)", "leaves out lags"),
        ("arima wpi, arima(1,1,1) sarima(1,0,0,4)", "seasonal process"),
        ("arima wpi, arima(1,2,1)", "differenced 2 times"),
        ("arima wpi, ar(1) condition", "conditional likelihood"),
        ("arima L.wpi, arima(1,1,0)", "make them columns"),
        ("arima wpi, arima(1,1)", "three numbers"),
        ("arima wpi, arima(1,0,0) ar(1)", "may not be combined"),
        ("arima wpi, ar(1) vce(bootstrap)", "vce(bootstrap)"),
        ("arima D.wpi, ar(1)\npredict e, resid", "predict after arima"),
        ("arima D.wpi z, ar(1)\nmargins, dydx(z)", "margins after arima"),
    ],
)
def test_what_is_declined(folder, command, said):
    assert said in " ".join(f.text for f in run_do(f"{LOAD}{command}\n", folder=folder).findings)


def test_a_series_has_a_time_variable(folder):
    found = run_do("import delimited wpi.csv, clear\narima wpi, ar(1)\n", folder=folder)
    assert "time variable not set" in " ".join(f.text for f in found.findings)
