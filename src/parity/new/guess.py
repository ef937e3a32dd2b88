"""Guesses from a table: which columns name unit and time, and a first specification that can be estimated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.study.formula import Column, FormulaError
from parity.study.grammar import parse_formula
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

_TIME = re.compile(
    r"(year|yr|date|time|period|quarter|qtr|month|week|day|wave|round|t|年|年份|年度|时间|日期|季度|月份|月|期)",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"(id|.*[_ ]?id|unit|firm|fcode|company|code|stkcd|symbol|ticker|gvkey|permno|nr|person|individual|household|hhid|"
    r"country|iso\d?|state|region|province|prov|city|county|district|school|plant|bank|sector|industry|name|"
    r"企业|公司|省|省份|省市|城市|地区|市|县|区县|国家|行业|个体|股票代码|证券代码|企业代码|代码|编号)", re.IGNORECASE
)  # fmt: skip
_OUTCOME = re.compile(r"(y|ln_?y|log_?y|outcome|dependent|depvar|lwage|wage|被解释变量|因变量)", re.IGNORECASE)
#: Years that a column of whole numbers may hold to be taken for time by its values alone.
YEARS = (1800, 2100)
#: Regressors of the first specification.
MOST_REGRESSORS = 2
#: Two columns closer than this are not both used: the first study should show agreement, not conditioning.
MOST_CORRELATION = 0.99


@dataclass(frozen=True)
class Panel:
    """unit, time: column or None. repeated: a pair that looks like the panel, but names some rows twice."""

    unit: str | None
    time: str | None
    repeated: tuple[str, str] | None = None


def guess_panel(frame: pd.DataFrame, unit: str | None = None, time: str | None = None) -> Panel:
    """The pair of columns that names every row once, best by name. unit, time: what is known already."""
    times = [time] if time else [c for c in frame if _may_be_time(frame[c], c)]
    units = [unit] if unit else [c for c in frame if _may_be_unit(frame[c], c)]
    scored = sorted(
        ((_score(frame, u, t), -list(frame).index(u), u, t) for t in times for u in units if u != t), reverse=True
    )
    for _, _, u, t in scored:
        if not frame[[u, t]].dropna().duplicated().any():
            return Panel(u, t)
    named = [(u, t) for _, _, u, t in scored if _TIME.fullmatch(t) and _UNIT.fullmatch(u)]
    return Panel(unit, time, named[0] if named else None)


def _score(frame: pd.DataFrame, unit: str, time: str) -> int:
    return (
        2 * bool(_TIME.fullmatch(time)) + 2 * bool(_UNIT.fullmatch(unit)) + (frame[unit].nunique() >= frame[time].nunique())
    )


def _may_be_time(column: pd.Series, name: str) -> bool:
    import pandas as pd

    n = column.nunique()
    if not 2 <= n < max(len(column) - 1, 3):
        return False
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.dropna()
        whole = bool((values % 1 == 0).all())
        years = bool(values.between(*YEARS).all()) and n <= 300
        return whole and (years or bool(_TIME.fullmatch(name)))
    texts = column.dropna().astype(str)
    return bool(_TIME.fullmatch(name)) or bool(texts.str.fullmatch(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?").all())


def _may_be_unit(column: pd.Series, name: str) -> bool:
    """Text, or whole numbers under a name that units have; neither the same in all rows nor another in every row."""
    import pandas as pd

    if not 2 <= column.nunique() < len(column):
        return False
    if pd.api.types.is_bool_dtype(column):
        return False
    if pd.api.types.is_numeric_dtype(column):
        return bool((column.dropna() % 1 == 0).all()) and bool(_UNIT.fullmatch(name))
    return True


# ---------------------------------------------------------------- the first specification


def first_spec(study: Study, frame: pd.DataFrame) -> Spec | None:
    """A regression of one column of numbers on up to two others that parity can estimate; None if there is none."""
    numbers = _numbers(study.header, frame)
    for outcome in _outcomes(numbers, frame):
        for effects in _effects(study.header, frame):
            regressors: list[str] = []
            found = None
            for name in [c for c in numbers if c != outcome][:20]:
                if len(regressors) < MOST_REGRESSORS and _apart(frame, [outcome, *regressors], name):
                    spec = _spec(study.header, outcome, [*regressors, name], effects, frame)
                    if _works(study, spec, frame, len(regressors) + 1):
                        regressors.append(name)
                        found = spec
            if found is not None:
                return found
    return None


def _numbers(header: Header, frame: pd.DataFrame) -> list[str]:
    """Columns of numbers a first model may use: those with many values first, in the file's order."""
    import pandas as pd

    usable = []
    for name in frame:
        column = frame[name]
        if name in (header.unit, header.time) or not pd.api.types.is_numeric_dtype(column):
            continue
        if pd.api.types.is_bool_dtype(column) or column.nunique() < 2 or column.isna().mean() > 0.5 or not _writable(name):
            continue
        whole = bool((column.dropna() % 1 == 0).all())
        is_key = whole and (bool(_UNIT.fullmatch(name)) or _counts_rows(column))
        if not is_key and not (whole and _TIME.fullmatch(name)):
            usable.append(name)
    return [*(n for n in usable if frame[n].nunique() > 2), *(n for n in usable if frame[n].nunique() == 2)]


