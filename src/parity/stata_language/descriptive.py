"""`mean` and `total` -> requests: regressions on the constant, and on 1/N. [R] mean, total: Methods and formulas.

Means over groups are coefficients of the groups' dummies, and means of several variables those of the variables' dummies
in the variables one below the other: each row of the data is a cluster, so that the factor is N/(N - 1) and t has N - 1
degrees of freedom, of all rows.
"""

from __future__ import annotations

from dataclasses import replace

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import EACH_ROW, Declined, Request
from parity.stata_language.shared_parts import cluster_names
from parity.stata_language.varlist import Factor, Resolver, Term, terms
from parity.stata_language.vce import covariance

#: Commands whose coefficients are called by their variables.
OF_VARIABLES = ("mean", "total")
#: Of clusters that are rows, or hold rows of several groups: G/(G - 1) alone.
_BY_GROUPS = {"cluster_scale": "none"}


def mean(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """mean: of one variable a regression on the constant, whose standard error is s / sqrt(N)."""
    asked = _of_variables(command, resolver)
    over = _over(command, resolver)
    if not over:
        return asked
    if asked.outcomes:
        raise Declined("means of several variables over groups have one covariance: write a command for each variable")
    return replace(_by_rows(asked), regressors=(Term((Factor(over, "factor", "none"),)),), intercept=False)


def total(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """total: of one variable a regression on 1/N without a constant, whose standard error is s sqrt(N).

    Under pweights that of w y, since the sum of the weights is drawn too; [R] total, "Methods and formulas".
    """
    if _over(command, resolver):
        way = "`generate z = y*(g == LEVEL)` and `total z` have the same total, standard error and degrees of freedom"
        raise Declined(f"totals over groups have one covariance: {way}")
    asked = _of_variables(command, resolver)
    if asked.cluster and asked.cluster != (EACH_ROW,):
        raise Declined("totals with clusters have an error of sums by cluster, not of rows: no engine here has that")
    return replace(asked, intercept=False, kind="CR1" if asked.cluster else "iid")


def _over(command: Command, resolver: Resolver) -> str:
    """The variable of over(); "" without. Raises `Declined` for several."""
    option = command.option("over")
    names = resolver.many((option.value or "").partition(",")[0]) if option is not None else ()
    if len(names) > 1:
        raise Declined("over() of several variables needs one of their groups: egen g = group(...)")
    return names[0] if names else ""


def _by_rows(asked: Request) -> Request:
    """Each row a cluster, where no other variable is. Raises `Declined` for rows that count several times."""
    if asked.weight is not None and asked.weight.kind == "fweight":
        raise Declined("frequency weights count rows that would have to be repeated: expand them")
    cluster = asked.cluster or (EACH_ROW,)
    return replace(asked, kind="CR1", cluster=cluster, settings=dict(_BY_GROUPS))


def _of_variables(command: Command, resolver: Resolver) -> Request:
    name = command.name
    found = terms(command.about, resolver)
    if not found:
        raise DataProblem("varlist required", 100)
    if any(len(term.factors) > 1 or term.factors[0].kind == "factor" for term in found):
        raise Declined(f"{name}s of levels need columns of their own")
    if command.weight is not None and command.weight.kind not in ("pweight", "fweight"):
        raise Declined(f"{name} with {command.weight.kind}s has no engine here")
    option = command.option("vce")
    kind, typed, traps = covariance(command) if option is None or option.value != "analytic" else ("iid", (), ())
    if kind == "HC1" and command.weight is None:
        raise DataProblem(f"{name} has no vce(robust)", 198)
    asked = Request(name, found[0], outcomes=found[1:], kind=kind, cluster=cluster_names(typed, resolver),
                    weight=command.weight, profile="regress", traps=traps)  # fmt: skip
    return replace(_by_rows(asked), intercept=False) if asked.outcomes else asked
