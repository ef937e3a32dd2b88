"""R's lm() with dummies, and the covariances of packages sandwich and clubSandwich."""

from parity.conventions.kinds import SANDWICHES
from parity.engines.base import Arithmetic, EngineInfo
from parity.engines.needs import Needs
from parity.engines.r_common import REngine
from parity.study.models import CATEGORICAL, OF_DYNAMIC

_NOT_IV = ("never", "lm() estimates no instrumental variables")

ENGINE = REngine(
    info=EngineInfo(
        id="r-lm",
        language="r",
        packages=("sandwich", "lmtest", "clubSandwich"),
        title="lm() and glm() with dummies for fixed effects, sandwich and clubSandwich",
        gaps={
            "iv": _NOT_IV,
            "iv_fe": _NOT_IV,
            **dict.fromkeys(CATEGORICAL, ("never", "glm() has one index and no cuts")),
            "tobit": ("never", "glm() has no censored outcomes"),
            "ivprobit": ("never", "glm() has no instruments"),
            "arima": ("never", "lm() and glm() have no series"),
            **dict.fromkeys(OF_DYNAMIC, ("never", "lm() has no instruments")),
            "random_effects": ("never", "lm() estimates no random effects"),
            "conley": ("never", "sandwich has no spatial covariance"),
            "observed_information": ("never", "glm() has the expected information"),
            "weights_frequency": ("never", "lm()'s weights are analytic: N stays the number of rows"),
        },
        arithmetic=Arithmetic(covariance=SANDWICHES),
        needs=Needs(copies=10, dummies=10),
    ),
    function="estimate_r_lm",
)
