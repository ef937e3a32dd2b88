"""Arithmetic: how far an implementation goes before it stops."""

from __future__ import annotations

from collections.abc import Iterable

from parity.diagnose.bench import Bench
from parity.diagnose.cause import Cause, Step
from parity.diagnose.world import World


def _by_experiment(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    """No world: only the engine itself, asked again with a tight tolerance, can show it (`parity.shipped.explain`)."""
    return ()


CAUSES = (
    Cause(
        "absorption-tolerance", "arithmetic", "design", "tolerance",
        "It absorbs its fixed effects to a tolerance that is seen in the numbers; asked again with a tight one, the same "
        "engine has what the other causes predict.",
        "coefficients move by up to {coef} of themselves, standard errors by up to {se}",
        "pyfixest 0.60, demeaners.py: fixef_tol = 1e-6; fixest 0.14: fixef.tol = 1e-6; linearmodels 7: 1e-8",
        {"pyfixest": "feols(demeaner=MapDemeaner(fixef_tol=1e-12))", "fixest": "feols(fixef.tol = 1e-11)",
         "linearmodels": 'PanelOLS.fit(use_lsdv=True); AbsorbingLS.fit(method="lsmr", absorb_options={"atol": 1e-14, '
                         '"btol": 1e-14})'},
        _by_experiment,
    ),
)  # fmt: skip
