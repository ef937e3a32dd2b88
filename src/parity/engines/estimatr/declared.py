"""R's package estimatr: lm_robust() and iv_robust()."""

from parity.conventions.kinds import SANDWICHES
from parity.engines.base import Arithmetic, EngineInfo
from parity.engines.needs import Needs
from parity.engines.r_common import REngine
from parity.study.models import LIKELIHOODS, OF_DYNAMIC, OF_INSTRUMENTS

ENGINE = REngine(
    info=EngineInfo(
        id="r-estimatr",
        language="r",
        packages=("estimatr",),
        title="estimatr::lm_robust() and iv_robust()",
        gaps={
            **dict.fromkeys(OF_INSTRUMENTS, ("never", "estimatr has two-stage least squares only")),
            **dict.fromkeys(LIKELIHOODS, ("never", "estimatr has linear models only")),
            **dict.fromkeys(OF_DYNAMIC, ("never", "estimatr has no dynamic panels")),
            "random_effects": ("never", "estimatr has no random effects"),
            "weights_frequency": ("never", "estimatr's weights are analytic: N stays the number of rows"),
            "multiway": ("notyet", "estimatr clusters by one variable"),
            "HC4": ("notyet", "estimatr has HC0 to HC3"),
            "CR3": ("notyet", "estimatr has CR0, CR1 and CR2"),
            "leverage_unweighted": ("never", "estimatr's leverage has the weights in it"),
            "conley": ("never", "estimatr has no spatial covariance"),
            "DK": ("never", "estimatr has no Driscoll-Kraay covariance"),
            "NW": ("never", "estimatr has no Newey-West covariance"),
        },
        arithmetic=Arithmetic(covariance=SANDWICHES, absorbs="always"),
        needs=Needs(clusters=1.1),
    ),
    function="estimate_r_estimatr",
)
