"""`[event_study.NAME]`: effects of a treatment that starts at different times, by event time, cohort or period."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from parity.study.analyses.contract import AnalysisSettings, Asked
from parity.study.analyses.margins import CHINESE_OF_INFERENCE, OF_INFERENCE
from parity.study.formula import columns_of
from parity.study.header import Header
from parity.study.spec import ExprText, Spec

Method = Literal["twfe", "sun_abraham", "callaway_santanna", "imputation", "did2s", "local_projections", "bacon"]
#: Those that end in one regression, whose small-sample factor a convention says.
REGRESSIONS = ("twfe", "sun_abraham", "local_projections")
#: Key -> the methods that read it; the rest read all others.
OF_METHODS: dict[str, tuple[str, ...]] = {
    "reference": ("twfe", "sun_abraham", "did2s"),
    "endpoints": ("twfe", "sun_abraham"),
    "control_group": ("callaway_santanna", "local_projections"),
    "base_period": ("callaway_santanna",),
    "adjustment": ("callaway_santanna",),
    "weighting": ("local_projections",),
    "always_treated": ("twfe", "bacon"),
    "cohort_weights": ("callaway_santanna", "sun_abraham", "imputation"),
    "shares": ("sun_abraham",),
    "convention": REGRESSIONS,
}
#: Aggregations of the methods that don't have all.
_AGGREGATED: dict[str, tuple[str, ...]] = {
    "twfe": ("dynamic", "simple"), "did2s": ("dynamic", "simple"), "local_projections": ("dynamic",), "bacon": ("simple",),
}  # fmt: skip
#: What stands where a study says nothing.
DEFAULTS = {
    "adjustment": "doubly_robust",
    "base_period": "varying",
    "weighting": "variance",
    "endpoints": "own",
    "cohort_weights": "size",
    "shares": "known",
}


class EventStudySettings(AnalysisSettings):
    """Differences in differences of a panel.

    outcome, unit, time   default unit and time of [study]; time is a number, and event times are its differences
    first_treated   a column: the first treated period; missing, 0 or negative: never. Constant within a unit
    treatment       instead: a column of 0 and 1, from which each unit's first treated period is found
    controls        regressors beside; of "callaway_santanna" their values in the earlier of two periods, in both models
    weights         of rows; of "callaway_santanna" constant within a unit
    cluster         of standard errors; default the unit
    method          "twfe": y on dummies of event time and effects of unit and time; "sun_abraham": dummies by cohort,
                    averaged (Sun and Abraham 2021); "callaway_santanna": ATT(g, t) (2021); "imputation": Borusyak, Jaravel
                    and Spiess (2024); "did2s": Gardner (2022); "local_projections": Dube, Girardi, Jorda and Taylor (2025);
                    "bacon": all pairs of cohorts and their weights in TWFE (Goodman-Bacon 2021)
    aggregation     "dynamic": by event time, "group": by cohort, "calendar": by period, "simple": one number
    anticipation    periods before treatment in which it may have effects; the reference and the untreated end before
    leads, lags     window of event times; default all there are
    endpoints       event times outside it: "own": dummies of their own, not shown; "binned": pooled with the window's ends;
                    "dropped": their rows are left out; "reference": no dummy, as the reference
    reference       event times without a dummy; default -1 - anticipation
    base_period     before treatment: "varying": the period before, "universal": that before treatment for all
    control_group   "never" treated (default of callaway_santanna), or "not_yet", too (default of local_projections)
    adjustment      of controls: "regression", "weighting" (normalised inverse probabilities) or "doubly_robust" (Sant'Anna
                    and Zhao 2020)
    weighting       of effects of one horizon by period: "variance", as least squares has it; "equal" for each treated row
    cohort_weights  of several cohorts in one average: their "size", or "equal"
    shares          of cohorts in an average: "known", or "estimated", whose variance is added (Sun and Abraham 2021)
    always_treated  units treated in the first period: "kept" or "dropped"
    convention      small-sample factor and degrees of freedom; "none": neither, and the normal distribution
    """

    outcome: ExprText
    unit: str | None = None
    time: str | None = None
    first_treated: str | None = None
    treatment: str | None = None
    controls: tuple[ExprText, ...] = ()
    weights: ExprText | None = None
    where: ExprText | None = None
    cluster: str | None = None
    method: Method = "twfe"
    aggregation: Literal["dynamic", "group", "calendar", "simple"] | None = None
    anticipation: int = Field(default=0, strict=True, ge=0, le=100)
    leads: int | None = Field(default=None, strict=True, ge=0, le=1_000)
    lags: int | None = Field(default=None, strict=True, ge=0, le=1_000)
    endpoints: Literal["own", "binned", "dropped", "reference"] | None = None
    reference: tuple[int, ...] | None = None
    base_period: Literal["varying", "universal"] | None = None
    control_group: Literal["never", "not_yet"] | None = None
    adjustment: Literal["regression", "weighting", "doubly_robust"] | None = None
    weighting: Literal["variance", "equal"] | None = None
    cohort_weights: Literal["size", "equal"] | None = None
    shares: Literal["known", "estimated"] | None = None
    always_treated: Literal["kept", "dropped"] | None = None
    convention: Literal["fixest", "reghdfe", "xtreg", "areg", "none"] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> EventStudySettings:
        if (self.first_treated is None) == (self.treatment is None):
            raise ValueError('give first_treated = "column" or treatment = "column", one of them')
        for key, methods in OF_METHODS.items():
            if getattr(self, key) is not None and self.method not in methods:
                raise ValueError(f'{key} belongs to method = "{methods[0]}", and this is method = "{self.method}"')
        known = _AGGREGATED.get(self.method)
        if known and self.aggregation not in (None, *known):
            raise ValueError(f'aggregation: method = "{self.method}" has {" and ".join(known)}')
        if self.endpoints not in (None, "own") and self.leads is None and self.lags is None:
            raise ValueError(f'endpoints = "{self.endpoints}" needs leads or lags, the ends of the window')
        if self.shares == "estimated" and self.cohort_weights == "equal":
            raise ValueError('shares = "estimated" is of cohort_weights = "size": equal weights are not estimated')
        if self.method == "bacon" and (self.controls or self.weights):
            raise ValueError("the decomposition has neither controls nor weights")
        return self

    def full(self) -> EventStudySettings:
        """With what stands where nothing is said."""
        of = dict(DEFAULTS)
        of["control_group"] = "not_yet" if self.method == "local_projections" else "never"
        of["always_treated"] = "kept" if self.method in OF_METHODS["always_treated"] else "dropped"
        of["convention"] = "fixest" if self.method in REGRESSIONS else "none"
        of["aggregation"] = "simple" if self.method == "bacon" else "dynamic"
        unsaid = {key: value for key, value in of.items() if getattr(self, key) is None}
        reference = self.reference if self.reference is not None else (-1 - self.anticipation,)
        return self.model_copy(update=unsaid | {"reference": reference})

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        own = {
            key: (name,) for key in ("unit", "time", "first_treated", "treatment", "cluster") if (name := getattr(self, key))
        }
        controls = {"controls": tuple(c for e in self.controls for c in columns_of(e))}
        return own | controls | {key: columns_of(getattr(self, key)) for key in ("outcome", "weights", "where")}


def _problem(settings: EventStudySettings, spec: Spec | None, header: Header) -> str:
    """What is wrong with it in its study, as "key: message", or ""."""
    for key in ("unit", "time"):
        if not (getattr(settings, key) or getattr(header, key)):
            return f'{key}: an event study needs {key} = "column", here or under [study]'
    return ""


ASKED = (
    Asked(
        "event_study", "event studies", 15, EventStudySettings, needs="outcome, and first_treated or treatment",
        of="columns", alone=True, conditions=("where",), controls=("controls",), problem=_problem,
        heads={"effect": "Effect", **OF_INFERENCE},
        named={"cell": "ATT(g, t)", "cell se": "SE of ATT(g, t)", "share": "Weight", "mean effect": "Mean effect",
               "total share": "Total weight", "nobs": "N",
               "clusters": "Clusters"},
        chinese={"Effect": "处理效应", "ATT(g, t)": "组别—时期处理效应", "SE of ATT(g, t)": "组别—时期处理效应标准误",
                 "Weight": "权重", "Mean effect": "平均效应", "Total weight": "总权重", "Clusters": "聚类数",
                 **CHINESE_OF_INFERENCE},
    ),
)  # fmt: skip
