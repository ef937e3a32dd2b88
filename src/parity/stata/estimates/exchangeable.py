"""Terms in whose place another could be left out: which of collinear columns goes is a program's own choice.

xtabond2 keeps no order that is written down: of the years of abdata its version of 2009 leaves out the last (Roodman 2009,
Stata Journal 9(1)), a later one 1979, and of thirty years of Baltagi's cigarettes the first that has a difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parity.base.tolerance import COLLINEAR

if TYPE_CHECKING:
    from parity.stata.estimates.own import Estimated


def exchangeable(found: Estimated) -> frozenset[str]:
    """Stata's names of the columns that one left out is a sum of, and its own; none where it is zero throughout."""
    from parity.sample.build import choose_rows
    from parity.sample.design import INTERCEPT

    if not found.omitted:
        return frozenset()
    resolved = found.resolved
    design = choose_rows(resolved.study, resolved.spec, resolved.frame).design
    names, x = list(design.x_names), np.asarray(design.x)
    if design.intercept and resolved.spec.model == "system_gmm":
        names, x = [*names, INTERCEPT], np.column_stack([x, np.ones(len(x))])
    called = [resolved.names.get(name, name) for name in names]
    norms = np.linalg.norm(x, axis=0)
    kept = [i for i, name in enumerate(called) if name not in found.omitted and norms[i]]
    out: set[str] = set()
    for i, name in enumerate(called):
        if name in found.omitted and norms[i]:
            share = np.linalg.lstsq(x[:, kept] / norms[kept], x[:, i] / norms[i], rcond=None)[0]
            out |= {name, *(called[kept[j]] for j in np.flatnonzero(np.abs(share) > COLLINEAR))}
    return frozenset(out)
