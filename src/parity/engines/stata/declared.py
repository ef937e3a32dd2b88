"""parity's own reference: Stata's commands written anew in base R from their published formulas (stata_*.R)."""

from parity.engines.base import EngineInfo
from parity.engines.needs import Needs
from parity.engines.r_common import REngine
from parity.results.estimate import Declined
from parity.study.spec import Spec


def _rule(spec: Spec, unit: str | None, time: str | None) -> Declined | None:
    if spec.vcov.kind == "NW" and spec.weights and spec.weights.frequency:
        return _declined("newey takes no frequency weights: equal rows have no order in time")
    if spec.vcov.in_time and time is None:
        return _declined("lags need a time column: the study names none")
    if spec.model == "random_effects" and unit is None:
        return _declined("random effects need a unit column: the study names none")
    if spec.model == "random_effects" and not spec.formula.intercept:
        return _declined("xtreg, re has no noconstant option")
    return None


def _declined(reason: str) -> Declined:
    return Declined(engine="r-stata", gap="never", reason=reason)


ENGINE = REngine(
    info=EngineInfo(
        id="r-stata",
        language="r",
        packages=(),
        title="regress, areg, xtreg, reghdfe, ivregress, ivreg2, logit, probit, poisson, mlogit, ologit, oprobit, tobit,"
        " ivprobit, arima, xtabond, xtdpdsys, xtdpd in base R, written anew for parity",
        needs=Needs(copies=19),
        gaps={},
    ),
    function="estimate_r_stata",
    rule=_rule,
)
