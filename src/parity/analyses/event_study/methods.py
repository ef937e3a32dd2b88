"""Every method by its name: `Panel` -> `Estimated`. All raise `Unestimable`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from parity.analyses.event_study.bacon import bacon
from parity.analyses.event_study.callaway import callaway_santanna
from parity.analyses.event_study.estimated import Estimated
from parity.analyses.event_study.imputation import imputation, two_stages
from parity.analyses.event_study.regressions import local_projections, sun_abraham, twfe
from parity.analyses.event_study.sample import Panel

METHODS: Mapping[str, Callable[[Panel], Estimated]] = {
    "twfe": twfe,
    "sun_abraham": sun_abraham,
    "callaway_santanna": callaway_santanna,
    "imputation": imputation,
    "did2s": two_stages,
    "local_projections": local_projections,
    "bacon": bacon,
}
