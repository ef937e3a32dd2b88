"""R's package plm."""

from parity.conventions.kinds import SANDWICHES
from parity.engines.base import Arithmetic, EngineInfo, Gap
from parity.engines.needs import Needs
from parity.engines.r_common import REngine
from parity.results.estimate import Declined
from parity.study.dynamic import Dynamic
from parity.study.models import LIKELIHOODS, OF_DYNAMIC, OF_INSTRUMENTS
from parity.study.spec import Spec


def _declined(gap: Gap, reason: str) -> Declined:
    return Declined(engine="r-plm", gap=gap, reason=reason)


def _dynamic(spec: Spec) -> str:
    """What pgmm() can't do of a dynamic panel, or ""."""
    system, said = spec.model == "system_gmm", spec.dynamic or Dynamic()
    if spec.vcov.kind == "iid" and said.steps == 1:
        return "pgmm's covariance of one step has no variance of errors in it"
    if not spec.gmm:
        return "pgmm has lags of a variable among its instruments"
    if said.instruments or said.equation or said.transform != "differences":
        return "pgmm has first differences, and instruments of all its equations"
    if not isinstance(said.collapse, bool):
        return "pgmm's lags of all columns are collapsed or none"
    if said.standard == ():
        return "pgmm has regressors as instruments where no other is named"
    if not system:
        return "pgmm has a constant in no difference" if spec.formula.intercept else ""
    if said.levels != "separate":
        return "pgmm has standard instruments of levels in columns of their own"
    if said.weight == "identity":
        return "pgmm has no identity among the weights of a system"
    if any(first != 2 for first, _ in spec.gmm.values()):
        return "pgmm's instruments of levels are differences one period ago"
    return ""


def _rule(spec: Spec, unit: str | None, time: str | None) -> Declined | None:
    if unit is None:
        return _declined("never", "plm estimates panel models: the study names no unit")
    if spec.vcov.kind == "NW" and spec.convention.kernel_gaps == "rows":
        return _declined(
            "never", "plm reads its time effects and its lags from one index, which rows in place of periods change"
        )
    if spec.model in OF_DYNAMIC and (why := _dynamic(spec)):
        return _declined("never", why)
    if spec.model == "between" and spec.convention.between_weights == "rows":
        return _declined("never", "plm weighs every unit alike")
    if spec.model == "between" and spec.vcov.kind != "iid":
        return _declined("never", "plm's robust covariances are not of unit means")
    if spec.weights and (spec.formula.effects or spec.model != "ols"):
        return _declined("notyet", "plm transforms the data without the weights (2.6)")
    if spec.weights and spec.iv:
        return _declined("notyet", "plm takes no weights with instruments (2.6)")
    if spec.weights and spec.vcov.kind != "iid":
        return _declined("notyet", "plm has no robust covariance of a weighted model (2.6)")
    return None


ENGINE = REngine(
    info=EngineInfo(
        id="r-plm",
        language="r",
        packages=("plm",),
        title="plm::plm() and pgmm(): pooled, within, first differences, random effects, dynamic panels",
        needs=Needs(copies=17),
        gaps={
            **dict.fromkeys(OF_INSTRUMENTS, ("never", "plm has two-stage least squares only")),
            **dict.fromkeys(LIKELIHOODS, ("never", "plm has linear models only")),
            "fe3": ("never", "plm has unit and time effects only"),
            "fe_not_panel": ("never", "plm has unit and time effects only"),
            "cluster_not_panel": ("never", "plm clusters by unit, by time, or by both"),
            "weights_frequency": ("never", "plm's weights are analytic: N stays the number of rows"),
            "leverage_fe": ("never", "plm's leverage leaves out the fixed effects"),
            "leverage_unweighted": ("never", "plm has no robust covariance of a weighted model (2.6)"),
            "conley": ("never", "plm has no spatial covariance"),
            "CR2": ("never", "plm has no CR2"),
            "CR3": ("never", "plm has no CR3"),
        },
        arithmetic=Arithmetic(covariance=SANDWICHES, absorbs="always"),
    ),
    function="estimate_r_plm",
    rule=_rule,
)
