"""`[spatial.NAME]`: spatial lag, error and Durbin models of a balanced panel, their effects and tests, Moran's I."""

from __future__ import annotations

from typing import Literal

from parity.base.errors import suggest
from parity.study.analyses.contract import AnalysisSettings, Asked, not_least_squares
from parity.study.formula import columns_of
from parity.study.header import Header
from parity.study.spec import ExprText, Spec

Effects = Literal["none", "unit", "time", "both"]


class SpatialSettings(AnalysisSettings):
    """Likelihood with given weights W: y = rho W y + X b + effects + e, or y = X b + effects + u with u = lambda W u + e.

    spec            ordinary least squares: outcome, regressors, sample, fixed effects
    weights         a file of the study's folder, as CSV with a line of heads: a square with the units' names in the first
                    line and the first column, or pairs, unit and neighbour, with a third column of weights or without
    symmetric       a pair stands for both directions
    standardise     "row": each row sums to one; "spectral": the largest eigenvalue is one (Stata's spmatrix); "none"
    diagonal        what W has there. "none": zeros, and anything else is refused; "dropped": set to zero; "kept": as in the
                    file; "ones": every unit is a neighbour of itself
    model           "lag" (SAR), "error" (SEM), "durbin" (SDM: also W x)
    lagged          regressors whose W x the Durbin model has; default all
    effects         removed or estimated; default those of the spec among unit and time
    transformation  "within": demeaned, N T rows in the likelihood (Elhorst 2003; R's splm); "orthonormal": Lee and Yu
                    (2010), T - 1 periods under effects of units, N - 1 units under effects of time, if rows of W sum to one
    information     of the covariance: "expected" (splm, Elhorst's and LeSage's programs), "observed": the Hessian
                    (Stata's xsmle and spxtregress)
    of              the column whose Moran's I is taken; default the outcome
    moran           variance of the global I: under "randomisation" (spdep) or "normality"
    local           moments of the local I_i: "conditional" on z_i (Sokal et al. 1998; spdep) or "total" (Anselin 1995)
    """

    spec: str
    weights: str
    symmetric: bool = False
    standardise: Literal["row", "spectral", "none"] = "row"
    diagonal: Literal["none", "dropped", "kept", "ones"] = "none"
    model: Literal["lag", "error", "durbin"] = "durbin"
    lagged: tuple[str, ...] | None = None
    effects: Effects | None = None
    transformation: Literal["within", "orthonormal"] = "within"
    information: Literal["expected", "observed"] = "expected"
    of: ExprText | None = None
    moran: Literal["randomisation", "normality"] = "randomisation"
    local: Literal["conditional", "total"] = "conditional"

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        return {"of": columns_of(self.of)}


def _problem(settings: SpatialSettings, spec: Spec, header: Header) -> str:
    """What is wrong with it in its study, as "key: message", or ""."""
    if problem := not_least_squares(spec):
        return problem
    unit, time = header.unit, header.time
    if not unit or not time:
        return 'spec: a spatial model needs unit = "column" and time = "column" under [study]'
    terms = [str(item) for item in spec.formula.exog]
    if not terms:
        return f"spec: `{spec.id}` has no regressor"
    if settings.lagged is not None and settings.model != "durbin":
        return f'lagged: model = "{settings.model}" has no W x; model = "durbin" has'
    wrong = next((t for t in settings.lagged or () if t not in terms), None)
    if wrong is not None:
        return f"lagged: `{spec.id}` has no regressor `{wrong}`{suggest(wrong, terms)}"
    if settings.lagged is not None and not settings.lagged:
        return 'lagged: name at least one regressor, or say model = "lag"'
    if settings.effects is None:
        odd = next((str(e) for e in spec.formula.effects if str(e) not in (unit, time)), None)
        if odd is not None:
            known = f"a spatial model has those of `{unit}` and `{time}`"
            return f'spec: `{spec.id}` has effects of `{odd}`; {known}, or says effects = "both", "unit", "time" or "none"'
    return ""


ASKED = (
    Asked(
        "spatial", "spatial models", 11, SpatialSettings, needs="spec and weights", problem=_problem,
        files={"weights": (".csv",)},
        heads={"coef": "Coefficient", "direct": "Direct effect", "indirect": "Indirect effect", "total": "Total effect"},
        named={
            "direct se": "SE of direct", "indirect se": "SE of indirect", "total se": "SE of total",
            "moran": "Moran's I", "moran z": "z", "moran p": "p", "local": "Local Moran's I", "local z": "z", "local p": "p",
            "lm": "LM", "lm p": "p of LM", "wald": "Wald", "wald p": "p of Wald", "lr": "LR",
            "lr p": "p of LR",
        },
        chinese={
            "Direct effect": "直接效应", "SE of direct": "直接效应标准误", "Indirect effect": "间接效应",
            "SE of indirect": "间接效应标准误", "Total effect": "总效应", "SE of total": "总效应标准误",
            "rho": "空间自回归系数 ρ", "lambda": "空间误差系数 λ", "sigma2": "σ²", "Moran's I": "Moran's I",
            "LM": "LM 统计量", "p of LM": "LM 的 p 值", "p of Wald": "Wald 的 p 值", "LR": "LR 统计量",
            "p of LR": "LR 的 p 值", "Local Moran's I": "局部 Moran's I",
        },
    ),
)  # fmt: skip
