"""Dynamic panels: equations, transform, lags that are instruments, weights of the first step, steps and their covariance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from parity.diagnose.catalogue.common import Variants
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.dynamic import Dynamic
from parity.study.models import OF_DYNAMIC
from parity.study.vcov import Vcov

_ROODMAN = "Roodman (2009), Stata Journal 9(1); xtabond2 3.7.2"
_WINDMEIJER = "Windmeijer (2005), Journal of Econometrics 126, equation 3.4"
_XTDPD = "Stata [XT] xtdpd, Methods and formulas"


def _said(scenario: Scenario) -> Dynamic:
    return scenario.spec.dynamic or Dynamic()


def _dynamic(scenario: Scenario) -> bool:
    return not scenario.raw and scenario.spec.model in OF_DYNAMIC


def _with(when: Callable[[Scenario], bool] = lambda scenario: True, **keys: Any) -> Variants:
    """The spec with these keys of `dynamic`; none where it has them."""

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        said = _said(scenario)
        if _dynamic(scenario) and when(scenario) and any(getattr(said, key) != value for key, value in keys.items()):
            yield Step(cause, scenario.with_spec(dynamic=said.model_copy(update=keys)))

    return variants


def _system(scenario: Scenario) -> bool:
    return scenario.spec.model == "system_gmm"


def _equations(model: str) -> Variants:
    """The other model, a constant in its levels alone."""

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        spec = scenario.spec
        if _dynamic(scenario) and spec.model != model:
            formula = replace(spec.formula, intercept=model == "system_gmm")
            yield Step(cause, scenario.with_spec(model=model, formula=formula))

    return variants


def _corrected(robust: bool) -> Variants:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        spec, unit = scenario.spec, fitter.study.header.unit
        if _dynamic(scenario) and _said(scenario).steps == 2 and (spec.vcov.kind != "iid") != robust and unit:
            yield Step(cause, scenario.with_spec(vcov=Vcov(kind="CR1", cluster=(unit,)) if robust else Vcov(kind="iid")))

    return variants


def _lags(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """A column's lags begin one earlier or later, or end after one to three, or not at all."""
    if not _dynamic(scenario):
        return
    said, gmm = _said(scenario), scenario.spec.gmm
    for column, (first, last) in gmm.items():
        begins = [(begin, last) for begin in (first - 1, first + 1) if begin >= 1 and (last is None or begin <= last)]
        ends = [(first, end) for end in (None, first, first + 1, first + 2)]
        for begin, end in [*begins, *ends]:
            if (begin, end) == (first, last):
                continue
            lags = {name: tuple(lag for lag in given if lag is not None) for name, given in gmm.items()}
            lags[column] = (begin,) if end is None else (begin, end)
            until = "." if end is None else f"{end}"
            shown = (("column", column), ("begin", begin), ("until", until))
            yield Step(cause, scenario.with_spec(dynamic=said.model_copy(update={"gmm": lags})), shown)


def _one(
    id: str, slot: str, sentence: str, formula: str, source: str, how: dict[str, str], variants: Variants, **more: Any
) -> Cause:
    group = more.pop("group", "model")
    return Cause(id, group, "design", slot, sentence, formula, source, how, variants, **more)


