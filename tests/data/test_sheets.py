"""Workbooks of one sheet per indicator: what is matched, what is left out, and what is wrong, each said."""

from __future__ import annotations

import openpyxl
import pytest

from parity.base.errors import InputError
from parity.data.load import read_study_frame
from parity.data.provinces import PROVINCES, is_whole_country, province
from parity.data.yearbook import read_sheets
from parity.study.load import load_study


@pytest.fixture
def book(tmp_path):
    def make(**sheets) -> object:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name, rows in sheets.items():
            sheet = made.create_sheet(name)
            for row in rows:
                sheet.append(row)
        made.save(tmp_path / "data.xlsx")
        return tmp_path / "data.xlsx"

    return make


GDP = [["地区", 2015, "2016年", "2017"], ["全国", 10, 20, 30], ["北 京", 1, 2, 3], ["广西壮族自治区", "1,234.5", None, "—"],
       ["\u3000内蒙古自治区", 7, 8, 9]]  # fmt: skip


def test_names_years_and_numbers_as_yearbooks_write_them(book):
    path = book(gdp=GDP, 专利=[["province", 2015, 2016], ["Guangxi", 5, 6], ["beijing", 3, 4]])
    frame, report = read_sheets(path, "省份", "year")
    assert frame["省份"].tolist() == ["北京"] * 3 + ["广西"] * 3 + ["内蒙古"] * 3
    assert frame["year"].tolist() == [2015, 2016, 2017] * 3
    assert frame["gdp"].fillna(-1).tolist() == [1, 2, 3, 1234.5, -1, -1, 7, 8, 9]
    assert frame["专利"].fillna(-1).tolist() == [3, 4, -1, 5, 6, -1, -1, -1, -1]
    text = "\n".join(report.lines())
    assert "2 sheets read: 3 units, 2015 to 2017" in text
    assert "广西壮族自治区 = 广西" in text
    assert "left out: rows 全国" in text
    assert "missing: 专利: 内蒙古" in text
    assert "missing: 专利: 2017" in text


def test_national_series_attributes_and_notes(book):
    path = book(
        gdp=[["地区", 2015, 2016], ["北京", 1, 2], ["上海", 3, 4], ["数据来源:年鉴"]],
        users=[["地区", 2015, 2016], ["全国", 6.9, 7.3]],
        fixed=[["地区", "region", "posts"], ["北京市", "东部", 1.5], ["上海市", "东部", 2]],
        说明=[["nothing here"]],
    )  # fmt: skip
    frame, report = read_sheets(path, "省份", "year")
    assert frame["users"].tolist() == [6.9, 7.3, 6.9, 7.3]
    assert frame["posts"].tolist() == [1.5, 1.5, 2.0, 2.0]
    assert frame["region"].tolist() == ["东部"] * 4
    text = "\n".join(report.lines())
    assert "national series, the same in every unit: users" in text
    assert "attributes of units: region, posts" in text
    assert "sheet 说明" in text and "数据来源" in text


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*GDP, ["广东", 1, "abc", 2]], "sheet gdp, cell C6: `abc` under 2016 is no number"),
        ([*GDP, ["黑龙缸", 1, 2, 3]], "sheet gdp, row 6: `黑龙缸` is no province: did you mean `黑龙江`?"),
        ([*GDP, ["广西", 1, 2, 3]], "sheet gdp, row 6: `广西` stands twice, as `广西壮族自治区` before"),
        ([["地区"], ["北京"]], "no sheet has units down its first column"),
    ],
)
def test_what_can_not_be_read_is_said_with_its_cell(book, rows, said):
    with pytest.raises(InputError) as error:
        read_sheets(book(gdp=rows), "省份", "year")
    assert said in str(error.value)


