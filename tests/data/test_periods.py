"""Periods keep their order and their distance in every format; what has none is refused with what to write."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parity.base.errors import ColumnProblem, InputError, Unestimable
from parity.data.load import load_frame
from parity.data.periods import periods
from parity.sample.build import build_design
from parity.study.load import load_study


def read(values, **settings) -> list:
    """Periods less the first one."""
    found = periods(pd.Series(values, name="t"), **settings).values
    return (found - np.nanmin(found)).tolist()


DAYS = pd.to_datetime


@pytest.mark.parametrize(
    ("values", "apart", "unit"),
    [
        ([1990, 1991, 1993], [0, 1, 3], ""),
        ([2000.0, 2000.25, 2000.75, 2001.0], [0, 1, 3, 4], "quarters"),
        ([2000.5, 2001.0, 2002.0], [0, 1, 3], "half-years"),
        ([2000.5, 2001.5, 2003.5], [0, 1, 3], "years"),
        ([2000.0, 2000.0833, 2000.1667, 2000.25, 2000.9167, 2001.0], [0, 1, 2, 3, 11, 12], "months"),
        ([2000.0, 2000.08, 2000.17, 2000.92], [0, 1, 2, 11], "months"),
        (["2015Q1", "2015Q2", "2016Q1"], [0, 1, 4], "quarters"),
        (["2015q1", "2015q4"], [0, 3], "quarters"),
        (["2015年1季度", "2015年第三季度"], [0, 2], "quarters"),
        (["2015年", "2017年"], [0, 2], "years"),
        (["2015年度", "2016"], [0, 1], "years"),
        (["2015", "2017"], [0, 2], "years"),
        (["2015h1", "2016h2"], [0, 3], "half-years"),
        (["2015年上半年", "2015年下半年"], [0, 1], "half-years"),
        (["2015-11", "2015-12", "2016-02"], [0, 1, 3], "months"),
        (["2015m9", "2015m10", "2016m1"], [0, 1, 4], "months"),
        (["2015年12月", "2016年1月"], [0, 1], "months"),
        (["2015w52", "2016w1"], [0, 1], "weeks"),
        (["2015-W53", "2016-W01"], [0, 1], "weeks"),
        (["2015-01-31", "2015-02-28", "2015-04-30"], [0, 1, 3], "months"),
        (["2015-03-31", "2015-06-30", "2015-12-31"], [0, 1, 3], "quarters"),
        (["2014-06-30", "2015-06-30", "2017-06-30"], [0, 1, 3], "years"),
        (["2015/1/5", "2015/1/12", "2015/1/26"], [0, 1, 3], "weeks"),
        (["2015年1月5日", "2015年1月6日"], [0, 1], "days"),
        (["01jan2015", "01feb2015", "01apr2015"], [0, 1, 3], "months"),
        (["2015-01-02 10:00", "2015-01-02 12:00", "2015-01-03 10:00"], [0, 2, 24], "hours"),
        (["2015-01-02T10:00:05", "2015-01-02T10:00:07"], [0, 2], "seconds"),
        (DAYS(["2015-01-02", "2015-01-05", "2015-01-06"]), [0, 3, 4], "days"),
        (DAYS(["2015-01-01", "2015-04-01", "2016-01-01"]), [0, 1, 4], "quarters"),
        (DAYS(["2015-01-01 12:00", "2015-02-01 12:00"]), [0, 1], "months"),
    ],
)
def test_what_has_one_reading_keeps_its_distance(values, apart, unit):
    assert read(values) == apart
    said = periods(pd.Series(values, name="t"))
    assert (f"`t` is read as {unit}, " in said.said) if unit else said.said == ""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["Jan", "Feb"], "`Jan` has no certain place in an order; under [study] write time_order"),
        (["m10", "m2"], "`m10` has no certain place"),
        (["01/02/2015", "01/03/2015"], "`01/02/2015` has no certain place"),
        (["2015-1", "2015-2"], "`2015-1` has no certain place"),
        (["2015-02-30"], "`2015-02-30` has no certain place"),
        (["2014-W53"], "`2014-W53` has no certain place"),
        (["first quarter 2015"], "no certain place"),
        (["2015Q1", "2015-02"], "`2015Q1` and `2015-02` are periods of two kinds"),
        (["2015Q1", "2015q1"], "`2015Q1` and `2015q1` are one period"),
        ([0.5, 1.0], "`0.5` is no whole number, and its step can't be told; under [study] write time_step = 0.5"),
        ([2000.1, 2000.2], "is no whole number, and its step"),
        ([2000.01, 2000.02, 2000.03], "is no whole number, and its step"),
        ([200011, 200012, 200101], 'numbers such as 200011 are not one apart from month to month: under [study] write'),
        ([20003, 20004, 20011], 'time_step = "quarter"'),
        ([20000131, 20000201], 'time_step = "day"'),
        ([1.0, np.inf], "infinite one"),
        (DAYS(["2015-01-01 10:00:00.5", "2015-01-01 10:00:00.7"]), "parts of seconds"),
    ],
)  # fmt: skip
def test_what_has_no_certain_order_or_step_is_refused(values, said):
    with pytest.raises(ColumnProblem) as caught:
        periods(pd.Series(values, name="t"))
    assert "the time column `t`" in str(caught.value) and said in str(caught.value)


def test_the_study_says_order_and_step():
    assert read(["m2", "m10", None, "m1"], order=("m1", "m2", "m3", "m10"))[:2] == [1, 3]
    assert read([3, 1, 2], order=(1.0, 3.0, 2.0)) == [1, 0, 2]
    assert read([1990, 1992, 1996], step=2.0) == [0, 1, 3]
    assert read([0.5, 1.0, 2.0], step=0.5) == [0, 1, 3]
    assert read([200011, 200012, 200101], step="month") == [0, 1, 2]
    assert read([200011, 200012, 200101], step=1.0) == [0, 1, 90]
    assert read([20003, 20004, 20011], step="quarter") == [0, 1, 2]
    assert read([20001231, 20010101], step="day") == [0, 1]
    assert read(DAYS(["2015-01-15", "2015-02-03", "2015-04-28"]), step="month") == [0, 1, 3]
    assert read(["2015-01", "2015-04"], step="quarter") == [0, 1]
    assert read([2000.0833, 2000.1667], step="month") == [0, 1]
    for values, settings, said in [
        (["m2", "x"], {"order": ("m1", "m2")}, "`x` is not in time_order"),
        ([1990, 1991], {"step": 2.0}, "`1991` is no whole number of steps of 2 from 1990"),
        (DAYS(["2015-01-15", "2015-01-20"]), {"step": "month"}, "are one period"),
        (["2015Q1"], {"step": "month"}, "they are quarters, which don't make months"),
        (["2015Q1"], {"step": 2.0}, "time_step = 2 is for numbers"),
        ([96, 97], {"step": "quarter"}, "no quarters as numbers name them"),
    ]:
        with pytest.raises(ColumnProblem, match=said):
            periods(pd.Series(values, name="t"), **settings)


# ---------------------------------------------------------------- studies

TOML = """
[study]
title = "Periods"
data = "{data}"
unit = "firm"
time = "t"
{header}

