"""`cluster2` -> requests: least squares with clusters of two dimensions. cluster2.ado (Petersen, 2006; Guan, 2007)."""

from __future__ import annotations

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.shared_parts import split_outcome
from parity.stata_language.varlist import Resolver

#: Each part is regress's own, V(first) + V(second) - V(cells), so has its own G/(G - 1); t of the part by cells, which is
#: robust's where every cell has one row.
_EACH = {"cluster_groups": "each", "t_cluster": "resid"}


def two_clusters(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """Raises `Declined`, `DataProblem`."""
    if command.weight is not None:
        raise DataProblem("weights not allowed", 101)
    names = []
    for name in ("fcluster", "tcluster"):
        option = command.option(name)
        if option is None or not option.value:
            raise DataProblem(f"option {name}() required", 198)
        names.append(resolver.one(option.value.strip()))
    if names[0] == names[1]:
        raise Declined("fcluster() and tcluster() of one variable leave nothing of the second dimension")
    outcome, x = split_outcome(command.about, resolver)
    if any(f.kind == "factor" or f.operator for term in (outcome, *x) for f in term.factors):
        raise DataProblem("factor-variable and time-series operators not allowed", 101)
    return Request(command.name, outcome, x, kind="CR1", cluster=tuple(names), profile="regress", settings=dict(_EACH))
