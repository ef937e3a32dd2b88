"""Reading data: every format gives the same numbers, every damage one clear message."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from parity.base.errors import InputError
from parity.data.load import load_frame, read_frame
from parity.sample.build import build_design
from parity.study.load import load_study

N = 24


def table() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    days = [datetime.datetime(2001 + i % 6, 6, 30) for i in range(N)]
    return pd.DataFrame(
        {
            "省": np.repeat(["北京", "上海", "广东", "浙江"], 6),
            "year": np.tile(np.arange(2001, 2007), 4),
            "date": pd.Series(days).astype("datetime64[s]"),
            "y": rng.normal(size=N).round(12),
            "人均 GDP": np.where(np.arange(N) == 5, np.nan, rng.uniform(1, 9, N).round(6)),
            "open": (rng.integers(0, 2, N) == 1),
            "part": np.where(np.arange(N) % 5 == 0, None, np.where(rng.integers(0, 2, N), "yes", "no")),
            "count": rng.integers(0, 50, N),
        }
    )


def write(frame: pd.DataFrame, path) -> None:
    match path.suffix:
        case ".csv":
            frame.to_csv(path, index=False)
        case ".parquet":
            frame.to_parquet(path)
        case ".xlsx":
            frame.to_excel(path, index=False)
        case ".dta":
            spelled = frame.rename(columns={"人均 GDP": "人均_GDP"})  # Stata has no spaces in names
            text = {c: spelled[c].fillna("") for c in ("part",)}
            spelled.assign(**text).to_stata(path, write_index=False, version=118, convert_dates={"date": "td"})


STUDY = """
[study]
title = "one table, four files"
data = "{data}"
unit = "省"
time = "{time}"

