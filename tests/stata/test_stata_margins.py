"""margins after logit, probit and poisson, against numbers that Stata printed, statsmodels, and the definition.

Stata's numbers: `margins, dydx(*)` after `logit grade gpa tuce psi` and `i.psi`, on Spector and Mazzeo's data, as
statsmodels 0.14 keeps them (discrete/tests/results/results_discrete.py, Spector.logit, "taken from margins command").
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm
from statsmodels.datasets import spector
from statsmodels.discrete.tests.results.results_discrete import Spector

from conftest import FIXTURES
from parity.stata.do import run_do


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("margins")
    data = spector.load_pandas().data
    data.columns = [c.lower() for c in data.columns]
    data.assign(w=np.arange(len(data)) % 3 + 1).to_csv(where / "s.csv", index=False)
    pd.read_csv(FIXTURES / "recreation" / "data.csv").to_csv(where / "r.csv", index=False)
    return where


def effects(folder, *commands, data="s.csv"):
    """Label -> (estimate, standard error) of the last margins."""
    done = run_do("\n".join((f"import delimited {data}, asdouble", *commands)), folder)
    assert not done.findings, [f.text for f in done.findings]
    return {p.values["term"]: (p.numbers["estimate"], p.numbers["se"]) for p in done.printed if p.kind == "margins"}


LOGIT = "logit grade gpa tuce psi"
DUMMY = "logit grade gpa tuce i.psi"
#: commands -> effects of gpa, tuce, psi; their standard errors in seven decimals
STATA = {
    (LOGIT, "margins, dydx(*)"): (
        (0.36258084688424, 0.01220841099085, 0.30517768382304), (0.1094412, 0.0177942, 0.0923796)),
    (LOGIT, "margins, dydx(*) atmeans"): (
        (0.53385885781692, 0.01797548988961, 0.44933926079386), (0.237038, 0.0262369, 0.1967626)),
    (LOGIT, "margins, dydx(*) at(gpa=2 psi=1)"): (
        (0.1456333017086, 0.00490359933927, 0.12257689308426), (0.145633, 0.0111226, 0.1777101)),
    (LOGIT, "margins, dydx(*) at(tuce=21 psi=0) atmeans"): (
        (0.25105129214546, 0.00845311433473, 0.2113052923675), (0.1735778, 0.012017, 0.0971515)),
    (DUMMY, "margins, dydx(*)"): (
        (0.36258084688424, 0.01220841099085, 0.35751515254729), (0.1094412, 0.0177942, 0.1420034)),
    (DUMMY, "margins, dydx(*) atmeans"): (
        (0.53385885781692, 0.01797548988961, 0.4564984096959), (0.237038, 0.0262369, 0.1810537)),
}  # fmt: skip


@pytest.mark.parametrize("commands", STATA, ids=lambda c: " / ".join(c))
def test_effects_are_those_that_stata_printed(folder, commands):
    values, ses = STATA[commands]
    found = effects(folder, *commands)
    assert list(found) == ["gpa", "tuce", "1.psi" if "i.psi" in commands[0] else "psi"]
    for (value, se), due, due_se in zip(found.values(), values, ses, strict=True):
        assert value == pytest.approx(due, rel=2e-6)  # their maximum has some seven digits
        assert se == pytest.approx(due_se, abs=1.5e-6)


#: `poisson mdvis lncoins idp lpi fmde physlm disea hlthg hlthf hlthp`, the RAND health insurance experiment (Cameron and
#: Trivedi), without and with i. before its dummies: the same file, RandHIE.poisson.
POISSON = {
    False: ((-0.15027280560599, -0.70677348928158, 0.10094500919705, -0.09890639687842, 0.77721770295359, 0.09708707452600,
             -0.03614158359367, 0.15462412033340, 0.58957704430148),
            (0.008273103, 0.0305119343, 0.0052466639, 0.0046317555, 0.0351582168, 0.0016652181, 0.0264611158, 0.0437974779,
             0.0752099666)),
    True: ((-0.15027280560599, -0.66568074771099, 0.10094500919706, -0.09890639687842, 0.77721770295360, 0.09708707452600,
            -0.03608195237609, 0.15804581481115, 0.65104087597053),
           (0.008273103, 0.0269856266, 0.0052466639, 0.0046317555, 0.0351582169, 0.0016652181, 0.0263736472, 0.0457480115,
            0.0913901155)),
}  # fmt: skip


@pytest.mark.parametrize("factors", POISSON)
def test_effects_on_counts_are_those_that_stata_printed(tmp_path, factors):
    from statsmodels.datasets import randhie

    data = randhie.load_pandas().data
    data.to_csv(tmp_path / "s.csv", index=False)
    i = "i." if factors else ""
    line = f"poisson mdvis lncoins {i}idp lpi fmde physlm disea {i}hlthg {i}hlthf {i}hlthp"
    found = list(effects(tmp_path, line, "margins, dydx(*)").values())
    assert [v for v, _ in found] == pytest.approx(POISSON[factors][0], rel=2e-7)  # where Stata stopped
    assert [s for _, s in found] == pytest.approx(POISSON[factors][1], rel=1e-6)


@pytest.mark.parametrize(("line", "model"), [
    ("logit grade gpa tuce psi", sm.Logit), ("probit grade gpa tuce psi", sm.Probit),
    ("logistic grade gpa tuce psi", sm.Logit),
])  # fmt: skip
@pytest.mark.parametrize("at", ["overall", "mean"])
def test_effects_on_a_probability_are_those_of_statsmodels(folder, line, model, at):
    data = pd.read_csv(folder / "s.csv")
    x = sm.add_constant(data[["gpa", "tuce", "psi"]], prepend=False)
    due = model(data.grade, x).fit(disp=0, tol=1e-13).get_margeff(at=at)
    found = np.array([*effects(folder, line, "margins, dydx(*)" + (" atmeans" if at == "mean" else "")).values()])
    assert found[:, 0] == pytest.approx(due.margeff, rel=1e-7)
    assert found[:, 1] == pytest.approx(due.margeff_se, rel=1e-6)


@pytest.mark.parametrize("at", ["overall", "mean"])
def test_effects_on_a_mean_are_those_of_statsmodels(folder, at):
    data = pd.read_csv(folder / "r.csv")
    x = sm.add_constant(data[["quality", "ski", "income"]], prepend=False).astype(float)
    fit = sm.Poisson(data.trips.astype(float), x).fit(disp=0, tol=1e-13)
    due = fit.get_margeff(at=at)
    line = "margins, dydx(quality ski income)" + (" atmeans" if at == "mean" else "")
    found = np.array([*effects(folder, "poisson trips quality ski income", line, data="r.csv").values()])
    assert found[:, 0] == pytest.approx(due.margeff, rel=1e-7)
    assert found[:, 1] == pytest.approx(due.margeff_se, rel=1e-6)


def by_hand(folder, line, response):
    """(estimate, se) of `response(b)`, a function of coefficients in Stata's order, by a numeric gradient."""
    (fit,) = run_do(f"import delimited s.csv, asdouble\n{line}", folder).estimations
    b, v = np.array([c.b for c in fit.coefficients]), fit.estimated.V
    steps = np.eye(len(b)) * 1e-5
    gradient = np.array([(response(b + s) - response(b - s)) / 2e-5 for s in steps])
    return response(b), float(np.sqrt(gradient @ v @ gradient))


