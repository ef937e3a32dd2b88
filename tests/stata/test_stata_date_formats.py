"""Dates under formats of their own. [D] Datetime display formats: the codes, and its examples in words."""

from __future__ import annotations

import pytest

from parity.stata.do import run_do


@pytest.mark.parametrize(("asked", "wanted"), [
    ("%tdCCYY-NN-DD td(4feb1961)", "1961-02-04"), ("%tdCCYYNNDD td(4feb1961)", "19610204"),
    ("%tdDD/NN/YY td(4feb1961)", "04/02/61"), ("%tddd_Mon_CCYY td(4feb1961)", "4 Feb 1961"),
    ("%tdMonth_dd,_CCYY td(5jul2013)", "July 5, 2013"), ("%tdDayname td(29feb2020)", "Saturday"),
    ("%tdD_m_CY td(5jul2013)", "05 Jul 2013"), ("%dN/D/Y td(5jul2013)", "07/05/13"), ("%tdJJJ td(1feb2021)", "032"),
    ("%tmCCYY!mNN tm(2021m3)", "2021m03"), ("%tmMon_CCYY tm(2021m3)", "Mar 2021"), ("%tqCCYY!Qq tq(2001q4)", "2001Q4"),
    ("%tcCCYY-NN-DD_HH:MM:SS clock(\"2020-01-01 15:07:09\", \"YMDhms\")", "2020-01-01 15:07:09"),
    ("%tcHh:MM_AM clock(\"2020-01-01 15:07:09\", \"YMDhms\")", "03:07 PM"),
    ("%td td(4feb1961)", "04feb1961"), ("%tq tq(2001q4)", "2001q4"), ("%tdCCYY .", "."),
])  # fmt: skip
def test_a_date_by_codes(asked, wanted, tmp_path):
    found = run_do(f"display {asked}\n", tmp_path)
    assert [p.values["text"] for p in found.printed] == [wanted], found.findings


def test_codes_make_texts_and_lists_too(tmp_path):
    text = 'set obs 1\ngen d = td(4feb1961)\nformat d %tdCCYY-NN-DD\ngen s = string(d, "%tdCCYYNNDD")\nlist d s\n'
    (listed,) = [p for p in run_do(text, tmp_path).printed if p.kind == "list"]
    assert listed.values["rows"] == [["1961-02-04", "19610204"]]


def test_codes_that_nobody_knows_are_refused(tmp_path):
    found = run_do("display %tdZZ 5\n", tmp_path)
    assert not found.printed and "no code of dates" in found.findings[0].text