X = [["地区", 2015, 2016], ["北京", 1, 2], ["广西", 3, 4]]
YEAR = "sheet x, cells B1 and D1: the year 2015 stands twice"


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"x": [["地区", 2015, 2016, 2015], ["北京", 1, 2, 3]]}, YEAR),
        ({"x": [["地区", 2015, 2016, "2015年"], ["北京", 1, 2, 3]]}, f"{YEAR} (`2015` and `2015年`)"),
        (
            {"x": [["地区", 2015, "region", "region "], ["北京", 1, "北", "北"]]},
            "cells C1 and D1: `region` stands twice",
        ),
        ({"x": X, "x ": X}, "sheets `x` and `x `: both would be the column `x`"),
        ({"x": X, "y": [["地区", 2015, 2016, "x"], ["北京", 1, 2, 5]]}, "sheet y, cell D1: `x` is a sheet"),
        ({"y": [["地区", 2015, 2016, "x"], ["北京", 1, 2, 5]], "x": X}, "sheet y, cell D1: `x` is a sheet"),
        ({"x": [*X, ["上海", "1,5", 1]]}, "sheet x, cell B4: `1,5` under 2015 is no number: a comma cuts off thousands"),
        ({"x": [*X, ["上海", 1, "12,34.5"]]}, "sheet x, cell C4: `12,34.5` under 2016 is no number"),
        ({"x": [*X, ["上海", "1 5", 1]]}, "sheet x, cell B4: `1 5` under 2015 is no number"),
        ({"x": [*X, ["上海", "1_234", 1]]}, "sheet x, cell B4: `1_234` under 2015 is no number"),
        ({"x": [*X, ["上海", "inf", 1]]}, "sheet x, cell B4: `inf` under 2015 is no number"),
        ({"x": [["地区", 2015, "posts"], ["北京", 1, "1,5"]]}, "sheet x, cell C2: `1,5` under posts is no number"),
        ({"x": [*X, ["北京市", 5, 6]]}, "sheet x, row 4: `北京市` stands twice, as `北京` before"),
        ({"x": [*X, ["Beijing", 5, 6]]}, "sheet x, row 4: `Beijing` stands twice, as `北京` before"),
        ({"x": [X[0], [], ["北京", "a", 2]]}, "sheet x, cell B3: `a` under 2015"),
        (
            {"x": [["地区", 2015, "r"], ["北京", 1, "北"]], "y": [["地区", 2015, "r"], ["北京", 1, "南"]]},
            "sheet y, cell C2: `r` is `南` here and `北` in another sheet",
        ),
    ],
)
def test_what_would_overwrite_another_number_is_refused_with_its_cell(book, sheets, said):
    with pytest.raises(InputError) as error:
        read_sheets(book(**sheets), "省份", "year")
    assert said in str(error.value)


def test_thousands_are_cut_by_commas_or_blanks(book):
    rows = [["地区", 2015, 2016, 2017, "2 018"], ["北京", "1,234,567.5", "-1,234", "１，２３４", "1 234"]]
    frame, _ = read_sheets(book(x=rows), "省份", "year")
    assert frame["year"].tolist() == [2015, 2016, 2017, 2018]
    assert frame["x"].tolist() == [1234567.5, -1234, 1234, 1234]


def test_a_column_without_head_is_said_to_be_left_out(book):
    _, report = read_sheets(book(x=[["地区", 2015, None], ["北京", 1, 7]]), "省份", "year")
    assert "left out: column C of sheet x, which has no head" in "\n".join(report.lines())


def test_other_units_than_provinces_keep_their_names(book):
    frame, _ = read_sheets(book(x=[["firm", 2000, 2001], ["General  Motors", 1, 2], ["US Steel", 3, 4]]), "firm", "year")
    assert frame["firm"].tolist() == ["General Motors"] * 2 + ["US Steel"] * 2


STUDY = '[study]\ntitle = "t"\ndata = "data.xlsx"\nlayout = "sheets"\n{keys}\n[spec.a]\nformula = "gdp ~ year"\n'


