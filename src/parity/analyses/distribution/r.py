"""A distribution asked of R: see r_scripts/lib/distribution.R."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.analyses.of_columns import Chosen
from parity.r.frame import Column
from parity.r.session import get_session


def distribution_in_r(part: Chosen) -> dict[str, dict[str, float | None]]:
    """quantity -> period -> number, under the names of `distribution`. Raises `RuntimeError`, `NoR`."""
    s, (values,) = part.settings, part.columns.values()
    periods = list(part.by_period())
    names = sorted(set(part.groups or ()))
    code = {p: i + 1 for i, p in enumerate(periods)}
    asked: dict[str, Any] = {
        "v": Column.double(np.ascontiguousarray(values)), "period": Column.whole(np.array([code[p] for p in part.periods])),
        "group": Column.whole(np.array([names.index(g) + 1 for g in part.groups])) if part.groups else None,
        "ddof": s.ddof, "bandwidth": s.bandwidth, "kernel": s.kernel, "points": s.points,
    }  # fmt: skip
    answer = get_session().call("distribution_analysis", asked)
    out: dict[str, dict[str, float | None]] = {}
    for key, value in answer.items():
        if not isinstance(value, Column):  # what R said on the way
            continue
        for period, number in zip(periods, np.asarray(value.values, dtype=float).reshape(len(periods), -1), strict=True):
            for i, x in enumerate(number.tolist()):
                if not np.isnan(x):
                    term = f"{period} point {i + 1}" if key == "density" else period
                    out.setdefault(_named(key, names), {})[term] = x
    return out


def _named(key: str, groups: list[str]) -> str:
    """R numbers groups: `gini of 1 and 2`."""
    if not key.startswith("gini of "):
        return key
    return "gini of " + " and ".join(groups[int(i) - 1] for i in key.removeprefix("gini of ").split(" and "))