[derive]
before = {{ lag = "x" }}

[spec.fd]
formula = "y ~ x"
model = "first_difference"

[spec.nw]
formula = "y ~ x + l(x, 1)"
vcov = {{ newey_west = 1 }}
convention = "regress"

[spec.dk]
formula = "y ~ x + before | firm"
vcov = {{ driscoll_kraay = 2 }}

[spec.effects]
formula = "y ~ x | firm + t"
vcov = {{ cluster = ["t"] }}
"""
#: Two firms, two gaps: the fourth and the ninth of twelve quarters are in no row.
PLACES = np.array([k for k in range(12) if k not in (3, 8)] * 2)


def panel(t) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    n = len(PLACES)
    firm = np.repeat(["a", "b"], n // 2)
    return pd.DataFrame({"firm": firm, "t": t, "y": rng.normal(size=n).round(9), "x": rng.normal(size=n).round(9)})


def quarters(form: str) -> list:
    starts = [pd.Timestamp(2000 + k // 4, 1 + 3 * (k % 4), 1) for k in PLACES]
    return {
        "text": [f"{2000 + k // 4}Q{k % 4 + 1}" for k in PLACES], "date": starts, "decimal": 2000 + PLACES / 4,
        "whole": PLACES + 160, "iso": [s.strftime("%Y-%m-%d") for s in starts],
    }[form]  # fmt: skip


def designs(folder, suffix: str, form: str, header: str = ""):
    folder.mkdir(exist_ok=True)
    data, path = panel(quarters(form)), folder / f"data{suffix}"
    match suffix:
        case ".csv":
            data.to_csv(path, index=False)
        case ".parquet":
            data.to_parquet(path)
        case ".xlsx":
            data.to_excel(path, index=False)
        case ".dta":
            data.to_stata(path, write_index=False, convert_dates={"t": "tq"} if form == "date" else None)
    (folder / "study.toml").write_text(TOML.format(data=path.name, header=header), encoding="utf-8")
    study = load_study(folder)
    frame = load_frame(study)
    return {spec.id: build_design(study, spec, frame) for spec in study.specs}


@pytest.mark.parametrize(
    ("suffix", "form"),
    [(".csv", "text"), (".csv", "iso"), (".csv", "decimal"), (".parquet", "date"), (".parquet", "text"),
     (".xlsx", "date"), (".xlsx", "decimal"), (".dta", "date"), (".dta", "text"), (".dta", "decimal")],
)  # fmt: skip
def test_gaps_stay_gaps_in_every_format(tmp_path, suffix, form):
    plain, found = designs(tmp_path / "plain", ".csv", "whole"), designs(tmp_path / "other", suffix, form)
    assert plain["fd"].nobs == 14 and plain["nw"].nobs == 14
    for name, design in plain.items():
        np.testing.assert_array_equal(found[name].x, design.x)
        np.testing.assert_array_equal(found[name].rows, design.rows)
        np.testing.assert_array_equal(np.diff(found[name].time), np.diff(design.time))


@pytest.mark.parametrize("years", [[98, 99, 0, 1], [95, 98, 1, 4], [97, 98, 99, 0, 1, 2, 3]])
def test_years_of_two_digits_over_a_turn_of_the_century_are_refused(years):
    """99 and 0 are neighbours there, and 0 would have no lag."""
    with pytest.raises(ColumnProblem, match="look like years of two digits"):
        periods(pd.Series(years, name="t"))
    with pytest.raises(ColumnProblem, match="two digits"):
        periods(pd.Series(years, name="t"), step="year")
    assert list(periods(pd.Series(years, name="t"), step=1).values) == years


@pytest.mark.parametrize("plain", [[0, 1, 2], [97, 98, 99], [0, 30, 60, 90], list(range(100)), [1, 2, 50, 99], [5, 95]])
def test_plain_numbers_below_a_hundred_stay_numbers(plain):
    assert list(periods(pd.Series(plain, name="t")).values) == plain


def test_text_without_an_order_is_refused_only_where_an_order_is_read(tmp_path):
    data = panel([f"m{k}" for k in PLACES])
    (tmp_path / "study.toml").write_text(TOML.format(data="data.csv", header="").replace('lag = "x"', 'log = "x"'))
    data.to_csv(tmp_path / "data.csv", index=False)
    study = load_study(tmp_path)
    frame = load_frame(study)
    for name in ("fd", "nw"):
        with pytest.raises(Unestimable, match=r"`m0` has no certain place in an order; under .study. write time_order"):
            build_design(study, study.spec(name), frame)
    assert build_design(study, study.spec("effects"), frame).nobs == 20
    order = ", ".join(f'"m{k}"' for k in range(12))
    text = TOML.format(data="data.csv", header=f"time_order = [{order}]")
    (tmp_path / "study.toml").write_text(text)
    study = load_study(tmp_path)
    assert build_design(study, study.spec("fd"), load_frame(study)).nobs == 14


@pytest.mark.parametrize(
    "line", ['{ lag = "x" }', '{ lead = "x" }', '{ growth = "x" }', '{ interpolate = "x" }', '"d(x, 1)"']
)
def test_derived_columns_refuse_it_too(tmp_path, line):
    panel([f"m{k}" for k in PLACES]).to_csv(tmp_path / "data.csv", index=False)
    text = TOML.format(data="data.csv", header="").replace('{ lag = "x" }', line)
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(InputError, match=r"derive.before.*no certain place in an order"):
        load_frame(load_study(tmp_path))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ('time_step = "fortnight"', "`fortnight` is no unit of time"),
        ('time_step = "moth"', "did you mean `month`"),
        ("time_step = 0", "a positive number, or a unit"),
        ('time_step = 2\ntime_order = ["a"]', "give time_order or time_step, not both"),
        ('time_order = ["a", "a"]', "a period stands twice in time_order"),
    ],
)
def test_wrong_settings_are_said(tmp_path, header, said):
    panel(PLACES).to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "study.toml").write_text(TOML.format(data="data.csv", header=header))
    with pytest.raises(InputError, match=said):
        load_study(tmp_path)


def test_the_order_is_part_of_what_a_frozen_answer_was_made_from(tmp_path):
    panel(PLACES).to_csv(tmp_path / "data.csv", index=False)

    def content(header: str) -> str:
        (tmp_path / "study.toml").write_text(TOML.format(data="data.csv", header=header))
        study = load_study(tmp_path)
        return study.spec_hash(study.specs[0])

    assert len({content(""), content("time_step = 1"), content("time_step = 2"), content("time_order = [1, 2]")}) == 4


def test_scripts_give_periods_no_order_of_their_own(tmp_path):
    from parity.export import export_study

    panel([f"m{k}" for k in PLACES]).to_csv(tmp_path / "data.csv", index=False)
    text = TOML.format(data="data.csv", header="").replace('before = { lag = "x" }', "").replace("+ before", "")
    (tmp_path / "study.toml").write_text(text)
    study = load_study(tmp_path)
    r = export_study(study, [study.spec("dk")], "r")["dk.R"]
    assert "time <- with(data, period(t))" in r and 'stop("make a column of whole numbers of the periods")' in r
    python = export_study(study, [study.spec("dk")], "python")["dk.py"]
    assert 'assert (data["t"].dropna() % 1 == 0).all()' in python
    (tmp_path / "study.toml").write_text(text.replace('time = "t"', 'time = "t"\ntime_order = ["m1"]'))
    study = load_study(tmp_path)
    with pytest.raises(InputError, match="a script has no time_order"):
        export_study(study, [study.spec("dk")], "r")
