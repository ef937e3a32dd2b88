"""Made results of audits, for tests of the statistics over them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from parity.audit.outcomes import Axis, Outcomes


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
