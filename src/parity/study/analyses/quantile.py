"""`[quantile.NAME]`: what regressors do at other places of the outcome's distribution than its mean."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from parity.study.analyses.contract import AnalysisSettings, Asked, not_least_squares
from parity.study.header import Header
from parity.study.spec import Spec


class QuantileSettings(AnalysisSettings):
    """Quantile regressions of a spec's outcome on its regressors.

    spec       ordinary least squares, whose formula is taken; its covariance says the default of `errors`
    at         quantiles, between 0 and 1
    method     how the spec's fixed effects are dealt with. regression: there are none (Koenker and Bassett 1978; a factor in
               the formula is a regressor); canay: taken from the outcome as least squares finds them, as if they were the
               same at all quantiles (Canay 2011); moments: effects on location and on scale (Machado and Santos Silva 2019;
               Stata's xtqreg, mmqreg). Default regression; a spec with effects must say which
    errors     iid: q(1 - q) s^2 (X'X)^-1; robust: q(1 - q) D^-1 X'X D^-1 with D = sum of f_i x_i x_i'; cluster: the sum over
               clusters of scores in the middle (Parente and Santos Silva 2016); bootstrap: of whole clusters, or rows. Of
               moments robust and cluster are of the influence functions, and there is no iid. Default by the spec's
               covariance: iid; robust where it is robust; cluster where it has one cluster variable
    density    of the outcome at the quantile, s = 1/f. fitted: the difference quotient of fitted values a bandwidth below
               and above (Hendricks and Koenker 1992; qreg's default; R's nid); residuals: of the residuals' quantiles
               (qreg's `residual`); kernel: of the residuals (Powell 1991; R's ker)
    bandwidth  hall-sheather; bofinger, as R's quantreg has it; bofinger-stata, with phi(2 z) for phi(z), as Stata and
               statsmodels have it; chamberlain
    kernel     gaussian (R); epanechnikov, of standard deviation one, or epan2, between -1 and 1 (Stata's names)
    quartiles  of residuals, whose distance makes the kernel's width: "linear" between two of them (R; the default of the
               gaussian kernel), or "averaged" where two are as good (Stata; the default of the others)
    draws      of a bootstrap, from `seed`
    """

    spec: str
    at: tuple[float, ...] = (0.25, 0.5, 0.75)
    method: Literal["regression", "canay", "moments"] | None = None
    errors: Literal["iid", "robust", "cluster", "bootstrap"] | None = None
    density: Literal["fitted", "residuals", "kernel"] = "fitted"
    bandwidth: Literal["hall-sheather", "bofinger", "bofinger-stata", "chamberlain"] = "hall-sheather"
    kernel: Literal["gaussian", "epanechnikov", "epan2"] = "gaussian"
    quartiles: Literal["linear", "averaged"] | None = None
    draws: int = Field(default=200, strict=True, ge=10, le=100_000)
    seed: int = Field(default=1, strict=True, ge=0)

    @field_validator("at")
    @classmethod
    def _shares(cls, at: tuple[float, ...]) -> tuple[float, ...]:
        if not at or len(set(at)) != len(at) or not all(0 < q < 1 for q in at):
            raise ValueError("at: one or more quantiles between 0 and 1, each of them once")
        return at

    @model_validator(mode="after")
    def _together(self) -> QuantileSettings:
        if self.density == "residuals" and self.errors not in (None, "iid", "bootstrap"):
            raise ValueError('density: quantiles of residuals give one density for all rows, so errors = "iid"')
        if self.method == "moments" and self.errors == "iid":
            raise ValueError('errors: of moments "robust", "cluster" or "bootstrap"')
        if self.method == "moments" and self.density == "residuals":
            raise ValueError('density: of moments "fitted" or "kernel"')
        return self


def quartiles_of(settings: QuantileSettings) -> str:
    """How quartiles are taken: as it is said, or as the program has it whose kernel it is."""
    return settings.quartiles or ("linear" if settings.kernel == "gaussian" else "averaged")


def errors_of(settings: QuantileSettings, spec: Spec) -> str:
    """The kind of standard errors: as it is said, or by the spec's covariance."""
    if settings.errors is not None:
        return settings.errors
    by_spec = "cluster" if spec.vcov.cluster else "iid" if spec.vcov.kind == "iid" else "robust"
    return "robust" if settings.method == "moments" and by_spec == "iid" else by_spec


def _problem(settings: QuantileSettings, spec: Spec, header: Header) -> str:
    """What is wrong with it in its study, as "key: message", or ""."""
    if problem := not_least_squares(spec):
        return problem
    if not spec.formula.exog:
        return f"spec: `{spec.id}` has no regressor"
    if spec.formula.effects and settings.method in (None, "regression"):
        return (
            f'method: `{spec.id}` has fixed effects: method = "canay" or "moments"; for a dummy of each level write '
            "them among the regressors"
        )
    errors = errors_of(settings, spec)
    if errors == "cluster" and len(spec.vcov.cluster) != 1:
        return f"errors: `{spec.id}` has {len(spec.vcov.cluster) or 'no'} cluster variables; such errors have one"
    if errors != "iid" and errors != "bootstrap" and settings.density == "residuals":
        return f'density: quantiles of residuals give one density for all rows; errors = "iid", for `{spec.id}` has others'
    return ""


ASKED = (
    Asked(
        "quantile", "quantile regressions", 14, QuantileSettings, needs="spec", problem=_problem, numbered=True,
        named={
            "location": "Location", "scale": "Scale", "bandwidth": "Bandwidth", "density": "Density",
            "q": "Quantile of errors", "pseudo r2": "Pseudo R²",
        },
        chinese={"Location": "位置参数", "Scale": "尺度参数", "Bandwidth": "带宽", "Density": "密度",
                 "Quantile of errors": "误差分位数"},
    ),
)  # fmt: skip
