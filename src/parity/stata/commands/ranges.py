"""`rangestat`: statistics of the rows whose key lies in an interval of each row's own, by Picard, Cox and Ferrer.

rangestat 1.1.1 (SSC), its help and its ado-file: a bound that is missing is open; bounds are numbers added to the key, or
variables; results are doubles. A row without a key, or outside `if`, has no result and is in no interval.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.create import check_new
from parity.stata.groups import order, runs_of
from parity.stata.mishaps import NotRun
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem

#: (statistic, new names, variables)
Asked = tuple[str, tuple[str, ...], tuple[str, ...]]


def _moment(power: int) -> Callable[[np.ndarray], float]:
    """Skewness or kurtosis; of a constant there is none."""

    def of(x: np.ndarray) -> float:
        if not len(x):
            return math.nan
        away = x - x.mean()
        spread = float((away**2).mean())
        return float((away**power).mean()) / spread ** (power / 2) if spread > 0 else math.nan

    return of


def _of_some(function: Callable[[np.ndarray], float]) -> Callable[[np.ndarray], float]:
    return lambda x: float(function(x)) if len(x) else math.nan


#: Of the values that aren't missing.
_PRESENT: dict[str, Callable[[np.ndarray], float]] = {
    "mean": _of_some(np.mean), "min": _of_some(np.min), "max": _of_some(np.max), "median": _of_some(np.median),
    "count": lambda x: float(len(x)), "sum": lambda x: float(x.sum()),
    "variance": _of_some(lambda x: np.var(x, ddof=1) if len(x) > 1 else math.nan),
    "sd": _of_some(lambda x: np.std(x, ddof=1) if len(x) > 1 else math.nan),
    "firstnm": _of_some(lambda x: x[0]), "lastnm": _of_some(lambda x: x[-1]),
    "skewness": _moment(3), "kurtosis": _moment(4),
}  # fmt: skip
#: Of all values of the interval.
_ALL: dict[str, Callable[[np.ndarray], float]] = {
    "missing": lambda x: float(np.isnan(x).sum()), "obs": lambda x: float(len(x)),
    "first": lambda x: float(x[0]), "last": lambda x: float(x[-1]),
}  # fmt: skip
_OF_TWO = ("reg", "corr", "cov")
#: Mata's mean() leaves out a row that lacks any of the variables of one statistic.
_CASEWISE = ("skewness", "kurtosis", *_OF_TWO)


@command("rangestat")
def rangestat(session: Session, given: Command) -> None:
    """`rangestat (stat) [new=]x ... [if], interval(key low high) [by() excludeself casewise]`."""
    option = given.option("interval", least=1)
    words = (option.value or "").replace(",", " ").split() if option else []
    if len(words) != 3:
        raise DataProblem("option interval(key low high) required", 198)
    data, key = session.there, session.name(words[0])
    z = data[key].numbers
    low, high = _bound(session, words[1], z, -np.inf), _bound(session, words[2], z, np.inf)
    asked = _asked(session, given)
    for _, new, _ in asked:
        for name in new:
            check_new(session, name)
    used = session.used(given) & ~np.isnan(z)
    if not used.any():
        raise DataProblem("no observations", 2000)
    by = given.option("by")
    groups = session.names(by.value or "") if by else ()
    positions = np.flatnonzero(used)
    positions = positions[np.argsort(z[positions], kind="stable")]
    number = _numbered(session, groups)
    out = {name: np.full(data.rows, np.nan) for _, new, _ in asked for name in new}
    for group in np.unique(number[positions]):
        _within(session, given, asked, positions[number[positions] == group], z, (low, high), out)
    doubts = frozenset().union(*(data[n].doubts for _, _, names in asked for n in (*names, key)))
    made = {
        name: Column(out[name], "double", label=_label(what, names, i), doubts=doubts)
        for what, new, names in asked for i, name in enumerate(new)
    }  # fmt: skip
    session.set_columns(made)
    session.r = Results(texts={"newvars": " ".join(made), "rangestat_version": "1.1.1"})


def _within(
    session: Session, given: Command, asked: list[Asked], rows: np.ndarray, z: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray], out: dict[str, np.ndarray],
) -> None:  # fmt: skip
    """Results of the rows of one group, which are in the order of their keys."""
    keys = z[rows]
    first, end = np.searchsorted(keys, bounds[0][rows], "left"), np.searchsorted(keys, bounds[1][rows], "right")
    alone, complete = given.has("excludeself", least=5), given.has("casewise", least=5)
    for what, new, names in asked:
        x = np.column_stack([session.there[n].numbers[rows] for n in names])
        for i, row in enumerate(rows):
            inside = x[first[i] : end[i]]
            if not len(inside):
                continue
            if alone and first[i] <= i < end[i]:
                inside = inside.copy()
                inside[i - first[i]] = np.nan
            if complete or what in _CASEWISE:
                inside = inside[~np.isnan(inside).any(axis=1)]
                if not len(inside):
                    continue
            if what in _OF_TWO:
                found = _of_columns(what, inside)
            elif what in _ALL:
                found = [_ALL[what](column) for column in inside.T]
            else:
                found = [_PRESENT[what](column[~np.isnan(column)]) for column in inside.T]
            for name, value in zip(new, found, strict=False):
                out[name][row] = value


def _of_columns(what: str, x: np.ndarray) -> list[float]:
    """Rows and correlation or covariance; or of a regression rows, R2, adjusted R2, coefficients, standard errors."""
    n = len(x)
    if what != "reg":
        if n < 2:
            return [float(n), math.nan]
        with np.errstate(all="ignore"):
            return [float(n), float((np.cov if what == "cov" else np.corrcoef)(x, rowvar=False)[0, 1])]
    y, columns = x[:, 0], np.column_stack([x[:, 1:], np.ones(n)])
    k = columns.shape[1]
    length = np.linalg.norm(columns, axis=0)
    if n <= k or not np.all(length > 0) or np.linalg.svd(columns / length, compute_uv=False)[-1] < 1e-7:
        return [float(n)]
    q, r = np.linalg.qr(columns)
    b = np.linalg.solve(r, q.T @ y)
    e = y - columns @ b
    half = np.linalg.inv(r)
    se = np.sqrt(np.sum(half**2, axis=1) * float(e @ e) / (n - k))
    whole = float(((y - y.mean()) ** 2).sum())
    r2 = float(((y - e - y.mean()) ** 2).sum()) / whole if whole > 0 else math.nan
    return [float(n), r2, 1 - (1 - r2) * (n - 1) / (n - k), *b.tolist(), *se.tolist()]


def _bound(session: Session, word: str, key: np.ndarray, end: float) -> np.ndarray:
    """One end of each row's interval: a number beside the key, a variable; `end` where it is open."""
    try:
        away = math.nan if word == "." else float(word)
        values = key + away
    except ValueError:
        values = session.there[session.name(word)].numbers
    return np.where(np.isnan(values), end, values)


