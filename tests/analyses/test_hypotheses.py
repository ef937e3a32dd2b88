"""[test.NAME]: against statsmodels, sums of squares of restricted models, the definition, R's side, and its causes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from conftest import FIXTURES
from parity.algebra.wald import contrast, wald
from parity.analyses.hypotheses.analysis import ANALYSIS, compare_answers
from parity.analyses.hypotheses.found import answer
from parity.analyses.in_parts import Nothing
from parity.analyses.run import records_of
from parity.base.errors import InputError
from parity.compare.harmonise import combined
from parity.engines.own.fit import estimate
from parity.r.session import missing_r
from parity.results.record import Record, named
from parity.runs.judge_analyses import printed_records
from parity.study.analyses.hypotheses import as_named, restrictions, sides_of
from parity.study.formula import FormulaError
from parity.study.load import parse_study
from parity.study.parts import without
from parity.table.formats import grid_of
from parity.table.verified import Verified

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
TOML = """
[study]
title = "Hypotheses"
unit = "firm"
time = "year"

[derive]
big = "capital > 200"
late = "year > 1944"

[spec.pooled]
formula = "inv ~ value + capital"
convention = "regress"

[spec.clustered]
formula = "inv ~ value + capital"
vcov = { cluster = ["firm"] }
convention = "regress"

[spec.two]
formula = "inv ~ log(value) + capital + late + late:capital | firm"
vcov = { cluster = ["firm", "year"] }
convention = "reghdfe"

[spec.years]
formula = "inv ~ value + i(year, ref=1935) | firm"
vcov = "HC1"
convention = "areg"

[spec.within]
formula = "inv ~ value + capital | firm"
convention = "xtreg"

[spec.random]
formula = "inv ~ value + capital"
model = "random_effects"
convention = "xtreg"

[spec.logit]
formula = "big ~ value + late"
model = "logit"

[spec.weighted]
formula = "inv ~ value + capital"
weights = { frequency = "year" }
convention = "regress"

[spec.iv]
formula = "inv ~ capital | 0 | value ~ l(value, 1) + l(capital, 1)"
convention = "ivregress"

[spec.ols]
formula = "inv ~ capital + value"
where = "l(value, 1) > 0"
convention = "ivregress"

[spec.all_rows]
formula = "inv ~ capital + value"
convention = "ivregress"

[spec.gmm]
formula = "inv ~ capital | 0 | value ~ l(value, 1) + l(capital, 1)"
model = "gmm"
vcov = "HC1"
convention = "ivregress"

[test.joint]
spec = "pooled"
test = ["capital = 0.2", "value = capital"]

[test.chain]
spec = "clustered"
test = "value = capital = 0.1"

[test.nonlinear]
spec = "clustered"
test = "value / capital = 0.5"

[test.normal]
spec = "clustered"
test = ["value", "_cons = -40"]
df = "normal"

[test.robust]
spec = "clustered"
test = "value = capital"
vcov = "HC1"

[test.levels]
spec = "years"
test = ["`year::1936` = `year::1937`", "`year::1954`"]

[test.resid]
spec = "clustered"
test = "value = capital"
df = "resid"

[test.sums]
spec = "clustered"
lincom = ["value + 2*capital", "value - capital", "-(_cons)/10"]

[test.two_ways]
spec = "two"
lincom = ["log(value) - 100*(capital + `late:capital`)", "`I(late * capital)`"]

[test.functions]
spec = "clustered"
nlcom = ["value / capital", "exp(value)^2 - sqrt(capital)", "_cons^3", "log1p(value) * log10(capital) / log(2)",
         "2^-capital"]

[test.odds]
spec = "logit"
nlcom = "exp(late)"

[test.hausman]
spec = "within"
hausman = "random"

[test.more]
spec = "within"
hausman = "random"
form = "sigmamore"

[test.less]
spec = "within"
hausman = "random"
form = "sigmaless"

[test.exogenous]
spec = "iv"
hausman = "ols"
form = "sigmamore"
constant = true

[test.constants]
spec = "iv"
hausman = "all_rows"
constant = true

[test.gmm]
spec = "gmm"
test = ["capital = value", "_cons"]

