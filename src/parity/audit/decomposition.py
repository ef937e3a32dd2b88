"""Which choice moves a number most: the variance over all specifications, shared among the axes.

On a whole product the shares are exact. Orthonormal contrasts along each axis split the variance into the energy of every
subset of axes, its interaction; a subset's energy shared equally among its members is the Shapley value of the axes (Owen
2014, SIAM/ASA J. Uncertainty Quantification 2, theorem 1; Song, Nelson and Staum 2016, same journal 4). That takes N log N.

Where specifications are missing, axes are correlated, and `parity.audit.regressed` shares R2 of their dummies instead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parity.audit.outcomes import Number, Outcomes
from parity.base.tolerance import NO_VARIANCE
from parity.results.audit import AxisShare, Moved, PairShare

#: Pairs of axes that are listed.
MOST_PAIRS = 10


def decomposition(outcomes: Outcomes, what: Number = "coef", *, seed: int = 1, permutations: int = 1_000) -> Moved:
    """Shapley shares of `coef`, `se` or `p`, each specification counting the same.

    seed, permutations: of the orders that are drawn where specifications are missing and the axes too many for all orders.

    shapley    of an axis: where what several axes do together is divided equally among them; these add up to `explained`,
               which is 1 for a product, R2 of all dummies for a regression, 0 where nothing varies
    error      Monte Carlo standard error of that, 0 where it is exact
    main       what it does by itself; total: what would be gone with it, all its interactions included
    means      mean of the number at each of its options
    Shares and interactions come the largest first, of interactions at most `MOST_PAIRS`; the variance is over the number
    of specifications.
    """
    good = outcomes.estimable
    values = outcomes.values(what)
    if good.all() and len(outcomes) and outcomes.whole:
        return _of_product(outcomes, what, values)
    from parity.audit import regressed

    names, options = [a.name for a in outcomes.axes], outcomes.choices[good]
    kept = values[good]
    means = _means(options, outcomes.sizes, kept)
    if not _varies(kept):
        return _nothing(outcomes, what, "regression", len(kept), means)
    found = regressed.shares(options, outcomes.sizes, kept, seed=seed, permutations=permutations)
    shares = [
        AxisShare(axis=names[j], shapley=float(found.shapley[j]), error=float(found.error[j]), main=float(found.main[j]),
                  total=float(found.total[j]), means=means[j])
        for j in range(len(names))
    ]  # fmt: skip
    pairs = {(names[j], names[k]): share for (j, k), share in found.pairs.items()}
    return Moved(
        what=what, method="regression", specs=len(kept), variance=float(np.var(kept)), explained=found.explained,
        permutations=found.permutations, shares=_ordered(shares), interactions=_largest(pairs),
    )  # fmt: skip


def energies(values: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """(2, ..., 2): the sum of squares that each subset of axes explains beyond its own subsets; 1 stands for a member.

    values: (N,) of a whole product of these sizes in C order. The element (0, ..., 0) is N times the squared mean.
    """
    left = np.array(values, dtype=float)
    for size in sizes:  # the first axis becomes contrasts and goes to the end, so that the next is the first
        left = _contrasts(left.reshape(size, -1)).T
    energy = left.reshape(-1) ** 2
    for size in sizes:
        by_contrast = energy.reshape(size, -1)
        energy = np.stack([by_contrast[0], by_contrast[1:].sum(0)], axis=-1).reshape(-1)
    return energy.reshape((2,) * len(sizes))


def _contrasts(a: np.ndarray) -> np.ndarray:
    """(n, m) -> the same along orthonormal contrasts of the first axis, the constant first.

    By the reflection that takes (1, ..., 1)/sqrt(n) to the first unit vector (Householder 1958): n m steps, no matrix.
    """
    n = len(a)
    if n == 1:
        return a
    v = np.full(n, 1 / np.sqrt(n))
    v[0] += 1.0
    along = v @ a
    return a - np.multiply.outer(v * (2 / (v @ v)), along)


def _of_product(outcomes: Outcomes, what: Number, values: np.ndarray) -> Moved:
    names = [a.name for a in outcomes.axes]
    means = _means(outcomes.choices, outcomes.sizes, values)
    if not _varies(values):
        return _nothing(outcomes, what, "product", len(values), means)
    d = len(names)
    energy = energies(values - values.mean(), outcomes.sizes)
    members = np.zeros(energy.shape, dtype=np.int64)
    for j in range(d):
        members += np.arange(2).reshape([2 if i == j else 1 for i in range(d)])
    energy[members == 0] = 0.0  # what rounding left of the mean
    whole = float(energy.sum())
    divided = energy / np.maximum(members, 1)
    shares, pairs = [], {}
    for j, name in enumerate(names):
        own = tuple(1 if i == j else 0 for i in range(d))
        with_j = tuple(1 if i == j else slice(None) for i in range(d))
        shares.append(
            AxisShare(axis=name, shapley=float(divided[with_j].sum()) / whole, main=float(energy[own]) / whole,
                      total=float(energy[with_j].sum()) / whole, means=means[j])
        )  # fmt: skip
        for k in range(j + 1, d):
            both = tuple(1 if i in (j, k) else 0 for i in range(d))
            pairs[name, names[k]] = float(energy[both]) / whole
    return Moved(what=what, method="product", specs=len(values), variance=whole / len(values), explained=1.0,
                 shares=_ordered(shares), interactions=_largest(pairs))  # fmt: skip


def _varies(values: np.ndarray) -> bool:
    """Whether the numbers differ by more than rounding."""
    return len(values) > 1 and bool(np.std(values) > NO_VARIANCE * np.abs(values).max())


def _nothing(outcomes: Outcomes, what: Number, method, specs: int, means) -> Moved:
    nothing = (
        AxisShare(axis=a.name, shapley=0.0, main=0.0, total=0.0, means=m) for a, m in zip(outcomes.axes, means, strict=True)
    )
    return Moved(what=what, method=method, specs=specs, variance=0.0, explained=0.0, shares=tuple(nothing))


def _means(choices: np.ndarray, sizes: Sequence[int], values: np.ndarray) -> list[tuple[float, ...]]:
    """Of each axis, the mean at each option; NaN of an option that no specification takes."""
    out = []
    for j, size in enumerate(sizes):
        code = choices[:, j].astype(np.intp)
        count = np.bincount(code, minlength=size)
        total = np.bincount(code, weights=values, minlength=size)
        out.append(tuple(float(t / c) if c else float("nan") for t, c in zip(total, count, strict=True)))
    return out


def _ordered(shares: Sequence[AxisShare]) -> tuple[AxisShare, ...]:
    return tuple(sorted(shares, key=lambda s: -s.shapley))


def _largest(pairs: dict[tuple[str, str], float]) -> tuple[PairShare, ...]:
    found = sorted(pairs.items(), key=lambda item: -item[1])[:MOST_PAIRS]
    return tuple(PairShare(axes=axes, share=share) for axes, share in found)
