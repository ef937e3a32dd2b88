"""Made results of audits, for tests of the statistics over them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from parity.audit.outcomes import Axis, Outcomes
from parity.results.audit_sensitivity import Confounder, Confounding, GroupLeftOut, OsterBound


def axes(*sizes: int, base: int = 0) -> tuple[Axis, ...]:
    return tuple(Axis(f"a{j}", tuple(f"o{k}" for k in range(n)), base) for j, n in enumerate(sizes))


def product(sizes: Sequence[int]) -> np.ndarray:
    return np.array(list(itertools.product(*(range(n) for n in sizes))), dtype=np.int16).reshape(-1, len(sizes))


def made(
    sizes: Sequence[int], coef: Callable[[np.ndarray], np.ndarray], keep=None, *, se=0.5, p=None, base: int = 0, notes=None
) -> Outcomes:
    """A whole product, or the rows of it in `keep`, with coef a function of the (S, d) choices."""
    choices = product(sizes)
    if keep is not None:
        choices = choices[keep]
    c = np.asarray(coef(choices), dtype=float)
    n = len(c)
    s = np.broadcast_to(np.asarray(se, dtype=float), (n,)).copy()
    p = np.full(n, 0.5) if p is None else np.broadcast_to(np.asarray(p, dtype=float), (n,)).copy()
    return Outcomes(axes(*sizes, base=base), choices, c, s, p, np.full(n, 30.0), np.full(n, 100.0), notes or {})


def bounds_by_hand(bounded: float = 0.25, significant: float = 0.004) -> tuple[OsterBound, Confounding]:
    """What selection and omitted variables could do, in numbers that are easy to find again."""
    oster = OsterBound(delta=1.5, beta=0.0, at=1.0, bounded=bounded, roots=(0.25,), uncontrolled=0.4, controlled=0.3,
                       r2_uncontrolled=0.1, r2_controlled=0.2, rmax=0.26)  # fmt: skip
    weak = Confounder(control="w", times=1.0, r2_treatment=0.1, r2_outcome=0.2, coef=0.1, se=0.1, t=1.0, low=-0.1, high=0.3)
    omitted = Confounding(coef=0.3, se=0.1, t=3.0, df=90.0, level=0.05, partial_r2=0.09, robustness=0.2,
                          robustness_significant=significant, bounds=(weak,))  # fmt: skip
    return oster, omitted


def left_out(coef: float) -> GroupLeftOut:
    """A group without which the coefficient is that."""
    return GroupLeftOut(group="b", rows=20, coef=coef, se=0.1, p=0.001, dfbetas=-1.0)
