"""`assert_parity`: takes what packages return, compares strictly, and names the cause."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from conftest import FIXTURES
from parity import assert_parity, engines
from parity.base.errors import InputError
from parity.data.load import load_frame
from parity.diagnose.search import Search
from parity.engines.own import fit
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.testing.read import read

GRUNFELD = load_study(FIXTURES / "grunfeld")
FRAME = load_frame(GRUNFELD)
ONE = {"study": GRUNFELD, "spec": "one_reghdfe"}  # inv ~ capital | firm + year, clustered by firm
SE = 0.0632812940898  # of capital under reghdfe's convention
COEF = 0.413801834621


def failure(*args, **kwargs) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_parity(*args, **kwargs)
    return str(caught.value)


def sentence(*args, **kwargs) -> str:
    return " ".join(failure(*args, **kwargs).split())


# ---------------------------------------------------------------- what is taken


@pytest.fixture(scope="module")
def pooled():
    import statsmodels.api as sm

    return sm.OLS(FRAME["inv"], sm.add_constant(FRAME[["value", "capital"]])).fit(
        cov_type="cluster", cov_kwds={"groups": FRAME["firm"]}, use_t=True
    )


@pytest.fixture(scope="module")
def panel():
    from linearmodels.panel import PooledOLS

    data = FRAME.set_index(["firm", "year"]).assign(const=1.0)
    return PooledOLS(data["inv"], data[["const", "value", "capital"]]).fit(
        cov_type="clustered", cluster_entity=True, group_debias=True
    )


@pytest.fixture(scope="module")
def feols():
    import pyfixest as pf

    return pf.feols("inv ~ value + capital", data=FRAME, vcov={"CRV1": "firm"})


def test_results_of_the_packages_agree_with_the_spec_and_each_other(pooled, panel, feols):
    spec = {"study": GRUNFELD, "spec": "pooled"}
    assert_parity(pooled, **spec)
    assert_parity(feols, **spec)
    assert_parity(panel, **spec, ignore=("t", "p", "ci_low", "ci_high"))  # N - K where regress has G - 1
    assert_parity(pooled, feols, ignore=("df_resid",))
    assert_parity(feols, "py-statsmodels", **spec)


TZ = {"t": {"coef": 1.0, "se": 2.0}, "z": {"coef": 3.0, "se": 4.0}}


@pytest.mark.parametrize("names", [("t", "z"), ("b", "beta"), ("p", "t"), ("low", "high")])
def test_terms_that_are_called_as_quantities_are_all_compared(names):
    right = dict(zip(names, TZ.values(), strict=True))
    assert_parity(right, right)
    said = failure({**right, names[0]: {"coef": 999.0, "se": 9.0}}, right)
    assert f"coef {names[0]}" in said and f"se {names[0]}" in said
    turned = {q: {n: right[n][q] for n in names} for q in ("coef", "se")}
    assert_parity(turned, right)
    assert "se " + names[1] in failure({**turned, "se": {**turned["se"], names[1]: 5.0}}, right)


@pytest.mark.parametrize(
    "given",
    [
        {"t": {"x": 1.0}, "z": {"x": 2.0}},
        {"x": {"coef": 1.0, "b": 2.0}},
        {"x": {"coef": 1.0}, "w": {"se": 1.0, "Std. Error": 2.0}},
        {1: 2.0, "1": 3.0},
    ],
)
def test_two_keys_for_one_number_are_refused(given):
    with pytest.raises(TypeError, match="twice, under two keys"):
        assert_parity(given, given)


@pytest.mark.parametrize("given", [{"t": {"p": 0.1}, "p": {"t": 3.0}}, {"coef": {"se": 1.0}, "se": {"coef": 2.0}}])
def test_a_dictionary_that_can_be_read_in_two_ways_is_refused(given):
    with pytest.raises(TypeError, match="read in two ways"):
        assert_parity(given, given)


def test_tables_and_dictionaries(pooled):
    import pandas as pd

    spec = {"study": GRUNFELD, "spec": "pooled"}
    table = pd.DataFrame(
        {"Estimate": pooled.params, "Std. Error": pooled.bse, "t value": pooled.tvalues, "Pr(>|t|)": pooled.pvalues}
    )
    assert set(q for q, _ in read(table, "candidate").numbers) == {"coef", "se", "t", "p"}
    assert_parity(table, **spec)
    assert_parity(table.reset_index(names="term"), **spec)
    assert_parity({name: (pooled.params[name], pooled.bse[name]) for name in pooled.params.index}, **spec)
    assert_parity({"coef": dict(pooled.params), "se": dict(pooled.bse)}, **spec)
    assert_parity({"capital": {"coef": pooled.params["capital"]}}, **spec, terms=["capital"])
    assert_parity(1.0, 1.0 + 1e-12)


def test_parity_s_own_estimates():
    spec = GRUNFELD.spec("one_reghdfe")
    design = build_design(GRUNFELD, spec, FRAME)
    assert_parity(fit.estimate(spec, design), **ONE)
    assert_parity(engines.engine("py-pyfixest").estimate(spec, design), **ONE)


def test_a_formula_and_data_are_enough():
    given = {"data": FRAME, "formula": "inv ~ capital | firm + year", "vcov": {"cluster": ["firm"]}, "convention": "reghdfe"}
    assert_parity({"capital": (COEF, SE)}, **given, accuracy="iterative")
    said = sentence({"capital": (COEF, 0.0617571323)}, **given, unit="firm", time="year", accuracy="iterative")
    assert "linearmodels" in said


FROM_R = """
import rpy2.robjects as robjects
from parity import assert_parity
table = robjects.r("matrix(c(1, 2, .5, .25), ncol = 2, dimnames = list(c('(Intercept)', 'x'), c('Estimate', 'Std. Error')))")
assert_parity(table, {"const": (1, .5), "x": (2, .25)})
cars = {"(Intercept)": (-17.5790948905109, 6.75844016937923), "speed": (3.93240875912409, 0.415512776657122)}
fits = "lm(dist ~ speed, cars)", "summary(lm(dist ~ speed, cars))", "as.data.frame(summary(lm(dist ~ speed, cars))$coef)"
for text in fits:
    assert_parity(robjects.r(text), cars, accuracy="exact")
