"""What a question about coefficients is asked of: one spec with its design, or two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.base.errors import Unestimable
from parity.conventions.formulas import Refused, count_k, df_t, factor
from parity.sample.design import INTERCEPT, Design
from parity.study.analyses.hypotheses import HypothesisSettings, unknown_in
from parity.study.formula import Expr
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Side:
    """A spec, under the covariance that the question names, and its design."""

    spec: Spec
    design: Design

    @property
    def terms(self) -> tuple[str, ...]:
        return self.design.terms

    @property
    def degrees(self) -> float:
        """Of t under the convention; infinite for the normal."""
        spec = self.spec
        return df_t(self.design.facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, iv=spec.iv,
                    random=spec.model == "random_effects")  # fmt: skip

    @property
    def iid_factor(self) -> float:
        """What SSR/N times is the error variance under the convention."""
        return factor(self.design.facts, self.spec.convention, "iid", (), (), iv=self.spec.iv)


@dataclass(frozen=True)
class Asked:
    """functions  text -> tree over coefficients of `side`; of Hausman's test none
    other      of Hausman's test the efficient estimate
    """

    settings: HypothesisSettings
    side: Side
    functions: dict[str, Expr]
    other: Side | None = None

    @property
    def df(self) -> float:
        """Of t, and of F below; infinite for the normal and chi-squared."""
        facts, rule = self.side.design.facts, self.settings.df_rule
        if rule == "normal":
            return float("inf")
        if rule == "groups":
            if not facts.clusters:
                raise Unestimable("df: the covariance has no clusters")
            return facts.min_clusters - 1.0
        return (
            facts.nobs_weighted - count_k(facts, self.side.spec.convention, "iid") if rule == "resid" else self.side.degrees
        )

    @property
    def common(self) -> tuple[str, ...]:
        """Terms of both estimates that Hausman's test is about."""
        there = self.other.terms if self.other else ()
        return tuple(t for t in self.side.terms if t in there and (self.settings.constant or t != INTERCEPT))

    def notes(self) -> Iterator[str]:
        """What a reader must know beside the verdict."""
        if self.other and not np.array_equal(np.sort(self.side.design.rows), np.sort(self.other.design.rows)):
            rows = f"{self.side.design.nobs} and {self.other.design.nobs} rows"
            yield f"the two estimates have not the same sample: {rows}"
        if self.other and self.other.spec.vcov.kind != "iid":
            other = self.other.spec
            yield f"`{other.id}` stands for the efficient estimate, and its covariance is {other.vcov}"


def asked_of(study: Study, frame: pd.DataFrame, settings: HypothesisSettings) -> Asked:
    """Raises `Unestimable`."""
    from parity.sample.build import build_design

    def side(name: str) -> Side:
        spec = under(study.spec(name), settings)
        return Side(spec, build_design(study, spec, frame))

    one = side(settings.spec)
    for tree in settings.functions.values():
        if unknown := unknown_in(tree, one.terms):
            raise Unestimable(f"{settings.question}: {unknown}")
    asked = Asked(settings, one, settings.functions, side(settings.hausman) if settings.hausman else None)
    if asked.other and not asked.common:
        raise Unestimable(f"`{settings.spec}` and `{settings.hausman}` have no coefficient in common")
    try:
        if asked.df <= 0:
            raise Unestimable("no degrees of freedom are left")
    except Refused as refused:
        raise Unestimable(str(refused)) from None
    return asked


def under(spec: Spec, settings: HypothesisSettings) -> Spec:
    """The spec under the covariance that the question names. Raises `Unestimable` where it takes none such."""
    if settings.vcov is None or settings.vcov == spec.vcov:
        return spec
    given = {name: getattr(spec, name) for name in Spec.model_fields} | {"vcov": settings.vcov}
    try:
        return Spec.model_validate(given)
    except ValueError as error:
        said = str(error).partition("Value error, ")[2].partition(" [type")[0]
        raise Unestimable(f"vcov: {said or error}") from None
