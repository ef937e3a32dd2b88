"""Coupling coordination degrees asked of R: see r_scripts/lib/coupling.R."""

from __future__ import annotations

import numpy as np

from parity.analyses.of_columns import Chosen
from parity.r.frame import Column
from parity.r.session import get_session


def coupling_in_r(part: Chosen) -> dict[str, dict[str, float | None]]:
    """quantity -> term -> number, under the names of `coupling`. Raises `RuntimeError`, `NoR`."""
    periods = list(part.by_period())
    code = {p: i + 1 for i, p in enumerate(periods)}
    answer = get_session().call("coupling_analysis", {
        "u": Column.double(np.column_stack(list(part.columns.values()))),
        "period": Column.whole(np.array([code[p] for p in part.periods])),
        "weights": Column.double(np.array(part.settings.shares())), "form": part.settings.form,
    })  # fmt: skip
    rows = [f"{u}:{p}" for u, p in zip(part.units, part.periods, strict=True)]
    out: dict[str, dict[str, float | None]] = {}
    for quantity, value in answer.items():
        if not isinstance(value, Column):  # what R said on the way
            continue
        numbers = np.asarray(value.values, dtype=float).ravel().tolist()
        terms = rows if quantity in ("coupling", "index", "degree") else periods
        out[quantity] = {t: x for t, x in zip(terms, numbers, strict=True) if not np.isnan(x)}
    return out
