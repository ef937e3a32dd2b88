"""`[moderation.NAME]`: what a regressor does where another variable, the moderator, is low, in the middle and high."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, field_validator

from parity.base.errors import suggest
from parity.study.analyses.contract import AnalysisSettings, Asked, not_least_squares
from parity.study.formula import Call, Column, columns_of
from parity.study.header import Header
from parity.study.spec import ExprText, Spec

#: Kinds of covariance that both sides have.
KINDS = ("iid", "HC0", "HC1", "CR0", "CR1")


class ModerationSettings(AnalysisSettings):
    """A spec with the product of a regressor and a moderator, which are added to it where it doesn't have them.

    spec     ordinary least squares; its covariance and convention are those of the effects, by the delta method
    term     the regressor whose effect hangs on the moderator; default the first
    by       the moderator: a column or a call such as log(x)
    at       its values at which the effect is shown, of the sample's rows. "sd": the mean and a standard deviation on either
             side (Aiken and West 1991); "quartiles"; "percentiles": 16, 50 and 84 (Hayes' PROCESS); or a list of numbers
    ddof     of that standard deviation, which divides by n - ddof
    through  a second spec, of moderated mediation: where the first stage is moderated, the outcome's, in which the mediator
             stands; where the second is, the mediator's. Its coefficient times the conditional effect is the conditional
             indirect effect (Hayes' models 7 and 14), with Sobel's standard error
    path     the regressor of `through` whose coefficient that is; default the outcome of `spec`, else its first
    """

    spec: str
    term: str | None = None
    by: ExprText
    at: Literal["sd", "quartiles", "percentiles"] | tuple[float, ...] = "sd"
    ddof: Literal[0, 1] = 1
    through: str | None = None
    path: str | None = None
    level: float = Field(default=0.95, gt=0.5, lt=1)

    @field_validator("at")
    @classmethod
    def _numbers(cls, at: object) -> object:
        if isinstance(at, tuple) and (not at or len(set(at)) != len(at) or not all(map(math.isfinite, at))):
            raise ValueError("at: one or more finite numbers, each of them once")
        return at

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        return {"by": columns_of(self.by)}


def why_not(spec: Spec) -> str:
    """Why a spec can't stand in such an analysis, or ""."""
    if problem := not_least_squares(spec).removeprefix("spec: "):
        return problem
    if spec.vcov.kind not in KINDS:
        return f"`{spec.id}` has errors of type {spec.vcov.kind}; these effects have {', '.join(KINDS)}"
    return "" if spec.formula.exog else f"`{spec.id}` has no regressor"


def _problem(settings: ModerationSettings, spec: Spec, header: Header) -> str:
    """What is wrong with it in its study, as "key: message", or ""."""
    if problem := why_not(spec):
        return f"spec: {problem}"
    terms = [str(item) for item in spec.formula.exog]
    if settings.term is not None and settings.term not in terms:
        return f"term: `{spec.id}` has no regressor `{settings.term}`{suggest(settings.term, terms)}"
    if not isinstance(settings.by, Column | Call):
        return "by: the moderator is a column, or a call such as log(x); make others a column under [derive]"
    if str(settings.by) == (settings.term or terms[0]):
        return f"by: `{settings.by}` is the regressor itself; write {settings.by}:{settings.by} in a formula for a square"
    return ""


ASKED = (
    Asked(
        "moderation", "moderated effects", 12, ModerationSettings, needs="spec and by", problem=_problem,
        specs=("through",),
        heads={"value": "Moderator", "effect": "Conditional effect", "indirect": "Conditional indirect effect"},
        named={"t": "t", "bound": "Bound of significance", "ci_low": "Lower end", "ci_high": "Upper end",
               "indirect ci_low": "Lower end", "indirect ci_high": "Upper end"},
        chinese={"Moderator": "调节变量取值", "Conditional effect": "条件效应", "t": "t 值",
                 "Conditional indirect effect": "条件间接效应", "Bound of significance": "显著性边界",
                 "Lower end": "置信区间下限", "Upper end": "置信区间上限", "mean - sd": "均值 − 标准差",
                 "the mean": "均值", "mean + sd": "均值 + 标准差", "product with the moderator": "交互项",
                 "index of moderated mediation": "有调节的中介指数"},
    ),
)  # fmt: skip