[spec.s]
formula = "y ~ `{gdp}` + open + i(part) + count | 省"
where = "{date} != '2003-06-30'"
vcov = {{ cluster = ["date"] }}
"""


def design(folder, suffix: str, time: str = "year"):
    folder.mkdir(exist_ok=True)
    write(table(), folder / f"data{suffix}")
    gdp = "人均_GDP" if suffix == ".dta" else "人均 GDP"
    text = STUDY.format(data=f"data{suffix}", gdp=gdp, time=time, date="date")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    study = load_study(folder)
    return build_design(study, study.specs[0], load_frame(study))


@pytest.mark.parametrize("time", ["year", "date"])
def test_every_format_gives_the_same_design(tmp_path, time):
    csv = design(tmp_path / "csv", ".csv", time)
    assert csv.facts.n_missing == 4
    assert csv.x_names == ("`人均 GDP`", "open", "part::yes", "count")
    for suffix in (".parquet", ".xlsx", ".dta"):
        other = design(tmp_path / suffix[1:], suffix, time)
        np.testing.assert_array_equal(other.x, csv.x)
        np.testing.assert_array_equal(other.y, csv.y)
        np.testing.assert_array_equal(other.rows, csv.rows)
        np.testing.assert_array_equal(other.unit, csv.unit)
        np.testing.assert_array_equal(other.time, csv.time)
        for name in ("effects", "clusters"):
            for mine, theirs in zip(getattr(other, name).values(), getattr(csv, name).values(), strict=True):
                np.testing.assert_array_equal(mine, theirs)
        assert (other.facts.nobs, other.facts.clusters) == (csv.facts.nobs, csv.facts.clusters)


def test_values_survive_each_format(tmp_path):
    for suffix in (".csv", ".parquet", ".xlsx", ".dta"):
        path = tmp_path / f"t{suffix}"
        write(table(), path)
        frame = read_frame(path)
        np.testing.assert_array_equal(frame["y"], table()["y"])
        assert frame["part"].isna().sum() == 5
        assert frame["省"].tolist() == table()["省"].tolist()


def test_rich_types_of_parquet_become_plain(tmp_path):
    rich = pd.DataFrame(
        {
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "yes": pd.array([True, None, False], dtype="boolean"),
            "money": [decimal.Decimal("1.5"), None, decimal.Decimal("2")],
            "grade": pd.Categorical([3, 1, None]),
            "word": pd.Categorical(["b", None, "a"]),
            "day": [datetime.date(2001, 1, 2), None, datetime.date(2001, 1, 3)],
            "list": [[1], [2], None],
            "nothing": [None, None, None],
            "NA text": ["NA", "x", ""],
        }
    )
    rich.to_parquet(tmp_path / "t.parquet")
    frame = read_frame(tmp_path / "t.parquet")
    assert frame["money"].tolist()[::2] == [1.5, 2.0]
    assert frame["grade"].tolist()[:2] == [3.0, 1.0]
    assert frame["word"].tolist() == ["b", None, "a"]
    assert frame["day"].tolist() == ["2001-01-02", None, "2001-01-03"]
    assert frame["NA text"].tolist() == ["NA", "x", ""]  # a typed format says itself what is missing
    assert frame["nothing"].isna().all()


def test_an_index_stored_by_pandas_is_a_column(tmp_path):
    table().set_index(["省", "year"]).to_parquet(tmp_path / "t.parquet")
    assert list(read_frame(tmp_path / "t.parquet").columns)[:2] == ["省", "year"]


# ---------------------------------------------------------------- encodings

CSV = "省,x\n北京,1.5\n上海,2\n"


@pytest.mark.parametrize(
    ("encoded", "declared"),
    [(CSV.encode(), "utf-8"), (CSV.encode("utf-8-sig"), "utf-8"), (CSV.encode("gbk"), "gb18030"), (CSV.encode("gbk"), "GBK"),
     (CSV.encode("utf-16"), "utf-16"), (CSV.encode("big5"), "big5")],
)  # fmt: skip
def test_encodings(tmp_path, encoded, declared):
    path = tmp_path / "t.csv"
    path.write_bytes(encoded)
    frame = read_frame(path, declared)
    assert list(frame.columns) == ["省", "x"]
    assert frame["省"].tolist() == ["北京", "上海"]


BAD = {
    "empty": (b"", "empty (0 bytes)"),
    "header only": (b"a,b\n", "a header but no row"),
    "blank": (b"\n\n\n", "blank lines only"),
    "gbk": (CSV.encode("gbk"), 'encoding = "gb18030"'),
    "long gbk": (("a,b\n" + "1,x\n" * 40_000).encode() + "1,京\n".encode("gbk"), "byte 160006"),
    "utf-16": (CSV.encode("utf-16"), 'encoding = "utf-16"'),
    "utf-16 without mark": ("a,b\n1,2\n".encode("utf-16-le"), "null bytes"),
    "binary": (b"\x89PNG\r\n\xff\xfe\x00", "not utf-8"),
    "doubled": (b"a,b,a\n1,2,3\n", "`a` stands twice"),
    "parted by semicolons": (b"a;b\n1,5;2,5\n", "it seems to be parted by semicolons"),
    "long row": (b"a,b\n1,2\n3,4,5\n", "line 3 has 3 cells, but the header has 2"),
    "first row long": (b"a,b\n1,2,3\n4,5,6\n", "line 2 has 3 cells"),
    "short row": (b"a,b\n1\n3,4\n", "line 2 has 1 cell, but"),
    "open quote": (b'a,b\n"1,2\n3,4\n', "1 cell"),
    "huge cell": (b"a,b\n1," + b"x" * 200_000 + b"\n", "field larger"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_a_damaged_csv_says_what_and_where(tmp_path, content, said):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_frame(path)
    (problem,) = caught.value.problems
    assert said in problem.message
    assert problem.where == str(path)
    assert len(problem.message) < 300


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "undefined", "a\0b", ""])
def test_an_encoding_that_is_none(tmp_path, encoding):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError):
        read_frame(path, encoding)


@pytest.mark.parametrize("suffix", [".xlsx", ".dta", ".parquet"])
@pytest.mark.parametrize("damage", ["empty", "junk", "cut", "text"])
def test_a_damaged_binary_file_says_so(tmp_path, suffix, damage):
    path = tmp_path / f"t{suffix}"
    write(table(), path)
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "junk": b"\0\xff" * 500, "cut": whole[: len(whole) // 3], "text": b"a,b\n1,2\n"}[damage])
    with pytest.raises(InputError) as caught:
        read_frame(path)
    assert "\n" not in str(caught.value)


def test_a_doubled_or_missing_header_in_excel(tmp_path):
    import openpyxl

    for rows, said in (([["a", "a"], [1, 2]], "stands twice"), ([], "no column"), ([["a", "b"]], "no row")):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / "t.xlsx")
        with pytest.raises(InputError, match=said):
            read_frame(tmp_path / "t.xlsx")


# ---------------------------------------------------------------- long ids

A, B = 2**53, 2**53 + 1  # equal as doubles


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\n{B}\n",
        f"{A}\n{B}\n\n",
        f"{A}\n{B}\nNA\n",
        f"{A}0000000\n{B}0000001\nNA\n",
        f"{10**20}\n{10**20 + 1}\n",
        f"-{A}\n-{B}\n.",
    ],
)
def test_ids_beyond_doubles_stay_distinct(tmp_path, text):
    from parity.data.evaluate import codes

    path = tmp_path / "t.csv"
    path.write_text("id,x\n" + "".join(f"{line},1\n" for line in text.strip("\n").split("\n")) + ",1\n")
    found = codes(read_frame(path), ("id",))
    assert len(set(found[found >= 0].tolist())) == 2


def test_large_numbers_that_are_no_ids_stay_numbers(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x,z\n1e300,1\n2.5e17,\n")
    assert read_frame(path)["x"].tolist() == [1e300, 2.5e17]
