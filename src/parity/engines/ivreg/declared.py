"""R's AER::ivreg() with dummies, and the covariances of packages sandwich and clubSandwich."""

from parity.conventions.kinds import ROW_LEVERAGE, SANDWICHES
from parity.engines.base import Arithmetic, EngineInfo
from parity.engines.needs import Needs
from parity.engines.r_common import REngine
from parity.results.estimate import Declined
from parity.study.models import LIKELIHOODS, OF_INSTRUMENTS, OF_PANELS
from parity.study.spec import Spec

_ONLY_INSTRUMENTS = ("never", "ivreg estimates instrumental-variables models")


def _only_instruments(spec: Spec, unit: str | None, time: str | None) -> Declined | None:
    gap, reason = _ONLY_INSTRUMENTS
    return None if spec.iv else Declined(engine="r-ivreg", gap=gap, reason=reason)


ENGINE = REngine(
    info=EngineInfo(
        id="r-ivreg",
        language="r",
        packages=("AER", "sandwich", "lmtest", "clubSandwich"),
        title="AER::ivreg() with dummies for fixed effects, sandwich and clubSandwich",
        gaps={
            **dict.fromkeys(OF_INSTRUMENTS, ("never", "ivreg has two-stage least squares only")),
            **dict.fromkeys((*LIKELIHOODS, *OF_PANELS), _ONLY_INSTRUMENTS),
            **dict.fromkeys(
                ROW_LEVERAGE, ("never", "AER's leverage is that of the fitted values, not of the projected regressors")
            ),
            "conley": ("never", "sandwich has no spatial covariance"),
            "weights_frequency": ("never", "ivreg()'s weights are analytic: N stays the number of rows"),
        },
        arithmetic=Arithmetic(covariance=SANDWICHES),
        needs=Needs(copies=14, dummies=14),
    ),
    function="estimate_r_ivreg",
    rule=_only_instruments,
)
