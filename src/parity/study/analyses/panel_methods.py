"""`[distribution.NAME]`, `[coupling.NAME]` and `[threshold.NAME]`: methods of papers on panels of regions."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, model_validator

from parity.base.errors import suggest
from parity.base.tolerance import EXACT
from parity.study.analyses.contract import AnalysisSettings, Asked, not_least_squares
from parity.study.formula import columns_of
from parity.study.header import Header
from parity.study.spec import ExprText, Spec

Bandwidth = Literal["nrd0", "nrd", "stata", "scott", "silverman", "matlab"]


class DistributionSettings(AnalysisSettings):
    """How a column is spread over units, period by period.

    of          a column or an expression; rows without a value are left out
    groups      a column: Gini's coefficient is decomposed by Dagum (1997) within and between its groups
    ddof        standard deviations divide by n - ddof: 1 as in Stata and R, 0 as numpy and as papers on sigma convergence
                often write it
    bandwidth   of the kernel density. nrd0: 0.9 min(sd, IQR/1.34) n^(-1/5) (Silverman 1986; R's default); nrd: 1.06 for 0.9
                (Scott 1992, R's bw.nrd); stata: 0.9 min(sd, IQR/1.349) n^(-1/5) with Stata's quartiles (kdensity);
                scott: sd n^(-1/5), silverman: sd (3n/4)^(-1/5) (scipy's two rules, without quartiles);
                matlab: median |x - median|/0.6745 (4/(3n))^(1/5) (ksdensity)
    kernel      of standard deviation one: "gaussian" (R, scipy, MATLAB) or "epanechnikov" (Stata's kdensity)
    points      at which densities are computed: evenly from three bandwidths below the least value to three above the
                largest, the same for every period
    """

    of: ExprText
    groups: str | None = None
    where: ExprText | None = None
    ddof: Literal[0, 1] = 1
    bandwidth: Bandwidth = "nrd0"
    kernel: Literal["gaussian", "epanechnikov"] = "gaussian"
    points: int = Field(default=50, strict=True, ge=2, le=1_000)

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        groups = (self.groups,) if self.groups else ()
        return {"of": columns_of(self.of), "groups": groups, "where": columns_of(self.where)}


class CouplingSettings(AnalysisSettings):
    """Coupling coordination degree D = sqrt(C T) of two or more systems U1 .. Un, scores between 0 and 1.

    of       columns or expressions
    weights  of each in T = sum of a_i U_i; they sum to one; default equal
    form     of the coupling degree C. geometric: n (U1 .. Un)^(1/n) / (U1 + .. + Un), between 0 and 1;
             revised: sqrt([1 - mean |Ui - Uj|] (prod of Ui/max U)^(1/(n - 1))), which spreads C over [0, 1]
             (Wang, Kong, Ren et al. 2021); unscaled: the first without n, at most 1/n: met in print, and a slip where
             C is read on a scale to one
    """

    of: tuple[ExprText, ...] = Field(min_length=2)
    weights: tuple[float, ...] | None = None
    form: Literal["geometric", "revised", "unscaled"] = "geometric"
    where: ExprText | None = None

    @model_validator(mode="after")
    def _weighted(self) -> CouplingSettings:
        named = [str(e) for e in self.of]
        double = next((n for n in named if named.count(n) > 1), None)
        if double is not None:
            raise ValueError(f"of: `{double}` stands twice")
        w = self.weights
        if w is not None and (len(w) != len(self.of) or min(w) < 0 or not math.isclose(math.fsum(w), 1.0, abs_tol=EXACT)):
            raise ValueError(f"weights: {len(self.of)} numbers, none negative, that sum to 1")
        return self

    def shares(self) -> tuple[float, ...]:
        """The weights in T."""
        return self.weights or (1.0 / len(self.of),) * len(self.of)

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        return {"of": tuple(c for e in self.of for c in columns_of(e)), "where": columns_of(self.where)}


class ThresholdSettings(AnalysisSettings):
    """A threshold regression of a panel with fixed effects: the effect of a regressor by regimes of a variable.

    spec        ordinary least squares; its other regressors have one coefficient in all regimes
    term        the regressor whose coefficient changes; default the first
    by          the threshold variable: a column or an expression, none missing
    closed      "lower": the lower regime is by <= threshold (Hansen 1999, equation 1), "upper": it is by < threshold, as in
                his program and what follows it (pdR)
    thresholds  one to three, found one after the other; of two and more the first is found again given the second
    trim        share of the distinct values at either end that is not searched
    apart       of a second and third: "rows": a regime keeps at least that share of the rows, too; "quantiles": they lie so
                many places of the grid away from the others (Hansen's program), and single rows may make a regime
    grid        values searched are at most so many quantiles of the distinct ones (Hansen has 400)
    draws       of whole units' residuals, from `seed`, for p and critical values of each threshold
    residuals   that are drawn: of the model with the threshold (Hansen 1999, section 4), or of the one without
    last_period "kept", or "dropped": net of the effects of units, every unit's last row is left out of all sums (Hansen's
                program, and pdR)
    level       of the set of thresholds that the likelihood ratio doesn't reject
    """

    spec: str
    term: str | None = None
    by: ExprText
    thresholds: Literal[1, 2, 3] = 1
    closed: Literal["lower", "upper"] = "lower"
    trim: float = Field(default=0.01, ge=0, lt=0.5)
    apart: Literal["rows", "quantiles"] = "rows"
    grid: int = Field(default=400, strict=True, ge=2, le=5_000)
    draws: int = Field(default=300, strict=True, ge=10, le=100_000)
    seed: int = Field(default=1, strict=True, ge=0)
    residuals: Literal["alternative", "null"] = "alternative"
    last_period: Literal["kept", "dropped"] = "kept"
    level: float = Field(default=0.95, gt=0.5, lt=1)

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        return {"by": columns_of(self.by)}


def _problem_of_threshold(settings: ThresholdSettings, spec: Spec, header: Header) -> str:
    """What is wrong with it in its study, as "key: message", or ""."""
    if problem := not_least_squares(spec):
        return problem
    terms = [str(item) for item in spec.formula.exog]
    if not terms:
        return f"spec: `{spec.id}` has no regressor"
    if settings.term is not None and settings.term not in terms:
        return f"term: `{spec.id}` has no regressor `{settings.term}`{suggest(settings.term, terms)}"
    return ""


ASKED = (
    Asked(
        "distribution", "distributions by period", 7, DistributionSettings, needs="of", of="columns",
        conditions=("where",), codes=("groups",),
        heads={
            "nobs": "N", "mean": "Mean", "sd": "SD", "cv": "CV", "sd of log": "SD of logs", "gini": "Gini",
            "gini within": "Within", "gini between": "Net between", "gini transvariation": "Transvariation",
        },
        named={
            "share within": "Within, share", "share between": "Net between, share",
            "share transvariation": "Transvariation, share", "bandwidth": "Bandwidth", "peak density": "Peak density",
        },
        chinese={
            "CV": "变异系数", "SD of logs": "对数标准差", "Gini": "基尼系数", "Within": "组内差距",
            "Net between": "组间净值差距", "Transvariation": "超变密度", "Within, share": "组内贡献率",
            "Net between, share": "组间净值贡献率", "Transvariation, share": "超变密度贡献率",
            "Peak density": "密度峰值", "Bandwidth": "带宽",
        },
    ),
    Asked(
        "coupling", "coupling coordination degrees", 8, CouplingSettings, needs="of = [...]", of="columns",
        conditions=("where",),
        heads={
            "mean coupling": "Coupling", "mean index": "Comprehensive index", "mean degree": "Coordination degree",
            "least degree": "Min", "largest degree": "Max",
        },
        chinese={"Coupling": "耦合度", "Comprehensive index": "综合协调指数", "Coordination degree": "耦合协调度"},
    ),
    Asked(
        "threshold", "threshold regressions", 9, ThresholdSettings, needs="spec and by", problem=_problem_of_threshold,
        heads={
            "threshold": "Threshold", "low": "Lower end", "high": "Upper end", "f": "F", "p": "p",
            "critical 10%": "10% critical value", "critical 5%": "5% critical value", "critical 1%": "1% critical value",
        },
        chinese={"Threshold": "门槛值", "Lower end": "置信区间下限", "Upper end": "置信区间上限",
                 "10% critical value": "10% 临界值", "5% critical value": "5% 临界值", "1% critical value": "1% 临界值"},
    ),
)  # fmt: skip