def _numbered(session: Session, names: tuple[str, ...]) -> np.ndarray:
    """A number of the group of each row."""
    if not names:
        return np.zeros(session.there.rows, dtype=np.int64)
    positions, _ = order(session.there, names)
    held = session.there.taken(positions, ordered=False)
    out = np.empty(held.rows, dtype=np.int64)
    out[positions] = runs_of([held[n] for n in names], held.rows).number
    return out


def _asked(session: Session, given: Command) -> list[Asked]:
    out: list[Asked] = []
    what = "mean"
    new: list[str] = []
    names: list[str] = []
    pieces = re.findall(r"\([^()]*\)|[^\s()=]+\s*=\s*[^\s()]+|[^\s()]+", given.about)
    for piece in [*pieces, "(end)"]:
        if piece.startswith("("):
            if names:
                out.append(_of_several(what, tuple(names)) if what in _OF_TWO else (what, tuple(new), tuple(names)))
            what, new, names = piece.strip("() "), [], []
            if piece != "(end)" and what not in (*_PRESENT, *_ALL, *_OF_TWO):
                raise NotRun(f"rangestat's ({what}) is a function in Mata, which is not run")
            continue
        made, sign, source = (p.strip() for p in piece.partition("="))
        if sign and what in _OF_TWO:
            raise DataProblem("new names are of statistics of one variable", 198)
        found = (session.name(source),) if sign else session.names(piece)
        names += found
        new += [made] if sign else [f"{n}_{what}" for n in found]
    if not out:
        raise DataProblem("varlist required", 100)
    return out


def _of_several(what: str, names: tuple[str, ...]) -> Asked:
    if what == "reg":
        if len(names) < 2:
            raise DataProblem("reg requires an outcome and at least one regressor", 198)
        ends = (*names[1:], "cons")
        return what, ("reg_nobs", "reg_r2", "reg_adj_r2", *(f"b_{n}" for n in ends), *(f"se_{n}" for n in ends)), names
    if len(names) != 2:
        raise DataProblem(f"{what} requires exactly 2 variables", 198)
    return what, (f"{what}_nobs", f"{what}_x"), names


def _label(what: str, names: tuple[str, ...], i: int) -> str:
    if what not in _OF_TWO:
        return f"{what} of {names[i]}"
    pair = " ".join(names)
    if what == "reg":
        k = len(names)
        return (
            ("number of obs - regress ", "R-squared - regress ", "adj. R-squared - regress ")[i] + pair
            if i < 3
            else (f"{'coef' if i < 3 + k else 'std err'} - regress {pair}")
        )
    if i == 0:
        return f"number of observations - {what}" + ("" if what == "cov" else f" {pair}")
    return f"{'covariance' if what == 'cov' else 'correlation'} of {pair}"
