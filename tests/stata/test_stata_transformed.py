"""jive and xtivreg in do-files: two-stage least squares on columns that they make, against plm and rows left out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from conftest import FIXTURES
from parity.stata.do import run_do
from parity.stata_language.request import Declined
from parity.study.command import request_of, spec_of
from parity.translate.dofile import write_studies
from parity.translate.r import r_lines

DATA = pd.read_csv(FIXTURES / "grunfeld" / "data.csv")
LOAD = "import delimited data.csv, case(preserve) clear asdouble\ngen yr = year - 1935\nxtset firm year\n"


def estimation(command: str, before: str = ""):
    *_, e = run_do(f"{LOAD}{before}{command}\n", FIXTURES / "grunfeld").estimations
    return e


@pytest.mark.parametrize(
    ("option", "b", "se"),
    [  # plm 2.6-5, plm(inv ~ value + yr | capital + yr, model = "random", random.method = "swar", inst.method = "bvk")
        ("re", [0.270979129311, 4.299472023344, -187.999736891403], [0.026957018494, 1.801221230162, 34.328848971433]),
        ("fe", [0.775967775077, -3.454932384966], [0.169804848118, 3.769059015639]),  # the same with model = "within"
    ],
)
def test_instruments_of_a_panel_are_plm_s(option, b, se):
    e = estimation(f"xtivreg inv yr (value = capital), {option}")
    found = e.coefficients[: len(b)]
    assert [c.term for c in e.coefficients] == ["value", "yr", "_cons"] and np.isinf(e.estimated.df)
    assert np.allclose([c.b for c in found], b, rtol=1e-10) and np.allclose([c.se for c in found], se, rtol=1e-10)
    assert np.allclose([c.t for c in found], np.divide(b, se), rtol=1e-10) and "r2" not in e.results.numbers
    small = estimation(f"xtivreg inv yr (value = capital), {option} small")
    assert small.coefficients[0].se == found[0].se and small.estimated.df == (197 if option == "re" else 188)


def test_components_of_variance_are_plm_s():
    """Of the same fit, ercomp(): 49256.42535196 and 3918.52647978, theta 0.3787588118; squared correlations by hand."""
    e = estimation("xtivreg inv yr (value = capital), re").estimated.numbers
    assert [e["sigma_e"] ** 2, e["sigma_u"] ** 2] == pytest.approx([49256.42535196, 3918.52647978], rel=1e-9)
    assert (e["theta"], e["rho"]) == pytest.approx(
        (0.3787588118, 3918.52647978 / (3918.52647978 + 49256.42535196)), rel=1e-9
    )
    both = DATA.assign(xb=0.270979129311 * DATA["value"] + 4.299472023344 * (DATA["year"] - 1935))[["firm", "inv", "xb"]]
    means = both.groupby("firm").transform("mean")
    assert e["r2_o"] == pytest.approx(both.corr().loc["inv", "xb"] ** 2)
    assert e["r2_w"] == pytest.approx((both[["inv", "xb"]] - means).corr().loc["inv", "xb"] ** 2)
    assert e["r2_b"] == pytest.approx(both.groupby("firm").mean().corr().loc["inv", "xb"] ** 2)
    assert (e["N_g"], e["g_min"], e["g_avg"], e["g_max"]) == (10, 20, 20, 20)


def test_what_a_fixed_effects_window_shows_beside():
    """By hand, on columns about their units' means and with the grand means added back. Baltagi's cigarettes, in a log
    of Stata 15, show 2.22e+07 with 32 degrees of freedom where the 32 slopes alone have 256,331: the constant is tested too.
    """
    e = estimation("xtivreg inv yr (value = capital), fe").estimated.numbers
    columns = DATA.assign(yr=DATA["year"] - 1935.0)[["firm", "inv", "value", "yr", "capital"]]
    moved = columns - columns.groupby("firm").transform("mean") + columns.mean()
    one = np.ones(len(DATA))
    y, x, z = (
        moved["inv"].to_numpy(),
        np.column_stack([moved[["value", "yr"]], one]),
        np.column_stack([moved[["capital", "yr"]], one]),
    )
    b = np.linalg.solve(z.T @ x, z.T @ y)
    hat = z @ np.linalg.lstsq(z, x, rcond=None)[0]
    s2 = ((y - x @ b) ** 2).sum() / (200 - 10 - 2)
    assert e["chi2"] == pytest.approx(b @ (hat.T @ hat) @ b / s2) and e["df_m"] == 2
    assert e["sigma_e"] == pytest.approx(np.sqrt(s2))
    both = DATA.assign(xb=columns[["value", "yr"]].to_numpy() @ b[:2])[["firm", "inv", "xb"]]
    means = both.groupby("firm").transform("mean")
    assert e["r2_w"] == pytest.approx((both[["inv", "xb"]] - means).corr().loc["inv", "xb"] ** 2)
    effects = both.groupby("firm").mean()
    u = np.var(effects["inv"] - effects["xb"], ddof=1)
    assert (e["sigma_u"], e["rho"]) == pytest.approx((np.sqrt(u), u / (u + s2))) and e["N_g"] == 10


@pytest.mark.parametrize("robust", [False, True])
def test_instruments_without_the_row_itself(robust):
    """UJIVE1 of Angrist, Imbens and Krueger (1999): each row's first stage is estimated by the others."""
    one = np.ones(len(DATA))
    y, end, first = (DATA[["inv"]].to_numpy()[:, 0], DATA["value"].to_numpy(),
                     np.column_stack([DATA[["year", "capital"]], DATA["capital"] ** 2, one]))  # fmt: skip
    hat = np.array([row @ np.linalg.lstsq(np.delete(first, i, 0), np.delete(end, i), rcond=None)[0]
                    for i, row in enumerate(first)])  # fmt: skip
    x, z = np.column_stack([end, DATA["year"], one]), np.column_stack([hat, DATA["year"], one])
    bread = np.linalg.inv(z.T @ x)
    b = bread @ z.T @ y
    u = y - x @ b
    v = bread @ (z.T @ (z * u[:, None] ** 2) if robust else z.T @ z * (u @ u) / (len(u) - 3)) @ bread.T
    e = estimation(f"jive inv year (value = capital k2){', robust' if robust else ''}", "gen double k2 = capital^2\n")
    assert np.allclose([c.b for c in e.coefficients], b, rtol=1e-6)
    assert np.allclose([c.se for c in e.coefficients], np.sqrt(np.diag(v)), rtol=1e-6)
    assert e.estimated.df == 197 and str(e.resolved.spec.formula) == "inv ~ year | 0 | value ~ `jackknife of value`"


