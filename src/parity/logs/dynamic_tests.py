"""Tests of dynamic panels: the lines below a window of xtabond2, and the box of `estat abond`.

The layouts: Roodman (2009), Stata Journal 9(1), and later versions' help; [XT] xtabond postestimation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.logs.bars import RULE
from parity.logs.exhibit import NotUnderstood, Place, Statistic, Window, WindowRow
from parity.logs.numbers import NUMBER, cell
from parity.printed.lines import Line

_VALUE = rf"(?:{NUMBER}|\.)"
_ORDER = re.compile(
    rf"\s*+Arellano[-–]Bond test for (?P<name>AR\(\d{{1,2}}\)) in (?P<of>[a-z ]{{4,30}}): {{0,4}}z {{0,4}}= {{0,12}}"
    rf"(?P<value>{_VALUE}) {{1,8}}Pr > z {{0,4}}= {{0,12}}(?P<p>{_VALUE})\s*+"
)
_CHI2 = rf"chi2\((?P<df>\d++)\) {{0,8}}= {{0,12}}(?P<value>{_VALUE}) {{1,8}}Prob > chi2 {{0,4}}= {{0,12}}(?P<p>{_VALUE})\s*+"
_OVER = re.compile(rf"\s*+(?P<name>Sargan|Hansen) test of overid\. restrictions: {{0,8}}{_CHI2}")
_SUBSET = re.compile(
    rf"\s*+(?P<name>(?:Sargan|Hansen) test excluding group|Difference \(null H = exogenous\)): {{0,12}}{_CHI2}"
)
#: Above the tests: names of instruments; between them: remarks, and which instruments a test leaves out.
_NAMES = re.compile(r"\s*+(?:Instruments for |Warning: |Standard$|GMM-type|[\w.(][\w.()/,*~= +-]*+$)")
_REMARK = re.compile(r"\s*+\((?:Not robust|Robust)\b.*\)|\s*+Difference-in-(?:Sargan|Hansen) tests .*:")
_GROUP = re.compile(r"\s++(?:gmm|iv|GMM)\b.{0,2000}")
_DECIMAL = re.compile(r"(?:^|[\s=])-?\d{0,9}\.\d+(?:\s|$)")
#: Lines of instruments' names that may stand above the tests.
_MOST = 400


def foot(lines: Sequence[Line], at: int, stop: int, file: str) -> tuple[list[Statistic], list[NotUnderstood], int] | None:
    """The tests below a window of xtabond2, which ends at `at`: `AR(1) z`, `Hansen chi2`, `Hansen df`; what of them was not
    understood, and the position behind them. None where none stand."""
    first = at
    while first < min(stop, at + _MOST) and not _ORDER.fullmatch(lines[first].text):
        text = lines[first].text
        if text.strip() and not RULE.fullmatch(text) and (not _NAMES.match(text) or _DECIMAL.search(text)):
            return None
        first += 1
    if first >= stop or not _ORDER.fullmatch(lines[first].text):
        return None
    statistics, lost, group, end = [], [], "", first
    for i in range(first, stop):
        text, number = lines[i].text, lines[i].number
        if found := _ORDER.fullmatch(text):
            differenced = found["of"] == "first differences"
            name = found["name"] if differenced else f"{found['name']} in {found['of']}"
            statistics += _of(found, name, (("z", "value"), ("p", "p")), Place(file, number))
        elif found := _OVER.fullmatch(text) or _SUBSET.fullmatch(text):
            name = found["name"] if found.re is _OVER else f"{found['name']}, {group}"
            statistics += _of(found, name, (("chi2", "value"), ("df", "df"), ("p", "p")), Place(file, number))
        elif _GROUP.fullmatch(text):
            group = text.strip()
        elif re.search(r"chi2\(|Pr > z", text):
            lost.append(NotUnderstood(text.strip(), "no test of xtabond2 that is known", Place(file, number)))
        elif text.strip() and not RULE.fullmatch(text) and not _REMARK.fullmatch(text):
            break
        end = i + 1 if text.strip() else end
    return statistics, lost, end


def _of(found: re.Match, name: str, parts: Sequence[tuple[str, str]], place: Place) -> list[Statistic]:
    return [Statistic(f"{name} {tail}", "", cell(found[part], place)) for tail, part in parts if found[part] != "."]


_BOX = re.compile(r"\s*+\|?+ *+Order *+\| *+z ++Prob > z *+\|?+\s*+")
_IN_BOX = re.compile(rf"\s*+\|?+ *+(?P<order>\d{{1,2}}) *+\| *+(?P<z>{_VALUE}) ++(?P<p>{_VALUE}) *+\|?+\s*+")
_EDGE = re.compile(r"\s*+[+|-][+|-]{5,}\s*+|\s*+H0: no autocorrelation\s*+")


def abond(lines: Sequence[Line], at: int, stop: int, file: str) -> tuple[Window, int] | None:
    """The box of `estat abond`, whose heading stands at `at`: z and p of each order; and the position behind it."""
    if not _BOX.fullmatch(lines[at].text):
        return None
    first, rows = at, []
    at += 1
    while at < stop:
        found = _IN_BOX.fullmatch(lines[at].text)
        if found is None and not _EDGE.fullmatch(lines[at].text):
            break
        if found is not None:
            place = Place(file, lines[at].number)
            cells = (cell(found["z"], place, "value", "z"), cell(found["p"], place, "value", "Prob > z"))
            rows.append(WindowRow(found["order"], cells, place))
        at += 1
    place = Place(file, lines[first].number)
    return Window("estat", place, tuple(rows), first=lines[first].number, last=lines[at - 1].number), at
