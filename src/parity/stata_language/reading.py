"""Commands of linear and instrumental-variables models -> requests. What each option means: the command's manual.

[R] regress, areg, ivregress, newey; [XT] xtreg; reghdfe 6.12, ivreg2 4.1, ivreghdfe 1.1: their help files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.descriptive import mean, total
from parity.stata_language.drawn import said, undrawn
from parity.stata_language.dynamic_panels import DYNAMIC, dynamic_panel, levels_and_differences
from parity.stata_language.estimators import (
    OF_MOMENTS,
    each_instrument_once,
    estimator_of_ivreg2,
    moments_of_ivregress,
    no_added_moments,
)  # fmt: skip
from parity.stata_language.high_dimensional import absorbed, bandwidth_of_ivreghdfe, counted, one_row_of
from parity.stata_language.likelihoods import categorical, censored, joint, likelihood
from parity.stata_language.moment_equations import linear
from parity.stata_language.options import check_options, spelled_out
from parity.stata_language.other_models import OTHER_MODELS, without_engine
from parity.stata_language.request import Declined, Request
from parity.stata_language.series import series
from parity.stata_language.shared_parts import cluster_names, has_constant, split_instruments, split_outcome
from parity.stata_language.spatial_errors import READERS as SPATIAL
from parity.stata_language.systems import SYSTEMS, several_equations
from parity.stata_language.transformed import jackknifed, panel_instruments
from parity.stata_language.two_clusters import two_clusters
from parity.stata_language.varlist import Resolver, Term, terms
from parity.stata_language.vce import CATEGORICAL, CENSORED, JOINT, LIKELIHOODS, covariance, distribution
from parity.stata_language.xtabond2 import xtabond2

#: Prefixes that change what an estimation is.
CHANGING = (
    "bootstrap", "jackknife", "svy", "rolling", "permute", "mi", "bayes", "stepwise", "nestreg", "fp", "frame", "simulate",
)  # fmt: skip
NO_PANEL = Panel()
#: What `[weight=]` without a kind means: the first that the command's syntax lists.
DEFAULT_WEIGHT = {
    "regress": "aweight", "newey": "aweight", "reghdfe": "fweight", "logit": "fweight", "logistic": "fweight",
    "probit": "fweight", "poisson": "fweight", "tobit": "aweight",
    **dict.fromkeys((*CATEGORICAL, *JOINT), "fweight"),
}  # fmt: skip


def estimation(name: str) -> bool:
    """Whether a command estimates a model."""
    return name in READERS or name in OTHER_MODELS


def request(command: Command, resolver: Resolver, panel: Panel = NO_PANEL) -> Request:
    """Raises `Declined`, or `DataProblem` for what Stata would refuse."""
    reader = READERS.get(command.name)
    if reader is None:
        raise Declined(without_engine(command.name))
    command, drawn = undrawn(spelled_out(command))
    _check_prefix(command)
    found = reader(command, resolver, panel)
    check_options(command)
    if drawn:
        found = replace(found, drawn=drawn, traps=(*found.traps, said(command.name)))
    found = each_instrument_once(found)
    level = command.option("level", least=1)
    if level is not None and level.value and level.value.strip() not in ("95", "95.0"):
        trap = f"level({level.value}) is of the intervals alone, and theirs are of 95 % here"
        found = replace(found, traps=(*found.traps, trap))
    return replace(found, condition=command.condition, rows=command.rows, weight=_weight(command))


def _check_prefix(command: Command) -> None:
    prefix = command.prefix(*CHANGING)
    if prefix is not None:
        raise Declined(f"the prefix {prefix.name} changes what is estimated")


def _weight(command: Command):
    if command.weight is None:
        return None
    kind = command.weight.kind
    if kind == "iweight":
        raise Declined("iweights have no single meaning")
    if command.name == "xtreg" and not command.has("fe"):
        raise DataProblem("weights not allowed with the random-effects estimator", 101)
    if kind == "weight" and command.name not in DEFAULT_WEIGHT:
        raise Declined(f"[{kind}=] of {command.name} doesn't say which weights: write aweight, fweight or pweight")
    return replace(command.weight, kind=DEFAULT_WEIGHT[command.name] if kind == "weight" else kind)


# ---------------------------------------------------------------- one function a command


def _regress(command: Command, resolver: Resolver, panel: Panel) -> Request:
    outcome, x = split_outcome(command.about, resolver)
    kind, typed, traps = covariance(command)
    option = command.option("absorb", least=1)
    if option is not None and option.value:  # Stata 19 has regress, absorb()
        return _areg(command, resolver, panel)
    return Request(command.name, outcome, x, intercept=has_constant(command), kind=kind,
                   cluster=cluster_names(typed, resolver), profile="regress", settings=distribution(command, kind),
                   traps=traps)  # fmt: skip


def _areg(command: Command, resolver: Resolver, panel: Panel) -> Request:
    option = command.option("absorb", least=1)
    if option is None or not option.value:
        raise DataProblem("option absorb() required", 198)
    outcome, x = split_outcome(command.about, resolver)
    kind, typed, traps = covariance(command)
    said = ("areg counts the absorbed effects in its degrees of freedom even where they lie within the clusters",)
    return Request(command.name, outcome, x, terms(option.value, resolver), kind=kind,
                   cluster=cluster_names(typed, resolver), profile="areg", settings=distribution(command, kind),
                   traps=(*traps, *(said if kind == "CR1" else ())))  # fmt: skip


def _xtreg(command: Command, resolver: Resolver, panel: Panel) -> Request:
    option = command.option("i")
    unit = resolver.one(option.value) if option and option.value else panel.unit
    outcome, x = split_outcome(command.about, resolver)
    if command.has("mle", "pa"):
        raise Declined("xtreg's maximum-likelihood and population-averaged estimators have no engine here")
    if not unit:
        raise DataProblem("panel variable not set: xtset first", 459)
    if command.has("be"):
        return _between(command, outcome, x)
    fixed = command.has("fe")
    if fixed and command.has("re"):
        raise DataProblem("options fe and re may not be combined", 198)
    kind, typed, traps = covariance(command, unit)
    clusters = cluster_names(typed, resolver)
    if fixed:
        effect = terms(unit, resolver)
        settings = {"count_fixef": "full"} if command.has("dfadj") else {}
        return Request(
            command.name, outcome, x, effect, kind=kind, cluster=clusters, profile="xtreg", settings=settings, traps=traps
        )
    return Request(command.name, outcome, x, model="random_effects", kind=kind, cluster=clusters, profile="xtreg",
    traps=traps,
                   settings={"swamy_arora": "exact"} if command.has("sa") else {})  # fmt: skip


def _between(command: Command, outcome: Term, x: tuple[Term, ...]) -> Request:
    if command.has("fe") or command.has("re"):
        raise DataProblem("options be, fe and re may not be combined", 198)
    kind, _, _ = covariance(command)
    if kind != "iid":
        raise Declined("xtreg, be has conventional standard errors, or drawn ones")
    settings: dict[str, object] = {"between_weights": "rows"} if command.has("wls") else {}
    return Request(command.name, outcome, x, model="between", profile="xtreg", settings=settings)


def _reghdfe(command: Command, resolver: Resolver, panel: Panel) -> Request:
    about, endog, z = split_instruments(command.about, resolver, iv=command.name == "ivreghdfe")
    outcome, x = split_outcome(about, resolver)
    option = command.option("absorb", least=1)
    kind, typed, traps = covariance(command)
    effects = absorbed(option, resolver)
    if command.name == "ivreghdfe" and not effects:  # it then is ivreg2: large-sample unless `small`, and with a constant
        return replace(_ivreg2(command, resolver, panel), command=command.name)
    settings: dict[str, object] = {"singletons": "keep"} if command.has("keepsingletons", least=4) else {}
    settings |= counted(command, effects)
    group = one_row_of(command, resolver) if command.name == "reghdfe" else ""
    # a bandwidth of m weighs lags up to m - 1
    lags = int((command.option("vce").value or "").split()[1].strip(",")) - 1 if kind == "DK" else None  # type: ignore[union-attr]
    if command.name == "ivreghdfe" and (kraay := bandwidth_of_ivreghdfe(command, kind, typed, panel.time)) is not None:
        kind, typed, lags = "DK", (), kraay
    iv = command.name == "ivreghdfe" or bool(endog)
    model, keys = estimator_of_ivreg2(command)
    if model != "ols" and command.name != "ivreghdfe":
        raise Declined(f"the option of reghdfe's estimator that asks for {model} is of ivreghdfe")
    no_added_moments(model, endog, z)
    if model in OF_MOMENTS and (len(typed) > 1 or kind == "DK"):
        raise Declined(f"ivreghdfe's {model} weighted by periods or several cluster variables has no engine here")
    return Request(command.name, outcome, x, effects, endog, z, model=model, keys=keys, kind=kind,
                   cluster=cluster_names(typed, resolver), lags=lags,
                   profile="ivreghdfe" if iv else "reghdfe", settings=settings, traps=traps, group=group)  # fmt: skip


def _ivregress(command: Command, resolver: Resolver, panel: Panel) -> Request:
    estimator, _, about = command.about.partition(" ")
    if estimator.lower() not in ("2sls", "liml", "gmm"):
        raise DataProblem("ivregress needs an estimator: 2sls, liml or gmm", 198)
    about, endog, z = split_instruments(about, resolver)
    outcome, x = split_outcome(about, resolver)
    settings: dict[str, object] = {"small": True} if command.has("small") else {}
    model, keys, lags = {"2sls": "ols"}.get(estimator.lower(), estimator.lower()), {}, None
    no_added_moments(model, endog, z)
    misplaced = [name for name in ("wmatrix", "igmm", "center") if model != "gmm" and command.has(name)]
    if misplaced:
        raise DataProblem(f"option {misplaced[0]} not allowed: it is of ivregress gmm", 198)
    if model == "gmm":
        kind, typed, traps, keys, lags = moments_of_ivregress(command, covariance)
        settings |= {"centred": "yes"} if command.has("center") else {}
    else:
        kind, typed, traps = covariance(command)
    return Request(command.name, outcome, x, (), endog, z, model=model, intercept=has_constant(command), kind=kind,
                   lags=lags, cluster=cluster_names(typed, resolver), profile="ivregress", settings=settings, keys=keys,
                   traps=traps)  # fmt: skip


def _ivreg2(command: Command, resolver: Resolver, panel: Panel) -> Request:
    for name in ("coviv", "b0"):
        if command.has(name):
            raise Declined(f"ivreg2's {name} has no engine here")
    model, keys = estimator_of_ivreg2(command)
    about, endog, z = split_instruments(command.about, resolver)
    outcome, x = split_outcome(about, resolver)
    kind, typed, traps = covariance(command)
    lags = None
    bandwidth, kraay, kernel = command.option("bw"), command.option("dkraay"), command.option("kernel")
    if kernel is not None and bandwidth is None and kraay is None:
        raise DataProblem("option kernel() needs bw()", 102)
    if kraay is not None or (bandwidth is not None and kind != "iid"):
        value = (kraay or bandwidth).value or ""  # type: ignore[union-attr]
        if not value.isdigit():
            raise Declined("a bandwidth that the data choose has no engine here")
        if int(value) == 0:
            raise DataProblem("bw() and dkraay() take a whole number from 1 on", 198)
        if typed:  # bw() beside cluster(time) is Driscoll and Kraay's, beside cluster(unit time) Thompson's
            raise Declined("bw() or dkraay() beside cluster() weighs lags of clusters: no engine here has that")
        if kernel and kernel.value and not "bartlett".startswith(kernel.value.lower()[:3]):
            raise Declined(f"kernel({kernel.value}) has no engine here")
        kind, lags = ("DK" if kraay is not None else "NW"), int(value) - 1  # bandwidth m weighs lags up to m - 1
    elif bandwidth is not None:
        raise Declined("bw() without robust has no engine here")
    settings: dict[str, object] = {"small": True} if command.has("small") else {}
    no_added_moments(model, endog, z)
    if model in OF_MOMENTS:
        if kind in ("DK", "NW") or len(typed) > 1:
            raise Declined(f"ivreg2's {model} weighted by periods or several cluster variables has no engine here")
        if model == "cue" and command.has("partial"):  # ivreg2's help: what is partialled out moves CUE, no other estimate
            raise Declined("the option partial() moves the estimate of cue: no engine here has that")
        settings |= {"centred": "yes"} if command.has("center") else {}
    elif kind != "iid" and command.has("center"):
        raise Declined("the option center of ivreg2 has an engine here beside gmm2s and cue alone")
    option = command.option("partial")
    out = () if option is None or not option.value else terms(option.value.replace("_cons", ""), resolver)
    return Request(command.name, outcome, x, (), endog, z, model=model, intercept=has_constant(command), kind=kind,
                   keys=keys, cluster=cluster_names(typed, resolver), lags=lags, profile="ivreg2", settings=settings,
                   partialled=out, traps=traps)  # fmt: skip


def _ivreg(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """Stata's command before ivregress, whose statistics are those of small samples; its help file."""
    return replace(_ivreg2(command, resolver, panel), profile="ivregress", settings={"small": True})


