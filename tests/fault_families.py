"""Mistakes that a reader, an evaluator or a builder of samples makes, planted at the seams of parity's Python.

A family is a context manager: it patches, and gives a sentence on what it did, or None where it doesn't apply to a study.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

import parity.data.derive.aggregate
import parity.data.derive.compute
import parity.data.derive.index
import parity.data.derive.weighting
import parity.data.evaluate
import parity.data.load
import parity.sample.build
import parity.study.formula
from parity.study import derived
from parity.study.study import Study


@dataclass
class Context:
    study: Study
    frame: pd.DataFrame
    rng: random.Random

    def used(self, *, numbers: bool | None = None) -> list[str]:
        """Columns of the file that a spec or a derived column reads, but the panel's keys."""
        made = {*self.study.derive, *(c for name, i in self.study.index.items() for c in i.columns(name))}
        names = {c for s in self.study.specs for c in s.columns()} - made
        for line in self.study.derive.values():
            names |= set(line.reads() if isinstance(line, derived.Step) else parity.study.formula.columns_of(line)) - made
        names -= {self.study.header.unit, self.study.header.time}
        kinds = {n: pd.api.types.is_numeric_dtype(self.frame[n]) for n in names if n in self.frame}
        return sorted(n for n, k in kinds.items() if numbers is None or k == numbers)

    def column(self, *, numbers: bool | None = None) -> str | None:
        names = self.used(numbers=numbers)
        return self.rng.choice(names) if names else None

    def row(self) -> int:
        return self.rng.randrange(len(self.frame))


Family = Callable[[Context], AbstractContextManager[str | None]]
FAMILIES: list[Family] = []


def family(function: Callable[[Context], Iterator[str | None]]) -> Family:
    made = contextmanager(function)
    FAMILIES.append(made)
    return made


def patched(target: Any, name: str, wrapper: Callable) -> Any:
    """The function in a module, put into hands that may change what comes in and out."""
    original = getattr(target, name)
    return mock.patch.object(target, name, lambda *a, **k: wrapper(original, *a, **k))


