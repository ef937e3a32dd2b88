"""An index of other indicators or other rows than it should be of: what people change without a setting for it.

Each is a variant as those of `parity.data.derive.variants`, with the columns or the rows that it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from parity.data.derive.percentiles import pulled_in
from parity.data.derive.variants import Variant
from parity.study.index import IndexSettings, Indicator

#: Columns of the data that are tried as one more indicator.
MOST_ADDED = 60


#: Percentiles at which indicators are met winsorised before an index is made.
CUTS = ((1.0, 99.0), (5.0, 95.0), (2.5, 97.5), (0.5, 99.5), (10.0, 90.0))


@dataclass(frozen=True)
class Beside:
    """What lies beside an index in its study, for what somebody else may have made it of.

    columns: other numeric columns of the data, (rows,) each. filters: the text of a filter -> the rows that it keeps.
    units, times: the names of each row's unit and period; empty where there are none.
    """

    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    filters: Mapping[str, np.ndarray] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


def directed(indicators: tuple[Indicator, ...], column: str) -> tuple[Indicator, ...]:
    """The indicators with one of them in the other direction."""
    other = {"+": "-", "-": "+"}
    return tuple(i.model_copy(update={"direction": other[i.direction]}) if i.column == column else i for i in indicators)


def tails_cut(
    columns: Mapping[str, np.ndarray], cuts: tuple[float, float], percentiles: str
) -> dict[str, np.ndarray]:  # fmt: skip
    """Each column (rows,) with values beyond its percentiles set to them; missing ones stay so."""
    return {name: pulled_in(values, cuts, percentiles, False) for name, values in columns.items()}


def of_other_indicators(
    main: IndexSettings, columns: Mapping[str, np.ndarray], beside: Beside
) -> Iterator[tuple[tuple[Variant, ...], IndexSettings, Mapping[str, np.ndarray]]]:  # fmt: skip
    """One indicator in the other direction, left out or added; all winsorised first. With the columns in their place."""
    of, given = main.indicators, main.weights is not None

    def one(id: str, text: str, indicators: tuple[Indicator, ...], other: Mapping[str, np.ndarray] | None = None):
        return (Variant(id, {}, text),), main.model_copy(update={"indicators": indicators}), other or {}

    for i in of:
        yield one(f"reversed {i.column}", f"`{i.column}` in the other direction", directed(of, i.column))
    for cuts in CUTS:
        for rule, shown in (("stata", "Stata's"), ("type7", "type 7")):
            text = f"the indicators winsorised at {cuts[0]:g} and {cuts[1]:g} per cent by {shown} percentiles first"
            yield one(f"cut {cuts} {rule}", text, of, tails_cut(columns, cuts, rule))
    if given:
        return
    for i in of if len(of) > 1 else ():
        yield one(f"without {i.column}", f"the indicator `{i.column}` left out", tuple(j for j in of if j != i))
    said, dimension = {i.column for i in of}, main.dimensions[0] if main.dimensions else None
    for name in [c for c in beside.columns if c not in said][:MOST_ADDED]:
        for direction, shown in (("+", "more is better"), ("-", "less is better")):
            more = (*of, Indicator(column=name, direction=direction, dimension=dimension))
            text = f"`{name}` as one more indicator ({shown})"
            yield one(f"with {name} {direction}", text, more, {name: beside.columns[name]})


def of_other_rows(
    main: IndexSettings, beside: Beside
) -> Iterator[tuple[tuple[Variant, ...], IndexSettings, Mapping[str, np.ndarray], np.ndarray]]:  # fmt: skip
    """One unit or period, or the rows that a filter leaves out, gone before it is made; with the rows that are left."""
    for names in (beside.units, beside.times):
        held = np.array(names, dtype=object)
        for name in dict.fromkeys(names):
            yield (Variant(f"without {name}", {}, f"{name} left out before it is made"),), main, {}, held != name
    for text, keep in beside.filters.items():
        said = f"the rows that `{text}` leaves out left out before it is made"
        yield (Variant(f"filtered {text}", {}, said),), main, {}, keep