#: xtivreg2.ado 1.0.17 calls ivreg2 on demeaned columns with dofminus(groups), without rows alone in their group, and
#: ivreg2.ado divides by N - dofminus, but not under clusters; `small` counts effects as areg does, and not under clusters.
_XTIVREG2 = {"singletons": "drop", "count_fixef": "none"}
_LARGE = {"small": True, "iid": "n/(n-a)", "robust": "n/(n-a)", "cluster_scale": "none",
          "cluster_groups": "none", "t_iid": "normal", "t_robust": "normal", "t_cluster": "normal"}  # fmt: skip


def _xtivreg2(command: Command, resolver: Resolver, panel: Panel) -> Request:
    if not command.has("fe"):
        raise Declined("xtivreg2 without fe has no engine here")
    found = _ivreg2(command, resolver, panel)
    option = command.option("i", least=1) or command.option("ivar", least=1)
    unit = resolver.one(option.value) if option and option.value else panel.unit
    if not unit:
        raise DataProblem("panel variable not set: xtset first", 459)
    if found.kind in ("DK", "NW"):
        raise Declined("xtivreg2's bw() has no engine here")
    settings = _XTIVREG2 | (found.settings if command.has("small") else _LARGE)
    return replace(found, absorb=terms(unit, resolver), settings=settings)


