"""`[margins.NAME]`: marginal effects of a spec by maximum likelihood."""

from __future__ import annotations

from typing import Literal

from parity.base.quantities import declared
from parity.study.analyses.contract import AnalysisSettings, Asked
from parity.study.header import Header
from parity.study.models import CATEGORICAL, OF_ONE_INDEX
from parity.study.spec import Spec


class MarginsSettings(AnalysisSettings):
    """What a regressor does to the probability, or to the mean of a count, of a model by maximum likelihood.

    Of several outcomes every one has its own effects, `outcome:variable`, the base's too; they sum to nought.

    spec        without absorbed effects; its covariance and convention are those of the effects, by the delta method
    at          "rows": the average of the effects of the sample's rows (Stata's `margins, dydx(*)`); "means": the effect at
                the means of the regressors (`atmeans`)
    indicators  columns of 0 and 1: "derivative", as of any number (Stata without i.), or "difference" of the response at 1
                and at 0 (Stata with i.; mfx, dprobit). Levels of i(group) are differences from its reference always

    An effect is of a column as the formula has it: of `log(x)` by log(x). A product moves with each of its factors.
    """

    spec: str
    at: Literal["rows", "means"] = "rows"
    indicators: Literal["derivative", "difference"] = "derivative"


def _problem(settings: MarginsSettings, spec: Spec, header: Header) -> str:
    """What is wrong with it in its study, as "key: message", or ""."""
    known = (*OF_ONE_INDEX, *CATEGORICAL)
    if spec.model not in known:
        return f'spec: `{spec.id}` is model = "{spec.model}"; marginal effects are of {", ".join(known)}'
    if spec.formula.effects:
        return f"spec: `{spec.id}` absorbs effects, whose own uncertainty is not estimated; write i(group) among regressors"
    if not spec.formula.exog:
        return f"spec: `{spec.id}` has no regressor"
    if spec.offset is not None:
        return f"spec: `{spec.id}` has an offset, and marginal effects beside one are not computed here"
    if spec.convention.newton != "maximum":
        return f'spec: `{spec.id}` ends its steps before the maximum (newton = "{spec.convention.newton}")'
    return ""


#: Heads of what follows from an estimate, and their Chinese.
OF_INFERENCE = {q: declared(q).label.capitalize() for q in ("se", "t", "p", "ci_low", "ci_high")}
CHINESE_OF_INFERENCE = {
    "T statistic": "t 值", "P-value": "p 值", "Lower end of the interval": "置信区间下限",
    "Upper end of the interval": "置信区间上限",
}  # fmt: skip

ASKED = (
    Asked(
        "margins", "marginal effects", 10, MarginsSettings, needs="spec", problem=_problem,
        heads={"effect": "dy/dx", **OF_INFERENCE}, chinese={"dy/dx": "边际效应", **CHINESE_OF_INFERENCE},
    ),
)  # fmt: skip
