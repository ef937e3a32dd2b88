"""Mistakes that authors make with their workbooks, each answered with what to do, in both languages."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from parity.base.errors import ColumnProblem, InputError
from parity.data.evaluate import Panel, evaluate
from parity.data.read import read_frame
from parity.report.chinese.forms import in_chinese
from parity.study.grammar import parse_expression

HEADS = ["省份", "年份", "生产总值"]
ROWS = [["北京", 2015, 1.5], ["北京", 2016, 2.5], ["上海", 2015, 3.5]]


def book(path, rows, *, merged=(), first=None):
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    if first:
        made.create_sheet(first, 0)
    made.save(path)
    return path


@pytest.mark.parametrize(
    ("made", "english", "chinese"),
    [
        ({"rows": [HEADS, *ROWS, ["注：数据来自统计年鉴"]]}, "row 5 holds `注：数据来自统计年鉴` alone", "请删去"),
        ({"rows": [[None, "宏观指标"], HEADS, *ROWS]}, "row 1 holds `宏观指标` alone", "第 1 行只有 `宏观指标`"),
        (
            {"rows": [["省份", "经济", None], *ROWS], "merged": ["B1:C1"]},
            "cells B1:C1 of the column names",
            "列名中的单元格",
        ),
        ({"rows": [HEADS, *ROWS], "first": "说明"}, "the sheet `说明`, the first of 2, is empty", "移到最前"),
    ],
)
def test_what_is_no_row_of_a_workbook_is_said(tmp_path, made, english, chinese):
    with pytest.raises(InputError, match=english) as raised:
        read_frame(book(tmp_path / "data.xlsx", **made))
    assert chinese in in_chinese(raised.value.problems[0].message)


def test_a_row_that_begins_as_a_note_and_has_values_is_a_row(tmp_path):
    assert len(read_frame(book(tmp_path / "data.xlsx", [HEADS, *ROWS, ["来源县", 2015, 1.0]]))) == 4
    assert len(read_frame(book(tmp_path / "more.xlsx", [HEADS, *ROWS, ["天津"]]))) == 4
    for name in ("注册公司", "来源于外资", "Source One"):  # of which nothing is known
        assert len(read_frame(book(tmp_path / "more.xlsx", [HEADS, *ROWS, [name]]))) == 4


def test_a_note_below_a_csv_is_said(tmp_path):
    (tmp_path / "data.csv").write_text("省份,年份\n北京,2015\n注：来自年鉴\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 3 has 1 cell, but the header has 2: a note below the data") as raised:
        read_frame(tmp_path / "data.csv")
    assert in_chinese(raised.value.problems[0].message) == (
        "第 3 行只有 1 个值，表头有 2 个：数据下方的注释不是数据行，请删去"
    )


@pytest.mark.parametrize(
    ("cell", "chinese"),
    [("1.5亿元", "数字带有单位"), ("15,000万元", "数字带有单位"), ("1,234,567", "千分位逗号"), ("12%", "百分号")],
)
def test_a_number_as_an_author_writes_it_is_named_within_an_operation(cell, chinese):
    frame = pd.DataFrame({"gdp": [cell, cell], "pop": [1.0, 2.0]})
    with pytest.raises(ColumnProblem, match="`gdp` is text") as raised:
        evaluate(parse_expression("gdp * 10000 / pop"), frame, Panel())
    assert chinese in in_chinese(str(raised.value)) and "第 1 个观测" in in_chinese(str(raised.value))
