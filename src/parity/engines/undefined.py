"""A covariance that doesn't exist for a sample: known before any engine is asked, for all of them alike.

Packages that invert what is singular answer such a sample each with a number of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.base.errors import Unestimable
from parity.engines.own.fit import covariances, solve
from parity.results.estimate import Declined

if TYPE_CHECKING:
    from parity.engines.base import Engine
    from parity.sample.design import Design
    from parity.study.spec import Spec


def declined_for_jackknife(engine: Engine, spec: Spec, design: Design) -> Declined | None:
    """Why the engine is not asked for CR3: a coefficient hangs on one cluster; None where none does."""
    if spec.vcov.kind != "CR3":
        return None
    try:
        covariances(solve(design, spec), spec.vcov)
    except Unestimable as error:
        return Declined(engine=engine.info.id, gap="never", reason=str(error))
    return None