[test.rows]
spec = "weighted"
test = "value = capital"
"""


def study(more: str = "", text: str = TOML):
    return parse_study(text + more, FIXTURES / "grunfeld" / "study.toml")


def parts(of=None):
    return {name.split(".", 1)[1]: part for name, part in ANALYSIS.parts(of or study()) if not isinstance(part, Nothing)}


@pytest.fixture(scope="module")
def asked():
    return parts()


@pytest.fixture(scope="module")
def found(asked):
    return {name: answer(part).numbers for name, part in asked.items()}


@pytest.fixture(scope="module")
def data():
    return pd.read_csv(FIXTURES / "grunfeld" / "data.csv")


@needs_r
def test_python_and_r_agree(found):
    records = records_of(ANALYSIS, study(), "live")
    assert [r.spec for r in records] == [f"test.{n}" for n in study().test]
    assert all(r.verdict == "agree" and r.digits > 9 for r in records), [
        (r.spec, r.verdict, r.digits, r.note, r.differences) for r in records
    ]
    assert [r.checked for r in records] == [sum(map(len, found[name].values())) for name in study().test]


def whole(numbers, *quantities):
    return [numbers[q][""] for q in quantities]


# ---------------------------------------------------------------- tests


def test_wald_of_homoskedastic_errors_is_the_f_of_two_regressions(found, data):
    """(SSR_r - SSR)/q over SSR/(N - K), the restricted model fitted by itself: inv - .2 (value + capital) on a constant."""
    ssr = smf.ols("inv ~ value + capital", data).fit().ssr
    restricted = data.inv - 0.2 * (data.value + data.capital)
    due = (float(((restricted - restricted.mean()) ** 2).sum()) - ssr) / 2 / (ssr / 197)
    assert whole(found["joint"], "f", "chi2", "df", "df_r", "nobs") == pytest.approx([due, 2 * due, 2, 197, 200], rel=1e-9)
    assert found["joint"]["p"][""] == pytest.approx(stats.f.sf(due, 2, 197), rel=1e-9)


def test_clustered_tests_are_those_of_statsmodels(found, data):
    fit = smf.ols("inv ~ value + capital", data).fit(cov_type="cluster", cov_kwds={"groups": data.firm}, use_t=True)
    due = fit.wald_test("value = capital, value = 0.1", use_f=True, scalar=True)
    assert whole(found["chain"], "f", "df", "df_r") == pytest.approx([float(due.statistic), 2, 9], rel=1e-8)
    assert found["chain"]["p"][""] == pytest.approx(float(due.pvalue), rel=1e-6)
    large = fit.wald_test("value = 0, Intercept = -40", use_f=False, scalar=True)
    assert found["normal"]["chi2"][""] == pytest.approx(float(large.statistic), rel=1e-8)
    assert found["normal"]["p"][""] == pytest.approx(float(large.pvalue), rel=1e-6) and "df_r" not in found["normal"]
    one = fit.wald_test("value = capital", use_f=True, scalar=True)
    assert found["resid"]["f"][""] == pytest.approx(float(one.statistic), rel=1e-8)
    assert found["resid"]["p"][""] == pytest.approx(stats.f.sf(float(one.statistic), 1, 197), rel=1e-7)
    robust = smf.ols("inv ~ value + capital", data).fit(cov_type="HC1", use_t=True).wald_test("value = capital", scalar=True)
    assert found["robust"]["f"][""] == pytest.approx(float(robust.statistic), rel=1e-8)
    assert found["robust"]["df_r"][""] == 197


def test_frequency_weights_are_rows(found, data):
    rows = data.loc[data.index.repeat(data.year)]
    due = smf.ols("inv ~ value + capital", rows).fit().wald_test("value = capital", scalar=True)
    assert whole(found["rows"], "f", "df_r", "nobs") == pytest.approx(
        [float(due.statistic), len(rows) - 3, len(rows)], rel=1e-8
    )


# ---------------------------------------------------------------- combinations and functions


def by_hand(part, response):
    """Value and standard error by a numeric gradient and the spec's own covariance."""
    fitted = estimate(part.side.spec, part.side.design)
    b, v = np.array(fitted.coef), combined(fitted, part.side.design.facts, part.side.spec)
    of = lambda c: response(dict(zip(fitted.terms, c, strict=True)))  # noqa: E731
    step = np.maximum(np.abs(b), 1e-3) * 1e-6
    gradient = np.array([(of(b + s) - of(b - s)) / (2 * s.sum()) for s in np.diag(step)])
    return of(b), float(np.sqrt(gradient @ v @ gradient))


