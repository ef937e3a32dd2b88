"""`[mediation.NAME]` of a study: the columns of a mediation analysis, its sample, and its draws."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from parity.base.values import several
from parity.study.analyses.contract import AnalysisSettings, Asked
from parity.study.formula import columns_of
from parity.study.spec import ExprText


class MediationSettings(AnalysisSettings):
    """One analysis, or one for each level of `by`.

    outcome, treatment, mediators, controls   expressions of columns, such as "log(gdp)" or "f(nqp, 1)"
    absorb      fixed effects: at most two columns
    cluster     whose rows are drawn together; without it rows are drawn one by one
    vcov        standard errors: "cluster" by `cluster` (reghdfe's convention), "robust" (HC1), or "iid" (as `regress` and
                sgmediation have it); without `cluster` one of the last two must be said
    by          a column: the analysis is made in each of its groups apart
    draws       bootstrap draws, from `seed`; Monte Carlo intervals have as many, from seed + 1
    refits      how many of the draws R refits for the comparison, from the first on
    percentiles "stata" (type 2) or "type7" (R's)
    """

    outcome: ExprText
    treatment: ExprText
    mediators: tuple[ExprText, ...] = Field(min_length=1)
    controls: tuple[ExprText, ...] = ()
    absorb: tuple[str, ...] = Field(default=(), max_length=2)
    cluster: str | None = None
    vcov: Literal["cluster", "robust", "iid"] = "cluster"
    where: ExprText | None = None
    by: str | None = None
    draws: int = Field(default=1_000, strict=True, ge=10, le=1_000_000)
    refits: int = Field(default=100, strict=True, ge=10, le=1_000_000)
    seed: int = Field(default=1, strict=True, ge=0)
    level: float = Field(default=0.95, gt=0.5, lt=1)
    percentiles: Literal["stata", "type7"] = "stata"

    _several = field_validator("mediators", "controls", "absorb", mode="before")(several)

    @model_validator(mode="after")
    def _distinct(self) -> MediationSettings:
        named = [str(e) for e in (self.outcome, self.treatment, *self.mediators, *self.controls)]
        double = next((n for n in named if named.count(n) > 1), None)
        if double is not None:
            raise ValueError(f"`{double}` stands twice among outcome, treatment, mediators and controls")
        if self.cluster is None and self.vcov == "cluster":
            raise ValueError('which standard errors? write cluster = "column", or without clusters vcov = "iid" or "robust"')
        if len(set(self.absorb)) != len(self.absorb):
            raise ValueError("a fixed effect is named twice")
        return self

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        several = {
            "mediators": tuple(c for e in self.mediators for c in columns_of(e)),
            "controls": tuple(c for e in self.controls for c in columns_of(e)),
        }
        return {
            "outcome": columns_of(self.outcome), "treatment": columns_of(self.treatment), **several,
            "absorb": self.absorb, "cluster": (self.cluster,) if self.cluster else (), "where": columns_of(self.where),
            "by": (self.by,) if self.by else (),
        }  # fmt: skip

    @property
    def drawn(self) -> str:
        """What a bootstrap draw draws."""
        return f"whole clusters ({self.cluster})" if self.cluster else "single rows"

    def describe(self) -> str:
        """How it is estimated, in a sentence."""
        effects = f"{' and '.join(self.absorb)} absorbed" if self.absorb else "no fixed effects"
        errors = {"cluster": f"clustered by {self.cluster}", "robust": "robust (HC1)", "iid": "homoskedastic"}[self.vcov]
        controls = f"; controls {', '.join(map(str, self.controls))}" if self.controls else ""
        return f"{effects[0].upper()}{effects[1:]}; standard errors {errors}{controls}."


ASKED = (
    Asked(
        "mediation", "mediation analyses", 1, MediationSettings, needs="outcome, treatment, mediators = [...] and cluster",
        of="columns", alone=True, conditions=("where",), codes=("cluster", "absorb", "by"), controls=("controls",),
        forms={"mediators": 'a list of columns in quotes, ["nqp"]'},
    ),
)  # fmt: skip
