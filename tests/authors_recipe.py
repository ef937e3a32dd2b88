"""A panel paper's steps from raw columns to a regression, in plain numpy: what `planted_authors` plants mistakes in.

No line is shared with what is tested: index, percentiles, lags, filters and the two-way estimate are written here anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

Indicators = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Recipe:
    """Every choice on the way to `outcome ~ key + control + head + money | unit + time`.

    outcome, key   indicators (column, direction) of two indices
    over           "pooled" or "year": rows over which minima, maxima and weights of the key's index are taken
    indicators_cut percentiles that its indicators are cut at first
    first          rows that are left before anything is made: ("unit" or "time", value) left out, or "filter"
    cuts           percentiles that both scores are winsorised at; None for none
    standard       the key is standardised: "", "all", "time" or "unit"
    shift          periods that the key lags by; -1 is a lead
    shift_by       "time"; "rows": across units; "left": by time, of the rows that the filter keeps
    log            what is taken of `level`: "log", "log1p" or "level"; zeros: None, or the value that zeros become
    per            numerator and population of `head`; per_year: "same", "last", or a year whose population all rows have
    money, price   a column over a price index; None for the column as it is
    kept           columns to values: rows that have one of them are left out (`leave`), or rows before a year (`since`)
    """

    outcome: Indicators
    key: Indicators
    level: str
    per: tuple[str, str]
    money: str
    price: str | None
    over: str = "pooled"
    indicators_cut: tuple[float, float] | None = None
    first: tuple[str, object] | str | None = None
    cuts: tuple[float, float] | None = None
    standard: str = ""
    shift: int = 0
    shift_by: str = "time"
    log: str = "log"
    zeros: float | None = None
    per_year: object = "same"
    leave: tuple[str, tuple] | None = None
    since: float | None = None


def percentile(known: np.ndarray, share: float) -> float:
    """Stata's: the mean of two neighbours at a whole rank, else the next one."""
    v, at = np.sort(known), share / 100 * len(known)
    if abs(at - round(at)) < 1e-9 and 0 < round(at) < len(v):
        return (v[round(at) - 1] + v[round(at)]) / 2
    return v[min(max(math.ceil(at - 1e-9), 1), len(v)) - 1]


def cut(x: np.ndarray, cuts: tuple[float, float] | None) -> np.ndarray:
    if cuts is None:
        return x
    known = x[~np.isnan(x)]
    return np.clip(x, percentile(known, cuts[0]), percentile(known, cuts[1]))


def without_gaps(d: pd.DataFrame, column: str) -> np.ndarray:
    """On the line between a unit's known values; the nearest one at its ends."""
    x = d[column].to_numpy(dtype=float).copy()
    for rows in d.groupby("unit", sort=False).indices.values():
        t, v = d["time"].to_numpy()[rows], x[rows]
        known = ~np.isnan(v)
        if known.any() and not known.all():
            order = np.argsort(t[known])
            x[rows] = np.where(known, v, np.interp(t, t[known][order], v[known][order]))
    return x


def scores(d: pd.DataFrame, indicators: Indicators, over: str, cuts: tuple[float, float] | None) -> np.ndarray:
    """Min-max, entropy weights, weighted sum; of all rows or of each period."""
    d = d.assign(**{c: cut(d[c].to_numpy(dtype=float), cuts) for c, _ in indicators})
    x = np.column_stack([without_gaps(d, c) for c, _ in indicators])
    out = np.full(len(d), np.nan)
    time = d["time"].to_numpy()
    for rows in [np.arange(len(d))] if over == "pooled" else [np.flatnonzero(time == t) for t in np.unique(time)]:
        v = x[rows]
        low, high = v.min(axis=0), v.max(axis=0)
        wide = np.where(high > low, high - low, 1.0)
        up = np.array([sign == "+" for _, sign in indicators])
        z = np.where(up, v - low, high - v) / wide
        z[:, high == low] = 0.0
        sums = z.sum(axis=0)
        p = z / np.where(sums > 0, sums, 1.0)
        entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=0) / math.log(len(rows))
        weight = np.where(high > low, 1 - entropy, 0.0)
        out[rows] = z @ (weight / weight.sum())
    return out


def shifted(d: pd.DataFrame, x: np.ndarray, periods: int, by: str) -> np.ndarray:
    if by == "rows":
        return pd.Series(x).shift(periods).to_numpy()
    known = {(u, t): v for u, t, v in zip(d["unit"], d["time"], x, strict=True)}
    return np.array([known.get((u, t - periods), np.nan) for u, t in zip(d["unit"], d["time"], strict=True)])