def test_products_of_variables_move_with_them(folder):
    """x is also in its square and in its product with a factor; a factor's effect is a difference."""
    d = pd.read_csv(folder / "s.csv")
    line = "probit grade c.tuce##c.tuce i.psi##c.gpa, vce(robust)"
    tuce, psi, gpa = d.tuce.to_numpy(), d.psi.to_numpy(), d.gpa.to_numpy()

    def index(b, tuce=tuce, psi=psi, gpa=gpa):
        return np.column_stack([tuce, tuce**2, psi, gpa, psi * gpa, tuce**0]) @ b

    from scipy.stats import norm

    found = effects(folder, line, "margins, dydx(*)")
    due = {
        "tuce": by_hand(folder, line, lambda b: np.mean(norm.pdf(index(b)) * (b[0] + 2 * b[1] * tuce))),
        "1.psi": by_hand(folder, line, lambda b: np.mean(norm.cdf(index(b, psi=psi**0)) - norm.cdf(index(b, psi=0 * psi)))),
        "gpa": by_hand(folder, line, lambda b: np.mean(norm.pdf(index(b)) * (b[3] + b[4] * psi))),
    }
    assert list(found) == list(due)
    for name, (value, se) in due.items():
        assert found[name] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5)), name
    at = effects(folder, line, "margins, dydx(tuce) atmeans")
    t, p, g = tuce.mean(), psi.mean(), gpa.mean()
    value, se = by_hand(folder, line, lambda b: float(
        norm.pdf(np.array([t, t * t, p, g, p * g, 1]) @ b) * (b[0] + 2 * b[1] * t)))  # fmt: skip
    assert at["tuce"] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))