WRITTEN = {
    ("functions", "value / capital"): lambda b: b["value"] / b["capital"],
    ("functions", "exp(value)^2 - sqrt(capital)"): lambda b: np.exp(b["value"]) ** 2 - np.sqrt(b["capital"]),
    ("functions", "_cons^3"): lambda b: b["(Intercept)"] ** 3,
    ("functions", "log1p(value) * log10(capital) / log(2)"): lambda b: (
        np.log1p(b["value"]) * np.log10(b["capital"]) / np.log(2)),
    ("functions", "2^-capital"): lambda b: 2 ** -b["capital"],
    ("sums", "-(_cons)/10"): lambda b: -b["(Intercept)"] / 10,
    ("sums", "value - capital"): lambda b: b["value"] - b["capital"],
    ("two_ways", "log(value) - 100*(capital + `late:capital`)"): lambda b: (
        b["log(value)"] - 100 * (b["capital"] + b["late:capital"])),
    ("odds", "exp(late)"): lambda b: np.exp(b["late"]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_functions_by_hand(asked, found, name, text):
    value, se = by_hand(asked[name], WRITTEN[name, text])
    mine = {q: of[text] for q, of in found[name].items() if text in of}
    assert mine["estimate"] == pytest.approx(value, rel=1e-10) and mine["se"] == pytest.approx(se, rel=1e-6)
    df = {"sums": 9, "two_ways": 9}.get(name, np.inf)
    t = stats.t(df) if np.isfinite(df) else stats.norm()
    assert mine["t"] == pytest.approx(value / se, rel=1e-6) and mine["p"] == pytest.approx(
        2 * t.sf(abs(value / se)), rel=1e-4
    )
    ends = [value - t.ppf(0.975) * se, value + t.ppf(0.975) * se]
    assert [mine["ci_low"], mine["ci_high"]] == pytest.approx(ends, rel=1e-6)
    assert mine.get("df_r") == (df if np.isfinite(df) else None)


# ---------------------------------------------------------------- Hausman


def test_hausman_is_that_of_random_effects(asked, found):
    """Which engines compare with plm and Stata's commands; and sigmaless is the regression with units' means beside."""
    reported = estimate(asked["hausman"].other.spec, asked["hausman"].other.design).stats
    for name, quantity in (("hausman", "hausman"), ("more", "hausman_sigmamore")):
        due = [reported[quantity], reported[f"{quantity}_df"], reported[f"{quantity}_p"]]
        assert whole(found[name], "chi2", "df", "p") == pytest.approx(due, rel=1e-9)
    assert found["less"]["chi2"][""] == pytest.approx(2.131366225, abs=5e-10)  # plm 2.6-5, phtest(method = "aux")


def test_sigmamore_of_instruments_is_the_regression_on_first_stage_residuals(found, data):
    """N R of it: the drop of the sum of squares when residuals of the first stage join, over SSR/N of least squares."""
    d = data.sort_values(["firm", "year"]).assign(z1=lambda x: x.groupby("firm").value.shift(),
                                                  z2=lambda x: x.groupby("firm").capital.shift()).dropna()  # fmt: skip
    d = d.assign(left=smf.ols("value ~ capital + z1 + z2", d).fit().resid)
    short, long = smf.ols("inv ~ capital + value", d).fit(), smf.ols("inv ~ capital + value + left", d).fit()
    due = (short.ssr - long.ssr) / (short.ssr / len(d))
    assert whole(found["exogenous"], "chi2", "df") == pytest.approx([due, 1], rel=1e-7)
    assert set(found["exogenous"]["difference"]) == {"(Intercept)", "capital", "value"}


def test_a_negative_chi_squared_has_no_p(asked):
    part = asked["hausman"]
    turned = replace(part, side=part.other, other=part.side)
    got = answer(turned)
    assert got.numbers["chi2"][""] < 0 and "p" not in got.numbers and "not positive definite" in got.notes[-1]


def test_quadratic_forms_that_have_no_value():
    for v, said in (
        ([[1, 1], [1, 1]], "tells 1 apart"),
        ([[1, 2], [2, 1]], "not positive definite"),
        ([[0, 0], [0, 1]], "no var"),
    ):
        with pytest.raises(ValueError, match=said):
            wald(np.ones(2), np.array(v, dtype=float))
    one = contrast(np.array([2.0, 1.0]), np.array([[4.0, 0], [0, 0]]), np.ones(2))
    assert one is not None and (one.value, one.df) == (1.0, 1)
    assert contrast(np.ones(1), np.zeros((1, 1)), np.ones(1)) is None


# ---------------------------------------------------------------- comparison


@pytest.mark.parametrize("name", ["joint", "sums", "functions", "hausman", "more"])
def test_a_number_that_is_off_differs(asked, name):
    mine = answer(asked[name])
    assert compare_answers(mine.numbers, mine).verdict == "agree"
    for quantity, terms in mine.numbers.items():
        for term, value in terms.items():
            off = value + 1e-6 * max(abs(value), 1e-3)
            other = {**mine.numbers, quantity: {**terms, term: off}}
            assert [(d.quantity, d.term) for d in compare_answers(other, mine).differences] == [(quantity, term)]
    assert compare_answers({q: n for q, n in mine.numbers.items() if q != "df"} | {"more": {"": 1.0}}, mine).differences


def test_what_a_page_and_a_line_say(asked):
    got = ANALYSIS.find(asked["chain"])
    assert got.about["Hypotheses"] == "value = capital = 0.1" and got.about["Covariance"] == "CR1 by firm, as regress has it"
    assert (
        got.about["p"] == "of F with 2 and 9 degrees of freedom, G - 1"
        and got.notes[0] == "CR1 by firm, 9 degrees of freedom, G - 1"
    )
    more = ANALYSIS.find(asked["more"])
    assert more.about["Covariances"] == "both covariances with the error variance of the efficient estimate"
    assert "the two estimates have not the same sample: 190 and 200 rows" in ANALYSIS.find(asked["constants"]).notes


# ---------------------------------------------------------------- what is refused


def test_equations_are_read():
    assert [str(s) for s in sides_of("a == `b = c` = 2")] == ["a", "`b = c`", "2"]
    assert [str(r) for r in restrictions(("a", "b = 0", "a = b = c"))] == ["a", "b", "(a) - (b)", "(a) - (c)"]
    assert as_named("`I(x^2)` - `a` = `b + c`", ("a", "x:x")) == "`x:x` - `a` = `b + c`"
    for wrong in ("a < b", "a >= 1", "a != b", "a ~ b", "a =", "= 1", ""):
        with pytest.raises(FormulaError):
            sides_of(wrong)


@pytest.mark.parametrize(("more", "said"), [
    ('spec = "pooleds"\ntest = "value"', r"test.n.spec: there is no spec `pooleds`: did you mean `pooled`"),
    ('spec = "within"\nhausman = "randm"', r"test.n.hausman: there is no spec `randm`: did you mean `random`"),
    ('spec = "within"\nhausman = "within"', "compared with itself"),
    ('spec = "pooled"\ntest = "valu = 0"', r"test.n.test: there is no coefficient `valu`: did you mean `value`"),
    ('spec = "pooled"\nlincom = "value * capital"', "`value \\* capital` is not linear in the coefficients; write nlcom"),
    ('spec = "pooled"\nlincom = "value = capital"', "is an equation; write test"),
    ('spec = "pooled"\nnlcom = "l(value, 1)"', "no function of coefficients"),
    ('spec = "pooled"\nnlcom = "value and capital"', "no function of coefficients"),
    ('spec = "pooled"\ntest = "value < 1"', "it says what is equal"),
    ('spec = "pooled"\ntest = "value"\nlincom = "value"', "give one of test, lincom, nlcom, hausman, not test and lincom"),
    ('spec = "pooled"', "and this section has none"),
    ('spec = "pooled"\ntest = "value"\nform = "sigmamore"', "belongs to hausman"),
    ('spec = "within"\nhausman = "random"\ndf = "resid"', "is chi-squared"),
    ('spec = "pooled"\ntest = "value"\ndf = "groups"', "has no clusters"),
    ('spec = "clustered"\nhausman = "random"\nform = "sigmaless"', "is of homoskedastic covariances"),
    ('spec = "logit"\nhausman = "pooled"\nform = "sigmaless"', "which has no error variance"),
    ('spec = "pooled"\ntest = "value"\nvcov = { cluster = ["frm"] }', r"there is no column `frm`"),
])  # fmt: skip
def test_what_can_not_be_is_refused(more, said):
    with pytest.raises(InputError, match=said):
        of = study(f"\n[test.n]\n{more}\n")
        list(ANALYSIS.parts(of))


@pytest.mark.parametrize(("more", "said"), [
    ('spec = "years"\ntest = "`year::1900`"', r"there is no coefficient `year::1900`"),
    ('spec = "pooled"\nnlcom = "log(_cons)"', "has no value or no gradient"),
    ('spec = "pooled"\nnlcom = "0*value"', "does not move with any coefficient"),
    ('spec = "pooled"\ntest = ["value = capital", "capital = value"]', "of 2 restrictions this covariance tells 1 apart"),
    ('spec = "random"\ntest = "value"\nvcov = { newey_west = 2 }', "takes iid, HC0, HC1 or cluster covariances"),
    ('spec = "within"\nhausman = "lone"', "have no coefficient in common"),
])  # fmt: skip
def test_what_has_no_answer_says_why(more, said):
    lone = '[spec.lone]\nformula = "inv ~ log(value)"\n'
    (record,) = records_of(ANALYSIS, study(f"\n{lone}[test.n]\n{more}\n", TOML[: TOML.index("[test.joint]")]), "frozen")
    assert record.verdict == "vacuous" and said in record.note


def test_a_test_goes_with_either_of_its_specs():
    of = study()
    assert "hausman" not in without(of, {"random"}).test and "hausman" not in without(of, {"within"}).test
    assert "joint" in without(of, {"random"}).test


# ---------------------------------------------------------------- causes


def entries(name: str, numbers: dict, digits: str = ".7g") -> str:
    out = ""
    for (quantity, term), value in numbers.items():
        out += f'\n[[published]]\nanalysis = "test.{name}"\nterm = "{term}"\nsource = "table 2"\n'
        out += f'statistic = {{ "{quantity}" = "{value:{digits}}" }}\n'
    return out


def with_settings(name: str, **settings):
    of = study()
    return answer(parts(of.model_copy(update={"test": {name: of.test[name].model_copy(update=settings)}}))[name]).numbers


SUM = "value + 2*capital"
CASES = {
    "df-normal": ("joint", lambda f: {("p", ""): stats.chi2.sf(f["joint"]["chi2"][""], 2)}),
    "df-resid": ("sums", lambda f: {("p", SUM): 2 * stats.t.sf(f["sums"]["t"][SUM], 197)}),
    "df-groups": ("resid", lambda f: {("p", ""): stats.f.sf(f["resid"]["f"][""], 1, 9)}),
    "df-convention": ("functions", lambda f: {
        ("p", "value / capital"): 2 * stats.t.sf(f["functions"]["t"]["value / capital"], 9)}),
    "chi2-for-f": ("chain", lambda f: {("f", ""): f["chain"]["chi2"][""]}),
    "lagrange-multiplier": ("joint", lambda f: {
        ("chi2", ""): 200 * (a := f["joint"]["chi2"][""] / 197) / (1 + a)}),
    "likelihood-ratio": ("joint", lambda f: {("chi2", ""): 200 * np.log1p(f["joint"]["chi2"][""] / 197)}),
    "variance-without-k": ("joint", lambda f: {("chi2", ""): 200 * f["joint"]["chi2"][""] / 197}),
    "covariance-iid": ("sums", lambda f: {("se", SUM): 0.048368367637838}),  # R, car 3.1-3, linearHypothesis
    "covariance-hc1": ("chain", lambda f: {("f", ""): with_settings("chain", vcov=study().test["robust"].vcov)["f"][""]}),
    "one-sided": ("sums", lambda f: {("p", SUM): f["sums"]["p"][SUM] / 2}),
    "interval-90": ("sums", lambda f: {
        ("ci_low", SUM): f["sums"]["estimate"][SUM] - stats.t.ppf(0.95, 9) * f["sums"]["se"][SUM]}),
    "form-sigmamore": ("hausman", lambda f: {("chi2", ""): f["more"]["chi2"][""]}),
    "form-sigmaless": ("more", lambda f: {("chi2", ""): f["less"]["chi2"][""]}),
    "form-full": ("less", lambda f: {("chi2", ""): 2.330366894}),  # plm 2.6-5, phtest
    "constant-false": ("constants", lambda f: {("chi2", ""): with_settings("constants", constant=False)["chi2"][""]}),
    "efficient-first": ("hausman", lambda f: {("chi2", ""): -f["hausman"]["chi2"][""]}),
    "all-coefficients": ("exogenous", lambda f: {("p", ""): stats.chi2.sf(f["exogenous"]["chi2"][""], 3)}),
}  # fmt: skip


@pytest.mark.parametrize("cause", CASES)
def test_what_made_a_printed_test_is_named(found, cause):
    name, made = CASES[cause]
    numbers = made(found)
    records = printed_records(study(entries(name, numbers)), ())
    assert {r.verdict for r in records} == {"explained"}, records
    assert cause in {c.id for r in records for c in r.causes}


def test_a_wrong_number_is_not_explained_and_a_right_one_agrees(found):
    f = found["chain"]["f"][""]
    (record,) = printed_records(study(entries("chain", {("f", ""): f * 1.0371})), ())
    assert record.verdict == "disagree"
    (record,) = printed_records(study(entries("chain", {("f", ""): f})), ())
    assert record.verdict == "agree"


# ---------------------------------------------------------------- tables


def table_of(keys: str, found: dict, language: str = "en"):
    of = study(f'\n[table.t]\n{keys}\nlanguage = "{language}"\n')
    about = {"study": of.id, "kind": "test", "reference": "base-r", "candidate": "python", "verdict": "agree", "checked": 1}
    said = "CR1 by firm, 9 degrees of freedom, G - 1"
    records = tuple(Record(spec=f"test.{n}", numbers=named(numbers), note=said, **about) for n, numbers in found.items())
    return grid_of("t", of.tables["t"], Verified(of, (), records))


def rows_of(grid) -> list[list[str]]:
    return [[row.label, *(c.text + c.stars for c in row.cells)] for row in grid.body]


def test_tables_have_a_row_for_each_test(found):
    grid = table_of(
        'kind = "tests"\ncolumns = ["pooled", "clustered", "within"]\nlabels = { "test.chain" = "All alike" }', found
    )
    rows = {row[0]: row[1:] for row in rows_of(grid)}
    f, t, h = found["chain"], found["sums"], found["less"]
    assert rows["All alike"][2:4] == [f"{f['f']['']:.3f}*", f"{f['p']['']:.3f}"] and rows["All alike"][:2] == ["", ""]
    assert rows[SUM][2] == f"{t['t'][SUM]:.3f}***" and rows[SUM][3] == f"{t['p'][SUM]:.3f}"
    assert rows["Hausman: within, random (sigmaless)"][4:] == [f"{h['chi2']['']:.3f}", f"{h['p']['']:.3f}"]
    assert rows["value; _cons = -40"][2].startswith(f"{found['normal']['chi2']['']:.3f}")  # p is of chi-squared
    with pytest.raises(InputError, match=r"a \[test.NAME\] of a spec among the columns"):
        study('\n[table.t]\nkind = "tests"\ncolumns = ["gmm"]\n', TOML.replace('spec = "gmm"\ntest', 'spec = "iv"\ntest'))


def test_the_numbers_of_one_test_are_a_table(found):
    grid = table_of('kind = "analysis"\nanalysis = "test.sums"\nquantities = ["estimate", "df_r", "ci_low"]', found)
    value, se = found["sums"]["estimate"][SUM], found["sums"]["se"][SUM]
    assert rows_of(grid)[0][:3] == [SUM, f"{value:.3f}***", "9"] and grid.body[0].cells[0].below == f"({se:.3f})"
    grid = table_of('kind = "analysis"\nanalysis = "test.chain"', found, "zh")
    assert rows_of(grid)[0][0] == "chain" and "CR1 by firm，自由度 9（G - 1）。" in grid.notes
