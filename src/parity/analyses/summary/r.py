"""The summary of `parity.analyses.summary.statistics`, asked of R: see r_scripts/lib/summary.R."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from parity.analyses.summary.statistics import OF_COLUMNS, WITH
from parity.engines.safe import numbered
from parity.r.frame import Column, Frame
from parity.r.session import get_session


def summarise_in_r(columns: Mapping[str, np.ndarray], regressors: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """Statistic -> column or pair -> number, as `Found.printed` has ours. Raises `RuntimeError`, `NoR`."""
    safe = dict(zip(columns, numbered("v", len(columns)), strict=True))
    data = {safe[name]: Column.double(np.ascontiguousarray(v)) for name, v in columns.items()}
    answer = get_session().call(
        "sample_summary", {"data": Frame(data), "regressors": Column.text(safe[name] for name in regressors)}
    )
    names = list(columns)
    pairs = [WITH.join((a, b)) for i, b in enumerate(names) for a in names[:i]]
    keys = {q: names for q in OF_COLUMNS} | {"correlation": pairs, "correlation p": pairs, "vif": list(regressors)}
    return {
        q: {key: None if np.isnan(v) else float(v) for key, v in zip(of, _values(answer, q), strict=True)}
        for q, of in keys.items()
    }


def _values(answer: Mapping, quantity: str) -> list[float]:
    value = answer.get(quantity)
    return [float(v) for v in value.values] if isinstance(value, Column) else []
