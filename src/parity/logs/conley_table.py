"""The table that Conley's `x_ols` prints, which has no bars: coefficients, White's errors, and those that space corrects.

x_ols.ado (Dube, 1999).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.logs.exhibit import NotUnderstood, Place, Statistic, Window, WindowRow
from parity.logs.numbers import NUMBER, cell
from parity.printed.lines import Line

_TITLE = re.compile(r"\s*+Results for Cross Sectional OLS corrected for Spatial Dependence\s*+")
_NOBS = re.compile(rf"\s*+number of observations= {{0,8}}(?P<n>{NUMBER})\s*+")
_OUTCOME = re.compile(r"\s*+Dependent Variable= *+(?P<name>\w++)\s*+")
_HEAD = re.compile(r"variable\s++ols estimates\s++White s\.e\.\s++s\.e\. corrected for spatial dependence\s*+")
_RULE = re.compile(r"\s*+-[-\s]++")
_ROW = re.compile(rf"(?P<name>[^\W\d]\w*+)\s++(?P<coef>{NUMBER})\s++(?P<white>{NUMBER})\s++(?P<se>{NUMBER})\s*+")
#: How its second column is called.
WHITE = "White s.e."


def conley_table(lines: Sequence[Line], at: int, stop: int, file: str) -> tuple[Window, int] | None:
    """The window whose title stands at `at`, and the position behind it."""
    if not _TITLE.fullmatch(lines[at].text):
        return None
    rows, statistics, lost, outcome, headed, end = [], [], [], "", False, at + 1
    for i in range(at + 1, stop):
        text, place = lines[i].text, Place(file, lines[i].number)
        if found := _NOBS.fullmatch(text):
            statistics.append(Statistic("number of observations", "nobs", cell(found["n"], place)))
        elif found := _OUTCOME.fullmatch(text):
            outcome = found["name"]
        elif _HEAD.fullmatch(text):
            headed = True
        elif headed and (found := _ROW.fullmatch(text)):
            cells = (cell(found["coef"], place, "coef"), cell(found["white"], place, "value", WHITE),
                     cell(found["se"], place, "se"))  # fmt: skip
            rows.append(WindowRow(found["name"], cells, place))
        elif headed and rows and not text.strip():
            break
        elif text.strip() and not _RULE.fullmatch(text):
            if not headed or not re.search(r"\d\s*$", text):
                break
            lost.append(NotUnderstood(text.strip(), "no row of x_ols", place))
        end = i + 1
    if not rows:
        return None
    first, last = lines[at].number, lines[end - 1].number
    window = Window("estimates", Place(file, first), tuple(rows), outcome=outcome, statistics=tuple(statistics),
                    not_understood=tuple(lost), first=first, last=last)  # fmt: skip
    return window, end