def test_columns_of_two_samples_are_two(tmp_path):
    """1/N and quasi-demeaned columns are others for each command, and so are their names in a study."""
    commands = "".join(f"{c}{s}\n" for c in ("total inv", "xtivreg inv yr (value = capital)") for s in (" if firm < 6", ""))
    fits = run_do(LOAD + commands, FIXTURES / "grunfeld").session.fits
    (folder,) = write_studies(list(fits), tmp_path, "two")
    text = (folder / "study.toml").read_text()
    assert all(name in text for name in ("inv ~ 0 + _1_N_1", "inv ~ 0 + _1_N_2", "GLS_of_inv_3 ~", "GLS_of_inv_4 ~"))


def test_units_of_unequal_length_have_no_components_here():
    with pytest.raises(Declined, match="unequally many rows"):
        _ = estimation("xtivreg inv yr (value = capital), re", "drop in 1\n").resolved


def test_in_a_study_and_in_other_words():
    keys = spec_of("xtivreg inv yr (value = capital), fe", "firm", "year")
    assert keys["formula"] == "inv ~ yr | firm | value ~ capital"
    assert keys["convention"] == {"profile": "ivregress", "small": True, "t_iid": "normal"}
    for command, said in (("xtivreg inv yr (value = capital)", "quasi-demeaned"), ("jive inv (value = capital)", "the row")):
        with pytest.raises(ValueError, match=said):
            spec_of(command, "firm", "year")
        with pytest.raises(Declined, match=said):
            r_lines(request_of(command, "firm", "year"))


@pytest.mark.parametrize(
    ("text", "said"),
    [("jive inv (value = capital), jive2", "ujive1 has"), ("jive inv (value = capital), jive1 jive2", "only one"),
     ("jive inv (value = i.firm)", "factor variables"), ("jive inv value", "no endogenous"),
     ("xtivreg inv (value = capital), fd", "fd of xtivreg"), ("xtivreg inv (value = capital), vce(robust)", "than its own"),
     ("xtivreg inv value, re", "is xtreg"), ("xtivreg inv (value = capital) [aw=yr], fe", "weights not allowed")],
)  # fmt: skip
def test_what_is_declined(text, said):
    with pytest.raises(ValueError, match=said):
        request_of(text, "firm", "year")
