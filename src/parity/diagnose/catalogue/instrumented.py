"""Instrumental variables beyond 2SLS: which kappa, how moments are weighted and in how many steps, which covariance; and
unit means weighted or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from parity.diagnose.catalogue.common import Variants, convention
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.models import OF_INSTRUMENTS, OF_MOMENTS, WEIGHT_OF
from parity.study.moments import Moments

_IVREGRESS = "Stata [R] ivregress, Methods and formulas"
_IVREG2 = "Baum, Schaffer and Stillman (2007), Stata Journal 7(4); help ivreg2"
#: Every key of a spec that belongs to one of these models alone.
_NONE: dict[str, Any] = {"kappa": None, "fuller": None, "moments": None}


def _moments(scenario: Scenario) -> bool:
    return scenario.spec.model in OF_MOMENTS


def _over(scenario: Scenario) -> bool:
    """Whether instruments are more than endogenous columns: with as many, all of these are one estimator."""
    formula = scenario.spec.formula
    return len(formula.instruments) > len(formula.endog) > 0


def _instead(model: str, **keys: Any) -> Variants:
    """The spec under another estimator of the same instruments."""

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        spec = scenario.spec
        known = spec.model in ("ols", *OF_INSTRUMENTS) and spec.model != model and _over(scenario)
        takes = model == "ols" or spec.vcov.kind in WEIGHT_OF
        clusters = len(spec.vcov.cluster) < 2 or model not in OF_MOMENTS
        if known and takes and clusters and not scenario.raw:
            yield Step(cause, scenario.with_spec(model=model, **_NONE | keys))

    return variants


def _weighted(weight: str) -> Variants:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        spec = scenario.spec
        if scenario.raw or not _moments(scenario) or spec.moment_weight == weight:
            return
        if weight == "cluster" and not spec.vcov.cluster:
            return
        steps = {"steps": spec.moment_steps} if spec.model == "gmm" else {}
        yield Step(cause, scenario.with_spec(moments=Moments(weight=weight, **steps)))

    return variants


def _in_steps(steps: int | str) -> Variants:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        spec = scenario.spec
        if not scenario.raw and spec.model == "gmm" and spec.moment_steps != steps and _over(scenario):
            weight = spec.moments.weight if spec.moments else None
            yield Step(cause, scenario.with_spec(moments=Moments(weight=weight, steps=steps)))

    return variants


def _estimator(id: str, sentence: str, formula: str, source: str, how: dict[str, str], variants: Variants) -> Cause:
    return Cause(id, "model", "design", "estimator", sentence, formula, source, how, variants)


def _of_weight(id: str, sentence: str, formula: str, how: dict[str, str], variants: Variants) -> Cause:
    return Cause(id, "covariance", "design", "weight", sentence, formula, _IVREGRESS, how, variants)


def _setting(
    id: str, name: str, value: str, sentence: str, formula: str, source: str, how: dict[str, str],
    when: Callable[[Scenario], bool],
) -> Cause:  # fmt: skip
    layer = "design" if name == "centred" else "covariance"
    return Cause(id, "covariance", layer, name, sentence, formula, source, how, convention(value, name, when=when))


def _between(scenario: Scenario) -> bool:
    return scenario.spec.model == "between"


CAUSES = (
    _estimator("liml", "It is LIML.", "(X'(I - k M)X)^-1 X'(I - k M)y, k the least root of |W'M_x W - k W'M W|", _IVREGRESS,
               {"Stata": "ivregress liml; ivreg2, liml", "linearmodels": "IVLIML"}, _instead("liml")),
    _estimator("2sls", "It is 2SLS: kappa is 1, and moments have the weight (Z'Z)^-1.", "(X'P X)^-1 X'P y", _IVREGRESS,
               {"Stata": "ivregress 2sls; ivreg2", "linearmodels": "IV2SLS"}, _instead("ols")),
    _estimator("fuller-1", "It is Fuller's LIML: its kappa less 1 over N less the exogenous columns.", "k - 1/(N - L)",
               _IVREG2, {"Stata": "ivreg2, fuller(1)", "linearmodels": "IVLIML(fuller=1)"}, _instead("fuller")),
    _estimator("gmm-two-steps", "It is GMM in two steps, its moments weighted as the errors of its covariance are.",
               "(X'Z S^-1 Z'X)^-1 X'Z S^-1 Z'y", _IVREGRESS,
               {"Stata": "ivregress gmm; ivreg2, gmm2s", "linearmodels": "IVGMM"}, _instead("gmm")),
    _of_weight("moments-weighted-iid", "Its moments are weighted as those of homoskedastic errors.", "S = s^2 Z'Z/N",
               {"Stata": "wmatrix(unadjusted)", "linearmodels": 'weight_type="unadjusted"'}, _weighted("iid")),
    _of_weight("moments-weighted-robust", "Its moments are weighted as those of errors with a variance of each row's own.",
               "S = sum e^2 z z'/N", {"Stata": "wmatrix(robust), the default", "linearmodels": 'weight_type="robust"'},
               _weighted("robust")),
    _of_weight("moments-weighted-by-cluster", "Its moments are weighted as those of errors that clusters share.",
               "S = sum_g (sum z e)(sum z e)'/N", {"Stata": "wmatrix(cluster)", "linearmodels": 'weight_type="clustered"'},
               _weighted("cluster")),
    _of_weight("gmm-one-step", "It stops after one step.", "W = (Z'Z)^-1", {"linearmodels": "iter_limit=1"}, _in_steps(1)),
    _of_weight("gmm-iterated", "Its steps go on until nothing moves.", "S of the last residuals",
               {"Stata": "igmm", "linearmodels": "iter_limit=1000"}, _in_steps("iterated")),
    _setting("moments-centred", "centred", "yes", "Moments are taken about their mean in the weight matrix.",
             "z e less its mean", _IVREGRESS, {"Stata": "center", "linearmodels": "center=True; of IVGMMCUE the default"},
             _moments),
    _setting("moments-about-zero", "centred", "no", "Moments are taken about zero in the weight matrix.", "z e", _IVREGRESS,
             {"Stata": "without center", "linearmodels": "center=False; of IVGMM the default"}, _moments),
    _setting("gmm-covariance-of-the-weight", "gmm_covariance", "efficient",
             "Its covariance is that of the weight matrix, where a sandwich was declared.", "(X'Z S^-1 Z'X)^-1", _IVREG2,
             {"Stata": "ivreg2, gmm2s"}, _moments),
    _setting("gmm-sandwich", "gmm_covariance", "sandwich",
             "Its covariance is a sandwich of the moments at the estimate, where that of the weight was declared.",
             "(X'Z W Z'X)^-1 X'Z W S W Z'X (X'Z W Z'X)^-1", _IVREGRESS,
             {"Stata": "ivregress gmm", "linearmodels": "IVGMM"}, _moments),
    Cause("between-by-rows", "weights", "design", "weights", "Means of units are weighted by how many rows they have.",
          "T_i mean x_i mean x_i'", "Stata [XT] xtreg, be wls", {"Stata": "xtreg, be wls", "linearmodels": "reweight=True"},
          convention("rows", "between_weights", when=_between), avoids={"Stata": "xtreg, be"}),
    Cause("between-alike", "weights", "design", "weights", "Means of units count alike, however many rows they have.",
          "mean x_i mean x_i'", "Stata [XT] xtreg, be", {"Stata": "xtreg, be", "plm": 'model = "between"'},
          convention("units", "between_weights", when=_between), avoids={"Stata": "xtreg, be wls"}),
)  # fmt: skip
