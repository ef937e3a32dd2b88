"""What only reghdfe and ivreghdfe can be told, by hand: counts of effects, periods, and the variables that they leave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parity.stata.do import run_do
from parity.stata_language.request import Declined
from parity.study.command import spec_of

N, UNITS, PERIODS = 200, 10, 20


@pytest.fixture(scope="module")
def grunfeld(tmp_path_factory):
    from statsmodels.datasets import grunfeld

    folder = tmp_path_factory.mktemp("grunfeld")
    data = grunfeld.load_pandas().data
    data = data[data.firm != "American Steel"].reset_index(drop=True)
    data = data.assign(company=pd.factorize(data.firm)[0] + 1).drop(columns="firm")
    data.to_csv(folder / "g.csv", index=False)
    return folder, data


def run(folder, *commands):
    return run_do("\n".join(("import delimited g.csv, asdouble", "xtset company year", *commands)), folder)


def errors(folder, command):
    return [c.se for c in run(folder, command).estimations[-1].coefficients]


@pytest.mark.parametrize(
    ("asked", "counted"),
    [
        ("", 2 + 19 + 1),  # companies lie within the clusters, of the years one is lost beside the constant
        ("dof(all)", 2 + 19 + 1), ("dofadjustments(pairwise clusters continuous)", 22), ("dofadj(clusters)", 22),
        ("dof(none)", 2 + 10 + 19), ("dof(pairwise)", 31), ("dof(first cont)", 31),
    ],
)  # fmt: skip
def test_effects_are_counted_as_dofadjustments_says(grunfeld, asked, counted):
    command = "reghdfe invest value capital, absorb(company year) vce(cluster company)"
    (se, _, _), (usual, _, _) = errors(grunfeld[0], f"{command} {asked}"), errors(grunfeld[0], command)
    assert se / usual == pytest.approx(np.sqrt((N - 22) / (N - counted)), rel=1e-12)


def test_two_islands_are_two_redundant_levels_for_pairs_alone(tmp_path):
    """Two groups of units that share no period: pairwise and firstpair lose a level of each, none loses one."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame([(i, t) for i in range(6) for t in ((0, 1, 2) if i < 3 else (3, 4, 5))], columns=["i", "t"])
    data = data.assign(x=rng.normal(size=18), y=rng.normal(size=18))
    data.to_csv(tmp_path / "d.csv", index=False)
    commands = (f"reghdfe y x, a(i t) {o}" for o in ("", "dof(none)", "dof(firstpair)"))
    found = run_do("\n".join(("import delimited d.csv, asdouble", *commands)), tmp_path)
    pairs, none, first = (e.coefficients[0].se for e in found.estimations)
    assert none / pairs == pytest.approx(np.sqrt((18 - 1 - 10) / (18 - 1 - 11)), rel=1e-12)
    assert first == pytest.approx(pairs, rel=1e-12)


def test_words_of_dofadjustments_that_go_together_not_and_slopes_that_are_counted():
    for wrong in ("dof(none clusters)", "dof(pairwise firstpair)", "dof(pairs)", "dof(all cont)"):
        with pytest.raises(ValueError, match="dofadjustments"):
            spec_of(f"reghdfe y x, absorb(g t) {wrong}", "g", "t")
    with pytest.raises(ValueError, match="absorbed slopes"):
        spec_of("reghdfe y x, absorb(g##c.t) dof(none)", "g", "t")
    assert spec_of("reghdfe y x, a(g t) dof(none)", "g", "t")["convention"] == {
        "profile": "reghdfe", "redundant": "levels", "count_fixef": "full",
    }  # fmt: skip


def test_ivreghdfe_without_effects_is_ivreg2(grunfeld):
    """ivreghdfe.ado: absorb() implies `small` and `noconstant`; without it neither is said."""
    folder = grunfeld[0]
    for options in ("", ", robust", ", cluster(company) small", ", small"):
        said = f"invest (value = capital){options}"
        ours, theirs = (run(folder, f"{c} {said}").estimations[0] for c in ("ivreghdfe", "ivreg2"))
        assert [(c.term, c.se, c.p) for c in ours.coefficients] == [(c.term, c.se, c.p) for c in theirs.coefficients]
    large = errors(folder, "ivreghdfe invest (value = capital)")
    assert large[0] == pytest.approx(errors(folder, "ivreghdfe invest (value = capital), small")[0] * np.sqrt(198 / 200))


