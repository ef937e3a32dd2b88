"""The R side of indices and derived columns: settings and data to `r_scripts/lib/indices.R`, and its answer back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parity.analyses.index.numbers import Numbers, by_name
from parity.base import tolerance
from parity.data.derive.compute import coded
from parity.data.derive.index import Rows
from parity.r.frame import Column, Frame, RequestValue
from parity.r.session import get_session
from parity.study.derived import KEYS, Dummy, Step
from parity.study.index import IndexSettings

if TYPE_CHECKING:
    import pandas as pd

_SMALL = {
    "tie": tolerance.TIE, "eigen_gap": tolerance.EIGEN_GAP, "eigen_zero": tolerance.EIGEN_ZERO,
    "kaiser": tolerance.KAISER, "dispersion": tolerance.DISPERSION, "flat": tolerance.FLAT,
}  # fmt: skip


def r_index(s: IndexSettings, columns: dict[str, np.ndarray], rows: Rows) -> Numbers:
    """The same index by R. Raises `NoR`, and `RError` where R says that there is none."""
    return _read(s, get_session().call("parity_index", index_request(s, columns, rows)))


def index_request(s: IndexSettings, columns: dict[str, np.ndarray], rows: Rows) -> dict[str, RequestValue]:
    """What `parity_index` reads; indicators go under safe names."""
    names = [i.column for i in s.indicators]
    settings: dict[str, RequestValue] = {
        name: value for name, value in s.model_dump(exclude={"indicators", "weights", "range", "variants"}).items()
    }
    settings["range"] = Column.double(list(s.range))
    settings["weights"] = None if s.weights is None else Column.double([s.weights[n] for n in names])
    return {
        "data": Frame({f"x{j}": Column.double(_with_na(columns[n])) for j, n in enumerate(names)}),
        "down": Column.logical([i.direction == "-" for i in s.indicators]),
        "dimension": Column.text([i.dimension for i in s.indicators]),
        "unit": Column.integer([int(u) for u in rows.unit]),
        "time": Column.double(rows.time),
        "set": settings,
        "small": _SMALL,
    }


def _with_na(x: np.ndarray) -> list[float | None]:
    return [None if np.isnan(v) else float(v) for v in x]


def _read(s: IndexSettings, answer: dict[str, Any]) -> Numbers:
    names = [i.column for i in s.indicators]

    def labelled(part: Any, keys: list[str]) -> dict[str, dict[str, float]]:
        if not part:
            return {}
        return {label: dict(zip(keys, (float(v) for v in column.values), strict=True))
                for label, column in part.items()}  # fmt: skip

    return {
        "score": {"": answer["scores"].values},
        "rank": {"": answer["ranks"].values},
        "dimension": {d: column.values for d, column in (answer["dimensions"] or {}).items()},
        "weight": by_name(labelled(answer["weights"], names)),
        "entropy": by_name(labelled(answer["entropies"], names)),
        "between": by_name(labelled(answer["between"], list(s.dimensions))),
    }


def r_derived(step: Step, frame: pd.DataFrame, rows: Rows) -> np.ndarray:
    """The same derived column by R. Raises `NoR`, `RuntimeError`."""
    from parity.data.evaluate import Panel, codes, evaluate
    from parity.study.formula import Column as Name

    given = step.model_dump(exclude={KEYS[type(step)], "by", "population"})
    settings: dict[str, RequestValue] = {"what": KEYS[type(step)]}
    if isinstance(step, Dummy):
        given["values"] = coded(frame, step.dummy, step.values)
    for name, value in given.items():
        several = isinstance(value, tuple)
        if several and isinstance(value[0], str):
            settings[name] = Column.text(value)
        else:
            settings[name] = Column.double([float(v) for v in value]) if several else value
    by = getattr(step, "by", ())
    columns = []
    for name in (c for c in step.reads() if c not in by or c == getattr(step, KEYS[type(step)])):
        values = evaluate(Name(name), frame, Panel())
        text = values.dtype == object
        columns.append(Column.text(values.tolist()) if text else Column.double(_with_na(values)))
    request: dict[str, RequestValue] = {
        "step": settings,
        "x": columns,
        "by": Column.integer([int(c) if c >= 0 else None for c in codes(frame, by)]) if by else None,
        "unit": Column.integer([int(u) for u in rows.unit]),
        "time": Column.double(rows.time),
    }
    return get_session().call("parity_derived", request)["value"].values
