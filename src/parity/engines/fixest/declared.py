"""R's package fixest: feols()."""

from parity.engines.base import Arithmetic, EngineInfo
from parity.engines.r_common import REngine
from parity.results.estimate import Declined
from parity.study.models import CATEGORICAL, OF_DYNAMIC, OF_INSTRUMENTS, OF_ONE_INDEX
from parity.study.spec import Spec


def _rule(spec: Spec, unit: str | None, time: str | None) -> Declined | None:
    if spec.vcov.lags == 0:
        return Declined(engine="r-fixest", gap="never", reason="feols takes one lag or more")
    own_leverage = "in" if spec.formula.effects else "raw"
    if spec.vcov.kind in ("HC2", "HC3") and spec.weights and spec.convention.leverage_weights != own_leverage:
        reason = "feols has the weights in the leverage with fixed effects, and leaves them out without (0.14.2)"
        return Declined(engine="r-fixest", gap="notyet", reason=reason)
    if spec.vcov.kind in ("HC2", "HC3") and len(spec.formula.effects) > 2:
        reason = "feols's leverage fails on the redundant dummies of three and more fixed effects (0.14.2)"
        return Declined(engine="r-fixest", gap="notyet", reason=reason)
    return None


ENGINE = REngine(
    info=EngineInfo(
        id="r-fixest",
        language="r",
        packages=("fixest",),
        title="fixest::feols()",
        gaps={
            **dict.fromkeys(OF_INSTRUMENTS, ("never", "fixest has two-stage least squares only")),
            **dict.fromkeys(OF_ONE_INDEX, ("notimpl", "feglm and fepois are not asked yet")),
            **dict.fromkeys(CATEGORICAL, ("never", "fixest has no model of several outcomes")),
            "tobit": ("never", "fixest has no censored outcomes"),
            "ivprobit": ("never", "fixest has no probit with instruments"),
            "arima": ("never", "fixest has no series"),
            **dict.fromkeys(OF_DYNAMIC, ("never", "fixest has no dynamic panels")),
            "random_effects": ("never", "fixest has no random effects"),
            "weights_frequency": ("never", "feols's weights are analytic: N stays the number of rows"),
            "HC4": ("notyet", "feols has HC1, HC2 and HC3"),
            "CR2": ("notyet", "feols has no CR2"),
            "CR3": ("notyet", "feols has no CR3"),
            "conley": ("notimpl", "fixest's conley() isn't asked yet"),
            "leverage_iv": ("never", "feols has HC2 and HC3 for least squares only"),
        },
        arithmetic=Arithmetic(coefficients=True, absorbs="always"),
    ),
    function="estimate_r_fixest",
    rule=_rule,
)