def _outcomes(numbers: list[str], frame: pd.DataFrame) -> list[str]:
    """In order of likelihood: a name that says so, decimals, the rest. At most ten."""
    named = [n for n in numbers if _OUTCOME.fullmatch(n)]
    decimals = [n for n in numbers if n not in named and bool((frame[n].dropna() % 1 != 0).any())]
    return [*named, *decimals, *(n for n in numbers if n not in named and n not in decimals)][:10]


def _counts_rows(column: pd.Series) -> bool:
    """A running number."""
    return len(column) > 2 and bool((column.diff().dropna() == 1).all())


def _writable(name: str) -> bool:
    """Whether the grammar can name the column."""
    try:
        return parse_formula(f"{Column(name)} ~ 1").outcome == Column(name)
    except FormulaError:
        return False


def _effects(header: Header, frame: pd.DataFrame) -> list[tuple[str, ...]]:
    if header.unit and header.time:
        return [(header.unit, header.time), (header.unit,), ()]
    return [()]


def _spec(header: Header, outcome: str, regressors: list[str], effects: tuple[str, ...], frame: pd.DataFrame) -> Spec:
    formula = f"{Column(outcome)} ~ {' + '.join(str(Column(r)) for r in regressors)}"
    formula += f" | {' + '.join(str(Column(e)) for e in effects)}" if effects else ""
    clustered = header.unit is not None and frame[header.unit].nunique() > 2
    return Spec.model_validate({
        "id": "baseline",
        "formula": formula,
        "vcov": {"cluster": [header.unit]} if clustered else "HC1",
        "convention": "reghdfe" if effects else "regress",
    })  # fmt: skip


def _apart(frame: pd.DataFrame, chosen: list[str], name: str) -> bool:
    """Whether a column isn't nearly one of those chosen."""
    columns = frame[[*chosen, name]].astype(float).dropna()
    if len(columns) < 3 or columns[name].std() == 0:
        return False
    with np.errstate(all="ignore"):
        correlations = columns.corr()[name].drop(name).abs()
    return bool((correlations.fillna(1) < MOST_CORRELATION).all())


def _works(study: Study, spec: Spec, frame: pd.DataFrame, terms: int) -> bool:
    from parity.base.errors import Unestimable
    from parity.sample.build import build_design

    try:
        design = build_design(study, spec, frame)
    except Unestimable:
        return False
    groups = [g for names, g in design.facts.clusters.items() if len(names) == 1]
    return len(design.x_names) == terms and design.facts.nobs - design.facts.rank > 2 and all(g > 2 for g in groups)
