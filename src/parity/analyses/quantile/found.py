"""Every number of a `[quantile.NAME]`: coefficients at each quantile, their standard errors, and what these are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import ndtr, stdtr

from parity.analyses.quantile.errors import covariance
from parity.analyses.quantile.moments import Located, at_quantile, influence, located, without_effects
from parity.analyses.quantile.regression import Vertex, moving, quantile_regression
from parity.analyses.quantile.sample import Sample
from parity.base.errors import Unestimable
from parity.sample.design import INTERCEPT
from parity.study.analyses.quantile import quartiles_of

Array = np.ndarray
Shown = dict[str, dict[str, float]]


@dataclass
class Found:
    """numbers by quantity and term; the quantiles that have a solution; draws that have one, counted from 0; notes."""

    numbers: Shown
    at: tuple[float, ...]
    used: tuple[int, ...] = ()
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Estimated:
    """x (n, k) and y (n,) of the regression (the second step's); a solution for each quantile; of moments `of`, else None.

    b (k,) at each quantile; of moments also those of location and scale
    """

    x: Array
    y: Array
    fits: Mapping[float, Vertex]
    b: Mapping[str, Array]
    of: Located | None = None


def quantiles(s: Sample) -> Found:
    """Raises `Unestimable` where no quantile has a solution of its own."""
    whole = estimated(s, s.settings.at, np.ones(len(s.y)))
    names = s.names if s.method == "moments" else terms(s)
    found = Found({}, ())
    for q, fit in whole.fits.items():
        if loose := moving(*_program(whole), fit):
            j, low, high = loose[0]
            name = "the quantile of errors" if s.method == "moments" else names[j]
            found.notes.append(f"at {q:g} other solutions are as good, {name} from {low:.6g} to {high:.6g}: not shown")
        else:
            found.at += (q,)
    if not found.at:
        raise Unestimable("; ".join(found.notes).replace(": not shown", ""))
    shown = (*(("location", "scale") if s.method == "moments" else ()), *(f"{q:g}" for q in found.at))
    errors = _drawn(s, found, shown) if s.errors == "bootstrap" else _errors(s, whole, found)
    df = math.inf if s.method == "moments" else len(s.y) - whole.x.shape[1]
    for name in shown:
        found.numbers |= _tested(name, names, whole.b[name], errors[name], df)
    for q in found.at:
        fit = whole.fits[q]
        if whole.of is not None:
            found.numbers.setdefault("q", {})[f"{q:g}"] = float(fit.b[0])
        elif s.intercept or s.method == "canay":
            found.numbers.setdefault("pseudo r2", {})[f"{q:g}"] = _pseudo(whole.y, fit, q)
    if whole.of is not None and (low := int((whole.of.scale <= 0).sum())):
        found.notes.append(f"{low} of {len(s.y)} fitted scales are not positive")
    return found


def terms(s: Sample) -> tuple[str, ...]:
    """Of a regression: the intercept first, which Canay's second step has, too."""
    return ((INTERCEPT,) if s.intercept or s.method == "canay" else ()) + s.names


def estimated(s: Sample, at: Sequence[float], w: Array) -> Estimated:
    """Under weights of rows, all positive. Raises `Unestimable`."""
    if s.method == "moments":
        of = located(s, w)
        fits = {q: at_quantile(of, q, w) for q in at}
        b = {"location": of.b, "scale": of.g} | {f"{q:g}": of.b + fit.b[0] * of.g for q, fit in fits.items()}
        return Estimated(of.scale[:, None], of.residuals, fits, b, of)
    y = without_effects(s, w) if s.method == "canay" else s.y
    x = np.column_stack([np.ones(len(y)), s.x]) if INTERCEPT in terms(s) else s.x
    if np.linalg.matrix_rank(x / np.abs(x).max(axis=0)) < x.shape[1]:
        raise Unestimable("a regressor is determined by the others")
    fits = {q: quantile_regression(x, y, q, w) for q in at}
    return Estimated(x, y, fits, {f"{q:g}": fit.b for q, fit in fits.items()})


def _program(of: Estimated) -> tuple[Array, Array]:
    return of.x, of.y


def _errors(s: Sample, whole: Estimated, found: Found) -> dict[str, Array]:
    """By the density; those of location and scale as well."""
    t, out = s.settings, {}
    by = {"density": t.density, "rule": t.bandwidth, "kind": t.kernel, "quartiles": quartiles_of(t)}
    for q in found.at:
        if whole.of is not None:
            each, f, h = influence(whole.of, q, whole.fits[q], **by)
            if s.errors == "cluster":
                sums = np.zeros((int(s.code.max()) + 1, len(each)))
                np.add.at(sums, s.code, each.T)
                each = sums.T
            se = np.sqrt((each**2).sum(axis=1))
            out |= dict(zip(("location", "scale", f"{q:g}"), np.split(se, 3), strict=True))
        else:
            v, f, h = covariance(whole.x, whole.y, whole.fits[q], q, errors=s.errors, code=s.code, **by)
            out[f"{q:g}"] = np.sqrt(np.diag(v))
        found.numbers.setdefault("density", {})[f"{q:g}"] = f
        found.numbers.setdefault("bandwidth", {})[f"{q:g}"] = h
    return out


def _drawn(s: Sample, found: Found, shown: Sequence[str]) -> dict[str, Array]:
    """Standard deviations over draws of whole clusters; draws without a solution of their own are left out."""
    clusters = len(s.labels)
    kept: dict[str, list[Array]] = {name: [] for name in shown}
    for i, drawn in enumerate(s.draws().values):
        w = np.bincount(drawn, minlength=clusters)[s.code].astype(float)
        rows = np.flatnonzero(w)
        try:
            again = estimated(_of_rows(s, rows), found.at, w[rows])
        except Unestimable:
            continue
        if all(fit.only for fit in again.fits.values()):
            found.used += (i,)
            for name in shown:
                kept[name].append(again.b[name])
    if len(found.used) < max(2, s.settings.draws / 2):
        raise Unestimable(f"only {len(found.used)} of {s.settings.draws} draws have one solution")
    if lost := s.settings.draws - len(found.used):
        found.notes.append(f"{lost} of {s.settings.draws} draws have no solution of their own, and are left out")
    return {name: np.std(np.array(values), axis=0, ddof=1) for name, values in kept.items()}


def _of_rows(s: Sample, rows: Array) -> Sample:
    effects = {name: code[rows] for name, code in s.effects.items()}
    return replace(s, y=s.y[rows], x=s.x[rows], effects=effects, code=s.code[rows])


def _tested(name: str, names: Sequence[str], b: Array, se: Array, df: float) -> Shown:
    """b, its standard error, and t and p, or of moments z and p by the normal distribution."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = b / se
    p = 2.0 * (ndtr(-np.abs(t)) if math.isinf(df) else stdtr(df, -np.abs(t)))
    columns = {name: b, f"{name} se": se, f"{name} {'z' if math.isinf(df) else 't'}": t, f"{name} p": p}
    return {quantity: dict(zip(names, values.tolist(), strict=True)) for quantity, values in columns.items()}


def _pseudo(y: Array, fit: Vertex, q: float) -> float:
    """1 - V/V0 of Koenker and Machado (1999), V0 of the quantile alone."""
    loss = lambda e: float((e * (q - (e < 0))).sum())  # noqa: E731
    alone = y - np.quantile(y, q, method="inverted_cdf")
    return 1.0 - loss(fit.residuals) / loss(alone) if loss(alone) > 0 else math.nan