def reading(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """The frame of a file, changed as it is read."""

    def wrapper(original, *args, **kwargs):
        frame = original(*args, **kwargs)
        new = change(frame.copy())
        new.attrs = frame.attrs
        return new

    return patched(parity.data.load, "read_frame", wrapper)


# ---------------------------------------------------------------- reading


@family
def one_cell_misread(c: Context):
    name, row = c.column(numbers=True), c.row()
    factor = c.rng.choice((10, 0.1, 1 + 1e-6, -1, 100))
    if name is None:
        yield None
        return

    def change(f):
        f[name] = f[name].astype(float)
        f.loc[row, name] = f.loc[row, name] * factor
        return f

    with reading(change):
        yield f"`{name}` times {factor} in row {row}"


@family
def one_row_lost(c: Context):
    row = c.rng.choice((0, len(c.frame) - 1, c.row()))
    with reading(lambda f: f.drop(index=row).reset_index(drop=True)):
        yield f"row {row} is not read"


@family
def one_row_twice(c: Context):
    row = c.row()
    with reading(lambda f: pd.concat([f, f.iloc[[row]]], ignore_index=True)):
        yield f"row {row} is read twice"


@family
def column_moved_down(c: Context):
    name = c.column()
    with reading(lambda f: f.assign(**{name: f[name].shift(1)})):
        yield f"`{name}` stands a row lower"


@family
def two_columns_exchanged(c: Context):
    names = c.used(numbers=True)
    if len(names) < 2:
        yield None
        return
    a, b = c.rng.sample(names, 2)
    with reading(lambda f: f.assign(**{a: f[b], b: f[a]})):
        yield f"`{a}` and `{b}` are exchanged"


@family
def column_sorted_apart(c: Context):
    name = c.column(numbers=True)
    if name is None:
        yield None
        return
    with reading(lambda f: f.assign(**{name: np.sort(f[name].to_numpy(dtype=float, na_value=np.nan))})):
        yield f"`{name}` is sorted by itself"


@family
def stored_as_float(c: Context):
    name = c.column(numbers=True)
    if name is None:
        yield None
        return
    with reading(lambda f: f.assign(**{name: f[name].to_numpy(dtype=np.float32, na_value=np.nan).astype(float)})):
        yield f"`{name}` is rounded to four bytes"


@family
def whole_numbers_overflow(c: Context):
    name = c.column(numbers=True)
    if name is None:
        yield None
        return

    def change(f):
        v = f[name].to_numpy(dtype=float, na_value=np.nan)
        return f.assign(**{name: np.where(np.abs(v) > 100, np.sign(v) * 100, v)})

    with reading(change):
        yield f"`{name}` is kept in one byte"


@family
def rounded_to_cents(c: Context):
    name, places = c.column(numbers=True), c.rng.choice((0, 1, 2, 4))
    if name is None:
        yield None
        return
    with reading(lambda f: f.assign(**{name: f[name].astype(float).round(places)})):
        yield f"`{name}` has {places} decimals"


@family
def missing_word(c: Context):
    """A value that is text, or a number used as a code, taken for missing."""
    name = c.column()
    value = c.rng.choice([v for v in c.frame[name].dropna().unique().tolist()] or [None])
    with reading(lambda f: f.assign(**{name: f[name].where(f[name] != value)})):
        yield f"{value!r} in `{name}` is taken for missing"


@family
def missing_is_zero(c: Context):
    name = c.column(numbers=True)
    if name is None:
        yield None
        return
    with reading(lambda f: f.assign(**{name: f[name].fillna(0)})):
        yield f"missing in `{name}` becomes 0"


@family
def missing_is_filled_down(c: Context):
    name = c.column()
    with reading(lambda f: f.assign(**{name: f[name].ffill()})):
        yield f"missing in `{name}` is filled from above"


@family
def texts_cut(c: Context):
    keys = [k for k in (*c.used(numbers=False), c.study.header.unit) if k and not pd.api.types.is_numeric_dtype(c.frame[k])]
    if not keys:
        yield None
        return
    name, length = c.rng.choice(keys), c.rng.choice((1, 2))
    with reading(lambda f: f.assign(**{name: f[name].map(lambda v: v[:length] if isinstance(v, str) else v)})):
        yield f"`{name}` is cut to {length} letters"


@family
def letters_lowered(c: Context):
    name = c.column(numbers=False)
    if name is None:
        yield None
        return
    with reading(lambda f: f.assign(**{name: f[name].map(lambda v: v.lower() if isinstance(v, str) else v)})):
        yield f"`{name}` is read in small letters"


@family
def one_period_misread(c: Context):
    time, row = c.study.header.time, c.row()
    if time is None or not pd.api.types.is_numeric_dtype(c.frame[time]):
        yield None
        return

    def change(f):
        f.loc[f[time] == c.frame[time].max(), time] += 1
        return f

    with reading(change):
        yield f"the last period is one later (row {row})"


# ---------------------------------------------------------------- codes


@family
def two_groups_merged(c: Context):
    pick = c.rng.random()

    def merged(original, frame, columns):
        code = original(frame, columns).copy()
        a, b = (int(k * (code.max() + 1)) for k in (pick, c.rng.random()))
        code[code == a] = b
        return code

    with patched(parity.data.evaluate, "codes", merged):
        yield f"two groups are one ({pick:.3f})"


@family
def one_group_split(c: Context):
    row = c.row()

    def split(original, frame, columns):
        code = original(frame, columns).copy()
        if code[row] >= 0:
            code[row] = code.max() + 1
        return code

    with patched(parity.data.evaluate, "codes", split):
        yield f"row {row} is a group of its own"


@family
def combinations_collide(c: Context):
    def added(original, frame, columns):
        parts = [original(frame, (one,)) for one in columns]
        return parts[0] if len(parts) == 1 else np.where(np.any([p < 0 for p in parts], axis=0), -1, np.sum(parts, axis=0))

    if not any(len(e.columns) > 1 for s in c.study.specs for e in s.formula.effects):
        yield None
        return
    with patched(parity.data.evaluate, "codes", added):
        yield "codes of a combination are added"


@family
def missing_is_a_group(c: Context):
    def kept(original, frame, columns):
        code = original(frame, columns)
        return np.where(code < 0, code.max() + 1, code)

    with patched(parity.data.evaluate, "codes", kept):
        yield "missing codes are a group"


# ---------------------------------------------------------------- periods and lags


def _needs_time(c: Context) -> bool:
    return c.study.header.time is not None


@family
def periods_are_ranks(c: Context):
    def ranks(original, frame, panel):
        values = original(frame, panel)
        known = np.unique(values[~np.isnan(values)])
        return np.where(np.isnan(values), np.nan, np.searchsorted(known, values).astype(float))

    if not _needs_time(c):
        yield None
        return
    with patched(parity.data.evaluate, "periods_of", ranks):
        yield "gaps between periods vanish"


@family
def periods_by_alphabet(c: Context):
    def alphabetical(original, frame, panel):
        values = original(frame, panel)
        names = [f"{v:.0f}"[::-1] for v in values]
        return np.array([sorted(set(names)).index(n) for n in names], dtype=float)

    if not _needs_time(c):
        yield None
        return
    with patched(parity.data.evaluate, "periods_of", alphabetical):
        yield "periods are ordered as texts"


@family
def one_period_exchanged(c: Context):
    k = c.rng.random()

    def exchanged(original, frame, panel):
        values = original(frame, panel).copy()
        known = np.unique(values[~np.isnan(values)])
        i = int(k * (len(known) - 1))
        a, b = values == known[i], values == known[min(i + 1, len(known) - 1)]
        values[a], values[b] = known[min(i + 1, len(known) - 1)], known[i]
        return values

    if not _needs_time(c):
        yield None
        return
    with patched(parity.data.evaluate, "periods_of", exchanged):
        yield "two neighbouring periods change places"


@family
def lag_is_lead(c: Context):
    in_formulas = patched(parity.data.evaluate, "_shift", lambda o, x, f, p, k: o(x, f, p, -k))
    with in_formulas, patched(parity.data.derive.compute, "shifted", lambda o, x, u, t, k: o(x, u, t, -k)):
        yield "lags are leads"


@family
def lag_one_too_far(c: Context):
    with patched(parity.data.evaluate, "_shift", lambda o, x, f, p, k: o(x, f, p, k + (1 if k > 0 else -1))):
        yield "shifts go one period too far"


@family
def lag_by_rows(c: Context):
    def by_rows(original, x, frame, panel, k):
        order = np.lexsort((parity.data.evaluate.periods_of(frame, panel), parity.data.evaluate.codes(frame, (panel.unit,))))
        out = np.full(len(x), np.nan)
        out[order] = pd.Series(x[order]).shift(k).to_numpy()
        return out

    if not (c.study.header.unit and c.study.header.time):
        yield None
        return
    with patched(parity.data.evaluate, "_shift", by_rows):
        yield "lags are the row above, whatever unit and period"


@family
def lag_bridges_gaps(c: Context):
    def within(original, x, unit, time, k):
        table = pd.DataFrame({"x": x, "u": unit, "t": time}).sort_values("t", kind="stable")
        return table.groupby("u")["x"].shift(k).sort_index().to_numpy()

    with patched(parity.data.derive.compute, "shifted", within):
        yield "steps' lags jump over gaps"


# ---------------------------------------------------------------- filters


@family
def filter_ignored(c: Context):
    with patched(parity.data.evaluate, "condition", lambda o, e, f, p: np.ones(len(f), dtype=bool)):
        yield "`where` keeps every row"


@family
def comparison_off(c: Context):
    a, b = c.rng.choice((("<", "<="), (">", ">="), (">=", ">"), ("<=", "<"), ("==", "!="), ("!=", "==")))
    table = parity.data.evaluate._COMPARE
    with mock.patch.dict(table, {a: table[b]}):
        yield f"`{a}` is `{b}`"


@family
def list_turned(c: Context):
    def turned(original, expr, values, choices):
        return 1 - original(expr, values, choices)

    with patched(parity.data.evaluate, "_member", turned):
        yield "`in` and `not in` are exchanged"


@family
def list_cut(c: Context):
    with patched(parity.data.evaluate, "_member", lambda o, e, v, choices: o(e, v, choices[:-1] or choices)):
        yield "the last value of a list is not looked for"


@family
def missing_counts_as_large(c: Context):
    def large(original, expr, left, right):
        result = original(expr, left, right)
        if expr.op in (">", ">=") and left.dtype != object:
            result = np.where(np.isnan(left), 1.0, result)
        return result

    with patched(parity.data.evaluate, "_compared", large):
        yield "missing is larger than any number, as in Stata"


@family
def and_is_or(c: Context):
    def other(original, expr, args):
        op = {"and": "or", "or": "and"}.get(expr.op, expr.op)
        return original(parity.study.formula.Operation(op, expr.args), args)

    with patched(parity.data.evaluate, "_operation", other):
        yield "`and` and `or` are exchanged"


@family
def value_lost_from_filter(c: Context):
    row = c.row()

    def lost(original, expr, frame, panel):
        chosen = original(expr, frame, panel).copy()
        chosen[row] = ~chosen[row]
        return chosen

    with patched(parity.data.evaluate, "condition", lost):
        yield f"row {row} is on the wrong side of `where`"


# ---------------------------------------------------------------- formulas


@family
def another_logarithm(c: Context):
    def other(original, function, args, frame, panel):
        return original({"log": "log10", "log1p": "log", "sqrt": "abs"}.get(function, function), args, frame, panel)

    with patched(parity.data.evaluate, "_call", other):
        yield "log is log10, sqrt is abs"


@family
def operators_exchanged(c: Context):
    a, b = c.rng.choice((("+", "-"), ("/", "*"), ("-", "+"), ("^", "*")))
    table = parity.data.evaluate._ARITHMETIC
    with mock.patch.dict(table, {a: table[b]}):
        yield f"`{a}` is `{b}`"


@family
def dummies_off_by_one(c: Context):
    def off(original, item, *args, **kwargs):
        made = original(item, *args, **kwargs)
        names = list(made)
        return dict(zip(names, [made[n] for n in names[1:] + names[:1]], strict=True))

    with patched(parity.data.evaluate, "_dummies", off):
        yield "dummies bear the name of their neighbour"


@family
def last_level_left_out(c: Context):
    def other(original, item, frame, panel, rows, keep_all):
        made = original(item, frame, panel, rows, True)
        return made if keep_all or item.by or item.ref else dict(list(made.items())[:-1])

    with patched(parity.data.evaluate, "_dummies", other):
        yield "the last level is the reference"


@family
def outside_the_domain_is_zero(c: Context):
    with patched(
        parity.data.evaluate, "_finite", lambda o, result, *sources: np.nan_to_num(result, nan=0.0, posinf=0.0, neginf=0.0)
    ):
        yield "logs of zero and missing values become 0"


# ---------------------------------------------------------------- derived columns


@family
def other_percentiles(c: Context):
    def other(original, x, at, rule):
        return original(x, at, {"stata": "type7", "type7": "stata"}[rule])

    with patched(parity.data.derive.percentiles, "percentile", other):
        yield "the other rule of percentiles"


@family
def tails_exchanged(c: Context):
    def other(original, x, cuts, rule, trim):
        return original(x, cuts, rule, not trim)

    with patched(parity.data.derive.compute, "pulled_in", other):
        yield "winsorised and trimmed are exchanged"


@family
def one_tail_only(c: Context):
    low = c.rng.random() < 0.5
    with patched(
        parity.data.derive.compute, "pulled_in", lambda o, x, cuts, r, t: o(x, (0, cuts[1]) if low else (cuts[0], 100), r, t)
    ):
        yield f"only the {'upper' if low else 'lower'} tail is cut"


@family
def cuts_off(c: Context):
    by = c.rng.choice((0.5, 1, 2, 4))
    with patched(parity.data.derive.compute, "pulled_in", lambda o, x, cuts, r, t: o(x, (cuts[0] + by, cuts[1] - by), r, t)):
        yield f"cuts are {by} further in"


@family
def groups_ignored(c: Context):
    with patched(parity.data.derive.compute, "_groups", lambda o, f, by: np.zeros(len(f), dtype=np.int64)):
        yield "`by` is ignored"


@family
def other_divisor(c: Context):
    with patched(parity.data.derive.compute, "_standardised", lambda o, x, ddof: o(x, 1 - ddof)):
        yield "standard deviations by the other divisor"


@family
def ties_go_elsewhere(c: Context):
    def other(original, x, centre, ties):
        return original(x, centre, {"low": "high", "high": "low", "missing": "low"}[ties])

    with patched(parity.data.derive.compute, "above_median", other):
        yield "values at the median are in the other group"


@family
def median_of_rows(c: Context):
    def other(original, x, step, unit):
        return original(x, step.model_copy(update={"at": {"rows": "units", "units": "rows"}[step.at]}), unit)

    with patched(parity.data.derive.compute, "_split", other):
        yield "the median of rows for that of units"


@family
def centring_left_out(c: Context):
    with patched(parity.data.derive.compute, "_product", lambda o, columns, centre: o(columns, not centre)):
        yield "columns are centred where they aren't to be"


@family
def edges_otherwise(c: Context):
    def other(original, x, unit, time, edges):
        return original(x, unit, time, {"missing": "nearest", "nearest": "extrapolate", "extrapolate": "missing"}[edges])

    with patched(parity.data.derive.compute, "interpolated", other):
        yield "another rule beyond the last known value"


@family
def interpolated_by_rows(c: Context):
    def by_rows(original, x, unit, time, edges):
        place = np.zeros(len(x))
        for u in np.unique(unit):
            rows = np.flatnonzero(unit == u)
            place[rows[np.argsort(time[rows], kind="stable")]] = np.arange(len(rows))
        return original(x, unit, place, edges)

    with patched(parity.data.derive.compute, "interpolated", by_rows):
        yield "interpolation counts rows, not periods"


# ---------------------------------------------------------------- indices


@family
def direction_turned(c: Context):
    if not c.study.index:
        yield None
        return
    with patched(parity.data.derive.index, "scaled", lambda o, x, down, *rest: o(x, not down, *rest)):
        yield "more is less"


@family
def scaled_with_ends(c: Context):
    if not c.study.index:
        yield None
        return
    with patched(parity.data.derive.index, "scaled", lambda o, *a: 0.0001 + 0.9998 * o(*a)):
        yield "scaled to [0.0001, 0.9999]"


@family
def shares_floored(c: Context):
    if not c.study.index:
        yield None
        return
    with patched(parity.data.derive.weighting, "entropies", lambda o, z, k, add, floor: o(z, k, add + 1e-3, floor)):
        yield "0.001 is added inside the log"


@family
def weights_equal(c: Context):
    if not c.study.index:
        yield None
        return

    def equal(original, s, level, names, notes):
        made = original(s, level, names, notes)
        return type(made)(np.full(len(made.weights), 1 / len(made.weights)), made.entropies, made.pca, made.vary)

    with patched(parity.data.derive.aggregate, "_weigh", equal):
        yield "every indicator has the same weight"


@family
def years_pooled(c: Context):
    if not c.study.index:
        yield None
        return

    def other(original, over, s, rows):
        return original({"pooled": "year", "year": "pooled"}.get(over, over), s, rows)

    with patched(parity.data.derive.index, "_groups", other):
        yield "each year for all years, all for each"


# ---------------------------------------------------------------- samples


@family
def singletons_stay(c: Context):
    def stay(original, effects, frequency=None):
        return np.ones(len(next(iter(effects.values()))), dtype=bool)

    with patched(parity.sample.build, "singletons_dropped", stay):
        yield "singletons stay"


@family
def singletons_once(c: Context):
    def once(original, effects, frequency=None):
        keep = np.ones(len(next(iter(effects.values()))), dtype=bool)
        for code in effects.values():
            keep &= np.bincount(code)[code] > 1
        return keep

    with patched(parity.sample.build, "singletons_dropped", once):
        yield "singletons go once, not until none is left"


@family
def zero_weights_stay(c: Context):
    with patched(parity.sample.build, "_without_zero_weights", lambda o, design: (design, 0)):
        yield "rows of weight zero stay"


@family
def differences_over_gaps(c: Context):
    def over_gaps(original, design):
        ranks = np.unique(design.time, return_inverse=True)[1]
        return original(parity.sample.build.replace(design, time=ranks))

    with patched(parity.sample.build, "_differenced", over_gaps):
        yield "first differences jump over gaps"


@family
def a_column_in_another_order(c: Context):
    part, seed = c.rng.choice(("y", "x", "endog", "z", "weights")), c.rng.randrange(10**6)

    def disordered(original, design):
        done = original(design)
        value = getattr(done, part)
        if value is None or not value.size:
            return done
        return parity.sample.build.replace(done, **{part: value[np.random.default_rng(seed).permutation(len(value))]})

    with patched(parity.sample.build, "ordered", disordered):
        yield f"`{part}` is put into another order than the rows"


@family
def a_row_forgotten(c: Context):
    k = c.rng.random()

    def forgotten(original, design):
        keep = np.ones(design.nobs, dtype=bool)
        keep[int(k * design.nobs)] = False
        return original(design.take(keep))

    with patched(parity.sample.build, "ordered", forgotten):
        yield "a row of the sample is forgotten"


@family
def clusters_by_effect(c: Context):
    k = c.rng.random()

    def other(original, design):
        done = original(design)
        clusters = {n: np.roll(v, 1 + int(k * 5)) for n, v in done.clusters.items()}
        return parity.sample.build.replace(done, clusters=clusters)

    with patched(parity.sample.build, "ordered", other):
        yield "clusters belong to other rows"