try:
    assert_parity(robjects.r("lm(dist ~ speed, cars[-1, ])"), cars)
except AssertionError:
    print("told apart")
"""


def test_results_from_r():
    """In a process of its own: R leaves its library path in the environment."""
    if not importlib.util.find_spec("rpy2") or not shutil.which("R"):
        pytest.skip("R or rpy2 is not installed")
    done = subprocess.run([sys.executable, "-c", FROM_R], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "told apart", done.stderr


def test_the_columns_of_other_packages_are_named(pooled):
    assert_parity({"x1": (pooled.params["capital"], pooled.bse["capital"])}, study=GRUNFELD, spec="pooled",
                  names={"x1": "capital"}, terms=["capital"])  # fmt: skip


def test_a_wrong_word_in_another_spec_is_no_trouble(pooled, tmp_path):
    shutil.copytree(FIXTURES / "grunfeld", tmp_path / "g")
    with (tmp_path / "g" / "study.toml").open("a", encoding="utf-8") as file:
        file.write('\n[spec.words]\nformula = "inv ~ value"\nvcov = "HC9"\n')
    own = {"capital": (pooled.params["capital"], pooled.bse["capital"])}
    assert_parity(own, study=tmp_path / "g", spec="pooled", terms=["capital"])
    with pytest.raises(InputError, match="`HC9` is none of"):
        assert_parity(own, study=tmp_path / "g", spec="words", terms=["capital"])


# ---------------------------------------------------------------- what fails


@pytest.mark.parametrize(
    ("se", "cause"),
    [
        (0.0617571323, "linearmodels"),
        (0.0649347850, "nested"),
        (0.0600171446, "cause:"),
        (0.0259782118, "iid"),
    ],
)
def test_the_cause_is_named(se, cause):
    said = sentence({"capital": (COEF, se)}, **ONE, accuracy="iterative")
    assert "1 of 2 quantities differ" in said and "EXPLAINED" in said and cause in said


def test_a_departing_reference_is_explained_too():
    said = sentence({"capital": (COEF, SE)}, {"capital": (COEF, 0.0617571323)}, **ONE, accuracy="iterative")
    assert "EXPLAINED" in said


def test_small_differences_are_not_let_pass(pooled, monkeypatch):
    """None of them has a cause: one at a time is looked for."""
    whole = Search.run
    monkeypatch.setattr(Search, "run", lambda self, most=1: whole(self, min(most, 1)))
    spec = {"study": GRUNFELD, "spec": "pooled"}
    numbers = {name: [pooled.params[name], pooled.bse[name]] for name in pooled.params.index}
    for i, name in ((0, "const"), (1, "capital")):
        moved = {k: list(v) for k, v in numbers.items()}
        moved[name][i] *= 1 + 1e-8
        assert "1 of 6 quantities differ" in failure(moved, **spec)
    assert "only the reference has it" in failure({k: v for k, v in numbers.items() if k != "value"}, **spec)
    assert "only the candidate has it" in failure({**numbers, "more": [1.0, 2.0]}, **spec)
    assert "quantities differ" in failure({**numbers, "value": [float("nan"), 1.0]}, **spec)
    assert "nothing was compared" in failure({"a": 1.0}, {"a": {"se": 1.0}})


def test_patterns_without_a_specification():
    reference = {"x": (1.0, 0.5), "z": (2.0, 0.3)}
    factor = {"x": (1.0, 0.5 * np.sqrt(0.95)), "z": (2.0, 0.3 * np.sqrt(0.95))}
    assert "Every variance of the candidate is 0.95 times" in sentence(factor, reference)
    assert "varies by term" in sentence({"x": (1.0, 0.6), "z": (2.0, 0.3)}, reference)
    assert "The coefficients differ" in sentence({"x": (1.1, 0.5), "z": (2.0, 0.3)}, reference)


def test_a_known_factor_and_another_distribution_are_named_from_counts():
    import statsmodels.api as sm

    x = sm.add_constant(FRAME[["value", "capital"]])
    plain = sm.OLS(FRAME["inv"], x).fit(cov_type="HC0")
    assert "It is N/(N - K) with N = 200, K = 3" in sentence(sm.OLS(FRAME["inv"], x).fit(cov_type="HC1"), plain)
    said = sentence(sm.OLS(FRAME["inv"], x).fit(cov_type="HC0", use_t=True), plain)
    assert "p-values come from t with N - K = 197, the reference's from the normal distribution" in said


@pytest.mark.parametrize(
    ("args", "kwargs", "error"),
    [
        ((object(), {"x": 1.0}), {}, TypeError),
        (({"x": 1.0},), {}, TypeError),
        (({"x": 1.0},), {"study": GRUNFELD}, TypeError),
        (({"x": 1.0},), {"data": FRAME}, TypeError),
        (({"x": 1.0},), {"data": FRAME, "formula": "inv ~ vale"}, InputError),
        (({"x": 1.0},), {"data": FRAME, "formula": "inv ~"}, InputError),
        (({"x": 1.0}, "py-pyfixst"), ONE, InputError),
        (({}, {"x": 1.0}), {}, TypeError),
    ],
)
def test_wrong_calls_are_told(args, kwargs, error):
    with pytest.raises(error):
        assert_parity(*args, **kwargs)


def test_importing_it_imports_no_estimation_package():
    heavy = ("pandas", "pyfixest", "linearmodels", "statsmodels")
    code = f"import parity, sys; parity.assert_parity; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


WRONG = {"x": (1.0, 9.9), "y": (2.0, 0.2)}
RIGHT = {"x": (1.0, 0.1), "y": (2.0, 0.2)}


@pytest.mark.parametrize(
    "candidate, reference, kwargs, told",
    [
        (WRONG, RIGHT, {"terms": ["z"]}, "neither side has the term `z`"),
        (WRONG, RIGHT, {"accuracy": "loose"}, "accuracy is one of exact"),
        ({"a": 1.0, "b": 2.0}, {"x": 2.0}, {"names": {"a": "x", "b": "x"}}, "are called `x`: a, b"),
        ({"const": 1.0, "Intercept": 2.0}, {"Intercept": 2.0}, {}, "are called `(Intercept)`"),
        ({"x": (1.0, 0.1, 3.0)}, RIGHT, {}, "gives 3 numbers for `x`"),
        (pd.DataFrame([[1.0, 2.0]], ["x"], ["coef", "estimate"]), {"x": 1.0}, {}, "two columns for coef"),
        (pd.DataFrame({"coef": [1.0], "se": ["0.1*"]}, ["x"]), RIGHT, {}, "`se` of the candidate holds something else"),
    ],
)  # fmt: skip
def test_what_would_leave_numbers_uncompared_is_told(candidate, reference, kwargs, told):
    with pytest.raises(TypeError, match=re.escape(told)):
        assert_parity(candidate, reference, **kwargs)


def test_a_column_of_mixed_type_is_compared():
    mixed = pd.DataFrame({"coef": [1.0], "se": pd.Series([9.9], dtype=object).to_numpy()}, ["x"])
    with pytest.raises(AssertionError, match=r"se x: 0\.1 and 9\.9"):
        assert_parity(mixed, {"x": (1.0, 0.1)})


def test_counts_alone_are_no_comparison(pooled):
    with pytest.raises(AssertionError, match="nothing was compared"):
        assert_parity(pooled, pooled, terms=[])


TABLE = pd.DataFrame({"coef": [1.0, 2.0], "se": [0.1, 0.2]}, ["x", "y"])


@pytest.mark.parametrize(
    "heading, near",
    [
        ("robust_se", "is it `se`?"),
        ("Std. Error (robust)", "is it `se`?"),
        ("Std Errs", "is it `se`?"),
        ("5.0%", "Known: coef, se"),
        ("p adjusted", "is it `p`?"),
        ("whatever", "Known: coef, se"),
    ],
)
def test_numbers_under_an_unknown_heading_are_no_agreement(heading, near):
    """They would be compared with nothing, and the test would pass whatever they are."""
    given = TABLE.assign(**{heading: [9.9, 9.9]})
    with pytest.raises(TypeError, match=re.escape(f"has a column `{heading}`")) as told:
        assert_parity(given, RIGHT)
    assert near in str(told.value) and f'ignore=["{heading}"]' in str(told.value)
    with pytest.raises(TypeError, match="the reference has a column"):
        assert_parity(RIGHT, given)
    assert_parity(given, RIGHT, ignore=[heading])
    assert_parity(given, RIGHT, ignore=heading)
    with pytest.raises(TypeError, match="has a column"):
        assert_parity(TABLE.assign(**{heading: ["9.9***", "(9.9)"]}), RIGHT)


def test_standard_errors_by_any_of_their_names_are_compared():
    for heading in ("Std Errors", "Standard Errors", "std_errors", "Std. Error", "bse"):
        wrong = pd.DataFrame({"coef": [1.0, 2.0], heading: [9.9, 0.2]}, ["x", "y"])
        with pytest.raises(AssertionError, match=r"se x: 0\.1 and 9\.9"):
            assert_parity(wrong, RIGHT)


def test_words_beside_numbers_are_no_numbers():
    assert_parity(TABLE.assign(stars=["***", ""], outcome="inv", kept=[True, False]), RIGHT)


@pytest.mark.parametrize(
    "given",
    [
        {"x": {"coef": 1.0, "robust_se": 9.9}, "y": {"coef": 2.0}},
        {"coef": {"x": 1.0, "y": 2.0}, "robust_se": {"x": 9.9, "y": 9.9}},
    ],
)
def test_unknown_keys_of_a_dictionary_are_told_and_may_be_left_out(given):
    with pytest.raises(TypeError, match="`robust_se`, which is no quantity known here"):
        assert_parity(given, RIGHT)
    assert_parity(given, RIGHT, ignore=["robust_se"])


def test_degrees_of_freedom_beside_the_terms_are_those_of_t():
    """As estimatr's tidy() has them."""
    given = TABLE.assign(df=[9.0, 9.0])
    assert read(given, "candidate").counts == {"df_t": 9.0}
    with pytest.raises(AssertionError, match="df_t: 9 and 8"):
        assert_parity(TABLE.assign(df=[8.0, 8.0]), given)
    with pytest.raises(TypeError, match="has a column `df`"):
        assert_parity(TABLE.assign(df=[8.0, 7.5]), RIGHT)


