"""What papers and the documentation of packages print of analyses, asked of parity: data in `tests/recorded`."""

from __future__ import annotations

import numpy as np
import pytest

from conftest import ROOT
from parity.analyses.distribution.statistics import dagum, gini
from parity.analyses.in_parts import Nothing
from parity.analyses.spatial.analysis import ANALYSIS, spatial
from parity.analyses.spatial.information import covariance
from parity.analyses.spatial.likelihood import _Lag, space_of
from parity.analyses.spatial.sample import Sample
from parity.study.load import parse_study

RECORDED = ROOT / "tests" / "recorded"


def samples(text: str) -> dict[str, Sample]:
    study = parse_study(text, RECORDED / "study.toml")
    return {n.split(".")[1]: p for n, p in ANALYSIS.parts(study) if not isinstance(p, Nothing)}


def section(name: str, spec: str, weights: str, **more: str) -> str:
    keys = {"spec": spec, "weights": weights} | more
    return f"[spatial.{name}]\n" + "".join(f'{k} = "{v}"\n' for k, v in keys.items()) + "symmetric = true\n"


def printed(text: str) -> float:
    """A number of a print, within half of its last digit."""
    return pytest.approx(float(text), abs=0.5001 * 10.0 ** -len(text.partition(".")[2]), rel=0)


COLUMBUS = (
    '[study]\ntitle = "Crime"\ndata = "columbus.csv"\nunit = "id"\ntime = "year"\n'
    '[spec.crime]\nformula = "crime ~ inc + hoval"\n'
    + "".join(section(m, "crime", "columbus_neighbours.csv", model=m) for m in ("lag", "error", "durbin"))
)
#: spatialreg, example of `lagsarlm` and `errorsarlm` (COL.OLD); the lag and error models are those of Anselin (1988),
#: Spatial Econometrics, chapter 12, with his three decimals.
OF_COLUMBUS = {
    "lag": {
        "coef": {"inc": "-1.031616", "hoval": "-0.265926", "rho": "0.43102", "sigma2": "95.494"},
        "se": {"inc": "0.305143", "hoval": "0.088499", "rho": "0.11768"},
        "z": {"inc": "-3.3808", "hoval": "-3.0049", "rho": "3.6626"},
        "direct": {"inc": "-1.0860220", "hoval": "-0.2799509"},
        "indirect": {"inc": "-0.7270848", "hoval": "-0.1874254"},
        "total": {"inc": "-1.8131068", "hoval": "-0.4673763"},
        "likelihood": {"": "-182.3904"},
        # Anselin, Bera, Florax and Yoon (1996), Regional Science and Urban Economics 26(1); spdep, lm.RStests
        "lm": {"error": "5.7231", "lag": "9.3637", "robust error": "0.079495", "robust lag": "3.7200"},
        # spdep, moran.test of COL.OLD$CRIME
        "moran": {"1": "0.51095126"},
    },
    "error": {
        "coef": {"inc": "-0.941312", "hoval": "-0.302250", "lambda": "0.56179", "sigma2": "95.575"},
        "se": {"inc": "0.330569", "hoval": "0.090476", "lambda": "0.13387"},
        "likelihood": {"": "-183.3805"},
    },
    "durbin": {  # its optimiser stops at 1e-6 of W inc
        "coef": {"inc": "-0.914223", "hoval": "-0.293738", "W inc": "-0.52028", "W hoval": "0.24564", "rho": "0.42634"},
        "se": {"inc": "0.331094", "hoval": "0.089212", "W inc": "0.565129", "W hoval": "0.178917", "rho": "0.15623"},
        "likelihood": {"": "-181.3935"},
    },
}  # fmt: skip


@pytest.mark.parametrize("model", OF_COLUMBUS)
def test_forty_nine_neighbourhoods_of_columbus(model):
    found = spatial(samples(COLUMBUS)[model])
    for quantity, terms in OF_COLUMBUS[model].items():
        for term, text in terms.items():
            assert found[quantity][term] == printed(text), (quantity, term)


