"""From a spec to a design: which rows, which columns, which facts, and what can't be estimated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from miniatures import dense
from parity.base.errors import Unestimable
from parity.conventions.facts import Absorbed
from parity.conventions.formulas import factor
from parity.data.load import load_frame
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.study.load import load_study

HEAD = '[study]\ntitle = "t"\nunit = "firm"\ntime = "year"\n'


@pytest.fixture
def design(make_study):
    """design(formula, data, more="") -> Design of one spec; data is a bundled study, or a frame."""

    def make(formula: str, data: str | pd.DataFrame = "grunfeld", more: str = "", head: str = HEAD) -> Design:
        content = data if isinstance(data, str) else data.to_csv(index=False).encode()
        study = load_study(make_study(f"{head}[spec.s]\nformula = {formula!r}\n{more}", data=content))
        return build_design(study, study.specs[0], load_frame(study))

    return make


def panel(n_firms: int = 8, n_years: int = 6, **columns) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    n = n_firms * n_years
    base = {"firm": np.repeat(np.arange(n_firms), n_years), "year": np.tile(np.arange(2000, 2000 + n_years), n_firms)}
    base |= {name: rng.normal(size=n).round(8) for name in ("y", "x", "z", "d")}
    return pd.DataFrame(base | {k: v(pd.DataFrame(base)) if callable(v) else v for k, v in columns.items()})


# ---------------------------------------------------------------- the numbers


def test_grunfeld_has_the_facts_and_the_uncorrected_standard_error(design):
    d = design("inv ~ capital | firm + year", more='vcov = { cluster = "firm" }')
    f = d.facts
    assert (f.nobs, f.n_slopes, f.intercept, f.absorbed_rank, f.rank) == (200, 1, False, 29, 30)
    assert f.absorbed == (Absorbed("firm", 10, ("firm",)), Absorbed("year", 20))
    assert (dict(f.components), dict(f.clusters), f.periods) == ({(0, 1): 1}, {("firm",): 10}, 20)
    spec = load_spec("inv ~ capital | firm + year")
    b, parts = dense(spec, d)
    assert b[0] == pytest.approx(0.4138018346, abs=1e-10)
    se = np.sqrt(parts["firm",][0, 0])
    assert se == pytest.approx(0.0569372626, abs=1e-10)
    assert se * np.sqrt(factor(f, spec.convention, "CR1", ("firm",), ("firm",), False)) == pytest.approx(
        0.0632812941, abs=1e-10
    )


def load_spec(formula: str):
    from parity.study.spec import Spec

    return Spec(id="s", formula=formula, vcov={"cluster": "firm"})


def test_rows_go_in_the_stated_order_and_are_counted(design):
    data = panel(w=lambda d: np.where(d.firm == 7, 0, 1.0))
    data.loc[0, "x"] = np.nan
    data.loc[[6, 7, 8, 9, 10], "y"] = np.nan  # firm 1 keeps one row, so it is a singleton
    data.loc[len(data) - 1, "w"] = np.nan
    d = design(
        "y ~ x | firm", data, 'where = "year > 2000 or firm < 3"\nweights = { analytic = "w" }\nconvention = "fixest"'
    )
    f = d.facts
    assert (f.n_missing, f.n_zero_weight, f.n_singletons) == (7, 4, 1)
    assert f.nobs == len(d.y) == 48 - 5 - 7 - 4 - 1
    assert 11 not in d.rows
    np.testing.assert_array_equal(d.y, data["y"].to_numpy()[d.rows])
    assert set(d.effects["firm"].tolist()) == set(range(6))


def test_singletons_stay_where_the_convention_keeps_them(design):
    data = panel()
    data.loc[1:5, "y"] = np.nan
    assert design("y ~ x | firm", data, 'convention = "areg"').nobs == 43
    assert design("y ~ x | firm", data, 'convention = "reghdfe"').nobs == 42


def test_frequency_weights_stand_for_copies(design):
    data = panel(w=lambda d: d.firm % 3)
    data.loc[7:11, "y"] = np.nan  # firm 1: one row
    copies = data.loc[data.index.repeat(data.w)].drop(columns=["year", "w"])
    head = '[study]\ntitle = "t"\n'
    for firm, weight in ((1, 1), (1, 2)):
        data.loc[6, "w"] = weight
        copies = data.loc[data.index.repeat(data.w)].drop(columns=["w"])
        more = 'convention = "reghdfe"\nvcov = { cluster = "firm" }\n'
        weighted = design("y ~ x | firm", data, more + 'weights = { frequency = "w" }', head)
        plain = design("y ~ x | firm", copies, more, head)
        assert weighted.facts.nobs_weighted == plain.facts.nobs, firm
        assert weighted.facts.n_singletons == plain.facts.n_singletons == (weight == 1)
        assert (weighted.facts.clusters, weighted.facts.absorbed) == (plain.facts.clusters, plain.facts.absorbed)


def test_first_differences_skip_gaps(design):
    data = panel()
    data = data[~((data.firm == 2) & (data.year == 2003))].sample(frac=1, random_state=1).reset_index(drop=True)
    d = design("y ~ x", data, 'model = "first_difference"')
    ordered = data.sort_values(["firm", "year"])
    expected = ordered.groupby("firm")[["y", "x"]].diff()[ordered.groupby("firm")["year"].diff() == 1]
    assert set(d.rows.tolist()) == set(expected.index)
    np.testing.assert_array_equal(d.y, expected["y"][d.rows])
    np.testing.assert_array_equal(d.x[:, 0], expected["x"][d.rows])
    assert d.nobs == 40 - 2


def test_absorbed_and_collinear_columns_are_dropped_and_named(design):
    data = panel(
        fixed=lambda d: d.firm * 1.5,
        twice=lambda d: 2 * d.x,
        zero=0.0,
        sum=lambda d: d.x + d.fixed if "fixed" in d else d.x + d.firm,
    )
    d = design("y ~ x + fixed + twice + zero + sum | firm", data)
    assert d.x_names == ("x",)
    assert d.facts.dropped == ("fixed", "twice", "zero", "sum")
    pooled = design("y ~ zero + x + twice", data)
    assert (pooled.x_names, pooled.facts.dropped) == (("x",), ("zero", "twice"))


def test_the_order_of_rows_moves_no_fact(design):
    data = panel(g=lambda d: d.firm // 2)
    data.loc[3, "x"] = np.nan
    more = 'vcov = { cluster = ["g", "year"] }'
    one = design("y ~ x | firm + year", data, more)
    other = design("y ~ x | firm + year", data.sample(frac=1, random_state=3), more)
    assert one.facts == other.facts


def test_instruments(design):
    data = panel(sum=lambda d: d.x + d.d, twice=lambda d: 2 * d.x)
    d = design("y ~ x | 0 | d ~ z", data)
    assert d.terms == ("(Intercept)", "x", "d")
    # a sum of a regressor and an endogenous column is no clean instrument, but it is not ruled out by the endogenous one
    assert design("y ~ x | firm | d ~ z + sum", data).z_names == ("z", "sum")
    assert design("y ~ x | firm | d ~ z + twice", data).facts.dropped == ("twice",)


# ---------------------------------------------------------------- what can't be estimated

ROWS = 48
CASES = {
    "empty where": ("y ~ x", "", 'where = "year > 3000"', "no row is left: `where` keeps 0 of 48"),
    "all missing": ("y ~ hole", "hole", "", "48 have missing values"),
    "text": ("y ~ word", "word", "", "`word` is text (row 2: `a`)"),
    "text outcome": ("word ~ x", "word", "", "`word` is text"),
    "text weights": ("y ~ x", "word", 'weights = { analytic = "word" }', "`word` is text"),
    "negative weights": ("y ~ x", "", 'weights = { analytic = "x" }', "a weight is negative: `x` (row "),
    "fractional weights": ("y ~ x", "half", 'weights = { frequency = "half" }', "no whole number: `half` (row 2); weights"),
    "negative frequency": ("y ~ x", "minus", 'weights = { frequency = "minus" }', "a weight is negative: `minus` (row 2)"),
    "infinite weights": ("y ~ x", "inf", 'weights = { analytic = "inf" }', "`inf` holds an infinite value (row 5)"),
    "zero weights": ("y ~ x", "zero", 'weights = { analytic = "zero" }', "48 have weight zero"),
    "infinite regressor": ("y ~ inf", "inf", "", "`inf` holds an infinite value (row 5)"),
    "infinite outcome": ("inf ~ x", "inf", "", "`inf` holds an infinite value (row 5)"),
    "overflow": ("y ~ giant", "giant", "", "rescale it"),
    "constant outcome": ("five ~ x", "five", "", "the outcome `five` is constant"),
    "zero outcome": ("zero ~ 0 + x", "zero", "", "the outcome `zero` is constant"),
    "outcome within": ("within ~ x | firm", "within", "", "constant within the fixed effects"),
    "outcome as regressor": ("y ~ x + copy", "copy", "", "determine the outcome `y` exactly"),
    "outcome a sum": ("total ~ x + z", "total", "", "determine the outcome `total` exactly"),
    "all collinear": ("y ~ firm | firm", "", "", "every regressor is absorbed or collinear: firm"),
    "one cluster": ("y ~ x", "five", 'vcov = { cluster = "five" }', "only one cluster"),
    "one cluster of two": ("y ~ x", "five", 'vcov = { cluster = ["firm", "five"] }', "only one cluster"),
    "too many parameters": ("y ~ x + z + d", "", 'where = "firm == 0 and year < 2004"', "4 rows leave no degree"),
    "nothing but singletons": ("y ~ x | year", "", 'where = "firm == 0"\nconvention = "fixest"', "6 are singletons"),
    "endogenous absorbed": ("y ~ x | firm | five ~ z", "five", "", "the endogenous `five` is collinear"),
    "instrument absorbed": ("y ~ x | firm | d ~ five", "five", "", "0 instruments are left for 1 endogenous"),
    "no first stage": ("y ~ 0 + x | 0 | ortho1 ~ ortho2", "ortho", "", "nothing is identified"),
    "no such level": ("y ~ i(firm, ref=99)", "", "", "`99` is no value of `firm`"),
    "same names": ("y ~ i(mix) + i(mix, x)", "mix", "", "two different columns would both be named"),
    "condition that is none": ("y ~ x", "", 'where = "year"', "is no condition"),
    "text in a condition": ("y ~ x", "word", 'where = "word > 1"', "compares text with a number"),
}  # fmt: skip


def troubled(kind: str) -> pd.DataFrame:
    data = panel()
    n = np.arange(ROWS)
    extra = {
        "hole": np.nan, "word": np.where(n % 2, "b", "a"), "half": 0.5, "minus": np.where(n == 0, -1, 2), "zero": 0.0,
        "five": 5, "within": data.firm * 3.0,
        "inf": np.where(n == 3, np.inf, 1.0 + n), "giant": 1e200 * (n + 1), "copy": data.y, "total": 2 * data.x - data.z + 3,
        "mix": np.where(n % 3 == 0, "a", np.where(n % 3 == 1, "a:x", "0")),
    }  # fmt: skip
    if kind == "ortho":
        return data.assign(x=1.0 + n % 2 * 0, ortho1=np.where(n % 2, 1.0, -1.0), ortho2=np.where(n // 2 % 2, 1.0, -1.0))
    return data.assign(**{kind: extra[kind]}) if kind else data


@pytest.mark.parametrize(("formula", "column", "more", "said"), CASES.values(), ids=CASES)
def test_what_can_not_be_estimated_says_why(design, formula, column, more, said):
    with pytest.raises(Unestimable) as caught:
        design(formula, troubled(column), more)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("formula", ["y ~ l(x)", "y ~ d(x)"])
def test_lags_need_whole_times(design, formula):
    data = panel().astype({"year": str})
    data["year"] = "y" + data["year"]
    with pytest.raises(Unestimable, match="`y2000` has no certain place in an order"):
        design(formula, data)


def test_a_time_column_without_a_value_is_no_time(design):
    data = panel().assign(year=np.nan)
    assert design("y ~ x", data).nobs == ROWS
    with pytest.raises(Unestimable, match="48 have missing values"):
        design("y ~ x", data, "vcov = { driscoll_kraay = 1 }")
