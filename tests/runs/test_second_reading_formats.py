"""R's own reading follows the stated rules of reading: periods in every format, missing values, value labels, storage."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from made_studies import Made, on_disk
from parity.data.load import load_frame
from parity.runs.second_reading.records import second_reading
from parity.runs.second_reading.sample import of_design
from parity.sample.build import build_design

pytestmark = pytest.mark.needs_r("haven", "readxl")
#: Eight periods of which the fourth is no row: numbers from 0.
PLACES = [0, 1, 2, 4, 5, 6, 7]
SPECS = {
    "lag": {"formula": "y ~ l(x, 1) + d(x)"},
    "step": {"formula": "y ~ x_before + x_growth | unit"},
    "differences": {"formula": "y ~ x", "model": "first_difference"},
    "newey": {"formula": "y ~ x", "vcov": {"newey_west": 2}},
}


def panel(periods: list) -> pd.DataFrame:
    draw = np.random.default_rng(5)
    n = 6 * len(periods)
    frame = pd.DataFrame({"unit": np.repeat([f"u{i}" for i in range(6)], len(periods)), "t": list(periods) * 6})
    return frame.assign(x=draw.normal(5, 1, n).round(6), y=draw.normal(size=n).round(6))


def study(frame: pd.DataFrame, specs: dict, **header) -> Made:
    derive = {"x_before": {"lag": "x"}, "x_growth": {"growth": "x"}} if "t" in frame else {}
    keys = {"unit": "unit", "time": "t"} if "t" in frame else {}
    return Made(frame, {"study": {"title": "Made", **keys, **header}, "derive": derive, "spec": specs})


def not_green(one: Made, folder) -> list[str]:
    loaded = on_disk(one, folder)
    frame = load_frame(loaded)
    found = list(second_reading(loaded, frame, lambda spec: of_design(build_design(loaded, spec, frame))))
    assert len(found) == len(loaded.specs) + 1
    return [f"{r.spec}: {r.verdict}: {r.note}" for r in found if r.verdict != "agree"]


def month(k: int, day: int = 1) -> datetime.datetime:
    return datetime.datetime(2001 + (k + 9) // 12, (k + 9) % 12 + 1, day)


NAMED = {
    "year": lambda k: f"{2001 + k}年",
    "year text": lambda k: f"{2001 + k}年度",
    "half": lambda k: f"{2001 + k // 2}h{k % 2 + 1}",
    "half in words": lambda k: f"{2001 + k // 2}年{'上下'[k % 2]}半年",
    "quarter": lambda k: f"{2001 + k // 4}-Q{k % 4 + 1}",
    "quarter in words": lambda k: f"{2001 + k // 4}年第{'一二三四'[k % 4]}季度",
    "month": lambda k: f"{month(k):%Y/%m}",
    "month m": lambda k: f"{month(k).year}m{month(k).month}",
    "month in words": lambda k: f"{month(k).year}年{month(k).month}月",
    "week of Stata": lambda k: f"{2001 + (k + 48) // 52}w{(k + 48) % 52 + 1}",
    "week of ISO": lambda k: f"2004-W{k + 50}" if k < 4 else f"2005-W{k - 3:02d}",
    "day": lambda k: f"2004-02-{26 + k}" if k < 4 else f"2004-03-{k - 3:02d}",
    "day with strokes": lambda k: f"2004/3/{k + 1}",
    "day of Stata": lambda k: f"{k + 1}mar2004",
    "day in words": lambda k: f"2004年3月{k + 1}日",
    "hour": lambda k: f"2004-03-01 {20 + k:02d}:00" if k < 4 else f"2004-03-02 {k - 4:02d}:00",
    "last days": lambda k: f"{month(k + 1) - datetime.timedelta(days=1):%Y-%m-%d}",
    "full width": lambda k: f"２０１{k}",
    "quarters by date": lambda k: f"{month(3 * k, 15):%Y-%m-%d}",
    "number": lambda k: 2001 + k,
    "quarters of years": lambda k: 2001 + k / 4,
    "months of years": lambda k: round(2001 + k / 12, 4),
}


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_periods_by_name(tmp_path, name, form):
    from dataclasses import replace

    one = study(panel([NAMED[name](k) for k in PLACES]), SPECS)
    assert not_green(replace(one, form=form), tmp_path) == []


DECLARED = {
    "order": (lambda k: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug"][k],
              {"time_order": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug"]}),
    "every other": (lambda k: 2000 + 2 * k, {"time_step": 2}), "halves": (lambda k: k / 2, {"time_step": 0.5}),
    "digits": (lambda k: 100 * month(k).year + month(k).month, {"time_step": "month"}),
    "digits of quarters": (lambda k: 10 * (2001 + k // 4) + k % 4 + 1, {"time_step": "quarter"}),
    "days in digits": (lambda k: int(f"{month(0) + datetime.timedelta(days=k):%Y%m%d}"), {"time_step": "day"}),
    "months by date": (lambda k: f"{month(k, 3 + k % 2):%Y-%m-%d}", {"time_step": "month"}),
    "quarters as years": (lambda k: f"{2001 + k}q2", {"time_step": "year"}),
}  # fmt: skip


@pytest.mark.parametrize("name", DECLARED)
def test_periods_as_declared(tmp_path, name):
    periods, header = DECLARED[name]
    assert not_green(study(panel([periods(k) for k in PLACES]), SPECS, **header), tmp_path) == []


STATA = {"ty": 12, "th": 6, "tq": 3, "tm": 1}


@pytest.mark.parametrize("form", [*STATA, "td", "tc", "tw"])
def test_periods_of_stata(tmp_path, form):
    dates = [month(STATA.get(form, 1) * k) if form in STATA else month(0) + datetime.timedelta(days=7 * k) for k in PLACES]

    def write(frame, path):
        frame.to_stata(path, write_index=False, version=118, convert_dates={"t": form})

    one = study(panel(dates), SPECS)
    assert not_green(Made(one.frame, one.toml, "dta", write), tmp_path) == []


def test_periods_are_dates_of_excel(tmp_path):
    one = study(panel([month(k) for k in PLACES]), SPECS)
    assert not_green(Made(one.frame, one.toml, "xlsx"), tmp_path) == []


def test_codes_missing_values_labels_and_floats_of_stata(tmp_path):
    draw = np.random.default_rng(6)
    n = 80
    place = np.arange(n)
    frame = pd.DataFrame({
        "country": np.array(["NA", "ZA", "", "nan", "BW"], dtype=object)[place % 5], "region": place % 3 + 1,
        "x": draw.normal(size=n).astype(np.float32), "y": draw.normal(size=n),
        "z": np.where(place % 7, draw.normal(size=n), np.nan),
    })  # fmt: skip

    def write(frame, path):
        labels = {"region": {1: "East", 2: "West", 3: "North"}}
        frame.to_stata(path, write_index=False, version=118, value_labels=labels)

    specs = {
        "absorbed": {"formula": "y ~ x | country", "vcov": {"cluster": ["country"]}},
        "labelled": {"formula": "y ~ x + i(region)", "where": "region != 'West' or x > 0"},
        "listed": {"formula": "y ~ x + z", "where": "region in ['East', 'North'] and country != 'NA'"},
        "referred": {"formula": "y ~ x + i(region, ref = 'West') + i(region, z) + east"},
        "stored": {"formula": "y ~ z + zz"},
    }
    one = study(frame, specs, storage="float")
    one.toml["derive"].update({"east": {"dummy": "region", "values": ["East"]}, "zz": "z * 3 + x"})
    assert not_green(Made(one.frame, one.toml, "dta", write), tmp_path) == []


def test_cells_of_excel(tmp_path):
    """Numbers stored as text, errors, truth values, dates beside text, rows without anything."""
    import openpyxl

    rows = [["code", "x", "flag", "mixed", "when", "y"]]
    rows += [[f"c{i % 4}", str(i * 1.5) if i % 3 else i / 7, i % 2 == 0, i if i % 5 else "many", month(i), i**0.5]
             for i in range(30)]  # fmt: skip
    rows[4][1], rows[9][1], rows[12][0] = "#N/A", "NA", None
    rows.insert(8, [None] * 6)
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    specs = {
        "coded": {"formula": "y ~ x + flag | code"}, "dummies": {"formula": "y ~ x + i(mixed)", "where": "mixed != '7'"},
        "dated": {"formula": "y ~ x + i(code)", "where": "when != '2002-05-01'"},
    }  # fmt: skip
    one = study(pd.DataFrame(), specs)
    assert not_green(Made(pd.DataFrame(), one.toml, "xlsx", lambda frame, path: book.save(path)), tmp_path) == []


def test_words_for_missing_as_declared(tmp_path):
    frame = pd.DataFrame({"g": ["NA", "a", "-9", "b"] * 10, "x": np.arange(40) % 11, "y": np.arange(40) ** 0.5})
    one = study(frame, {"s": {"formula": "y ~ x | g"}}, missing=["-9"])
    assert not_green(one, tmp_path) == []


#: Files whose later rows are of another kind than the first five hundred, and fields that hold quotes, commas, lines.
LINES = {
    "text from row 700 on": lambda i: f"{i % 7 if i < 700 else 'a'},{i * 0.37}",
    "quoted numbers": lambda i: f'{i % 7},"{i * 0.37}"' if i > 600 else f"{i % 7},{i * 0.37}",
    "words for missing": lambda i: f"{i % 7},{ {800: 'NA', 801: '', 802: '.'}.get(i, i * 0.37) }",
    "long numbers": lambda i: f"{i % 7 if i < 700 else 2**53 + 1 + i % 5},{i * 0.37}",
    "truth values, then text": lambda i: f"{'TRUE' if i < 700 else 'x'},{i * 0.37}",
    "quotes and commas": lambda i: ['"a""b"', "5 feet", '"c, d"'][i % 3] + f",{i * 0.37}",
    "a quote inside a field": lambda i: ["a", '5" pipe', '"c, 5"" d"'][i % 3] + f",{i * 0.37}",
    "a line inside a field": lambda i: f'"a\n{i % 4}",{i * 0.37}',
    "blank lines": lambda i: f"{i % 4},{i * 0.37}",
}


@pytest.mark.parametrize("name", LINES)
def test_lines_of_csv(tmp_path, name):
    text = "g,x,y\n" + "\n".join(f"{line},{i * 7919 % 101}" for i, line in enumerate(
        LINES[name](i) for i in range(900))) + "\n"  # fmt: skip
    if name == "blank lines":
        text = text.replace("\n1,", "\n\n1,")
    one = study(pd.DataFrame(), {"s": {"formula": "y ~ x | g"}})
    assert not_green(Made(one.frame, one.toml, "csv", lambda frame, path: path.write_text(text)), tmp_path) == []