def test_a_series_is_of_no_certain_quantity():
    with pytest.raises(TypeError, match="is a Series, of which quantity"):
        assert_parity(TABLE["coef"], RIGHT)


FROM_R_UNKNOWN = """
import rpy2.robjects as robjects
from parity import assert_parity
table = robjects.r("matrix(c(1, 2, .5, .25), ncol = 2, dimnames = list(c('(Intercept)', 'x'), c('Estimate', 'My s.e.')))")
try:
    assert_parity(table, {"const": 1, "x": 2})
except TypeError as error:
    print(error)
frame = robjects.r("data.frame(term = c('(Intercept)', 'x'), estimate = c(1, 2), std.error = c(.5, .25))")
assert_parity(frame, {"const": (1, .5), "x": (2, .25)})
"""


def test_unknown_columns_of_a_table_from_r_are_told():
    """In a process of its own: R leaves its library path in the environment."""
    if not importlib.util.find_spec("rpy2") or not shutil.which("R"):
        pytest.skip("R or rpy2 is not installed")
    done = subprocess.run([sys.executable, "-c", FROM_R_UNKNOWN], capture_output=True, text=True, timeout=120)
    assert "has a column `My s.e.`" in done.stdout and not done.returncode, done.stderr


@pytest.mark.parametrize(
    "given",
    [
        {"x": (1.0, 0.3 + 2j)}, {"x": (np.complex128(1 + 9j), 0.3)}, np.complex128(1 + 2j),
        pd.DataFrame({"coef": [1.0], "se": [0.3 + 2j]}, index=["x"]),
    ],
)  # fmt: skip
def test_the_imaginary_part_of_a_number_is_not_passed_over(given):
    with pytest.raises(TypeError, match="complex"):
        assert_parity(given, {"x": (1.0, 0.3)} if not np.isscalar(given) else 1.0)