#: statsmodels' name of what Stata printed -> the command
ELASTICITIES = {
    "nodummy_eyex": "margins, eyex(*)", "nodummy_dyex": "margins, dyex(*)", "nodummy_eydx": "margins, eydx(*)",
    "nodummy_eyexmean": "margins, eyex(*) atmeans", "nodummy_dyexmean": "margins, dyex(*) atmeans",
    "nodummy_eydxmean": "margins, eydx(*) atmeans", "nodummy_eydxzero": "margins, eydx(*) at(gpa=0 tuce=0 psi=0)",
    "dummy_eydx": "margins, eydx(*)", "dummy_eydxmean": "margins, eydx(*) atmeans",
}  # fmt: skip


@pytest.mark.parametrize("name", ELASTICITIES)
def test_elasticities_are_those_that_stata_printed(folder, name):
    found = effects(folder, DUMMY if name.startswith("dummy") else LOGIT, ELASTICITIES[name])
    stata = Spector.logit
    for shown, value, se in zip(
        found.values(), getattr(stata, f"margeff_{name}"), getattr(stata, f"margeff_{name}_se"), strict=True
    ):
        assert shown == (pytest.approx(value, rel=1e-6), pytest.approx(se, rel=1e-5, abs=5e-8))


def test_a_factor_has_no_logarithm(folder):
    done = run_do(f"import delimited s.csv, asdouble\n{DUMMY}\nmargins, eyex(psi)", folder)
    assert [f.text for f in done.findings if "psi" in f.text and "no logarithm" in f.text]


def test_elasticities_of_a_linear_prediction(folder):
    """Row by row, and not at the mean row: d ln(x'b)/d ln x is no mean of columns."""
    d = pd.read_csv(folder / "s.csv")
    x = np.column_stack([d.gpa, d.tuce, np.ones(len(d))])
    line = "regress grade gpa tuce"
    value, se = by_hand(folder, line, lambda b: np.mean(b[0] * d.gpa / (x @ b)))
    found = effects(folder, line, "margins, eyex(gpa)")
    assert found["gpa"] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))


def test_over_groups(folder):
    """Of the rows of each group; means are the group's, and effects and responses are at what at() fixes."""
    d = pd.read_csv(folder / "s.csv")
    x = np.column_stack([d.gpa, d.tuce, np.ones(len(d))])
    line = "probit grade gpa tuce"
    found = effects(folder, line, "margins, dydx(gpa) over(psi)")
    at_means = effects(folder, line, "margins, dydx(gpa) over(psi) atmeans")
    assert list(found) == list(at_means) == ["0.psi#gpa", "1.psi#gpa"]
    for level in (0, 1):
        rows = (d.psi == level).to_numpy()
        value, se = by_hand(folder, line, lambda b, rows=rows: np.mean(norm.pdf(x[rows] @ b)) * b[0])
        assert found[f"{level}.psi#gpa"] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))
        value, se = by_hand(folder, line, lambda b, rows=rows: norm.pdf(x[rows].mean(0) @ b) * b[0])
        assert at_means[f"{level}.psi#gpa"] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))
    rows = (d.psi == 1) & (d.w == 2)
    value, se = by_hand(folder, line, lambda b: np.mean(norm.cdf(x[rows.to_numpy()] @ b)))
    several = effects(folder, line, "margins, over(psi w)")
    assert list(several)[:3] == ["0.psi#1.w", "0.psi#2.w", "0.psi#3.w"]
    assert several["1.psi#2.w"] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))