def test_a_study_in_sheets(book):
    path = book(gdp=GDP)
    (path.parent / "study.toml").write_text(STUDY.format(keys='unit = "省份"\ntime = "year"'), encoding="utf-8")
    assert len(read_study_frame(load_study(path.parent))) == 9
    (path.parent / "study.toml").write_text(STUDY.format(keys=""), encoding="utf-8")
    with pytest.raises(InputError, match="layout"):
        load_study(path.parent)


def test_every_province_by_each_of_its_names():
    assert len(PROVINCES) == 34
    names = ("广西壮族自治区", "广西", "宁夏回族自治区", "北京市", "黑龙江省", "Inner Mongolia", "新 疆")
    assert [province(n) for n in names] == ["广西", "广西", "宁夏", "北京", "黑龙江", "内蒙古", "新疆"]
    assert province("广州") is None
    assert is_whole_country("全 国") and not is_whole_country("全州")


def printed_sheet(made, name, title, years, numbers, merge="A3:A4"):
    """A sheet as a yearbook prints it: title, measure, corner over two rows, notes below."""
    sheet = made.create_sheet(name)
    for row in [[title], ["单位:亿元"], ["地  区", "年份"], [None, *years], *numbers, [], ["注:按当年价格计算。"]]:
        sheet.append(row)
    for cells in ("A1:C1", "A2:C2", "B3:C3", merge):
        sheet.merge_cells(cells)


def test_titles_measures_and_merged_heads_stand_above(tmp_path):
    made = openpyxl.Workbook()
    made.remove(made.active)
    printed_sheet(made, "gdp", "表1 生产总值", ["2016年", "2015年"], [["全国", 9, 9], ["北  京", 2, 1], ["广西", "…", 3]])
    printed_sheet(made, "trade", "表2 进出口", [2015, 2016], [["北京市", 5, 6], ["广西", 7, 8]])
    made.save(tmp_path / "data.xlsx")
    frame, report = read_sheets(tmp_path / "data.xlsx", "省份", "year")
    assert frame["gdp"].fillna(-1).tolist() == [1, 2, 3, -1] and frame["trade"].tolist() == [5, 6, 7, 8]
    assert report.above == ["gdp: 表1 生产总值, 单位:亿元", "trade: 表2 进出口, 单位:亿元"]


def test_rows_that_are_indicators_are_national_series(book):
    """By the sheet's corner. It was a 32nd province; of other sheets a row that is no province is refused."""
    users = ["上网人数（亿人）", 6.9, 7.3]
    gdp = [["地区", 2015, 2016], ["北京", 1, 2], ["上海", 3, 4]]
    for corner in ("指 标", "Indicator"):
        frame, report = read_sheets(
            book(gdp=gdp, pop=gdp, 附表=[[corner, 2015, 2016], users, ["网站", None, "…"]]), "省份", "year"
        )
        assert frame["上网人数（亿人）"].tolist() == [6.9, 7.3, 6.9, 7.3] and set(frame["省份"]) == {"北京", "上海"}
        assert report.national == ["上网人数（亿人）"] and "the line `网站`" in report.left_out
    for corner, name, said in (
        ("地区", "黑龙缸", "`黑龙缸` is no province: did you mean `黑龙江`?"),
        (None, "大连", "`大连` is no province; of indicators of the whole country the corner is `指标`"),
        ("指标", "gdp", "sheet 附表, row 2: `gdp` is a sheet or a column too"),
    ):
        with pytest.raises(InputError, match=said):
            read_sheets(book(gdp=gdp, pop=gdp, 附表=[[corner, 2015, 2016], [name, 6.9, 7.3]]), "省份", "year")
    with pytest.raises(InputError, match="sheet 附表, cell C2: `abc` under 2016 is no number"):
        read_sheets(book(gdp=gdp, 附表=[["指标", 2015, 2016], ["网站", 1, "abc"]]), "省份", "year")


