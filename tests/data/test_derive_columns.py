"""Derived columns: each worked by hand, each against R, and every mistake in `[derive]` said with its key."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from parity.analyses.index.analysis import DERIVED, judged
from parity.analyses.registry import answer_in_r
from parity.base.errors import InputError
from parity.data.load import load_frame
from parity.study.load import load_study

needs_r = pytest.mark.needs_r

HEAD = """
[study]
title = "columns"
unit = "u"
time = "t"
"""
SPEC = """
[spec.a]
formula = "y ~ x"
"""
#: Unit b has a gap (no 2002); x is missing once, zero once, negative once.
DATA = """u,t,g,x,y,pop
a,2000,east,1,5,10
a,2001,east,2,3,0
a,2002,west,4,3,20
a,2003,west,,9,20
a,2004,west,16,1,40
b,2000,east,0,2,10
b,2001,east,-3,2,10
b,2003,west,7,8,
b,2004,,8,8,10
"""
nan = math.nan


@pytest.fixture
def column(make_study):
    """column("{ lag = 'x' }") -> its values."""

    def make(line: str, data: str = DATA):
        study = load_study(make_study(f"{HEAD}[derive]\nnew = {line}\n{SPEC}", data.encode()))
        return load_frame(study)["new"].tolist()

    return make


CASES = {
    "{ lag = 'x' }": [nan, 1, 2, 4, nan, nan, 0, nan, 7],
    "{ lag = 'x', periods = 2 }": [nan, nan, 1, 2, 4, nan, nan, -3, nan],
    "{ lead = 'x' }": [2, 4, nan, 16, nan, -3, nan, 8, nan],
    "{ difference = 'x' }": [nan, 1, 2, nan, nan, nan, -3, nan, 1],
    "{ growth = 'x' }": [nan, 1, 1, nan, nan, nan, nan, nan, 1 / 7],
    "{ growth = 'x', form = 'log' }": [nan, math.log(2), math.log(2), nan, nan, nan, nan, nan, math.log(8 / 7)],
    "{ log = 'x' }": [0, math.log(2), math.log(4), nan, math.log(16), nan, nan, math.log(7), math.log(8)],
    "{ log1p = 'x' }": [math.log(2), math.log(3), math.log(5), nan, math.log(17), 0, nan, math.log(8), math.log(9)],
    "{ per_head = 'x', population = 'pop', times = 100 }": [10, nan, 20, nan, 40, 0, -30, nan, 80],
    "{ dummy = 'g', values = 'east' }": [1, 1, 0, 0, 0, 1, 1, 0, nan],
    "{ dummy = 't', values = [2003, 2004] }": [0, 0, 0, 1, 1, 0, 0, 1, 1],
    "{ interact = ['x', 'y'] }": [5, 6, 12, nan, 16, 0, -6, 56, 64],
    # known x: -3 0 1 2 4 7 8 16, the median 3
    "{ median_split = 'x' }": [0, 0, 1, nan, 1, 0, 0, 1, 1],
    # y: 1 2 2 3 3 5 8 8 9, the median 3 twice
    "{ median_split = 'y' }": [1, 0, 0, 1, 0, 0, 0, 1, 1],
    "{ median_split = 'y', ties = 'high' }": [1, 1, 1, 1, 0, 0, 0, 1, 1],
    "{ median_split = 'y', ties = 'missing' }": [1, nan, nan, 1, 0, 0, 0, 1, 1],
    # means of x: a 5.75, b 3
    "{ median_split = 'x', at = 'units' }": [1, 1, 1, 1, 1, 0, 0, 0, 0],
    "{ interpolate = 'x' }": [1, 2, 4, 10, 16, 0, -3, 7, 8],
    # sorted -3 0 1 2 4 7 8 16: 25 % type 2 is the mean of the 2nd and 3rd, type 7 is 0.75
    "{ winsorise = 'x', cuts = [25, 75] }": [1, 2, 4, nan, 7.5, 0.5, 0.5, 7, 7.5],
    "{ winsorise = 'x', cuts = [25, 75], percentiles = 'type7' }": [1, 2, 4, nan, 7.25, 0.75, 0.75, 7, 7.25],
    "{ trim = 'x', cuts = [25, 75] }": [1, 2, 4, nan, nan, nan, nan, 7, nan],
    # east: -3 0 1 2, west: 4 7 16
    "{ winsorise = 'x', cuts = [0, 50], by = 'g' }": [0.5, 0.5, 4, nan, 7, 0, -3, 7, nan],
}  # fmt: skip


@pytest.mark.parametrize("line", CASES)
def test_by_hand(column, line):
    assert column(line.replace("'", '"')) == pytest.approx(CASES[line], nan_ok=True, abs=1e-12)


@pytest.mark.parametrize("ddof", [0, 1])
def test_standardise_by_group(column, ddof):
    made = column(f'{{ standardise = "x", by = "g", ddof = {ddof} }}')
    east, west = np.array([1, 2, 0, -3.0]), np.array([4, 16, 7.0])
    places = {"east": ([0, 1, 5, 6], east), "west": ([2, 4, 7], west)}
    for at, x in places.values():
        assert [made[i] for i in at] == pytest.approx((x - x.mean()) / x.std(ddof=ddof))
    assert np.isnan([made[3], made[8]]).all()


def test_interact_centred(column):
    made = column('{ interact = ["x", "y"], centre = true }')
    x, y = np.array([1, 2, 4, 16, 0, -3, 7, 8.0]), np.array([5, 3, 3, 1, 2, 2, 8, 8.0])
    assert [v for i, v in enumerate(made) if i != 3] == pytest.approx((x - x.mean()) * (y - y.mean()))


def test_interpolation_at_the_edges(column):
    data = "u,t,g,x,y,pop\na,2000,e,,1,1\na,2001,e,2,1,1\na,2003,e,6,1,1\na,2006,e,,1,1\nb,2000,e,4,1,1\nb,2001,e,,1,1\n"
    assert column('{ interpolate = "x" }', data) == pytest.approx([nan, 2, 6, nan, 4, nan], nan_ok=True)
    assert column('{ interpolate = "x", edges = "nearest" }', data) == pytest.approx([2, 2, 6, 6, 4, 4])
    assert column('{ interpolate = "x", edges = "extrapolate" }', data) == pytest.approx([0, 2, 6, 12, 4, nan], nan_ok=True)


def test_on_270_rows_the_first_percentile_is_3_or_3_69(column):
    data = "u,t,g,x,y,pop\n" + "".join(f"a,{i},e,{i},1,1\n" for i in range(1, 271))
    assert min(column('{ winsorise = "x" }', data)) == 3
    assert min(column('{ winsorise = "x", percentiles = "type7" }', data)) == pytest.approx(3.69)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{ lagg = "x" }', "there is no transformation `lagg`: did you mean `lag`?"),
        ("{ }", "known: lag, lead"),
        ('{ lag = "x", lead = "x" }', "one transformation a line, not lag and lead"),
        ('{ lag = "x", period = 2 }', "there is no key `period` here: did you mean `periods`?"),
        ('{ lag = "x", periods = 0 }', "derive.new.lag.periods"),
        ('{ lag = "xx" }', "there is no column `xx`: did you mean `x`?"),
        ('{ winsorise = "x", cuts = [99, 1] }', "two percentiles such as [1, 99]"),
        ('{ winsorise = "x", percentiles = "Stata" }', "`Stata` is none of stata, type7: did you mean `stata`?"),
        ('{ log = "g" }', "`g` is text"),
        ('{ dummy = "g", values = "wset" }', "`wset` is no value of `g`: did you mean `west`?"),
        ('{ dummy = "g", values = 1 }', "holds text"),
        ('{ interact = "x" }', "two columns or more"),
        ("3", "a text in quotes"),
    ],
)
def test_mistakes_are_said_with_their_key(make_study, line, said):
    with pytest.raises(InputError) as error:
        load_frame(load_study(make_study(f"{HEAD}[derive]\nnew = {line}\n{SPEC}", DATA.encode())))
    assert "derive.new" in str(error.value)
    assert said in str(error.value)


def test_lags_need_the_time(make_study):
    head = HEAD.replace('time = "t"', "")
    with pytest.raises(InputError, match=r'derive\.new: lag needs time = "column"'):
        load_study(make_study(f'{head}[derive]\nnew = {{ lag = "x" }}\n{SPEC}', DATA.encode()))


INDEX = """
[index.dt]
indicators = [{ column = "y", direction = "+", dimension = "p" }, { column = "z", direction = "-", dimension = "q" }]
[index.dt.variants]
pca = { method = "pca" }
"""


def test_columns_and_indices_find_each_other(make_study):
    text = f'{HEAD}[derive]\nz = {{ interpolate = "x" }}\ndt_l = {{ lag = "dt" }}\n{INDEX}{SPEC}'
    frame = load_frame(load_study(make_study(text, DATA.encode())))
    assert {"dt", "dt.p", "dt.q", "dt.pca", "dt_l"} <= set(frame.columns)
    assert frame["dt_l"].iloc[1] == frame["dt"].iloc[0]
    assert (frame["dt.p"] + frame["dt.q"]).to_numpy() == pytest.approx(frame["dt"].to_numpy())


@pytest.mark.parametrize(
    ("derive", "index", "said"),
    [
        ("", INDEX, "index.dt.indicators: there is no column `z`"),
        ('z = "dt + 1"', INDEX, "index.dt: its indicators are made from the index itself"),
        ('dt = "x"\nz = "y"', INDEX, "the column `dt` is made twice"),
        ('z = "y"', INDEX.replace('direction = "-"', 'direktion = "-"'), "did you mean `direction`?"),
        ('z = "y"', INDEX.replace('method = "pca"', 'methode = "pca"'), "index.dt.variants.pca.methode"),
        ('z = "y"', INDEX.replace('method = "pca"', 'method = "pcaa"'), "did you mean `pca`?"),
        ('z = "x"', INDEX, "index.dt: 1 values of indicators are missing, `z` in a, 2003"),
        ('z = "y * 0"', INDEX.replace("pca }", "x}").replace('method = "pca"', 'constant = "refuse"'),
         "index.dt.variants.pca: `z` is constant"),
    ],
)  # fmt: skip
def test_mistakes_in_an_index_are_said_with_their_key(make_study, derive, index, said):
    with pytest.raises(InputError) as error:
        load_frame(load_study(make_study(f"{HEAD}[derive]\n{derive}\n{index}{SPEC}", DATA.encode())))
    assert said in str(error.value)


def test_what_an_index_is_made_of_moves_the_hash_of_specs(make_study):
    text = f'{HEAD}[derive]\nz = "pop + y"\n{INDEX}{SPEC}'
    one = load_study(make_study(text))
    other = load_study(make_study(text.replace('"pca" }', '"pca", shift = 0.1 }'), name="other"))
    assert one.spec_hash(one.specs[0]) != other.spec_hash(other.specs[0])


@needs_r
def test_every_transformation_agrees_with_r(make_study):
    lines = [f"n{i} = {line}" for i, line in enumerate([*CASES, "{ standardise = 'x', by = ['g'] }",
             "{ standardise = 'x', ddof = 0 }", "{ interact = ['x', 'y', 'pop'], centre = true }",
             "{ interpolate = 'x', edges = 'extrapolate' }", "{ median_split = 'x', by = 't' }",
             "{ trim = 'x', cuts = [5, 95], by = ['g', 't'], percentiles = 'type7' }"])]  # fmt: skip
    text = HEAD + "[derive]\n" + "\n".join(lines).replace("'", '"') + "\n" + SPEC
    study = load_study(make_study(text, DATA.encode()))
    answers = json.loads(answer_in_r("columns", study))
    (record,) = judged(study, answers, "live").records
    assert (record.spec, record.verdict) == (DERIVED, "agree"), record
    assert record.checked == 9 * len(lines)
    answers[DERIVED]["numbers"]["column"]["n3"][1] += 1e-9
    assert judged(study, answers, "live").records[0].verdict == "disagree"