CAUSES = (
    _one("dynamic-one-step", "gmm steps", "It stops after the first step.", "W = (sum Z'HZ)^-1", _XTDPD,
         {"Stata": "xtabond, xtdpd, xtabond2 without twostep", "plm": 'pgmm(model = "onestep")'}, _with(steps=1)),
    _one("dynamic-two-steps", "gmm steps", "It takes a second step, under the weights of the first one's residuals.",
         "W = (sum Z'ee'Z)^-1", _XTDPD, {"Stata": "twostep", "plm": 'pgmm(model = "twosteps")'}, _with(steps=2)),
    _one("windmeijer-left-out", "vcov", "Its standard errors of two steps lack Windmeijer's correction.",
         "(X'Z W Z'X)^-1", _WINDMEIJER, {"Stata": "twostep without robust", "plm": "vcov()"}, _corrected(False),
         group="covariance", keeps_coefficients=True),
    _one("windmeijer-corrected", "vcov", "Its standard errors of two steps have Windmeijer's correction.",
         "V + D V + V D' + D V1 D', D the slope of b in the first step's", _WINDMEIJER,
         {"Stata": "xtdpd, twostep vce(robust); xtabond2, twostep robust", "plm": "vcovHC()"}, _corrected(True),
         group="covariance", keeps_coefficients=True),
    _one("levels-added", "gmm equations", "It has equations in levels beside those in differences: it is system GMM.",
         "Z'(dy - dx b) and L'(y - x b)", "Blundell and Bond (1998)",
         {"Stata": "xtdpdsys; xtabond2", "plm": 'pgmm(transformation = "ld")'}, _equations("system_gmm")),
    _one("levels-left-out", "gmm equations", "It has equations in differences alone: it is difference GMM.",
         "Z'(dy - dx b)", "Arellano and Bond (1991)",
         {"Stata": "xtabond; xtabond2, noleveleq", "plm": 'pgmm(transformation = "d")'}, _equations("difference_gmm")),
    _one("orthogonal-deviations", "gmm transform", "Effects are taken out by forward orthogonal deviations.",
         "sqrt(T/(T + 1)) (x - mean of the T later ones)", "Arellano and Bover (1995)",
         {"Stata": "xtabond2, orthogonal; xtdpd, fodeviation"}, _with(transform="orthogonal")),
    _one("effects-out-by-differences", "gmm transform", "Effects are taken out by first differences.",
         "x - x one period ago", "Arellano and Bond (1991)", {"Stata": "xtabond2 without orthogonal", "plm": "pgmm()"},
         _with(transform="differences")),
    _one("instruments-collapsed", "gmm instruments", "Its lags are one instrument each, not one a period.",
         "a column a lag", _ROODMAN, {"Stata": "xtabond2, gmm(..., collapse)", "plm": "pgmm(collapse = TRUE)"},
         _with(collapse=True)),
    _one("instruments-by-period", "gmm instruments", "Its lags are an instrument each for every period.",
         "a column a lag and period", _ROODMAN, {"Stata": "xtabond2 without collapse", "plm": "pgmm(collapse = FALSE)"},
         _with(collapse=False)),
    _one("other-lags", "gmm lags", "Lags of {column} are instruments as lag({begin} {until}) has them.",
         "Z of other lags", _ROODMAN, {"Stata": "xtabond2, gmm(x, lag(2 4)); xtabond, maxldep()", "plm": "lag(x, 2:4)"},
         _lags, parametrised=True),
    _one("first-step-alike", "gmm weight",
         "The first step weighs all rows alike: errors of differences as if independent.", "H = I", _ROODMAN,
         {"Stata": "xtabond2, h(1)", "plm": 'pgmm(fsm = "I")'}, _with(weight="identity")),
    _one("first-step-apart", "gmm weight", "The first step's weights have nothing that differences share with levels.",
         "H of D D' and I", _XTDPD, {"Stata": "xtdpdsys, xtdpd; xtabond2, h(2)", "plm": 'pgmm(fsm = "GI")'},
         _with(weight="differences")),
    _one("first-step-joint", "gmm weight", "The first step's weights have what differences share with levels.",
         "H = M M', M of D and I", _ROODMAN, {"Stata": "xtabond2, its default h(3)", "plm": 'pgmm(fsm = "full")'},
         _with(_system, weight="joint")),
    _one("standard-of-differences", "gmm standard", "Regressors are instruments of the differences alone.", "(dx, 0)",
         _XTDPD, {"Stata": "xtdpdsys; xtabond2, iv(x, equation(diff))"}, _with(_system, levels="none")),
    _one("standard-of-both", "gmm standard", "A regressor is one instrument of differences and levels together.", "(dx, x)",
         _ROODMAN, {"Stata": "xtabond2, iv(x)"}, _with(_system, levels="both")),
    _one("standard-apart", "gmm standard", "A regressor is an instrument of the differences, and another of the levels.",
         "(dx, 0) and (0, x)", "plm::pgmm()", {"plm": 'pgmm(transformation = "ld")'}, _with(_system, levels="separate")),
    _one("errors-over-n", "gmm variance", "The variance of errors is divided by how many differences there are.",
         "e'e/(2 N)", _ROODMAN, {"Stata": "xtabond2 without small"}, _with(variance="n"), group="covariance",
         keeps_coefficients=True),
    _one("errors-over-n-minus-k", "gmm variance",
         "The variance of errors is divided by the differences less the coefficients.", "e'e/(2 (N - k))", _XTDPD,
         {"Stata": "xtabond, xtdpdsys, xtdpd"}, _with(variance="n-k"), group="covariance",
         keeps_coefficients=True),
)  # fmt: skip