def test_responses_and_effects_at_levels_of_two_factors(folder):
    d = pd.read_csv(folder / "s.csv")
    line = "logit grade gpa tuce i.psi i.w"
    x = np.column_stack([d.gpa, d.tuce, d.psi, d.w == 2, d.w == 3, np.ones(len(d))]).astype(float)

    def at(b, psi, two, three):
        moved = x.copy()
        moved[:, 2:5] = (psi, two, three)
        return 1 / (1 + np.exp(-moved @ b))

    found = effects(folder, line, "margins psi#w")
    assert list(found) == [f"{a}.psi#{b}.w" for a in (0, 1) for b in (1, 2, 3)]
    value, se = by_hand(folder, line, lambda b: np.mean(at(b, 1, 1, 0)))
    assert found["1.psi#2.w"] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))
    slopes = effects(folder, line, "margins psi#w, dydx(gpa)")
    p = lambda b: at(b, 0, 0, 1)  # noqa: E731
    value, se = by_hand(folder, line, lambda b: np.mean(p(b) * (1 - p(b))) * b[0])
    assert slopes["0.psi#3.w#gpa"] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))
    assert list(effects(folder, line, "margins psi, dydx(gpa)")) == ["0.psi#gpa", "1.psi#gpa"]


def test_weights_and_conditions_choose_what_is_averaged(folder):
    d = pd.read_csv(folder / "s.csv")
    line = "logit grade gpa tuce [fw=w]"
    x = np.column_stack([d.gpa, d.tuce, np.ones(len(d))])
    p = lambda b, rows: (1 / (1 + np.exp(-x[rows] @ b)), d.w.to_numpy()[rows])  # noqa: E731
    for tail, rows in (("", np.ones(len(d), bool)), (" if psi == 1", (d.psi == 1).to_numpy())):

        def response(b, rows=rows):
            at, w = p(b, rows)
            return b[0] * np.average(at * (1 - at), weights=w)

        value, se = by_hand(folder, line, response)
        found = effects(folder, line, f"margins{tail}, dydx(gpa)")
        assert found["gpa"] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))


def test_responses_at_each_level_of_a_factor(folder):
    """Predictive margins: every row at psi = 0, then at 1."""
    d = pd.read_csv(folder / "s.csv")
    line = "logit grade gpa tuce i.psi i.w"
    x = np.column_stack([d.gpa, d.tuce, d.psi, d.w == 2, d.w == 3, np.ones(len(d))]).astype(float)

    def response(b, column=2, values=(0.0,)):
        at = x.copy()
        at[:, column : column + len(values)] = values
        return np.mean(1 / (1 + np.exp(-at @ b)))

    found = effects(folder, line, "margins psi")
    assert list(found) == ["0.psi", "1.psi"]
    for value, name in enumerate(found):
        due, se = by_hand(folder, line, lambda b, value=value: response(b, values=(value,)))
        assert found[name] == (pytest.approx(due, rel=1e-8), pytest.approx(se, rel=1e-5))
    found = effects(folder, line, "margins i.w psi")
    assert list(found) == ["1.w", "2.w", "3.w", "0.psi", "1.psi"]
    due, se = by_hand(folder, line, lambda b: response(b, 3, (0.0, 1.0)))
    assert found["3.w"] == (pytest.approx(due, rel=1e-8), pytest.approx(se, rel=1e-5))
    linear = effects(folder, "regress gpa tuce i.psi", "margins psi")
    assert linear["1.psi"][0] - linear["0.psi"][0] == pytest.approx(
        effects(folder, "regress gpa tuce i.psi", "margins, dydx(psi)")["1.psi"][0], rel=1e-9)  # fmt: skip


def test_the_index_and_the_mean_response(folder):
    d = pd.read_csv(folder / "s.csv")
    (fit,) = run_do(f"import delimited s.csv, asdouble\n{LOGIT}", folder).estimations
    b = {c.term: (c.b, c.se) for c in fit.coefficients}
    assert effects(folder, LOGIT, "margins, dydx(gpa) predict(xb)")["gpa"] == pytest.approx(b["gpa"], rel=1e-10)
    assert effects(folder, LOGIT, "margins")["_cons"][0] == pytest.approx(d.grade.mean(), rel=1e-8)


