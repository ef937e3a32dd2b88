"""Other ways to estimate an event study that papers and programs have: what printed effects are held against in turn."""

from __future__ import annotations

import math
from collections.abc import Iterator

from parity.analyses.conventions import Convention, Shown, other_values
from parity.conventions.formulas import critical_value, p_value
from parity.study.analyses.event_study import OF_METHODS, REGRESSIONS, EventStudySettings
from parity.study.header import Header

_SETTINGS = {
    "base_period": {
        "universal": ("Every period is compared with the last one before treatment.",
                      'R: did, base_period = "universal"; Stata: csdid, long2'),
        "varying": ("Before treatment a period is compared with the one before it.",
                    "R: did's default; Stata: csdid's default"),
    },
    "control_group": {
        "never": ("Controls are never treated.", "R: did's default; Stata: csdid's default"),
        "not_yet": ("Controls are not yet treated, or never.",
                    'R: did, control_group = "notyettreated"; Stata: csdid, notyet'),
    },
    "adjustment": {
        "doubly_robust": ("Controls enter doubly robust.", 'R: did, est_method = "dr"; Stata: csdid, method(dripw)'),
        "weighting": ("Controls enter by normalised inverse probabilities.",
                      'R: did, est_method = "ipw"; Stata: csdid, method(stdipw)'),
        "regression": ("Controls enter by a regression among the control group.",
                       'R: did, est_method = "reg"; Stata: csdid, method(reg)'),
    },
    "endpoints": {
        "own": ("Event times outside the window have dummies of their own.", ""),
        "binned": ("Event times outside the window are pooled with its ends.",
                   "Schmidheiny and Siegloch (2023); Stata: xtevent"),
        "dropped": ("Rows outside the window are left out.", ""),
        "reference": ("Event times outside the window have no dummy: the reference holds them.", ""),
    },
    "weighting": {
        "variance": ("Periods are weighted as least squares does, by the variance of treatment.", "Stata: lpdid's default"),
        "equal": ("Every treated row weighs the same.", "Stata: lpdid, rw"),
    },
    "cohort_weights": {
        "size": ("Cohorts weigh by their size.", "R: did, fixest; Stata: csdid"),
        "equal": ("Cohorts weigh the same.", "a plain mean of the effects of cohorts"),
    },
    "shares": {
        "known": ("Shares of cohorts are taken as known.", "R: fixest, sunab"),
        "estimated": ("The variance of the cohorts' estimated shares is added.", "Stata: eventstudyinteract"),
    },
    "always_treated": {
        "kept": ("Units treated in the first period are kept.", "least squares as it stands"),
        "dropped": ("Units treated in the first period are left out.", "R: did; Stata: csdid"),
    },
    "convention": {
        "fixest": ("The small-sample factor is fixest's.", "R: fixest; Python: pyfixest"),
        "reghdfe": ("The small-sample factor is reghdfe's.", "Stata: reghdfe, eventstudyinteract"),
        "xtreg": ("The small-sample factor is xtreg's.", "Stata: xtreg, fe"),
        "areg": ("The small-sample factor counts the units' effects.", "Stata: areg"),
        "none": ("There is no small-sample factor, and t is normal.", ""),
    },
}  # fmt: skip


def conventions_of(settings: EventStudySettings, header: Header) -> Iterator[Convention]:
    """One at a time."""
    now = settings.full()
    for key, said in _SETTINGS.items():
        methods = OF_METHODS[key]
        windowed = key != "endpoints" or settings.leads is not None or settings.lags is not None
        of_shares = key != "shares" or now.cohort_weights != "equal"
        if now.method in methods and windowed and of_shares and (key != "adjustment" or settings.controls):
            yield from other_values(now, key, said)
    if now.method in OF_METHODS["reference"]:
        for reference in ((-1,), (-2,), (0,)):
            if reference != now.reference:
                yield Convention(f"reference-{reference[0]}", f"The event time without a dummy is {reference[0]}.",
                                 "", "", now.model_copy(update={"reference": reference}))  # fmt: skip
    if now.method != "bacon":
        yield from _more(now, header)


def _more(now: EventStudySettings, header: Header) -> Iterator[Convention]:
    for periods in (0, 1) if now.method not in ("twfe", "sun_abraham") else ():  # there it is another reference
        if periods != now.anticipation:
            reference = (-1 - periods,) if now.reference == (-1 - now.anticipation,) else now.reference
            settings = now.model_copy(update={"anticipation": periods, "reference": reference})
            text = "Effects begin a period before treatment." if periods else "There is no effect before treatment."
            yield Convention(f"anticipation-{periods}", text, f"anticipation = {periods}", "", settings)
    if now.weights is not None:
        yield Convention("unweighted", "Rows are not weighted.", "", "", now.model_copy(update={"weights": None}))
    for cluster in dict.fromkeys(filter(None, (now.unit or header.unit, now.time or header.time))):
        nested = now.method != "callaway_santanna" or cluster == (now.unit or header.unit)
        if nested and cluster != (now.cluster or now.unit or header.unit):
            yield Convention(f"cluster-{cluster}", f"Standard errors are clustered by {cluster}.", "", "",
                             now.model_copy(update={"cluster": cluster}))  # fmt: skip
    if now.method not in REGRESSIONS:
        yield Convention("clusters-less-one", "Variances have the factor G/(G - 1).", "V G/(G - 1)",
                         "R: sandwich::vcovCL, cadjust", edit=_of_clusters)  # fmt: skip
    elif now.convention != "none":
        yield Convention("normal", "p and intervals are of the normal distribution.", "z", "", edit=_normal)


def _of_clusters(numbers: Shown) -> Shown:
    """Everything that follows from a standard error, under one with G/(G - 1)."""
    groups = numbers["clusters", ""]
    root = math.sqrt(groups / (groups - 1.0))
    wider = {k: v * root if k[0] in ("se", "cell se") else v for k, v in numbers.items()}
    return _normal(wider)


def _normal(numbers: Shown) -> Shown:
    out = dict(numbers)
    for (quantity, term), se in numbers.items():
        if quantity == "se":
            effect, half = numbers["effect", term], critical_value(math.inf) * se
            out["t", term] = effect / se
            out["p", term] = p_value(effect / se, math.inf)
            out["ci_low", term], out["ci_high", term] = effect - half, effect + half
    return out