def test_dkraay_of_ivreghdfe(grunfeld):
    """ivreghdfe.ado: (N-1)/(N-K-sdofminus) T/(T-1) around sums by period, weights 1 - l/m; sdofminus is the companies."""
    folder, data = grunfeld
    within = data - data.groupby("company").transform("mean").reindex(columns=data.columns)
    y, x, z = (within[n].to_numpy() for n in ("invest", "value", "capital"))
    b = (z @ y) / (z @ x)
    moments = pd.Series(z * (y - b * x)).groupby(data.year).sum().to_numpy()
    middle = moments @ moments + 2 * sum((1 - lag / 3) * (moments[lag:] @ moments[:-lag]) for lag in (1, 2))
    scale = (N - 1) / (N - 1 - UNITS) * PERIODS / (PERIODS - 1)
    due = np.sqrt(scale * middle) / abs(z @ x)
    found = run(folder, "ivreghdfe invest (value = capital), absorb(company) dkraay(3)").estimations[0]
    assert found.coefficients[0].se == pytest.approx(due, rel=1e-9)
    assert found.results.numbers["df_r"] == PERIODS - 1
    written = spec_of("ivreghdfe y (x = z), absorb(g) dkraay(3)", "g", "t")
    assert written["vcov"] == {"driscoll_kraay": 2} and "t" not in written["formula"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("absorb(company year) dkraay(2)", "lies within the periods"),
        ("absorb(company) dkraay(2) bw(3)", "cannot use dkraay"),
        ("absorb(company) dkraay(2) cluster(company)", "must cluster"),
        ("absorb(company) bw(2)", "bw()"), ("absorb(company) dkraay(2) kernel(qs)", "kernel"),
        ("absorb(company) dkraay(x)", "whole number"), ("absorb(company) dkraay(2) gmm2s", "no engine here"),
    ],
)  # fmt: skip
def test_what_dkraay_of_ivreghdfe_goes_not_with(grunfeld, options, why):
    found = run(grunfeld[0], f"ivreghdfe invest (value = capital), {options}")
    if found.estimations and found.estimations[0].request is not None:
        with pytest.raises(Declined, match=why):
            _ = found.estimations[0].resolved
    else:
        assert any(why in f.text for f in found.findings)


def test_reghdfe_leaves_residuals_and_the_effect(grunfeld):
    folder, data = grunfeld
    found = run(
        folder, "drop if year == 1935 & company == 2",
        "reghdfe invest value if company > 1, absorb(u=company) residuals(e)",
        "reghdfe invest value, absorb(company year) resid groupvar(m)", "reghdfe invest value, absorb(a=company b=year)",
        "reghdfe invest value, absorb(company, savefe) residuals(e)",
    )  # fmt: skip
    kept = data[~((data.year == 1935) & (data.company == 2))]
    used = kept.company > 1
    within = kept[used][["invest", "value"]] - kept[used].groupby("company")[["invest", "value"]].transform("mean")
    b = (within.value @ within.invest) / (within.value @ within.value)
    e = np.full(len(kept), np.nan)
    e[used] = within.invest - b * within.value
    means = kept[used].groupby("company")[["invest", "value"]].transform("mean")
    level = means.invest - b * means.value
    u = np.full(len(kept), np.nan)
    u[used] = level - level.mean()
    columns = found.data.columns
    assert columns["e"].kind == columns["u"].kind == "double"
    np.testing.assert_allclose(columns["e"].values, e, atol=1e-8)
    np.testing.assert_allclose(columns["u"].values, u, atol=1e-7)
    assert not columns["e"].doubts and "_reghdfe_resid" in columns
    assert all(columns[n].doubts and np.isnan(columns[n].values).all() for n in ("m", "a", "b"))
    assert "__hdfe1__" not in columns and any("e already defined" in f.text for f in found.findings)  # r(110)
    assert len(found.estimations) == 3