def standardised(d: pd.DataFrame, x: np.ndarray, how: str) -> np.ndarray:
    if not how:
        return x
    s = pd.Series(x)
    groups = s.groupby(np.zeros(len(x)) if how == "all" else d[how].to_numpy())
    return ((s - groups.transform("mean")) / groups.transform("std")).to_numpy()


def keeps(d: pd.DataFrame, r: Recipe) -> np.ndarray:
    keep = np.ones(len(d), dtype=bool)
    if r.leave is not None:
        keep &= ~d[r.leave[0]].isin(r.leave[1]).to_numpy()
    if r.since is not None:
        keep &= d["time"].to_numpy() >= r.since
    return keep


def columns(frame: pd.DataFrame, r: Recipe) -> pd.DataFrame:
    """The regression's columns. frame: raw columns beside `unit` and `time`, in the order of the file."""
    d = frame
    if r.first == "filter":
        d = d[keeps(d, r)]
    elif r.first is not None:
        d = d[d[r.first[0]] != r.first[1]]
    d = d.reset_index(drop=True)
    y = cut(scores(d, r.outcome, "pooled", None), r.cuts)
    x = standardised(d, cut(scores(d, r.key, r.over, r.indicators_cut), r.cuts), r.standard)
    if r.shift and r.shift_by == "left":
        keep = keeps(d, r)
        d, y, x = d[keep].reset_index(drop=True), y[keep], x[keep]
    if r.shift:
        x = shifted(d, x, r.shift, "rows" if r.shift_by == "rows" else "time")
    level = d[r.level].to_numpy(dtype=float)
    if r.zeros is not None:
        level = np.where(level == 0, r.zeros, level)
    with np.errstate(divide="ignore"):
        control = {"log": lambda: np.where(level > 0, np.log(np.where(level > 0, level, 1)), np.nan),
                   "log1p": lambda: np.log(1 + level), "level": lambda: level}[r.log]()  # fmt: skip
    heads = d[r.per[1]].to_numpy(dtype=float)
    if r.per_year == "last":
        heads = shifted(d, heads, 1, "time")
    elif r.per_year != "same":
        of = {u: n for u, t, n in zip(d["unit"], d["time"], heads, strict=True) if t == r.per_year}
        heads = d["unit"].map(of).to_numpy(dtype=float)
    money = d[r.money].to_numpy(dtype=float)
    if r.price is not None:
        money = money / d[r.price].to_numpy(dtype=float) * 100
    out = pd.DataFrame({
        "unit": d["unit"], "time": d["time"], "y": y, "x": x, "control": control,
        "head": d[r.per[0]].to_numpy(dtype=float) / heads, "money": np.log(money),
    })  # fmt: skip
    return out[keeps(d, r)].dropna().reset_index(drop=True)


def estimated(d: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, int]:
    """Coefficients and standard errors of x, control, head, money; effects of units and periods; CR1 by unit as reghdfe
    has it: units lie within the clusters and are not counted, all periods are."""
    while True:
        few = (d.groupby("unit")["y"].transform("size") == 1) | (d.groupby("time")["y"].transform("size") == 1)
        if not few.any():
            break
        d = d[~few]
    names = ["x", "control", "head", "money"]
    dummies = np.column_stack([(d[c].to_numpy() == v).astype(float) for c in ("unit", "time") for v in d[c].unique()])
    left, size, _ = np.linalg.svd(dummies, full_matrices=False)
    effects = left[:, size > 1e-10 * size[0]]
    y, x = d["y"].to_numpy(), d[names].to_numpy()
    for _ in range(2):  # what rounding left the first time goes the second
        y, x = y - effects @ (effects.T @ y), x - effects @ (effects.T @ x)
    scale = np.linalg.norm(x, axis=0)
    q, r = np.linalg.qr(x / scale)
    b = np.linalg.solve(r, q.T @ y)
    e = y - q @ (q.T @ y)
    # (X'X)^-1 X' e by unit is R^-1 Q' e by unit: nothing is squared
    steps = np.linalg.solve(
        r, np.array([(q * e[:, None])[rows].sum(axis=0) for rows in d.groupby("unit").indices.values()]).T
    )
    n, g, k = len(d), steps.shape[1], len(names) + d["time"].nunique()
    v = steps @ steps.T * g / (g - 1) * (n - 1) / (n - k)
    return b / scale, np.sqrt(np.diag(v)) / scale, n
