"""Commands whose estimate is the maximum of a likelihood -> requests.

[R] logit, logistic, probit, poisson, mlogit, ologit, oprobit, tobit, ivprobit: Options.
"""

from __future__ import annotations

import re
from dataclasses import replace

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.shared_parts import cluster_names, has_constant, split_instruments, split_outcome
from parity.stata_language.varlist import Resolver, terms
from parity.stata_language.vce import LIKELIHOODS, covariance


def likelihood(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """logit, logistic, probit, poisson."""
    outcome, x = split_outcome(command.about, resolver)
    kind, typed, traps = covariance(command)
    if kind not in ("iid", "HC1", "CR1"):
        raise Declined(f"vce({kind.lower()}) is not known of {command.name}")
    if command.weight is not None and command.weight.kind == "aweight":
        raise DataProblem("aweights not allowed", 101)
    model = LIKELIHOODS.get(command.name, command.name)
    offset, exposure = _beside(command, resolver)
    steps = _steps(command)
    if steps is not None:
        traps = (*traps, f"iterate({steps}) may end the steps before the maximum, which a spec has")
    return Request(command.name, outcome, x, model=model, intercept=has_constant(command), kind=kind, offset=offset,
                   exposure=exposure, steps=steps, cluster=cluster_names(typed, resolver), profile="ml",
                   traps=traps)  # fmt: skip


def _steps(command: Command) -> int | None:
    """Of iterate(). [R] Maximize"""
    option = command.option("iterate", least=4)
    if option is None:
        return None
    if not (option.value or "").strip().isdigit():
        raise DataProblem("option iterate() takes a whole number", 198)
    return int(option.value or 0)


def _beside(command: Command, resolver: Resolver) -> tuple[str, bool]:
    """The variable of offset() or exposure(), and whether it is the latter. [R] poisson, logit, probit."""
    given = [option for name in ("offset", "exposure") if (option := command.option(name)) is not None]
    if not given:
        return "", False
    if len(given) > 1:
        raise DataProblem("only one of offset() or exposure() can be specified", 198)
    found = terms(given[0].value or "", resolver)
    factors = found[0].factors if len(found) == 1 else ()
    if len(factors) != 1 or factors[0].operator or factors[0].kind == "factor":
        raise Declined(f"{given[0].name}({given[0].value or ''}) is no single variable")
    return factors[0].name, given[0].name == "exposure"


def categorical(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """mlogit, ologit, oprobit: a covariance and weights as of logit, and the outcome that others are held against."""
    found = replace(likelihood(command, resolver, panel), model=command.name)
    if command.name != "mlogit":
        return found
    option = command.option("baseoutcome", least=1) or command.option("basecategory", least=1)
    base = (option.value or "").strip() if option is not None else ""
    digits = base.removeprefix("-").replace(".", "", 1)
    if option is not None and not (digits.isascii() and digits.isdigit()):
        raise Declined(f"baseoutcome({base}) is a label: write the number of that outcome")
    return replace(found, keys={"base": float(base) if "." in base else int(base)}) if base else found


def censored(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """tobit: ll() and ul(), a bare one the smallest or the largest outcome."""
    if command.weight is not None and command.weight.kind == "aweight":
        raise Declined("analytic weights of a censored outcome have no engine here")
    found = replace(likelihood(command, resolver, panel), model=command.name)
    if len(found.cluster) > 1:
        raise DataProblem("too many variables specified", 103)
    keys: dict[str, object] = {}
    for name, key, bare in (("ll", "lower", "min"), ("ul", "upper", "max")):
        if (option := command.option(name)) is None:
            continue
        said = (option.value or "").strip()
        try:
            keys[key] = _number(said) if said else bare
        except ValueError:
            raise Declined(f"{name}({said}) is no number: a limit of each row has no engine here") from None
    if not keys:
        raise Declined("tobit without ll() and ul() is censored nowhere")
    rule = {"iid": "t_iid", "HC1": "t_robust", "CR1": "t_cluster"}[found.kind]
    return replace(found, keys=keys, settings={rule: "slopes"})  # e(df_r), and a t in its window


def joint(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """ivprobit, by maximum likelihood."""
    if command.has("twostep"):
        raise Declined("the two-step estimate of ivprobit, Newey's minimum chi-squared, has no engine here")
    if command.has("asis"):
        raise Declined("the option asis keeps rows that are predicted perfectly: no likelihood here has a maximum then")
    if not has_constant(command):
        raise DataProblem("option noconstant not allowed", 198)
    about, endog, z = split_instruments(command.about, resolver)
    outcome, x = split_outcome(about, resolver)
    if not endog:
        raise DataProblem("ivprobit needs (endogenous = instruments)", 198)
    if len(endog) > 1:
        raise Declined("ivprobit with several endogenous regressors has no engine here")
    if command.weight is not None and command.weight.kind == "aweight":
        raise DataProblem("aweights not allowed", 101)
    kind, typed, traps = covariance(command)
    if kind not in ("iid", "HC1", "CR1"):
        raise Declined(f"vce({kind.lower()}) is not known of {command.name}")
    clusters = cluster_names(typed, resolver)
    if len(clusters) > 1:
        raise DataProblem("too many variables specified", 103)
    return Request(command.name, outcome, x, (), endog, z, model=command.name, kind=kind, cluster=clusters, profile="ml",
                   traps=traps)  # fmt: skip


def _number(text: str) -> float | int:
    if not re.fullmatch(r"-?+(?:\d++\.?+\d*+|\.\d++)(?:e[-+]?+\d{1,3}+)?+", text):
        raise ValueError(text)
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
