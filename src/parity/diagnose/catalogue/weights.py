"""Weights: what they stand for, or whether they are used at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.spec import Weights
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Powered:
    """The weights to a power, under their own name: root weights where weights belong, or the reverse."""

    column: str
    power: float

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        with np.errstate(invalid="ignore"):
            return frame.assign(**{self.column: frame[self.column].astype(float) ** self.power})


def _ignored(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if scenario.spec.weights:
        yield Step(cause, scenario.with_spec(weights=None), (("weights", scenario.spec.weights.column),))


def _kind(value: str):
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        now = scenario.spec.weights
        if now and getattr(now, value) is None:
            yield Step(cause, scenario.with_spec(weights=Weights(**{value: now.column})), (("weights", now.column),))

    return variants


def _power(power: float):
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        now = scenario.spec.weights
        if now and now.analytic:
            yield Step(cause, scenario.edited(Powered(now.column, power)), (("weights", now.column),))

    return variants


def _added(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if scenario.spec.weights is None and scenario.spec.model != "random_effects":
        columns = dict.fromkeys(s.weights.column for s in fitter.study.specs if s.weights)
        for column in columns:
            yield Step(cause, scenario.with_spec(weights=Weights(analytic=column)), (("weights", column),))


CAUSES = (
    Cause(
        "weights-ignored", "weights", "design", "weights", "The weights `{weights}` are not used.", "w_i = 1", "the spec",
        {}, _ignored,
        avoids={"fixest": "weights = ~{weights}", "Stata": "[aweight = {weights}]"},
    ),
    Cause(
        "frequency-for-analytic", "weights", "design", "weights",
        "The weights `{weights}` count as frequencies: N is their sum.",
        "N = {N} instead of {N_before}", "Stata [U] 20.24.1; R and pyfixest weights are analytic",
        {"Stata": "[fweight = {weights}]"}, _kind("frequency"), keeps_coefficients=True,
        avoids={"Stata": "[aweight = {weights}]"},
    ),
    Cause(
        "analytic-for-frequency", "weights", "design", "weights",
        "The weights `{weights}` are analytic: N is the number of rows.",
        "N = {N} instead of {N_before}", "Stata [U] 20.24.2; R and pyfixest weights are analytic",
        {"Stata": "[aweight = {weights}]", "pyfixest": 'weights_type="aweights"'}, _kind("analytic"),
        keeps_coefficients=True,
        avoids={"Stata": "[fweight = {weights}]", "pyfixest": 'weights_type="fweights"'},
    ),
    Cause(
        "weights-as-roots", "weights", "design", "weights",
        "The square roots of the weights `{weights}` are used as weights.",
        "w_i^(1/2) instead of w_i", "statsmodels and R multiply rows by root weights themselves", {}, _power(0.5),
    ),
    Cause(
        "weights-squared", "weights", "design", "weights", "The squares of the weights `{weights}` are used as weights.",
        "w_i^2 instead of w_i", "rows multiplied by the weights before least squares", {}, _power(2.0),
    ),
    Cause(
        "weights-added", "weights", "design", "weights", "It is weighted by `{weights}`.", "w_i instead of 1", "the spec",
        {}, _added,
        parametrised=True,
    ),
)  # fmt: skip
