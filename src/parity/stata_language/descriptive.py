"""`mean` and `total` -> requests: regressions on the constant, and on 1/N. [R] mean, total: Methods and formulas."""

from __future__ import annotations

from dataclasses import replace

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.shared_parts import cluster_names, split_outcome
from parity.stata_language.varlist import Resolver
from parity.stata_language.vce import covariance

#: Commands whose coefficients are called by their variables.
OF_VARIABLES = ("mean", "total")


def mean(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """mean of one variable: a regression on the constant, whose standard error is s / sqrt(N)."""
    if command.option("over") is not None:
        way = "`mean y if g == LEVEL` has the same mean, and an error and degrees of freedom of the group alone"
        raise Declined(f"means over groups have degrees of freedom of all rows: no engine here has that; {way}")
    return _of_one(command, resolver)


def total(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """total of one variable: a regression on 1/N without a constant, whose standard error is s sqrt(N).

    Under pweights that of w y, since the sum of the weights is drawn too; [R] total, "Methods and formulas".
    """
    if command.option("over") is not None:
        way = "`generate z = y*(g == LEVEL)` and `total z` have the same total, standard error and degrees of freedom"
        raise Declined(f"totals over groups have one covariance: {way}")
    asked = _of_one(command, resolver)
    if asked.cluster:
        raise Declined("totals with clusters have an error of sums by cluster, not of rows: no engine here has that")
    return replace(asked, intercept=False, kind="iid")


def _of_one(command: Command, resolver: Resolver) -> Request:
    name = command.name
    outcome, others = split_outcome(command.about, resolver)
    if others:
        raise Declined(f"{name}s of several variables have one covariance: write a command for each")
    if command.weight is not None and command.weight.kind not in ("pweight", "fweight"):
        raise Declined(f"{name} with {command.weight.kind}s has no engine here")
    option = command.option("vce")
    kind, typed, traps = covariance(command) if option is None or option.value != "analytic" else ("iid", (), ())
    if kind == "HC1" and command.weight is None:
        raise DataProblem(f"{name} has no vce(robust)", 198)
    return Request(name, outcome, kind=kind, cluster=cluster_names(typed, resolver), profile="regress", traps=traps)
