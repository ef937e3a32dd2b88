"""Which effects a command has: groups with an intercept of their own, and whether its columns span those of a variable.

Pure over an estimate's data, sample and request. Nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parity.algebra.absorb import absorber
from parity.base.tolerance import SPANNED, TAKEN_OUT
from parity.package.estimates import Estimated
from parity.stata_language.varlist import Term

#: Numbers that the columns of a command may hold together for its span to be asked.
MOST_CELLS = 40_000_000
#: Regressors of two values that can stand for the dummies of a variable with more than two.
FEW_DUMMIES = 3

Groups = tuple[str, ...]


def effects_of(e: Estimated) -> tuple[Groups, ...]:
    """Variables whose groups have an intercept each, those of a crossing together: absorbed, or as levels of a factor."""
    request = e.source.request
    held = [t for t in request.absorb if not _slopes(t)]
    held += [t for t in (*request.regressors, *request.partialled) if all(f.kind == "factor" for f in t.factors)]
    return tuple(dict.fromkeys(tuple(sorted(f.name for f in t.factors)) for t in held))


def _slopes(term: Term) -> bool:
    return any(f.kind == "continuous" for f in term.factors)


def sample(e: Estimated) -> NDArray[np.int64]:
    return np.flatnonzero(e.source.fit.sample)


def codes(names: Sequence[str], e: Estimated) -> NDArray[np.int64]:
    """(n,) numbers from 0 of the joint groups of variables on the estimation sample."""
    rows, code = sample(e), np.zeros(0, dtype=np.int64)
    for name in names:
        values = e.source.data[name].values[rows]
        _, own = np.unique(values.astype(str) if values.dtype == object else values, return_inverse=True)
        code = own if not len(code) else np.unique(code * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1]
    return code


def alike(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Whether two codes part the rows alike."""
    return within(one, other) and within(other, one)


def within(fine: NDArray[np.int64], coarse: NDArray[np.int64]) -> bool:
    """Whether every group of the first lies in one of the second."""
    pairs = np.unique(np.column_stack([fine, coarse]), axis=0)
    return len(pairs) == len(np.unique(fine))


def plain_regressors(e: Estimated) -> tuple[str, ...]:
    """Names of regressors that are variables, no factors and no products."""
    request = e.source.request
    single = (t.factors[0] for t in (*request.regressors, *request.endogenous) if len(t.factors) == 1)
    return tuple(dict.fromkeys(f.name for f in single if f.kind != "factor"))


def two_valued(name: str, e: Estimated) -> bool:
    """Whether a variable has two values on the sample, as a dummy has."""
    column = e.source.data.columns.get(name)
    return column is not None and not column.text and len(np.unique(column.values[sample(e)])) == 2


def has_effects(e: Estimated, code: NDArray[np.int64]) -> bool | None:
    """Whether the command's columns span the dummies of a code, or its outcome has lost them; None where it isn't asked."""
    if any(within(codes(names, e), code) for names in effects_of(e)) or _taken_out(e, code):
        return True
    rows = sample(e)
    x, absorbed = _columns(e, rows)
    if x is None:
        return None
    drawn = np.random.default_rng(0).normal(size=int(code.max(initial=0)) + 1)[code]
    columns = np.column_stack([drawn, *x])
    left = absorber(absorbed, None).residual(columns) if absorbed else columns - columns.mean(axis=0)
    target, size = left[:, 0], np.linalg.norm(left[:, 1:], axis=0)
    basis = left[:, 1:][:, size > 0] / size[size > 0]
    if basis.shape[1]:
        target = target - basis @ np.linalg.lstsq(basis, target, rcond=None)[0]
    return bool(np.linalg.norm(target) <= SPANNED * np.linalg.norm(drawn))


def _columns(e: Estimated, rows: NDArray[np.int64]) -> tuple[list[NDArray] | None, list[NDArray]]:
    """Regressors on the sample and codes of absorbed effects; None where they are too many, or no columns."""
    from parity.stata.estimates.columns import expanded
    from parity.stata_language.dataset import DataProblem
    from parity.stata_language.request import Declined

    request, data = e.source.request, e.source.data
    terms = (*request.regressors, *request.partialled)
    levels = sum(len(np.unique(codes([f.name], e))) for t in terms for f in t.factors if f.kind == "factor")
    if (levels + len(terms)) * data.rows > MOST_CELLS or any(_slopes(t) for t in request.absorb):
        return None, []
    try:
        made = expanded(terms, data, e.source.fit.sample)
    except (Declined, DataProblem):
        return None, []
    absorbed = [codes([f.name for f in t.factors], e) for t in request.absorb]
    return [m.values[rows] for m in made], absorbed


def _taken_out(e: Estimated, code: NDArray[np.int64]) -> bool:
    """Whether the outcome has the same mean in every group: its effects were taken out by hand."""
    y = outcome(e)
    if y is None or not len(y):
        return True
    means = np.bincount(code, y) / np.maximum(np.bincount(code), 1)
    return bool(np.ptp(means) <= TAKEN_OUT * np.std(y))


def centred(e: Estimated) -> bool:
    """Whether the outcome may have lost its effects before the command: it is a difference, or its mean is zero."""
    y = outcome(e)
    return y is None or not len(y) or bool(abs(np.mean(y)) <= TAKEN_OUT * np.std(y))


def any_effects(e: Estimated) -> bool:
    """Whether a command has, or may have, effects of any variable: its own, dummies, or those taken out by hand."""
    dummies = [n for n in plain_regressors(e) if two_valued(n, e)]
    return (
        bool(effects_of(e) or e.source.request.absorb or e.source.request.partialled)
        or centred(e)
        or (len(dummies) >= FEW_DUMMIES)
    )


def means_of_outcome(e: Estimated) -> tuple[float, ...]:
    """Means of the outcome on the estimation sample: of its rows, and by the command's weights where it has some."""
    request, found = e.source.request, e.source.estimated
    (factor,) = request.outcome.factors[:1]
    if factor.operator:
        return ()
    y, weights = e.source.data[factor.name].numbers[found.rows], e.source.fit.weights
    plain_mean = float(np.mean(y))
    return (plain_mean,) if weights is None else (plain_mean, float(np.average(y, weights=weights[found.rows])))


def outcome(e: Estimated) -> NDArray[np.float64] | None:
    """(n,) the outcome on the sample; None where it is a difference, which has no effects of its units left."""
    (factor,) = e.source.request.outcome.factors[:1]
    if factor.operator[:1].upper() in ("D", "S"):
        return None
    return e.source.data[factor.name].numbers[sample(e)]
