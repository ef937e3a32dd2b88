"""`[difference.NAME]`, `[wild.NAME]` and `[bootstrap.NAME]` of a study: groups, few clusters, whole clusters drawn."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator

from parity.base.errors import suggest
from parity.base.values import several
from parity.study.analyses.contract import AnalysisSettings, Asked, not_least_squares
from parity.study.formula import columns_of, has_dummies
from parity.study.header import Header
from parity.study.spec import ExprText, Spec

Method = Literal["interaction", "suest", "permutation"]
#: Fixed effects that R turns into dummies, draw by draw.
MOST_EFFECTS = 2


class DifferenceSettings(AnalysisSettings):
    """Does the coefficient of `term` in a spec differ between two groups of its rows?

    spec       ordinary least squares with one cluster variable; its `where` is the sample of both groups
    group      a column of 0 and 1, or a condition: true is the first group, false the second
    term       a regressor of the spec; default its first
    method     interaction (Chow), suest, permutation (Fisher's, Stata's bdiff); one or a list
    interact   "all": each group has its own controls and effects, as in split samples; "term": only the term differs
    permute    "units": whole clusters are dealt out to the groups, so that a cluster's rows stay together and the test
               allows for their dependence; "rows": single rows, which is what bdiff does, and all that can be done where
               the group changes within clusters
    draws      random groups, from `seed`; all of them where they are no more. R refits the first `refits`
    """

    spec: str
    group: ExprText
    term: str | None = None
    method: tuple[Method, ...] = Field(default=("interaction", "suest", "permutation"), min_length=1)
    interact: Literal["all", "term"] = "all"
    permute: Literal["units", "rows"] = "units"
    draws: int = Field(default=1_000, strict=True, ge=10, le=1_000_000)
    refits: int = Field(default=100, strict=True, ge=10, le=1_000_000)
    seed: int = Field(default=1, strict=True, ge=0)

    _several = field_validator("method", mode="before")(several)

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        return {"group": columns_of(self.group)}


class WildSettings(AnalysisSettings):
    """A wild cluster bootstrap of one coefficient of a spec.

    points      "rademacher": signs, all combinations where they are no more than `draws`; "webb": six points, for few
                clusters
    null        the coefficient under the null
    restricted  residuals with the null imposed (WCR); false: of the full model (WCU)
    bootcluster which of the spec's cluster variables the factors go by (boottest's bootcluster()); default: all of them,
                their intersection. The t statistic is clustered by all
    level       of the interval of nulls that the test doesn't reject
    """

    spec: str
    term: str | None = None
    points: Literal["rademacher", "webb"] = "rademacher"
    null: float = 0.0
    restricted: bool = Field(default=True, strict=True)
    bootcluster: tuple[str, ...] = ()
    level: float = Field(default=0.95, gt=0.5, lt=1)
    draws: int = Field(default=999, strict=True, ge=10, le=1_000_000)
    refits: int = Field(default=100, strict=True, ge=10, le=1_000_000)
    seed: int = Field(default=1, strict=True, ge=0)

    _several = field_validator("bootcluster", mode="before")(several)


class BootstrapSettings(AnalysisSettings):
    """A pairs cluster bootstrap of all coefficients of a spec, by least squares or two-stage least squares.

    spec        with or without fixed effects, instruments, weights
    cluster     whose rows are drawn together, with replacement; default the spec's one cluster variable
    draws       from `seed`; R refits the first `refits`
    level       of the percentile, bias-corrected and BCa intervals
    percentiles "stata" (type 2) or "type7" (R's)
    """

    spec: str
    cluster: str | None = None
    draws: int = Field(default=1_000, strict=True, ge=10, le=1_000_000)
    refits: int = Field(default=100, strict=True, ge=10, le=1_000_000)
    seed: int = Field(default=1, strict=True, ge=0)
    level: float = Field(default=0.95, gt=0.5, lt=1)
    percentiles: Literal["stata", "type7"] = "stata"

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        return {"cluster": (self.cluster,) if self.cluster else ()}


def plainly(expression: Any) -> str:
    """As text, without the parentheses around a name or number, which say nothing."""
    return re.sub(r"(?<!\w)\((\w+)\)", r"\1", str(expression))


def tested(settings: DifferenceSettings | WildSettings, spec: Spec) -> str:
    """The term it is about: the one it names, else the first regressor of its spec."""
    return settings.term or str(spec.formula.exog[0])


def _problem(settings: DifferenceSettings | WildSettings | BootstrapSettings, spec: Spec, header: Header) -> str:
    """What is wrong with it in its study, as "key: message", or ""."""
    kind: Any = spec.vcov
    if len(spec.formula.effects) > MOST_EFFECTS:
        return f"spec: `{spec.id}` has more than {MOST_EFFECTS} fixed effects"
    if isinstance(settings, BootstrapSettings):
        if spec.model != "ols":
            return f"spec: `{spec.id}` must be least squares, with or without instruments"
        if settings.cluster is None and len(kind.cluster) != 1:
            return f'cluster: `{spec.id}` has no one cluster variable; say what is drawn, cluster = "column"'
        return ""
    if problem := not_least_squares(spec):
        return problem
    if isinstance(settings, WildSettings) and kind.kind in ("CR0", "CR1"):
        other = [name for name in settings.bootcluster if name not in kind.cluster]
        if other:
            return f"bootcluster: `{other[0]}` is no cluster variable of `{spec.id}`: {', '.join(kind.cluster)}"
    several = isinstance(settings, WildSettings) and len(kind.cluster) > 1
    if kind.kind not in ("CR0", "CR1") or (len(kind.cluster) != 1 and not several):
        return f'spec: `{spec.id}` must have one cluster variable, vcov = {{ cluster = ["column"] }}'
    items = spec.formula.exog
    terms = [str(item) for item in items]
    if not terms:
        return f"spec: `{spec.id}` has no regressor"
    if settings.term is not None and settings.term not in terms and not any(map(has_dummies, items)):
        return f"term: `{spec.id}` has no regressor `{settings.term}`{suggest(settings.term, terms)}"
    return ""


ASKED = (
    Asked("difference", "group differences", 3, DifferenceSettings, needs="spec and group", problem=_problem,
          conditions=("group",)),
    Asked("wild", "wild cluster bootstraps", 4, WildSettings, needs="spec", problem=_problem),
    Asked("bootstrap", "cluster bootstraps", 5, BootstrapSettings, needs="spec", problem=_problem, codes=("cluster",)),
)  # fmt: skip