def test_a_sheet_whose_name_is_a_number_is_called_by_its_title(book):
    rows = [["地区", 2015, 2016], ["北京", 1, 2], ["上海", 3, 4]]
    path = book(**{
        "1-1": [["1-1  各地区生产总值"], [None, None, "单位：亿元"], *rows],
        "表2": [["表2：年末  人口 （万人）"], *rows],
        "3": [["3 全国各省市就业"], ["单位:万人"], ["另一行"], *rows],  # two titles: the name stays
        "2.4": rows, "gdp": [["表5 收入"], *rows],
    })  # fmt: skip
    frame, report = read_sheets(path, "省份", "year")
    assert list(frame)[2:] == ["生产总值", "年末 人口 （万人）", "3", "2.4", "gdp"]
    assert report.measured == {"生产总值": "亿元", "3": "万人"} and report.titled["1-1"] == "生产总值"
    assert report.above == ["3: 3 全国各省市就业, 单位:万人, 另一行", "gdp: 表5 收入"]
    with pytest.raises(InputError, match="both would be the column `生产总值`"):
        read_sheets(book(**{"1-1": [["生产总值"], *rows], "1-2": [["各地区生产总值"], *rows]}), "省份", "year")


def test_a_run_names_the_first_of_many_matched_units(book):
    rows = [["地区", 2015, 2016], *([f"{name}省", 1, 2] for name in PROVINCES[:6]), ["贵 州", 1, 2]]
    _, report = read_sheets(book(gdp=rows), "省份", "year")
    assert report.matched()[0].endswith(" and 3 more") and "more" not in report.lines()[1]
    assert "贵 州" not in report.renamed  # blanks go without a word


def test_cells_merged_below_the_heads_hide_numbers(tmp_path):
    made = openpyxl.Workbook()
    made.remove(made.active)
    printed_sheet(made, "gdp", "表1", [2015, 2016], [["北京", 1, 2], ["广西", 3, 4]], merge="B5:B6")
    made.save(tmp_path / "data.xlsx")
    with pytest.raises(InputError, match="cells B5:B6 are merged, and only B5 holds their value"):
        read_sheets(tmp_path / "data.xlsx", "省份", "year")


def test_a_sheet_a_year(book):
    path = book(
        **{"2015年": [["各地区主要指标"], ["地区", "gdp", "trade"], ["北京", 1, "1,000"], ["广西", 3, "…"]],
           "2016": [["地区", "trade", "gdp"], ["广西", 6, 4], ["北京", 5, 2]]}
    )  # fmt: skip
    frame, report = read_sheets(path, "省份", "year")
    assert frame["gdp"].tolist() == [1, 2, 3, 4] and frame["trade"].fillna(-1).tolist() == [1000, 5, -1, 6]
    assert report.attributes == [] and report.above == ["2015年: 各地区主要指标"]
    with pytest.raises(InputError, match="sheets `2015年` and `2015`: both are of 2015"):
        read_sheets(book(**{"2015年": [["地区", "gdp"], ["北京", 1]], "2015": [["地区", "gdp"], ["北京", 1]]}), "u", "t")


def test_numbers_like_years_are_no_heads(book):
    """An attribute of which every value is a year, under a title or not, in a column or in two."""
    rows = [["地区", "founded", "closed"], ["北京", 1949, 2003], ["广西", 1958, 2004]]
    gdp = [["地区", 2015, 2016], ["北京", 1, 2], ["广西", 3, 4]]
    for above in ([], [["表3"]]):
        frame, _ = read_sheets(book(gdp=gdp, dates=[*above, *rows]), "省份", "year")
        assert frame["founded"].tolist() == [1949, 1949, 1958, 1958] and frame["closed"].tolist() == [2003, 2003, 2004, 2004]
    frame, _ = read_sheets(book(gdp=gdp, dates=[row[:2] for row in rows]), "省份", "year")
    assert frame["founded"].tolist() == [1949, 1949, 1958, 1958]
