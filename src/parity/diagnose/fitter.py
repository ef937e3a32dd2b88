"""Fitter: fits the scenarios of one study, every expensive piece kept by what it depends on.

Designs and fits are large and few are kept; coefficients, facts and uncorrected covariances are small and all are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.algebra.margins import delta_method
from parity.base.errors import ColumnProblem, Unestimable
from parity.conventions.facts import Facts
from parity.conventions.formulas import Refused
from parity.conventions.kinds import CONLEY, ROW_LEVERAGE
from parity.conventions.repair import repaired
from parity.data.evaluate import Panel, codes, evaluate
from parity.diagnose import lost_dummy, scaling
from parity.diagnose.data_columns import DataColumns
from parity.diagnose.frames import FRAME_ROWS, Frames, kept
from parity.diagnose.left_out import MOST_AGAIN, Doubled, LeftOut
from parity.diagnose.lost_dummy import LostDummy
from parity.diagnose.marginal import Effects, effects
from parity.diagnose.numbers import Numbers, printed
from parity.diagnose.observed import Observed
from parity.diagnose.scenario import LevelAgain, RowAgain, Scenario, WithoutLevel
from parity.engines.own import fit as estimator
from parity.sample.build import counts_of, design_and_partialled, deviations
from parity.sample.design import INTERCEPT, Design
from parity.sample.order import ordered
from parity.sample.partialled_out import PartialledOut
from parity.study.formula import Column
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

#: Multiplications that take some three seconds.
MOST_WORK = 5e10

#: Kinds that differ by a scalar only share one uncorrected covariance.
SANDWICH = {"HC0": "HC", "HC1": "HC", "CR0": "CR", "CR1": "CR"}

Parts = Mapping[tuple[str, ...], np.ndarray]


class Core:
    """What one design leaves: its terms, coefficients (k,), N and facts. Small, and kept for every scenario that was tried.

    facts are counted when they are first asked for: most scenarios fall by their coefficients.
    """

    def __init__(self, terms: tuple[str, ...], coef: np.ndarray, nobs: float, facts: Callable[[], Facts]):
        self.terms, self.coef, self.nobs, self._count = terms, coef, nobs, facts

    @cached_property
    def facts(self) -> Facts:
        return self._count()

    @cached_property
    def counts(self) -> str:
        """The facts as a text: most designs of a search have those of another, and the same rules of conventions."""
        return repr(self.facts)


class Fitter:
    """Turns scenarios of one study into numbers. `None` always means: this scenario has no such numbers."""

    def __init__(self, study: Study, frame: pd.DataFrame):
        # columns that were added one by one lie apart, which makes each edited frame several times as dear
        frame = frame.copy() if len(frame) <= FRAME_ROWS else frame
        self.study, self.original = study, frame
        self.panel = Panel.of(study)
        self.columns = DataColumns(frame, self.panel)
        self._frames = Frames(study, frame, self.panel)
        self._designs: OrderedDict[tuple, Design | None] = OrderedDict()
        self._fits: OrderedDict[tuple, Any] = OrderedDict()
        self._partialled: tuple[Design, PartialledOut] | None = None  # of the design that was built last
        self._cores: dict[tuple, Core | None] = {}
        self._parts: dict[tuple, Parts | None] = {}
        self._left_out: dict[tuple, Any] = {}  # of the declared sample: `LeftOut`, `Doubled`
        self._lost: dict[tuple, tuple[LostDummy, ...]] = {}
        self._own_df: dict[tuple, np.ndarray | None] = {}
        self._costly: dict[tuple, bool] = {}
        self._rules: dict[tuple, tuple[dict[tuple[str, ...], float], float] | None] = {}

    # ------------------------------------------------------------ large pieces

    def frame(self, scenario: Scenario) -> pd.DataFrame:
        return self._frames.of(scenario)[0]

    def _design_key(self, scenario: Scenario) -> tuple:
        return (scenario.rows_key, scenario.spec.vcov.cluster)

    def _fit_key(self, scenario: Scenario) -> tuple:
        """Cluster variables matter for a fit only where their missing values cost rows."""
        return (scenario.rows_key, tuple(c for c in scenario.spec.vcov.cluster if c in self._incomplete))

    @cached_property
    def _incomplete(self) -> frozenset[str]:
        return frozenset(c for c in self.original.columns if self.original[c].isna().any())

    def design(self, scenario: Scenario) -> Design | None:
        return kept(self._designs, self._design_key(scenario), lambda: self._built(scenario))

    def _built(self, scenario: Scenario) -> Design | None:
        try:
            fit = self._fits.get(self._fit_key(scenario))
            if fit is not None:  # the same rows and columns under other clusters
                return self._reclustered(fit.design, scenario)
            frame, memo = self._frames.of(scenario)
            later = tuple(edit for edit in scenario.edits if hasattr(edit, "design"))
            if later:  # many of them start from one design
                design = self.design(replace(scenario, edits=tuple(e for e in scenario.edits if e not in later)))
                for edit in later if design is not None else ():
                    design = recounted(edit.design(design, frame))
                return design
            design, partialled = design_and_partialled(self.study, scenario.spec, frame, memo, in_order=False)
            self._partialled = (design, partialled)
            return design
        except (Unestimable, ColumnProblem):
            return None

    def _reclustered(self, design: Design, scenario: Scenario) -> Design:
        frame, cluster = self.frame(scenario), scenario.spec.vcov.cluster
        if set(cluster) == set(design.clusters):
            return design
        clusters = {c: np.unique(codes(frame, (c,))[design.rows], return_inverse=True)[1] for c in cluster}
        reclustered = recounted(replace(design, clusters=clusters))
        if clusters and reclustered.facts.min_clusters < 2:
            raise Unestimable("there is only one cluster")
        return reclustered

    def _fit(self, scenario: Scenario) -> Any:
        return kept(self._fits, self._fit_key(scenario), lambda: self._solved(scenario))

    def _solved(self, scenario: Scenario) -> Any:
        design = self.design(scenario)
        if design is None:
            return None
        try:
            partialled = self._partialled[1] if self._partialled is not None and self._partialled[0] is design else None
            self._partialled = None  # large, and no other fit starts from it
            return estimator.solve(design, scenario.spec, partialled)
        except (ValueError, np.linalg.LinAlgError):
            return None

    # ------------------------------------------------------------ small pieces, kept for all scenarios

    def core(self, scenario: Scenario) -> Core | None:
        """Coefficients, or what stands in their place, and facts."""
        key = self._design_key(scenario)
        if scenario.marginal:
            key = (*key, scenario.marginal, scenario.spec.model)
            if key not in self._cores:
                self._cores[key] = self._of_effects(scenario)
            return self._cores[key]
        if key not in self._cores:
            self._cores[key] = self._without_refit(scenario) or self._refitted(scenario)
        return self._cores[key]

    def _of_effects(self, scenario: Scenario) -> Core | None:
        of, core = self._effects(scenario), self.core(replace(scenario, marginal=None))
        return None if of is None or core is None else Core(of.terms, of.values, core.nobs, lambda: core.facts)

    def _effects(self, scenario: Scenario) -> Effects | None:
        """Marginal effects of a scenario; none without a response, of a model with absorbed effects."""
        fit, design = self._fit(scenario), self.design(scenario)
        if fit is None or design is None or not scenario.marginal or not scenario.spec.likelihood or design.effects:
            return None
        return effects(scenario.marginal, scenario.spec.model, design, tuple(fit.terms), fit.coef)

    def facts(self, scenario: Scenario) -> Facts | None:
        """Counts of a scenario's sample; None where nothing is left to estimate, as a refit may find."""
        core = self.core(scenario)
        try:
            return None if core is None else core.facts
        except Unestimable:
            return None

    def _refitted(self, scenario: Scenario) -> Core | None:
        fit = self._fit(scenario)
        design = self.design(scenario) if fit is not None else None
        if design is None:
            return None
        facts = design.facts
        return Core(tuple(fit.terms), np.array(fit.coef), facts.nobs_weighted, lambda: facts)

    def _without_refit(self, scenario: Scenario) -> Core | None:
        """The sample without one unit or period, or with rows twice, if that is all that was done to the declared one."""
        edit = scenario.edits[-1] if len(scenario.edits) == 1 else None
        if not scenario.spec.additive:  # its estimate is no sum over rows
            return None
        if isinstance(edit, RowAgain | LevelAgain):
            doubled, rows = self._doubled_of(scenario, edit)
            coef = None if doubled is None else doubled.coef(rows)
            return None if coef is None else self._quick(scenario, doubled.fit.terms, coef, doubled.nobs(rows))
        if not isinstance(edit, WithoutLevel):
            return None
        left_out = self._left_out_of(scenario, edit)
        group = left_out.group.get(edit.value, -1)
        coef = left_out.coef(group)
        return None if coef is None else self._quick(scenario, left_out.fit.terms, coef, left_out.nobs[group])

    def _quick(self, scenario: Scenario, terms: tuple[str, ...], coef: np.ndarray, nobs: float) -> Core:
        """Coefficients that are known without a fit; its facts only from one."""

        def facts() -> Facts:
            refitted = self._refitted(scenario)
            if refitted is None:
                raise Unestimable("nothing is left to estimate")
            return refitted.facts

        return Core(terms, coef, nobs, facts)

    def _doubled_of(self, scenario: Scenario, edit: RowAgain | LevelAgain) -> tuple[Doubled | None, np.ndarray]:
        """The declared sample with rows of it twice, and which rows."""
        base = replace(scenario, edits=())
        key = (self._design_key(base), "twice")
        if key not in self._left_out:
            fit = self._fit(base)
            self._left_out[key] = None if fit is None else Doubled(fit)
        doubled = self._left_out[key]
        if isinstance(edit, RowAgain) or doubled is None:
            return doubled, np.array([edit.place]) if isinstance(edit, RowAgain) else np.empty(0, dtype=int)
        places = edit.places(doubled.fit.design, self.original)
        return (doubled if len(places) else None), places

    def rows_twice(self, scenario: Scenario, observed: Observed) -> frozenset[int]:
        """Places in a scenario's sample of rows that, one of them alone twice, give the observed coefficients and N."""
        if not scenario.spec.additive:
            return frozenset()
        fit, names = self._fit(scenario), dict(scenario.renames)
        if fit is None or len(fit.resid) > MOST_AGAIN:
            return frozenset()
        index, value, allowed = observed.coefficients(tuple(names.get(t, t) for t in fit.terms))
        return Doubled(fit).hits(index, value, allowed, observed.nobs)

    def _left_out_of(self, scenario: Scenario, edit: WithoutLevel) -> LeftOut:
        """The declared sample without each level of a column."""
        base = replace(scenario, edits=())
        key = (self._design_key(base), edit.column)
        if key not in self._left_out:
            fit = self._fit(base)
            values = evaluate(Column(edit.column), self.original, self.panel)
            self._left_out[key] = LeftOut(fit, values, edit.singletons)
        return self._left_out[key]

    def nobs_at_sight(self, scenario: Scenario) -> float | None:
        """N of the sample without one unit or period, or with rows twice, where it is plain without a fit."""
        edit = scenario.edits[-1] if len(scenario.edits) == 1 else None
        if not scenario.spec.additive:
            return None
        if isinstance(edit, RowAgain | LevelAgain):
            doubled, rows = self._doubled_of(scenario, edit)
            return None if doubled is None else doubled.nobs(rows)
        if not isinstance(edit, WithoutLevel):
            return None
        left_out = self._left_out_of(scenario, edit)
        return left_out.nobs.get(left_out.group.get(edit.value, -1))

    def parts(self, scenario: Scenario) -> Parts | None:
        """Uncorrected covariance, one matrix per subset of the cluster variables."""
        vcov, key = scenario.spec.vcov, self._parts_key(scenario)
        if key not in self._parts and scenario.marginal:
            of, parts = self._effects(scenario), self.parts(replace(scenario, marginal=None))
            known = of is not None and parts is not None
            self._parts[key] = {s: delta_method(of.gradients, m) for s, m in parts.items()} if known else None
        if key not in self._parts and scenario.lost_dummy:
            self._parts[key], self._own_df["satterthwaite", *key] = self._with_lost_dummy(scenario)
        if key not in self._parts:
            fit, design = self._fit(scenario), self.design(scenario)
            try:
                known = fit is not None and design is not None
                self._parts[key] = (
                    estimator.covariances(fit, vcov, design.clusters, scenario.spec.convention) if known else None
                )
            except (ValueError, np.linalg.LinAlgError):
                self._parts[key] = None
        return self._parts[key]

    def _parts_key(self, scenario: Scenario) -> tuple:
        vcov = scenario.spec.vcov
        convention, kind = scenario.spec.convention, vcov.kind
        if scenario.spec.likelihood:
            of_model = (convention.information, scenario.marginal)
            return (*self._design_key(scenario), SANDWICH.get(kind, kind), vcov.lags, 0, *of_model)
        of_kind = convention.leverage_weights if kind in ROW_LEVERAGE else convention.kraay_gaps if kind == "DK" else ""
        if kind == CONLEY:
            of_kind = f"{convention.conley_distance} {convention.conley_kernel} {vcov.cutoff}"
        return (*self._design_key(scenario), SANDWICH.get(kind, kind), vcov.lags, scenario.lost_dummy, of_kind)

    def lost_dummies(self, scenario: Scenario) -> tuple[LostDummy, ...]:
        """What a leverage may lose beside redundant dummies, an outcome of ties each; rows and codes are the engines'."""
        key = (self._design_key(scenario), scenario.spec.vcov.cluster)
        if key not in self._lost:
            design = self.design(scenario)
            applies = design is not None and len(design.clusters) == 1 and lost_dummy.may_apply(design)
            self._lost[key] = lost_dummy.found(ordered(design), scenario.spec) if applies else ()
        return self._lost[key]

    def _with_lost_dummy(self, scenario: Scenario) -> tuple[Parts | None, np.ndarray | None]:
        """The covariance of such a leverage, and Satterthwaite's degrees of freedom."""
        lost = self.lost_dummies(scenario)
        if scenario.lost_dummy > len(lost):
            return None, None
        matrix, df = lost[scenario.lost_dummy - 1].covariance()
        return {scenario.spec.vcov.cluster: matrix}, df

    def same_rows(self, a: Scenario, b: Scenario) -> bool:
        """Whether two scenarios have one fit: clusters with missing values cost rows."""
        return self._fit_key(a) == self._fit_key(b)

    def at_hand(self, scenario: Scenario) -> bool:
        """Whether this scenario's covariance has been computed already."""
        return self._parts_key(scenario) in self._parts

    def rules(self, scenario: Scenario) -> tuple[dict[tuple[str, ...], float], float] | None:
        """The convention at work: the factor of every part and the degrees of freedom."""
        core = self.core(scenario)
        if core is None:
            return None
        spec = scenario.spec
        try:
            counts = core.counts
        except Unestimable:
            return None
        key = (counts, spec.convention, spec.vcov, bool(spec.formula.endog), spec.model, scenario.scaling, scenario.raw)
        if key not in self._rules:
            try:
                self._rules[key] = scaling.rules(scenario, core.facts)
            except (Refused, Unestimable, ZeroDivisionError):
                self._rules[key] = None
        return self._rules[key]

    def numbers(self, scenario: Scenario) -> Numbers | None:
        """Everything this scenario prints."""
        numbers = self.unprinted(scenario)
        return printed(numbers, scenario.prints) if numbers is not None and scenario.prints else numbers

    def unprinted(self, scenario: Scenario) -> Numbers | None:
        """The same before any edit of finished numbers."""
        core, parts, rules = self.core(scenario), self.parts(scenario), self.rules(scenario)
        if core is None or parts is None or rules is None:
            return None
        factors, df = rules
        if set(factors) != set(parts):
            return None
        vcov = sum((-1.0 if s and len(s) % 2 == 0 else 1.0) * factors[s] * matrix for s, matrix in parts.items())
        if "psd" in scenario.scaling:
            vcov = scaling.repaired(vcov)
        elif scaling.repairs(scenario):
            design = self.design(scenario)
            if design is None:
                return None
            facts = replace(core.facts, deviations=deviations(design))
            vcov = repaired(np.asarray(vcov), core.terms, facts, scenario.spec.convention, INTERCEPT)
        if scaling.has_own_df(scenario, df):
            df = self._satterthwaite(scenario)
            if df is None:
                return None
        terms = tuple(dict(scenario.renames).get(t, t) for t in core.terms)
        of_f = scaling.of_f(scenario, core.facts)
        return Numbers(terms, core.coef, np.asarray(vcov), df, core.nobs, cuts=scenario.stars, of_f=of_f)

    def own_df_is_costly(self, scenario: Scenario) -> bool:
        """Whether Satterthwaite's degrees of freedom of these clusters would take many seconds."""
        key = self._parts_key(scenario)[:2]
        if key not in self._costly:
            fit, design = self._fit(scenario), self.design(scenario)
            known = fit is not None and design is not None and len(design.clusters) == 1
            self._costly[key] = known and estimator.satterthwaite_work(fit, *design.clusters.values()) > MOST_WORK
        return self._costly[key]

    def _satterthwaite(self, scenario: Scenario) -> np.ndarray | None:
        """Degrees of freedom for each coefficient, which are the design's and the clusters' alone."""
        key = ("satterthwaite", *self._parts_key(scenario))
        if key not in self._own_df and not scenario.lost_dummy:
            fit, design = self._fit(scenario), self.design(scenario)
            try:
                known = fit is not None and design is not None
                self._own_df[key] = estimator.satterthwaite(fit, scenario.spec.vcov, design.clusters) if known else None
            except (ValueError, np.linalg.LinAlgError):
                self._own_df[key] = None
        return self._own_df.get(key)


def recounted(design: Design) -> Design:
    """The design with its facts counted again, after its rows, effects or clusters were changed."""
    old = design.facts
    facts = counts_of(
        design, dropped=old.dropped, n_missing=old.n_missing, n_zero_weight=old.n_zero_weight,
        n_singletons=old.n_singletons, n_separated=old.n_separated,
    )  # fmt: skip
    return replace(design, facts=facts)
