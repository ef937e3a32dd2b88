"""Conley's spatial covariance: which kernel of which distance, up to which cutoff, of which rows, with which factor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from parity.conventions.kinds import CONLEY
from parity.conventions.settings import SETTINGS
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.vcov import Vcov

_CONLEY = "Conley (1999), Journal of Econometrics 92; x_ols.ado, 1999"
_HSIANG = "Hsiang (2010), PNAS 107; ols_spatial_HAC.ado, 2018"
_FIXEST = "fixest 0.14, R/VCOV.R, vcov_conley; src/vcov_related.cpp"
#: Multiples of the declared cutoff that are tried: fractions, and kilometres for miles or for degrees.
MULTIPLES = (0.1, 0.2, 0.25, 0.5, 0.75, 1.5, 2, 3, 4, 5, 10, 1.609344, 1 / 1.609344, 111, 1 / 111)
#: Longest lag that is tried.
MOST_LAGS = 12


def _spatial(scenario: Scenario) -> bool:
    return scenario.spec.vcov.kind == CONLEY and not scenario.raw


def _setting(name: str) -> Callable:
    """Every other value of a setting."""

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        if not _spatial(scenario):
            return
        of = scenario.spec.vcov
        in_kilometres = len(of.coordinates) == 2 and len(of.cutoff) == 1
        for value in SETTINGS[name].values:
            possible = name != "conley_distance" or value == "axes" or in_kilometres
            if possible and value != getattr(scenario.spec.convention, name):
                said = {"conley_factor": "factor_of_it"}.get(name, name.removeprefix("conley_"))
                yield Step(cause, scenario.with_convention(**{name: value}), ((said, value),))

    return variants


def _cutoff(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if not _spatial(scenario):
        return
    of, design = scenario.spec.vcov, fitter.design(scenario)
    if design is None or design.located is None:
        return
    now = design.located.reach(of.cutoff)
    for times in MULTIPLES:
        cutoff = tuple(float(f"{c * times:.12g}") for c in (now[:1] if len(set(now)) == 1 else now))
        said = ", ".join(f"{c:.10g}" for c in cutoff)
        yield Step(cause, scenario.with_spec(vcov=_with(of, cutoff=cutoff)), (("cutoff", said),))


def _pairs(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """Pairs of all rows, of one period, or also of a unit's own periods."""
    core, header = fitter.core(scenario), fitter.study.header
    if not _spatial(scenario) or header.time is None or core is None:
        return
    most = min(MOST_LAGS, core.facts.periods - 1) if header.unit else 0
    said = {None: "all rows", 0: "rows of one period"}
    for lags in (None, *range(most + 1)):
        if lags != scenario.spec.vcov.lags:
            pairs = said.get(lags, f"rows of one period, and a unit's own up to {lags} apart")
            yield Step(cause, scenario.with_spec(vcov=_with(scenario.spec.vcov, lags=lags)), (("pairs", pairs),))


def _swapped(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    of = scenario.spec.vcov
    if _spatial(scenario) and len(of.coordinates) == 2:
        yield Step(cause, scenario.with_spec(vcov=_with(of, coordinates=of.coordinates[::-1])))


def _without(kind: str) -> Callable:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        if _spatial(scenario):
            yield Step(cause, scenario.with_spec(vcov=Vcov(kind=kind)))

    return variants


def _with(of: Vcov, **keys) -> Vcov:
    return of.model_copy(update=keys)


def _cause(id: str, slot: str, sentence: str, formula: str, source: str, how: dict[str, str], variants: Callable) -> Cause:
    return Cause(id, "covariance", "covariance", slot, sentence, formula, source, how, variants)


CAUSES = (
    _cause(
        "conley-kernel", "conley-kernel", 'The kernel of Conley\'s covariance is another: `conley_kernel = "{kernel}"`.',
        "bartlett: 1 - distance/cutoff; uniform: 1 up to the cutoff", f"{_CONLEY}; {_HSIANG}; {_FIXEST}",
        {"Stata": "x_ols; ols_spatial_HAC with or without bartlett", "fixest": "conley(), uniform"},
        _setting("conley_kernel"),
    ),
    _cause(
        "conley-distance", "conley-distance",
        'The distance of Conley\'s covariance is another: `conley_distance = "{distance}"`.',
        "each coordinate against its cutoff; a great circle; or 111 km a degree, longitudes times a cosine of latitude",
        f"{_CONLEY}; {_HSIANG}; {_FIXEST}",
        {"Stata": "x_ols; ols_spatial_HAC; acreg", "fixest": 'conley(distance = "triangular")'},
        _setting("conley_distance"),
    ),
    replace(
        _cause(
            "conley-factor", "conley-factor",
            "The small-sample factor of Conley's covariance is another: `conley_factor = \"{factor_of_it}\"`.",
            "1, (N - 1)/(N - K) or N/(N - K)", f"{_CONLEY}; {_HSIANG}; {_FIXEST}",
            {"Stata": "x_ols, ols_spatial_HAC, acreg: none", "fixest": "(N - 1)/(N - K); ssc(K.adj = FALSE): none"},
            _setting("conley_factor"),
        ),
        layer="convention",
    ),
    replace(
        _cause(
            "conley-cutoff", "conley-cutoff", "The cutoff of Conley's covariance is {cutoff}.",
            "rows further apart than the cutoff have weight 0", _CONLEY,
            {"Stata": "x_ols; ols_spatial_HAC, distcutoff()", "fixest": "conley(CUTOFF)"}, _cutoff,
        ),
        parametrised=True,
    ),
    replace(
        _cause(
            "conley-pairs", "conley-pairs", "The pairs of Conley's covariance are those of {pairs}.",
            "w_ij s_i s_j' over these pairs; of a unit's own periods l apart 1 - l/(L + 1)", _HSIANG,
            {"Stata": "ols_spatial_HAC, lagcutoff(); x_ols: all rows", "fixest": "conley(): all rows"}, _pairs,
        ),
        parametrised=True,
    ),
    _cause(
        "conley-swapped", "conley-swapped", "Latitude and longitude of Conley's covariance have changed places.",
        "cosines of the longitude shrink differences of the latitude", _CONLEY, {}, _swapped,
    ),
    _cause(
        "robust-for-conley", "vcov", "The standard errors are robust (HC1) but not spatial; {vcov_before} was declared.",
        "sum of e_i^2 x_i x_i' over rows, without products of neighbours", "White (1980); " + _CONLEY,
        {"Stata": "vce(robust)", "fixest": 'vcov = "hetero"'}, _without("HC1"),
    ),
    _cause(
        "iid-for-conley", "vcov", "The standard errors are the homoskedastic ones; {vcov_before} was declared.",
        "SSR/(N - K) (X'X)^-1", "White (1980); " + _CONLEY,
        {"Stata": "no vce(); the column `White s.e.` of x_ols", "fixest": 'vcov = "iid"'}, _without("iid"),
    ),
)  # fmt: skip