@pytest.mark.parametrize("line", [
    "margins, dydx(gpa) eyex(tuce)", "margins, dydx(gpa) vce(unconditional)", "margins, dydx(gpa) within(psi)",
    "margins [fw=w], dydx(gpa)", "margins, dydx(gpa) predict(n)", "margins gpa##psi", "margins, at((asbalanced) gpa)",
    "margins, expression(exp(xb())*gpa)", "margins, dydx(gpa) expression(exp(xb()))",
])  # fmt: skip
def test_what_is_not_computed_says_so(folder, line):
    done = run_do(f"import delimited s.csv, asdouble\n{LOGIT}\n{line}", folder)
    assert [(f.id, f.line) for f in done.findings] == [("stata-error", 3)]
    assert "is not computed here" in done.findings[0].text and not [p for p in done.printed if p.kind == "margins"]


def test_places_by_lists_statistics_and_expressions(folder):
    """`30(10)60` in a list, (mean) of some covariates, (median) of others, x+1 in every row; the last that is said holds."""
    d = pd.read_csv(folder / "s.csv")
    line = "logit grade gpa tuce i.psi"
    x = np.column_stack([d.gpa, d.tuce, d.psi, np.ones(len(d))]).astype(float)
    logistic = lambda index: 1 / (1 + np.exp(-index))  # noqa: E731

    def due(b, **columns):
        at = x.copy()
        for name, values in columns.items():
            at[:, ["gpa", "tuce", "psi"].index(name)] = values
        return np.mean(logistic(at @ b))

    cases = {
        "at(gpa=(2(.5)3))": [{"gpa": v} for v in (2, 2.5, 3)],
        "at(gpa=(2(1)4) psi=(0 1)) noatlegend": [{"gpa": g, "psi": p} for g in (2, 3, 4) for p in (0, 1)],
        "at((mean) gpa (median) tuce psi=1)": [{"gpa": d.gpa.mean(), "tuce": d.tuce.median(), "psi": 1}],
        "at((mean) _all (p25) tuce)": [{"gpa": d.gpa.mean(), "tuce": np.sort(d.tuce)[7:9].mean(), "psi": d.psi.mean()}],
        "at((mean) _continuous (asobserved) gpa)": [{"tuce": d.tuce.mean()}],
        "at() at(gpa=gen(gpa+1) tuce=20)": [{}, {"gpa": d.gpa + 1, "tuce": 20}],
        "atmeans at((asobserved) psi)": [{"gpa": d.gpa.mean(), "tuce": d.tuce.mean()}],
    }  # fmt: skip
    for options, places in cases.items():
        found = list(effects(folder, line, f"margins, {options}").values())
        assert len(found) == len(places)
        for (value, se), place in zip(found, places, strict=True):
            wanted, error = by_hand(folder, line, lambda b, place=place: due(b, **place))
            assert (value, se) == (pytest.approx(wanted, rel=1e-8), pytest.approx(error, rel=1e-5))


def test_expressions_of_the_index(folder):
    """Odds of each row, averaged; a probability's complement, at two places; after a regression the mean of exp(x'b)."""
    d = pd.read_csv(folder / "s.csv")
    x = np.column_stack([d.gpa, d.tuce, d.psi, np.ones(len(d))]).astype(float)
    moved = lambda gpa: np.column_stack([np.full(len(d), gpa), x[:, 1:]])  # noqa: E731
    odds = effects(folder, LOGIT, "margins, expression(exp(xb()))")["_cons"]
    value, se = by_hand(folder, LOGIT, lambda b: np.mean(np.exp(x @ b)))
    assert odds == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))
    found = effects(folder, LOGIT, "margins, expression(1 - predict(pr)) at(gpa=(2 3))")
    for name, gpa in (("1._at", 2), ("2._at", 3)):
        value, se = by_hand(folder, LOGIT, lambda b, gpa=gpa: np.mean(1 / (1 + np.exp(moved(gpa) @ b))))
        assert found[name] == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))
    linear = effects(folder, "regress gpa tuce psi", "margins, expression(exp(predict()))")["_cons"]
    value, se = by_hand(folder, "regress gpa tuce psi", lambda b: np.mean(np.exp(x[:, 1:] @ b)))
    assert linear == (pytest.approx(value, rel=1e-8), pytest.approx(se, rel=1e-5))
