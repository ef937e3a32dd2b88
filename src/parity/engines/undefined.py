"""A covariance that doesn't exist for a sample: known before any engine is asked, for all of them alike.

Packages that invert what is singular answer such a sample each with a number of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.algebra import covariance
from parity.algebra.absorb import TooLarge
from parity.base.errors import Unestimable
from parity.engines.own.fit import solve
from parity.engines.own.least_squares import joint_code
from parity.results.estimate import Declined
from parity.study.models import OF_INSTRUMENTS

if TYPE_CHECKING:
    from parity.engines.base import Engine
    from parity.sample.design import Design
    from parity.study.spec import Spec


def declined_for_jackknife(engine: Engine, spec: Spec, design: Design) -> Declined | None:
    """Why the engine is not asked for CR3: a coefficient hangs on one cluster; None where none does."""
    if spec.vcov.kind != "CR3" or spec.likelihood or spec.model in OF_INSTRUMENTS:
        return None
    try:
        fit = solve(design, spec)
        covariance.cr3(fit.pull, fit.resid, joint_code([design.clusters[c] for c in spec.vcov.cluster]), fit.hat_basis)
    except covariance.Undefined as error:
        return Declined(engine=engine.info.id, gap="never", reason=str(error))
    except (Unestimable, TooLarge):  # not to be seen from here: each engine says so, or doesn't
        return None
    return None