def test_a_command_without_a_varlist_shows_its_estimates_again(grunfeld):
    found = run(grunfeld[0], "reghdfe invest value, absorb(company)", "reghdfe", "reghdfe, coeflegend", "areg, level(90)")
    assert len(found.estimations) == 1
    assert [(f.line, f.text.partition(";")[0]) for f in found.findings if f.taints] == [(6, "last estimates not found")]


@pytest.mark.parametrize(
    "command",
    [
        "ivregress 2sls {}, small",
        "ivregress liml {}",
        "ivregress gmm {}",
        "ivreg2 {}, robust",
        "ivreghdfe {}, absorb(company)",
    ],
)
def test_an_instrument_that_is_a_regressor_too_counts_once(grunfeld, command):
    folder, once = grunfeld[0], "invest capital (value = L.value)"
    twice, triple = "invest capital (value = capital L.value)", "invest capital (value = L.value capital L.value)"
    given, same, again = (run(folder, command.format(x)).estimations[0] for x in (once, twice, triple))
    assert [(c.term, c.b, c.se) for c in given.coefficients] == [(c.term, c.b, c.se) for c in same.coefficients]
    assert [(c.term, c.b, c.se) for c in given.coefficients] == [(c.term, c.b, c.se) for c in again.coefficients]
    assert same.resolved.spec == given.resolved.spec


def test_no_instrument_of_its_own_identifies_nothing(grunfeld):
    found = run(grunfeld[0], "ivregress 2sls invest capital (value = capital)")
    assert not found.estimations and "not identified" in found.findings[-1].text


LONG = (
    "set obs 120\ngen id = _n\ngen g = ceil(_n / 3)\ngen x = mod(g * 7, 11)\ngen y = 2 * x + mod(g * g, 13)\n"
    "gen yr = mod(g, 4)\ngen w = 1 + mod(g, 5)\ngen c = mod(g, 9)\nreplace y = . in 4/5\n"
)


@pytest.mark.parametrize(
    ("weight", "options"),
    [("", "absorb(yr)"), ("[fw=w]", "absorb(yr)"), ("[aw=w]", "absorb(yr) vce(cluster c)"), ("", "absorb(yr c) vce(robust)"),
     ("", "noabsorb")],
)  # fmt: skip
def test_group_of_reghdfe_takes_one_row_of_each_group(weight, options, tmp_path):
    """test/part2/demo_groups.do of reghdfe: the long data with group(), and the wide data without, are one."""
    source = f"{LONG}reghdfe y x {weight}, {options} gr(g) aggregation(sum)\ncount if e(sample)\nglobal n = r(N)\n" \
             f"drop if missing(y)\nbysort g (id): keep if _n == 1\nreghdfe y x {weight}, {options}"  # fmt: skip
    result = run_do(source, tmp_path)
    long, wide = result.estimations
    assert not result.findings and result.session.macros.globals["n"] == "40"
    assert long.coefficients == wide.coefficients and long.results.numbers["N"] == wide.results.numbers["N"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("reghdfe y x, absorb(yr id) group(g) individual(id)", "individual() adds up the effects of all members"),
        ("reghdfe y x, absorb(yr) indiv(id)", "cannot set the individual() identifiers without the group()"),
        ("reghdfe y id, absorb(yr) group(g)", "variable id is not constant within g; r(498)"),
        ("reghdfe y x [aw=id], absorb(yr) group(g)", "the weights are not constant within g; r(498)"),
        ("reghdfe y x, absorb(yr) vce(cluster id) group(g)", "variable id is not constant within g; r(498)"),
        ("reghdfe y x, absorb(id) group(g)", "id is absorbed and not constant within g"),
        ("reghdfe y x, absorb(yr) group(nosuch)", "variable nosuch not found; r(111)"),
    ],
)
def test_group_of_reghdfe_refuses_rows_that_differ(command, said, tmp_path):
    found = run_do(LONG + command, tmp_path).findings
    assert said in found[0].text and "groupvar" not in found[0].text
