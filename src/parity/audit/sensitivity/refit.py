"""One coefficient of a design, and of the design with some rows left out, under the specification's whole convention.

Leaving rows out is estimating the others anew: singletons dropped, collinear columns left out, facts counted again.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from parity.audit.single import Estimated, of_design
from parity.base.errors import Unestimable
from parity.sample.build import Chosen, count_facts, lagged_time, singletons_dropped
from parity.sample.design import Design
from parity.sample.identified import identified
from parity.sample.order import recoded
from parity.study.spec import Spec


def kept(spec: Spec, design: Design, keep: np.ndarray) -> Design:
    """The design of some of its rows. keep: (n,) mask. Raises `Unestimable`.

    First differences are rows as they are: leaving one out leaves out that difference, no level.
    """
    some = design.take(keep)
    if spec.convention.singletons == "drop" and some.effects and spec.model == "ols":
        some = some.take(singletons_dropped(some.effects, some.weights if some.weight_kind == "frequency" else None))
    if not some.nobs:
        raise Unestimable("no row is left")
    some, _, dropped, determined = identified(recoded(some), str(spec.formula.outcome))
    facts = count_facts(some, spec, Chosen(some, 0, 0, int(keep.sum()) - some.nobs), dropped)
    if determined:
        raise Unestimable(determined)
    if spec.vcov.kind == "NW" and some.time is not None:
        some = replace(some, time=lagged_time(some, spec.convention.kernel_gaps))
    return replace(some, facts=facts)


def without(spec: Spec, design: Design, out: np.ndarray, term: str) -> Estimated:
    """The coefficient with rows left out. out: (n,) mask, or row positions. Raises `Unestimable`."""
    keep = np.ones(design.nobs, dtype=bool)
    keep[out] = False
    return of_design(spec, kept(spec, design, keep), term)