def _newey(command: Command, resolver: Resolver, panel: Panel) -> Request:
    option = command.option("lag")
    if option is None or not (option.value or "").isdigit():
        raise DataProblem("option lag() required", 198)
    outcome, x = split_outcome(command.about, resolver)
    lags = int(option.value or 0)
    # newey.ado 1.6.0 takes lags by tsset, forced or not; force keeps it from refusing periods that aren't evenly spaced
    settings: dict[str, object] = {"kernel_gaps": "kept"} if lags and command.has("force") else {}
    return Request(command.name, outcome, x, intercept=has_constant(command), kind="NW", lags=lags, profile="regress",
                   settings=settings)  # fmt: skip


#: What xtscc multiplies Driscoll and Kraay's covariance by, T/(T-1) (N-1)/(N-k), effects uncounted, and t's T - 1. Its logs.
_SCC = {"kernel": "t/(t-1)*(n-1)/(n-k)", "t_kernel": "periods", "t_random": "resid", "count_robust": "none",
        "constant": "extra"}  # fmt: skip


def _xtscc(command: Command, resolver: Resolver, panel: Panel) -> Request:
    if not panel.unit or not panel.time:
        raise DataProblem("panel variable not set: xtset first", 459)
    outcome, x = split_outcome(command.about, resolver)
    option = command.option("lag")
    if option is not None and not (option.value or "").isdigit():
        raise DataProblem("option lag() takes a whole number", 198)
    lags = int(option.value or 0) if option is not None else None
    fixed, random = command.has("fe"), command.has("re")
    if fixed and random:
        raise DataProblem("options fe and re may not be combined", 198)
    return Request(command.name, outcome, x, terms(panel.unit, resolver) if fixed else (),
                   model="random_effects" if random else "ols", intercept=has_constant(command), kind="DK", lags=lags,
                   profile="regress", settings=dict(_SCC))  # fmt: skip


READERS: dict[str, Callable[[Command, Resolver, Panel], Request]] = {
    "regress": _regress, "areg": _areg, "xtreg": _xtreg, "reghdfe": _reghdfe, "ivreghdfe": _reghdfe, "ivregress": _ivregress,
    "ivreg2": _ivreg2, "ivreg": _ivreg, "xtivreg2": _xtivreg2, "newey": _newey,
    "mean": mean, "total": total, "xtscc": _xtscc, **dict.fromkeys(LIKELIHOODS, likelihood),
    **dict.fromkeys(CATEGORICAL, categorical), **dict.fromkeys(CENSORED, censored), **dict.fromkeys(JOINT, joint),
    "gmm": linear, **dict.fromkeys(DYNAMIC, dynamic_panel), "cluster2": two_clusters,
    "xtabond2": xtabond2, "xtdpd": levels_and_differences, **dict.fromkeys(SYSTEMS, several_equations), **SPATIAL,
    "arima": series, "jive": jackknifed, "xtivreg": panel_instruments,
}  # fmt: skip