AFCON = (
    '[study]\ntitle = "Conflict"\ndata = "afcon.csv"\nunit = "country"\ntime = "year"\n'
    '[derive]\nsquare = "conflict * conflict"\n[spec.conflict]\nformula = "conflict ~ square"\n'
    + section("randomised", "conflict", "afcon_neighbours.csv")
    + section("normal", "conflict", "afcon_neighbours.csv", moran="normality")
)
#: spdep, example of `localmoran` on the conflicts of Anselin (1995), Geographical Analysis 27(2), table 1: I, z and p.
LOCAL = {
    "THE GAMBIA": ("0.37523", "0.40025", "0.6890"), "MALI": ("0.46363", "1.4708", "0.1414"),
    "SENEGAL": ("0.25670", "1.4248", "0.1542"), "BENIN": ("0.19412", "1.2744", "0.2025"),
    "MAURITANIA": ("0.097053", "0.43625", "0.6627"), "NIGER": ("0.23071", "0.80198", "0.4226"),
    "IVORY COAST": ("0.29004", "1.3014", "0.1931"), "GUINEA": ("0.18263", "1.4270", "0.1536"),
    "BURKINA FASO": ("0.50828", "1.5284", "0.1264"), "LIBERIA": ("0.18565", "0.99300", "0.3207"),
    "SIERRA LEONE": ("0.26523", "0.48257", "0.6294"), "GHANA": ("0.14764", "1.1161", "0.2644"),
    "TOGO": ("0.21934", "0.87305", "0.3826"), "CAMEROON": ("0.25925", "0.94198", "0.3462"),
    "NIGERIA": ("0.11377", "1.1880", "0.2348"), "GABON": ("0.20366", "0.62625", "0.5312"),
    "CENTRAL AFRICAN REPUBLIC": ("-0.44206", "-1.5323", "0.1255"), "CHAD": ("-0.10528", "-0.63985", "0.5223"),
    "CONGO": ("0.011380", "0.13402", "0.8934"), "ZAIRE": ("0.70978", "1.6826", "0.0925"),
    "ANGOLA": ("0.11797", "1.3050", "0.1919"), "UGANDA": ("1.9425", "3.0060", "0.0026"),
    "KENYA": ("1.1969", "3.4344", "0.0006"), "TANZANIA": ("0.27185", "0.72774", "0.4668"),
    "BURUNDI": ("-0.48428", "-1.2437", "0.2136"), "RWANDA": ("-0.75236", "-1.9647", "0.0494"),
    "SOMALIA": ("0.45277", "0.95260", "0.3408"), "ETHIOPIA": ("0.72512", "2.7106", "0.0067"),
    "ZAMBIA": ("0.042160", "0.72280", "0.4698"), "ZIMBABWE": ("-0.0095068", "-0.014056", "0.9888"),
    "MALAWI": ("-0.22888", "-0.59413", "0.5524"), "MOZAMBIQUE": ("0.016790", "0.11850", "0.9057"),
    "SOUTH AFRICA": ("-0.18254", "-1.0671", "0.2859"), "LESOTHO": ("-0.41935", "-0.44914", "0.6533"),
    "BOTSWANA": ("-0.0039316", "-0.087403", "0.9304"), "SWAZILAND": ("0.016684", "0.060045", "0.9521"),
    "MOROCCO": ("-0.096961", "-0.28363", "0.7767"), "ALGERIA": ("-0.010037", "-0.40605", "0.6847"),
    "TUNISIA": ("0.0053873", "0.68466", "0.4936"), "LIBYA": ("0.80382", "2.3820", "0.0172"),
    "SUDAN": ("2.9878", "3.6814", "0.0002"), "EGYPT": ("6.9467", "3.4957", "0.0005"),
}  # fmt: skip


def test_local_and_global_moran_of_conflicts_in_africa():
    found, normal = (spatial(samples(AFCON)[n]) for n in ("randomised", "normal"))
    assert found["moran"]["1"] == printed("0.41679563")
    assert found["moran z"]["1"] == printed("4.3485") and normal["moran z"]["1"] == printed("4.147522")
    assert len(found["local"]) == len(LOCAL) == 42
    for country, (i, z, p) in LOCAL.items():
        term = f"{country}:1"
        numbers = [found[q][term] for q in ("local", "local z", "local p")]
        assert numbers == [printed(i), printed(z), printed(p)], country


CIGAR = (
    '[study]\ntitle = "Cigarettes"\ndata = "cigar.csv"\nunit = "name"\ntime = "year"\n'
    '[derive]\nc = "log(sales)"\np = "log(price/cpi)"\ny = "log(ndi/cpi)"\n'
    + "".join(
        f'[spec.{name}]\nformula = "c ~ p + y{effects}"\n' + section(name, name, "cigar_neighbours.csv")
        for name, effects in {"none": "", "unit": " | name", "time": " | year", "both": " | name + year"}.items()
    )
)
#: Elhorst (2014), Matlab Software for Spatial Panels, International Regional Science Review 37(3) (online 2012,
#: doi 10.1177/0160017612452429), table 1: lag, robust lag, error, robust error.
MULTIPLIERS = {
    "none": ("66.47", "58.26", "153.04", "144.84"), "unit": ("136.43", "29.51", "255.72", "148.80"),
    "time": ("44.04", "0.33", "62.86", "19.15"), "both": ("46.90", "1.16", "54.65", "8.91"),
}  # fmt: skip


