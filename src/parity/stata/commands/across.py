"""egen's functions across columns: a number for each row of several variables. [D] egen, and egenmore."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from parity.stata.percentiles import percentile
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.values import stored
from parity.stata_language.varlist import numbers


def side_by_side(session: Session, names: tuple[str, ...]) -> np.ndarray:
    return np.column_stack([session.there[n].numbers for n in names])


def _row(function: Callable[[np.ndarray], np.ndarray], *, empty: float = np.nan) -> Callable:
    def call(session: Session, names: tuple[str, ...], given: Command) -> np.ndarray:
        import warnings

        held = side_by_side(session, names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rows without a number
            found = function(held)
        none = np.isnan(held).all(axis=1)
        return np.where(none, np.nan if given.has("missing") else empty, found)

    return call


def _row_quantile(p: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda held: np.array([percentile(row[~np.isnan(row)], p) for row in held])


def _lost(session: Session, names: tuple[str, ...], given: Command) -> np.ndarray:
    columns = [session.there[n] for n in names]
    return np.sum([(c.values == "") if c.text else np.isnan(c.values) for c in columns], axis=0).astype(float)


def _end(first: bool) -> Callable:
    def call(session: Session, names: tuple[str, ...], given: Command) -> np.ndarray:
        held = side_by_side(session, names)
        held = held if first else held[:, ::-1]
        there = ~np.isnan(held)
        return np.where(there.any(axis=1), held[np.arange(len(held)), there.argmax(axis=1)], np.nan)

    return call


def _any(test: Callable[[np.ndarray, list[float]], np.ndarray]) -> Callable:
    def call(session: Session, names: tuple[str, ...], given: Command) -> np.ndarray:
        option = given.option("values", least=1)
        return test(side_by_side(session, names), numbers(option.value or "") if option else [])

    return call


def row_total(session: Session, names: tuple[str, ...], given: Command, kind: str) -> np.ndarray:
    """Added one variable after the other, each sum rounded to the type of the new variable, as _growtotal.ado does."""
    total = np.zeros(session.there.rows)
    none = np.ones(session.there.rows, dtype=bool)
    for name in names:
        values = session.there[name].numbers
        none &= np.isnan(values)
        total = stored(total + np.where(np.isnan(values), 0.0, values), kind)
    return np.where(none, np.nan, total) if given.has("missing") else total


ACROSS: dict[str, Callable] = {
    **dict.fromkeys(("rowtotal", "rsum"), _row(lambda h: np.nansum(h, axis=1), empty=0.0)),
    **dict.fromkeys(("rowmean", "rmean"), _row(lambda h: np.nanmean(h, axis=1))),
    **dict.fromkeys(("rowmax", "rmax"), _row(lambda h: np.nanmax(h, axis=1))),
    **dict.fromkeys(("rowmin", "rmin"), _row(lambda h: np.nanmin(h, axis=1))),
    "rowsd": _row(lambda h: np.nanstd(h, axis=1, ddof=1)), "rowmedian": _row(_row_quantile(50)),
    **dict.fromkeys(("rowmiss", "rmiss"), _lost), "rowfirst": _end(True), "rowlast": _end(False),
    **dict.fromkeys(("rownonmiss", "robs"), lambda s, n, g: len(n) - _lost(s, n, g)),
    **dict.fromkeys(("anymatch", "eqany"), _any(lambda h, v: np.isin(h, v).any(axis=1).astype(float))),
    **dict.fromkeys(("anycount", "neqany"), _any(lambda h, v: np.isin(h, v).sum(axis=1).astype(float))),
}  # fmt: skip