def net(s: Sample, columns: np.ndarray) -> np.ndarray:
    """Columns less the means of units, of periods, or of both."""
    cube = columns.reshape(len(s.periods), len(s.units), -1)
    if s.effects in ("unit", "both"):
        cube = cube - cube.mean(axis=0, keepdims=True)
    if s.effects in ("time", "both"):
        cube = cube - cube.mean(axis=1, keepdims=True)
    return cube.reshape(columns.shape)


@pytest.mark.parametrize("effects", MULTIPLIERS)
def test_elhorsts_multipliers_of_cigarettes_in_46_states(effects):
    """His programs make W of the demeaned fit net of the demeaned regressors alone. Under effects of periods that isn't net
    of the effects; done so here, those tests are the printed ones, too."""
    s = samples(CIGAR)[effects]
    found = spatial(s)["lm"]
    lag, robust_lag, error, robust_error = MULTIPLIERS[effects]
    assert found["error"] == printed(error)
    if effects in ("none", "unit"):
        assert [found[k] for k in ("lag", "robust lag", "robust error")] == [
            printed(t) for t in (lag, robust_lag, robust_error)
        ]
    y, x = net(s, s.y), np.column_stack([net(s, s.x), *([np.ones(len(s.y))] if effects == "none" else [])])
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    e = y - x @ b
    s2 = e @ e / len(e)
    traces = len(s.periods) * np.trace(s.w @ s.w + s.w.T @ s.w)
    of_fit = s.lag(x @ b)
    own = of_fit @ (of_fit - x @ np.linalg.lstsq(x, of_fit, rcond=None)[0]) / s2 + traces
    of_lag, of_error = e @ s.lag(y) / s2, e @ s.lag(e) / s2
    theirs = (of_lag**2 / own, (of_lag - of_error) ** 2 / (own - traces), of_error**2 / traces,
              (of_error - traces / own * of_lag) ** 2 / (traces * (1 - traces / own)))  # fmt: skip
    assert theirs == tuple(printed(t) for t in MULTIPLIERS[effects])


def test_sdpdmods_lag_model_of_cigarettes_at_its_rho():
    """R's SDPDmod 0.0.5, vignette spatial_model, mod1: its log-determinant is that of the nearest of rhos 0.001 apart, so
    its maximum is beside the likelihood's, 0.29816, by less than that step. What follows from rho is held at its own."""
    s = samples(CIGAR.replace("[spatial.unit]\n", '[spatial.unit]\nmodel = "lag"\n'))["unit"]
    assert spatial(s)["coef"]["rho"] == pytest.approx(0.297576, abs=0.001, rel=0)
    lag = _Lag(space_of(s, durbin=False))
    ends = []
    for rho in (0.2975755, 0.2975765):  # what is printed of it leaves open
        fit = lag.fit(rho)
        ends.append([*fit.own, fit.s2, *np.sqrt(np.diag(covariance(fit)))[:3]])
    for low, high, text in zip(
        *ends, ("-0.5320053", "-0.0007088", "0.006667779", "0.0254445", "0.0152139", "0.028444"), strict=True
    ):
        assert min(max(float(text), min(low, high)), max(low, high)) == printed(text)


#: groups -> Gini's coefficient of 1, 2, 3 and 4, and its parts within, net between and of transvariation.
PARTS_OF_FOUR = {"AABB": ("0.25", "0.05", "0.20", "0.00"), "ABBA": ("0.25", "0.10", "0.00", "0.15")}


@pytest.mark.parametrize("groups", PARTS_OF_FOUR)
def test_dagums_parts_of_a_documentation(groups):
    """YssBI, the help of its node `dagum_gini`, and its tests. `dagum_example` has 279 cities."""
    found = dagum(np.array([1.0, 2, 3, 4]), list(groups))
    parts = [found[q] for q in ("gini", "gini within", "gini between", "gini transvariation")]
    assert parts == pytest.approx([float(t) for t in PARTS_OF_FOUR[groups]], abs=1e-12)


def test_gini_of_two_documentations():
    """R's ineq, example of `Gini` (acid's `gini` has its vector, too); Inequality.jl, `gini`, over n(n - 1) pairs."""
    assert gini(np.array([541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261.0])) == printed("0.4620911")
    assert gini(np.array([8, 5, 1, 3, 5, 6, 7, 6, 3.0])) == printed("0.2373737")
